//! What a map was made from, as `run.json` beside it records.

use serde::Deserialize;

use crate::model::Model;
use crate::output::SavedMap;
use crate::{Error, Result};

/// Relative rounding of a number that went through JSON.
const LEVEL_TOLERANCE: f64 = 1e-12;

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

/// The part of [`super::super::RunRecord`] that is needed.
#[derive(Deserialize)]
struct Record {
    program: String,
    level: f64,
    inputs: Inputs,
}

#[derive(Deserialize)]
struct Inputs {
    model: String,
    data: String,
    confidence: f64,
    dof: u32,
}

impl Origin {
    /// The origin of `map` from the text of its `run.json`; `path` names that in errors.
    ///
    /// # Errors
    /// [`Error::NotOfForm`] for a text that is no record of a run, [`Error::InArray`] for one of another map.
    pub fn parse(path: &str, text: &str, map: &SavedMap) -> Result<Origin> {
        let record: Record = serde_json::from_str(text).map_err(|error| Error::NotOfForm {
            path: path.to_owned(),
            form: "record of a run",
            reason: error.to_string(),
        })?;
        if (record.level - map.level).abs() > LEVEL_TOLERANCE * map.level.abs() {
            return Err(Error::NotOfForm {
                path: path.to_owned(),
                form: "record of this map",
                reason: format!("its level is {}, the map's {}", record.level, map.level),
            });
        }
        let Inputs { model, data, confidence, dof } = record.inputs;
        // They become names of files and stand in comments.
        let is_odd = |name: &&String| !name.chars().all(|c| c.is_alphanumeric() || "+-_. ".contains(c));
        if let Some(name) = [&record.program, &model, &data].into_iter().find(is_odd) {
            return Err(Error::NotOfForm {
                path: path.to_owned(),
                form: "record of a run",
                reason: format!("{name:?} is no name of a program, a model or datasets"),
            });
        }
        Ok(Origin { program: record.program, model, data, confidence, dof })
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
