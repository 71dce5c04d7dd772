//! `new-territory`.

use clap::Args;

use super::super::critical::CriticalArgs;
use super::{LevelArgs, OverlayArgs, ParameterArgs, StandardArgs, TableOrJson};

/// `new-territory`.
#[derive(Args)]
pub struct NewTerritoryArgs {
    /// Model, a model file (.toml), or 'all' for all vector models; 'cevscan models' lists them
    #[arg(long, value_name = "NAME|FILE")]
    pub model: String,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Datasets, joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Range of masses; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:10GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub mass: String,
    /// Range of couplings; what is above the square root of 4 pi does not count
    #[arg(long, default_value = "1e-6:1", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub coupling: String,
    /// Masses at which the limits are compared
    #[arg(long, default_value_t = 400, value_name = "N")]
    pub masses: usize,
    /// Deviation of the muon's magnetic moment: CENTRAL,SIGMA, or 'paper' or '2025'; see 'cevscan g-2'
    #[arg(long, default_value = "paper", value_name = "NUMBERS", allow_hyphen_values = true)]
    pub delta_a_mu: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: TableOrJson,
    /// Limits of others.
    #[command(flatten)]
    pub overlays: OverlayArgs,
    /// Border of the excluded region.
    #[command(flatten)]
    pub level: LevelArgs,
    /// The same with coverage.
    #[command(flatten)]
    pub critical: CriticalArgs,
}
