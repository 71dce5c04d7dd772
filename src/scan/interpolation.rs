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
/// Points that are minimised side by side, and what is left of their last row: enough for those in a vector to be near each
/// other, few enough for all threads to have some.
const TOGETHER: usize = 128;

/// Minimises a sample of an interpolated map anew.
///
/// # Errors
/// None for a map that a scan made.
pub(super) fn check(analysis: &Analysis, map: &Map, minimised: Option<f64>) -> Result<Interpolation> {
    let contour: BTreeSet<usize> = map.border().points_beside()?.into_iter().collect();
    let next_to_contour = contour.len();
    let stride = (map.chi2.len() / SAMPLE).max(1);
    // An odd stride does not beat against the grid of the interpolation.
    let sample = (0..map.chi2.len()).step_by(stride | 1);
    let all: BTreeSet<usize> = contour.iter().copied().chain(sample).collect();
    let points = all.len();
    let couplings = map.plane.coupling.len();
    let found: Vec<(f64, f64)> = together(&all, couplings)
        .into_par_iter()
        .map_init(
            || analysis.scratch(),
            |scratch, own| {
                let (own, counts) = side_by_side(analysis, map, &contour, &own);
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
        points,
        next_to_contour,
        largest_chi2_difference: largest.0,
        allowed_chi2_difference: NEAR_TOLERANCE,
        largest_difference_far_off: largest.1,
        allowed_difference_far_off: FAR_TOLERANCE,
    })
}

/// Points in order, cut where a row ends.
fn together(points: &BTreeSet<usize>, couplings: usize) -> Vec<Vec<usize>> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    for point in points {
        match all.last_mut() {
            Some(own)
                if own.len() < TOGETHER || own.last().is_some_and(|last| last / couplings == point / couplings) =>
            {
                own.push(*point);
            }
            _ => all.push(vec![*point]),
        }
    }
    all
}

/// Points in an order in which neighbours are near each other, and their counts in each dataset: the sample first, then of each
/// row the first point next to the contour, the second, and so on.
fn side_by_side(
    analysis: &Analysis,
    map: &Map,
    contour: &BTreeSet<usize>,
    points: &[usize],
) -> (Vec<usize>, Vec<Vec<f64>>) {
    let couplings = map.plane.coupling.len();
    let mut found = Vec::with_capacity(points.len());
    for row in points.chunk_by(|a, b| a / couplings == b / couplings) {
        let curve = analysis.at_mass(map.plane.mass.values[row[0] / couplings]);
        let mut number = 0;
        for point in row {
            let is_beside = contour.contains(point);
            number += usize::from(is_beside);
            let counts = curve.counts(map.plane.coupling.values[point % couplings]);
            found.push((if is_beside { number } else { 0 }, *point, counts));
        }
    }
    found.sort_by_key(|(number, ..)| *number);
    let mut counts: Vec<Vec<f64>> = vec![Vec::new(); analysis.predictions.len()];
    for (.., own) in &found {
        counts.iter_mut().zip(own).for_each(|(counts, own)| counts.extend(own));
    }
    (found.into_iter().map(|(_, point, _)| point).collect(), counts)
}
