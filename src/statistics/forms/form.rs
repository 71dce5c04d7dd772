//! The form of a dataset: chi2 near a reference as a quadratic form in the signal's counts, backgrounds eliminated.
//!
//! With expected counts mu = S + B b around a reference mu_ref = S_ref + B b_ref, d = mu - mu_ref,
//! ```text
//! chi2 = chi2_ref - 2 h.d + d^T W d        Poisson: h = n/mu_ref - 1, W = n/mu_ref^2;  Gaussian: W = 1/variance, h = W (n - mu_ref)
//! ```
//! exact for Gaussian data, to third order for Poisson counts. Minimised over b with priors P around the toy's centres,
//! ```text
//! chi2(S) = C - 2 y.S + S^T (W - U U^T) S,    U^T = L^-1 B^T W,  L L^T = B^T W B + P,  y = h + W S_ref - U L^-1 g
//! ```
//! For S = sum_j q_j R_j c, c the counts of the channels, what is kept are R_j^T y, R_j^T U and R_i^T W R_j, each within its
//! energy bin.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::layout::{Layout, MOST_BACKGROUNDS, pairs};
use super::toys::{DatasetToys, SIDE_BY_SIDE as LANES};
use crate::statistics::row::lanes::{Lanes, ln};

/// What a form is around.
#[derive(Debug, Clone)]
pub(super) struct Reference {
    /// The signal in each bin.
    pub signal: Vec<Lanes>,
    /// Values of the backgrounds' parameters.
    pub backgrounds: Vec<Lanes>,
}

/// Eight forms of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Form {
    /// C.
    pub constant: Lanes,
    /// R_j^T y, `[signals][channels]`.
    pub linear: Vec<Lanes>,
    /// R_j^T U, `[signals][channels][backgrounds]`.
    pub projection: Vec<Lanes>,
    /// R_i^T W R_j, `[pairs of signals][energies][pairs of classes]`.
    pub quadratic: Vec<Lanes>,
    /// W and h + W S_ref of each bin.
    weights: Vec<Lanes>,
    slopes: Vec<Lanes>,
    /// L by rows, the inverse in the diagonal, and L^-1 g.
    factor: Vec<Lanes>,
    solved: Vec<Lanes>,
    /// L^-1 B^T W S, then the change of the backgrounds.
    work: Vec<Lanes>,
}

impl Form {
    pub(super) fn new(layout: &Layout) -> Form {
        let lanes = |length| vec![Lanes::ZERO; length];
        let (signals, channels, backgrounds) = (layout.signals, layout.channels(), layout.backgrounds);
        Form {
            constant: Lanes::ZERO,
            linear: lanes(signals * channels),
            projection: lanes(signals * channels * backgrounds),
            quadratic: lanes(pairs(signals) * layout.energies * pairs(layout.classes)),
            weights: lanes(layout.bins()),
            slopes: lanes(layout.bins()),
            factor: lanes(pairs(backgrounds)),
            solved: lanes(backgrounds),
            work: lanes(backgrounds),
        }
    }

    /// Builds the form around a reference; returns the lanes in which it means something: mu is positive wherever something
    /// was counted and negative nowhere, and the backgrounds are told apart.
    #[inline(never)]
    pub(super) fn build<S: Simd>(
        &mut self,
        simd: S,
        layout: &Layout,
        toys: &DatasetToys,
        reference: &Reference,
    ) -> [bool; LANES] {
        let sound = simd.vectorize(
            #[inline(always)]
            || self.build_inline(simd, layout, toys, reference).to_bitmask(),
        );
        std::array::from_fn(|lane| sound >> lane & 1 == 1)
    }

