//! `plot`.

use std::path::PathBuf;

use clap::Args;

use cevscan::Result;

use super::{BehindArgs, Level, LevelArgs, ParameterArgs};

/// `plot`.
#[derive(Args)]
pub struct PlotArgs {
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
    /// Folder for map.svg and map.png [default: that of the scan]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Confidence level [default: that of the scan]
    #[arg(long, value_name = "CL", allow_hyphen_values = true)]
    confidence: Option<String>,
    /// Free parameters that it counts [default: those of the scan]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    dof: Option<String>,
    /// Limits of others in the picture.
    #[command(flatten)]
    pub behind: BehindArgs,
}

impl PlotArgs {
    /// The level asked for; what was not, as in the scan.
    ///
    /// # Errors
    /// Those of [`LevelArgs::level`].
    pub fn level(&self, confidence: f64, dof: u32) -> Result<Level> {
        let confidence = self.confidence.clone().unwrap_or_else(|| confidence.to_string());
        LevelArgs { confidence: Some(confidence), dof: self.dof.clone().unwrap_or_else(|| dof.to_string()) }.level()
    }
}
