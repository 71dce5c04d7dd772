//! The bins of a Gaussian dataset: the backgrounds that are its own are eliminated once for all, what remains is a
//! quadratic form in the signal and the shared backgrounds.
//!
//! With weights W = 1/variance, own backgrounds B with priors P, their minimum without signal b, its residual r = y - B b
//! and chi2 C_0, and the signal's columns S_j = R_j c (c: counts per channel, R_j: time fractions and relative changes),
//! the chi2 minimised over B is, for signal parameters q,
//! ```text
//! C_0 - 2 sum q_j h_j + sum q_j q_l A_jl
//! h_j = (R_j^T W r) . c        A_jl = c^T M_jl c        M_jl = R_j^T (W - W B (B^T W B + P)^-1 B^T W) R_l
//! ```
//! A shared background is one more parameter, its departure from the prior's centre, with a channel of its own whose count
//! is 1. For c = c_0 + c_1 x + c_2 x^2 each A_jl is a polynomial of degree 4 in x = g^2 and each h_j one of degree 2, their
//! coefficients made once per row: a point then costs 2 m (m+1) + 2 m vector operations for m parameters. C_0 is
//! of the order of the number of bins, and what is subtracted from it also: chi2 keeps 12 digits and more.

use std::ops::Range;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::base::cholesky::Factor;
use crate::statistics::Measurement;

use super::lanes::Lanes;
use super::parameters::{Parameters, Slopes};
use super::signal::LARGEST_TERMS;

/// Rounds of iterative refinement: the first already brings the normal equations to the accuracy of the residuals.
const REFINEMENTS: usize = 2;

/// Coefficients of a quartic.
const QUARTIC: usize = 5;
/// Coefficients of a count.
const QUADRATIC: usize = 3;

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Gaussian {
    /// Channels of the signal; those of the shared backgrounds come after.
    channels: usize,
    all_channels: usize,
    /// chi2 without signal.
    without_signal: f64,
    /// R_j^T W r, `[parameters][channels]`.
    linear: Vec<f64>,
    /// M_jl made symmetric in the channels, `[pairs l <= j][channels][channels]`.
    quadratic: Vec<f64>,
    /// Events in all bins per count of each channel.
    totals: Vec<f64>,
    /// Most signal with which a cold start begins.
    pub largest_start: f64,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// h in units of the signal's total.
    slopes: Vec<Lanes>,
    /// A, lower triangle by rows, in the same units.
    form: Vec<Lanes>,
    /// M_jl c_p.
    product: Vec<f64>,
    quartics: Vec<[f64; QUARTIC]>,
    quadratics: Vec<[f64; QUADRATIC]>,
}

