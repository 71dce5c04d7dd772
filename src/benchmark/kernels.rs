//! Rates and minimisation timed apart, tile by tile, so that memory does not grow with the number of points.

use std::time::Instant;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::polynomial::MassSlice;
use crate::rates::{Batch, Engine, Point, Rates};
use crate::scan::{Device, Plane, evaluate_rows};
use crate::statistics::Status;
use crate::statistics::row::RowScratch;

use super::seconds_of;

/// Points evaluated at once.
const TILE_POINTS: usize = 131_072;

/// Seconds in which an engine evaluates the counts of all datasets over a plane, what it needs once apart.
///
/// # Errors
/// Those of the engine.
pub fn rates_seconds(analysis: &Analysis, engine: &dyn Engine, plane: &Plane) -> Result<f64> {
    let prepared: Vec<Box<dyn Rates>> =
        analysis.predictions.iter().map(|prediction| engine.prepare(&prediction.plan)).collect::<Result<_>>()?;
    let tiles = tiles(plane);
    seconds_of(|| {
        let mut under_way: Vec<Box<dyn Batch>> = Vec::new();
        for points in &tiles {
            let next = prepared.iter().map(|rates| rates.submit(points)).collect::<Result<Vec<_>>>()?;
            for batch in std::mem::replace(&mut under_way, next) {
                batch.wait()?;
            }
        }
        under_way.into_iter().try_for_each(|batch| batch.wait().map(drop))
    })
}

/// Seconds of rates and minimisation together, as a map has them; its best fit and certificate apart.
///
/// # Errors
/// Those of the device.
pub fn rows_seconds(analysis: &Analysis, device: Device, plane: &Plane) -> Result<f64> {
    seconds_of(|| evaluate_rows(analysis, plane, device).map(drop))
}

/// Which minimiser of the CPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Minimiser {
    /// One point at a time, from the priors' centres.
    Reference,
    /// Rows of points in vector lanes, from the neighbour's minimum.
    Rows,
}

/// Seconds in which all nuisance parameters are minimised over a plane; the polynomials of the counts are there before.
pub fn minimisation_seconds(analysis: &Analysis, minimiser: Minimiser, plane: &Plane) -> f64 {
    let slices: Vec<Vec<MassSlice>> = (plane.mass.values.par_iter())
        .map(|mass| analysis.predictions.iter().map(|prediction| MassSlice::new(&prediction.plan, *mass)).collect())
        .collect();
    let couplings = &plane.coupling.values;
    let scratch = || -> Vec<RowScratch> {
        analysis.predictions.iter().map(|prediction| prediction.experiment.rows.scratch()).collect()
    };
    let start = Instant::now();
    match minimiser {
        Minimiser::Rows => slices.par_iter().for_each_init(
            || {
                let chi2 = vec![0.0; couplings.len()];
                (scratch(), chi2, vec![Status::Converged; couplings.len()])
            },
            |(scratch, chi2, status), slices| {
                for ((prediction, slice), scratch) in analysis.predictions.iter().zip(slices).zip(scratch) {
                    prediction.experiment.rows.profile([slice], couplings, scratch, chi2, status);
                    std::hint::black_box(&chi2);
                }
            },
        ),
        Minimiser::Reference => slices.par_iter().for_each_init(scratch, |scratch, slices| {
            for ((prediction, slice), scratch) in analysis.predictions.iter().zip(slices).zip(scratch) {
                let mut counts = [vec![0.0; prediction.plan.signal_counts()]];
                for coupling in couplings {
                    slice.counts_at(*coupling, &mut counts[0]);
                    std::hint::black_box(prediction.experiment.rows.reference(&counts, scratch));
                }
            }
        }),
    }
    start.elapsed().as_secs_f64()
}

/// The points of a plane in whole rows, about [`TILE_POINTS`] together.
fn tiles(plane: &Plane) -> Vec<Vec<Point>> {
    let rows = TILE_POINTS.div_ceil(plane.coupling.len());
    let firsts = (0..plane.mass.len()).step_by(rows);
    firsts.map(|first| plane.points_of_rows(first..(first + rows).min(plane.mass.len()))).collect()
}
