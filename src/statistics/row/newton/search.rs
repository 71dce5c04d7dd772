//! Searches for minima beside the first that is found, in each lane one after the other.

use std::ops::Range;

use fearless_simd::mask64x8;
use fearless_simd::prelude::*;

use crate::statistics::terms::{SIDES, STARTS};

use super::super::known::Source;
use super::super::lanes::{LANES, Lanes};
use super::super::part::Part;
use super::descent::Descent;
use super::{Memory, Newton};

/// Where a search for another minimum starts.
#[derive(Debug, Clone)]
pub(super) enum Other {
    /// A strong signal, scaled away or weakened.
    Strong { is_weakened: bool },
    /// A parameter that deforms signals, on one side.
    Deformed { signals: Signals, side: f64 },
}

/// Signals that one parameter deforms: the dataset of each, and its number there.
type Signals = Vec<(usize, usize)>;

/// Searches that are due at a point.
#[derive(Debug, Clone, Default)]
pub(super) struct Due<'n> {
    /// From minima that are known near by.
    pub near: [Option<Source<'n>>; 2],
    /// From other places, by their indices.
    pub others: Range<usize>,
}

/// One of them.
#[derive(Debug, Clone, Copy)]
enum Search<'n> {
    Near(Source<'n>),
    Other(usize),
}

impl<'n> Due<'n> {
    pub(super) fn is_any(&self) -> bool {
        self.near.iter().any(Option::is_some) || !self.others.is_empty()
    }

    /// The first of those that are left.
    fn take(&mut self) -> Option<Search<'n>> {
        let near = self.near.iter_mut().find_map(Option::take).map(Search::Near);
        near.or_else(|| self.others.next().map(Search::Other))
    }
}

/// What may have minima beside the first that is found.
pub(super) fn others(parts: &[(Part, Range<usize>)]) -> Vec<Other> {
    let mut deformations: Vec<(Option<usize>, Signals)> = Vec::new();
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
    let sides = |(_, signals): (_, Signals)| SIDES.map(|side| Other::Deformed { signals: signals.clone(), side });
    let mut others: Vec<Other> = deformations.into_iter().flat_map(sides).collect();
    if !others.is_empty() {
        others.extend([true, false].map(|is_weakened| Other::Strong { is_weakened }));
    }
    others
}

impl Newton {
    /// Searches for other minima, in each lane one after the other; returns the lanes in which the lowest was found, of those
    /// in which one was.
    #[inline(never)]
    pub(super) fn search<S: Simd>(
        &self,
        simd: S,
        due: [Due; LANES],
        found: mask64x8<S>,
        memory: &mut Memory,
    ) -> mask64x8<S> {
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
        *has_to_end &= !near;
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
