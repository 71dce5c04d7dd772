//! chi2 of a form along the couplings of one mass: everything is a polynomial in x = (g/natural)^2.
//!
//! chi2(x) = C - r(x)^T H(x)^-1 r(x), r_j = h_j(x) + P_j c_j, H = A(x) + P: h of degree 2, A of degree 4, their coefficients
//! made once for a form and a mass.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::form::Form;
use super::layout::{Layout, MOST_BACKGROUNDS, MOST_SIGNALS, pairs};
use super::toys::DatasetToys;
use crate::statistics::row::lanes::Lanes;

const PAIRS: usize = pairs(MOST_SIGNALS);

/// Polynomials of eight toys, `N` parameters of the signal.
#[derive(Clone, Copy)]
pub(super) struct Curve<S: Simd, const N: usize> {
    constant: f64x8<S>,
    linear: [[f64x8<S>; 3]; N],
    quadratic: [[f64x8<S>; 5]; PAIRS],
}

/// The same in memory, for any number of parameters.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    constant: Lanes,
    linear: [[Lanes; 3]; MOST_SIGNALS],
    quadratic: [[Lanes; 5]; PAIRS],
}

/// chi2 at a place of a curve.
#[derive(Clone, Copy)]
pub(super) struct At<S: Simd> {
    pub chi2: f64x8<S>,
    /// Its first and second derivative in x.
    pub slope: f64x8<S>,
    pub curvature: f64x8<S>,
}

impl<S: Simd, const N: usize> Curve<S, N> {
    /// The curve of a form in a row; `number` gives the row's numbers ([`Layout::row`]).
    #[inline(always)]
    pub(super) fn new(
        simd: S,
        layout: &Layout,
        toys: &DatasetToys,
        form: &Form,
        number: impl Fn(usize) -> f64x8<S>,
    ) -> Curve<S, N> {
        let zero = f64x8::splat(simd, 0.0);
        let (channels, backgrounds) = (layout.channels(), layout.backgrounds);
        let mut linear = [[zero; 3]; N];
        let mut projected = [[[zero; 3]; MOST_BACKGROUNDS]; N];
        for channel in 0..channels {
            let counts: [f64x8<S>; 3] = std::array::from_fn(|power| number(power * channels + channel));
            for j in 0..N {
                let own = form.linear[j * channels + channel].load(simd);
                for power in 0..3 {
                    linear[j][power] = own.mul_add(counts[power], linear[j][power]);
                }
                let own = &form.projection[(j * channels + channel) * backgrounds..][..backgrounds];
                for (target, own) in projected[j].iter_mut().zip(own) {
                    let own = own.load(simd);
                    for power in 0..3 {
                        target[power] = own.mul_add(counts[power], target[power]);
                    }
                }
            }
        }
        let mut quadratic = [[zero; 5]; PAIRS];
        let products = layout.energies * pairs(layout.classes);
        for (pair, target) in quadratic[..pairs(N)].iter_mut().enumerate() {
            for (power, target) in target.iter_mut().enumerate() {
                let first = 3 * channels + power * products;
                for (i, own) in form.quadratic[pair * products..][..products].iter().enumerate() {
                    *target = own.load(simd).mul_add(number(first + i), *target);
                }
            }
        }
        let mut constant = form.constant.load(simd);
        for i in 0..N {
            for j in 0..=i {
                let target = &mut quadratic[pairs(i) + j];
                for k in 0..backgrounds {
                    for p in 0..3 {
                        for q in 0..3 {
                            target[p + q] = (-projected[i][k][p]).mul_add(projected[j][k][q], target[p + q]);
                        }
                    }
                }
            }
            let (prior, centre) = (layout.priors[i], toys.centres[i].load(simd));
            linear[i][0] = centre.mul_add(prior, linear[i][0]);
            quadratic[pairs(i) + i][0] += prior;
            constant = (centre * centre).mul_add(prior, constant);
        }
        Curve { constant, linear, quadratic }
    }

    /// H and r at x.
    #[inline(always)]
    fn system(&self, x: f64x8<S>) -> ([f64x8<S>; PAIRS], [f64x8<S>; N]) {
        let mut matrix = [self.constant; PAIRS];
        for (target, c) in matrix[..pairs(N)].iter_mut().zip(&self.quadratic) {
            let high = x.mul_add(x.mul_add(c[4], c[3]), c[2]);
            *target = x.mul_add(x.mul_add(high, c[1]), c[0]);
        }
        let right = std::array::from_fn(|i| {
            let c = &self.linear[i];
            x.mul_add(x.mul_add(c[2], c[1]), c[0])
        });
        (matrix, right)
    }

