//! `run.json`: everything that a map was made from, and by what. One type writes it and reads it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::limits::{Level, Minimum};
use crate::base::provenance::{self, SOURCES, sha256};
use crate::scan::{Certificate, EngineRecord, Interpolation, Map, ScanRequest};
use crate::{Error, Result};

use super::coverage_use::CoverageUse;
use super::json;

/// The map's file in its folder.
pub const MAP: &str = "map.npz";
/// The record's.
pub const RECORD: &str = "run.json";

/// The record of a scan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RunRecord {
    /// Program and version.
    pub program: String,
    /// SHA-256 of the sources of that build; empty in records that are older than this entry, as are those marked so
    /// below.
    #[serde(default)]
    pub sources: String,
    /// Whether every point has a chi2.
    pub complete: bool,
    /// Points without one.
    pub missing_points: usize,
    /// What the map is of.
    pub inputs: Inputs,
    /// What was asked for, to be asked for again. Newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<ScanRequest>,
    /// Every input that the map follows from, by name; scans are the same where all are the same. Newer.
    #[serde(default)]
    pub key: provenance::Inputs,
    /// Files that were read: of models, datasets and their tables. Newer.
    #[serde(default)]
    pub input_files: Vec<InputFile>,
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
    /// Critical values from toys beside Wilks', where there are any. Newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage: Option<CoverageUse>,
    /// The level of the pictures and of contour.csv, where `plot` drew them at another one than the map's. Newer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn_at: Option<Level>,
    /// SHA-256 of each file that was written beside, by name. Newer.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Seconds.
    pub timings: Timings,
    /// Host, threads, date: what may differ between runs that give the same map.
    pub host: Host,
    /// SHA-256 of all that stands above (but for this line), so that a change by hand shows. Newer.
    #[serde(default)]
    pub record_sha256: String,
}

/// SHA-256 of the text of a record: of all its entries but the digest itself, sorted by name and without blanks, so that
/// only contents count.
///
/// # Errors
/// [`Error::Encoding`] for what is no JSON.
pub fn digest_of(text: &str) -> Result<String> {
    let encoding = |error: serde_json::Error| Error::Encoding { what: "JSON", reason: error.to_string() };
    let mut value: serde_json::Value = serde_json::from_str(text).map_err(encoding)?;
    if let Some(entries) = value.as_object_mut() {
        entries.remove("record_sha256");
    }
    Ok(sha256(serde_json::to_string(&value).map_err(encoding)?.as_bytes()))
}

/// What a map is of, in short.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The command line.
    pub command: Vec<String>,
    /// Name of the model.
    pub model: String,
    /// Datasets.
    pub data: String,
    /// Whether the Standard Model's expectation stands in for the data, because that was asked for.
    #[serde(default)]
    pub asimov: bool,
    /// Whether it does in any dataset, for whatever reason: its limits are expected ones. Newer.
    #[serde(default)]
    pub expected: bool,
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
    /// What it rises from; records of the time when there was one minimum do not name it.
    #[serde(default)]
    pub minimum: Minimum,
}

impl Inputs {
    /// At which level couplings are excluded.
    ///
    /// # Errors
    /// Those of [`Level::new`].
    pub fn level(&self) -> Result<Level> {
        Level::new(self.confidence, self.dof, Some(self.minimum))
    }
}

/// A file that a map was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InputFile {
    /// Its path, as it was named.
    pub path: String,
    /// SHA-256 of its contents.
    pub sha256: String,
    /// Its contents; none where they are long.
    pub text: Option<String>,
}

/// Wall-clock seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Timings {
    /// Tables, plans, devices.
    pub start_s: f64,
    /// Best fit, map, certificate.
    pub scan_s: f64,
    /// Contours, pictures, files.
    pub write_s: f64,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Host {
    /// Operating system and architecture.
    pub platform: String,
    /// Threads used.
    pub threads: usize,
    /// Start, in seconds since 1970 (UTC).
    pub started_unix_s: u64,
}

/// What a record says of how a map came about, beside the map itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Circumstances {
    /// See [`Inputs::command`].
    pub command: Vec<String>,
    /// See [`RunRecord::request`].
    pub request: ScanRequest,
    /// See [`RunRecord::key`].
    pub key: provenance::Inputs,
    /// See [`RunRecord::input_files`].
    pub input_files: Vec<InputFile>,
    /// See [`RunRecord::coverage`].
    pub coverage: Option<CoverageUse>,
    /// See [`RunRecord::files`].
    pub files: BTreeMap<String, String>,
    /// See [`RunRecord::timings`].
    pub timings: Timings,
    /// See [`Host::threads`].
    pub threads: usize,
    /// See [`Host::started_unix_s`].
    pub started_unix_s: u64,
}

impl RunRecord {
    /// The record of a finished map.
    pub fn new(map: &Map, circumstances: Circumstances) -> RunRecord {
        let Circumstances { command, request, key, input_files, coverage, files, timings, threads, started_unix_s } =
            circumstances;
        let ScanRequest { mass_mev, coupling, grid, asimov, confidence, dof, minimum, .. } = request;
        let inputs = Inputs {
            command,
            model: map.model.clone(),
            data: map.data.clone(),
            asimov,
            expected: map.is_known_expected(),
            mass_mev,
            coupling,
            grid,
            confidence,
            dof,
            delta_chi2: map.delta_chi2,
            minimum,
        };
        RunRecord {
            program: format!("cevscan {}", env!("CARGO_PKG_VERSION")),
            sources: SOURCES.to_owned(),
            complete: map.missing() == 0,
            missing_points: map.missing(),
            inputs,
            request: Some(request),
            key,
            input_files,
            engine: map.engine.clone(),
            certificate: map.certificate.clone(),
            interpolation: map.interpolation.clone(),
            chi2_min: map.best_fit.chi2,
            best_fit: [map.best_fit.mass_mev, map.best_fit.coupling],
            chi2_sm: map.chi2_sm,
            level: (map.minimum() == Minimum::Plane).then(|| map.level_at(0)),
            coverage,
            drawn_at: None,
            files,
            timings,
            host: Host {
                platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
                threads,
                started_unix_s,
            },
            record_sha256: String::new(),
        }
    }

    /// As it stands in its file, with its digest.
    ///
    /// # Errors
    /// [`crate::Error::Encoding`], for what JSON cannot hold.
    pub fn to_json(&self) -> Result<String> {
        let record_sha256 = digest_of(&json(self)?)?;
        json(&RunRecord { record_sha256, ..self.clone() })
    }

    /// What was asked for; of records that do not hold it what their other entries say, a model of a file by its name.
    pub fn request(&self) -> ScanRequest {
        if let Some(request) = &self.request {
            return request.clone();
        }
        let Inputs { model, data, asimov, mass_mev, coupling, grid, confidence, dof, minimum, .. } =
            self.inputs.clone();
        ScanRequest { asimov, mass_mev, coupling, grid, confidence, dof, minimum, ..ScanRequest::new(model, data) }
    }

    /// Whether its limits are expected ones: the Standard Model's expectation stood in for data.
    pub fn is_expected(&self) -> bool {
        self.inputs.expected || self.inputs.asimov
    }
}
