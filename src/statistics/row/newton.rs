//! One Newton step of the Poisson chi2 for eight points: f = chi2/2, its gradient g and Hessian H at given parameters,
//! the step -H^-1 g and the gain delta^2 = g^T H^-1 g.
//!
//! With r = mu/n, the bins with counts enter as
//! ```text
//! f = sum(mu) - sum(n) - sum n ln r + priors/2      df/dp_k = sum V_k - sum V_k/r + ..      H_kl = sum V_k V_l/(n r^2) + ..
//! ```
//! and bins without counts enter sum(mu) alone. Signal columns are s x (1, relative changes), so the sums over bins are
//! those of five weights (1/r, s/r, w, w s, w s^2 with w = 1/(n r^2)) with constant columns.
//!
//! Vector operations per bin for C time classes, m signal parameters, K background parameters (fused multiply-adds
//! counted once): C + K + m for mu, 13/4 for four reciprocals with one division, 7 for r and the weights, and
//! m + K + m(m+1)/2 + mK + K(K+1)/2 for the sums: 29 with C = 2, m = 1, K = 3.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::bins::{BLOCK, Bins};
use super::contraction::Contraction;
use super::lanes::{Lanes, ln};
use super::ldl;
use super::parameters::Parameters;

/// Bins whose r are multiplied before one logarithm serves them all: they have the same count.
const LOGARITHM_GROUP: usize = 8;
/// Below this r a product of [`LOGARITHM_GROUP`] of them could leave the range of f64.
const SMALLEST_RATIO: f64 = 1e-38;

/// Constants of the bins with counts.
#[derive(Debug, Clone)]
pub(super) struct Newton {
    bins: Bins,
    /// Bins of equal count, in order: how many, and the count.
    groups: Vec<(usize, f64)>,
    /// Columns for the weights 1/r, s/r, w, w s, w s^2.
    contractions: [Contraction; WEIGHTS],
    /// Number of columns of each.
    widths: [usize; WEIGHTS],
}

const WEIGHTS: usize = 5;

/// Memory of a step.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// r of each bin.
    ratios: Vec<Lanes>,
    weights: [Vec<Lanes>; WEIGHTS],
    sums: Vec<Lanes>,
    matrix: Vec<Lanes>,
    inverse: Vec<Lanes>,
    /// The Newton step.
    pub(super) step: Vec<Lanes>,
}

/// What belongs to the points of a step and not to the bins.
pub(super) struct Point<'a, S: Simd> {
    /// Signal counts in units of `1/inverse_unit`.
    pub counts: &'a [Lanes],
    /// Sum over all bins of each signal column.
    pub totals: &'a [Lanes],
    pub inverse_unit: f64x8<S>,
}

impl Newton {
    /// Of the bins `counted`, sorted by their counts.
    pub(super) fn new(
        expectation: &crate::statistics::Expectation,
        parameters: &Parameters,
        counts: &[f64],
        counted: &[usize],
    ) -> Newton {
        let bins = Bins::new(expectation, parameters, counts, counted);
        let mut groups: Vec<(usize, f64)> = Vec::new();
        for bin in counted {
            match groups.last_mut() {
                Some((size, count)) if *count == counts[*bin] && *size < LOGARITHM_GROUP => *size += 1,
                _ => groups.push((1, counts[*bin])),
            }
        }
        let padded = |value: &dyn Fn(usize) -> f64| {
            let mut column: Vec<f64> = counted.iter().map(|bin| value(*bin)).collect();
            column.resize(bins.len(), 0.0);
            column
        };
        let backgrounds: Vec<&Vec<f64>> = parameters.backgrounds(expectation).collect();
        let change = |parameter: usize, bin: usize| Parameters::signal_change(expectation, parameter, bin);
        let pairs = |count: usize| (0..count).flat_map(|k| (0..=k).map(move |l| (k, l)));
        let (m, k) = (parameters.signal, parameters.background);
        let columns: [Vec<Vec<f64>>; WEIGHTS] = [
            backgrounds.iter().map(|column| padded(&|bin| column[bin])).collect(),
            (0..m).map(|i| padded(&|bin| change(i, bin))).collect(),
            pairs(k).map(|(k, l)| padded(&|bin| backgrounds[k][bin] * backgrounds[l][bin])).collect(),
            (0..m)
                .flat_map(|i| backgrounds.iter().map(move |column| (i, column)))
                .map(|(i, column)| padded(&|bin| change(i, bin) * column[bin]))
                .collect(),
            pairs(m).map(|(i, j)| padded(&|bin| change(i, bin) * change(j, bin))).collect(),
        ];
        let widths = std::array::from_fn(|weight| columns[weight].len());
        Newton { bins, groups, contractions: columns.map(|columns| Contraction::new(&columns)), widths }
    }

