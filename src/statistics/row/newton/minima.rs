//! The lowest of several minima. A signal that is deformed may have one on either side of each parabola, and a strong one
//! where its norm scales it away beside those where what deforms it weakens it.
//!
//! Along a stretch the lowest and the next one are both followed; where the signal has changed since others were sought, they
//! are sought anew.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::terms::SIDES;

use super::super::deformed::Held;
use super::super::known::{Source, Start};
use super::super::lanes::{LANES, Lanes};
use super::super::part::{self, Part};
use super::{Memory, Newton};

/// Minima nearer than this in chi2, relative to a thousandth of it above 1,000, are one.
const SAME_CHI2: f64 = 1e-7;

/// Where a search for another minimum starts.
#[derive(Debug, Clone, Copy)]
pub(super) enum Other {
    /// A strong signal, scaled away or weakened.
    Strong { is_weakened: bool },
    /// A parameter that deforms the signal of a dataset, on one side.
    Deformed { part: usize, number: usize, side: f64 },
}

/// Several minima at eight points.
#[derive(Debug, Clone)]
pub(super) struct Minima {
    lowest: Place,
    chi2: Lanes,
    /// The next one, and 1 where it is known.
    next: Place,
    next_chi2: Lanes,
    has_next: Lanes,
}

/// Values of the parameters, and bins that are held.
#[derive(Debug, Clone)]
struct Place {
    values: Vec<Lanes>,
    held: Vec<Option<Held>>,
}

/// What may have minima beside the first that is found.
pub(super) fn others<'p>(parts: impl Iterator<Item = &'p Part>) -> Vec<Other> {
    let mut others = Vec::new();
    for (part, own) in parts.enumerate() {
        for number in 0..own.deformations() {
            others.extend(SIDES.map(|side| Other::Deformed { part, number, side }));
        }
    }
    if !others.is_empty() {
        others.extend([true, false].map(|is_weakened| Other::Strong { is_weakened }));
    }
    others
}

impl Minima {
    pub(super) fn new(parameters: usize, parts: &mut [part::Memory]) -> Minima {
        let held = parts.iter_mut().map(|part| part.held().cloned()).collect();
        let place = Place { values: vec![Lanes::ZERO; parameters], held };
        let [chi2, next_chi2, has_next] = [Lanes::ZERO; 3];
        Minima { lowest: place.clone(), next: place, chi2, next_chi2, has_next }
    }

    /// Whether the next minimum is known in one lane.
    pub(super) fn has_next(&self, lane: usize) -> bool {
        self.has_next.0[lane] > 0.0
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
    fn go<S: Simd>(&self, simd: S, lanes: mask64x8<S>, values: &mut [Lanes], parts: &mut [part::Memory]) {
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
    /// chi2 at the lowest minimum, and the lanes in which it was found. `near`: where each lane starts; without, they go along
    /// stretches.
    #[inline(always)]
    pub(super) fn lowest<S: Simd>(
        &self,
        simd: S,
        near: Option<&[Start; LANES]>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let all = mask64x8::splat(simd, true);
        let (chi2, found) = self.minimise(simd, all, true, true, false, memory);
        if self.others.is_empty() { (chi2, found) } else { self.compare_others(simd, chi2, found, near, memory) }
    }

    /// The same after the first minimum was found.
    #[inline(always)]
    fn compare_others<S: Simd>(
        &self,
        simd: S,
        chi2: f64x8<S>,
        mut found: mask64x8<S>,
        near: Option<&[Start; LANES]>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let (zero, infinite) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, f64::INFINITY));
        let all = mask64x8::splat(simd, true);
        let Memory { minima, history, values, parts, .. } = memory;
        minima.chi2.store(chi2);
        minima.next_chi2.store(infinite);
        minima.lowest.keep(simd, all, &history[0], parts);
        let follows = found & minima.has_next.load(simd).simd_gt(0.0);
        minima.has_next.store(zero);
        if follows.any_true() {
            minima.next.go(simd, follows, values, parts);
            let (chi2, sound) = self.search(simd, follows, true, false, memory);
            self.compare(simd, chi2, sound, memory);
        }
        let mut is_known = mask64x8::splat(simd, false);
        if let Some(near) = near {
            self.compare_near(simd, found, near, |near| near.lowest(1), memory);
            self.compare_near(simd, found, near, Start::next, memory);
            let start = Lanes(std::array::from_fn(|lane| f64::from(near[lane].lowest(0).is_some())));
            is_known = start.load(simd).simd_gt(0.0);
        }
        let mut due = mask64x8::splat(simd, false);
        for ((part, _), part_memory) in self.parts.iter().zip(&memory.parts) {
            due |= part.is_changed(simd, part_memory);
        }
        due &= found & !is_known;
        if due.any_true() {
            for other in &self.others {
                let (lanes, bent, retries) = self.start_other(simd, *other, due, memory);
                if lanes.any_true() {
                    let (chi2, sound) = self.search(simd, lanes, bent, retries, memory);
                    self.compare(simd, chi2, sound, memory);
                    // The reference may find what steps did not.
                    found &= sound | !lanes | mask64x8::splat(simd, !retries);
                }
            }
            for ((part, _), part_memory) in self.parts.iter().zip(&mut memory.parts) {
                part.mark(simd, due, part_memory);
            }
        }
        let Memory { minima, history, parts, .. } = memory;
        minima.lowest.go(simd, all, &mut history[0], parts);
        (minima.chi2.load(simd), found)
    }

