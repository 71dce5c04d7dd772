//! `g-2`.

use clap::Args;

use super::{CurveArgs, ParameterArgs};

/// `g-2`.
#[derive(Args)]
pub struct G2Args {
    /// Model, a model file (.toml), or 'all'
    #[arg(long, default_value = "all", value_name = "NAME|FILE")]
    pub model: String,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Range of masses; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:100GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub mass: String,
    /// Measured a_mu less the Standard Model's, and its error; or 'paper': 25.1e-10,5.9e-10 (arXiv:2202.11002,
    /// appendix B, after arXiv:2104.03281); or '2025': 3.8e-10,6.3e-10 (world average with arXiv:2506.03069, less
    /// arXiv:2505.21476)
    #[arg(long, default_value = "paper", value_name = "CENTRAL,SIGMA", allow_hyphen_values = true)]
    pub delta_a_mu: String,
    /// How finely, in which form, and where to.
    #[command(flatten)]
    pub curves: CurveArgs,
}
