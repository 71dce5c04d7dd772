//! Maps that a scan has written, with their records: the one place that reads them, with one set of checks, for pictures,
//! exports and whatever else is made of them.

use std::io::{BufReader, ErrorKind, Read, Seek as _};
use std::path::{Path, PathBuf};

use crate::base::files::{Folder, open_current};
use crate::base::provenance::{sha256, sha256_of};
use crate::base::reading::Kind;
use crate::scan::Map;
use crate::{Error, Result};

use super::record_check::{parse_record, read_record};
use super::run_record::{MAP, RECORD, RunRecord};
use super::saved_map::read_map;

/// A map with what is recorded of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// The map, with what its record says of it.
    pub map: Map,
    /// Its record, if it stands beside the map.
    pub record: Option<RunRecord>,
    /// Path of the record.
    pub record_path: PathBuf,
    /// SHA-256 of its file; empty where there is none.
    pub record_digest: String,
    /// What a person should know: files beside that are not those of the record.
    pub notes: Vec<String>,
}

/// Reads a map, from its folder or by its own path, and the record beside it.
///
/// # Errors
/// Those of [`read_map`] and [`read_record`]; a record of other bytes than the map's.
pub fn open_saved(path: &Path) -> Result<Saved> {
    let stands = path.metadata().is_ok_and(|metadata| !metadata.is_dir());
    let is_map = stands || path.extension().is_some_and(|ending| ending == "npz");
    let npz = if is_map { path.to_owned() } else { path.join(MAP) };
    let record_path = npz.with_file_name(RECORD);
    let mut file = open_current(&npz, Kind::Map)?;
    let digest = sha256_of(&mut file).and_then(|digest| file.rewind().map(|()| digest));
    let digest = digest.map_err(Error::io("read", &npz))?;
    let mut map = read_map(BufReader::new(file), &npz.display().to_string())?;
    let name = record_path.display().to_string();
    let text = text(&record_path)?;
    let record_digest = text.as_ref().map_or(String::new(), |text| sha256(text.as_bytes()));
    let record = text.map(|text| read_record(&name, &text, &map)).transpose()?;
    let mut notes = Vec::new();
    if let Some(record) = &record {
        // A map may have been renamed; its record knows it by the name that the scan gave it.
        if record.files.get(MAP).is_some_and(|recorded| *recorded != digest) {
            return Err(Error::NotOfForm {
                path: name,
                form: "record of this map",
                reason: format!("the SHA-256 that it holds is not that of {}", npz.display()),
            });
        }
        notes = altered(record, &npz)?;
        map.model.clone_from(&record.inputs.model);
        map.is_expected = Some(record.is_expected());
        map.engine.clone_from(&record.engine);
        map.certificate.clone_from(&record.certificate);
        map.interpolation.clone_from(&record.interpolation);
    }
    Ok(Saved { map, record, record_path, record_digest, notes })
}

/// The record in a folder, whatever stands beside it, and the SHA-256 of its file; none where there is none.
///
/// # Errors
/// A file that is no record.
pub fn record_in(folder: &Folder) -> Result<Option<(RunRecord, String)>> {
    let Some(bytes) = folder.read(RECORD, Kind::Record.longest())? else { return Ok(None) };
    let record = parse_record(&folder.path_of(RECORD).display().to_string(), &String::from_utf8_lossy(&bytes))?;
    Ok(Some((record, sha256(&bytes))))
}

impl Saved {
    /// The map and its record.
    ///
    /// # Errors
    /// [`Error::Io`] where there is no record.
    pub fn recorded(self) -> Result<(Map, RunRecord)> {
        let record = self.record.ok_or_else(|| Error::io("read", &self.record_path)(ErrorKind::NotFound.into()))?;
        Ok((self.map, record))
    }
}

fn text(path: &Path) -> Result<Option<String>> {
    match open_current(path, Kind::Record) {
        Ok(file) => {
            let mut text = String::new();
            file.take(Kind::Record.longest()).read_to_string(&mut text).map_err(Error::io("read", path))?;
            Ok(Some(text))
        }
        Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Says which files beside the map are not those that the record is of: nothing is made of them, but who looks at them
/// should know.
fn altered(record: &RunRecord, npz: &Path) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    for (name, recorded) in record.files.iter().filter(|(name, _)| *name != MAP) {
        let is_plain = !name.contains(['/', '\\']) && !name.starts_with('.');
        let path = npz.with_file_name(if is_plain { name } else { continue });
        let digest = match open_current(&path, Kind::Product) {
            Ok(file) => sha256_of(file).map_err(Error::io("read", &path))?,
            Err(Error::Io { source, .. }) if source.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if digest != *recorded {
            notes.push(format!("{} is not the file that {RECORD} is of", path.display()));
        }
    }
    Ok(notes)
}
