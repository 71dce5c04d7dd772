//! The signal's counts at the points of a row, eight points at a time.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::lanes::{LANES, Lanes};

/// Largest signal in events that the vectorised kernels take: its square and its products stay far from overflow.
pub(super) const LARGEST_TOTAL: f64 = 1e100;
/// Largest sum of q_j^2 A_jj whose terms may be summed to chi2: rounding keeps their 1e-15, so chi2 to some 1e-9. It is
/// passed where shapes cancel a signal a thousand times stronger than its error.
pub(super) const LARGEST_TERMS: f64 = 1e6;

/// Where the counts come from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Signal<'a> {
    /// c_0 + c_1 g^2 + c_2 g^4 in each channel; coefficients
    /// `[signals][3][channels]`.
    Polynomial { coefficients: &'a [f64], signals: usize, couplings: &'a [f64] },
    /// As they are, `[points][channels]`.
    Counts { counts: &'a [f64], channels: usize },
}

impl Signal<'_> {
    /// The same at other couplings; counts stay what they are.
    pub(super) fn along<'s>(&self, couplings: &'s [f64]) -> Signal<'s>
    where
        Self: 's,
    {
        match *self {
            Signal::Polynomial { coefficients, signals, .. } => Signal::Polynomial { coefficients, signals, couplings },
            counts @ Signal::Counts { .. } => counts,
        }
    }

    /// Number of points.
    pub(super) fn points(&self) -> usize {
        match self {
            Signal::Polynomial { couplings, .. } => couplings.len(),
            Signal::Counts { counts, channels } => counts.len() / (*channels).max(1),
        }
    }

    /// The counts at eight points.
    #[inline(always)]
    pub(super) fn load<S: Simd>(&self, simd: S, points: &[usize; LANES], target: &mut [Lanes]) {
        match self {
            Signal::Polynomial { coefficients, signals, couplings } => {
                let x = squares(simd, couplings, points);
                let channels = target.len() / signals;
                let sets = target.chunks_mut(channels).zip(coefficients.chunks(3 * channels)).enumerate();
                for (signal, (target, coefficients)) in sets {
                    for (channel, target) in target.iter_mut().enumerate() {
                        target.store(count(simd, coefficients, channels, channel, x, signal == 0));
                    }
                }
            }
            Signal::Counts { counts, channels } => {
                for (lane, point) in points.iter().enumerate() {
                    let own = &counts[point * channels..(point + 1) * channels];
                    target.iter_mut().zip(own).for_each(|(target, count)| target.0[lane] = *count);
                }
            }
        }
    }

    /// The counts at one point, for the reference.
    pub(super) fn at(&self, point: usize, target: &mut [f64]) {
        match self {
            Signal::Polynomial { coefficients, signals, couplings } => {
                let (x, channels) = (couplings[point] * couplings[point], target.len() / signals);
                let sets = target.chunks_mut(channels).zip(coefficients.chunks(3 * channels)).enumerate();
                for (signal, (target, coefficients)) in sets {
                    for (channel, count) in target.iter_mut().enumerate() {
                        let [c0, c1, c2] = [0, 1, 2].map(|power| coefficients[power * channels + channel]);
                        let value = c0 + x * (c1 + x * c2);
                        // Deformations may have either sign.
                        *count = if value < 0.0 && signal == 0 { 0.0 } else { value };
                    }
                }
            }
            Signal::Counts { counts, channels } => {
                target.copy_from_slice(&counts[point * channels..(point + 1) * channels]);
            }
        }
    }
}

/// One count from coefficients `[3][channels]`; of a sum of cross sections what cancellation leaves below zero is rounding.
/// (NaN stays.)
#[inline(always)]
pub(super) fn count<S: Simd>(
    simd: S,
    coefficients: &[f64],
    channels: usize,
    channel: usize,
    x: f64x8<S>,
    is_sum: bool,
) -> f64x8<S> {
    let [c0, c1, c2] = [0, 1, 2].map(|power| coefficients[power * channels + channel]);
    let value = x.mul_add(x.mul_add(c2, c1), c0);
    if is_sum { value.simd_lt(0.0).select(f64x8::splat(simd, 0.0), value) } else { value }
}

/// x = g^2 at eight points.
#[inline(always)]
pub(super) fn squares<S: Simd>(simd: S, couplings: &[f64], points: &[usize; LANES]) -> f64x8<S> {
    let g = Lanes(points.map(|point| couplings[point])).load(simd);
    g * g
}
