//! Rows of fits: damped Newton in eight lanes, each lane a stretch of the row that it walks along.
//!
//! A row is cut into blocks of [`ROW_BLOCK`](super::ROW_BLOCK) points, a block into eight stretches. Along its stretch a
//! lane starts each minimisation at the parabola through its last three minima, which is so near that one evaluation of
//! gradient and Hessian certifies and finishes most points: chi2 = chi2(start) - delta^2, with delta^2 the gain that the
//! quadratic model promises. The chi2 of Poisson counts is self-concordant, hence the error of that is below
//! (2/3) delta^3 (1/sqrt(n) for smallest counts n below 1), and a point is finished where this is below 7e-10.
//!
//! A step eliminates the unknowns of each dataset from its own system; what is left couples the shared ones alone, and
//! is solved for them (the Schur complement). With one dataset nothing is left.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::Status;
use crate::statistics::likelihood::Likelihood;

use super::ROW_BLOCK;
use super::lanes::{LANES, Lanes};
use super::ldl;
use super::part::{self, Part};
use super::reference::Reference;
use super::signal::Signal;

/// Gain above which a step is checked against negative counts; below, self-concordance forbids them.
const LARGEST_UNCHECKED_GAIN: f64 = 0.25;
/// Steps after which a lane is left to the reference; a cold start takes about 8.
const MAX_STEPS: usize = 24;
/// Earlier minima from which the next is extrapolated.
const HISTORY: usize = 3;

/// Datasets that are fitted together.
#[derive(Debug, Clone)]
pub(super) struct Newton {
    /// Each with the place of its parameters; the shared ones come after all of these.
    parts: Vec<(Part, Range<usize>)>,
    /// Number of parameters, those that datasets share in each of them, and where the shared ones begin.
    parameters: usize,
    first_shared: usize,
    /// Largest delta^2 with which a point is finished.
    largest_gain: f64,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    parts: Vec<part::Memory>,
    /// The datasets' parameters, then eta/sigma of the shared ones.
    values: Vec<Lanes>,
    step: Vec<Lanes>,
    /// The last minima, newest first.
    history: [Vec<Lanes>; HISTORY],
    /// The system of the shared parameters.
    matrix: Vec<Lanes>,
    inverse: Vec<Lanes>,
}

impl Newton {
    /// `None` where only the reference keeps the accuracy.
    pub(super) fn new(likelihood: &Likelihood) -> Option<Newton> {
        let mut parts = Vec::new();
        let mut first_shared = 0;
        for dataset in 0..likelihood.measurements().len() {
            let part = Part::new(likelihood, dataset)?;
            let own = first_shared..first_shared + part.parameters.len();
            first_shared = own.end;
            parts.push((part, own));
        }
        let largest_gain = parts.iter().map(|(part, _)| part.largest_gain()).fold(f64::INFINITY, f64::min);
        Some(Newton { parts, parameters: first_shared + likelihood.shared().len(), first_shared, largest_gain })
    }

