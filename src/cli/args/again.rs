//! What of a scan is named anew where its map is read.

use clap::Args;

use super::ParameterArgs;

/// The model and the data of a map.
#[derive(Args)]
pub struct AgainArgs {
    /// The scan's model file (.toml), where it stands elsewhere now [default: the model that run.json names]
    #[arg(long, value_name = "FILE")]
    pub model: Option<String>,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// The scan's datasets, where files among them stand elsewhere now [default: those that run.json names]
    #[arg(long, value_name = "LIST")]
    pub data: Option<String>,
}
