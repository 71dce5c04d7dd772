//! Numbers of eight points that a minimisation works on, and how they are followed from point to point.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::lanes::Lanes;

/// Earlier minima from which the next is extrapolated.
const HISTORY: usize = 3;

/// Parameters and the signal's counts that they belong to.
pub(super) struct Values<'a> {
    pub counts: &'a [Lanes],
    pub values: &'a [Lanes],
}

/// Minus the gradient and the Hessian (lower triangle by rows) of the bins' chi2/2 in the parameters.
#[derive(Debug, Clone)]
pub(super) struct Slopes {
    pub downhill: Vec<Lanes>,
    pub curvature: Vec<Lanes>,
}

/// Numbers that are followed from point to point.
#[derive(Debug, Clone)]
pub(super) struct Track {
    pub now: Vec<Lanes>,
    /// At the last minima, newest first.
    history: [Vec<Lanes>; HISTORY],
}

impl Track {
    pub(super) fn new(length: usize) -> Track {
        let lanes = || vec![Lanes::ZERO; length];
        Track { now: lanes(), history: std::array::from_fn(|_| lanes()) }
    }

    /// Starting values from the minima before, which move down by one; the place of the newest is free.
    #[inline(always)]
    pub(super) fn extrapolate<S: Simd>(&mut self, simd: S, step: usize) {
        let [newest, second, third] = &mut self.history;
        for i in 0..self.now.len() {
            let (a, b, c) = (newest[i].load(simd), second[i].load(simd), third[i].load(simd));
            self.now[i].store(match step {
                1 => a,
                2 => a * 2.0 - b,
                _ => (a - b).mul_add(3.0, c),
            });
            third[i].store(b);
            second[i].store(a);
        }
    }

    /// Goes along a step in some lanes.
    #[inline(always)]
    pub(super) fn advance<S: Simd>(&mut self, simd: S, step: &[Lanes], length: f64x8<S>, lanes: mask64x8<S>) {
        for (value, step) in self.now.iter_mut().zip(step) {
            let value_now = value.load(simd);
            value.store(lanes.select(length.mul_add(step.load(simd), value_now), value_now));
        }
    }

    /// What some lanes reach by a step is their newest minimum.
    #[inline(always)]
    pub(super) fn finish<S: Simd>(&mut self, simd: S, step: &[Lanes], lanes: mask64x8<S>) {
        for ((newest, value), step) in self.history[0].iter_mut().zip(&self.now).zip(step) {
            newest.store(lanes.select(value.load(simd) + step.load(simd), newest.load(simd)));
        }
    }

    /// The newest minimum.
    pub(super) fn newest(&mut self) -> &mut [Lanes] {
        &mut self.history[0]
    }
}