    /// For counts of so many channels in each dataset.
    pub(super) fn memory(&self, channels: &[usize]) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        let shared = self.parameters - self.first_shared;
        Memory {
            parts: self.parts.iter().zip(channels).map(|((part, _), channels)| part.memory(*channels)).collect(),
            values: lanes(self.parameters),
            step: lanes(self.parameters),
            history: std::array::from_fn(|_| lanes(self.parameters)),
            matrix: lanes(shared * shared),
            inverse: lanes(shared),
        }
    }

    /// chi2 at each point of a row; raises its status where it is missing.
    #[inline(always)]
    pub(super) fn row<S: Simd>(
        &self,
        simd: S,
        signals: &[Signal],
        memory: &mut Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        for (((part, _), signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
            part.begin_row(signal, memory);
        }
        let mut first = 0;
        for (chi2, status) in chi2.chunks_mut(ROW_BLOCK).zip(status.chunks_mut(ROW_BLOCK)) {
            let stretch = chi2.len().div_ceil(LANES);
            for i in 0..stretch {
                // What lies beyond the end of a stretch repeats its last point.
                let own: [usize; LANES] =
                    std::array::from_fn(|lane| (lane * stretch + i.min(stretch - 1)).min(chi2.len() - 1));
                let points = own.map(|point| first + point);
                for (((part, _), signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
                    part.place(simd, signal, &points, memory);
                }
                self.start(simd, i, memory);
                let (values, found) = self.minimise(simd, memory);
                let (values, found) = (Lanes(values.to_array()), found.to_bitmask());
                for (lane, point) in own.into_iter().enumerate() {
                    if found >> lane & 1 == 1 {
                        chi2[point] = values.0[lane];
                        continue;
                    }
                    let (value, how) = reference.profile(signals, first + point);
                    chi2[point] = value;
                    status[point] = status[point].max(how);
                    if how == Status::Converged {
                        self.found(lane, reference, memory);
                    }
                }
            }
            first += chi2.len();
        }
    }

    /// The minimum that the reference found in one lane: the next point starts from it.
    fn found(&self, lane: usize, reference: &Reference, memory: &mut Memory) {
        let newest = &mut memory.history[0];
        for (dataset, (part, own)) in self.parts.iter().enumerate() {
            for (i, target) in newest[own.clone()].iter_mut().enumerate() {
                target.0[lane] = part.value(i, |parameter| reference.value(dataset, parameter));
            }
        }
        for (shared, target) in newest[self.first_shared..].iter_mut().enumerate() {
            target.0[lane] = reference.pull(shared);
        }
    }

    /// Starting values of the `step`-th point of a stretch. The minima before move down by one; the place of the newest
    /// is free.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S, step: usize, memory: &mut Memory) {
        if step == 0 {
            return self.cold_start(simd, mask64x8::splat(simd, true), memory);
        }
        let [newest, second, third] = &mut memory.history;
        for i in 0..self.parameters {
            let (a, b, c) = (newest[i].load(simd), second[i].load(simd), third[i].load(simd));
            memory.values[i].store(match step {
                1 => a,
                2 => a * 2.0 - b,
                _ => (a - b).mul_add(3.0, c),
            });
            third[i].store(b);
            second[i].store(a);
        }
        self.place_shared(simd, memory);
    }

    /// The priors' centres, with no more signal than the counts leave room for.
    #[inline(always)]
    fn cold_start<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        let zero = f64x8::splat(simd, 0.0);
        for ((part, own), memory_of_part) in self.parts.iter().zip(&memory.parts) {
            for (i, value) in memory.values[own.clone()].iter_mut().enumerate() {
                value.store(lanes.select(part.cold_start(simd, i, memory_of_part), value.load(simd)));
            }
        }
        for pull in &mut memory.values[self.first_shared..] {
            pull.store(lanes.select(zero, pull.load(simd)));
        }
        self.place_shared(simd, memory);
    }

    /// The shared parameters in each dataset, where their pulls have them.
    #[inline(always)]
    fn place_shared<S: Simd>(&self, simd: S, memory: &mut Memory) {
        let (values, pulls) = memory.values.split_at_mut(self.first_shared);
        if !pulls.is_empty() {
            for ((part, own), memory) in self.parts.iter().zip(&memory.parts) {
                part.place_shared(simd, pulls, &mut values[own.clone()], memory);
            }
        }
    }

    /// chi2 at the minimum, and the lanes in which it was found.
    #[inline(always)]
    fn minimise<S: Simd>(&self, simd: S, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>) {
        let mut chi2 = f64x8::splat(simd, f64::NAN);
        let mut found = mask64x8::splat(simd, false);
        let mut active = mask64x8::splat(simd, true);
        let mut fresh = mask64x8::splat(simd, true);
        for _ in 0..MAX_STEPS {
            let (gain, good) = self.step(simd, memory);
            let finished = active & good & gain.simd_le(self.largest_gain);
            if finished.any_true() {
                let (value, mut sound) = self.chi2(simd, memory);
                let value = value - gain;
                let newest = memory.history[0].iter_mut();
                for ((newest, value), step) in newest.zip(&memory.values).zip(&memory.step) {
                    newest.store(finished.select(value.load(simd) + step.load(simd), newest.load(simd)));
                }
                for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
                    sound &= part.allows(simd, &memory.history[0][own.clone()], part_memory);
                }
                sound &= value.is_finite();
                chi2 = (finished & sound).select(value, chi2);
                found |= finished & sound;
                active &= !finished;
            }
            if active.all_false() {
                break;
            }
            let mut length = f64x8::splat(simd, 1.0);
            let doubtful = gain.simd_gt(LARGEST_UNCHECKED_GAIN);
            if (active & doubtful).any_true() {
                for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
                    let checked = part.length(simd, &memory.step[own.clone()], part_memory);
                    length = length.min(doubtful.select(checked, length));
                }
            }
            let moves = active & good;
            for (value, step) in memory.values.iter_mut().zip(&memory.step) {
                let value_now = value.load(simd);
                value.store(moves.select(length.mul_add(step.load(simd), value_now), value_now));
            }
            // A start outside the domain: once more from the cold start, then it is the reference's.
            let failed = active & !good;
            if failed.any_true() {
                self.cold_start(simd, failed, memory);
                active &= good | fresh;
                fresh &= !failed;
            }
        }
        (chi2, found)
    }

    /// The Newton step at the values in memory; returns its gain and the lanes in which it means something.
    #[inline(always)]
    fn step<S: Simd>(&self, simd: S, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>) {
        let Memory { parts, values, step, matrix, inverse, .. } = memory;
        let (values, pulls) = values.split_at(self.first_shared);
        let (step, shared) = step.split_at_mut(self.first_shared);
        // Each has the prior t^2.
        matrix.fill(Lanes::ZERO);
        for (i, (step, pull)) in shared.iter_mut().zip(pulls).enumerate() {
            step.store(-pull.load(simd));
            matrix[i * pulls.len() + i] = Lanes([1.0; LANES]);
        }
        let mut gain = f64x8::splat(simd, 0.0);
        let mut good = mask64x8::splat(simd, true);
        for ((part, own), memory) in self.parts.iter().zip(&mut *parts) {
            let (own, sound) = part.expand(simd, &values[own.clone()], pulls, memory);
            gain += own;
            good &= sound;
            part.border(simd, matrix, shared, memory);
        }
        let (own, positive) = ldl::eliminate(simd, pulls.len(), matrix, shared, inverse);
        gain += own;
        ldl::substitute(simd, pulls.len(), matrix, shared, inverse);
        for ((part, own), memory) in self.parts.iter().zip(parts) {
            part.substitute(simd, shared, &mut step[own.clone()], memory);
        }
        (gain, good & positive & gain.simd_ge(0.0))
    }

    /// chi2 at the values of the last step, and the lanes in which it means something.
    #[inline(always)]
    fn chi2<S: Simd>(&self, simd: S, memory: &Memory) -> (f64x8<S>, mask64x8<S>) {
        let (values, pulls) = memory.values.split_at(self.first_shared);
        let mut chi2 = f64x8::splat(simd, 0.0);
        let mut sound = mask64x8::splat(simd, true);
        for ((part, own), memory) in self.parts.iter().zip(&memory.parts) {
            let (own, means) = part.chi2(simd, &values[own.clone()], pulls, memory);
            chi2 += own;
            sound &= means;
        }
        for pull in pulls {
            let pull = pull.load(simd);
            chi2 = pull.mul_add(pull, chi2);
        }
        (chi2, sound)
    }
}
