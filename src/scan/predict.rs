//! Rows predicted from other rows, eight couplings at a time.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use crate::base::simd::{SimdLevel, dispatch};

use super::dyadic::{NODES, Weights};

/// Two predictions of a chi2, of degree 11 and 9, that are nearer than this are believed. The error of the better is
/// smaller by far than their distance: chi2 is analytic. Beyond a chi2 of [`RELATIVE_BEYOND`], relative to it.
const TOLERANCE: f64 = 5e-10;
/// The same for the prediction of degree 7, in units of what is allowed to that of degree 9. With both, the worst of the
/// eleven models' maps of 400 x 400 and 1000 x 1000 points are off by 5e-9; without this one by 5e-7.
const ROUGH: f64 = 10.0;
/// A chi2 from which on errors count relative to it.
pub(super) const RELATIVE_BEYOND: f64 = 1e3;

/// Points of a vector, and of the shortest row that can be predicted.
pub(super) const LANES: usize = 8;

/// Predicts a row from the same couplings of [`NODES`] others; the points that it must not be believed at go to
/// `doubtful`. Rows have eight points or more.
pub(super) fn row(
    simd: SimdLevel,
    nodes: &[&[f64]; NODES],
    weights: &Weights,
    row: &mut [f64],
    doubtful: &mut Vec<usize>,
) {
    dispatch!(simd, simd => row_of(simd, nodes, weights, row, doubtful));
}

#[inline(always)]
#[allow(clippy::needless_range_loop, reason = "one index for nodes and three sets of weights")]
fn row_of<S: Simd>(simd: S, nodes: &[&[f64]; NODES], weights: &Weights, row: &mut [f64], doubtful: &mut Vec<usize>) {
    let points = row.len();
    let nodes: [&[f64]; NODES] = std::array::from_fn(|k| &nodes[k][..points]);
    for done in (0..points).step_by(LANES) {
        // The last vector overlaps the one before it.
        let start = done.min(points.saturating_sub(LANES));
        let mut value = f64x8::splat(simd, 0.0);
        let mut difference = f64x8::splat(simd, 0.0);
        let mut rough = f64x8::splat(simd, 0.0);
        for k in 0..NODES {
            let node = f64x8::from_slice(simd, &nodes[k][start..start + LANES]);
            value = node.mul_add(weights.value[k], value);
            difference = node.mul_add(weights.difference[k], difference);
            rough = node.mul_add(weights.rough_difference[k], rough);
        }
        value.store_slice(&mut row[start..start + LANES]);
        let allowed = (value.abs() * (TOLERANCE / RELATIVE_BEYOND)).max(TOLERANCE);
        let believed = difference.abs().simd_le(allowed) & rough.abs().simd_le(allowed * ROUGH);
        if !believed.all_true() {
            let believed = believed.to_bitmask();
            doubtful.extend((done..start + LANES).filter(|point| believed >> (point - start) & 1 == 0));
        }
    }
}

/// The prediction at one point from its neighbours in the row, if it is to be believed.
pub(super) fn point(row: &[f64], first: usize, stride: usize, weights: &Weights) -> Option<f64> {
    let (mut value, mut difference, mut rough) = (0.0, 0.0, 0.0);
    for (k, node) in row[first..].iter().step_by(stride).take(NODES).enumerate() {
        value += weights.value[k] * node;
        difference += weights.difference[k] * node;
        rough += weights.rough_difference[k] * node;
    }
    let allowed = (value.abs() / RELATIVE_BEYOND).max(1.0) * TOLERANCE;
    (difference.abs() <= allowed && rough.abs() <= ROUGH * allowed).then_some(value)
}
