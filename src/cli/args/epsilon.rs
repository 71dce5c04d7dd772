//! Arguments of `epsilon`.

use clap::Args;

use super::{CurveArgs, ParameterArgs};

/// `epsilon`.
#[derive(Args)]
pub struct EpsilonArgs {
    /// le-lmu, le-ltau, lmu-ltau, a file (.toml) of such a model, or 'all'
    #[arg(long, default_value = "all", value_name = "NAME|FILE")]
    pub model: String,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Range of momentum transfers |q|; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:1GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub q: String,
    /// How finely, in which form, and where to.
    #[command(flatten)]
    pub curves: CurveArgs,
}
