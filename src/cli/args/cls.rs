//! What `limits --method cls` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::analysis::coverage::{Nuisance, Plan, Sidebands};
use crate::{Error, Result};

use super::coverage::{MOST_TOYS, whole};

/// How bounds are made.
#[derive(Args)]
pub struct ClsArgs {
    /// How bounds are made
    #[arg(long, value_enum, default_value = "wilks")]
    method: Method,
    /// With cls: pseudo-experiments without mediator, and as many at each of some couplings
    #[arg(long, default_value = "10000", value_name = "N", allow_hyphen_values = true)]
    toys: String,
    /// With cls: seed of the random numbers
    #[arg(long, default_value = "1", value_name = "N", allow_hyphen_values = true)]
    seed: String,
    /// With cls, one model and one list of datasets: folder for the limits (cls.json) and their picture against the mass
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}

/// A way to bounds.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Method {
    /// A rise of chi2, by Wilks' theorem
    Wilks,
    /// Upper limits by CLs, from pseudo-experiments, with the bands that are expected without a mediator
    Cls,
}

impl ClsArgs {
    /// Whether this is the way.
    pub fn is_asked(&self) -> bool {
        self.method == Method::Cls
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
        let seed = whole("seed", &self.seed, u64::MAX)?;
        Ok(Plan { toys: (0, toys), seed, nuisance: Nuisance::Profile, sidebands: Sidebands::Redraw })
    }
}
