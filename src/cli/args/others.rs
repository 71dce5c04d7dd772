//! `others`, and which limits of others other commands show.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::base::grid::{parse_coupling, parse_range};
use crate::figures::overlay::Labels;
use crate::others::{Choice, Selection};
use crate::{Error, Result};

use super::{Format, LookArgs, Masses, ModelArg};

/// `others`.
#[derive(Args)]
pub struct OthersArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// Limits to show: names of computed ones such as borexino, of recast ones such as NA64 [default: all]
    #[arg(long = "limit", value_name = "NAME", num_args = 1.., value_delimiter = ',')]
    pub limits: Vec<String>,
    /// Masses: LOW:HIGH/N on a logarithmic axis, or a list such as 1MeV,10MeV; MeV unless a unit is written
    #[arg(long, default_value = "0.1MeV:100GeV/241", value_name = "MASSES", allow_hyphen_values = true)]
    pub mass: String,
    /// Couplings of the picture [default: from below the strongest limit to 1]
    #[arg(long, value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub coupling: Option<String>,
    /// Standard deviations of computed limits; takes each experiment's setting that follows them [default: 2, or the
    /// published setting where that differs]
    #[arg(long, value_name = "Z", allow_hyphen_values = true)]
    pub z: Option<String>,
    /// How to read the measurements: a setting such as strict, of one limit (borexino=strict) or of all that have it
    #[arg(long = "setting", value_name = "[LIMIT=]NAME", num_args = 1.., value_delimiter = ',')]
    pub settings: Vec<String>,
    /// Your own experiment, in the form of data/others/borexino.toml
    #[arg(long = "experiment", value_name = "FILE")]
    pub experiments: Vec<PathBuf>,
    /// Limits recast from a checkout of darkcast too, see 'cevscan recast'
    #[arg(long, value_name = "DIR")]
    pub darkcast: Option<PathBuf>,
    /// Table of further limits to recast, in the form of data/recast/limits.toml
    #[arg(long = "limits-table", value_name = "FILE", requires = "darkcast")]
    pub tables: Vec<PathBuf>,
    /// Limit from a file of your own, see 'cevscan scan --help'
    #[arg(long = "overlay", value_name = "FILE")]
    pub overlays: Vec<String>,
    /// Names in the picture: of each limit, of each kind of limit, or none
    #[arg(long, value_enum, default_value = "groups")]
    pub label_others: LabelOthers,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for the picture: SVG, PNG, PDF, CSV and a matplotlib script
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// How the picture is printed.
    #[command(flatten)]
    pub look: LookArgs,
}

/// What names limits of others in a picture.
#[derive(Clone, Copy, PartialEq, Eq, Default, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelOthers {
    /// Each limit has its own outline and name
    All,
    /// Limits of one kind share an outline and a name
    #[default]
    Groups,
    /// The same without names
    None,
}

impl From<LabelOthers> for Labels {
    fn from(labels: LabelOthers) -> Labels {
        match labels {
            LabelOthers::All => Labels::All,
            LabelOthers::Groups => Labels::Groups,
            LabelOthers::None => Labels::None,
        }
    }
}

impl OthersArgs {
    /// The masses that were asked for.
    ///
    /// # Errors
    /// Neither a range with a number of points nor a list.
    pub fn masses(&self) -> Result<Masses> {
        Masses::parse(&self.mass)
    }

    /// The couplings of the picture, if any were asked for.
    ///
    /// # Errors
    /// No range.
    pub fn coupling(&self) -> Result<Option<(f64, f64)>> {
        self.coupling.as_deref().map(|text| parse_range("coupling", text, parse_coupling)).transpose()
    }

    /// The computed limits, all or those that are asked for, and the names that belong to none of them.
    ///
    /// # Errors
    /// Experiments and settings that are none.
    pub fn selection(&self) -> Result<(Selection, Vec<String>)> {
        let z = self.z.as_ref().map(|text| {
            text.parse::<f64>().map_err(|_| Error::Unparsable {
                quantity: "number of standard deviations".to_owned(),
                value: text.clone(),
                expected: "a number, e.g. 2".to_owned(),
            })
        });
        let settings = self.settings.iter().map(|text| setting(text)).collect();
        let mut selection = Selection::new(&self.experiments, Choice { z: z.transpose()?, settings })?;
        let mut others = Vec::new();
        for name in &self.limits {
            if selection.is_known(name) { selection.add(name)? } else { others.push(name.clone()) }
        }
        Ok((selection, others))
    }
}

/// `[LIMIT=]NAME`.
pub fn setting(text: &str) -> (Option<String>, String) {
    match text.split_once('=') {
        Some((limit, name)) => (Some(limit.trim().to_owned()), name.trim().to_owned()),
        None => (None, text.trim().to_owned()),
    }
}
