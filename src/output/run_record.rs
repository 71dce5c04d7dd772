//! `run.json`: everything that a map was made from, and by what.

use serde::Serialize;

use crate::limits::Minimum;
use crate::scan::{Certificate, EngineRecord, Interpolation, Map};

/// The record of a scan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRecord {
    /// Program and version.
    pub program: String,
    /// Whether every point has a chi2.
    pub complete: bool,
    /// Points without one.
    pub missing_points: usize,
    /// What was asked for.
    pub inputs: Inputs,
    /// What evaluated it.
    pub engine: EngineRecord,
    /// How far a GPU's values are from f64.
    pub certificate: Option<Certificate>,
    /// How far interpolated values are from minimised ones; none where each point was minimised.
    pub interpolation: Option<Interpolation>,
    /// Global minimum of chi2.
    pub chi2_min: f64,
    /// Mass (MeV) and coupling there.
    pub best_fit: [f64; 2],
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// chi2 at the border of the excluded region; `null` where each mass has its own (`level` of map.npz).
    pub level: Option<f64>,
    /// Seconds.
    pub timings: Timings,
    /// Host, threads, date: what may differ between runs that give the same map.
    pub host: Host,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Inputs {
    /// The command line.
    pub command: Vec<String>,
    /// Name of the model.
    pub model: String,
    /// Datasets.
    pub data: String,
    /// Whether the Standard Model's expectation stands in for the data.
    pub asimov: bool,
    /// Range of masses (MeV).
    pub mass_mev: [f64; 2],
    /// Range of couplings.
    pub coupling: [f64; 2],
    /// Points along mass and coupling.
    pub grid: [usize; 2],
    /// Confidence level of the excluded region.
    pub confidence: f64,
    /// Free parameters it counts.
    pub dof: u32,
    /// Rise of chi2 that follows.
    pub delta_chi2: f64,
    /// What it rises from.
    pub minimum: Minimum,
}

/// Wall-clock seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Timings {
    /// Tables, plans, devices.
    pub start_s: f64,
    /// Best fit, map, certificate.
    pub scan_s: f64,
    /// Contours, pictures, files.
    pub write_s: f64,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Host {
    /// Operating system and architecture.
    pub platform: String,
    /// Threads used.
    pub threads: usize,
    /// Start, in seconds since 1970 (UTC).
    pub started_unix_s: u64,
}

impl RunRecord {
    /// The record of a finished map.
    pub fn new(map: &Map, inputs: Inputs, timings: Timings, threads: usize, started_unix_s: u64) -> RunRecord {
        RunRecord {
            program: format!("cevscan {}", env!("CARGO_PKG_VERSION")),
            complete: map.missing() == 0,
            missing_points: map.missing(),
            inputs,
            engine: map.engine.clone(),
            certificate: map.certificate.clone(),
            interpolation: map.interpolation.clone(),
            chi2_min: map.best_fit.chi2,
            best_fit: [map.best_fit.mass_mev, map.best_fit.coupling],
            chi2_sm: map.chi2_sm,
            level: (map.minimum() == Minimum::Plane).then(|| map.level_at(0)),
            timings,
            host: Host {
                platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                threads,
                started_unix_s,
            },
        }
    }
}
