//! Every input that the values of a map follow from.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::analysis::Analysis;
use crate::reading::{self, Kind};
use crate::scan::Plane;
use crate::{Error, Result};

/// What a tile is bound to, and the words that lead to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Inputs by name; tiles are of the same scan where all are the same.
    pub inputs: BTreeMap<String, String>,
    /// Arguments that `scan` was called with, but those that change no value.
    pub arguments: Vec<String>,
    /// Which part of the rows this process does, `[part, of]`, counted from 1.
    pub shard: Option<[usize; 2]>,
}

impl Key {
    /// The key of an analysis over a plane. `engine` names all that the last digits depend on.
    pub fn new(analysis: &Analysis, plane: &Plane, engine: &str, arguments: Vec<String>) -> Key {
        let range = |values: &[f64]| format!("{:e} to {:e}", values[0], values[values.len() - 1]);
        let data: Vec<String> = (analysis.channels.iter())
            .map(|channel| format!("{:?} {:?}", channel.experiment.dataset, channel.experiment.fit))
            .collect();
        let inputs = [
            ("version", env!("CARGO_PKG_VERSION").to_owned()),
            ("model", analysis.model.name.clone()),
            ("contents of the model", sha256(&format!("{:?}", analysis.model))),
            ("data", analysis.data_name()),
            ("contents of the data", sha256(&data.join("\n"))),
            ("mass (MeV)", range(&plane.mass.values)),
            ("coupling", range(&plane.coupling.values)),
            ("grid", format!("{}x{}", plane.mass.len(), plane.coupling.len())),
            ("engine", engine.to_owned()),
        ];
        Key { inputs: inputs.map(|(name, value)| (name.to_owned(), value)).into(), arguments, shard: None }
    }

    /// The key in a file; none where there is no file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no key.
    pub fn read(path: &Path) -> Result<Option<Key>> {
        let Some(text) = reading::text_if_any(path, Kind::Record)? else { return Ok(None) };
        Key::parse(&path.display().to_string(), &text).map(Some)
    }

    /// The key in the text of its file; `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Malformed`] for what is no key, and for a shard that is none.
    pub fn parse(path: &str, text: &str) -> Result<Key> {
        let malformed = |line: usize, reason: String| Error::Malformed {
            path: path.to_owned(),
            line: line.max(1),
            found: text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim().to_owned(),
            reason,
        };
        let key: Key = serde_json::from_str(text).map_err(|error| malformed(error.line(), error.to_string()))?;
        match key.shard {
            Some([part, of]) if !(1..=of).contains(&part) => {
                Err(malformed(1, format!("shard {part} of {of}, but must be from 1 to their number")))
            }
            _ => Ok(key),
        }
    }

    /// As it stands in its file.
    ///
    /// # Errors
    /// None for a key that was made here.
    pub fn text(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self);
        Ok(text.map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })? + "\n")
    }

    /// What tiles carry: the digest of the inputs.
    ///
    /// # Errors
    /// As for [`Key::text`].
    pub fn digest(&self) -> Result<[u8; 32]> {
        let text = serde_json::to_vec(&self.inputs);
        let text = text.map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?;
        Ok(Sha256::digest(text).into())
    }

    /// Refuses tiles, kept in `folder` under this key, for a scan of another.
    ///
    /// # Errors
    /// [`Error::OtherInputs`], naming what differs.
    pub fn require_same(&self, wanted: &Key, folder: &Path) -> Result<()> {
        let names = self.inputs.keys().chain(wanted.inputs.keys()).collect::<std::collections::BTreeSet<_>>();
        let differences: Vec<String> = names
            .into_iter()
            .filter(|name| self.inputs.get(*name) != wanted.inputs.get(*name))
            .map(|name| {
                let value = |key: &Key| key.inputs.get(name).map_or("nothing".to_owned(), |value| shorten(value));
                format!("{name} is {} there and {} here", value(self), value(wanted))
            })
            .collect();
        if differences.is_empty() {
            return Ok(());
        }
        Err(Error::OtherInputs { folder: folder.to_owned(), differences: differences.join("; ") })
    }
}

/// A digest by its beginning.
fn shorten(value: &str) -> String {
    if value.len() == 64 && !value.contains(' ') { format!("{}...", &value[..12]) } else { value.to_owned() }
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
