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

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::Status;
use crate::statistics::likelihood::Likelihood;

use super::ROW_BLOCK;
use super::lanes::{LANES, Lanes};
use super::ldl;
use super::part::{self, Part};
use super::points::Track;
use super::reference::Reference;
use super::signal::Signal;

/// Gain above which a step is checked against negative counts; below, self-concordance forbids them.
const LARGEST_UNCHECKED_GAIN: f64 = 0.25;
/// Steps after which a lane is left to the reference; a cold start takes about 8.
const MAX_STEPS: usize = 24;

/// Datasets that are fitted together.
#[derive(Debug, Clone)]
pub(super) struct Newton {
    parts: Vec<Part>,
    /// Number of shared parameters.
    shared: usize,
    /// Largest delta^2 with which a point is finished.
    largest_gain: f64,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    parts: Vec<part::Memory>,
    shared: Shared,
}

/// The shared parameters.
#[derive(Debug, Clone)]
struct Shared {
    /// eta/sigma.
    pulls: Track,
    matrix: Vec<Lanes>,
    inverse: Vec<Lanes>,
    step: Vec<Lanes>,
}

/// How eight minimisations ended.
struct Minimum<S: Simd> {
    chi2: f64x8<S>,
    found: mask64x8<S>,
}

impl Newton {
    /// `None` where only the reference keeps the accuracy.
    pub(super) fn new(likelihood: &Likelihood) -> Option<Newton> {
        let parts = (0..likelihood.measurements().len()).map(|dataset| Part::new(likelihood, dataset));
        let parts: Vec<Part> = parts.collect::<Option<_>>()?;
        let largest_gain = parts.iter().map(Part::largest_gain).fold(f64::INFINITY, f64::min);
        Some(Newton { parts, shared: likelihood.shared().len(), largest_gain })
    }

