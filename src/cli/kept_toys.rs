//! Toys of a map of critical values that was interrupted, anchor by anchor, in a hidden folder below that of the results.

use crate::base::files::Folder;
use crate::base::reading::Kind;
use crate::{Error, Result};

/// Hidden, and nobody else's.
const FOLDER: &str = ".cevscan-toys";
const ENDING: &str = ".toys";
/// What a write that was killed leaves.
const UNFINISHED: &str = ".cevscan-";

/// What was kept below a folder of results.
pub struct KeptToys<'a> {
    results: &'a Folder,
}

impl KeptToys<'_> {
    /// Below a folder of results that is locked.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a folder of the name that is none of ours.
    pub fn of(results: &Folder) -> Result<KeptToys<'_>> {
        if let Some(folder) = results.below(FOLDER)? {
            let is_ours = |name: &str| name.ends_with(ENDING) || name.starts_with(UNFINISHED);
            let names = folder.names()?;
            if let Some(name) = names.iter().find(|name| !name.to_str().is_some_and(is_ours)) {
                let reason = format!("it holds '{}', which is none of its files", name.to_string_lossy());
                return Err(Error::NotOurs { path: folder.path().to_owned(), reason });
            }
            folder.sweep()?;
        }
        Ok(KeptToys { results })
    }

    /// The toys of an anchor, whatever they are of.
    ///
    /// # Errors
    /// Those of the system.
    pub fn take(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match self.results.below(FOLDER)? {
            Some(folder) => folder.read(&format!("{name}{ENDING}"), Kind::Tile.longest()),
            None => Ok(None),
        }
    }

    /// Keeps those of an anchor.
    ///
    /// # Errors
    /// Those of the system.
    pub fn keep(&self, name: &str, toys: &[u8]) -> Result<()> {
        self.results.make_below(FOLDER)?.write(&format!("{name}{ENDING}"), toys)
    }

    /// Takes away what `is_ours` by its bytes, and the folder once it is empty.
    ///
    /// # Errors
    /// Those of the system.
    pub fn discard(&self, is_ours: impl Fn(&[u8]) -> bool) -> Result<()> {
        let Some(folder) = self.results.below(FOLDER)? else { return Ok(()) };
        for name in folder.names()?.iter().filter_map(|name| name.to_str()).filter(|name| name.ends_with(ENDING)) {
            if folder.read(name, Kind::Tile.longest())?.is_some_and(|bytes| is_ours(&bytes)) {
                folder.remove(name)?;
            }
        }
        folder.sync()?;
        if self.results.remove_if_empty(FOLDER)? {
            self.results.sync()?;
        }
        Ok(())
    }
}
