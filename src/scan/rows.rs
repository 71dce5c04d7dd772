//! Rows of a map: all couplings at one mass. Blocks of work are whole rows, so that no result depends on how rows are
//! cut into tiles or shared among threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::memory::room;
use crate::rates::Point;
use crate::rates::cpu::counts_at;
use crate::statistics::row::RowScratch;
use crate::statistics::{Status, Workspace};
use crate::{Error, Result};

use super::{Observer, Plane, Tile};

/// Told of each tile that was finished and appended.
pub(super) type Done<'a> = dyn FnMut(&Rows, &Range<usize>) -> Result<()> + 'a;

/// chi2 and status of a range of rows, datasets apart.
pub(super) struct Rows {
    /// The first of them, in the plane.
    pub first: usize,
    couplings: usize,
    /// `[datasets][rows x couplings]`.
    pub chi2: Vec<Vec<f64>>,
    /// The worst over the datasets, `[rows x couplings]`.
    pub status: Vec<u8>,
    pub redone_in_f64: usize,
}

impl Rows {
    /// Room for a range of rows.
    ///
    /// # Errors
    /// [`Error::NoMemory`].
    pub fn new(datasets: usize, couplings: usize, wanted: &Range<usize>) -> Result<Rows> {
        let points = wanted.len().saturating_mul(couplings);
        let chi2 = (0..datasets).map(|_| room(points, "chi2 of a map")).collect::<Result<_>>()?;
        let status = room(points, "status of a map")?;
        Ok(Rows { first: wanted.start, couplings, chi2, status, redone_in_f64: 0 })
    }

    /// Appends what was kept.
    pub fn push_tile(&mut self, tile: Tile) {
        self.chi2.iter_mut().zip(tile.chi2).for_each(|(all, chi2)| all.extend(chi2));
        self.status.extend(tile.status);
        self.redone_in_f64 += tile.redone_in_f64;
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
        for (all, row) in self.chi2.iter_mut().zip(row.chi2) {
            all.extend(row);
        }
        self.status.extend(row.status.into_iter().map(|status| status as u8));
    }
}

/// One mass, or several in a row.
pub(super) struct Row {
    /// `[datasets][points]`.
    pub chi2: Vec<Vec<f64>>,
    pub status: Vec<Status>,
}

impl Row {
    /// Nothing found yet.
    pub fn new(datasets: usize, couplings: usize) -> Row {
        Row { chi2: vec![vec![f64::NAN; couplings]; datasets], status: vec![Status::Converged; couplings] }
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
    let row = |scratch: &mut Vec<RowScratch>, mass_mev: f64| {
        let mut row = Row::new(analysis.terms().len(), plane.coupling.len());
        analysis.at_mass(mass_mev).row(&plane.coupling.values, scratch, &mut row.chi2, &mut row.status);
        row
    };
    each_row(plane, tiles, observer, rows, done, || analysis.row_scratch(), row)
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
    let row = |work: &mut Vec<Workspace>, mass_mev: f64| {
        let mut row = Row::new(analysis.channels.len(), plane.coupling.len());
        for ((channel, work), chi2) in analysis.channels.iter().zip(work).zip(&mut row.chi2) {
            let mut counts = vec![0.0; channel.plan.channels()];
            for ((&coupling, chi2), status) in plane.coupling.values.iter().zip(chi2).zip(&mut row.status) {
                counts_at(&channel.plan, Point { mass_mev, coupling }, &mut counts);
                let profile = channel.experiment.fit.profile(&counts, work);
                (*chi2, *status) = (profile.chi2, profile.status.max(*status));
            }
        }
        row
    };
    each_row(plane, tiles, observer, rows, done, || analysis.workspaces(), row)
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
