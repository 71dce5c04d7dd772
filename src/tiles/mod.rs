//! Tiles of a map on disk: what a scan that was killed, or one of many machines, has finished.
//!
//! A folder `tiles` holds `key.json`, every input that the values follow from, and one file for the rows finished in an
//! interval. A tile is bound to the key by its digest, and to its own contents by a checksum; what does not fit is named
//! and never used.

mod file;
mod key;
mod lock;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use file::{decode, encode};
pub use key::Key;
pub use lock::FolderLock;

use crate::files::{Staged, TEMPORARY_PREFIX, writable_folder};
use crate::reading::{self, Kind};
use crate::scan::{Keeper, Observer, Plane, Tile};
use crate::{Error, Result};

/// Name of the folder of tiles in that of the results.
pub const FOLDER: &str = "tiles";
const KEY_FILE: &str = "key.json";

/// Tiles of one scan, in one or several folders; new ones go to the first.
pub struct Tiles<'a> {
    folders: Vec<PathBuf>,
    key: Key,
    digest: [u8; 32],
    datasets: usize,
    couplings: usize,
    interval: Duration,
    observer: &'a dyn Observer,
    state: Mutex<State>,
}

struct State {
    /// File and rows.
    known: BTreeMap<(usize, PathBuf), Range<usize>>,
    /// When tiles were last kept.
    last: Instant,
    is_made: bool,
}

impl<'a> Tiles<'a> {
    /// The tiles in `results/tiles` of each folder of results. None has to be there; the first is made when a tile is
    /// kept, at most once in an interval.
    ///
    /// # Errors
    /// [`Error::OtherInputs`] where a folder holds tiles of another scan; a folder that cannot be read.
    pub fn open(
        results: &[PathBuf],
        key: Key,
        plane: &Plane,
        datasets: usize,
        interval: Duration,
        observer: &'a dyn Observer,
    ) -> Result<Tiles<'a>> {
        let folders: Vec<PathBuf> = results.iter().map(|results| results.join(FOLDER)).collect();
        let mut known = BTreeMap::new();
        for folder in &folders {
            if let Some(kept) = Key::read(&folder.join(KEY_FILE))? {
                kept.require_same(&key, folder)?;
                for (path, rows) in files_in(folder)? {
                    known.insert((rows.start, path), rows);
                }
            }
        }
        let state = Mutex::new(State { known, last: Instant::now(), is_made: false });
        let (digest, couplings) = (key.digest()?, plane.coupling.len());
        Ok(Tiles { folders, digest, key, datasets, couplings, interval, observer, state })
    }

    /// Rows that are in no tile, as ranges. Tiles are believed by their names.
    pub fn missing(&self, rows: Range<usize>) -> Vec<Range<usize>> {
        let state = self.state();
        let mut missing = Vec::new();
        let mut row = rows.start;
        for ((start, _), kept) in state.known.iter().filter(|(_, kept)| kept.end > rows.start && kept.start < rows.end)
        {
            if *start > row {
                missing.push(row..*start);
            }
            row = row.max(kept.end);
        }
        if row < rows.end {
            missing.push(row..rows.end);
        }
        missing
    }

    /// Reads every tile, and forgets those that are not what they should be; each is named.
    ///
    /// # Errors
    /// A tile that cannot be read.
    pub fn drop_unusable(&self) -> Result<()> {
        let all: Vec<Range<usize>> = self.state().known.values().cloned().collect();
        for rows in all {
            let mut row = rows.start;
            while let Some(tile) = (row < rows.end).then(|| self.take(row, rows.end)).transpose()?.flatten() {
                row = tile.rows.end;
            }
        }
        Ok(())
    }

    /// Whether anything is kept.
    pub fn is_empty(&self) -> bool {
        self.state().known.is_empty()
    }

    /// Writes the key even if no tile follows: a shard without rows is one too.
    ///
    /// # Errors
    /// Those of the system.
    pub fn claim(&self) -> Result<()> {
        self.folders.first().map_or(Ok(()), |folder| self.make(folder))
    }

    fn make(&self, folder: &Path) -> Result<()> {
        let mut state = self.state();
        if !state.is_made {
            writable_folder(folder)?;
            write(&folder.join(KEY_FILE), self.key.text()?.as_bytes())?;
            state.is_made = true;
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes the tiles of a folder of results away, whatever they are of.
///
/// # Errors
/// Those of the system.
pub fn discard(results: &Path) -> Result<()> {
    let folder = results.join(FOLDER);
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::io("remove", &folder)(error)),
        _ => Ok(()),
    }
}

