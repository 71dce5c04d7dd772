//! Arguments of `epsilon`.

use std::path::PathBuf;

use clap::Args;

use super::Format;

/// `epsilon`.
#[derive(Args)]
pub struct EpsilonArgs {
    /// le-lmu, le-ltau, lmu-ltau, or 'all'
    #[arg(long, default_value = "all", value_name = "NAME")]
    pub model: String,
    /// Range of momentum transfers |q|; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:1GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub q: String,
    /// Momentum transfers, on a logarithmic axis [default: 400; 25 in a table]
    #[arg(long, value_name = "N")]
    pub points: Option<usize>,
    /// Form of the output
    #[arg(long, value_enum, default_value = "table")]
    pub format: Format,
    /// Folder for a figure: SVG, PNG, CSV and a matplotlib script
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
