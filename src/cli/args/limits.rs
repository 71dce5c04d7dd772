//! Arguments of `limits`.

use clap::{Args, ValueEnum};

use super::super::critical::CriticalArgs;
use super::{ClsArgs, LevelArgs, ParameterArgs, StandardArgs};

/// `limits`.
#[derive(Args)]
pub struct LimitsArgs {
    /// Model, a model file (.toml), or 'all'
    #[arg(long, default_value = "all", value_name = "NAME|FILE")]
    pub model: String,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Datasets or dataset files (.toml), joined by '+', or 'all' for lar, csi and csi+lar
    #[arg(long, default_value = "all", value_name = "LIST")]
    pub data: String,
    /// Expected bounds beside: from the Standard Model's expectation in place of the data
    #[arg(long)]
    pub asimov: bool,
    /// Bounds under the usual variations of the datasets: quenching, neutron radii, efficiency; and with each parameter that
    /// deforms a response in the fit held one standard deviation up and down
    #[arg(long, conflicts_with_all = ["asimov", "critical"])]
    pub variations: bool,
    /// Bounds at these masses in place of the two ends: LOW:HIGH/N on a logarithmic axis, or a list such as 1MeV,10MeV; MeV
    /// unless a unit is written
    #[arg(long, value_name = "MASSES", conflicts_with = "variations", allow_hyphen_values = true)]
    pub mass: Option<String>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: LimitsFormat,
    /// Level of the bounds.
    #[command(flatten)]
    pub level: LevelArgs,
    /// How they are made.
    #[command(flatten)]
    pub cls: ClsArgs,
    /// The same with coverage.
    #[command(flatten)]
    pub critical: CriticalArgs,
}

/// Forms of bounds.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LimitsFormat {
    /// For people
    Table,
    /// For programs
    Json,
    /// For spreadsheets
    Csv,
    /// For papers: tables to include as they are
    Latex,
}