    /// chi2 at x.
    #[inline(always)]
    pub(super) fn chi2(&self, simd: S, x: f64x8<S>) -> f64x8<S> {
        let (mut matrix, mut right) = self.system(x);
        factor::<S, N>(simd, &mut matrix);
        self.constant - forward::<S, N>(&matrix, &mut right)
    }

    /// The signal's parameters at the minimum at x.
    #[inline(always)]
    pub(super) fn parameters(&self, simd: S, x: f64x8<S>) -> [f64x8<S>; N] {
        let (mut matrix, mut right) = self.system(x);
        factor::<S, N>(simd, &mut matrix);
        forward::<S, N>(&matrix, &mut right);
        back::<S, N>(&matrix, &mut right);
        right
    }

    /// chi2 and its derivatives at x: with q the minimum's parameters, chi2' = -2 r'.q + q^T H' q and
    /// chi2'' = -2 r''.q + q^T H'' q - 2 t^T H^-1 t with t = r' - H' q.
    #[inline(always)]
    pub(super) fn at(&self, simd: S, x: f64x8<S>) -> At<S> {
        let (mut matrix, mut q) = self.system(x);
        factor::<S, N>(simd, &mut matrix);
        let gain = forward::<S, N>(&matrix, &mut q);
        back::<S, N>(&matrix, &mut q);
        let zero = f64x8::splat(simd, 0.0);
        let (mut slope, mut curvature) = (zero, zero);
        let mut change = [zero; N];
        for i in 0..N {
            let c = &self.linear[i];
            change[i] = (x * c[2]).mul_add(2.0, c[1]);
            slope = (q[i] * change[i]).mul_add(-2.0, slope);
            curvature = (q[i] * c[2]).mul_add(-4.0, curvature);
        }
        for i in 0..N {
            for j in 0..=i {
                let c = &self.quadratic[pairs(i) + j];
                let first = x.mul_add(x.mul_add((x * c[4]).mul_add(4.0, c[3] * 3.0), c[2] * 2.0), c[1]);
                let second = x.mul_add((x * c[4]).mul_add(12.0, c[3] * 6.0), c[2] * 2.0);
                let times = if i == j { 1.0 } else { 2.0 };
                let product = q[i] * q[j] * times;
                slope = product.mul_add(first, slope);
                curvature = product.mul_add(second, curvature);
                change[i] = (-first).mul_add(q[j], change[i]);
                if i != j {
                    change[j] = (-first).mul_add(q[i], change[j]);
                }
            }
        }
        curvature = forward::<S, N>(&matrix, &mut change).mul_add(-2.0, curvature);
        At { chi2: self.constant - gain, slope, curvature }
    }

    #[inline(always)]
    pub(super) fn keep(&self, kept: &mut Kept) {
        kept.constant.store(self.constant);
        for (target, own) in kept.linear.iter_mut().zip(&self.linear) {
            target.iter_mut().zip(own).for_each(|(target, own)| target.store(*own));
        }
        for (target, own) in kept.quadratic[..pairs(N)].iter_mut().zip(&self.quadratic) {
            target.iter_mut().zip(own).for_each(|(target, own)| target.store(*own));
        }
    }
}

impl Kept {
    pub(super) const NOTHING: Kept =
        Kept { constant: Lanes::ZERO, linear: [[Lanes::ZERO; 3]; MOST_SIGNALS], quadratic: [[Lanes::ZERO; 5]; PAIRS] };

    #[inline(always)]
    pub(super) fn load<S: Simd, const N: usize>(&self, simd: S) -> Curve<S, N> {
        Curve {
            constant: self.constant.load(simd),
            linear: std::array::from_fn(|j| std::array::from_fn(|power| self.linear[j][power].load(simd))),
            quadratic: std::array::from_fn(|pair| std::array::from_fn(|power| self.quadratic[pair][power].load(simd))),
        }
    }
}

/// L L^T in place, the inverse in the diagonal.
#[inline(always)]
fn factor<S: Simd, const N: usize>(simd: S, matrix: &mut [f64x8<S>; PAIRS]) {
    for i in 0..N {
        for j in 0..=i {
            let mut sum = matrix[pairs(i) + j];
            for k in 0..j {
                sum = (-matrix[pairs(i) + k]).mul_add(matrix[pairs(j) + k], sum);
            }
            matrix[pairs(i) + j] = match i == j {
                true => f64x8::splat(simd, 1.0) / sum.sqrt(),
                false => sum * matrix[pairs(j) + j],
            };
        }
    }
}

