//! `merge`.

use std::path::PathBuf;

use clap::Args;

/// `merge`.
#[derive(Args)]
pub struct MergeArgs {
    /// Folders of shards, in any order
    #[arg(required = true, value_name = "DIR")]
    pub shards: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Put the map in the place of another one that the folder holds, and of files that cevscan did not write or that were
    /// changed since
    #[arg(long)]
    pub fresh: bool,
}