impl Gaussian {
    /// `None` where the backgrounds' normal matrix is not positive definite.
    pub(super) fn new(
        measurement: &Measurement,
        parameters: &Parameters,
        inverse_variance: &[f64],
    ) -> Option<Gaussian> {
        let expectation = &measurement.expectation;
        let bins = expectation.bins();
        let own = Backgrounds::new(measurement, parameters, inverse_variance)?;
        // The responses, and B^T W R_j after forward substitution.
        let responses: Vec<Vec<f64>> =
            (0..parameters.len()).map(|parameter| spread(measurement, parameters, parameter)).collect();
        let channels = expectation.channels();
        let all_channels = channels + parameters.background;
        // A channel of the signal is seen in the bins of its own energy alone.
        let own_bins = |channel: usize| -> Range<usize> {
            let (energy, times) = (channel % expectation.energy_bins.max(1), expectation.time_bins);
            if channel < channels { energy * times..(energy + 1) * times } else { 0..bins }
        };
        let overlap = |a: &[f64], b: &[f64], common: Range<usize>| match common.is_empty() {
            true => 0.0,
            false => weighted(&a[common.clone()], &b[common.clone()], &inverse_variance[common]),
        };
        let k = own.columns.len();
        let projected: Vec<Vec<f64>> = responses
            .iter()
            .map(|response| {
                let mut projected = Vec::with_capacity(all_channels * k);
                for (channel, response) in response.chunks(bins).enumerate() {
                    let seen = |column: &&[f64]| overlap(column, response, own_bins(channel));
                    let mut overlaps: Vec<f64> = own.columns.iter().map(seen).collect();
                    own.normal.forward(&mut overlaps);
                    projected.extend(overlaps);
                }
                projected
            })
            .collect();
        let mut quadratic = Vec::new();
        for j in 0..parameters.len() {
            for l in 0..=j {
                let element = |a: usize, b: usize| {
                    let (ours, theirs) = (&responses[j][a * bins..][..bins], &responses[l][b * bins..][..bins]);
                    let eliminated = projected[j][a * k..(a + 1) * k].iter().zip(&projected[l][b * k..(b + 1) * k]);
                    let (first, second) = (own_bins(a), own_bins(b));
                    let common = first.start.max(second.start)..first.end.min(second.end);
                    overlap(ours, theirs, common) - eliminated.map(|(a, b)| a * b).sum::<f64>()
                };
                // Where both responses are the same one, so are both triangles.
                let mut elements = vec![0.0; all_channels * all_channels];
                for a in 0..all_channels {
                    for b in 0..if j == l { a + 1 } else { all_channels } {
                        elements[a * all_channels + b] = element(a, b);
                    }
                }
                let at = |a: usize, b: usize| match j == l {
                    true => elements[a.max(b) * all_channels + a.min(b)],
                    false => 0.5 * (elements[a * all_channels + b] + elements[b * all_channels + a]),
                };
                quadratic.extend((0..all_channels * all_channels).map(|i| at(i / all_channels, i % all_channels)));
            }
        }
        let counted: f64 = measurement.observation.counts.iter().sum();
        let linear = responses.iter().flat_map(|response| response.chunks(bins)).enumerate();
        let linear = linear.map(|(i, response)| overlap(&own.residual, response, own_bins(i % all_channels)));
        Some(Gaussian {
            channels,
            all_channels,
            without_signal: own.chi2,
            linear: linear.collect(),
            quadratic,
            largest_start: counted.max(1.0),
            totals: responses.first()?.chunks(bins).take(channels).map(|response| response.iter().sum()).collect(),
        })
    }

