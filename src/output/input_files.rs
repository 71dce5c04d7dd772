//! The files that a model or a dataset is made from, for the record of a run.

use std::collections::BTreeSet;
use std::path::Path;

use toml::Value;

use crate::base::provenance::sha256;
use crate::base::reading::{self, Kind};
use crate::dataset::Dataset;

use super::run_record::InputFile;

/// Longer files are recorded by their digests alone.
const LONGEST_TEXT_BYTES: usize = 1 << 20;
/// The dataset file of a folder.
const DATASET: &str = "dataset.toml";
/// Names of other files in a file of more than this are no files of a model or a dataset.
const MOST_FILES: usize = 1000;

/// The files that a model and a list of datasets are made from, as far as they are files.
pub fn files_behind(model: Option<&str>, data: &str) -> Vec<InputFile> {
    let names = model.map(str::to_owned).into_iter().chain(Dataset::split_list(data));
    names.flat_map(|name| files_of(Path::new(&name))).collect()
}

/// A file of a model or a dataset, or the folder of a `dataset.toml`, and all files that it names: those that stand beside
/// it under a text that it holds, such as tables and the dataset that it varies. Nothing for a name that is no file.
///
/// What cannot be read has failed before this, where it was needed.
pub fn files_of(path: &Path) -> Vec<InputFile> {
    let first = if path.is_dir() { path.join(DATASET) } else { path.to_owned() };
    let mut seen = BTreeSet::new();
    let mut due = vec![first];
    let mut files = Vec::new();
    while let Some(path) = due.pop() {
        if files.len() >= MOST_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Ok(bytes) = reading::bytes(&path, Kind::Table) else { continue };
        let text = String::from_utf8(bytes.clone()).ok();
        if path.extension().is_some_and(|ending| ending == "toml")
            && let Some(Ok(table)) = text.as_ref().map(|text| text.parse::<toml::Table>())
        {
            let folder = path.parent().unwrap_or(Path::new(""));
            let mut named = Vec::new();
            texts(&Value::Table(table), &mut |text| named.push(folder.join(text)));
            due.extend(named.into_iter().filter(|path| path.is_file()));
        }
        files.push(InputFile {
            path: path.display().to_string(),
            sha256: sha256(&bytes),
            text: text.filter(|text| text.len() <= LONGEST_TEXT_BYTES),
        });
    }
    files
}

/// Every text in a value.
fn texts(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, each)),
        Value::Table(table) => table.values().for_each(|value| texts(value, each)),
        _ => {}
    }
}