    #[inline(always)]
    fn build_inline<S: Simd>(
        &mut self,
        simd: S,
        layout: &Layout,
        toys: &DatasetToys,
        reference: &Reference,
    ) -> mask64x8<S> {
        let zero = f64x8::splat(simd, 0.0);
        let n = layout.backgrounds;
        let centres = &toys.centres[layout.signals..];
        let mut good = mask64x8::splat(simd, true);
        let mut constant = if layout.is_gaussian { zero } else { toys.entropy.load(simd) * 2.0 };
        let mut slope = [zero; MOST_BACKGROUNDS];
        let mut matrix = [zero; pairs(MOST_BACKGROUNDS)];
        let mut column = [zero; MOST_BACKGROUNDS];
        for energy in 0..layout.energies {
            for bin in energy * layout.times..(energy + 1) * layout.times {
                let signal = reference.signal[bin].load(simd);
                let mut mu = signal;
                for (k, column) in column[..n].iter_mut().enumerate() {
                    *column = toys.column(simd, layout, k, bin, energy);
                    mu = column.mul_add(reference.backgrounds[k].load(simd), mu);
                }
                let counted = toys.counts[bin].load(simd);
                let (h, w) = if layout.is_gaussian {
                    let w = toys.inverse_variance[bin].load(simd);
                    let h = w * (counted - mu);
                    constant = h.mul_add(counted - mu, constant);
                    (h, w)
                } else {
                    let any = counted.simd_gt(0.0);
                    good &= (any & mu.simd_gt(0.0)) | (!any & mu.simd_ge(0.0));
                    let safe = any.select(mu, f64x8::splat(simd, 1.0)).max(f64::MIN_POSITIVE);
                    let inverse = f64x8::splat(simd, 1.0) / safe;
                    let ratio = counted * inverse;
                    constant = (mu - counted * ln(simd, safe)).mul_add(2.0, constant);
                    (ratio - 1.0, ratio * inverse)
                };
                let y = w.mul_add(signal, h);
                // What is left of the reference's signal: at S = 0.
                constant = signal.mul_add(y + h, constant);
                self.weights[bin].store(w);
                self.slopes[bin].store(y);
                for k in 0..n {
                    slope[k] = column[k].mul_add(y, slope[k]);
                    let weighted = column[k] * w;
                    for l in 0..=k {
                        let place = pairs(k) + l;
                        matrix[place] = weighted.mul_add(column[l], matrix[place]);
                    }
                }
            }
        }
        for k in 0..n {
            let prior = layout.priors[layout.signals + k];
            let away = centres[k].load(simd) - reference.backgrounds[k].load(simd);
            slope[k] = away.mul_add(prior, slope[k]);
            constant = (away * away).mul_add(prior, constant);
            matrix[pairs(k) + k] += prior;
        }
        // L L^T, the inverse in the diagonal.
        for i in 0..n {
            for j in 0..=i {
                let mut sum = matrix[pairs(i) + j];
                for k in 0..j {
                    sum = (-matrix[pairs(i) + k]).mul_add(matrix[pairs(j) + k], sum);
                }
                if i == j {
                    good &= sum.simd_gt(0.0);
                    matrix[pairs(i) + i] = f64x8::splat(simd, 1.0) / sum.max(f64::MIN_POSITIVE).sqrt();
                } else {
                    matrix[pairs(i) + j] = sum * matrix[pairs(j) + j];
                }
            }
            let mut sum = slope[i];
            for k in 0..i {
                sum = (-matrix[pairs(i) + k]).mul_add(slope[k], sum);
            }
            slope[i] = sum * matrix[pairs(i) + i];
            constant = (-slope[i]).mul_add(slope[i], constant);
        }
        self.constant.store(constant);
        self.factor.iter_mut().zip(matrix).for_each(|(target, value)| target.store(value));
        self.solved.iter_mut().zip(slope).for_each(|(target, value)| target.store(value));
        self.contract(simd, layout, toys);
        good
    }

    /// The sums over the time bins of each energy bin.
    #[inline(always)]
    fn contract<S: Simd>(&mut self, simd: S, layout: &Layout, toys: &DatasetToys) {
        let zero = f64x8::splat(simd, 0.0);
        let (n, signals, channels) = (layout.backgrounds, layout.signals, layout.channels());
        let (of_classes, of_signals) = (pairs(layout.classes), pairs(signals));
        self.linear.fill(Lanes::ZERO);
        self.projection.fill(Lanes::ZERO);
        self.quadratic.fill(Lanes::ZERO);
        let mut projected = [zero; MOST_BACKGROUNDS];
        for energy in 0..layout.energies {
            for bin in energy * layout.times..(energy + 1) * layout.times {
                let w = self.weights[bin].load(simd);
                let mut y = self.slopes[bin].load(simd);
                for k in 0..n {
                    let mut sum = toys.column(simd, layout, k, bin, energy) * w;
                    for (l, known) in projected[..k].iter().enumerate() {
                        sum = (-self.factor[pairs(k) + l].load(simd)).mul_add(*known, sum);
                    }
                    projected[k] = sum * self.factor[pairs(k) + k].load(simd);
                    y = (-projected[k]).mul_add(self.solved[k].load(simd), y);
                }
                let changes = &layout.linear[bin * layout.classes * signals..];
                for class in 0..layout.classes {
                    let channel = class * layout.energies + energy;
                    for j in 0..signals {
                        let change = changes[class * signals + j];
                        let target = &mut self.linear[j * channels + channel];
                        target.store(y.mul_add(change, target.load(simd)));
                        let targets = &mut self.projection[(j * channels + channel) * n..][..n];
                        for (target, projected) in targets.iter_mut().zip(&projected) {
                            target.store(projected.mul_add(change, target.load(simd)));
                        }
                    }
                }
                let products = &layout.quadratic[bin * of_signals * of_classes..][..of_signals * of_classes];
                for (pair, products) in products.chunks(of_classes).enumerate() {
                    let targets = &mut self.quadratic[(pair * layout.energies + energy) * of_classes..][..of_classes];
                    for (target, product) in targets.iter_mut().zip(products) {
                        target.store(w.mul_add(*product, target.load(simd)));
                    }
                }
            }
        }
    }

