//! Bins without counts whose expected count would be negative at the minimum: there it is held at 0.
//!
//! Each lane has its own set of them. A held bin adds (k mu/2 - l) mu to f = chi2/2, k stiff and l the multiplier: the step is
//! that of Newton's method with the constraint mu = 0 but for 1 in k, and after it the multiplier is l - k mu. A bin is held
//! when a minimum without it has mu < 0 there, and let go when its multiplier is negative: the slope of f is uphill then.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::lanes::{LANES, Lanes};
use super::super::parameters::Slopes;
use super::{Deformed, Memory, Role};

/// k: of expected counts that vary by a hundredth and more, and small enough for seven digits of a step.
const STIFFNESS: f64 = 1e8;
/// What is left of mu, as k mu^2, in a bin that is held: less than rounding of chi2.
const SETTLED: f64 = 1e-12;
/// A multiplier this far below 0 is negative.
const SMALLEST_MULTIPLIER: f64 = -1e-7;
/// An expected count below this is 0 at a minimum of the reference.
const AT_BORDER: f64 = 1e-7;

/// The bins without counts that are held, by lane.
#[derive(Debug, Clone)]
pub(in super::super) struct Held {
    /// k of each bin: 0 in lanes where it is not held.
    stiffness: Vec<Lanes>,
    /// l of each bin.
    multipliers: Vec<Lanes>,
    /// Bins that any lane holds.
    watched: Vec<usize>,
    /// What held bins add to f at the last step.
    added: Lanes,
}

impl Held {
    pub(super) fn new(bins: usize) -> Held {
        Held {
            stiffness: vec![Lanes::ZERO; bins],
            multipliers: vec![Lanes::ZERO; bins],
            watched: Vec::new(),
            added: Lanes::ZERO,
        }
    }

    /// What held bins add to f at the last step.
    #[inline(always)]
    pub(super) fn added<S: Simd>(&self, simd: S) -> f64x8<S> {
        self.added.load(simd)
    }

    /// Lets all bins go in some lanes.
    #[inline(always)]
    pub(super) fn free<S: Simd>(&mut self, simd: S, lanes: mask64x8<S>) {
        if self.watched.is_empty() {
            return;
        }
        let zero = f64x8::splat(simd, 0.0);
        for bin in &self.watched {
            for values in [&mut self.stiffness[*bin], &mut self.multipliers[*bin]] {
                values.store(lanes.select(zero, values.load(simd)));
            }
        }
        self.watch();
    }

    /// Becomes as another in some lanes.
    #[inline(always)]
    pub(in super::super) fn become_as<S: Simd>(&mut self, simd: S, lanes: mask64x8<S>, other: &Held) {
        if self.watched.is_empty() && other.watched.is_empty() {
            return;
        }
        self.watched.extend(&other.watched);
        self.watched.sort_unstable();
        self.watched.dedup();
        for bin in &self.watched {
            let both = [(&mut self.stiffness, &other.stiffness), (&mut self.multipliers, &other.multipliers)];
            for (own, other) in both {
                let (own, other) = (&mut own[*bin], &other[*bin]);
                own.store(lanes.select(other.load(simd), own.load(simd)));
            }
        }
        self.watch();
    }

    /// Holds a bin in one lane, or lets it go.
    fn set(&mut self, bin: usize, lane: usize, is_held: bool) {
        self.stiffness[bin].0[lane] = if is_held { STIFFNESS } else { 0.0 };
        self.multipliers[bin].0[lane] = 0.0;
        if is_held {
            self.watched.push(bin);
        }
    }

    /// Holds these bins in one lane and no others, each with its multiplier; [`Held::watch`] once it is done in all.
    pub(in super::super) fn hold_in_lane(&mut self, lane: usize, bins: impl Iterator<Item = (usize, f64)>) {
        for bin in &self.watched {
            (self.stiffness[*bin].0[lane], self.multipliers[*bin].0[lane]) = (0.0, 0.0);
        }
        for (bin, multiplier) in bins {
            (self.stiffness[bin].0[lane], self.multipliers[bin].0[lane]) = (STIFFNESS, multiplier);
            self.watched.push(bin);
        }
    }

