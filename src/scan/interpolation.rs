//! The certificate of an interpolated map: a sample of its points, all those next to the contour included, minimised.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::statistics::Status;

use super::Map;
use super::agreement::{Interpolation, larger};
use super::predict::RELATIVE_BEYOND;

/// The contract: an interpolated chi2 is within this of the minimised one where Delta chi2 < [`NEAR`] ...
pub const NEAR_TOLERANCE: f64 = 1e-8;
/// ... and within this elsewhere; relative to a thousandth of chi2 where that is above 1,000.
pub const FAR_TOLERANCE: f64 = 1e-6;
const NEAR: f64 = 50.0;
/// Points that are sampled evenly over the map, besides those next to the contour.
const SAMPLE: usize = 1000;
/// Points that are minimised side by side: enough to fill vectors, few enough for all threads to have some.
const TOGETHER: usize = 64;

/// Minimises a sample of an interpolated map anew.
///
/// # Errors
/// None for a map that a scan made.
pub(super) fn check(analysis: &Analysis, map: &Map, minimised: Option<f64>) -> Result<Interpolation> {
    let mut wanted: BTreeSet<usize> = map.border().points_beside()?.into_iter().collect();
    let next_to_contour = wanted.len();
    let stride = (map.chi2.len() / SAMPLE).max(1);
    // An odd stride does not beat against the grid of the interpolation.
    wanted.extend((0..map.chi2.len()).step_by(stride | 1));
    let points: Vec<usize> = wanted.into_iter().collect();
    let couplings = map.plane.coupling.len();
    let found: Vec<(f64, f64)> = points
        .par_chunks(TOGETHER)
        .map_init(
            || analysis.scratch(),
            |scratch, own| {
                let mut counts: Vec<Vec<f64>> = vec![Vec::new(); analysis.predictions.len()];
                for row in own.chunk_by(|a, b| a / couplings == b / couplings) {
                    let curve = analysis.at_mass(map.plane.mass.values[row[0] / couplings]);
                    for point in row {
                        let here = curve.counts(map.plane.coupling.values[point % couplings]);
                        counts.iter_mut().zip(here).for_each(|(counts, here)| counts.extend(here));
                    }
                }
                let counts: Vec<&[f64]> = counts.iter().map(Vec::as_slice).collect();
                let mut chi2 = vec![vec![0.0; own.len()]; analysis.minimised()];
                let mut status = vec![Status::Converged; own.len()];
                analysis.row_of_counts(&counts, scratch, &mut chi2, &mut status);
                own.iter().enumerate().fold((0.0, 0.0), |(near, far), (i, point)| {
                    let (here, anew) = (map.chi2[*point], analysis.total(chi2.iter().map(|chi2| chi2[i])));
                    // Where the minimum was not found the map has none either.
                    let same = here.is_nan() && anew.is_nan();
                    let difference = if same { 0.0 } else { (here - anew).abs() };
                    match anew - map.best_fit.chi2 < NEAR {
                        true => (larger(near, difference), far),
                        false => (near, larger(far, difference / (anew / RELATIVE_BEYOND).max(1.0))),
                    }
                })
            },
        )
        .collect();
    let largest = found.into_iter().fold((0.0, 0.0), |(near, far), own| (larger(near, own.0), larger(far, own.1)));
    Ok(Interpolation {
        minimised,
        points: points.len(),
        next_to_contour,
        largest_chi2_difference: largest.0,
        allowed_chi2_difference: NEAR_TOLERANCE,
        largest_difference_far_off: largest.1,
        allowed_difference_far_off: FAR_TOLERANCE,
    })
}
