//! Rows of a map: all couplings at one mass. Blocks of work are whole rows, so that no result depends on how rows are
//! cut into tiles or shared among threads.

use std::ops::Range;

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::rates::gpu::GpuEngine;
use crate::rates::{Batch, Counts, Engine, Point, Rates};
use crate::statistics::Status;
use crate::statistics::row::RowScratch;
use crate::{Error, Result};

use super::{Observer, Plane};

/// Where rates are evaluated.
#[derive(Clone, Copy)]
pub enum Device<'a> {
    /// f64 on all cores, polynomials in g^2.
    Cpu,
    /// f32 on a GPU, profiled on all cores.
    Gpu(&'a GpuEngine, Fallback),
}

/// What to do when a GPU fails in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The CPU takes over at the tile it was at.
    Cpu,
    /// The error ends the scan.
    None,
}

/// chi2 and status of a range of rows, datasets apart.
pub(super) struct Rows {
    /// `[datasets][rows x couplings]`.
    pub chi2: Vec<Vec<f64>>,
    /// The worst over the datasets, `[rows x couplings]`.
    pub status: Vec<u8>,
    pub redone_in_f64: usize,
}

impl Rows {
    pub fn new(datasets: usize, points: usize) -> Rows {
        Rows { chi2: vec![Vec::with_capacity(points); datasets], status: Vec::with_capacity(points), redone_in_f64: 0 }
    }

    fn push(&mut self, row: Row) {
        for (all, row) in self.chi2.iter_mut().zip(row.chi2) {
            all.extend(row);
        }
        self.status.extend(row.status.into_iter().map(|status| status as u8));
    }
}

/// One mass.
struct Row {
    chi2: Vec<Vec<f64>>,
    status: Vec<Status>,
}

impl Row {
    fn new(datasets: usize, couplings: usize) -> Row {
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
) -> Result<()> {
    for tile in tiles {
        check(observer)?;
        let done: Vec<Row> = plane.mass.values[tile.clone()]
            .par_iter()
            .map_init(
                || analysis.row_scratch(),
                |scratch, mass| cpu_row(analysis, *mass, &plane.coupling.values, scratch),
            )
            .collect();
        done.into_iter().for_each(|row| rows.push(row));
        observer.advance(tile.len() * plane.coupling.len());
    }
    Ok(())
}

fn cpu_row(analysis: &Analysis, mass_mev: f64, couplings: &[f64], scratch: &mut [RowScratch]) -> Row {
    let mut row = Row::new(analysis.terms().len(), couplings.len());
    analysis.at_mass(mass_mev).row(couplings, scratch, &mut row.chi2, &mut row.status);
    row
}

/// Rows with rates from a GPU: it works on one tile while the cores profile the one before. Returns how many tiles were
/// finished, and why not all.
pub(super) fn on_gpu(
    analysis: &Analysis,
    plane: &Plane,
    tiles: &[Range<usize>],
    gpu: &GpuEngine,
    observer: &dyn Observer,
    rows: &mut Rows,
) -> (usize, Result<()>) {
    let mut finished = 0;
    let result = (|| {
        let prepared = analysis
            .channels
            .iter()
            .map(|channel| gpu.prepare(&channel.plan))
            .collect::<Result<Vec<Box<dyn Rates>>>>()?;
        for group in tiles.chunks(TILES_IN_GROUP) {
            let points: Vec<Vec<Point>> = group.iter().map(|tile| points_of(plane, tile)).collect();
            let mut under_way: Option<Vec<Box<dyn Batch>>> = None;
            for index in 0..=group.len() {
                check(observer)?;
                let next = match points.get(index) {
                    Some(points) => {
                        Some(prepared.iter().map(|rates| rates.submit(points)).collect::<Result<Vec<_>>>()?)
                    }
                    None => None,
                };
                if let Some(batches) = std::mem::replace(&mut under_way, next) {
                    let counts = batches.into_iter().map(Batch::wait).collect::<Result<Vec<Counts>>>()?;
                    let tile = &group[index - 1];
                    profile_counts(analysis, plane, tile.len(), &counts, rows);
                    finished += 1;
                    observer.advance(tile.len() * plane.coupling.len());
                }
            }
        }
        Ok(())
    })();
    (finished, result)
}

/// Tiles whose points are made at once; the pipeline drains between groups.
const TILES_IN_GROUP: usize = 16;

fn points_of(plane: &Plane, tile: &Range<usize>) -> Vec<Point> {
    let masses = plane.mass.values[tile.clone()].iter();
    let row = |mass_mev: f64| plane.coupling.values.iter().map(move |&coupling| Point { mass_mev, coupling });
    masses.flat_map(|&mass_mev| row(mass_mev)).collect()
}

fn profile_counts(analysis: &Analysis, plane: &Plane, tile_rows: usize, counts: &[Counts], rows: &mut Rows) {
    let couplings = plane.coupling.len();
    let done: Vec<Row> = (0..tile_rows)
        .into_par_iter()
        .map_init(
            || analysis.row_scratch(),
            |scratch, tile_row| {
                let mut row = Row::new(analysis.channels.len(), couplings);
                let datasets = analysis.channels.iter().zip(counts).zip(scratch).zip(&mut row.chi2);
                for (((channel, counts), scratch), chi2) in datasets {
                    let points = couplings * counts.channels;
                    let counts = &counts.values[tile_row * points..(tile_row + 1) * points];
                    channel.experiment.rows.profile_counts(counts, scratch, chi2, &mut row.status);
                }
                row
            },
        )
        .collect();
    done.into_iter().for_each(|row| rows.push(row));
    rows.redone_in_f64 += counts.iter().map(|counts| counts.redone_in_f64).sum::<usize>();
}

fn check(observer: &dyn Observer) -> Result<()> {
    if observer.cancelled() { Err(Error::Interrupted) } else { Ok(()) }
}