    pub(super) fn memory(&self, parameters: usize) -> Step {
        let lanes = |length| vec![Lanes::ZERO; length];
        Step {
            ratios: lanes(self.bins.len()),
            weights: std::array::from_fn(|_| lanes(self.bins.len())),
            sums: lanes(self.widths.iter().sum()),
            matrix: lanes(parameters * parameters),
            inverse: lanes(parameters),
            step: lanes(parameters),
        }
    }

    /// The step from `values` into `memory.step`; returns its gain and the lanes in which it means something.
    #[inline(always)]
    pub(super) fn step<S: Simd>(
        &self,
        simd: S,
        point: &Point<S>,
        parameters: &Parameters,
        background_totals: &[f64],
        values: &[Lanes],
        memory: &mut Step,
    ) -> (f64x8<S>, mask64x8<S>) {
        let smallest = self.weigh(simd, point.counts, values, memory);
        let mut rest = memory.sums.as_mut_slice();
        for ((contraction, width), weights) in self.contractions.iter().zip(self.widths).zip(&memory.weights) {
            let (own, others) = rest.split_at_mut(width);
            contraction.sums(simd, weights, own);
            rest = others;
        }
        let (slope_background, rest) = memory.sums.split_at(self.widths[0]);
        let (slope_signal, rest) = rest.split_at(self.widths[1]);
        let (background, rest) = rest.split_at(self.widths[2]);
        let (mixed, signal) = rest.split_at(self.widths[3]);
        let (m, n) = (parameters.signal, parameters.len());
        for i in 0..n {
            let (total, slope) = match i.checked_sub(m) {
                None => (point.totals[i].load(simd), slope_signal[i].load(simd)),
                Some(k) => (f64x8::splat(simd, background_totals[k]), slope_background[k].load(simd)),
            };
            let (pull, width) = pull(simd, point, parameters, values, i);
            memory.step[i].store((-pull).mul_add(width, slope - total));
            for j in 0..=i {
                let element = match (i.checked_sub(m), j.checked_sub(m)) {
                    (Some(k), Some(l)) => background[k * (k + 1) / 2 + l],
                    (Some(k), None) => mixed[j * (n - m) + k],
                    (None, _) => signal[i * (i + 1) / 2 + j],
                };
                let element = element.load(simd);
                memory.matrix[i * n + j].store(if i == j { width.mul_add(width, element) } else { element });
            }
        }
        let (gain, positive) = ldl::solve(simd, &mut memory.matrix, &mut memory.step, &mut memory.inverse);
        (gain, positive & smallest.simd_ge(SMALLEST_RATIO) & gain.simd_ge(0.0))
    }

