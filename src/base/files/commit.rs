//! The record by which several files take their names together.
//!
//! Files are written and brought to the disk under names of their own. Then the record of all names is, by one rename:
//! from there on the set is the new one, whatever happens. A process that ends between two names leaves the record; the
//! next one that writes into the folder finishes what it says, and readers read through it ([`open_current`]).

use std::fs::File;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{Folder, Kind, is_unfinished};
use crate::base::provenance::{sha256, sha256_of};
use crate::base::reading;
use crate::{Error, Result};

/// Name of the record.
pub const COMMIT: &str = ".cevscan-commit";
/// The first line, before the digest of the rest.
const BEGINNING: &str = "cevscan commit 1 ";
/// Far more than the names of a set of files take.
const LONGEST_BYTES: u64 = 1 << 20;

/// A file that takes a name, or one that goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Naming {
    /// Folder below that of the record, empty for that itself.
    pub below: String,
    /// Name of the unfinished file; empty where one goes.
    pub from: String,
    /// The name that it takes, or that of the file that goes.
    pub to: String,
    /// SHA-256 of the file that goes: another one stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<String>,
    /// SHA-256 of the file whose name it takes, where the inventory knows it: one that was changed since is its user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced: Option<String>,
}

impl Naming {
    pub(super) fn new(below: &str, from: &str, to: &str, replaced: Option<String>) -> Naming {
        Naming { below: below.to_owned(), from: from.to_owned(), to: to.to_owned(), removed: None, replaced }
    }

    pub(super) fn removal(below: &str, name: &str, sha256: String) -> Naming {
        Naming {
            below: below.to_owned(),
            from: String::new(),
            to: name.to_owned(),
            removed: Some(sha256),
            replaced: None,
        }
    }
}

/// The text of a record.
pub(super) fn text(names: &[Naming]) -> Result<String> {
    let list = serde_json::to_string_pretty(names)
        .map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?;
    Ok(format!("{BEGINNING}{}\n{list}\n", sha256(list.as_bytes())))
}

/// The record in a folder, if there is one.
///
/// # Errors
/// [`Error::NotOurs`] for a file of its name that is none.
pub(super) fn read(folder: &Folder) -> Result<Option<Vec<Naming>>> {
    let Some(bytes) = folder.read(COMMIT, LONGEST_BYTES)? else { return Ok(None) };
    let parsed = || {
        let text = std::str::from_utf8(&bytes).ok()?;
        let (wanted, list) = text.strip_prefix(BEGINNING)?.split_once('\n')?;
        let list = list.strip_suffix('\n').filter(|list| sha256(list.as_bytes()) == wanted)?;
        serde_json::from_str::<Vec<Naming>>(list).ok()
    };
    let sound = |naming: &Naming| {
        let from = if naming.removed.is_some() { naming.from.is_empty() } else { is_unfinished(&naming.from) };
        from && is_name(&naming.to) && (naming.below.is_empty() || is_name(&naming.below))
    };
    match parsed().filter(|names| names.iter().all(sound)) {
        Some(names) => Ok(Some(names)),
        None => {
            Err(Error::NotOurs { path: folder.path_of(COMMIT), reason: "it is no record of this program".to_owned() })
        }
    }
}

/// The same for the record of a process that ended before it had.
///
/// # Errors
/// [`Error::NotOurs`] for a file that was changed after that process ended and before another took its name; those of
/// [`finish`].
pub(super) fn finish_late(folder: &Folder, names: &[Naming]) -> Result<()> {
    for Naming { below, from, to, replaced, .. } in names {
        let Some(replaced) = replaced else { continue };
        let place = if below.is_empty() { Some(folder.clone()) } else { folder.below(below)? };
        let Some(place) = place else { continue };
        if place.kind(from)?.is_none() {
            continue;
        }
        let Some(there) = digest_of(&place, to)? else { continue };
        if there != *replaced {
            let reason = "it was changed after a process that was to write over it was ended".to_owned();
            return Err(Error::NotOurs { path: place.path_of(to), reason });
        }
    }
    finish(folder, names)
}

/// Gives every file of a record that does not have its name yet that name, takes away those that go, then removes the
/// record.
///
/// # Errors
/// Those of the system; the record stays.
pub(super) fn finish(folder: &Folder, names: &[Naming]) -> Result<()> {
    let mut places: Vec<(&str, Folder)> = Vec::new();
    for Naming { below, from, to, removed, .. } in names {
        if !places.iter().any(|(name, _)| name == below) {
            let place = match below.as_str() {
                "" => Some(folder.clone()),
                name => folder.below(name)?,
            };
            // A folder that the user took away had its file, or nothing to keep it in.
            let Some(place) = place else { continue };
            places.push((below, place));
        }
        let Some((_, place)) = places.iter().find(|(name, _)| name == below) else { continue };
        match removed {
            Some(sha256) => take_away(place, to, sha256)?,
            None if place.kind(from)?.is_some() => place.rename(from, to)?,
            None => {}
        }
    }
    places.iter().try_for_each(|(_, place)| place.sync())?;
    folder.remove(COMMIT)?;
    folder.sync()
}

/// Removes a file if it is the one that was meant.
fn take_away(folder: &Folder, name: &str, sha256: &str) -> Result<()> {
    if digest_of(folder, name)?.is_some_and(|there| there == sha256) { folder.remove(name) } else { Ok(()) }
}

