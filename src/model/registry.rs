//! The models that travel with the program.

use std::fs;
use std::path::Path;

use crate::{Error, Result};

use super::Model;

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
        if !name_or_path.contains(['/', '\\']) && !name_or_path.ends_with(".toml") {
            return Model::named_with(name_or_path, parameters);
        }
        let path = Path::new(name_or_path);
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
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
}
