//! Arguments of `view`.

use std::path::PathBuf;

use clap::Args;

use super::{BehindArgs, ParameterArgs};

/// `view`.
#[derive(Args)]
pub struct ViewArgs {
    /// Folder of a scan, with map.npz and run.json
    #[arg(value_name = "DIR")]
    pub map: PathBuf,
    /// Model file (.toml), where the scan had one [default: the model that run.json names]
    #[arg(long, value_name = "FILE")]
    pub model: Option<String>,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// Datasets as the scan had them, where there were dataset files among them [default: those that run.json names]
    #[arg(long, value_name = "LIST")]
    pub data: Option<String>,
    /// Folder for map.html [default: that of the scan]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// Limits of others as layers.
    #[command(flatten)]
    pub behind: BehindArgs,
}
