//! The bins of a Poisson dataset at eight points: f = chi2/2, its gradient and its Hessian at given parameters.
//!
//! With r = mu/n, the bins with counts enter as
//! ```text
//! f = sum(mu) - sum(n) - sum n ln r      df/dp_k = sum V_k - sum V_k/r      H_kl = sum V_k V_l/(n r^2)
//! ```
//! and bins without counts enter sum(mu) alone. Signal columns are s x (1, relative changes), so the sums over bins are
//! those of five weights (1/r, s/r, w, w s, w s^2 with w = 1/(n r^2)) with constant columns.
//!
//! Vector operations per bin for C time classes, m signal parameters, K background parameters (fused multiply-adds
//! counted once): C + K + m for mu, 13/4 for four reciprocals with one division, 7 for r and the weights, and
//! m + K + m(m+1)/2 + mK + K(K+1)/2 for the sums: 29 with C = 2, m = 1, K = 3.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::Measurement;

use super::bins::{BLOCK, Bins};
use super::contraction::Contraction;
use super::lanes::{Lanes, ln};
use super::parameters::{Parameters, Slopes, Values};

/// Bins whose r are multiplied before one logarithm serves them all: they have the same count.
const LOGARITHM_GROUP: usize = 8;
/// Below this r a product of [`LOGARITHM_GROUP`] of them could leave the range of f64.
pub(super) const SMALLEST_RATIO: f64 = 1e-38;
/// Part of an expected count that one step may take away.
pub(super) const LARGEST_FALL: f64 = 0.7;
/// Share of the counts that a cold start gives to the signal at least.
pub(super) const SMALLEST_SHARE: f64 = 0.05;
/// Largest delta^2 with which a point is finished, for counts of 1 and more.
const LARGEST_GAIN: f64 = 1e-6;

const WEIGHTS: usize = 5;

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Poisson {
    /// The bins with counts, by their counts.
    bins: Bins,
    /// Bins without counts: they bound the parameters where mu would be negative.
    empty: Bins,
    /// Bins of equal count, in order: how many, and the count.
    groups: Vec<(usize, f64)>,
    /// Columns for the weights 1/r, s/r, w, w s, w s^2.
    contractions: [Contraction; WEIGHTS],
    /// Number of columns of each.
    widths: [usize; WEIGHTS],
    /// Sum over bins of each signal column per count of each channel, `[signal parameters][channels]`.
    signal_totals: Vec<f64>,
    /// Sum over bins of each background column.
    background_totals: Vec<f64>,
    /// Most signal with which a cold start begins.
    pub largest_start: f64,
    /// Largest delta^2 with which a point is finished.
    pub largest_gain: f64,
}

/// Memory of a step.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Sum over all bins of each signal column.
    totals: Vec<Lanes>,
    /// r of each bin.
    ratios: Vec<Lanes>,
    weights: [Vec<Lanes>; WEIGHTS],
    sums: Vec<Lanes>,
}

/// Bins with counts, sorted by these, and the groups of equal count that one logarithm serves: how many, and the count.
pub(super) fn groups(counts: &[f64]) -> (Vec<usize>, Vec<(usize, f64)>) {
    let mut counted: Vec<usize> = (0..counts.len()).filter(|bin| counts[*bin] > 0.0).collect();
    counted.sort_by(|a, b| counts[*a].total_cmp(&counts[*b]));
    let mut groups: Vec<(usize, f64)> = Vec::new();
    for bin in &counted {
        match groups.last_mut() {
            Some((size, count)) if *count == counts[*bin] && *size < LOGARITHM_GROUP => *size += 1,
            _ => groups.push((1, counts[*bin])),
        }
    }
    (counted, groups)
}

