//! `plot`.

use std::path::PathBuf;

use clap::Args;

use crate::Result;
use crate::analysis::limits::Level;

use super::super::critical::CriticalArgs;
use super::{AgainArgs, BehindArgs, LevelArgs, MapLookArgs};

/// `plot`.
#[derive(Args)]
pub struct PlotArgs {
    /// Folder of a scan, with map.npz and run.json; of several, each has a line of its own in one picture (maps.svg and the
    /// other forms, in --out)
    #[arg(value_name = "DIR", required = true)]
    pub maps: Vec<PathBuf>,
    /// Name in the legend, once for each map; mathematics between dollar signs, as in '$g_{B-L}$'
    #[arg(long = "label", value_name = "TEXT")]
    pub labels: Vec<String>,
    /// What made it.
    #[command(flatten)]
    pub again: AgainArgs,
    /// Folder for map.svg, map.png, map.pdf and map.py [default: that of the scan]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write over files that are in the way, though cevscan did not write them or they were changed since
    #[arg(long)]
    pub fresh: bool,
    /// The level.
    #[command(flatten)]
    pub level: OtherLevelArgs,
    /// The border with coverage.
    #[command(flatten)]
    pub critical: CriticalArgs,
    /// Limits of others in the picture.
    #[command(flatten)]
    pub behind: BehindArgs,
    /// How it is printed.
    #[command(flatten)]
    pub look: MapLookArgs,
}

/// Another level than that of the scan.
#[derive(Args)]
pub struct OtherLevelArgs {
    /// Confidence level [default: that of the scan]
    #[arg(long, value_name = "CL", allow_hyphen_values = true)]
    confidence: Option<String>,
    /// Free parameters that it counts [default: those of the scan]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    dof: Option<String>,
    /// Minimum from which chi2 rises: that of the whole plane, or at each mass its own [default: that of the scan; beside
    /// --dof the one that is usual for it]
    #[arg(long, value_name = "plane|mass")]
    minimum: Option<String>,
}

impl OtherLevelArgs {
    /// Whether another minimum is asked for, and whether another rise from it.
    pub fn asks_for(&self) -> (bool, bool) {
        let rise = self.confidence.is_some() || self.dof.is_some();
        (self.minimum.is_some() || self.dof.is_some(), rise)
    }

    /// The level asked for; what was not, as in the scan, but that other parameters bring their usual minimum.
    ///
    /// # Errors
    /// Those of [`LevelArgs::level`].
    pub fn of(&self, scanned: &Level) -> Result<Level> {
        let usual = || self.dof.is_none().then(|| scanned.minimum.name().to_owned());
        LevelArgs {
            confidence: Some(self.confidence.clone().unwrap_or_else(|| scanned.confidence.to_string())),
            dof: self.dof.clone().unwrap_or_else(|| scanned.dof.to_string()),
            minimum: self.minimum.clone().or_else(usual),
        }
        .level()
    }
}