    /// A search for another minimum: [`Newton::minimise`], compiled once.
    #[inline(never)]
    fn search<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        begins_bent: bool,
        retries: bool,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        simd.vectorize(
            #[inline(always)]
            || self.minimise(simd, lanes, begins_bent, retries, true, memory),
        )
    }

    /// Lanes in which the values are so near those of the lowest minimum that steps end there.
    #[inline(always)]
    pub(super) fn are_at_lowest<S: Simd>(&self, simd: S, memory: &Memory) -> mask64x8<S> {
        let mut near = mask64x8::splat(simd, true);
        let lowest = &memory.minima.lowest.values;
        for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
            near &= part.is_near(simd, &memory.values[own.clone()], &lowest[own.clone()], part_memory);
        }
        near
    }

    /// Compares with the minima that are found from those known near by, in some lanes.
    #[inline(always)]
    fn compare_near<'n, S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        near: &[Start<'n>; LANES],
        source: impl Fn(&Start<'n>) -> Option<Source<'n>>,
        memory: &mut Memory,
    ) {
        let mut starts = Lanes::ZERO;
        for (lane, near) in near.iter().enumerate() {
            if let Some(source) = source(near) {
                self.start_from(lane, source, memory);
                starts.0[lane] = 1.0;
            }
        }
        let lanes = lanes & starts.load(simd).simd_gt(0.0);
        if lanes.any_true() {
            self.watch_held(simd, memory);
            let (chi2, sound) = self.search(simd, lanes, true, false, memory);
            self.compare(simd, chi2, sound, memory);
        }
    }

    /// Compares the minimum that was found last with those that are known, in some lanes.
    #[inline(always)]
    fn compare<S: Simd>(&self, simd: S, chi2: f64x8<S>, found: mask64x8<S>, memory: &mut Memory) {
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

    /// Starts the search for another minimum in those of some lanes in which there may be one; returns these, whether steps
    /// begin with the curvature of mu, and whether they begin again where they lead out of the domain.
    #[inline(always)]
    fn start_other<S: Simd>(
        &self,
        simd: S,
        other: Other,
        lanes: mask64x8<S>,
        memory: &mut Memory,
    ) -> (mask64x8<S>, bool, bool) {
        let mut starts = mask64x8::splat(simd, false);
        match other {
            Other::Strong { is_weakened } => {
                let chi2 = memory.minima.chi2.load(simd);
                for ((part, _), part_memory) in self.parts.iter().zip(&memory.parts) {
                    starts |= match is_weakened {
                        true => part.is_strong(simd, part_memory),
                        false => part.is_doubtful(simd, chi2, part_memory),
                    };
                }
                starts &= lanes;
                if starts.any_true() {
                    self.cold_start(simd, starts, is_weakened, memory);
                }
                (starts, is_weakened, true)
            }
            Other::Deformed { part, number, side } => {
                let Memory { minima, values, parts, .. } = memory;
                minima.lowest.go(simd, lanes, values, parts);
                for (part, own) in self.parts.iter().map(|(part, _)| part).zip(&mut *parts) {
                    part.free(simd, lanes, own);
                }
                let (own, pulls) = values.split_at_mut(self.first_shared);
                let (bins, place) = &self.parts[part];
                starts = bins.deform(simd, lanes, number, side, &mut own[place.clone()], pulls, &parts[part]);
                self.place_shared(simd, memory);
                (starts, true, false)
            }
        }
    }
}
