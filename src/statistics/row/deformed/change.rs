//! Whether a signal has changed so much that it may have other minima.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::lanes::Lanes;
use super::{Deformed, Memory, Role};

/// Relative change of the signal, or of a bin's share in it, after which other minima are sought anew.
const LARGEST_CHANGE: f64 = 0.05;

/// Deformations nearer to those of a minimum than this, in standard deviations, and norms, relative, are as there.
const NEAR: f64 = 0.1;

/// The same of two points between which a minimum moves; what they are near to between the two is asked there.
const MOVES: f64 = 4.0 * NEAR;
const SCALES: f64 = 0.5;

/// A signal: its total, and the share of each bin with counts.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    total: Lanes,
    shares: Vec<Lanes>,
}

impl Mark {
    pub(super) fn new(bins: usize) -> Mark {
        Mark { total: Lanes::ZERO, shares: vec![Lanes::ZERO; bins] }
    }
}

impl Memory {
    /// Takes the mark of one lane away.
    pub(in super::super) fn unmark(&mut self, lane: usize) {
        self.mark.total.0[lane] = f64::NAN;
    }
}

impl Deformed {
    /// Number of parameters that deform the signal.
    pub(in super::super) fn deformations(&self) -> usize {
        self.sets / 2
    }

    /// Lanes in which the signal of so many events is another than the one that is marked.
    #[inline(never)]
    pub(in super::super) fn is_changed<S: Simd>(&self, simd: S, total: f64x8<S>, memory: &Memory) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let marked = memory.mark.total.load(simd);
                let largest = f64x8::splat(simd, LARGEST_CHANGE);
                // A signal far above what was counted is scaled down, and the slope of the norm's prior there is all that its
                // total changes: 2/sigma^2 for each event of it.
                let (_, inverse_sigma) = self.norm;
                let slope = f64x8::splat(simd, self.counted_total * inverse_sigma * inverse_sigma) / total;
                let change = (total - marked).abs() / total.max(marked).max(1.0) * slope.min(1.0);
                // Not "more than": where nothing is marked all is new.
                let mut is_same = change.simd_le(largest);
                let floor = f64x8::splat(simd, 1.0 / self.counted.len().max(1) as f64);
                for (share, marked) in memory.counted[..self.counted.len()].iter().zip(&memory.mark.shares) {
                    let (share, marked) = (share.load(simd), marked.load(simd));
                    is_same &= (share - marked).abs().simd_le(marked.max(floor) * largest);
                }
                !is_same
            },
        )
    }

    /// Lanes in which the signal is deformed and scaled nearly as at a minimum: steps that are short there lead to no other.
    #[inline(always)]
    pub(in super::super) fn is_near<S: Simd>(&self, simd: S, values: &[Lanes], minimum: &[Lanes]) -> mask64x8<S> {
        let (norm, lowest) = (values[0].load(simd), minimum[0].load(simd));
        let mut near = (norm - lowest).abs().simd_le(lowest * NEAR);
        for (role, (value, lowest)) in self.roles.iter().zip(values[1..].iter().zip(&minimum[1..])) {
            if let Role::Deformation(_) = role {
                near &= (value.load(simd) - lowest.load(simd)).abs().simd_le(f64x8::splat(simd, NEAR));
            }
        }
        near
    }

    /// Whether the signal is deformed and scaled at two minima of points near each other as at one that moves.
    pub(in super::super) fn are_one(&self, one: &[f64], other: &[f64]) -> bool {
        let is_near = |(role, (one, other)): (&Role, (&f64, &f64))| match role {
            Role::Deformation(_) => (one - other).abs() <= MOVES,
            Role::Column { .. } => true,
        };
        (one[0] - other[0]).abs() <= SCALES * one[0].max(other[0])
            && self.roles.iter().zip(one[1..].iter().zip(&other[1..])).all(is_near)
    }

    /// Marks the signal of so many events in some lanes.
    #[inline(always)]
    pub(in super::super) fn mark<S: Simd>(&self, simd: S, lanes: mask64x8<S>, total: f64x8<S>, memory: &mut Memory) {
        let Memory { mark, counted, .. } = memory;
        mark.total.store(lanes.select(total, mark.total.load(simd)));
        for (marked, share) in mark.shares.iter_mut().zip(&*counted) {
            marked.store(lanes.select(share.load(simd), marked.load(simd)));
        }
    }
}
