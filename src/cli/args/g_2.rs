//! `g-2`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

/// `g-2`.
#[derive(Args)]
pub struct G2Args {
    /// Model, or 'all'
    #[arg(long, default_value = "all", value_name = "NAME")]
    pub model: String,
    /// Range of masses; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:100GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub mass: String,
    /// Masses along the range, on a logarithmic axis [default: 400; 13 in a table]
    #[arg(long, value_name = "N")]
    pub points: Option<usize>,
    /// Measured a_mu less the Standard Model's, and its error; or 'paper': 25.1e-10,5.9e-10 (arXiv:2202.11002,
    /// appendix B, after arXiv:2104.03281)
    #[arg(long, default_value = "paper", value_name = "CENTRAL,SIGMA", allow_hyphen_values = true)]
    pub delta_a_mu: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for a figure: SVG, PNG, CSV and a matplotlib script
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
