//! `manifest.json`: what each product was made from, and the digest of each of its files.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::base::provenance::sha256;
use crate::base::reading::{self, Kind};
use crate::output::json;

/// Its name in the folder.
pub const MANIFEST: &str = "manifest.json";
/// Grows when the form of the manifest changes; one of another form counts as none.
const FORMAT_VERSION: u32 = 1;

/// All products of a folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    format_version: u32,
    /// By name of the product.
    pub products: BTreeMap<String, Entry>,
}

/// One product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What it was made from.
    pub inputs: serde_json::Value,
    /// SHA-256 of each file, by its path in the folder.
    pub files: BTreeMap<String, String>,
    /// Points of a map whose chi2 is missing.
    pub missing_points: usize,
}

impl Default for Manifest {
    fn default() -> Manifest {
        Manifest { format_version: FORMAT_VERSION, products: BTreeMap::new() }
    }
}

impl Manifest {
    /// The manifest of a folder. One that is missing, of another form, or no JSON is an empty one: all is made anew.
    ///
    /// # Errors
    /// [`crate::Error::Io`] where there is one that cannot be read.
    pub fn read(folder: &Path) -> Result<Manifest> {
        let path = folder.join(MANIFEST);
        let Some(text) = reading::text_if_any(&path, Kind::Record)? else { return Ok(Manifest::default()) };
        Ok(Manifest::parse(&text))
    }

    /// The manifest in a text, with what is safe to be believed: an empty one where it is none of this form.
    pub fn parse(text: &str) -> Manifest {
        let manifest = serde_json::from_str::<Manifest>(text).unwrap_or_default();
        if manifest.format_version == FORMAT_VERSION { manifest } else { Manifest::default() }
    }

    /// SHA-256 by name of the files in a folder that are the program's by this manifest of it, itself included.
    ///
    /// # Errors
    /// As for [`Manifest::read`].
    pub fn own(&self, folder: &Path) -> Result<BTreeMap<String, String>> {
        let mut own: BTreeMap<_, _> = self.products.values().flat_map(|entry| entry.files.clone()).collect();
        if !own.is_empty() {
            own.insert(MANIFEST.to_owned(), sha256(&reading::bytes(&folder.join(MANIFEST), Kind::Record)?));
        }
        Ok(own)
    }

    /// As a file.
    ///
    /// # Errors
    /// None in practice: JSON can hold it.
    pub fn to_json(&self) -> Result<String> {
        json(self)
    }

    /// Whether a product stands in the folder as it would be made from these inputs: none of its files is missing or
    /// has been altered.
    pub fn is_current(&self, folder: &Path, product: &str, inputs: &serde_json::Value) -> bool {
        let Some(entry) = self.products.get(product).filter(|entry| entry.inputs == *inputs) else { return false };
        let untouched = |(path, digest): (&String, &String)| {
            is_within(path)
                && reading::bytes(&folder.join(path), Kind::Product).is_ok_and(|bytes| sha256(&bytes) == *digest)
        };
        !entry.files.is_empty() && entry.files.iter().all(untouched)
    }
}

/// Whether a path leads to a file of the folder that it is relative to.
fn is_within(path: &str) -> bool {
    Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_product_is_current_until_its_inputs_or_files_change() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("a.txt"), "contents").unwrap();
        let inputs = serde_json::json!({ "grid": [3, 4] });
        let entry = Entry {
            inputs: inputs.clone(),
            files: [("a.txt".to_owned(), sha256(b"contents"))].into(),
            missing_points: 0,
        };
        let manifest = Manifest { products: [("a".to_owned(), entry)].into(), ..Manifest::default() };
        fs::write(path.join(MANIFEST), manifest.to_json().unwrap()).unwrap();
        assert_eq!(Manifest::read(path).unwrap(), manifest);
        assert!(manifest.is_current(path, "a", &inputs));
        assert!(!manifest.is_current(path, "b", &inputs));
        assert!(!manifest.is_current(path, "a", &serde_json::json!({ "grid": [3, 5] })));
        fs::write(path.join("a.txt"), "contentz").unwrap();
        assert!(!manifest.is_current(path, "a", &inputs));
        fs::remove_file(path.join("a.txt")).unwrap();
        assert!(!manifest.is_current(path, "a", &inputs));
    }

    #[test]
    fn what_is_no_manifest_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Manifest::read(folder.path()).unwrap(), Manifest::default());
        for text in ["", "{", "[]", r#"{"format_version":2,"products":{}}"#] {
            fs::write(folder.path().join(MANIFEST), text).unwrap();
            assert_eq!(Manifest::read(folder.path()).unwrap(), Manifest::default());
        }
    }
}
