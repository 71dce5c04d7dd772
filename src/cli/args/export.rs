//! What `export` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::critical::CriticalArgs;
use super::OtherLevelArgs;

/// `export`.
#[derive(Args)]
pub struct ExportArgs {
    /// map.npz, or the folder of a scan that holds it
    #[arg(value_name = "MAP")]
    pub map: PathBuf,
    /// Form of the files
    #[arg(long, value_enum)]
    pub format: ExportFormatArg,
    /// Folder for the files [default: FORMAT, beside map.npz]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since; the export of
    /// another map that the folder holds goes
    #[arg(long)]
    pub fresh: bool,
    /// The level.
    #[command(flatten)]
    pub level: OtherLevelArgs,
    /// The region with coverage in place of that of Wilks' theorem.
    #[command(flatten)]
    pub critical: CriticalArgs,
    /// Export a map with missing points too; every file says what is missing
    #[arg(long)]
    pub allow_missing: bool,
}

/// A format of exchange.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormatArg {
    /// A submission: the excluded intervals at each mass, and the contour
    Hepdata,
    /// Mass in GeV, lower and upper coupling (.lmt) with a note (.py), for each piece of the region
    Darkcast,
    /// Mass in eV and coupling (.txt), for each piece of the region
    Axionlimits,
    /// Mass in MeV, coupling and chi2 less its minimum, for every point
    Grid,
}
