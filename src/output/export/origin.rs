//! What a map was made from, for the files of its export.

use crate::Result;
use crate::analysis::limits::Level;
use crate::output::{CoverageUse, RunRecord};
use crate::physics::model::Model;

/// What a map was made from.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Origin {
    /// Program and version.
    pub program: String,
    /// Name of the model.
    pub model: String,
    /// Names of the datasets, joined by `+`.
    pub data: String,
    /// Level of the excluded region.
    pub level: Level,
    /// Critical values that the region has in place of the level's rise of chi2.
    pub coverage: Option<CoverageUse>,
}

impl Origin {
    /// What a record says.
    ///
    /// # Errors
    /// A confidence or number of parameters out of range.
    pub fn of(record: &RunRecord) -> Result<Origin> {
        let RunRecord { program, inputs, .. } = record;
        Ok(Origin {
            program: program.clone(),
            model: inputs.model.clone(),
            data: inputs.data.clone(),
            level: inputs.level()?,
            coverage: None,
        })
    }

    /// The model if it is one that travels with the program.
    pub fn known_model(&self) -> Option<Model> {
        Model::named(&self.model).ok()
    }

    /// `: ` and the description of a known model, else nothing.
    pub(super) fn description(&self) -> String {
        self.known_model().map_or(String::new(), |model| format!(": {}", model.description))
    }
}
