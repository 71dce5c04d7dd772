//! The datasets that travel with the program.

use std::path::Path;

use crate::{Error, Result};

use super::Dataset;

/// Where the tables that a dataset file names are found.
pub(super) enum Tables<'a> {
    /// In the program.
    Embedded(&'static [(&'static str, &'static str)]),
    /// Beside the dataset file.
    Directory(&'a Path),
}

impl Tables<'_> {
    /// The text of a table and the path to name in messages.
    pub(super) fn read(&self, name: &str) -> Result<(String, String)> {
        match self {
            Tables::Embedded(files) => files
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()))
                .ok_or_else(|| Error::unknown_name("table", name, files.iter().map(|(file, _)| *file))),
            Tables::Directory(directory) => {
                let path = directory.join(name);
                let text = std::fs::read_to_string(&path).map_err(Error::io("read", &path))?;
                Ok((path.display().to_string(), text))
            }
        }
    }
}

macro_rules! tables {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../data/", $folder, "/", $file)))),+]
    };
}

const CSI: &[(&str, &str)] = tables!("csi2021":
    "dataset.toml", "counts.txt", "steady_state.txt", "brn.txt", "nin.txt", "quenching.txt", "efficiency.txt",
    "beam_trace.txt",
);

const LAR: &[(&str, &str)] = tables!("lar2020":
    "dataset.toml", "counts.txt", "steady_state.txt", "brn_prompt.txt", "brn_delayed.txt", "efficiency.txt",
    "shape_cevns_f90.txt", "shape_cevns_trigger_time.txt", "shape_pbrn_energy.txt", "shape_pbrn_trigger_time.txt",
    "shape_pbrn_trigger_width.txt",
);

const EMBEDDED: [(&str, &[(&str, &str)]); 2] = [("csi", CSI), ("lar", LAR)];

impl Dataset {
    /// Names of the datasets that travel with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// A dataset that travels with the program: `csi` (2021) or `lar` (2020).
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Dataset> {
        let (_, files) = EMBEDDED
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Error::unknown_name("dataset", name, Dataset::names()))?;
        let tables = Tables::Embedded(files);
        let (_, text) = tables.read("dataset.toml")?;
        Dataset::parse(&format!("{name}/dataset.toml"), &text, &tables)
    }

    /// A dataset of the user's own: a TOML file with its tables beside it.
    ///
    /// # Errors
    /// A file that cannot be read, or is not of the form (file:line).
    pub fn open(path: &Path) -> Result<Dataset> {
        let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
        let directory = path.parent().unwrap_or(Path::new("."));
        Dataset::parse(&path.display().to_string(), &text, &Tables::Directory(directory))
    }
}
