//! `scan`.

use std::path::PathBuf;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::base::grid::{parse_coupling, parse_grid, parse_mass_mev, parse_range};
use crate::base::simd::SimdLevel;
use crate::scan::ScanRequest;
use crate::{Error, Result};

use super::super::critical::CriticalArgs;
use super::{BehindArgs, EngineArgs, LevelArgs, MapLookArgs, ParameterArgs, StandardArgs, VariedArgs};

/// `scan`.
#[derive(Args)]
pub struct ScanArgs {
    /// Model, or a model file (.toml); 'cevscan models' lists them
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "x")]
    pub model: Option<String>,
    /// Values of its parameters.
    #[command(flatten)]
    pub parameters: ParameterArgs,
    /// What it adds to.
    #[command(flatten)]
    pub standard: StandardArgs,
    /// Datasets or dataset files (.toml), joined by '+'
    #[arg(long, default_value = "csi+lar", value_name = "LIST")]
    pub data: String,
    /// Range of masses; MeV unless a unit (keV, MeV, GeV, TeV) is written
    #[arg(long, default_value = "0.1MeV:10GeV", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub mass: String,
    /// Range of couplings
    #[arg(long, default_value = "1e-6:1", value_name = "LOW:HIGH", allow_hyphen_values = true)]
    pub coupling: String,
    /// Points along mass and coupling, on logarithmic axes [default: 400x400; with --x and --y 100x100, with --x alone 200]
    #[arg(long, value_name = "NxM", allow_hyphen_values = true)]
    pub grid: Option<String>,
    /// Replace the data by the Standard Model's expectation; the observed contour is drawn beside
    #[arg(long)]
    pub asimov: bool,
    /// What evaluates it.
    #[command(flatten)]
    pub engine: EngineArgs,
    /// Minimise chi2 at each point on the CPU, also where it follows from its neighbours to 1e-8
    #[arg(long)]
    pub no_interpolation: bool,
    /// Folder for the results [default: cevscan-MODEL-DATA]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Do one of N parts of the rows, e.g. 3/16, for 'cevscan merge'
    #[arg(long, value_name = "K/N", allow_hyphen_values = true)]
    pub shard: Option<String>,
    /// Start over: take away what an interrupted run has left in the folder, and put the map in the place of another one, and
    /// of files that cevscan did not write or that were changed since
    #[arg(long)]
    pub fresh: bool,
    /// Keep what is finished at this interval
    #[arg(long, value_name = "SECONDS", default_value = "2", hide = true, allow_hyphen_values = true)]
    pub tile_seconds: f64,
    /// Masses done at a time; changes progress and memory, never the result
    #[arg(long, value_name = "N", hide = true)]
    pub tile_rows: Option<usize>,
    /// Border of the excluded region.
    #[command(flatten)]
    pub level: LevelArgs,
    /// How it is drawn.
    #[command(flatten)]
    pub drawing: Drawing,
    /// Other parameters.
    #[command(flatten)]
    pub varied: VariedArgs,
}

/// How the map of a scan is drawn; by the names of the options where it is kept.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
pub struct Drawing {
    /// The border with coverage.
    #[command(flatten)]
    #[serde(flatten)]
    pub critical: CriticalArgs,
    /// Limits of others in the picture.
    #[command(flatten)]
    #[serde(flatten)]
    pub behind: BehindArgs,
    /// How it is printed.
    #[command(flatten)]
    #[serde(flatten)]
    pub look: MapLookArgs,
}

impl ScanArgs {
    /// What was asked for of a plane of masses and couplings.
    ///
    /// # Errors
    /// What is no range, number or level; engines that contradict themselves.
    pub fn request(&self, simd: SimdLevel) -> Result<ScanRequest> {
        if !(0.0..=1e6).contains(&self.tile_seconds) {
            return Err(Error::out_of_range("--tile-seconds", self.tile_seconds, "from 0 to 1e6"));
        }
        if self.tile_rows == Some(0) {
            return Err(Error::out_of_range("--tile-rows", 0, "at least 1"));
        }
        let usual = ScanRequest::new(self.model.clone().unwrap_or_default(), self.data.clone());
        let level = self.level.level()?;
        Ok(ScanRequest {
            parameters: self.parameters.values()?.into_iter().collect(),
            couplings: self.standard.edition(),
            asimov: self.asimov,
            mass_mev: parse_range("mass", &self.mass, parse_mass_mev)?.into(),
            coupling: parse_range("coupling", &self.coupling, parse_coupling)?.into(),
            grid: self.grid.as_deref().map_or(Ok(usual.grid), |text| parse_grid(text).map(Into::into))?,
            confidence: level.confidence,
            dof: level.dof,
            minimum: level.minimum,
            engine: self.engine.request(!self.no_interpolation)?,
            simd: Some(simd),
            ..usual
        })
    }
}