impl Poisson {
    pub(super) fn new(measurement: &Measurement, parameters: &Parameters) -> Poisson {
        let (expectation, counts) = (&measurement.expectation, &measurement.observation.counts);
        let (counted, groups) = groups(counts);
        let empty: Vec<usize> = (0..counts.len()).filter(|bin| counts[*bin] <= 0.0).collect();
        let smallest = counted.first().map_or(1.0, |bin| counts[*bin].min(1.0));
        let bins = Bins::new(measurement, parameters, counts, &counted);
        let padded = |value: &dyn Fn(usize) -> f64| {
            let mut column: Vec<f64> = counted.iter().map(|bin| value(*bin)).collect();
            column.resize(bins.len(), 0.0);
            column
        };
        let backgrounds: Vec<&[f64]> = parameters.backgrounds(measurement).collect();
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
        let time_bins = expectation.time_bins;
        let signal_totals = (0..m).flat_map(|parameter| {
            let classes = expectation.time_fractions.chunks(time_bins);
            classes.flat_map(move |fractions| {
                (0..expectation.energy_bins).map(move |energy| {
                    let times = fractions.iter().enumerate();
                    let bins = times.map(|(time, f)| (energy * time_bins + time, f));
                    bins.map(|(bin, f)| f * Parameters::signal_change(expectation, parameter, bin)).sum::<f64>()
                })
            })
        });
        let background_totals: Vec<f64> = backgrounds.iter().map(|column| column.iter().sum()).collect();
        let counted_total: f64 = counts.iter().sum();
        let central = parameters.central[m..].iter();
        let expected: f64 = central.zip(&background_totals).map(|(value, total)| value * total).sum();
        Poisson {
            empty: Bins::new(measurement, parameters, counts, &empty),
            groups,
            widths: std::array::from_fn(|weight| columns[weight].len()),
            contractions: columns.map(|columns| Contraction::new(&columns)),
            signal_totals: signal_totals.collect(),
            background_totals,
            largest_start: (counted_total - expected).max(SMALLEST_SHARE * counted_total),
            largest_gain: LARGEST_GAIN * smallest.cbrt(),
            bins,
        }
    }

