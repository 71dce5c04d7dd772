//! The lowest of several minima. A signal that is deformed may have one on either side of each parabola, and a strong one
//! where its norm scales it away beside those where what deforms it weakens it.
//!
//! Along a stretch the lowest and the next one are both followed; where the signal has changed since others were sought, they
//! are sought anew.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::terms::{SIDES, STARTS};

use super::super::deformed::Held;
use super::super::known::Source;
use super::super::lanes::{LANES, Lanes};
use super::super::part::{self, Part};
use super::descent::Descent;
use super::guess::Guess;
use super::{Memory, Newton};

/// Minima nearer than this in chi2, relative to a thousandth of it above 1,000, are one.
const SAME_CHI2: f64 = 1e-7;

/// Where a search for another minimum starts.
#[derive(Debug, Clone)]
pub(super) enum Other {
    /// A strong signal, scaled away or weakened.
    Strong { is_weakened: bool },
    /// A parameter that deforms signals, on one side: by datasets and its number in each.
    Deformed { signals: Vec<(usize, usize)>, side: f64 },
}

/// Searches that are due at a point.
#[derive(Debug, Clone, Default)]
struct Due<'n> {
    /// From the next minimum of the point before in a stretch.
    follows: bool,
    /// From minima that are known near by.
    near: [Option<Source<'n>>; 2],
    /// From other places, by their indices.
    others: Range<usize>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
enum Search<'n> {
    Follow,
    Near(Source<'n>),
    Other(usize),
}

impl<'n> Due<'n> {
    fn is_any(&self) -> bool {
        self.follows || self.near.iter().any(Option::is_some) || !self.others.is_empty()
    }

    /// The first of those that are left.
    fn take(&mut self) -> Option<Search<'n>> {
        if std::mem::take(&mut self.follows) {
            return Some(Search::Follow);
        }
        let near = self.near.iter_mut().find_map(Option::take).map(Search::Near);
        near.or_else(|| self.others.next().map(Search::Other))
    }
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
pub(super) fn others(parts: &[(Part, Range<usize>)]) -> Vec<Other> {
    let mut deformations: Vec<(Option<usize>, Vec<(usize, usize)>)> = Vec::new();
    for (index, (part, _)) in parts.iter().enumerate() {
        for number in 0..part.deformations() {
            let shared = part.shared_deformation(number);
            let same = deformations.iter_mut().find(|(other, _)| shared.is_some() && *other == shared);
            match same {
                Some((_, signals)) => signals.push((index, number)),
                None => deformations.push((shared, vec![(index, number)])),
            }
        }
    }
    let sides = |(_, signals): (_, Vec<_>)| SIDES.map(|side| Other::Deformed { signals: signals.clone(), side });
    let mut others: Vec<Other> = deformations.into_iter().flat_map(sides).collect();
    if !others.is_empty() {
        others.extend([true, false].map(|is_weakened| Other::Strong { is_weakened }));
    }
    others
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
        for (value, known) in self.next.values.iter_mut().zip(next.values()) {
            value.0[lane] = known;
        }
        for (dataset, held) in self.next.held.iter_mut().enumerate() {
            if let Some(held) = held {
                held.hold_in_lane(lane, next.held(dataset));
            }
        }
        self.next_chi2.0[lane] = self.chi2.0[lane] + rise * unit(self.chi2.0[lane]);
        self.has_next.0[lane] = 1.0;
    }

    /// After next minima were taken in single lanes.
    pub(super) fn watch(&mut self) {
        self.next.held.iter_mut().flatten().for_each(Held::watch);
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
        near: Option<&[Guess; LANES]>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let (chi2, found) = self.minimise(simd, memory);
        if self.others.is_empty() { (chi2, found) } else { self.compare_others(simd, chi2, found, near, memory) }
    }

    /// The same after the first minimum was found.
    #[inline(always)]
    fn compare_others<S: Simd>(
        &self,
        simd: S,
        chi2: f64x8<S>,
        found: mask64x8<S>,
        near: Option<&[Guess; LANES]>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let (zero, infinite) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, f64::INFINITY));
        let all = mask64x8::splat(simd, true);
        let Memory { minima, history, parts, .. } = memory;
        minima.chi2.store(chi2);
        minima.next_chi2.store(infinite);
        minima.lowest.keep(simd, all, &history[0], parts);
        let follows = (found & minima.has_next.load(simd).simd_gt(0.0)).to_bitmask();
        minima.has_next.store(zero);
        let mut changed = mask64x8::splat(simd, false);
        for ((part, _), part_memory) in self.parts.iter().zip(&memory.parts) {
            changed |= part.is_changed(simd, part_memory);
        }
        let (is_found, is_changed) = (found.to_bitmask(), changed.to_bitmask());
        let is_sure = near.map_or(0, |near| self.is_where_started(simd, near, memory).to_bitmask());
        let of_lane = |bits: u64, lane: usize| bits >> lane & 1 == 1;
        let mut due: [Due; LANES] = Default::default();
        let mut marks = [0.0; LANES];
        for (lane, due) in due.iter_mut().enumerate().filter(|(lane, _)| of_lane(is_found, *lane)) {
            due.follows = of_lane(follows, lane);
            let guess = near.map(|near| &near[lane]).filter(|guess| guess.lowest.is_some());
            match guess {
                None if of_lane(is_changed, lane) => {
                    due.others = 0..self.others.len();
                    marks[lane] = 1.0;
                }
                None => {}
                Some(guess) => match (guess.next, guess.rise) {
                    (Some(next), Some(rise)) if of_lane(is_sure, lane) => memory.minima.take_next(lane, next, rise),
                    _ if of_lane(is_sure, lane) => due.near = [None, guess.next],
                    _ => due.near = [guess.other, guess.next],
                },
            }
        }
        if near.is_some() {
            memory.minima.watch();
        }
        let found = if due.iter().any(Due::is_any) { self.search(simd, due, found, memory) } else { found };
        let marks = Lanes(marks).load(simd).simd_gt(0.0);
        if marks.any_true() {
            for ((part, _), part_memory) in self.parts.iter().zip(&mut memory.parts) {
                part.mark(simd, marks, part_memory);
            }
        }
        let Memory { minima, history, parts, .. } = memory;
        minima.lowest.go(simd, all, &mut history[0], parts);
        (minima.chi2.load(simd), found)
    }

    /// Searches for other minima, in each lane one after the other; returns the lanes in which the lowest was found, of those
    /// in which one was.
    #[inline(never)]
    fn search<S: Simd>(&self, simd: S, due: [Due; LANES], found: mask64x8<S>, memory: &mut Memory) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || self.search_of(simd, due, found, memory),
        )
    }

    #[inline(always)]
    fn search_of<S: Simd>(
        &self,
        simd: S,
        mut due: [Due; LANES],
        mut found: mask64x8<S>,
        memory: &mut Memory,
    ) -> mask64x8<S> {
        let mut descent = self.descent(simd, memory);
        // Lanes in which the reference may find what steps do not.
        let mut has_to_end = mask64x8::splat(simd, false);
        loop {
            let idle = !descent.active.to_bitmask();
            let mut next: [Option<Search>; LANES] = [None; LANES];
            for (lane, due) in due.iter_mut().enumerate().filter(|(lane, _)| idle >> lane & 1 == 1) {
                next[lane] = due.take();
            }
            if next.iter().all(Option::is_none) && descent.active.all_false() {
                return found;
            }
            let begun = self.begin(simd, &next, &mut descent, &mut has_to_end, memory);
            if !begun {
                continue;
            }
            let before = descent.active;
            self.advance(simd, true, &mut descent, memory);
            let ended = before & !descent.active;
            if ended.any_true() {
                self.compare(simd, descent.chi2, ended & descent.found, memory);
                found &= !(ended & has_to_end & !descent.found);
            }
        }
    }

    /// Begins searches, in each lane its own, where there is a start; returns whether any search is under way.
    #[inline(always)]
    fn begin<S: Simd>(
        &self,
        simd: S,
        searches: &[Option<Search>; LANES],
        descent: &mut Descent<S>,
        has_to_end: &mut mask64x8<S>,
        memory: &mut Memory,
    ) -> bool {
        let lanes_of = |is_wanted: &dyn Fn(&Search) -> bool| {
            let lanes = searches.each_ref().map(|search| f64::from(search.as_ref().is_some_and(is_wanted)));
            Lanes(lanes).load(simd).simd_gt(0.0)
        };
        let follow = lanes_of(&|search| matches!(search, Search::Follow));
        if follow.any_true() {
            let Memory { minima, values, parts, .. } = memory;
            minima.next.go(simd, follow, values, parts);
            descent.begin(simd, follow, true, false);
        }
        let near = lanes_of(&|search| matches!(search, Search::Near(_)));
        if near.any_true() {
            for (lane, search) in searches.iter().enumerate() {
                if let Some(Search::Near(source)) = search {
                    self.start_from(lane, *source, memory);
                }
            }
            self.watch_held(simd, memory);
            descent.begin(simd, near, true, false);
        }
        *has_to_end &= !(follow | near);
        for (index, other) in self.others.iter().enumerate() {
            let lanes = lanes_of(&|search| matches!(search, Search::Other(own) if *own == index));
            if lanes.any_true() {
                let (starts, bent, retries) = self.start_other(simd, other, lanes, memory);
                descent.begin(simd, starts, bent, retries);
                *has_to_end = (*has_to_end & !lanes) | (starts & mask64x8::splat(simd, retries));
            }
        }
        descent.active.any_true()
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
        other: &Other,
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
                    self.cold_start(simd, starts, *is_weakened, memory);
                }
                (starts, *is_weakened, true)
            }
            Other::Deformed { signals, side } => {
                let Memory { minima, values, parts, .. } = memory;
                minima.lowest.go(simd, lanes, values, parts);
                for (part, own) in self.parts.iter().map(|(part, _)| part).zip(&mut *parts) {
                    part.free(simd, lanes, own);
                }
                let (own, pulls) = values.split_at_mut(self.first_shared);
                let mut open = lanes;
                for t in STARTS {
                    let mut good = open;
                    for (part, number) in signals {
                        let (bins, place) = &self.parts[*part];
                        let own = &mut own[place.clone()];
                        good &= bins.deform(simd, open, *number, t * side, own, pulls, &parts[*part]);
                    }
                    starts |= good;
                    open &= !good;
                    if open.all_false() {
                        break;
                    }
                }
                self.place_shared(simd, memory);
                (starts, true, false)
            }
        }
    }
}