    /// For counts of so many channels in each dataset.
    pub(super) fn memory(&self, channels: &[usize]) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            parts: self.parts.iter().zip(channels).map(|(part, channels)| part.memory(*channels)).collect(),
            shared: Shared {
                pulls: Track::new(self.shared),
                matrix: lanes(self.shared * self.shared),
                inverse: lanes(self.shared),
                step: lanes(self.shared),
            },
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
        for ((part, signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
            part.begin_row(signal, memory);
        }
        if self.closed(simd, signals, &[0; LANES], memory).is_some() {
            return self.closed_row(simd, signals, memory, reference, chi2, status);
        }
        let mut first = 0;
        for (chi2, status) in chi2.chunks_mut(ROW_BLOCK).zip(status.chunks_mut(ROW_BLOCK)) {
            let stretch = chi2.len().div_ceil(LANES);
            for i in 0..stretch {
                // What lies beyond the end of a stretch repeats its last point.
                let own: [usize; LANES] =
                    std::array::from_fn(|lane| (lane * stretch + i.min(stretch - 1)).min(chi2.len() - 1));
                let points = own.map(|point| first + point);
                for ((part, signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
                    part.place(simd, signal, &points, memory);
                }
                self.start(simd, i, memory);
                let minimum = self.minimise(simd, memory);
                let found = minimum.found.to_bitmask();
                let values = Lanes(minimum.chi2.to_array());
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

    /// The same where the minimum has a closed form.
    #[inline(always)]
    fn closed_row<S: Simd>(
        &self,
        simd: S,
        signals: &[Signal],
        memory: &Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        let points = chi2.len();
        for (block, (chi2, status)) in chi2.chunks_mut(LANES).zip(status.chunks_mut(LANES)).enumerate() {
            let own: [usize; LANES] = std::array::from_fn(|lane| (block * LANES + lane).min(points - 1));
            let Some(values) = self.closed(simd, signals, &own, memory) else { return };
            if values.is_finite().all_true() && chi2.len() == LANES {
                values.store_slice(chi2);
                continue;
            }
            let values = values.to_array();
            for (lane, (chi2, status)) in chi2.iter_mut().zip(status).enumerate() {
                let (value, how) = match values[lane].is_finite() {
                    true => (values[lane], Status::Converged),
                    false => reference.profile(signals, own[lane]),
                };
                (*chi2, *status) = (value, how.max(*status));
            }
        }
    }

    /// chi2 of one dataset from a closed form, where it has one.
    #[inline(always)]
    fn closed<S: Simd>(
        &self,
        simd: S,
        signals: &[Signal],
        points: &[usize; LANES],
        memory: &Memory,
    ) -> Option<f64x8<S>> {
        match (self.parts.as_slice(), signals, memory.parts.as_slice()) {
            ([part], [signal], [own]) if self.shared == 0 => part.closed(simd, signal, points, own),
            _ => None,
        }
    }

    /// The minimum that the reference found in one lane: the next point starts from it.
    fn found(&self, lane: usize, reference: &Reference, memory: &mut Memory) {
        for (dataset, (part, memory)) in self.parts.iter().zip(&mut memory.parts).enumerate() {
            part.found(lane, |parameter| reference.value(dataset, parameter), memory);
        }
        for (shared, newest) in memory.shared.pulls.newest().iter_mut().enumerate() {
            newest.0[lane] = reference.pull(shared);
        }
    }

    /// Starting values of the `step`-th point of a stretch.
    #[inline(always)]
    fn start<S: Simd>(&self, simd: S, step: usize, memory: &mut Memory) {
        if step == 0 {
            return self.cold_start(simd, mask64x8::splat(simd, true), memory);
        }
        for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
            part.extrapolate(simd, step, memory);
        }
        memory.shared.pulls.extrapolate(simd, step);
        self.place_shared(simd, memory);
    }

    #[inline(always)]
    fn cold_start<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
            part.cold_start(simd, lanes, memory);
        }
        for pull in &mut memory.shared.pulls.now {
            pull.store(lanes.select(f64x8::splat(simd, 0.0), pull.load(simd)));
        }
        self.place_shared(simd, memory);
    }

    #[inline(always)]
    fn place_shared<S: Simd>(&self, simd: S, memory: &mut Memory) {
        if self.shared > 0 {
            for (part, own) in self.parts.iter().zip(&mut memory.parts) {
                part.place_shared(simd, &memory.shared.pulls.now, own);
            }
        }
    }

    #[inline(always)]
    fn minimise<S: Simd>(&self, simd: S, memory: &mut Memory) -> Minimum<S> {
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
                for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
                    sound &= part.finish(simd, finished, memory);
                }
                let Shared { pulls, step, .. } = &mut memory.shared;
                pulls.finish(simd, step, finished);
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
                for (part, memory) in self.parts.iter().zip(&memory.parts) {
                    length = length.min(doubtful.select(part.length(simd, memory), length));
                }
            }
            let moves = active & good;
            for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
                part.advance(simd, length, moves, memory);
            }
            let Shared { pulls, step, .. } = &mut memory.shared;
            pulls.advance(simd, step, length, moves);
            // A start outside the domain: once more from the cold start, then it is the reference's.
            let failed = active & !good;
            if failed.any_true() {
                self.cold_start(simd, failed, memory);
                active &= good | fresh;
                fresh &= !failed;
            }
        }
        Minimum { chi2, found }
    }

    /// The Newton step at the values in memory; returns its gain and the lanes in which it means something.
    #[inline(always)]
    fn step<S: Simd>(&self, simd: S, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>) {
        let Shared { pulls, matrix, inverse, step } = &mut memory.shared;
        // Each has the prior t^2.
        matrix.fill(Lanes::ZERO);
        for (i, (step, pull)) in step.iter_mut().zip(&pulls.now).enumerate() {
            step.store(-pull.load(simd));
            matrix[i * self.shared + i] = Lanes([1.0; LANES]);
        }
        let mut gain = f64x8::splat(simd, 0.0);
        let mut good = mask64x8::splat(simd, true);
        for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
            let (own, sound) = part.expand(simd, &pulls.now, memory);
            gain += own;
            good &= sound;
            part.border(simd, matrix, step, memory);
        }
        let (own, positive) = ldl::eliminate(simd, self.shared, matrix, step, inverse);
        gain += own;
        ldl::substitute(simd, self.shared, matrix, step, inverse);
        for (part, memory) in self.parts.iter().zip(&mut memory.parts) {
            part.substitute(simd, step, memory);
        }
        (gain, good & positive & gain.simd_ge(0.0))
    }

    /// chi2 at the values of the last step, and the lanes in which it means something.
    #[inline(always)]
    fn chi2<S: Simd>(&self, simd: S, memory: &Memory) -> (f64x8<S>, mask64x8<S>) {
        let pulls = &memory.shared.pulls.now;
        let mut chi2 = f64x8::splat(simd, 0.0);
        let mut sound = mask64x8::splat(simd, true);
        for (part, memory) in self.parts.iter().zip(&memory.parts) {
            let (own, means) = part.chi2(simd, pulls, memory);
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