    pub(super) fn memory(&self, parameters: &Parameters) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            totals: lanes(parameters.signal),
            ratios: lanes(self.bins.len()),
            weights: std::array::from_fn(|_| lanes(self.bins.len())),
            sums: lanes(self.widths.iter().sum()),
        }
    }

    /// Puts the counts of eight points into units of the signal's total or of 1, whichever is larger; returns the
    /// total.
    #[inline(never)]
    pub(super) fn place<S: Simd>(&self, simd: S, counts: &mut [Lanes], memory: &mut Memory) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut total = f64x8::splat(simd, 0.0);
                let channels = counts.len();
                for (count, per_count) in counts.iter().zip(&self.signal_totals[..channels]) {
                    total = count.load(simd).mul_add(*per_count, total);
                }
                let inverse_unit = f64x8::splat(simd, 1.0) / total.max(1.0);
                for count in counts.iter_mut() {
                    count.store(count.load(simd) * inverse_unit);
                }
                for (total, per_count) in memory.totals.iter_mut().zip(self.signal_totals.chunks(channels)) {
                    let mut sum = f64x8::splat(simd, 0.0);
                    for (count, per_count) in counts.iter().zip(per_count) {
                        sum = count.load(simd).mul_add(*per_count, sum);
                    }
                    total.store(sum);
                }
                total
            },
        )
    }

    /// Minus the gradient and the Hessian at the values; returns the lanes in which they mean something.
    #[inline(always)]
    pub(super) fn expand<S: Simd>(
        &self,
        simd: S,
        values: &Values,
        memory: &mut Memory,
        slopes: &mut Slopes,
    ) -> mask64x8<S> {
        let smallest = self.weigh(simd, values, memory);
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
        let (m, n) = (memory.totals.len(), values.values.len());
        let mut curvatures = slopes.curvature.iter_mut();
        for i in 0..n {
            let (total, slope) = match i.checked_sub(m) {
                None => (memory.totals[i].load(simd), slope_signal[i].load(simd)),
                Some(k) => (f64x8::splat(simd, self.background_totals[k]), slope_background[k].load(simd)),
            };
            slopes.downhill[i].store(slope - total);
            for (j, curvature) in (0..=i).zip(&mut curvatures) {
                *curvature = match (i.checked_sub(m), j.checked_sub(m)) {
                    (Some(k), Some(l)) => background[k * (k + 1) / 2 + l],
                    (Some(k), None) => mixed[j * (n - m) + k],
                    (None, _) => signal[i * (i + 1) / 2 + j],
                };
            }
        }
        smallest.simd_ge(SMALLEST_RATIO)
    }

    /// r and weights of all bins; returns the smallest r of each lane.
    #[inline(never)]
    fn weigh<S: Simd>(&self, simd: S, values: &Values, memory: &mut Memory) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut smallest = f64x8::splat(simd, f64::INFINITY);
                let [inverse, signal_inverse, curvature, signal_curvature, square] = &mut memory.weights;
                let ratios = memory.ratios.as_chunks_mut::<BLOCK>().0.iter_mut();
                let first =
                    inverse.as_chunks_mut::<BLOCK>().0.iter_mut().zip(signal_inverse.as_chunks_mut::<BLOCK>().0);
                let second =
                    curvature.as_chunks_mut::<BLOCK>().0.iter_mut().zip(signal_curvature.as_chunks_mut::<BLOCK>().0);
                let weights = first.zip(second).zip(square.as_chunks_mut::<BLOCK>().0);
                for ((block, ratios), weights) in self.bins.blocks().zip(ratios).zip(weights) {
                    let (((inverse, signal_inverse), (curvature, signal_curvature)), square) = weights;
                    let (signal, expected) = block.expected(simd, values.counts, values.values);
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
            },
        )
    }

    /// chi2 at the values of the last [`Poisson::expand`], from its r; `priors` is what is to be added.
    #[inline(never)]
    pub(super) fn chi2<S: Simd>(&self, simd: S, values: &[Lanes], memory: &Memory, priors: f64x8<S>) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
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
                let m = memory.totals.len();
                for (i, value) in values.iter().enumerate() {
                    let total = match i.checked_sub(m) {
                        None => memory.totals[i].load(simd),
                        Some(k) => f64x8::splat(simd, self.background_totals[k]),
                    };
                    excess = value.load(simd).mul_add(total, excess);
                }
                (excess - logarithms).mul_add(2.0, priors)
            },
        )
    }

    /// Largest part of the step, up to 1, that leaves 3/10 of the expected count in every bin with counts.
    #[inline(never)]
    pub(super) fn length<S: Simd>(&self, simd: S, step: &Values, memory: &Memory) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut steepest = f64x8::splat(simd, LARGEST_FALL);
                for (block, ratios) in self.bins.blocks().zip(memory.ratios.as_chunks::<BLOCK>().0) {
                    let (_, change) = block.expected(simd, step.counts, step.values);
                    for bin in 0..BLOCK {
                        let fall = -change[bin] * block.inverse_counts()[bin] / ratios[bin].load(simd);
                        steepest = steepest.max(fall);
                    }
                }
                f64x8::splat(simd, LARGEST_FALL) / steepest
            },
        )
    }

    /// Lanes in which no bin without counts has a negative expected count.
    #[inline(never)]
    pub(super) fn allows<S: Simd>(&self, simd: S, values: &Values) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut smallest = f64x8::splat(simd, 0.0);
                for block in self.empty.blocks() {
                    let (_, expected) = block.expected(simd, values.counts, values.values);
                    for (expected, offset) in expected.into_iter().zip(block.offset()) {
                        smallest = smallest.min(expected + *offset);
                    }
                }
                smallest.simd_ge(0.0)
            },
        )
    }
}