    pub(super) fn memory(&self, parameters: &Parameters) -> Memory {
        let m = parameters.len();
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            slopes: lanes(m),
            form: lanes(m * (m + 1) / 2),
            product: vec![0.0; self.all_channels],
            quartics: vec![[0.0; QUARTIC]; m * (m + 1) / 2],
            quadratics: vec![[0.0; QUADRATIC]; m + 1],
        }
    }

    /// Polynomials in g^2 of all A_jl, all h_j and, last, the total, for a row of counts `[3][channels]`.
    #[inline(always)]
    pub(super) fn expand_row(&self, coefficients: &[f64], memory: &mut Memory) {
        let (own, n) = (self.channels, self.all_channels);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        // The channels of shared backgrounds count 1.
        let power: [Vec<f64>; QUADRATIC] = std::array::from_fn(|p| {
            let mut counts = coefficients[p * own..(p + 1) * own].to_vec();
            counts.resize(n, if p == 0 { 1.0 } else { 0.0 });
            counts
        });
        let linear = self.linear.chunks(n).chain([self.totals.as_slice()]);
        for (target, linear) in memory.quadratics.iter_mut().zip(linear) {
            *target = std::array::from_fn(|p| dot(linear, &power[p]));
        }
        for (target, matrix) in memory.quartics.iter_mut().zip(self.quadratic.chunks(n * n)) {
            *target = [0.0; QUARTIC];
            for p in 0..QUADRATIC {
                memory.product.fill(0.0);
                for (row, count) in matrix.chunks(n).zip(&power[p]) {
                    memory.product.iter_mut().zip(row).for_each(|(sum, element)| *sum += count * element);
                }
                for q in 0..QUADRATIC {
                    target[p + q] += dot(&memory.product, &power[q]);
                }
            }
        }
    }

    /// h and A at eight x = g^2 of the row that was expanded; returns the signal's total.
    #[inline(always)]
    pub(super) fn place<S: Simd>(
        &self,
        simd: S,
        x: f64x8<S>,
        parameters: &Parameters,
        memory: &mut Memory,
    ) -> f64x8<S> {
        let m = parameters.len();
        let total = quadratic(x, &memory.quadratics[m]);
        let inverse_unit = f64x8::splat(simd, 1.0) / total.max(1.0);
        let scale = |i: usize| if i < parameters.signal { inverse_unit } else { f64x8::splat(simd, 1.0) };
        let mut pairs = memory.form.iter_mut().zip(&memory.quartics);
        for i in 0..m {
            memory.slopes[i].store(quadratic(x, &memory.quadratics[i]) * scale(i));
            for (j, (target, c)) in (0..=i).zip(&mut pairs) {
                target.store(quartic(x, c) * (scale(i) * scale(j)));
            }
        }
        total
    }

    /// The same at counts, which are put into units of the total.
    #[inline(always)]
    pub(super) fn place_counts<S: Simd>(&self, simd: S, counts: &mut [Lanes], memory: &mut Memory) -> f64x8<S> {
        let zero = f64x8::splat(simd, 0.0);
        let dot = |constants: &[f64], counts: &[Lanes]| {
            let pairs = constants.iter().zip(counts);
            pairs.fold(zero, |sum, (constant, count)| count.load(simd).mul_add(*constant, sum))
        };
        let total = dot(&self.totals, counts);
        let inverse_unit = f64x8::splat(simd, 1.0) / total.max(1.0);
        let (own, further) = counts.split_at_mut(self.channels);
        own.iter_mut().for_each(|count| count.store(count.load(simd) * inverse_unit));
        further.fill(Lanes([1.0; super::lanes::LANES]));
        let n = self.all_channels;
        for (target, linear) in memory.slopes.iter_mut().zip(self.linear.chunks(n)) {
            target.store(dot(linear, counts));
        }
        for (target, matrix) in memory.form.iter_mut().zip(self.quadratic.chunks(n * n)) {
            let rows = matrix.chunks(n).zip(counts.iter()).enumerate();
            target.store(rows.fold(zero, |sum, (a, (row, count))| {
                // The lower triangle twice and the diagonal once.
                let count = count.load(simd);
                let twice = dot(&row[..a], counts) * 2.0;
                count.mul_add(count.mul_add(row[a], twice), sum)
            }));
        }
        total
    }

    /// Minus the gradient and the Hessian of chi2/2 at the values.
    #[inline(always)]
    pub(super) fn expand<S: Simd>(&self, simd: S, values: &[Lanes], memory: &Memory, slopes: &mut Slopes) {
        slopes.curvature.copy_from_slice(&memory.form);
        for (i, (target, slope)) in slopes.downhill.iter_mut().zip(&memory.slopes).enumerate() {
            let mut sum = slope.load(simd);
            for (j, value) in values.iter().enumerate() {
                let (row, column) = (i.max(j), i.min(j));
                let form = memory.form[row * (row + 1) / 2 + column].load(simd);
                sum = (-form).mul_add(value.load(simd), sum);
            }
            target.store(sum);
        }
    }

    /// chi2 at the values from its definition, and the lanes in which its terms kept their digits; `priors` is what is to
    /// be added.
    #[inline(always)]
    pub(super) fn chi2<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        memory: &Memory,
        priors: f64x8<S>,
    ) -> (f64x8<S>, mask64x8<S>) {
        let mut chi2 = f64x8::splat(simd, self.without_signal);
        let mut terms = f64x8::splat(simd, 0.0);
        let mut pairs = memory.form.iter();
        for (i, slope) in memory.slopes.iter().enumerate() {
            let value = values[i].load(simd);
            let mut sum = slope.load(simd) * -2.0;
            for (other, form) in values[..i].iter().zip(&mut pairs) {
                sum = (other.load(simd) * 2.0).mul_add(form.load(simd), sum);
            }
            if let Some(form) = pairs.next() {
                let diagonal = value * form.load(simd);
                terms = diagonal.mul_add(value, terms);
                sum += diagonal;
            }
            chi2 = value.mul_add(sum, chi2);
        }
        (chi2 + priors, terms.simd_le(LARGEST_TERMS))
    }
}

