//! What `coverage` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::analysis::coverage::{Goal, Nuisance, Plan, Sidebands};
use crate::base::grid::{parse_coupling, parse_grid, parse_mass_mev, parse_range};
use crate::rates::Point;
use crate::{Error, Result};

use super::{Format, LevelArgs, ParameterArgs, StandardArgs};

/// More toys than this are a slip of the keyboard.
pub(super) const MOST_TOYS: u64 = 1_000_000_000;
/// As are more anchors.
const MOST_ANCHORS: u64 = 1000;

/// `coverage`.
#[derive(Args)]
pub struct CoverageArgs {
    /// Model, or a model file (.toml); 'cevscan models' lists them
    #[arg(long, value_name = "NAME|FILE")]
    pub model: String,
    /// Free parameters of its file.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// A point of the plane, e.g. 7MeV,2.72e-5; may be given several times [default: a map of critical values along the
    /// border of the excluded region]
    #[arg(long, value_name = "MASS,COUPLING", allow_hyphen_values = true)]
    pub at: Vec<String>,
    /// Pseudo-experiments at each point, or at each anchor of a map
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
    /// What finds the minima of toys
    #[arg(long, value_enum, default_value = "auto")]
    pub engine: ToyEngineArg,
    /// Part of the name, or number, of the GPU to take; 'cevscan devices' lists them
    #[arg(long, value_name = "NAME")]
    pub adapter: Option<String>,
    /// Make one of N parts of the toys, e.g. 2/8, for 'cevscan merge'; on the CPU
    #[arg(long, value_name = "K/N", allow_hyphen_values = true)]
    pub shard: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for the results: with --at for q of every toy (toys-N.npz) and its histogram beside Wilks' distributions; of
    /// a map coverage.npz, contour-fc.csv, pictures and run.json [default of a map: cevscan-coverage-MODEL-DATA]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// Of a map: what q counts from, the minimum of the plane (two parameters) or that of each mass (one: the coupling)
    #[arg(long, default_value = "plane", value_name = "plane|mass", conflicts_with = "at")]
    statistic: String,
    /// Of a map: confidence level of the border [default: 2 sigma, 0.9545]
    #[arg(long, value_name = "CL", conflicts_with = "at", allow_hyphen_values = true)]
    confidence: Option<String>,
    /// Of a map: error of the border in the coupling, from the number of toys; more anchors are taken until it is reached
    #[arg(long, default_value = "1%", value_name = "SHARE", conflicts_with = "at", allow_hyphen_values = true)]
    tolerance: String,
    /// Of a map: anchors at most, with --statistic mass at each mass
    #[arg(long, default_value = "24", value_name = "N", conflicts_with = "at", allow_hyphen_values = true)]
    anchors: String,
    /// Of a map: range of masses; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(
        long,
        default_value = "0.1MeV:100GeV",
        value_name = "LOW:HIGH",
        conflicts_with = "at",
        allow_hyphen_values = true
    )]
    mass: String,
    /// Of a map: range of couplings in the picture
    #[arg(long, default_value = "1e-6:10", value_name = "LOW:HIGH", conflicts_with = "at", allow_hyphen_values = true)]
    coupling: String,
    /// Of a map: points along mass and coupling, on logarithmic axes
    #[arg(long, default_value = "400x400", value_name = "NxM", conflicts_with = "at", allow_hyphen_values = true)]
    grid: String,
}

/// What a map of critical values is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MapRequest {
    /// What is to be known how well.
    pub goal: Goal,
    /// The plane of its files and picture.
    pub coupling: (f64, f64),
    /// Points along mass and coupling.
    pub grid: (usize, usize),
}

/// What finds the minima of toys.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ToyEngineArg {
    /// What makes them soonest, by a short measurement that is kept for the next time; never a software adapter
    Auto,
    /// All cores, f64
    Cpu,
    /// A GPU, f32, certified by f64; a software adapter only where there is no other
    Gpu,
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

/// A whole number.
///
/// # Errors
/// What is none, or above the most.
pub(super) fn whole(quantity: &str, text: &str, most: u64) -> Result<u64> {
    match text.parse::<u64>() {
        Ok(number) if number <= most => Ok(number),
        _ => Err(Error::Unparsable {
            quantity: quantity.to_owned(),
            value: text.to_owned(),
            expected: format!("a whole number up to {most}"),
        }),
    }
}

impl CoverageArgs {
    /// What a map is over.
    ///
    /// # Errors
    /// What is no range, share, level or number.
    pub fn map(&self) -> Result<MapRequest> {
        let level = LevelArgs::of_plane(self.confidence.clone()).level()?;
        let anchors = whole("number of anchors", &self.anchors, MOST_ANCHORS)?;
        if anchors == 0 {
            return Err(Error::out_of_range("number of anchors", anchors, "1 or more"));
        }
        let goal = Goal {
            mass_mev: parse_range("mass", &self.mass, parse_mass_mev)?,
            confidence: level.confidence,
            minimum: self.statistic.parse()?,
            tolerance: share(&self.tolerance)?,
            most_anchors: anchors as usize,
        };
        let coupling = parse_range("coupling", &self.coupling, parse_coupling)?;
        Ok(MapRequest { goal, coupling, grid: parse_grid(&self.grid)? })
    }

    /// How toys are made.
    ///
    /// # Errors
    /// A number of toys or a seed that is none.
    pub fn plan(&self) -> Result<Plan> {
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
        let point = |text: &String| -> Result<Point> {
            let (mass, coupling) = text.split_once(',').ok_or_else(|| Error::Unparsable {
                quantity: "point".to_owned(),
                value: text.clone(),
                expected: "MASS,COUPLING, e.g. 7MeV,2.72e-5".to_owned(),
            })?;
            Ok(Point { mass_mev: parse_mass_mev(mass.trim())?, coupling: parse_coupling(coupling.trim())? })
        };
        let points: Vec<Point> = self.at.iter().map(point).collect::<Result<_>>()?;
        match points.iter().enumerate().find(|(i, own)| points[..*i].contains(own)) {
            Some((again, _)) => Err(Error::out_of_range("point", &self.at[again], "given once")),
            None => Ok(points),
        }
    }
}

/// A share, such as `1%` or `0.01`.
fn share(text: &str) -> Result<f64> {
    let (number, unit) = text.strip_suffix('%').map_or((text, 1.0), |number| (number.trim(), 0.01));
    match number.parse::<f64>() {
        Ok(share) if share > 0.0 && share * unit <= 1.0 => Ok(share * unit),
        Ok(_) => Err(Error::out_of_range("tolerance", text, "above 0 and at most 100%")),
        Err(_) => Err(Error::Unparsable {
            quantity: "tolerance".to_owned(),
            value: text.to_owned(),
            expected: "a share of the coupling, e.g. 1%".to_owned(),
        }),
    }
}
