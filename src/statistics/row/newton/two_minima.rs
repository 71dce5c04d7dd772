//! The lower of two minima. A deformed signal far above the data has one where its norm scales it away, and one where what
//! deforms it weakens it; with growing signal the second ends.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::{Memory, Newton};

/// Minima nearer than this in chi2 are one.
const SAME_CHI2: f64 = 1e-7;

impl Newton {
    /// chi2 at the lowest minimum, and the lanes in which it was found.
    #[inline(always)]
    pub(super) fn lowest<S: Simd>(&self, simd: S, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>) {
        let (zero, one) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, 1.0));
        let mut first = f64x8::splat(simd, f64::NAN);
        let mut first_found = mask64x8::splat(simd, false);
        let mut lanes = mask64x8::splat(simd, true);
        let mut is_second = false;
        loop {
            let (chi2, found) = self.minimise(simd, lanes, !is_second, memory);
            let mut scaled = memory.scaled.load(simd).simd_gt(0.0);
            if is_second {
                let is_lower = lanes & chi2.simd_lt(first);
                self.go_back(simd, lanes & !is_lower, memory);
                self.forget(simd, is_lower, memory);
                scaled |= lanes & self.is_scaled_away(simd, memory) & chi2.simd_le(first + SAME_CHI2);
                memory.scaled.store(scaled.select(one, zero));
                return (is_lower.select(chi2, first), first_found & (found | !lanes));
            }
            let mut doubtful = mask64x8::splat(simd, false);
            for (part, part_memory) in self.parts.iter().map(|(part, _)| part).zip(&memory.parts) {
                doubtful |= part.is_doubtful(simd, chi2, part_memory);
            }
            scaled &= self.is_scaled_away(simd, memory);
            memory.scaled.store(scaled.select(one, zero));
            lanes = doubtful & found & !scaled;
            if lanes.all_false() {
                return (chi2, found);
            }
            (first, first_found, is_second) = (chi2, found, true);
            self.keep(memory);
            self.cold_start(simd, lanes, false, memory);
        }
    }

    /// Lanes in which a strong signal is scaled away at the newest minimum.
    #[inline(always)]
    fn is_scaled_away<S: Simd>(&self, simd: S, memory: &Memory) -> mask64x8<S> {
        let mut away = mask64x8::splat(simd, false);
        for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
            away |= part.is_scaled_away(simd, &memory.history[0][own.clone()], part_memory);
        }
        away
    }

    /// Forgets the minima before the newest in some lanes: they are others, from which nothing is extrapolated.
    #[inline(always)]
    fn forget<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        let [newest, second, third] = &mut memory.history;
        for (newest, earlier) in newest.iter().zip(second.iter_mut().zip(third)) {
            let newest = newest.load(simd);
            for earlier in [earlier.0, earlier.1] {
                earlier.store(lanes.select(newest, earlier.load(simd)));
            }
        }
    }

    /// Keeps the minimum that was found.
    fn keep(&self, memory: &mut Memory) {
        memory.kept.copy_from_slice(&memory.history[0]);
        for (kept, part) in memory.kept_held.iter_mut().zip(&mut memory.parts) {
            if let (Some(kept), Some(held)) = (kept, part.held()) {
                kept.become_as(held);
            }
        }
    }

    /// Back to the minimum that was kept, in some lanes.
    #[inline(always)]
    fn go_back<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        for (newest, kept) in memory.history[0].iter_mut().zip(&memory.kept) {
            newest.store(lanes.select(kept.load(simd), newest.load(simd)));
        }
        for (kept, part) in memory.kept_held.iter().zip(&mut memory.parts) {
            if let (Some(kept), Some(held)) = (kept, part.held()) {
                held.go_back(simd, lanes, kept);
            }
        }
    }
}
