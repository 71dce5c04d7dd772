//! `--critical`: critical values from toys, of the model and the data at hand and of no others.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::analysis::coverage::{Calibrated, CoveredLevel};
use crate::analysis::limits::{Level, Minimum};
use crate::base::reading::{self, Kind};
use crate::output::{CoverageUse, RECORD, SavedCoverage, open_coverage};
use crate::{Error, Result};

use super::terminal;

/// Where they are.
#[derive(Args, Clone, Default, Serialize, Deserialize)]
pub struct CriticalArgs {
    /// Critical values from toys (coverage.npz of 'cevscan coverage'): what they exclude beside what Wilks' theorem does
    #[arg(long, value_name = "FILE")]
    critical: Option<PathBuf>,
}

/// Critical values at the level of a result.
pub struct Critical {
    pub level: CoveredLevel,
    pub saved: SavedCoverage,
    file: String,
}

impl CriticalArgs {
    /// Whether none are asked for.
    pub fn is_none(&self) -> bool {
        self.critical.is_none()
    }

    /// Reads them for a model and data, where they are asked for.
    ///
    /// # Errors
    /// A file that is none, of another model, of other data, or without this level.
    pub fn read(&self, analysis: &Analysis, level: &Level) -> Result<Option<Critical>> {
        self.read_for(&Calibrated::new(analysis), level)
    }

    /// The same by the names and digests of model and data.
    ///
    /// # Errors
    /// See there.
    pub fn read_for(&self, wanted: &Calibrated, level: &Level) -> Result<Option<Critical>> {
        let Some(path) = &self.critical else { return Ok(None) };
        let saved = open_coverage(path)?;
        require_recorded(path, &saved.sha256)?;
        let minimum = saved.surface.minimum;
        if (level.dof, level.minimum) != (minimum.dof(), minimum) {
            let bound = match minimum {
                Minimum::Plane => {
                    "that of two parameters from the minimum of the plane, which the critical values are of"
                }
                Minimum::Mass => {
                    "that of one parameter from the minimum at each mass, which the critical values are of"
                }
            };
            return Err(Error::out_of_range("level", level.words(), bound));
        }
        require_same(path, &saved.of, wanted)?;
        if saved.error.is_nan() || saved.error > saved.tolerance {
            let known = match saved.error.is_finite() {
                true => format!("is known to {:.2} % of the coupling", 100.0 * saved.error),
                false => "is not reached by its toys everywhere".to_owned(),
            };
            let asked = 100.0 * saved.tolerance;
            let path = path.display();
            terminal::error_line(&format!("warning: {path}: the border {known}, {asked:.2} % was asked for"));
        }
        let level = CoveredLevel::new(&saved.surface, level.confidence)?;
        Ok(Some(Critical { level, saved, file: path.display().to_string() }))
    }
}

impl Critical {
    /// What a record says of them.
    pub fn used(&self, along: Option<[f64; 2]>) -> CoverageUse {
        CoverageUse::new(&self.saved, &self.file, self.level.confidence, along)
    }
}

/// Refuses a file that is not the one of which the record beside it speaks.
fn require_recorded(path: &Path, sha256: &str) -> Result<()> {
    let beside = path.with_file_name(RECORD);
    if !beside.is_file() {
        return Ok(());
    }
    let record: serde_json::Value =
        serde_json::from_str(&reading::text(&beside, Kind::Record)?).unwrap_or(serde_json::Value::Null);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    match record["files"][name].as_str() {
        Some(recorded) if recorded != sha256 => Err(Error::NotOfForm {
            path: path.display().to_string(),
            form: "file of critical values as it was written",
            reason: format!("its SHA-256 is not that in {}", beside.display()),
        }),
        _ => Ok(()),
    }
}

/// Refuses critical values of another model or of other data.
fn require_same(path: &Path, there: &Calibrated, here: &Calibrated) -> Result<()> {
    let of = |of: &Calibrated| format!("{} on {}", of.model, of.data);
    let reason = if (&there.model, &there.data) != (&here.model, &here.data) {
        format!("they are of {}", of(there))
    } else if there.model_digest != here.model_digest {
        format!("they are of another model of the name {}, or of another version of the program", here.model)
    } else if there.data_digest != here.data_digest {
        format!("they are of other data of the name {}, or of another version of the program", here.data)
    } else {
        return Ok(());
    };
    let form = "file of critical values of this model and data";
    Err(Error::NotOfForm { path: path.display().to_string(), form, reason: format!("{reason}, not {}", of(here)) })
}
