//! The lowest of several minima. A signal that is deformed may have one on either side of each parabola, and a strong one
//! where its norm scales it away beside those where what deforms it weakens it.
//!
//! Where none is known near by, others are sought; elsewhere those that are known lead to the lowest and the next one.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::deformed::Held;
use super::super::known::Source;
use super::super::lanes::{LANES, Lanes};
use super::super::part;
use super::guess::Guess;
use super::search::Due;
use super::waiting::Waiting;
use super::{Memory, Newton};

/// Minima nearer than this in chi2, relative to a thousandth of it above 1,000, are one.
const SAME_CHI2: f64 = 1e-7;

/// Several minima at eight points.
#[derive(Debug, Clone)]
pub(super) struct Minima {
    pub lowest: Place,
    pub chi2: Lanes,
    /// The next one, and 1 where it is known.
    pub next: Place,
    next_chi2: Lanes,
    has_next: Lanes,
}

/// Values of the parameters, and bins that are held.
#[derive(Debug, Clone)]
pub(super) struct Place {
    values: Vec<Lanes>,
    held: Vec<Option<Held>>,
}

/// Unit of what rises above a chi2.
fn unit(chi2: f64) -> f64 {
    (chi2 / 100.0).max(1.0)
}

impl Minima {
    pub(super) fn new(parameters: usize, parts: &mut [part::Memory]) -> Minima {
        let held = parts.iter_mut().map(|part| part.held().cloned()).collect();
        let place = Place { values: vec![Lanes::ZERO; parameters], held };
        let [chi2, next_chi2, has_next] = [Lanes::ZERO; 3];
        Minima { lowest: place.clone(), next: place, chi2, next_chi2, has_next }
    }

    /// chi2 of the next minimum above the lowest in one lane; infinite where it is not known.
    pub(super) fn rise(&self, lane: usize) -> f64 {
        if self.has_next.0[lane] > 0.0 {
            (self.next_chi2.0[lane] - self.chi2.0[lane]) / unit(self.chi2.0[lane])
        } else {
            f64::INFINITY
        }
    }

    /// The next minimum in one lane, taken to be so far above the lowest; [`Minima::watch`] once it is done in all.
    pub(super) fn take_next(&mut self, lane: usize, next: Source, rise: f64) {
        self.next.become_in_lane(lane, next);
        self.next_chi2.0[lane] = self.chi2.0[lane] + rise * unit(self.chi2.0[lane]);
        self.has_next.0[lane] = 1.0;
    }

    /// After next minima were taken in single lanes.
    pub(super) fn watch(&mut self) {
        self.next.watch();
    }

    /// Where it is, and the bins that are held there.
    pub(super) fn next(&self) -> (&[Lanes], impl Iterator<Item = Option<&Held>>) {
        (&self.next.values, self.next.held.iter().map(Option::as_ref))
    }

    /// Only the lowest is known, in one lane.
    pub(super) fn forget_next(&mut self, lane: usize) {
        self.has_next.0[lane] = 0.0;
    }
}

impl Place {
    /// Becomes a minimum that is known, in one lane; [`Place::watch`] once it is done in all.
    fn become_in_lane(&mut self, lane: usize, source: Source) {
        for (value, known) in self.values.iter_mut().zip(source.values()) {
            value.0[lane] = known;
        }
        for (dataset, held) in self.held.iter_mut().enumerate() {
            if let Some(held) = held {
                held.hold_in_lane(lane, source.held(dataset));
            }
        }
    }

    fn watch(&mut self) {
        self.held.iter_mut().flatten().for_each(Held::watch);
    }

    /// Becomes as another in some lanes.
    #[inline(always)]
    fn become_as<S: Simd>(&mut self, simd: S, lanes: mask64x8<S>, other: &Place) {
        blend(simd, lanes, &mut self.values, &other.values);
        for (own, other) in self.held.iter_mut().zip(&other.held) {
            if let (Some(own), Some(other)) = (own, other) {
                own.become_as(simd, lanes, other);
            }
        }
    }

    /// Becomes as the minimum that was found last, in some lanes.
    #[inline(always)]
    fn keep<S: Simd>(&mut self, simd: S, lanes: mask64x8<S>, found: &[Lanes], parts: &mut [part::Memory]) {
        blend(simd, lanes, &mut self.values, found);
        for (own, part) in self.held.iter_mut().zip(parts) {
            if let (Some(own), Some(held)) = (own, part.held()) {
                own.become_as(simd, lanes, held);
            }
        }
    }

    /// Goes to it in some lanes.
    #[inline(always)]
    pub(super) fn go<S: Simd>(&self, simd: S, lanes: mask64x8<S>, values: &mut [Lanes], parts: &mut [part::Memory]) {
        blend(simd, lanes, values, &self.values);
        for (own, part) in self.held.iter().zip(parts) {
            if let (Some(own), Some(held)) = (own, part.held()) {
                held.become_as(simd, lanes, own);
            }
        }
    }
}

#[inline(always)]
fn blend<S: Simd>(simd: S, lanes: mask64x8<S>, own: &mut [Lanes], other: &[Lanes]) {
    for (own, other) in own.iter_mut().zip(other) {
        own.store(lanes.select(other.load(simd), own.load(simd)));
    }
}

