//! Arguments of `spectrum`.

use clap::{Args, ValueEnum};

use super::{CurveArgs, ModelArg, StandardArgs};

/// `spectrum`.
#[derive(Args)]
#[command(
    after_help = "Without response, energies are those of the recoiling nuclei (true keVnr), or electrons (keV); with it, the bins of the analysis, \
    whose sum is what 'cevscan point' counts.\n\nExample: cevscan spectrum --model universal --data lar --out ."
)]
pub struct SpectrumArgs {
    /// The model.
    #[command(flatten)]
    pub model: ModelArg,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Mass of the mediator; MeV unless a unit (keV, MeV, GeV, TeV) is written [default: that of figures
    /// 1 and 3 of arXiv:2202.11002, 10MeV, or 50MeV for the scalar]
    #[arg(long, allow_hyphen_values = true)]
    pub mass: Option<String>,
    /// Coupling g; 0 is the Standard Model [default: that of the same figures, 1e-4, or 2e-3 for L_a - L_b]
    #[arg(long, allow_hyphen_values = true)]
    pub coupling: Option<String>,
    /// Datasets, joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// What of the detector is in the rates
    #[arg(long, value_enum, default_value = "none")]
    pub response: ResponseArg,
    /// How finely, in which form, and where to.
    #[command(flatten)]
    pub curves: CurveArgs,
}

/// What of the detector is in the rates.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ResponseArg {
    /// Nothing: events per keV of true recoil energy
    None,
    /// Quenching, resolution, efficiency and time window: events in the bins of the analysis
    Full,
}
