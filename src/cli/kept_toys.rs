//! Toys of a run that was interrupted, or is a part of one, in a hidden folder below that of the results.

use std::path::PathBuf;

use crate::analysis::coverage::{Watch, are_kept_outcomes, are_kept_toys};
use crate::base::files::Folder;
use crate::base::reading::Kind;
use crate::rates::Point;
use crate::scan::Observer as _;
use crate::{Error, Result};

use super::progress::Progress;
use super::signals;

/// Hidden, and nobody else's.
const FOLDER: &str = ".cevscan-toys";
const ENDING: &str = ".toys";
/// What toys of a part are of.
const RECORD: &str = "part.json";
/// What a write that was killed leaves.
const UNFINISHED: &str = ".cevscan-";

/// What was kept below a folder of results, and below those of parts.
pub struct KeptToys<'a> {
    results: &'a Folder,
    parts: &'a [Folder],
}

impl<'a> KeptToys<'a> {
    /// Below a folder of results that is locked.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a folder of the name that is none of ours.
    pub fn of(results: &'a Folder) -> Result<KeptToys<'a>> {
        if let Some(folder) = results.below(FOLDER)? {
            let is_ours = |name: &str| name.ends_with(ENDING) || name == RECORD || name.starts_with(UNFINISHED);
            let names = folder.names()?;
            if let Some(name) = names.iter().find(|name| !name.to_str().is_some_and(is_ours)) {
                let reason = format!("it holds '{}', which is none of its files", name.to_string_lossy());
                return Err(Error::NotOurs { path: folder.path().to_owned(), reason });
            }
            folder.sweep()?;
        }
        Ok(KeptToys::to_read(results))
    }

    /// Below a folder in which nothing is to be changed.
    pub fn to_read(results: &'a Folder) -> KeptToys<'a> {
        KeptToys { results, parts: &[] }
    }

    /// With what the folders of parts hold.
    pub fn with_parts(self, parts: &'a [Folder]) -> KeptToys<'a> {
        KeptToys { parts, ..self }
    }

    /// The toys of a name, whatever they are of.
    ///
    /// # Errors
    /// Those of the system.
    pub fn take(&self, name: &str) -> Result<Option<Vec<u8>>> {
        for results in std::iter::once(self.results).chain(self.parts) {
            let Some(folder) = results.below(FOLDER)? else { continue };
            let found = folder.read(&format!("{name}{ENDING}"), Kind::Tile.longest())?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// What toys of a part are of.
    ///
    /// # Errors
    /// Those of the system.
    pub fn record(&self) -> Result<Option<Vec<u8>>> {
        match self.results.below(FOLDER)? {
            Some(folder) => folder.read(RECORD, Kind::Record.longest()),
            None => Ok(None),
        }
    }

    /// Keeps that.
    ///
    /// # Errors
    /// Those of the system.
    pub fn keep_record(&self, record: &[u8]) -> Result<()> {
        self.results.make_below(FOLDER)?.write(RECORD, record)
    }

    /// Where it stands, for messages.
    pub fn record_path(&self) -> PathBuf {
        self.results.path().join(FOLDER).join(RECORD)
    }

    /// Keeps toys under a name.
    ///
    /// # Errors
    /// Those of the system.
    pub fn keep(&self, name: &str, toys: &[u8]) -> Result<()> {
        self.results.make_below(FOLDER)?.write(&format!("{name}{ENDING}"), toys)
    }

    /// Takes away what is of our forms, and the folder once it is empty.
    ///
    /// # Errors
    /// Those of the system.
    pub fn discard(&self) -> Result<()> {
        let Some(folder) = self.results.below(FOLDER)? else { return Ok(()) };
        let is_ours = |bytes: &[u8]| are_kept_toys(bytes) || are_kept_outcomes(bytes);
        for name in folder.names()?.iter().filter_map(|name| name.to_str()) {
            let is_toys =
                name.ends_with(ENDING) && folder.read(name, Kind::Tile.longest())?.is_some_and(|bytes| is_ours(&bytes));
            if is_toys || name == RECORD {
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

/// The name of the toys of a point.
pub fn point_name(number: usize) -> String {
    format!("point-{:04}", number + 1)
}

/// Anchors that are expected before it is known how many it takes.
pub const EXPECTED_ANCHORS: usize = 3;

/// Keeps what is made, takes what was kept, and says which anchor is worked on.
pub struct Keeping<'a> {
    pub progress: &'a Progress,
    pub kept: &'a KeptToys<'a>,
    /// Toys of an anchor or a point, and how many of these were expected.
    pub toys: usize,
    pub expected: usize,
}

impl Watch for Keeping<'_> {
    fn done(&self, toys: usize) -> Result<()> {
        self.progress.advance(toys);
        signals::check()
    }

    fn anchor(&self, number: usize, Point { mass_mev, coupling }: Point, error: f64) {
        if number > self.expected {
            self.progress.expect(number * self.toys);
        }
        let why = match (number, error.is_finite()) {
            (1, _) => String::new(),
            (_, true) => format!(" (so far {:.2} %)", 100.0 * error),
            (_, false) => " (not reached by those before)".to_owned(),
        };
        self.progress.notice(&format!("anchor {number} at {mass_mev:.4} MeV, {coupling:.3e}{why}"));
    }

    fn take(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.kept.take(name)
    }

    fn keep(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.kept.keep(name, bytes)
    }

    fn notice(&self, text: &str) {
        self.progress.notice(text);
    }
}
