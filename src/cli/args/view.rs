//! Arguments of `view`.

use std::path::PathBuf;

use clap::Args;

use super::{AgainArgs, BehindArgs};

/// `view`.
#[derive(Args)]
pub struct ViewArgs {
    /// Folder of a scan, with map.npz and run.json
    #[arg(value_name = "DIR")]
    pub map: PathBuf,
    /// What made it.
    #[command(flatten)]
    pub again: AgainArgs,
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
