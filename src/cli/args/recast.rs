//! `recast`, and what other commands share with it.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use cevscan::others::recast::{Checkout, Limit, LimitTable, Settings, Vector};
use cevscan::{Error, Result};

use super::{Common, ParameterArgs};

/// Variable that names a checkout of darkcast where `--darkcast` does not.
const DARKCAST_PATH: &str = "DARKCAST_PATH";
/// The model that limits were set for.
pub const DARK_PHOTON: &str = "dark-photon";

/// `recast`.
#[derive(Args)]
pub struct RecastArgs {
    /// Model: a name ('cevscan models' lists them), the path of a model file, or dark-photon
    #[arg(long, value_name = "NAME|FILE")]
    pub model: String,
    /// Limits to recast: names such as A1_Merkel2014avp, or experiments such as NA64 [default: all]
    #[arg(long = "limit", value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub limits: Vec<String>,
    /// Where limits come from, and what is assumed.
    #[command(flatten)]
    pub source: RecastSource,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: RecastFormat,
    /// File for the result; with --format lmt a folder for one file each [default: standard output]
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}

/// Where limits come from, and what is assumed of the model beyond its charges.
#[derive(Args)]
pub struct RecastSource {
    /// Checkout of darkcast (arXiv:1801.04847) with its folders 'limits' and 'vmd' [default: $DARKCAST_PATH]
    #[arg(long, value_name = "DIR")]
    pub darkcast: Option<PathBuf>,
    /// Table of further limits, in the form of data/recast/limits.toml; their files stand beside it
    #[arg(long = "limits-table", value_name = "FILE")]
    pub tables: Vec<PathBuf>,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What neutrinos are in searches for missing energy: the signal, or unseen decays
    #[arg(long, value_enum, default_value = "invisible")]
    pub neutrinos: Neutrinos,
    /// Light right-handed neutrinos: decays to neutrinos are twice as frequent
    #[arg(long)]
    pub right_handed_neutrinos: bool,
    /// Share of the decays that goes to new invisible particles
    #[arg(long, default_value = "0", value_name = "SHARE", allow_hyphen_values = true)]
    pub invisible_fraction: String,
}

/// What neutrinos are in searches for missing energy.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Neutrinos {
    /// The signal
    Invisible,
    /// Unseen decays
    Visible,
}

/// Forms of recast limits.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RecastFormat {
    /// For people: one line for each limit
    Table,
    /// limit,mass_gev,lower,upper
    Csv,
    /// For programs
    Json,
    /// As the files that were read
    Lmt,
}

/// Limits, the numbers behind them, and the boson that they are recast to: all that was typed, opened.
pub struct Recasting {
    /// Name of the model.
    pub model: String,
    /// Its boson.
    pub target: Vector,
    /// What is assumed of it.
    pub settings: Settings,
    /// All limits that are known.
    pub table: LimitTable,
    /// The numbers.
    pub checkout: Checkout,
}

impl RecastSource {
    /// Validates what was typed, then opens the files. `model` is a name or the path of a model file.
    ///
    /// # Errors
    /// What makes no sense on the command line; files that cannot be read.
    pub fn open(&self, model: &str, common: &Common) -> Result<Recasting> {
        let parameters = self.parameters.values()?;
        let settings = Settings {
            right_handed_neutrinos: self.right_handed_neutrinos,
            neutrinos_are_missing_energy: self.neutrinos == Neutrinos::Invisible,
            invisible_fraction: invisible_fraction(&self.invisible_fraction)?,
        };
        let (model, target) = if model == DARK_PHOTON {
            if let Some((name, _)) = parameters.first() {
                return Err(Error::unknown_name("parameter", name, []));
            }
            (model.to_owned(), Vector::DarkPhoton)
        } else {
            let model = super::model(model, &self.parameters, common)?;
            let target = Vector::of(&model)?;
            (model.name, target)
        };
        let folder = darkcast_folder(self.darkcast.as_deref())?;
        Recasting::new(model, target, settings, &self.tables, &folder)
    }
}

/// The checkout that was named.
///
/// # Errors
/// None was, neither by a flag nor by the variable.
pub fn darkcast_folder(typed: Option<&Path>) -> Result<PathBuf> {
    let variable = || std::env::var_os(DARKCAST_PATH).filter(|path| !path.is_empty());
    typed.map(Path::to_owned).or_else(|| variable().map(PathBuf::from)).ok_or_else(|| {
        Error::out_of_range("folder of darkcast", "not given", format!("named by --darkcast or {DARKCAST_PATH}"))
    })
}

impl Recasting {
    /// Opens tables and checkout.
    ///
    /// # Errors
    /// Files that cannot be read.
    pub fn new(
        model: String,
        target: Vector,
        settings: Settings,
        tables: &[PathBuf],
        darkcast: &Path,
    ) -> Result<Recasting> {
        let mut table = LimitTable::embedded()?;
        for path in tables {
            table.extend(LimitTable::open(path)?);
        }
        Ok(Recasting { model, target, settings, table, checkout: Checkout::open(darkcast)? })
    }

    /// The limits of these names, each once; all without names.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn limits(&self, names: &[String]) -> Result<Vec<&Limit>> {
        if names.is_empty() {
            return Ok(self.table.limits.iter().collect());
        }
        let mut chosen: Vec<&Limit> = Vec::new();
        for name in names {
            for limit in self.table.matching(name)? {
                if !chosen.iter().any(|known| known.name == limit.name) {
                    chosen.push(limit);
                }
            }
        }
        Ok(chosen)
    }
}

fn invisible_fraction(text: &str) -> Result<f64> {
    let value = text.parse::<f64>().map_err(|_| Error::Unparsable {
        quantity: "share of invisible decays".to_owned(),
        value: text.to_owned(),
        expected: "a number, e.g. 0.5".to_owned(),
    })?;
    if (0.0..1.0).contains(&value) {
        return Ok(value);
    }
    Err(Error::out_of_range("share of invisible decays", text, "at least 0 and below 1"))
}
