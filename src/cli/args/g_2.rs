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
    /// Masses along the range, on a logarithmic axis
    #[arg(long, default_value = "13", value_name = "N", allow_hyphen_values = true)]
    pub points: String,
    /// Measured a_mu less the Standard Model's, and its error; or 'paper': 25.1e-10,5.9e-10 (arXiv:2202.11002,
    /// appendix B, after arXiv:2104.03281)
    #[arg(long, default_value = "paper", value_name = "CENTRAL,SIGMA", allow_hyphen_values = true)]
    pub delta_a_mu: String,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for a picture with its numbers: g-2.svg, g-2.png, g-2.csv, g-2.py [default: none is made]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
