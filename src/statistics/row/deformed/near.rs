//! Whether a signal is deformed and scaled as at a minimum that is known.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::super::lanes::Lanes;
use super::{Deformed, Role};

/// Deformations nearer to those of a minimum than this, in standard deviations, and norms, relative, are as there.
const NEAR: f64 = 0.1;

/// The same of two points between which a minimum moves; what they are near to between the two is asked there.
const MOVES: f64 = 4.0 * NEAR;
const SCALES: f64 = 0.5;

impl Deformed {
    /// Number of parameters that deform the signal.
    pub(in super::super) fn deformations(&self) -> usize {
        self.sets / 2
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
}
