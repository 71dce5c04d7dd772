//! `spectrum-fit`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ModelArg, StandardArgs};

/// `spectrum-fit`.
#[derive(Args)]
pub struct SpectrumFitArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Mass of the mediator [default: that of the best fit]
    #[arg(long, requires = "coupling", allow_hyphen_values = true)]
    pub mass: Option<String>,
    /// Coupling g; 0 is the Standard Model [default: that of the best fit]
    #[arg(long, requires = "mass", allow_hyphen_values = true)]
    pub coupling: Option<String>,
    /// Datasets or dataset files (.toml), joined by '+'; one picture each
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// What stands below the spectra
    #[arg(long, value_enum, default_value = "residuals")]
    pub below: Below,
    /// Events per bin where bins are of unequal widths, in place of events per unit of energy or time
    #[arg(long)]
    pub per_bin: bool,
    /// Folder for the pictures, the numbers (CSV, JSON) and the matplotlib script of each dataset
    #[arg(long, default_value = ".", value_name = "DIR")]
    pub out: PathBuf,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
}

/// Second row of a fit's picture.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Below {
    /// (data - fit)/error
    Residuals,
    /// Data less backgrounds, and the signal
    Signal,
}
