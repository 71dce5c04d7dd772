//! `--critical`: critical values from toys, of the model and the data at hand and of no others.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::analysis::coverage::{Calibrated, CoveredLevel};
use crate::analysis::limits::{Level, Minimum};
use crate::output::{CoverageUse, SavedCoverage, open_coverage};
use crate::{Error, Result};

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
