//! Rows of a map: all couplings at one mass. Blocks of work are whole rows, so that no result depends on how rows are
//! cut into tiles or shared among threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::analysis::{Analysis, Scratch};
use crate::base::memory::zeroed;
use crate::rates::Point;
use crate::statistics::Status;
use crate::statistics::gpu::Phases;
use crate::{Error, Result};

use super::{Observer, Plane, Tile};

/// Told of each tile that was finished and appended.
pub(super) type Done<'a> = dyn FnMut(&Rows, &Range<usize>) -> Result<()> + 'a;

/// Each chi2 that is minimised ([`Analysis::minimised`]) and the status, of a range of rows.
pub(super) struct Rows {
    /// The first of them, in the plane.
    pub first: usize,
    couplings: usize,
    /// `[minimised][rows x couplings]`.
    pub chi2: Vec<Vec<f64>>,
    /// The worst over these, `[rows x couplings]`.
    pub status: Vec<u8>,
    pub redone_in_f64: usize,
    /// Where the time of a GPU went.
    pub phases: Phases,
    /// chi2 that were really minimised in an interpolated map, and the points that this was counted over.
    pub minimised: (usize, usize),
    /// Points that are there: those after them are room.
    filled: usize,
}

impl Rows {
    /// Room for a range of rows: zeroed memory, which costs nothing before it is used.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn new(minimised: usize, couplings: usize, wanted: &Range<usize>) -> Result<Rows> {
        let points = wanted.len().saturating_mul(couplings);
        Ok(Rows {
            first: wanted.start,
            couplings,
            chi2: (0..minimised).map(|_| zeroed(points, "chi2 of a map")).collect::<Result<_>>()?,
            status: zeroed(points, "status of a map")?,
            redone_in_f64: 0,
            phases: Phases::default(),
            minimised: (0, 0),
            filled: 0,
        })
    }

    /// The next rows, to be written in place: chi2 `[minimised][rows x couplings]` and status. They count as there unless
    /// `write` fails.
    pub fn fill(&mut self, rows: usize, write: impl FnOnce(&mut [&mut [f64]], &mut [u8]) -> Result<()>) -> Result<()> {
        let own = self.filled..self.filled + rows * self.couplings;
        let mut chi2: Vec<&mut [f64]> = self.chi2.iter_mut().map(|all| &mut all[own.clone()]).collect();
        write(&mut chi2, &mut self.status[own.clone()])?;
        self.filled = own.end;
        Ok(())
    }

    /// Appends what was kept.
    pub fn push_tile(&mut self, tile: Tile) {
        let own = self.filled..self.filled + tile.status.len();
        self.chi2.iter_mut().zip(tile.chi2).for_each(|(all, chi2)| all[own.clone()].copy_from_slice(&chi2));
        self.status[own.clone()].copy_from_slice(&tile.status);
        self.redone_in_f64 += tile.redone_in_f64;
        self.filled = own.end;
    }

    /// Some of the rows, to be kept.
    pub fn tile(&self, rows: Range<usize>, engine: &str, redone_in_f64: usize) -> Tile {
        let own = (rows.start - self.first) * self.couplings..(rows.end - self.first) * self.couplings;
        Tile {
            engine: engine.to_owned(),
            chi2: self.chi2.iter().map(|chi2| chi2[own.clone()].to_vec()).collect(),
            status: self.status[own].to_vec(),
            redone_in_f64,
            rows,
        }
    }

    /// Appends.
    pub fn push(&mut self, row: Row) {
        let own = self.filled..self.filled + row.status.len();
        for (all, row) in self.chi2.iter_mut().zip(&row.chi2) {
            all[own.clone()].copy_from_slice(row);
        }
        let status = self.status[own.clone()].iter_mut().zip(&row.status);
        status.for_each(|(all, status)| *all = *status as u8);
        self.filled = own.end;
    }
}

/// One mass, or several in a row.
pub(super) struct Row {
    /// `[minimised][points]`.
    pub chi2: Vec<Vec<f64>>,
    pub status: Vec<Status>,
}

impl Row {
    /// Nothing found yet.
    pub fn new(minimised: usize, couplings: usize) -> Row {
        Row { chi2: vec![vec![f64::NAN; couplings]; minimised], status: vec![Status::Converged; couplings] }
    }
}

/// Rows on the CPU, appended to `rows`.
pub(super) fn on_cpu(
    analysis: &Analysis,
    plane: &Plane,
    tiles: &[Range<usize>],
    observer: &dyn Observer,
    rows: &mut Rows,
    done: &mut Done,
) -> Result<()> {
    let row = |scratch: &mut Scratch, mass_mev: f64| {
        let mut row = Row::new(analysis.minimised(), plane.coupling.len());
        analysis.at_mass(mass_mev).row(&plane.coupling.values, scratch, &mut row.chi2, &mut row.status);
        row
    };
    each_row(plane, tiles, observer, rows, done, || analysis.scratch(), row)
}

/// Rows point by point, by direct sums and the minimiser of reference, appended to `rows`.
pub(super) fn on_reference(
    analysis: &Analysis,
    plane: &Plane,
    tiles: &[Range<usize>],
    observer: &dyn Observer,
    rows: &mut Rows,
    done: &mut Done,
) -> Result<()> {
    let row = |scratch: &mut Scratch, mass_mev: f64| {
        let mut row = Row::new(analysis.minimised(), plane.coupling.len());
        for (point, (&coupling, status)) in plane.coupling.values.iter().zip(&mut row.status).enumerate() {
            let profiles = analysis.profiles(Point { mass_mev, coupling }, scratch);
            for (chi2, profile) in row.chi2.iter_mut().zip(profiles) {
                (chi2[point], *status) = (profile.chi2, profile.status.max(*status));
            }
        }
        row
    };
    each_row(plane, tiles, observer, rows, done, || analysis.scratch(), row)
}

fn each_row<Scratch>(
    plane: &Plane,
    tiles: &[Range<usize>],
    observer: &dyn Observer,
    rows: &mut Rows,
    done: &mut Done,
    scratch: impl Fn() -> Scratch + Sync + Send,
    row: impl Fn(&mut Scratch, f64) -> Row + Sync + Send,
) -> Result<()> {
    for tile in tiles {
        check(observer)?;
        let masses = plane.mass.values[tile.clone()].par_iter();
        // Asked at every row: a tile can take minutes.
        let finished: Vec<Row> = masses
            .map_init(&scratch, |scratch, mass_mev| check(observer).map(|()| row(scratch, *mass_mev)))
            .collect::<Result<_>>()?;
        finished.into_iter().for_each(|row| rows.push(row));
        done(rows, tile)?;
    }
    Ok(())
}

/// Ends a scan that nobody wants any more.
pub(super) fn check(observer: &dyn Observer) -> Result<()> {
    if observer.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
