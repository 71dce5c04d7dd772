//! The models that travel with the program.

use std::path::Path;

use crate::base::reading::{self, Kind};
use crate::{Error, Result};

use super::{Anomalies, Model};

/// The eleven models of the paper in the order of its table 2: name and file.
const EMBEDDED: [(&str, &str); 11] = [
    ("universal", include_str!("../../../data/models/universal.toml")),
    ("b-l", include_str!("../../../data/models/b-l.toml")),
    ("by+lmu+ltau", include_str!("../../../data/models/by+lmu+ltau.toml")),
    ("b-3le", include_str!("../../../data/models/b-3le.toml")),
    ("b-3lmu", include_str!("../../../data/models/b-3lmu.toml")),
    ("b-2le-lmu", include_str!("../../../data/models/b-2le-lmu.toml")),
    ("b-le-2lmu", include_str!("../../../data/models/b-le-2lmu.toml")),
    ("le-lmu", include_str!("../../../data/models/le-lmu.toml")),
    ("le-ltau", include_str!("../../../data/models/le-ltau.toml")),
    ("lmu-ltau", include_str!("../../../data/models/lmu-ltau.toml")),
    ("scalar", include_str!("../../../data/models/scalar.toml")),
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
        let (path, text) = embedded(name)?;
        Model::parse(&path, text)
    }

    /// All of them.
    ///
    /// # Errors
    /// None in practice: the files are part of the program and tested.
    pub fn all() -> Result<Vec<Model>> {
        Model::names().map(Model::named).collect()
    }

    /// The one door for models that a user names: a name, or the path of a model file (whatever ends in `.toml` or has a
    /// folder in it), with other values of some parameters, `(name, value)`. A model that these make another one has them
    /// in its name and label: `by+lmu+ltau_y-1`.
    ///
    /// # Errors
    /// An unknown name; a file that cannot be read or is not of the form; unknown parameters; an anomaly where it is
    /// refused; a file that gives the name of a model that travels with the program to another one, as bounds would then
    /// stand beside the wrong published ones, or a name that means something else where models are named.
    pub fn open(text: &str, parameters: &[(String, f64)], anomalies: Anomalies) -> Result<Model> {
        let from_file = is_path(text);
        let (path, contents) = match from_file {
            true => (text.to_owned(), reading::text(Path::new(text), Kind::Document)?),
            false => embedded(text).map(|(path, contents)| (path, contents.to_owned()))?,
        };
        let plain = Model::read(&path, &contents, &[], anomalies)?;
        if from_file {
            let is_other = Model::named(&plain.name).is_ok_and(|known| known.mediators != plain.mediators);
            if is_other || RESERVED_NAMES.contains(&plain.name.as_str()) {
                return Err(Error::InFile {
                    line: 1 + contents.lines().position(|line| line.trim_start().starts_with("name")).unwrap_or(0),
                    path,
                    quantity: "name".to_owned(),
                    value: format!("'{}'", plain.name),
                    bound: format!(
                        "another than those of the models that travel with the program, as this is none of them, and none \
                         of {}",
                        RESERVED_NAMES.join(", ")
                    ),
                });
            }
        }
        if parameters.is_empty() {
            return Ok(plain);
        }
        let mut model = Model::read(&path, &contents, parameters, anomalies)?;
        if model.mediators != plain.mediators {
            for (name, value) in parameters {
                model.name += &format!("_{name}{value}");
                model.label += &format!(", {name} = {value}");
            }
        }
        Ok(model)
    }
}

/// What stands for no single model where a model can be named.
const RESERVED_NAMES: [&str; 3] = ["all", "dark-photon", "standard-model"];

/// Path, for messages, and text of a model that travels with the program.
fn embedded(name: &str) -> Result<(String, &'static str)> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == name);
    let (name, text) = found.ok_or_else(|| Error::unknown_name("model", name, Model::names()))?;
    Ok((format!("models/{name}.toml"), text))
}

/// Whether a text is a file rather than a name.
fn is_path(text: &str) -> bool {
    text.ends_with(".toml") || text.contains(['/', '\\'])
}
