//! What only datasets have whose signal is deformed: bins that are held at their border, and strong signals.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::deformed::Held;
use super::super::lanes::Lanes;
use super::{BinMemory, Bins, Memory, Part};

impl Memory {
    /// The bins that are held.
    pub(in super::super) fn held(&mut self) -> Option<&mut Held> {
        match &mut self.bins {
            BinMemory::Deformed(own) => Some(&mut own.held),
            _ => None,
        }
    }
}

impl Part {
    /// Number of parameters that deform the signal.
    pub(in super::super) fn deformations(&self) -> usize {
        match &self.bins {
            Bins::Deformed(bins) => bins.deformations(),
            _ => 0,
        }
    }

    /// Lanes in which the signal is deformed and scaled nearly as at a minimum; where nothing deforms it, all.
    #[inline(always)]
    pub(in super::super) fn is_near<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        minimum: &[Lanes],
        memory: &Memory,
    ) -> mask64x8<S> {
        match (&self.bins, &memory.bins) {
            (Bins::Deformed(bins), BinMemory::Deformed(_)) => bins.is_near(simd, values, minimum),
            _ => mask64x8::splat(simd, true),
        }
    }

    /// Whether the signal is deformed and scaled at two minima of points near each other as at one that moves.
    pub(in super::super) fn are_one(&self, one: &[f64], other: &[f64]) -> bool {
        if let Bins::Deformed(bins) = &self.bins { bins.are_one(one, other) } else { true }
    }

    /// The index among the shared parameters of one that deforms the signal, by its number, if it is shared.
    pub(in super::super) fn shared_deformation(&self, number: usize) -> Option<usize> {
        match &self.bins {
            Bins::Deformed(bins) => self.parameters.shared(bins.index_of(number)),
            _ => None,
        }
    }

    /// Puts a parameter that deforms the signal at `t`, and the norm so that as much of it is left; returns those of some
    /// lanes in which no count is negative.
    #[inline(always)]
    #[allow(clippy::too_many_arguments, reason = "what, where, and what holds it")]
    pub(in super::super) fn deform<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        number: usize,
        t: f64,
        values: &mut [Lanes],
        pulls: &mut [Lanes],
        memory: &Memory,
    ) -> mask64x8<S> {
        let (Bins::Deformed(bins), BinMemory::Deformed(own)) = (&self.bins, &memory.bins) else {
            return mask64x8::splat(simd, false);
        };
        let index = bins.index_of(number);
        let starts = bins.deform(simd, lanes, index, t, values, own);
        if let Some(shared) = self.parameters.shared(index) {
            let pull = values[index].load(simd) / memory.per_unknown[index].load(simd);
            pulls[shared].store(lanes.select(pull, pulls[shared].load(simd)));
        }
        starts
    }

    /// Lanes in which the signal is deformed and so strong that there may be two minima.
    #[inline(always)]
    pub(in super::super) fn is_strong<S: Simd>(&self, simd: S, memory: &Memory) -> mask64x8<S> {
        match (&self.bins, &memory.bins) {
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => bins.is_strong(simd, own),
            _ => mask64x8::splat(simd, false),
        }
    }

    /// Lanes in which this may be the higher of two minima of a strong signal: the norm's prior alone does not forbid that
    /// it is scaled away for less.
    #[inline(always)]
    pub(in super::super) fn is_doubtful<S: Simd>(&self, simd: S, chi2: f64x8<S>, memory: &Memory) -> mask64x8<S> {
        match (&self.bins, &memory.bins) {
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => {
                bins.is_strong(simd, own) & chi2.simd_gt(bins.least_scaled(simd, memory.total.load(simd)))
            }
            _ => mask64x8::splat(simd, false),
        }
    }

    /// Puts a strong deformed signal at the start from which one of its two minima is found, in some lanes.
    #[inline(always)]
    pub(in super::super) fn start_strong<S: Simd>(
        &self,
        simd: S,
        lanes: mask64x8<S>,
        is_weakened: bool,
        values: &mut [Lanes],
        memory: &Memory,
    ) {
        if let (Bins::Deformed(bins), BinMemory::Deformed(own)) = (&self.bins, &memory.bins) {
            match is_weakened {
                true => bins.start_weakened(simd, lanes, memory.total.load(simd), values, own),
                false => bins.start_scaled(simd, lanes, values, own),
            }
        }
    }

    /// Holds bins without counts at mu = 0 or lets them go where steps have ended; returns the lanes that have to go on.
    #[inline(always)]
    pub(in super::super) fn revise<S: Simd>(
        &self,
        simd: S,
        ended: mask64x8<S>,
        minimum: &[Lanes],
        step: &[Lanes],
        memory: &mut Memory,
    ) -> mask64x8<S> {
        match (&self.bins, &mut memory.bins) {
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => bins.revise(simd, ended, minimum, step, own),
            _ => mask64x8::splat(simd, false),
        }
    }

    /// What part of the last step does to bins that are held, in the lanes that go it; returns the lanes that hold any.
    #[inline(always)]
    pub(in super::super) fn settle<S: Simd>(
        &self,
        simd: S,
        step: &[Lanes],
        length: f64x8<S>,
        moves: mask64x8<S>,
        memory: &mut Memory,
    ) -> mask64x8<S> {
        match (&self.bins, &mut memory.bins) {
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => bins.settle(simd, step, length, moves, own),
            _ => mask64x8::splat(simd, false),
        }
    }

    /// Lets all bins go in some lanes.
    #[inline(always)]
    pub(in super::super) fn free<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        if let (Bins::Deformed(bins), BinMemory::Deformed(own)) = (&self.bins, &mut memory.bins) {
            bins.free(simd, lanes, own);
        }
    }

    /// Holds the bins that are at their border at a minimum of the reference in one lane.
    pub(in super::super) fn hold_as_found(&self, lane: usize, minimum: &[Lanes], memory: &mut Memory) {
        if let (Bins::Deformed(bins), BinMemory::Deformed(own)) = (&self.bins, &mut memory.bins) {
            bins.hold_as_found(lane, minimum, own);
        }
    }
}