/// SHA-256 of a file, if there is one of that name.
fn digest_of(folder: &Folder, name: &str) -> Result<Option<String>> {
    let Some(Kind::File) = folder.kind(name)? else { return Ok(None) };
    let Some(file) = folder.file(name)? else { return Ok(None) };
    sha256_of(file).map(Some).map_err(Error::io("read", &folder.path_of(name)))
}

/// Opens a file to read it, as the last set of files that was finished in its folder has it: through the record of a
/// process that ended before all had their names. The folder itself is not written into.
///
/// # Errors
/// Those of [`reading::open`].
pub fn open_current(path: &Path, kind: reading::Kind) -> Result<File> {
    let parent = path.parent().unwrap_or(Path::new(""));
    let named = path.file_name().and_then(|name| name.to_str());
    // What cannot be looked into has its own error below.
    if let (Some(name), Ok(folder)) = (named, Folder::open(parent))
        && let Some(names) = read(&folder)?
        && let Some(naming) =
            names.iter().find(|naming| naming.below.is_empty() && naming.to == name && naming.removed.is_none())
        && let Some(file) = folder.file(&naming.from)?
    {
        return Ok(file);
    }
    reading::open(path, kind)
}

fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_records_of_the_program_are_followed() -> Result<()> {
        let guard = tempfile::tempdir().map_err(Error::io("create", Path::new("")))?;
        let folder = Folder::open(guard.path())?;
        let path = guard.path().join(COMMIT);
        let unfinished = format!("{}0123456789abcdef", super::super::UNFINISHED);
        let naming = |below: &str, from: &str, to: &str| Naming::new(below, from, to, None);
        let write = |text: &str| std::fs::write(&path, text).map_err(Error::io("write", &path));
        write(&text(&[naming("", &unfinished, "a"), naming("figures", &unfinished, "b")])?)?;
        assert!(read(&folder)?.is_some_and(|names| names.len() == 2));
        for names in [("", "thesis", "a"), ("", &unfinished, "../a"), ("", &unfinished, ""), ("..", &unfinished, "a")] {
            write(&text(&[naming(names.0, names.1, names.2)])?)?;
            assert!(read(&folder).is_err(), "{names:?}");
        }
        let good = text(&[naming("", &unfinished, "a")])?;
        for length in 0..good.len() {
            write(&good[..length])?;
            assert!(read(&folder).is_err(), "{length}");
        }
        Ok(())
    }

    /// A process that was ended leaves a record; what the user writes before the next one goes on is not written over.
    #[test]
    fn what_was_changed_in_between_stays() -> Result<()> {
        let guard = tempfile::tempdir().map_err(Error::io("create", Path::new("")))?;
        let folder = Folder::open(guard.path())?;
        let path = |name: &str| guard.path().join(name);
        let write = |name: &str, text: &str| std::fs::write(path(name), text).map_err(Error::io("write", &path(name)));
        let unfinished = |number: usize| format!("{}{number:016x}", super::super::UNFINISHED);
        let names: Vec<Naming> = ["a", "b"]
            .iter()
            .enumerate()
            .map(|(number, name)| Naming::new("", &unfinished(number), name, Some(sha256(b"old"))))
            .collect();
        let begin = || -> Result<()> {
            (0..2).try_for_each(|number| write(&unfinished(number), "new"))?;
            ["a", "b"].iter().try_for_each(|name| write(name, "old"))?;
            write(COMMIT, &text(&names)?)
        };
        begin()?;
        write("b", "old, and words")?;
        let told = finish_late(&folder, &names).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains('b') && told.contains("changed after a process"), "{told}");
        // Nothing was named, nothing is lost; out of the way, the set is finished.
        for (name, text) in [("a", "old"), ("b", "old, and words")] {
            assert_eq!(std::fs::read_to_string(path(name)).ok().as_deref(), Some(text));
        }
        std::fs::remove_file(path("b")).map_err(Error::io("remove", &path("b")))?;
        finish_late(&folder, &names)?;
        assert!(["a", "b"].iter().all(|name| std::fs::read_to_string(path(name)).is_ok_and(|text| text == "new")));
        // One that had its name already is not looked at again.
        begin()?;
        folder.rename(&unfinished(0), "a")?;
        finish_late(&folder, &names)?;
        assert!(["a", "b"].iter().all(|name| std::fs::read_to_string(path(name)).is_ok_and(|text| text == "new")));
        Ok(())
    }

    /// A file goes only if it is the one that was meant, and only by a record that is sound.
    #[test]
    fn only_the_file_that_was_meant_goes() -> Result<()> {
        let guard = tempfile::tempdir().map_err(Error::io("create", Path::new("")))?;
        let folder = Folder::open(guard.path())?;
        let write = |name: &str, text: &str| {
            let path = guard.path().join(name);
            std::fs::write(&path, text).map_err(Error::io("write", &path))
        };
        write("piece", "ours")?;
        write("thesis", "words")?;
        let names = ["piece", "thesis"].map(|name| Naming::removal("", name, sha256(b"ours")));
        write(COMMIT, &text(&names)?)?;
        let read = read(&folder)?.unwrap_or_default();
        assert_eq!(read, names);
        finish(&folder, &read)?;
        assert_eq!(folder.names()?, ["thesis"]);
        write(COMMIT, &text(&[Naming::removal("", "../thesis", sha256(b"words"))])?)?;
        assert!(super::read(&folder).is_err());
        Ok(())
    }
}