    /// Moves a reference to the minimum over the backgrounds at a signal `[bins]`, or so far that 3/10 of what was expected
    /// is left wherever something was counted, in the lanes that are not `done`; returns the square of the whole way in
    /// units of the errors, d^T W d.
    #[inline(always)]
    pub(super) fn advance<S: Simd>(
        &mut self,
        simd: S,
        layout: &Layout,
        toys: &DatasetToys,
        signal: &[Lanes],
        reference: &mut Reference,
        done: &[bool; LANES],
    ) -> Lanes {
        let n = layout.backgrounds;
        let zero = f64x8::splat(simd, 0.0);
        // B^T W S, then L^-1 of it.
        let mut change = [zero; MOST_BACKGROUNDS];
        for energy in 0..layout.energies {
            for bin in energy * layout.times..(energy + 1) * layout.times {
                let weighted = self.weights[bin].load(simd) * signal[bin].load(simd);
                for (k, change) in change[..n].iter_mut().enumerate() {
                    *change = toys.column(simd, layout, k, bin, energy).mul_add(weighted, *change);
                }
            }
        }
        for i in 0..n {
            let mut sum = change[i];
            for k in 0..i {
                sum = (-self.factor[pairs(i) + k].load(simd)).mul_add(change[k], sum);
            }
            change[i] = sum * self.factor[pairs(i) + i].load(simd);
        }
        for i in (0..n).rev() {
            let mut sum = self.solved[i].load(simd) - change[i];
            for k in i + 1..n {
                sum = (-self.factor[pairs(k) + i].load(simd)).mul_add(self.work[k].load(simd), sum);
            }
            self.work[i].store(sum * self.factor[pairs(i) + i].load(simd));
        }
        let mut steepest = f64x8::splat(simd, LARGEST_FALL);
        let mut square = zero;
        for energy in 0..layout.energies {
            for bin in energy * layout.times..(energy + 1) * layout.times {
                let before = reference.signal[bin].load(simd);
                let (mut mu, mut rise) = (before, signal[bin].load(simd) - before);
                for k in 0..n {
                    let column = toys.column(simd, layout, k, bin, energy);
                    mu = column.mul_add(reference.backgrounds[k].load(simd), mu);
                    rise = column.mul_add(self.work[k].load(simd), rise);
                }
                square = (rise * rise).mul_add(self.weights[bin].load(simd), square);
                let fall = (-rise) / mu.max(f64::MIN_POSITIVE);
                steepest = toys.counts[bin].load(simd).simd_gt(0.0).select(steepest.max(fall), steepest);
            }
        }
        let mut way = Lanes::ZERO;
        way.store(square);
        // Toys that have arrived stand still, whatever their company does.
        let moves =
            Lanes(std::array::from_fn(|lane| if done[lane] || way.0[lane] <= ARRIVED { 0.0 } else { LARGEST_FALL }));
        let length = moves.load(simd) / steepest;
        for (target, signal) in reference.signal.iter_mut().zip(signal) {
            let before = target.load(simd);
            target.store(length.mul_add(signal.load(simd) - before, before));
        }
        for (target, change) in reference.backgrounds.iter_mut().zip(&self.work) {
            target.store(length.mul_add(change.load(simd), target.load(simd)));
        }
        way
    }
}

/// Square of the way to the minimum, in units of the errors, with which a toy has arrived: a form errs by two thirds of the
/// cube of the way at most where counts are whole numbers, 5e-6.
pub(super) const ARRIVED: f64 = 4e-4;

/// Part of an expected count that one step may take away.
const LARGEST_FALL: f64 = 0.7;
