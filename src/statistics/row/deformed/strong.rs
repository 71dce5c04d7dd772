//! A strong signal: more than was counted, and much less where what deforms it weakens it. It may have two minima, and fits
//! start from near each.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::terms::{FURTHEST, PARTS, WEAK};

use super::super::lanes::Lanes;
use super::super::poisson::SMALLEST_SHARE;
use super::{Deformed, Memory, Role};

/// Largest delta^2 with which a point of a strong signal is finished, which may be near the end of one of two minima.
const LARGEST_GAIN: f64 = 1e-8;

impl Deformed {
    /// Largest delta^2 with which a point is finished.
    #[inline(always)]
    pub(in super::super) fn largest_gain<S: Simd>(&self, simd: S, memory: &Memory) -> f64x8<S> {
        let strong = f64x8::splat(simd, LARGEST_GAIN.min(self.largest_gain));
        self.is_strong(simd, memory).select(strong, f64x8::splat(simd, self.largest_gain))
    }

    /// Where the signal is weakened most, and whether it is strong: more than was counted, and much less there.
    #[inline(always)]
    pub(super) fn weaken<S: Simd>(&self, simd: S, total: f64x8<S>, memory: &mut Memory) {
        let whole = memory.totals[0].load(simd);
        let (zero, furthest) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, FURTHEST));
        let mut left = whole;
        for role in &self.roles {
            let Role::Deformation(number) = role else { continue };
            let (first, second) = (memory.totals[1 + 2 * number].load(simd), memory.totals[2 + 2 * number].load(simd));
            let vertex = (first * -0.5 / second).max(-furthest).min(furthest);
            let (mut weakest, mut least) = (zero, zero);
            for t in [-furthest, furthest, vertex] {
                let change = t * t.mul_add(second, first);
                let is_less = change.simd_lt(least);
                (weakest, least) = (is_less.select(t, weakest), is_less.select(change, least));
            }
            left += least;
            memory.weakest[*number].store(weakest);
        }
        let is_strong = total.simd_gt(self.counted_total) & left.simd_le(whole * WEAK);
        memory.strong.store(is_strong.select(f64x8::splat(simd, 1.0), zero));
    }

    /// Lanes in which the signal is strong: it may have two minima.
    #[inline(always)]
    pub(in super::super) fn is_strong<S: Simd>(&self, simd: S, memory: &Memory) -> mask64x8<S> {
        memory.strong.load(simd).simd_gt(0.0)
    }

    /// The norm's prior costs as much at least where a signal of so many events is scaled away.
    #[inline(always)]
    pub(in super::super) fn least_scaled<S: Simd>(&self, simd: S, total: f64x8<S>) -> f64x8<S> {
        let (centre, inverse_sigma) = self.norm;
        let left = f64x8::splat(simd, self.counted_total) / total;
        let pull = (f64x8::splat(simd, centre) - left).max(0.0) * inverse_sigma;
        pull * pull
    }

    /// Puts the norm, first of `values`, at the start of a fit that scales a strong signal away.
    #[inline(always)]
    pub(in super::super) fn start_scaled<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        values: &mut [Lanes],
        memory: &Memory,
    ) {
        let lanes = lanes & self.is_strong(simd, memory);
        let least = f64x8::splat(simd, SMALLEST_SHARE * self.counted_total);
        values[0].store(lanes.select(least, values[0].load(simd)));
    }

    /// Puts the norm and what deforms the signal, `values`, at the start of a fit, in the lanes in which the signal is
    /// strong: where it is weakened as far as no count becomes negative.
    #[inline(always)]
    pub(in super::super) fn start_weakened<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        total: f64x8<S>,
        values: &mut [Lanes],
        memory: &Memory,
    ) {
        let mut lanes = lanes & self.is_strong(simd, memory);
        let whole = memory.totals[0].load(simd);
        for part in PARTS {
            if lanes.all_false() {
                return;
            }
            let mut left = whole;
            for (role, value) in self.roles.iter().zip(&mut values[1..]) {
                let Role::Deformation(number) = role else { continue };
                let t = memory.weakest[*number].load(simd) * part;
                let (first, second) = (memory.totals[1 + 2 * number], memory.totals[2 + 2 * number]);
                left += t * t.mul_add(second.load(simd), first.load(simd));
                value.store(lanes.select(t, value.load(simd)));
            }
            let norm = (whole * self.counted_total / left).min(total);
            values[0].store(lanes.select(norm, values[0].load(simd)));
            let mut least = left;
            let bins = self.counted.len();
            for bin in 0..bins {
                let set = |set: usize| memory.counted[set * bins + bin].load(simd);
                least = least.min(self.mu(simd, values, set, |role| role.counted(bin)));
            }
            let bins = self.empty.len();
            for bin in 0..bins {
                let set = |set: usize| memory.empty[set * bins + bin].load(simd);
                least = least.min(self.mu(simd, values, set, |role| role.empty(bin)));
            }
            lanes &= !least.simd_ge(0.0);
        }
    }

    /// The place among values of the parameter that deforms the signal, by its number.
    pub(in super::super) fn index_of(&self, number: usize) -> usize {
        let is_it = |role: &Role| matches!(role, Role::Deformation(own) if *own == number);
        1 + self.roles.iter().position(is_it).unwrap_or(0)
    }

    /// Puts the parameter at `index` that deforms the signal at `t`, and the norm so that as much of the signal is left;
    /// returns those of some lanes in which no bin with counts is negative.
    #[inline(never)]
    pub(in super::super) fn deform<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        index: usize,
        t: f64,
        values: &mut [Lanes],
        memory: &Memory,
    ) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let (mut left, mut then) = (memory.totals[0].load(simd), memory.totals[0].load(simd));
                for (i, role) in self.roles.iter().enumerate() {
                    let Role::Deformation(number) = role else { continue };
                    let (first, second) = (memory.totals[1 + 2 * number], memory.totals[2 + 2 * number]);
                    let change = |t: f64x8<S>| t * t.mul_add(second.load(simd), first.load(simd));
                    let now = values[1 + i].load(simd);
                    left += change(now);
                    then += change(if 1 + i == index { f64x8::splat(simd, t) } else { now });
                }
                let norm = values[0].load(simd);
                let scaled = then.simd_gt(0.0).select(norm * left / then, norm);
                values[0].store(lanes.select(scaled, norm));
                let moved = lanes.select(f64x8::splat(simd, t), values[index].load(simd));
                values[index].store(moved);
                let mut least = f64x8::splat(simd, f64::INFINITY);
                let bins = self.counted.len();
                for bin in 0..bins {
                    let set = |set: usize| memory.counted[set * bins + bin].load(simd);
                    least = least.min(self.mu(simd, values, set, |role| role.counted(bin)));
                }
                lanes & least.simd_gt(0.0)
            },
        )
    }
}