    /// The bins that are held in one lane, each with its multiplier.
    pub(in super::super) fn in_lane(&self, lane: usize) -> impl Iterator<Item = (usize, f64)> {
        let held = self.watched.iter().filter(move |bin| self.stiffness[**bin].0[lane] > 0.0);
        held.map(move |bin| (*bin, self.multipliers[*bin].0[lane]))
    }

    pub(in super::super) fn watch(&mut self) {
        self.watched.sort_unstable();
        self.watched.dedup();
        self.watched.retain(|bin| self.stiffness[*bin] != Lanes::ZERO);
    }
}

impl Deformed {
    /// Adds what held bins have of gradient and Hessian.
    #[inline(always)]
    pub(super) fn hold<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        bent: f64x8<S>,
        memory: &mut Memory,
        slopes: &mut Slopes,
    ) {
        let Memory { empty, columns, held, .. } = memory;
        held.added = Lanes::ZERO;
        let bins = self.empty.len();
        for &bin in &held.watched {
            let set = |set: usize| empty[set * bins + bin].load(simd);
            let mu = self.columns(simd, values, set, |role| role.empty(bin), columns);
            let (stiffness, multiplier) = (held.stiffness[bin].load(simd), held.multipliers[bin].load(simd));
            let slope = stiffness.mul_add(mu, -multiplier);
            let added = (stiffness * 0.5).mul_add(mu, -multiplier);
            held.added.store(added.mul_add(mu, held.added.load(simd)));
            let mut curvatures = slopes.curvature.iter_mut();
            for (i, column) in columns.iter().enumerate() {
                let own = column.load(simd);
                let downhill = &mut slopes.downhill[i];
                downhill.store((-slope).mul_add(own, downhill.load(simd)));
                let weighed = stiffness * own;
                for (other, curvature) in columns[..=i].iter().zip(&mut curvatures) {
                    curvature.store(other.load(simd).mul_add(weighed, curvature.load(simd)));
                }
            }
            self.curve(simd, -multiplier * bent, values[0].load(simd), values, set, slopes);
        }
    }

    /// Multipliers after part of the last step, in the lanes that go it; returns the lanes that hold any bin.
    #[inline(never)]
    pub(in super::super) fn settle<S: Simd>(
        &self,
        simd: S,
        step: &[Lanes],
        length: f64x8<S>,
        moves: mask64x8<S>,
        memory: &mut Memory,
    ) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let bins = self.empty.len();
                let mut holds = mask64x8::splat(simd, false);
                for index in 0..memory.held.watched.len() {
                    let bin = memory.held.watched[index];
                    let after = self.after_step(simd, bin, bins, step, memory);
                    let held = &mut memory.held;
                    let (stiffness, multiplier) = (held.stiffness[bin].load(simd), held.multipliers[bin].load(simd));
                    holds |= stiffness.simd_gt(0.0);
                    held.multipliers[bin]
                        .store(moves.select((-stiffness * length).mul_add(after, multiplier), multiplier));
                }
                holds
            },
        )
    }

    /// mu of a bin without counts after the last step, to first order.
    #[inline(always)]
    fn after_step<S: Simd>(&self, simd: S, bin: usize, bins: usize, step: &[Lanes], memory: &mut Memory) -> f64x8<S> {
        let Memory { empty, columns, values, .. } = memory;
        let set = |set: usize| empty[set * bins + bin].load(simd);
        let mut after = self.columns(simd, values, set, |role| role.empty(bin), columns);
        for (column, step) in columns.iter().zip(step) {
            after = column.load(simd).mul_add(step.load(simd), after);
        }
        after
    }

    /// Holds and lets go of bins where steps have ended at `minimum`; returns the lanes in which they have to go on.
    #[inline(never)]
    pub(in super::super) fn revise<S: Simd>(
        &self,
        simd: S,
        ended: mask64x8<S>,
        minimum: &[Lanes],
        step: &[Lanes],
        memory: &mut Memory,
    ) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let bins = self.empty.len();
                let zero = f64x8::splat(simd, 0.0);
                let mut goes_on = mask64x8::splat(simd, false);
                for index in 0..memory.held.watched.len() {
                    let bin = memory.held.watched[index];
                    let after = self.after_step(simd, bin, bins, step, memory);
                    let held = &mut memory.held;
                    let (stiffness, multiplier) = (held.stiffness[bin].load(simd), held.multipliers[bin].load(simd));
                    let uphill = ended & stiffness.simd_gt(0.0) & multiplier.simd_lt(SMALLEST_MULTIPLIER);
                    goes_on |= (ended & (stiffness * after * after).simd_gt(SETTLED)) | uphill;
                    held.stiffness[bin].store(uphill.select(zero, stiffness));
                    held.multipliers[bin].store(uphill.select(zero, multiplier));
                }
                // The bin with the least mu in each lane.
                let mut least = zero;
                let mut which = zero;
                self.scale_sets(simd, minimum, &mut memory.scales);
                for bin in 0..bins {
                    let mut mu = zero;
                    for (set, scale) in memory.scales.iter().enumerate() {
                        mu = memory.empty[set * bins + bin].load(simd).mul_add(scale.load(simd), mu);
                    }
                    for (value, column) in self.backgrounds.in_empty(bin) {
                        mu = minimum[value].load(simd).mul_add(column, mu);
                    }
                    let is_held = memory.held.stiffness[bin].load(simd).simd_gt(0.0);
                    let is_less = mu.simd_lt(least) & !is_held;
                    least = is_less.select(mu, least);
                    which = is_less.select(f64x8::splat(simd, bin as f64), which);
                }
                let negative = ended & !goes_on & least.simd_lt(0.0);
                if negative.any_true() {
                    let (lanes, which) = (negative.to_bitmask(), which.to_array());
                    for lane in (0..LANES).filter(|lane| lanes >> lane & 1 == 1) {
                        memory.held.set(which[lane] as usize, lane, true);
                    }
                    goes_on |= negative;
                }
                if goes_on.any_true() {
                    memory.held.watch();
                }
                goes_on
            },
        )
    }

    /// What each set of the signal counts at some values: norm, norm t and norm t^2.
    #[inline(always)]
    fn scale_sets<S: Simd>(&self, simd: S, values: &[Lanes], scales: &mut [Lanes]) {
        let norm = values[0].load(simd);
        scales[0].store(norm);
        for (value, role) in values[1..].iter().zip(&self.roles) {
            let Role::Deformation(number) = role else { continue };
            let t = value.load(simd);
            scales[1 + 2 * number].store(norm * t);
            scales[2 + 2 * number].store(norm * t * t);
        }
    }

    /// Holds the bins whose expected count is 0 at a minimum of the reference in one lane.
    pub(in super::super) fn hold_as_found(&self, lane: usize, minimum: &[Lanes], memory: &mut Memory) {
        let bins = self.empty.len();
        let value = |i: usize| minimum[i].0[lane];
        for bin in 0..bins {
            let set = |set: usize| memory.empty[set * bins + bin].0[lane];
            let (mut signal, mut mu) = (set(0), 0.0);
            for (i, role) in self.roles.iter().enumerate() {
                match role {
                    Role::Deformation(number) => {
                        signal += value(1 + i) * (set(1 + 2 * number) + value(1 + i) * set(2 + 2 * number));
                    }
                    Role::Column { .. } => mu += value(1 + i) * role.empty(bin),
                }
            }
            memory.held.set(bin, lane, value(0) * signal + mu < AT_BORDER);
        }
        memory.held.watch();
    }
}
