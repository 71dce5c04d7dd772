//! What `coverage` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use cevscan::analysis::coverage::{Nuisance, Plan, Sidebands};
use cevscan::base::grid::{parse_coupling, parse_mass_mev};
use cevscan::rates::Point;
use cevscan::{Error, Result};

use super::{Format, ParameterArgs};

/// More toys than this are a slip of the keyboard.
const MOST_TOYS: u64 = 1_000_000_000;

/// `coverage`.
#[derive(Args)]
pub struct CoverageArgs {
    /// Model, or a model file (.toml); 'cevscan models' lists them
    #[arg(long, value_name = "NAME|FILE")]
    pub model: String,
    /// Free parameters of its file.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// A point of the plane, e.g. 7MeV,2.72e-5; may be given several times
    #[arg(long, value_name = "MASS,COUPLING", required = true, allow_hyphen_values = true)]
    pub at: Vec<String>,
    /// Pseudo-experiments at each point
    #[arg(long, default_value = "10000", value_name = "N", allow_hyphen_values = true)]
    toys: String,
    /// Seed of the random numbers: the same seed makes the same toys, on any number of threads
    #[arg(long, default_value = "1", value_name = "N", allow_hyphen_values = true)]
    seed: String,
    /// Nuisance parameters that toys are drawn with
    #[arg(long, value_enum, default_value = "profile")]
    nuisance: NuisanceArg,
    /// Templates of backgrounds that were measured
    #[arg(long, value_enum, default_value = "redraw")]
    sidebands: SidebandsArg,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for q of every toy (toys-N.npz) and its histogram beside Wilks' distributions
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}

/// Where the nuisance parameters of the truth stand.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NuisanceArg {
    /// At their minimum on the data at the point
    Profile,
    /// Drawn from their priors for each toy
    Prior,
    /// At the centres of their priors
    Nominal,
}

/// Whether measured templates are drawn anew.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SidebandsArg {
    /// Drawn anew with the statistics of their measurement
    Redraw,
    /// Taken as the truth
    Fixed,
}

impl CoverageArgs {
    /// How toys are made.
    ///
    /// # Errors
    /// A number of toys or a seed that is none.
    pub fn plan(&self) -> Result<Plan> {
        let whole = |quantity: &str, text: &str, most: u64| match text.parse::<u64>() {
            Ok(number) if number <= most => Ok(number),
            _ => Err(Error::Unparsable {
                quantity: quantity.to_owned(),
                value: text.to_owned(),
                expected: format!("a whole number up to {most}"),
            }),
        };
        let toys = whole("number of toys", &self.toys, MOST_TOYS)?;
        if toys == 0 {
            return Err(Error::out_of_range("number of toys", toys, "1 or more"));
        }
        Ok(Plan {
            toys: (0, toys),
            seed: whole("seed", &self.seed, u64::MAX)?,
            nuisance: match self.nuisance {
                NuisanceArg::Profile => Nuisance::Profile,
                NuisanceArg::Prior => Nuisance::Prior,
                NuisanceArg::Nominal => Nuisance::Nominal,
            },
            sidebands: match self.sidebands {
                SidebandsArg::Redraw => Sidebands::Redraw,
                SidebandsArg::Fixed => Sidebands::Fixed,
            },
        })
    }

    /// The points.
    ///
    /// # Errors
    /// What is no mass and coupling.
    pub fn points(&self) -> Result<Vec<Point>> {
        self.at
            .iter()
            .map(|text| {
                let (mass, coupling) = text.split_once(',').ok_or_else(|| Error::Unparsable {
                    quantity: "point".to_owned(),
                    value: text.clone(),
                    expected: "MASS,COUPLING, e.g. 7MeV,2.72e-5".to_owned(),
                })?;
                Ok(Point { mass_mev: parse_mass_mev(mass.trim())?, coupling: parse_coupling(coupling.trim())? })
            })
            .collect()
    }
}
