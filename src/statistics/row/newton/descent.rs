//! Steps down to a minimum, each lane on its own way.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::{Memory, Newton};

/// Gain above which a step is checked against negative counts; below, self-concordance forbids them.
const LARGEST_UNCHECKED_GAIN: f64 = 0.25;
/// Steps after which a lane is left to the reference; a cold start takes about 8.
const MAX_STEPS: f64 = 40.0;
/// Gain of a step without the curvature of mu from which on the next has it again.
const LARGEST_BENT_GAIN: f64 = 1.0;

/// Eight descents under way.
pub(super) struct Descent<S: Simd> {
    /// Lanes that have not ended.
    pub active: mask64x8<S>,
    /// Lanes that have ended at a minimum, and chi2 there; with a search, also those that were led back.
    pub found: mask64x8<S>,
    pub chi2: f64x8<S>,
    /// Steps that each may still take.
    steps_left: f64x8<S>,
    /// Lanes that begin again where steps lead out of the domain, once; and whether where a strong signal is weakened.
    retries: mask64x8<S>,
    retries_weakened: mask64x8<S>,
    /// With the curvature of mu, as far as the matrix stays positive definite; else downhill without. From where a strong
    /// signal is scaled away curved steps lead to the other minimum, too.
    bent: mask64x8<S>,
    /// Lanes whose last move can be taken back, and chi2 before it.
    moved: mask64x8<S>,
    before: f64x8<S>,
    largest_gain: f64x8<S>,
}

impl<S: Simd> Descent<S> {
    /// Begins in some lanes. `bent`: with the curvature of mu. `retries`: once more, from the cold start, where steps lead out
    /// of the domain.
    #[inline(always)]
    pub(super) fn begin(&mut self, simd: S, lanes: mask64x8<S>, bent: bool, retries: bool) {
        let all = |value: bool| mask64x8::splat(simd, value);
        self.active |= lanes;
        self.found &= !lanes;
        self.chi2 = lanes.select(f64x8::splat(simd, f64::NAN), self.chi2);
        self.steps_left = lanes.select(f64x8::splat(simd, MAX_STEPS), self.steps_left);
        self.retries = (self.retries & !lanes) | (lanes & all(retries));
        self.retries_weakened = (self.retries_weakened & !lanes) | (lanes & all(bent));
        self.bent = (self.bent & !lanes) | (lanes & all(bent));
        self.moved &= !lanes;
        self.before = lanes.select(f64x8::splat(simd, f64::INFINITY), self.before);
    }
}

impl Newton {
    /// No descents yet.
    #[inline(always)]
    pub(super) fn descent<S: Simd>(&self, simd: S, memory: &Memory) -> Descent<S> {
        let (none, infinite) = (mask64x8::splat(simd, false), f64x8::splat(simd, f64::INFINITY));
        let mut largest_gain = infinite;
        for ((part, _), memory) in self.parts.iter().zip(&memory.parts) {
            largest_gain = largest_gain.min(part.largest_gain(simd, memory));
        }
        Descent {
            active: none,
            found: none,
            chi2: f64x8::splat(simd, f64::NAN),
            steps_left: f64x8::splat(simd, 0.0),
            retries: none,
            retries_weakened: none,
            bent: none,
            moved: none,
            before: infinite,
            largest_gain,
        }
    }

    /// chi2 at a minimum, and the lanes in which it was found.
    #[inline(always)]
    pub(super) fn minimise<S: Simd>(&self, simd: S, memory: &mut Memory) -> (f64x8<S>, mask64x8<S>) {
        let mut descent = self.descent(simd, memory);
        descent.begin(simd, mask64x8::splat(simd, true), true, true);
        while descent.active.any_true() {
            self.advance(simd, false, &mut descent, memory);
        }
        (descent.chi2, descent.found)
    }