impl Newton {
    /// chi2 at the lowest minimum, and the lanes in which it was found, from where each lane started; and the lanes whose
    /// searches wait, where anything may.
    #[inline(always)]
    pub(super) fn lowest<'a, S: Simd>(
        &self,
        simd: S,
        points: &[usize; LANES],
        guesses: &[Guess<'a>; LANES],
        waiting: &mut Option<Waiting<'a>>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>, u64) {
        let (chi2, mut found) = self.minimise(simd, memory);
        let all = mask64x8::splat(simd, true);
        let Memory { minima, history, parts, .. } = memory;
        minima.chi2.store(chi2);
        minima.next_chi2.store(f64x8::splat(simd, f64::INFINITY));
        minima.has_next = Lanes::ZERO;
        minima.lowest.keep(simd, all, &history[0], parts);
        let (is_found, is_sure) = (found.to_bitmask(), self.is_where_started(simd, guesses, memory).to_bitmask());
        let mut due: [Due; LANES] = Default::default();
        let mut waits = 0;
        for lane in (0..LANES).filter(|lane| is_found >> lane & 1 == 1) {
            let (guess, is_sure) = (&guesses[lane], is_sure >> lane & 1 == 1);
            match (guess.next, guess.rise) {
                _ if guess.lowest.is_none() => due[lane].others = 0..self.others.len(),
                (Some(next), Some(rise)) if is_sure => memory.minima.take_next(lane, next, rise),
                _ => due[lane].near = [guess.other.filter(|_| !is_sure), guess.next],
            }
            if let (true, Some(waiting)) = (due[lane].near.iter().any(Option::is_some), &mut *waiting) {
                // A point that is repeated waits once.
                if lane == 0 || points[lane] != points[lane - 1] {
                    waiting.add(points[lane], std::mem::take(&mut due[lane].near), memory.minima.chi2.0[lane]);
                    self.record(lane, points[lane], memory, &mut waiting.lowest);
                }
                due[lane] = Due::default();
                waits |= 1 << lane;
            }
        }
        memory.minima.watch();
        found = self.rest(simd, due, found, memory);
        (memory.minima.chi2.load(simd), found, waits)
    }

    /// The same of points that waited: from the lowest minimum that was found before.
    #[inline(always)]
    pub(super) fn lowest_of_waiting<S: Simd>(
        &self,
        simd: S,
        due: [Due; LANES],
        records: [usize; LANES],
        waiting: &Waiting,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let Memory { minima, .. } = memory;
        minima.next_chi2.store(f64x8::splat(simd, f64::INFINITY));
        minima.has_next = Lanes::ZERO;
        for (lane, record) in records.into_iter().enumerate() {
            let (chi2, lowest) = waiting.found(record);
            minima.chi2.0[lane] = chi2;
            minima.lowest.become_in_lane(lane, lowest);
        }
        minima.lowest.watch();
        let found = self.rest(simd, due, mask64x8::splat(simd, true), memory);
        (memory.minima.chi2.load(simd), found)
    }

    /// Searches that are due, then back to the lowest minimum; returns the lanes in which it was found.
    #[inline(always)]
    fn rest<S: Simd>(&self, simd: S, due: [Due; LANES], mut found: mask64x8<S>, memory: &mut Memory) -> mask64x8<S> {
        if due.iter().any(Due::is_any) {
            found = self.search(simd, due, found, memory);
        }
        let Memory { minima, history, parts, .. } = memory;
        minima.lowest.go(simd, mask64x8::splat(simd, true), &mut history[0], parts);
        found
    }

    /// Lanes in which the values are so near those of the lowest minimum that steps end there.
    #[inline(always)]
    pub(super) fn are_at_lowest<S: Simd>(&self, simd: S, memory: &Memory) -> mask64x8<S> {
        self.are_near(simd, &memory.values, memory)
    }

    /// Lanes in which some values are near those of the lowest minimum.
    #[inline(always)]
    pub(super) fn are_near<S: Simd>(&self, simd: S, values: &[Lanes], memory: &Memory) -> mask64x8<S> {
        let mut near = mask64x8::splat(simd, true);
        let lowest = &memory.minima.lowest.values;
        for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
            near &= part.is_near(simd, &values[own.clone()], &lowest[own.clone()], part_memory);
        }
        near
    }

    /// Compares the minimum that was found last with those that are known, in some lanes.
    #[inline(always)]
    pub(super) fn compare<S: Simd>(&self, simd: S, chi2: f64x8<S>, found: mask64x8<S>, memory: &mut Memory) {
        let one = f64x8::splat(simd, 1.0);
        let Memory { minima, history, parts, .. } = memory;
        let (lowest, next) = (minima.chi2.load(simd), minima.next_chi2.load(simd));
        let same = (lowest * 1e-3).max(1.0) * SAME_CHI2;
        let is_lower = found & chi2.simd_lt(lowest - same);
        let is_next = found & chi2.simd_gt(lowest + same) & chi2.simd_lt(next - same);
        if is_lower.any_true() {
            minima.next.become_as(simd, is_lower, &minima.lowest);
            minima.lowest.keep(simd, is_lower, &history[0], parts);
            minima.next_chi2.store(is_lower.select(lowest, next));
            minima.chi2.store(is_lower.select(chi2, lowest));
            // Nothing is extrapolated from those before, which are others.
            let [newest, second, third] = history;
            blend(simd, is_lower, second, newest);
            blend(simd, is_lower, third, newest);
        }
        if is_next.any_true() {
            minima.next.keep(simd, is_next, &history[0], parts);
            minima.next_chi2.store(is_next.select(chi2, minima.next_chi2.load(simd)));
        }
        let has_next = (is_lower | is_next).select(one, minima.has_next.load(simd));
        minima.has_next.store(has_next);
    }
}