/// Takes away what a process that was killed left half written in a folder of results; its lock must be held.
///
/// # Errors
/// A folder that cannot be read.
pub fn sweep(results: &Path) -> Result<()> {
    for folder in [results.to_owned(), results.join(FOLDER)] {
        for path in entries(&folder)? {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            if name.is_some_and(|name| name.starts_with(TEMPORARY_PREFIX)) {
                fs::remove_file(&path).map_err(Error::io("remove", &path))?;
            }
        }
    }
    Ok(())
}

impl Keeper for Tiles<'_> {
    fn take(&self, row: usize, end: usize) -> Result<Option<Tile>> {
        loop {
            let mut state = self.state();
            let covers = |rows: &Range<usize>| rows.start <= row && row < rows.end;
            // The one that reaches furthest, so that few files are read.
            let best = state.known.iter().filter(|(_, rows)| covers(rows)).max_by_key(|(_, rows)| rows.end);
            let Some((name, rows)) = best.map(|(name, rows)| (name.clone(), rows.clone())) else { return Ok(None) };
            let bytes = reading::bytes(&name.1, Kind::Tile)?;
            match decode(&bytes, &self.digest, self.datasets, self.couplings) {
                Ok(tile) if tile.rows == rows => return Ok(Some(tile.part(row..rows.end.min(end)))),
                Ok(_) => {
                    self.observer.notice(&format!("{} holds other rows than its name says; not used", name.1.display()))
                }
                Err(reason) => self.observer.notice(&format!("{} {reason}; not used", name.1.display())),
            }
            state.known.remove(&name);
        }
    }

    fn next(&self, row: usize) -> Option<usize> {
        self.state().known.values().map(|rows| rows.start).filter(|start| *start > row).min()
    }

    fn is_due(&self) -> bool {
        self.state().last.elapsed() >= self.interval
    }

    /// All of a shard; of other scans what is left when a long one is interrupted.
    fn keeps_rest(&self, failed: bool) -> bool {
        self.key.shard.is_some() || (failed && self.state().is_made)
    }

    fn keep(&self, tile: &Tile) -> Result<()> {
        let Some(folder) = self.folders.first() else { return Ok(()) };
        self.make(folder)?;
        let mut state = self.state();
        write(&folder.join(name(&tile.rows)), &encode(tile, &self.digest))?;
        // Its own time is not taken off the next interval's.
        state.last = Instant::now();
        Ok(())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut staged = Staged::new();
    staged.add_bytes(path, bytes)?;
    staged.publish()
}

fn name(rows: &Range<usize>) -> String {
    format!("rows-{:09}-{:09}.tile", rows.start, rows.end)
}

/// Files that are tiles by their names.
fn files_in(folder: &Path) -> Result<Vec<(PathBuf, Range<usize>)>> {
    let rows = |path: &Path| {
        let name = path.file_name()?.to_str()?.strip_prefix("rows-")?.strip_suffix(".tile")?;
        let (start, end) = name.split_once('-')?;
        let rows: Range<usize> = start.parse().ok()?..end.parse().ok()?;
        (rows.start < rows.end).then_some(rows)
    };
    Ok(entries(folder)?.into_iter().filter_map(|path| rows(&path).map(|rows| (path, rows))).collect())
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(Error::io("read", folder))?.path())).collect(),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(Error::io("read", folder)(error)),
    }
}
