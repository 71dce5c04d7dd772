//! The datasets that travel with the program.

use std::path::{Path, PathBuf};

use crate::base::reading::{self, Kind};
use crate::{Error, Result};

use super::Dataset;

/// The dataset file of a folder.
const FILE: &str = "dataset.toml";

/// Where the tables that a dataset file names are found.
pub(super) enum Tables<'a> {
    /// In the program.
    Embedded(&'a [(&'a str, &'a str)]),
    /// Beside the dataset file.
    Directory(PathBuf),
}

/// A dataset file that another one varies.
pub(super) struct Base {
    pub path: String,
    pub text: String,
    pub tables: Tables<'static>,
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
                Ok((path.display().to_string(), reading::text(&path, Kind::Table)?))
            }
        }
    }

    /// The dataset file of a name, or of a path beside this one.
    pub(super) fn base(&self, name: &str) -> Result<Base> {
        match self {
            Tables::Directory(directory) if is_path(name) => {
                let path = directory.join(name);
                let text = reading::text(&path, Kind::Document)?;
                Ok(Base { text, tables: Tables::Directory(folder_of(&path)), path: path.display().to_string() })
            }
            _ => {
                let (files, path) = embedded(name)?;
                let tables = Tables::Embedded(files);
                let (_, text) = tables.read(FILE)?;
                Ok(Base { path, text, tables })
            }
        }
    }
}

/// Path and text of the beam trace of CsI 2021, a pulse of the Spallation Neutron Source.
pub(super) fn beam_trace_of_csi() -> Result<(String, String)> {
    Tables::Embedded(CSI).read("beam_trace.txt")
}

