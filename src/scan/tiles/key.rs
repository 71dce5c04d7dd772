//! Every input that the values of a map follow from.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::analysis::Analysis;
use crate::analysis::coverage::Calibrated;
use crate::base::files::Folder;
use crate::base::provenance::{Inputs, of_the_build, require_same};
use crate::scan::{Plane, ScanRequest};
use crate::{Error, Result};

/// Its name in the folder of tiles.
pub(super) const FILE: &str = "key.json";
/// What its inputs call the digests of model and data.
pub const MODEL_CONTENTS: &str = "contents of the model";
/// See there.
pub const DATA_CONTENTS: &str = "contents of the data";
/// Far more than any request.
const LONGEST_BYTES: u64 = 1 << 22;

/// What a tile is bound to, and the request that leads to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Key {
    /// Inputs by name; tiles are of the same scan where all are the same.
    pub inputs: Inputs,
    /// What was asked for; none in keys of versions that kept a command line instead.
    #[serde(default)]
    pub request: Option<ScanRequest>,
    /// How the map is to be drawn, in the words of whoever draws it.
    #[serde(default)]
    pub drawing: serde_json::Value,
    /// Which part of the rows this process does, `[part, of]`, counted from 1.
    pub shard: Option<[usize; 2]>,
}

impl Key {
    /// The key of an analysis over a plane. `engine` names all that the last digits depend on; `options` are what else was
    /// asked for that may change a byte of any file, by name.
    pub fn new(analysis: &Analysis, plane: &Plane, engine: &str, options: Inputs, request: ScanRequest) -> Key {
        let range = |values: &[f64]| format!("{:e} to {:e}", values[0], values[values.len() - 1]);
        let of = Calibrated::new(analysis);
        let of_map = [
            ("model", of.model),
            (MODEL_CONTENTS, of.model_digest),
            ("data", of.data),
            (DATA_CONTENTS, of.data_digest),
            ("mass (MeV)", range(&plane.mass.values)),
            ("coupling", range(&plane.coupling.values)),
            ("grid", format!("{}x{}", plane.mass.len(), plane.coupling.len())),
            ("engine", engine.to_owned()),
        ];
        let mut inputs = of_the_build();
        inputs.extend(options);
        inputs.extend(of_map.map(|(name, value)| (name.to_owned(), value)));
        Key { inputs, request: Some(request), drawing: serde_json::Value::Null, shard: None }
    }

    /// The key in a folder of tiles; none where there is none.
    ///
    /// # Errors
    /// A file that cannot be read, or is no key.
    pub fn read(folder: &Folder) -> Result<Option<Key>> {
        let Some(bytes) = folder.read(FILE, LONGEST_BYTES)? else { return Ok(None) };
        Key::parse(&folder.path_of(FILE).display().to_string(), &String::from_utf8_lossy(&bytes)).map(Some)
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
    /// [`crate::Error::OtherInputs`], naming what differs.
    pub fn require_same(&self, wanted: &Key, folder: &Path) -> Result<()> {
        require_same(&self.inputs, &wanted.inputs, folder, "tiles")
    }
}
