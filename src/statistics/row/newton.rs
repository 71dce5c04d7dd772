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

mod descent;
mod guess;
mod minima;
mod search;
mod starts;
mod waiting;

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::Status;
use crate::statistics::likelihood::Likelihood;

use super::ROW_BLOCK;
use super::known::{Known, Start};
use super::lanes::{LANES, Lanes};
use super::ldl;
use super::part::{self, Part};
use super::reference::Reference;
use super::signal::Signal;
use minima::Minima;
use search::Other;
use waiting::Waiting;

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
    /// Where other minima are sought: none where there is one alone.
    others: Vec<Other>,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    parts: Vec<part::Memory>,
    /// The datasets' parameters, then eta/sigma of the shared ones.
    values: Vec<Lanes>,
    step: Vec<Lanes>,
    /// The last change of the values.
    moves: Vec<Lanes>,
    /// The last minima, newest first.
    history: [Vec<Lanes>; HISTORY],
    /// Where fits near known minima started.
    start: Vec<Lanes>,
    minima: Minima,
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
        let parameters = first_shared + likelihood.shared().len();
        Some(Newton { others: search::others(&parts), parts, parameters, first_shared })
    }

    /// For counts of so many channels in each dataset.
    pub(super) fn memory(&self, channels: &[usize]) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        let shared = self.parameters - self.first_shared;
        let parts = self.parts.iter().zip(channels).map(|((part, _), channels)| part.memory(*channels));
        let mut parts: Vec<part::Memory> = parts.collect();
        Memory {
            minima: Minima::new(self.parameters, &mut parts),
            parts,
            values: lanes(self.parameters),
            step: lanes(self.parameters),
            moves: lanes(self.parameters),
            start: lanes(self.parameters),
            history: std::array::from_fn(|_| lanes(self.parameters)),
            matrix: lanes(shared * shared),
            inverse: lanes(shared),
        }
    }

    /// Whether signals may have several minima.
    pub(super) fn has_several_minima(&self) -> bool {
        !self.others.is_empty()
    }

    /// chi2 at each point of a row; raises its status where it is missing. Where there may be several minima, points that follow
    /// one another are side by side, and nothing is carried from point to point: each begins at its start or, without one, with
    /// a thorough search. What is found is added to `known`.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "what goes in, and what comes out")]
    pub(super) fn row<S: Simd>(
        &self,
        simd: S,
        signals: &[Signal],
        starts: &[Start],
        memory: &mut Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
        mut known: Option<&mut Known>,
    ) {
        for (((part, _), signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
            part.begin_row(signal, memory);
        }
        let several = self.has_several_minima();
        // Few of the points of a vector are due for searches from known minima: those of all vectors wait for each other.
        let mut waiting = (several && chi2.len() > LANES).then(Waiting::default);
        let mut first = 0;
        for block in chi2.chunks(ROW_BLOCK).map(<[f64]>::len).collect::<Vec<_>>() {
            let stretch = block.div_ceil(LANES);
            for i in 0..stretch {
                // What lies beyond the end of a stretch repeats its last point.
                let points: [usize; LANES] = std::array::from_fn(|lane| {
                    let point = if several { i * LANES + lane } else { lane * stretch + i };
                    first + point.min(block - 1)
                });
                self.place(simd, signals, &points, memory);
                let (values, found, waits) = match several {
                    true => {
                        let guesses = points.map(|point| self.guess(starts.get(point).copied().unwrap_or_default()));
                        self.start_near(simd, &guesses, memory);
                        self.lowest(simd, &points, &guesses, &mut waiting, memory)
                    }
                    false => {
                        self.start(simd, i, memory);
                        let (values, found) = self.minimise(simd, memory);
                        (values, found, 0)
                    }
                };
                let found = (values.to_array(), found.to_bitmask(), waits);
                self.keep(&points, found, signals, memory, reference, chi2, status, &mut known);
            }
            first += block;
        }
        let mut waiting = waiting.unwrap_or_default();
        while let Some(group) = waiting.take() {
            self.place(simd, signals, &group.points, memory);
            let (values, found) = self.lowest_of_waiting(simd, group.due, group.records, &waiting, memory);
            let found = (values.to_array(), found.to_bitmask(), group.repeated);
            self.keep(&group.points, found, signals, memory, reference, chi2, status, &mut known);
        }
    }

    #[inline(always)]
    fn place<S: Simd>(&self, simd: S, signals: &[Signal], points: &[usize; LANES], memory: &mut Memory) {
        for (((part, _), signal), memory) in self.parts.iter().zip(signals).zip(&mut memory.parts) {
            part.place(simd, signal, points, memory);
        }
    }

    /// What was found at eight points, and what the reference finds where nothing was; `apart` are lanes that wait, or repeat.
    #[allow(clippy::too_many_arguments, reason = "what was found where, and what keeps it")]
    fn keep(
        &self,
        points: &[usize; LANES],
        (values, found, apart): ([f64; LANES], u64, u64),
        signals: &[Signal],
        memory: &mut Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
        known: &mut Option<&mut Known>,
    ) {
        let own = points.iter().copied().enumerate().filter(|(lane, _)| apart >> lane & 1 == 0);
        for (lane, point) in own.clone() {
            if found >> lane & 1 == 1 {
                chi2[point] = values[lane];
                continue;
            }
            let (value, how) = reference.profile(signals, point);
            chi2[point] = value;
            status[point] = status[point].max(how);
            if how == Status::Converged {
                self.found(lane, reference, memory);
            }
        }
        if let Some(known) = known {
            for (lane, point) in own.filter(|(_, point)| !chi2[*point].is_nan()) {
                self.record(lane, point, memory, known);
            }
        }
    }

    /// The Newton step at the values in memory, with the curvature of mu or without; returns its gain, the lanes in which it
    /// means something, and those in which its matrix is positive definite.
    #[inline(always)]
    fn step<S: Simd>(&self, simd: S, bent: mask64x8<S>, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>, mask64x8<S>) {
        let bent = bent.select(f64x8::splat(simd, 1.0), f64x8::splat(simd, 0.0));
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
        let (mut sound, mut positive) = (mask64x8::splat(simd, true), mask64x8::splat(simd, true));
        for ((part, own), memory) in self.parts.iter().zip(&mut *parts) {
            let (own, is_sound, is_positive) = part.expand(simd, &values[own.clone()], pulls, bent, memory);
            gain += own;
            sound &= is_sound;
            positive &= is_positive;
            part.border(simd, matrix, shared, memory);
        }
        let (own, is_positive) = ldl::eliminate(simd, pulls.len(), matrix, shared, inverse);
        gain += own;
        positive &= is_positive;
        ldl::substitute(simd, pulls.len(), matrix, shared, inverse);
        for ((part, own), memory) in self.parts.iter().zip(parts) {
            part.substitute(simd, shared, &mut step[own.clone()], memory);
        }
        (gain, sound, positive)
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
