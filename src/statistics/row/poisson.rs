//! Rows of Poisson fits: damped Newton in eight lanes, each lane a stretch of the row that it walks along.
//!
//! A row is cut into blocks of [`ROW_BLOCK`](super::ROW_BLOCK) points, a block into eight stretches. Along its stretch a
//! lane starts each minimisation at the parabola through its last three minima, which is so near that one evaluation of
//! gradient and Hessian certifies and finishes most points: chi2 = chi2(start) - delta^2, with delta^2 the gain that the
//! quadratic model promises. The chi2 of Poisson counts is self-concordant, hence the error of that is below
//! (2/3) delta^3 (1/sqrt(n) for smallest counts n below 1), and a point is finished where this is below 7e-10.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::{Fit, Status};

use super::ROW_BLOCK;
use super::bins::Bins;
use super::lanes::{LANES, Lanes};
use super::newton::{Newton, Point, Step};
use super::parameters::Parameters;
use super::reference::Reference;
use super::signal::{LARGEST_TOTAL, Signal};

/// Largest delta^2 with which a point is finished, for counts of 1 and more.
const LARGEST_GAIN: f64 = 1e-6;
/// Gain above which a step is checked against negative counts; below, self-concordance forbids them.
const LARGEST_UNCHECKED_GAIN: f64 = 0.25;
/// Steps after which a lane is left to the reference; a cold start takes about 8.
const MAX_STEPS: usize = 24;
/// Share of the counts that a cold start gives to the signal at least.
const SMALLEST_SHARE: f64 = 0.05;
/// Largest sum of the signal's |parameters| (in events) whose expected counts keep chi2 to 1e-9. Above, shapes cancel
/// a signal far stronger than all that was counted.
const LARGEST_SIGNAL: f64 = 4e6;
/// Earlier minima from which the next is extrapolated.
const HISTORY: usize = 3;

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Poisson {
    parameters: Parameters,
    newton: Newton,
    /// Bins without counts: they bound the parameters where mu would be negative.
    empty: Bins,
    /// Sum over bins of each signal column per count of each channel, `[signal parameters][channels]`.
    signal_totals: Vec<f64>,
    /// Sum over bins of each background column.
    background_totals: Vec<f64>,
    /// Most signal with which a cold start begins.
    largest_start: f64,
    largest_gain: f64,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    counts: Vec<Lanes>,
    totals: Vec<Lanes>,
    values: Vec<Lanes>,
    /// The last minima, newest first, `[HISTORY][parameters]`.
    history: [Vec<Lanes>; HISTORY],
    step: Step,
}

/// How eight minimisations ended.
struct Minimum<S: Simd> {
    chi2: f64x8<S>,
    found: mask64x8<S>,
}

impl Poisson {
    pub(super) fn new(fit: &Fit) -> Poisson {
        let (expectation, counts) = (&fit.expectation, &fit.observation.counts);
        let parameters = Parameters::new(expectation);
        let mut counted: Vec<usize> = (0..counts.len()).filter(|bin| counts[*bin] > 0.0).collect();
        counted.sort_by(|a, b| counts[*a].total_cmp(&counts[*b]));
        let empty: Vec<usize> = (0..counts.len()).filter(|bin| counts[*bin] <= 0.0).collect();
        let smallest = counted.first().map_or(1.0, |bin| counts[*bin].min(1.0));
        let time_bins = expectation.time_bins;
        let signal_totals = (0..parameters.signal).flat_map(|parameter| {
            let classes = expectation.time_fractions.chunks(time_bins);
            classes.flat_map(move |fractions| {
                (0..expectation.energy_bins).map(move |energy| {
                    let times = fractions.iter().enumerate();
                    let bins = times.map(|(time, f)| (energy * time_bins + time, f));
                    bins.map(|(bin, f)| f * Parameters::signal_change(expectation, parameter, bin)).sum::<f64>()
                })
            })
        });
        let background_totals: Vec<f64> =
            parameters.backgrounds(expectation).map(|column| column.iter().sum()).collect();
        let counted_total: f64 = counts.iter().sum();
        let central = parameters.central[parameters.signal..].iter();
        let expected: f64 = central.zip(&background_totals).map(|(value, total)| value * total).sum();
        Poisson {
            newton: Newton::new(expectation, &parameters, counts, &counted),
            empty: Bins::new(expectation, &parameters, counts, &empty),
            signal_totals: signal_totals.collect(),
            background_totals,
            largest_start: (counted_total - expected).max(SMALLEST_SHARE * counted_total),
            largest_gain: LARGEST_GAIN * smallest.cbrt(),
            parameters,
        }
    }

