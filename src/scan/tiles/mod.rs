//! Tiles of a map on disk: what a scan that was killed, or one of many machines, has finished.
//!
//! A folder `.cevscan-tiles` in that of the results holds `key.json`, every input that the values follow from, and one
//! file for the rows finished in an interval. A tile is bound to the key by its digest, and to its own contents by a
//! checksum; what does not fit is named and never used. Nothing but such files is ever written or removed there, and a
//! folder that holds anything else is refused.

mod file;
mod folder;
mod key;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub use file::{decode, encode};
pub use folder::{FOLDER, discard, read_key};
pub use key::{DATA_CONTENTS, Key, MODEL_CONTENTS};

use folder::{name, open, tiles};

use crate::Result;
use crate::base::files::Folder;
use crate::base::reading::Kind;
use crate::scan::{Keeper, Observer, Plane, Tile};

/// Tiles of one scan.
pub struct Tiles<'a> {
    /// Folder of the results whose scan this is, if it keeps tiles.
    own: Option<&'a Folder>,
    folders: Vec<Folder>,
    key: Key,
    digest: [u8; 32],
    datasets: usize,
    couplings: usize,
    interval: Duration,
    observer: &'a dyn Observer,
    state: Mutex<State>,
}

struct State {
    /// First row, which of the folders, and name, to the rows.
    known: BTreeMap<(usize, usize, String), Range<usize>>,
    /// When tiles were last kept.
    last: Instant,
    /// Where they are, once there are any.
    made: Option<Folder>,
}

impl<'a> Tiles<'a> {
    /// The tiles of a scan whose results are in the folder `own`, which is locked. That of the tiles need not be there: it
    /// is made when a tile is kept, at most once in an interval.
    ///
    /// # Errors
    /// [`crate::Error::OtherInputs`] where it holds tiles of another scan, [`crate::Error::NotOurs`] where it holds anything else.
    pub fn of_scan(
        own: &'a Folder,
        key: Key,
        plane: &Plane,
        datasets: usize,
        interval: Duration,
        observer: &'a dyn Observer,
    ) -> Result<Tiles<'a>> {
        let folders: Vec<Folder> = open(own)?.into_iter().collect();
        folders.iter().try_for_each(Folder::sweep)?;
        Tiles::new(Some(own), folders, key, plane, datasets, interval, observer)
    }

    /// The tiles in several folders of results, as they are: nothing is kept.
    ///
    /// # Errors
    /// As for [`Tiles::of_scan`].
    pub fn of_shards(
        shards: &[PathBuf],
        key: Key,
        plane: &Plane,
        datasets: usize,
        observer: &'a dyn Observer,
    ) -> Result<Tiles<'a>> {
        let folders = shards.iter().map(|shard| open(&Folder::open(shard)?)).collect::<Result<Vec<_>>>()?;
        Tiles::new(None, folders.into_iter().flatten().collect(), key, plane, datasets, Duration::MAX, observer)
    }

    fn new(
        own: Option<&'a Folder>,
        folders: Vec<Folder>,
        key: Key,
        plane: &Plane,
        datasets: usize,
        interval: Duration,
        observer: &'a dyn Observer,
    ) -> Result<Tiles<'a>> {
        let mut known = BTreeMap::new();
        for (index, folder) in folders.iter().enumerate() {
            if let Some(kept) = Key::read(folder)? {
                kept.require_same(&key, folder.path())?;
                known.extend(tiles(folder)?.into_iter().map(|(name, rows)| ((rows.start, index, name), rows)));
            }
        }
        let state = Mutex::new(State { known, last: Instant::now(), made: None });
        let (digest, couplings) = (key.digest()?, plane.coupling.len());
        Ok(Tiles { own, folders, digest, key, datasets, couplings, interval, observer, state })
    }

    /// Rows that are in no tile, as ranges. Tiles are believed by their names.
    pub fn missing(&self, rows: Range<usize>) -> Vec<Range<usize>> {
        let state = self.state();
        let mut missing = Vec::new();
        let mut row = rows.start;
        for kept in state.known.values().filter(|kept| kept.end > rows.start && kept.start < rows.end) {
            if kept.start > row {
                missing.push(row..kept.start);
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
        self.folder_to_keep(&mut self.state()).map(drop)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The folder for new tiles, with its key.
    fn folder_to_keep(&self, state: &mut State) -> Result<Option<Folder>> {
        let Some(own) = self.own else { return Ok(None) };
        if state.made.is_none() {
            let folder = own.make_below(FOLDER)?;
            folder.write(key::FILE, self.key.text()?.as_bytes())?;
            state.made = Some(folder);
        }
        Ok(state.made.clone())
    }
}

impl Keeper for Tiles<'_> {
    fn take(&self, row: usize, end: usize) -> Result<Option<Tile>> {
        loop {
            let mut state = self.state();
            let covers = |rows: &Range<usize>| rows.start <= row && row < rows.end;
            // The one that reaches furthest, so that few files are read.
            let best = state.known.iter().filter(|(_, rows)| covers(rows)).max_by_key(|(_, rows)| rows.end);
            let Some((place, rows)) = best.map(|(place, rows)| (place.clone(), rows.clone())) else { return Ok(None) };
            let (_, index, name) = &place;
            let Some(folder) = self.folders.get(*index) else { return Ok(None) };
            let path = folder.path_of(name);
            let tile = match folder.read(name, Kind::Tile.longest())? {
                Some(bytes) => decode(&bytes, &self.digest, self.datasets, self.couplings),
                None => Err("is gone"),
            };
            match tile {
                Ok(tile) if tile.rows == rows => return Ok(Some(tile.part(row..rows.end.min(end)))),
                Ok(_) => {
                    self.observer.notice(&format!("{} holds other rows than its name says; not used", path.display()))
                }
                Err(reason) => self.observer.notice(&format!("{} {reason}; not used", path.display())),
            }
            state.known.remove(&place);
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
        self.key.shard.is_some() || (failed && self.state().made.is_some())
    }

    fn keep(&self, tile: &Tile) -> Result<()> {
        let mut state = self.state();
        let Some(folder) = self.folder_to_keep(&mut state)? else { return Ok(()) };
        folder.write(&name(&tile.rows), &encode(tile, &self.digest))?;
        // Its own time is not taken off the next interval's.
        state.last = Instant::now();
        Ok(())
    }
}
