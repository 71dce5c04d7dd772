//! What a command did to files, played again up to any step on a disk of the imagination: what a kill leaves, and what
//! the disk holds after a power failure, when only what was brought to it counts.

#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot go on must panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// Names the file for the recording.
pub const RECORDING: &str = cevscan::base::files::RECORDING_VARIABLE;

#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub enum Operation {
    MakeFolder {},
    RemoveFolder {},
    Create { path: PathBuf },
    Sync { path: PathBuf, contents: String },
    Rename { from: PathBuf, to: PathBuf },
    Remove { path: PathBuf },
    SyncFolder { path: PathBuf },
}

/// The steps of a recording; its last line may have been cut by a kill.
pub fn operations(recording: &str) -> Vec<Operation> {
    recording.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

/// What ended the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A kill: all that was done is there, the file that was being written in part.
    Kill,
    /// A power failure: names as they were when their folder was last brought to the disk, contents likewise.
    Power,
    /// Another: names were on the disk before they had to be, contents were not.
    PowerNamesFirst,
}

impl Cut {
    pub const ALL: [Cut; 3] = [Cut::Kill, Cut::Power, Cut::PowerNamesFirst];
}

/// Names and contents. A file is its number; links and owners do not matter here.
#[derive(Debug, Clone, Default)]
pub struct Disk {
    names: BTreeMap<PathBuf, usize>,
    contents: Vec<Vec<u8>>,
}

impl Disk {
    /// A folder that held some files, after some steps of a command and its end.
    pub fn after(folder: &Path, before: &BTreeMap<String, Vec<u8>>, steps: &[Operation], cut: Cut) -> Disk {
        let mut live = Disk::default();
        for (name, contents) in before {
            live.names.insert(folder.join(name), live.contents.len());
            live.contents.push(contents.clone());
        }
        let mut synced = live.names.clone();
        let within = |path: &Path| path.starts_with(folder);
        for (number, step) in steps.iter().enumerate() {
            match step {
                Operation::Create { path } if within(path) => {
                    live.names.insert(path.clone(), live.contents.len());
                    live.contents.push(Vec::new());
                }
                Operation::Sync { path, contents } if within(path) => {
                    let contents = STANDARD.decode(contents).unwrap();
                    let last = number + 1 == steps.len();
                    // The last one is cut in its middle.
                    let length = if last { contents.len() / 2 } else { contents.len() };
                    live.contents[live.names[path]] = contents[..length].to_vec();
                }
                Operation::Rename { from, to } if within(to) => {
                    let file = live.names.remove(from).unwrap();
                    live.names.insert(to.clone(), file);
                }
                Operation::Remove { path } if within(path) => {
                    // The lock comes and goes without a word.
                    live.names.remove(path);
                }
                Operation::SyncFolder { path } if within(path) => {
                    let here = |name: &Path| name.parent() == Some(path.as_path());
                    synced.retain(|name, _| !here(name));
                    synced.extend(
                        live.names.iter().filter(|(name, _)| here(name)).map(|(name, file)| (name.clone(), *file)),
                    );
                }
                _ => {}
            }
        }
        let names = if cut == Cut::Power { synced } else { live.names };
        let mut disk = Disk { names, contents: live.contents };
        disk.names =
            disk.names.into_iter().map(|(path, file)| (path.strip_prefix(folder).unwrap().to_owned(), file)).collect();
        if cut == Cut::PowerNamesFirst
            && let Some(Operation::Sync { .. } | Operation::Create { .. }) = steps.last()
        {
            // Of what was not brought to the disk nothing is there but the name.
            if let Some(last) = disk.contents.last_mut() {
                last.clear();
            }
        }
        disk
    }

    /// The files by their paths in the folder.
    pub fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        self.names.iter().map(|(path, file)| (path.clone(), self.contents[*file].clone())).collect()
    }

    /// Makes it real.
    pub fn write(&self, folder: &Path) {
        for (path, file) in &self.names {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, &self.contents[*file]).unwrap();
        }
    }
}