    /// r and weights of all bins; returns the smallest r of each lane.
    #[inline(always)]
    fn weigh<S: Simd>(&self, simd: S, counts: &[Lanes], values: &[Lanes], memory: &mut Step) -> f64x8<S> {
        let mut smallest = f64x8::splat(simd, f64::INFINITY);
        let [inverse, signal_inverse, curvature, signal_curvature, square] = &mut memory.weights;
        let ratios = memory.ratios.as_chunks_mut::<BLOCK>().0.iter_mut();
        let first = inverse.as_chunks_mut::<BLOCK>().0.iter_mut().zip(signal_inverse.as_chunks_mut::<BLOCK>().0);
        let second = curvature.as_chunks_mut::<BLOCK>().0.iter_mut().zip(signal_curvature.as_chunks_mut::<BLOCK>().0);
        let weights = first.zip(second).zip(square.as_chunks_mut::<BLOCK>().0);
        for ((block, ratios), weights) in self.bins.blocks().zip(ratios).zip(weights) {
            let (((inverse, signal_inverse), (curvature, signal_curvature)), square) = weights;
            let (signal, expected) = block.expected(simd, counts, values);
            let (offset, inverse_counts) = (block.offset(), block.inverse_counts());
            let r: [f64x8<S>; BLOCK] = std::array::from_fn(|i| (expected[i] + offset[i]) * inverse_counts[i]);
            // One division for four reciprocals.
            let (r01, r23) = (r[0] * r[1], r[2] * r[3]);
            let all = f64x8::splat(simd, 1.0) / (r01 * r23);
            let (i01, i23) = (all * r23, all * r01);
            let reciprocals = [i01 * r[1], i01 * r[0], i23 * r[3], i23 * r[2]];
            for i in 0..BLOCK {
                smallest = smallest.min(r[i]);
                let w = reciprocals[i] * reciprocals[i] * inverse_counts[i];
                let ws = w * signal[i];
                ratios[i].store(r[i]);
                inverse[i].store(reciprocals[i]);
                signal_inverse[i].store(reciprocals[i] * signal[i]);
                curvature[i].store(w);
                signal_curvature[i].store(ws);
                square[i].store(ws * signal[i]);
            }
        }
        smallest
    }

    /// chi2 at the `values` of the last step, from its r.
    #[inline(always)]
    pub(super) fn chi2<S: Simd>(
        &self,
        simd: S,
        point: &Point<S>,
        parameters: &Parameters,
        background_totals: &[f64],
        values: &[Lanes],
        memory: &Step,
    ) -> f64x8<S> {
        let mut logarithms = f64x8::splat(simd, 0.0);
        let mut counted = 0.0;
        let mut rest = memory.ratios.as_slice();
        for (size, count) in &self.groups {
            let (own, others) = rest.split_at(*size);
            let mut product = own[0].load(simd);
            for ratio in &own[1..] {
                product *= ratio.load(simd);
            }
            logarithms = ln(simd, product).mul_add(*count, logarithms);
            counted += *size as f64 * count;
            rest = others;
        }
        let mut excess = f64x8::splat(simd, -counted);
        let mut priors = f64x8::splat(simd, 0.0);
        for (i, value) in values.iter().enumerate() {
            let total = match i.checked_sub(parameters.signal) {
                None => point.totals[i].load(simd),
                Some(k) => f64x8::splat(simd, background_totals[k]),
            };
            excess = value.load(simd).mul_add(total, excess);
            let (pull, _) = pull(simd, point, parameters, values, i);
            priors = pull.mul_add(pull, priors);
        }
        (excess - logarithms).mul_add(2.0, priors)
    }

    /// Largest part of the last step, up to 1, that leaves 3/10 of the expected count in every bin with counts.
    #[inline(always)]
    pub(super) fn length<S: Simd>(&self, simd: S, counts: &[Lanes], memory: &Step) -> f64x8<S> {
        let mut steepest = f64x8::splat(simd, LARGEST_FALL);
        for (block, ratios) in self.bins.blocks().zip(memory.ratios.as_chunks::<BLOCK>().0) {
            let (_, change) = block.expected(simd, counts, &memory.step);
            for bin in 0..BLOCK {
                let fall = -change[bin] * block.inverse_counts()[bin] / ratios[bin].load(simd);
                steepest = steepest.max(fall);
            }
        }
        f64x8::splat(simd, LARGEST_FALL) / steepest
    }
}

/// Part of an expected count that one step may take away.
const LARGEST_FALL: f64 = 0.7;

/// eta/sigma of a parameter and d(eta/sigma)/dp.
#[inline(always)]
fn pull<S: Simd>(
    simd: S,
    point: &Point<S>,
    parameters: &Parameters,
    values: &[Lanes],
    i: usize,
) -> (f64x8<S>, f64x8<S>) {
    let inverse_sigma = f64x8::splat(simd, parameters.inverse_sigma[i]);
    let value = values[i].load(simd);
    if i < parameters.signal {
        let eta = value.mul_sub(point.inverse_unit, parameters.central[i]);
        return (eta * inverse_sigma, point.inverse_unit * inverse_sigma);
    }
    ((value - parameters.central[i]) * inverse_sigma, inverse_sigma)
}