#[inline(always)]
fn quadratic<S: Simd>(x: f64x8<S>, c: &[f64; QUADRATIC]) -> f64x8<S> {
    x.mul_add(x.mul_add(c[2], c[1]), c[0])
}

#[inline(always)]
fn quartic<S: Simd>(x: f64x8<S>, c: &[f64; QUARTIC]) -> f64x8<S> {
    let high = x.mul_add(x.mul_add(c[4], c[3]), c[2]);
    x.mul_add(x.mul_add(high, c[1]), c[0])
}

/// The backgrounds of a dataset alone, fitted without signal, shared ones at their priors' centres.
struct Backgrounds<'a> {
    columns: Vec<&'a [f64]>,
    normal: Factor,
    residual: Vec<f64>,
    chi2: f64,
}

impl Backgrounds<'_> {
    fn new<'a>(measurement: &'a Measurement, parameters: &Parameters, weights: &[f64]) -> Option<Backgrounds<'a>> {
        let mut counts = measurement.observation.counts.clone();
        let (mut columns, mut sigmas, mut centres) = (Vec::new(), Vec::new(), Vec::new());
        for (index, (parameter, centre, column)) in measurement.parameters().enumerate() {
            if !parameters.order.contains(&index) {
                columns.push(column);
                sigmas.push(parameter.sigma);
                centres.push(centre);
            } else {
                // That of a signal's parameter is empty.
                counts.iter_mut().zip(column).for_each(|(n, v)| *n -= centre * v);
            }
        }
        let normal = Factor::of_columns(&columns, &sigmas, weights)?;
        let sum =
            |a: &[f64], b: &[f64]| a.iter().zip(b).zip(weights).map(|((a, b), weight)| weight * a * b).sum::<f64>();
        let (mut values, mut residual) = (vec![0.0; columns.len()], counts.clone());
        for _ in 0..=REFINEMENTS {
            let half_downhill = |k: usize| (centres[k] - values[k]) / sigmas[k].powi(2) + sum(columns[k], &residual);
            let mut step: Vec<f64> = (0..columns.len()).map(half_downhill).collect();
            normal.solve(&mut step);
            values.iter_mut().zip(&step).for_each(|(value, step)| *value += step);
            let mut expected = vec![0.0; counts.len()];
            for (column, value) in columns.iter().zip(&values) {
                expected.iter_mut().zip(*column).for_each(|(mu, v)| *mu += value * v);
            }
            residual = counts.iter().zip(&expected).map(|(n, mu)| n - mu).collect();
        }
        let pulls = (0..columns.len()).map(|k| ((values[k] - centres[k]) / sigmas[k]).powi(2));
        Some(Backgrounds { chi2: sum(&residual, &residual) + pulls.sum::<f64>(), columns, normal, residual })
    }
}

/// The column of a parameter per count of each channel, `[channels][bins]`.
fn spread(measurement: &Measurement, parameters: &Parameters, parameter: usize) -> Vec<f64> {
    let expectation = &measurement.expectation;
    let (bins, time_bins) = (expectation.bins(), expectation.time_bins);
    let mut spread = Vec::new();
    for fractions in expectation.time_fractions.chunks(time_bins) {
        for energy in 0..expectation.energy_bins {
            let start = spread.len();
            spread.resize(start + bins, 0.0);
            let fractions = fractions.iter().enumerate().filter(|_| parameter < parameters.signal);
            for (time, fraction) in fractions {
                let bin = energy * time_bins + time;
                spread[start + bin] = fraction * Parameters::signal_change(expectation, parameter, bin);
            }
        }
    }
    for (background, column) in parameters.backgrounds(measurement).enumerate() {
        match parameter == parameters.signal + background {
            true => spread.extend(column),
            false => spread.resize(spread.len() + bins, 0.0),
        }
    }
    spread
}

fn weighted(a: &[f64], b: &[f64], weights: &[f64]) -> f64 {
    a.iter().zip(b).zip(weights).map(|((a, b), weight)| a * b * weight).sum()
}