    /// One step in the lanes that have not ended. A search ends each on its own, and where it is led back to the minimum that
    /// is known: nothing is found, and nothing is left to find. Else they end together: what is done at the end is done once,
    /// and further steps only sharpen.
    #[inline(always)]
    pub(super) fn advance<S: Simd>(&self, simd: S, searches: bool, descent: &mut Descent<S>, memory: &mut Memory) {
        let (zero, infinite) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, f64::INFINITY));
        let Descent { active, bent, moved, before, .. } = *descent;
        let (gain, sound, positive) = self.step(simd, bent, memory);
        descent.steps_left -= 1.0;
        let is_last = descent.steps_left.simd_le(0.0);
        let good = sound & positive & gain.simd_ge(0.0);
        let doubtful = active & !gain.simd_le(LARGEST_UNCHECKED_GAIN);
        let mut finished = active & good & bent & gain.simd_le(descent.largest_gain);
        if !searches && (active & !finished & !is_last).any_true() {
            finished = mask64x8::splat(simd, false);
        }
        let (mut value, mut exact) = (infinite, sound);
        if (finished | doubtful).any_true() {
            (value, exact) = self.chi2(simd, memory);
        }
        // A move that left the domain, or after which chi2 is higher, is halved.
        let returns = active & moved & (!sound | (doubtful & value.simd_gt(before)));
        let mut length = f64x8::splat(simd, 1.0);
        if (doubtful & !returns).any_true() {
            for ((part, own), part_memory) in self.parts.iter().zip(&memory.parts) {
                let checked = part.length(simd, &memory.step[own.clone()], part_memory);
                length = length.min(doubtful.select(checked, length));
            }
        }
        let moves = active & good & !returns;
        let mut holds = mask64x8::splat(simd, false);
        for ((part, own), part_memory) in self.parts.iter().zip(&mut memory.parts) {
            holds |= part.settle(simd, &memory.step[own.clone()], length, moves, part_memory);
        }
        if finished.any_true() {
            self.finish(simd, finished, value - gain, exact, descent, memory);
        }
        // Where a bin is held its multiplier is a part of what falls.
        let active = descent.active;
        descent.before = (doubtful & !holds).select(returns.select(before, value), infinite);
        let moves_now = memory.values.iter_mut().zip(&memory.step).zip(&mut memory.moves);
        for ((value, step), last) in moves_now {
            let (own, halved) = (length * step.load(simd), last.load(simd) * 0.5);
            let change = moves.select(own, returns.select(-halved, zero));
            value.store(value.load(simd) + change);
            last.store(moves.select(own, halved));
        }
        descent.moved |= moves;
        if searches {
            let leads_back = active & moves & bent & gain.simd_lt(LARGEST_BENT_GAIN) & self.are_at_lowest(simd, memory);
            descent.found |= leads_back;
            descent.active &= !leads_back;
        }
        let unbends = descent.active & sound & !positive & bent & !returns;
        descent.bent = (bent & !unbends) | (moves & gain.simd_lt(LARGEST_BENT_GAIN));
        // A start outside the domain: once more from the cold start, then it is the reference's.
        let failed = descent.active & !good & !unbends & !returns;
        if failed.any_true() {
            let again = failed & descent.retries;
            for is_weakened in [true, false] {
                let lanes = again & !(descent.retries_weakened ^ mask64x8::splat(simd, is_weakened));
                if lanes.any_true() {
                    self.cold_start(simd, lanes, is_weakened, memory);
                }
            }
            descent.active &= !failed | again;
            descent.retries &= !failed;
            descent.bent |= failed;
            descent.moved &= !failed;
            descent.before = failed.select(infinite, descent.before);
        }
        descent.active &= !is_last;
    }

    /// Ends lanes at what their last steps lead to, unless a bin has to be held or let go.
    #[inline(always)]
    fn finish<S: Simd>(
        &self,
        simd: S,
        mut finished: mask64x8<S>,
        after: f64x8<S>,
        exact: mask64x8<S>,
        descent: &mut Descent<S>,
        memory: &mut Memory,
    ) {
        let newest = memory.history[0].iter_mut();
        for ((newest, value), step) in newest.zip(&memory.values).zip(&memory.step) {
            newest.store(finished.select(value.load(simd) + step.load(simd), newest.load(simd)));
        }
        let mut allowed = exact & after.is_finite();
        for ((part, own), part_memory) in self.parts.iter().zip(&mut memory.parts) {
            let (minimum, step) = (&memory.history[0][own.clone()], &memory.step[own.clone()]);
            finished &= !part.revise(simd, finished, minimum, step, part_memory);
            allowed &= part.allows(simd, minimum, part_memory);
        }
        descent.chi2 = (finished & allowed).select(after, descent.chi2);
        descent.found |= finished & allowed;
        descent.active &= !finished;
    }
}