/// Whether a text is a file rather than a name.
fn is_path(text: &str) -> bool {
    text.ends_with(".toml") || text.contains(std::path::is_separator)
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

/// Files and path of a dataset that travels with the program.
fn embedded(name: &str) -> Result<(&'static [(&'static str, &'static str)], String)> {
    let found = EMBEDDED.iter().find(|(known, _)| *known == name);
    let (_, files) = found.ok_or_else(|| Error::unknown_name("dataset", name, Dataset::names()))?;
    Ok((*files, format!("{name}/{FILE}")))
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

const CSI_ES: &[(&str, &str)] = tables!("csi2021-es": "dataset.toml");

/// The spectrum of solar 8B neutrinos, for every dataset that travels with the program.
const SOLAR: (&str, &str) = ("b8.txt", include_str!("../../data/solar/b8.txt"));

macro_rules! xenonnt {
    ($($file:literal),+ $(,)?) => {
        &[SOLAR, $(($file, include_str!(concat!("../../data/xenonnt2026/", $file)))),+]
    };
}

const XENONNT: &[(&str, &str)] = xenonnt!(
    "dataset.toml",
    "counts.txt",
    "accidental_sr0.txt",
    "accidental_sr1.txt",
    "accidental_sr2.txt",
    "electronic_recoils.txt",
    "neutrons.txt",
    "response_nominal.txt",
    "response_ly_up.txt",
    "response_ly_down.txt",
    "response_qy_up.txt",
    "response_qy_down.txt",
);

const CSI_FULL: &[(&str, &str)] = tables!("csi2021-full": "dataset.toml");

const EMBEDDED: [(&str, &[(&str, &str)]); 5] =
    [("csi", CSI), ("lar", LAR), ("csi-es", CSI_ES), ("csi-full", CSI_FULL), ("xenonnt", XENONNT)];

macro_rules! variations {
    ($($name:literal),+ $(,)?) => {
        &[$(($name, include_str!(concat!("../../data/variations/", $name, ".toml")))),+]
    };
}

/// Variations of the datasets; a name begins with that of the dataset.
const VARIATIONS: &[(&str, &str)] = variations!(
    "csi-quenching-a-up",
    "csi-quenching-a-down",
    "csi-quenching-b-up",
    "csi-quenching-b-down",
    "csi-efficiency-up",
    "csi-efficiency-down",
    "csi-no-skin",
    "csi-thick-skin",
    "lar-quenching-up",
    "lar-quenching-down",
    "lar-efficiency-reconstructed",
    "lar-no-skin",
    "lar-thick-skin",
);

impl Dataset {
    /// The usual variations of a dataset that travels with the program: quenching within its published errors, neutron
    /// radii, efficiency. None for any other name.
    ///
    /// # Errors
    /// None in practice: the files are part of the program and tested.
    pub fn variations(name: &str) -> Result<Vec<Dataset>> {
        let of_dataset = |variation: &str| variation.split('-').next() == Some(name);
        let own = VARIATIONS.iter().filter(|(variation, _)| of_dataset(variation));
        own.map(|(variation, text)| {
            Dataset::parse(&format!("variations/{variation}.toml"), text, &Tables::Embedded(&[]))
        })
        .collect()
    }

    /// Name and text of each file of a dataset that travels with the program, `dataset.toml` first.
    ///
    /// # Errors
    /// A name that none has.
    pub fn files_of(name: &str) -> Result<&'static [(&'static str, &'static str)]> {
        Ok(embedded(name)?.0)
    }

    /// Names of the datasets that travel with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        EMBEDDED.iter().map(|(name, _)| *name)
    }

    /// A dataset that travels with the program: `csi` (2021), `lar` (2020), `csi-es`, csi with scattering
    /// on electrons, or `xenonnt` (2026).
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any other name.
    pub fn named(name: &str) -> Result<Dataset> {
        let (files, path) = embedded(name)?;
        let tables = Tables::Embedded(files);
        let (_, text) = tables.read(FILE)?;
        Dataset::parse(&path, &text, &tables)
    }

    /// A dataset of the user's own: a TOML file with its tables beside it, or the folder of a `dataset.toml`.
    ///
    /// # Errors
    /// A file that cannot be read, or is not of the form (file:line); one that gives the name of a dataset that travels
    /// with the program to another one, as bounds would then stand beside the wrong published ones.
    pub fn open(path: &Path) -> Result<Dataset> {
        let path = if path.is_dir() { path.join(FILE) } else { path.to_owned() };
        let text = reading::text(&path, Kind::Document)?;
        let dataset = Dataset::parse(&path.display().to_string(), &text, &Tables::Directory(folder_of(&path)))?;
        match Dataset::known(&dataset.name) {
            Ok(known) if known != dataset => Err(Error::InFile {
                path: path.display().to_string(),
                line: 1 + text.lines().position(|line| line.trim_start().starts_with("name")).unwrap_or(0),
                quantity: "name".to_owned(),
                value: format!("'{}'", dataset.name),
                bound: "another than those of the datasets that travel with the program, as this is none of them"
                    .to_owned(),
            }),
            _ => Ok(dataset),
        }
    }

    /// A dataset or a variation that travels with the program.
    fn known(name: &str) -> Result<Dataset> {
        match VARIATIONS.iter().find(|(variation, _)| *variation == name) {
            Some((variation, contents)) => {
                Dataset::parse(&format!("variations/{variation}.toml"), contents, &Tables::Embedded(&[]))
            }
            None => Dataset::named(name),
        }
    }

    /// A dataset by name, or from a file or folder: whatever ends in `.toml` or has a folder in it.
    ///
    /// # Errors
    /// Those of [`Dataset::named`] and [`Dataset::open`].
    pub fn find(text: &str) -> Result<Dataset> {
        if is_path(text) { Dataset::open(Path::new(text)) } else { Dataset::known(text) }
    }

    /// The names and paths of a list that `+` joins. A path that exists is one, whatever `+` is in it, the longest first.
    pub fn split_list(text: &str) -> Vec<String> {
        let parts: Vec<&str> = text.split('+').collect();
        let exists = |path: &str| is_path(path) && Path::new(path).exists();
        let mut found = Vec::new();
        let mut from = 0;
        while from < parts.len() {
            let joined = |to: usize| parts[from..to].join("+").trim().to_owned();
            let path = (from + 2..=parts.len()).rev().find(|to| exists(&joined(*to)));
            let to = path.unwrap_or(from + 1);
            found.push(joined(to));
            from = to;
        }
        found
    }

    /// A dataset from the text of its file and of the tables it names, for tests of what files may hold.
    ///
    /// # Errors
    /// Those of [`Dataset::open`].
    #[doc(hidden)]
    pub fn from_texts(text: &str, tables: &[(&str, &str)]) -> Result<Dataset> {
        Dataset::parse(FILE, text, &Tables::Embedded(tables))
    }
}