/// L^-1 b in place; returns its square.
#[inline(always)]
#[allow(clippy::eq_op, reason = "a vector of zeros, where there is no other word for one")]
fn forward<S: Simd, const N: usize>(factor: &[f64x8<S>; PAIRS], b: &mut [f64x8<S>; N]) -> f64x8<S> {
    let mut square = b[0] - b[0];
    for i in 0..N {
        let mut sum = b[i];
        for k in 0..i {
            sum = (-factor[pairs(i) + k]).mul_add(b[k], sum);
        }
        b[i] = sum * factor[pairs(i) + i];
        square = b[i].mul_add(b[i], square);
    }
    square
}

/// L^-T b in place.
#[inline(always)]
fn back<S: Simd, const N: usize>(factor: &[f64x8<S>; PAIRS], b: &mut [f64x8<S>; N]) {
    for i in (0..N).rev() {
        let mut sum = b[i];
        for k in i + 1..N {
            sum = (-factor[pairs(k) + i]).mul_add(b[k], sum);
        }
        b[i] = sum * factor[pairs(i) + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::simd::{SimdLevel, dispatch};
    use crate::dataset::{Dataset, Statistic};
    use crate::statistics::Expectation;
    use crate::statistics::forms::form::Reference;
    use crate::statistics::forms::layout::Variance;
    use crate::statistics::forms::toys::Drawn;

    /// Derivatives are those that differences have, for both statistics and with three parameters of the signal.
    #[test]
    fn derivatives_are_those_of_differences() {
        for name in ["csi", "lar"] {
            let dataset = Dataset::find(name).unwrap();
            let expectation = Expectation::new(&dataset);
            let variance = match &dataset.statistic {
                Statistic::Poisson => None,
                Statistic::Gaussian { variance, .. } => {
                    Some(Variance { follows_counts: false, values: variance.clone() })
                }
            };
            let drawn = Drawn {
                counts: dataset.observed.clone(),
                centres: expectation.parameters.iter().map(|parameter| parameter.central).collect(),
                factors: Vec::new(),
                inverse_variance: variance.iter().flat_map(|own| own.values.iter().map(|v| 1.0 / v)).collect(),
            };
            let layout = Layout::new(&expectation, &[], variance).unwrap();
            // Some counts with shape: 2 + c, -0.9 and 0.3 of it.
            let coefficients: Vec<f64> = [1.0, -0.9, 0.3]
                .into_iter()
                .flat_map(|power| (0..layout.channels()).map(move |channel| power * (2.0 + channel as f64)))
                .collect();
            let mut numbers = Vec::new();
            layout.row(&coefficients, 1.0, &mut numbers);
            let mut toys = DatasetToys::new(&layout);
            (0..8).for_each(|lane| toys.set(&layout, lane, &drawn));
            let mut form = Form::new(&layout);
            let reference = Reference {
                signal: vec![Lanes([1.0; 8]); layout.bins()],
                backgrounds: toys.centres[layout.signals..].to_vec(),
            };
            dispatch!(SimdLevel::detect(), simd => {
                toys.prepare(simd, &layout);
                assert_eq!(form.build(simd, &layout, &toys, &reference), [true; 8]);
                let near = |x: f64| -> [f64; 3] {
                    let mut found = [Lanes::ZERO; 3];
                    crate::statistics::forms::descent::with_signals!(layout.signals, N => {
                        let curve = Curve::<_, N>::new(simd, &layout, &toys, &form, |i| f64x8::splat(simd, numbers[i]));
                        let at = curve.at(simd, f64x8::splat(simd, x));
                        found[0].store(at.chi2);
                        found[1].store(at.slope);
                        found[2].store(at.curvature);
                    });
                    found.map(|found| found.0[3])
                };
                for x in [0.1, 0.7, 1.4, 2.5] {
                    let step = 1e-4;
                    let [before, here, after] = [x - step, x, x + step].map(near);
                    let slope = (after[0] - before[0]) / (2.0 * step);
                    let curvature = (after[1] - before[1]) / (2.0 * step);
                    assert!((here[1] - slope).abs() < 1e-5 * (1.0 + slope.abs()), "{name} {x}: {here:?} {slope}");
                    assert!((here[2] - curvature).abs() < 1e-5 * (1.0 + curvature.abs()), "{name} {x}: {here:?} {curvature}");
                }
            });
        }
    }
}
