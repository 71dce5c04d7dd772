//! Toys as they are drawn, and eight of them side by side.

use fearless_simd::prelude::*;

use super::layout::Layout;
use crate::statistics::row::lanes::{LANES, Lanes, ln};

/// What one toy has of a dataset.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawn {
    /// Counts of the bins, `[energies][times]`.
    pub counts: Vec<f64>,
    /// Centres of the priors, in the order of the expectation's parameters.
    pub centres: Vec<f64>,
    /// By what each row of energy of a measured background is multiplied, `[measured][energies]`.
    pub factors: Vec<f64>,
    /// 1/variance of each bin; empty for Poisson.
    pub inverse_variance: Vec<f64>,
}

/// Eight toys of a dataset.
#[derive(Debug, Clone)]
pub(super) struct DatasetToys {
    pub counts: Vec<Lanes>,
    pub inverse_variance: Vec<Lanes>,
    /// In the order of the layout.
    pub centres: Vec<Lanes>,
    pub factors: Vec<Lanes>,
    /// sum n ln n - n of a Poisson dataset.
    pub entropy: Lanes,
}

impl DatasetToys {
    pub(super) fn new(layout: &Layout) -> DatasetToys {
        let lanes = |length| vec![Lanes::ZERO; length];
        DatasetToys {
            counts: lanes(layout.bins()),
            inverse_variance: lanes(if layout.is_gaussian { layout.bins() } else { 0 }),
            centres: lanes(layout.order.len()),
            factors: lanes(layout.all_measured * layout.energies),
            entropy: Lanes::ZERO,
        }
    }

    /// Puts a toy into a lane.
    pub(super) fn set(&mut self, layout: &Layout, lane: usize, toy: &Drawn) {
        let put = |target: &mut [Lanes], values: &[f64]| {
            target.iter_mut().zip(values).for_each(|(target, value)| target.0[lane] = *value);
        };
        put(&mut self.counts, &toy.counts);
        put(&mut self.inverse_variance, &toy.inverse_variance);
        put(&mut self.factors, &toy.factors);
        for (target, index) in self.centres.iter_mut().zip(&layout.order) {
            target.0[lane] = toy.centres[*index];
        }
    }

    /// What follows from the counts.
    #[inline(always)]
    pub(super) fn prepare<S: Simd>(&mut self, simd: S, layout: &Layout) {
        if layout.is_gaussian {
            return;
        }
        let mut sum = fearless_simd::f64x8::splat(simd, 0.0);
        for counts in &self.counts {
            let n = counts.load(simd);
            // 0 ln 0 = 0.
            sum += n.mul_sub(ln(simd, n.max(1.0)), n);
        }
        self.entropy.store(sum);
    }

    /// The column of a background in a bin.
    #[inline(always)]
    pub(super) fn column<S: Simd>(
        &self,
        simd: S,
        layout: &Layout,
        background: usize,
        bin: usize,
        energy: usize,
    ) -> fearless_simd::f64x8<S> {
        let events = layout.columns[bin * layout.backgrounds + background];
        match layout.measured[background] {
            None => fearless_simd::f64x8::splat(simd, events),
            Some(slot) => self.factors[slot * layout.energies + energy].load(simd) * events,
        }
    }
}

/// Number of toys side by side.
pub const SIDE_BY_SIDE: usize = LANES;
