//! Rows that outlive the process: what a scan asks of whoever keeps them.

use std::ops::Range;

use crate::Result;

/// Rows of a map that are finished.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// Rows of the whole plane, by absolute index.
    pub rows: Range<usize>,
    /// What evaluated them: `cpu`, `gpu`, `reference`, or `mixed`.
    pub engine: String,
    /// `[datasets][rows x couplings]`; NaN where it is missing.
    pub chi2: Vec<Vec<f64>>,
    /// `[rows x couplings]`, the worst over the datasets.
    pub status: Vec<u8>,
    /// Points that a GPU handed back because f32 could not hold them.
    pub redone_in_f64: usize,
}

impl Tile {
    /// The part of it that begins at a row and ends before another; both within.
    pub fn part(&self, rows: Range<usize>) -> Tile {
        let couplings = self.status.len() / self.rows.len().max(1);
        let own = (rows.start - self.rows.start) * couplings..(rows.end - self.rows.start) * couplings;
        Tile {
            chi2: self.chi2.iter().map(|chi2| chi2[own.clone()].to_vec()).collect(),
            status: self.status[own].to_vec(),
            engine: self.engine.clone(),
            redone_in_f64: self.redone_in_f64,
            rows,
        }
    }
}

/// Keeps tiles.
pub trait Keeper: Sync {
    /// A kept tile with `row` as its first row, not beyond `end`.
    ///
    /// # Errors
    /// A tile that cannot be read. One that is not what it should be is no error: it is as if it were not there.
    fn take(&self, row: usize, end: usize) -> Result<Option<Tile>>;

    /// The first kept row after `row`.
    fn next(&self, row: usize) -> Option<usize>;

    /// Whether it is time to keep what was finished since the last time.
    fn is_due(&self) -> bool;

    /// Whether to keep what is left when a computation ended, well or in failure.
    fn keeps_rest(&self, failed: bool) -> bool;

    /// Keeps a tile.
    ///
    /// # Errors
    /// Those of the place where it is kept.
    fn keep(&self, tile: &Tile) -> Result<()>;
}

/// Nothing is kept.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unkept;

impl Keeper for Unkept {
    fn take(&self, _: usize, _: usize) -> Result<Option<Tile>> {
        Ok(None)
    }

    fn next(&self, _: usize) -> Option<usize> {
        None
    }

    fn is_due(&self) -> bool {
        false
    }

    fn keeps_rest(&self, _: bool) -> bool {
        false
    }

    fn keep(&self, _: &Tile) -> Result<()> {
        Ok(())
    }
}
