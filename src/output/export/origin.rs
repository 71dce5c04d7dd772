//! What a map was made from, as `run.json` beside it records.

use serde::Deserialize;

use crate::limits::{Level, Minimum};
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
    /// Level of the excluded region.
    pub level: Level,
}

/// The part of [`super::super::RunRecord`] that is needed.
#[derive(Deserialize)]
struct Record {
    program: String,
    #[serde(default)]
    level: Option<f64>,
    inputs: Inputs,
}

#[derive(Deserialize)]
struct Inputs {
    model: String,
    data: String,
    confidence: f64,
    dof: u32,
    /// Records of the time when there was one minimum do not name it.
    #[serde(default)]
    minimum: Minimum,
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
        let Inputs { model, data, confidence, dof, minimum } = record.inputs;
        let of_another_map = |reason| Error::NotOfForm { path: path.to_owned(), form: "record of this map", reason };
        if minimum != map.minimum() {
            let (theirs, ours) = (minimum.name(), map.minimum().name());
            return Err(of_another_map(format!("its minimum is that of the {theirs}, the map's of the {ours}")));
        }
        let same = |(theirs, ours): (f64, f64)| (theirs - ours).abs() <= LEVEL_TOLERANCE * ours.abs();
        if record.level.is_some() != map.level.is_some() || record.level.zip(map.level).is_some_and(|pair| !same(pair))
        {
            let text = |level: Option<f64>| level.map_or("none".to_owned(), |level| level.to_string());
            return Err(of_another_map(format!("its level is {}, the map's {}", text(record.level), text(map.level))));
        }
        // They become names of files and stand in comments.
        let is_odd = |name: &&String| !name.chars().all(|c| c.is_alphanumeric() || "+-_. ".contains(c));
        if let Some(name) = [&record.program, &model, &data].into_iter().find(is_odd) {
            return Err(Error::NotOfForm {
                path: path.to_owned(),
                form: "record of a run",
                reason: format!("{name:?} is no name of a program, a model or datasets"),
            });
        }
        let level = Level::new(confidence, dof, Some(minimum)).map_err(|error| Error::NotOfForm {
            path: path.to_owned(),
            form: "record of a run",
            reason: error.to_string(),
        })?;
        Ok(Origin { program: record.program, model, data, level })
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
