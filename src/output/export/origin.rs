//! What a map was made from, for the files of its export.

use crate::model::Model;
use crate::output::RunRecord;

/// What a map was made from.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// Program and version.
    pub program: String,
    /// Name of the model.
    pub model: String,
    /// Names of the datasets, joined by `+`.
    pub data: String,
    /// Confidence level.
    pub confidence: f64,
    /// Free parameters that it counts.
    pub dof: u32,
}

impl Origin {
    /// What a record says.
    pub fn of(record: &RunRecord) -> Origin {
        let RunRecord { program, inputs, .. } = record;
        Origin {
            program: program.clone(),
            model: inputs.model.clone(),
            data: inputs.data.clone(),
            confidence: inputs.confidence,
            dof: inputs.dof,
        }
    }

    /// The model if it is one that travels with the program.
    pub fn known_model(&self) -> Option<Model> {
        Model::named(&self.model).ok()
    }

    /// `: ` and the description of a known model, else nothing.
    pub(super) fn description(&self) -> String {
        self.known_model().map_or(String::new(), |model| format!(": {}", model.description))
    }

    /// The level in words.
    pub(super) fn confidence(&self) -> String {
        format!("{:.2} % C.L., {} dof", 100.0 * self.confidence, self.dof)
    }
}