    pub(super) fn memory(&self) -> Memory {
        let n = self.parameters.len();
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            counts: lanes(self.signal_totals.len() / self.parameters.signal.max(1)),
            totals: lanes(self.parameters.signal),
            values: lanes(n),
            history: std::array::from_fn(|_| lanes(n)),
            step: self.newton.memory(n),
        }
    }

    /// chi2 at each point of a row; raises its status where it is missing.
    #[inline(always)]
    pub(super) fn row<S: Simd>(
        &self,
        simd: S,
        signal: &Signal,
        memory: &mut Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        let mut first = 0;
        for (chi2, status) in chi2.chunks_mut(ROW_BLOCK).zip(status.chunks_mut(ROW_BLOCK)) {
            let stretch = chi2.len().div_ceil(LANES);
            for i in 0..stretch {
                // What lies beyond the end of a stretch repeats its last point.
                let own: [usize; LANES] =
                    std::array::from_fn(|lane| (lane * stretch + i.min(stretch - 1)).min(chi2.len() - 1));
                signal.load(simd, &own.map(|point| first + point), &mut memory.counts);
                let minimum = self.point(simd, i, memory);
                let found = minimum.found.to_bitmask();
                let values = Lanes(minimum.chi2.to_array());
                for (lane, point) in own.into_iter().enumerate() {
                    if found >> lane & 1 == 1 {
                        chi2[point] = values.0[lane];
                        continue;
                    }
                    let (value, how) = reference.profile(signal, first + point);
                    chi2[point] = value;
                    status[point] = status[point].max(how);
                    if how == Status::Converged {
                        for (target, index) in memory.history[0].iter_mut().zip(&self.parameters.order) {
                            target.0[lane] = reference.value(*index);
                        }
                    }
                }
            }
            first += chi2.len();
        }
    }

    /// The minimum for the counts in memory, the `step`-th of their stretch.
    #[inline(always)]
    fn point<S: Simd>(&self, simd: S, step: usize, memory: &mut Memory) -> Minimum<S> {
        let mut total = f64x8::splat(simd, 0.0);
        let channels = memory.counts.len();
        for (count, per_count) in memory.counts.iter().zip(&self.signal_totals[..channels]) {
            total = count.load(simd).mul_add(*per_count, total);
        }
        let unit = total.max(1.0);
        let inverse_unit = f64x8::splat(simd, 1.0) / unit;
        for count in &mut memory.counts {
            count.store(count.load(simd) * inverse_unit);
        }
        for (total, per_count) in memory.totals.iter_mut().zip(self.signal_totals.chunks(channels)) {
            let mut sum = f64x8::splat(simd, 0.0);
            for (count, per_count) in memory.counts.iter().zip(per_count) {
                sum = count.load(simd).mul_add(*per_count, sum);
            }
            total.store(sum);
        }
        self.extrapolate(simd, step, unit, memory);
        let mut minimum = self.minimise(simd, unit, inverse_unit, memory);
        let mut strength = f64x8::splat(simd, 0.0);
        for value in &memory.history[0][..self.parameters.signal] {
            strength += value.load(simd).abs();
        }
        minimum.found &= total.simd_le(LARGEST_TOTAL) & strength.simd_le(LARGEST_SIGNAL);
        minimum
    }

    /// Starting values from the minima before, which move down by one; the place of the newest is free.
    #[inline(always)]
    fn extrapolate<S: Simd>(&self, simd: S, step: usize, unit: f64x8<S>, memory: &mut Memory) {
        if step == 0 {
            return self.cold_start(simd, unit, mask64x8::splat(simd, true), &mut memory.values);
        }
        let [newest, second, third] = &mut memory.history;
        for i in 0..self.parameters.len() {
            let (a, b, c) = (newest[i].load(simd), second[i].load(simd), third[i].load(simd));
            memory.values[i].store(match step {
                1 => a,
                2 => a * 2.0 - b,
                _ => (a - b).mul_add(3.0, c),
            });
            third[i].store(b);
            second[i].store(a);
        }
    }

    /// The priors' centres, with no more signal than the counts leave room for.
    #[inline(always)]
    fn cold_start<S: Simd>(&self, simd: S, unit: f64x8<S>, lanes: mask64x8<S>, values: &mut [Lanes]) {
        for (i, (value, central)) in values.iter_mut().zip(&self.parameters.central).enumerate() {
            let mut start = f64x8::splat(simd, *central);
            if i < self.parameters.signal {
                start *= unit;
            }
            if i == 0 {
                start = start.min(self.largest_start);
            }
            value.store(lanes.select(start, value.load(simd)));
        }
    }

    #[inline(always)]
    fn minimise<S: Simd>(&self, simd: S, unit: f64x8<S>, inverse_unit: f64x8<S>, memory: &mut Memory) -> Minimum<S> {
        let mut chi2 = f64x8::splat(simd, f64::NAN);
        let mut found = mask64x8::splat(simd, false);
        let mut active = mask64x8::splat(simd, true);
        let mut fresh = mask64x8::splat(simd, true);
        let [newest, ..] = &mut memory.history;
        let (parameters, totals) = (&self.parameters, self.background_totals.as_slice());
        for _ in 0..MAX_STEPS {
            let point = Point { counts: &memory.counts, totals: &memory.totals, inverse_unit };
            let (gain, good) = self.newton.step(simd, &point, parameters, totals, &memory.values, &mut memory.step);
            let finished = active & good & gain.simd_le(self.largest_gain);
            if finished.any_true() {
                let value = self.newton.chi2(simd, &point, parameters, totals, &memory.values, &memory.step) - gain;
                for ((newest, value), step) in newest.iter_mut().zip(&memory.values).zip(&memory.step.step) {
                    newest.store(finished.select(value.load(simd) + step.load(simd), newest.load(simd)));
                }
                let sound = value.is_finite() & self.allowed(simd, &memory.counts, newest);
                chi2 = (finished & sound).select(value, chi2);
                found |= finished & sound;
                active &= !finished;
            }
            if active.all_false() {
                break;
            }
            let mut length = f64x8::splat(simd, 1.0);
            if (active & gain.simd_gt(LARGEST_UNCHECKED_GAIN)).any_true() {
                let checked = self.newton.length(simd, &memory.counts, &memory.step);
                length = gain.simd_gt(LARGEST_UNCHECKED_GAIN).select(checked, length);
            }
            let moves = active & good;
            for (value, step) in memory.values.iter_mut().zip(&memory.step.step) {
                let value_now = value.load(simd);
                value.store(moves.select(length.mul_add(step.load(simd), value_now), value_now));
            }
            // A start outside the domain: once more from the cold start, then it is the reference's.
            let failed = active & !good;
            if failed.any_true() {
                self.cold_start(simd, unit, failed, &mut memory.values);
                active &= good | fresh;
                fresh &= !failed;
            }
        }
        Minimum { chi2, found }
    }

    /// Lanes in which no bin without counts has a negative expected count.
    #[inline(always)]
    fn allowed<S: Simd>(&self, simd: S, counts: &[Lanes], values: &[Lanes]) -> mask64x8<S> {
        let mut smallest = f64x8::splat(simd, 0.0);
        for block in self.empty.blocks() {
            let (_, expected) = block.expected(simd, counts, values);
            for (expected, offset) in expected.into_iter().zip(block.offset()) {
                smallest = smallest.min(expected + *offset);
            }
        }
        smallest.simd_ge(0.0)
    }
}
