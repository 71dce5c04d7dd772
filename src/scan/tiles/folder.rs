//! The folder of tiles: what of it is ours.

use std::ops::Range;

use super::file::is_of;
use super::key::{self, Key};
use crate::base::files::Folder;
use crate::base::reading::Kind;
use crate::{Error, Result};

/// Name of the folder of tiles in that of the results: hidden, and nobody else's.
pub const FOLDER: &str = ".cevscan-tiles";

/// Opens the folder of tiles below one of results; none where there is none.
///
/// # Errors
/// [`Error::NotOurs`] where it is a link or a file, or holds what no scan has written.
pub(super) fn open(results: &Folder) -> Result<Option<Folder>> {
    let Some(folder) = results.below(FOLDER)? else { return Ok(None) };
    match foreign(&folder)? {
        None => Ok(Some(folder)),
        Some(name) => {
            let reason = format!("it holds '{name}', which no scan has written");
            Err(Error::NotOurs { path: folder.path().to_owned(), reason })
        }
    }
}

/// The key of the tiles in a folder of results; none where there are none.
///
/// # Errors
/// As for the opening of the folder; a key that cannot be read.
pub fn read_key(results: &Folder) -> Result<Option<Key>> {
    open(results)?.map_or(Ok(None), |folder| Key::read(&folder))
}

/// Takes the tiles of a folder of results away, whatever scan they are of, and their folder once it is empty; only files
/// that are known by name and by key or checksum. What is left is named.
///
/// # Errors
/// As for the opening of the folder; those of the system.
pub fn discard(results: &Folder) -> Result<Vec<String>> {
    let Some(folder) = open(results)? else { return Ok(Vec::new()) };
    folder.sweep()?;
    let key = Key::read(&folder).ok().flatten();
    let digest = key.as_ref().map(Key::digest).transpose()?;
    for (name, _) in tiles(&folder)? {
        if folder.read(&name, Kind::Tile.longest())?.is_some_and(|bytes| is_of(&bytes, digest.as_ref())) {
            folder.remove(&name)?;
        }
    }
    // Last: what a kill leaves of the tiles still has its key.
    if key.is_some() {
        folder.remove(key::FILE)?;
    }
    folder.sync()?;
    if results.remove_if_empty(FOLDER)? {
        results.sync()?;
        return Ok(Vec::new());
    }
    let left = folder.names()?;
    Ok(left.iter().map(|name| folder.path().join(name).display().to_string()).collect())
}

/// Name of the file of some rows.
pub(super) fn name(rows: &Range<usize>) -> String {
    format!("rows-{:09}-{:09}.tile", rows.start, rows.end)
}

/// Files that are tiles by their names.
pub(super) fn tiles(folder: &Folder) -> Result<Vec<(String, Range<usize>)>> {
    let of = |name: std::ffi::OsString| {
        let name = name.into_string().ok()?;
        let rows = rows(&name)?;
        Some((name, rows))
    };
    Ok(folder.names()?.into_iter().filter_map(of).collect())
}

/// The rows that a file's name says.
fn rows(file: &str) -> Option<Range<usize>> {
    let (start, end) = file.strip_prefix("rows-")?.strip_suffix(".tile")?.split_once('-')?;
    let rows: Range<usize> = start.parse().ok()?..end.parse().ok()?;
    // One spelling of each.
    (rows.start < rows.end && name(&rows) == file).then_some(rows)
}

/// A name that no scan gives.
fn foreign(folder: &Folder) -> Result<Option<String>> {
    let is_ours = |name: &str| name == key::FILE || rows(name).is_some() || name.starts_with(".cevscan-");
    let names = folder.names()?;
    let foreign = names.iter().find(|name| !name.to_str().is_some_and(is_ours));
    Ok(foreign.map(|name| name.to_string_lossy().into_owned()))
}
