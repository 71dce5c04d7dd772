//! The models that travel with the program.

use std::path::Path;

use crate::reading::{self, Kind};
use crate::{Error, Result};

use super::{Anomalies, Model};

/// The eleven models of the paper in the order of its table 2: name and file.
const EMBEDDED: [(&str, &str); 11] = [
    ("universal", include_str!("../../data/models/universal.toml")),
    ("b-l", include_str!("../../data/models/b-l.toml")),
    ("by+lmu+ltau", include_str!("../../data/models/by+lmu+ltau.toml")),
    ("b-3le", include_str!("../../data/models/b-3le.toml")),
    ("b-3lmu", include_str!("../../data/models/b-3lmu.toml")),
    ("b-2le-lmu", include_str!("../../data/models/b-2le-lmu.toml")),
    ("b-le-2lmu", include_str!("../../data/models/b-le-2lmu.toml")),
    ("le-lmu", include_str!("../../data/models/le-lmu.toml")),
    ("le-ltau", include_str!("../../data/models/le-ltau.toml")),
    ("lmu-ltau", include_str!("../../data/models/lmu-ltau.toml")),
    ("scalar", include_str!("../../data/models/scalar.toml")),
];

impl Model {
    /// Names of the models that travel with the program, in the order of the paper's table 2.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// A model that travels with the program.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Model> {
        Model::named_with(name, &[])
    }

    /// What the command line calls a model: a name, or the path of a model file (with a `/` or ending in `.toml`), with
    /// other values of some parameters, `(name, value)`.
    ///
    /// # Errors
    /// An unknown name, a file that cannot be read or is no model file, unknown parameters.
    pub fn open(name_or_path: &str, parameters: &[(String, f64)]) -> Result<Model> {
        if !is_path(name_or_path) {
            return Model::named_with(name_or_path, parameters);
        }
        let text = reading::text(Path::new(name_or_path), Kind::Document)?;
        Model::parse_with(name_or_path, &text, parameters)
    }

    fn named_with(name: &str, parameters: &[(String, f64)]) -> Result<Model> {
        let (name, text) = EMBEDDED
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Error::unknown_name("model", name, Model::names()))?;
        Model::parse_with(&format!("models/{name}.toml"), text, parameters)
    }

    /// All of them.
    ///
    /// # Errors
    /// None in practice: the files are part of the program and tested.
    pub fn all() -> Result<Vec<Model>> {
        Model::names().map(Model::named).collect()
    }

    /// A model by name, or from a file: whatever ends in `.toml` or has a folder in it.
    ///
    /// # Errors
    /// An unknown name; a file that cannot be read or is not of the form; a file that gives the name of a model that
    /// travels with the program to another one, as bounds would then stand beside the wrong published ones.
    pub fn find(text: &str, anomalies: Anomalies) -> Result<Model> {
        if !is_path(text) {
            return Model::named(text);
        }
        let contents = reading::text(Path::new(text), Kind::Document)?;
        let model = Model::read(text, &contents, &[], anomalies)?;
        match Model::named(&model.name) {
            Ok(known) if known.mediators != model.mediators => Err(Error::InFile {
                path: text.to_owned(),
                line: 1,
                quantity: "name".to_owned(),
                value: format!("'{}'", model.name),
                bound: "another than those of the models that travel with the program, as this is none of them"
                    .to_owned(),
            }),
            _ => Ok(model),
        }
    }
}

/// Whether a text is a file rather than a name.
fn is_path(text: &str) -> bool {
    text.ends_with(".toml") || text.contains(['/', '\\'])
}
