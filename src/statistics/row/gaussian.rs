//! Rows of Gaussian fits: the backgrounds are eliminated once for all, what remains is a quadratic form in the signal.
//!
//! With weights W = 1/variance, backgrounds B with priors P, their minimum without signal b, its residual r = y - B b and
//! chi2 C_0, and the signal's columns S_j = R_j c (c: counts per channel, R_j: time fractions and relative changes), the
//! chi2 minimised over the backgrounds is, for signal parameters q with priors,
//! ```text
//! C_0 - 2 sum q_j h_j + sum q_j q_l A_jl + sum ((q_j - central_j)/sigma_j)^2
//! h_j = (R_j^T W r) . c        A_jl = c^T M_jl c        M_jl = R_j^T (W - W B (B^T W B + P)^-1 B^T W) R_l
//! ```
//! For c = c_0 + c_1 x + c_2 x^2 each A_jl is a polynomial of degree 4 in x = g^2 and each h_j one of degree 2, their
//! coefficients made once per row. A point then costs, for m signal parameters, 2 m (m+1) + 2 m vector operations for
//! these, about m^3/6 + 3 m^2 for the solution and its chi2, and m divisions: 80 in all for m = 3. C_0 is of the order of
//! the number of bins, and what is subtracted from it also: chi2 keeps 12 digits and more.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use crate::statistics::cholesky;
use crate::statistics::columns::{Expectation, ParameterKind};
use crate::statistics::{Fit, Status};

use super::lanes::{LANES, Lanes};
use super::ldl;
use super::parameters::Parameters;
use super::reference::Reference;
use super::registers;
use super::signal::{LARGEST_TERMS, LARGEST_TOTAL, Signal, squares};

/// Coefficients of a quartic.
const QUARTIC: usize = 5;
/// Coefficients of a count.
const QUADRATIC: usize = 3;

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Gaussian {
    parameters: Parameters,
    channels: usize,
    /// chi2 without signal.
    without_signal: f64,
    /// R_j^T W r, `[signal parameters][channels]`.
    linear: Vec<f64>,
    /// M_jl made symmetric in the channels, `[pairs l <= j][channels][channels]`.
    quadratic: Vec<f64>,
    /// Events in all bins per count of each channel.
    totals: Vec<f64>,
}

/// Memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    counts: Vec<Lanes>,
    /// h in units of the signal's total.
    slopes: Vec<Lanes>,
    /// A, lower triangle by rows, in the same units.
    form: Vec<Lanes>,
    matrix: Vec<Lanes>,
    inverse: Vec<Lanes>,
    values: Vec<Lanes>,
    /// M_jl c_p.
    product: Vec<f64>,
    quartics: Vec<[f64; QUARTIC]>,
    quadratics: Vec<[f64; QUADRATIC]>,
}

impl Gaussian {
    /// `None` where the backgrounds' normal matrix is not positive definite.
    pub(super) fn new(fit: &Fit, inverse_variance: &[f64]) -> Option<Gaussian> {
        let (expectation, counts) = (&fit.expectation, &fit.observation.counts);
        let parameters = Parameters::new(expectation);
        let (bins, m, k) = (expectation.bins(), parameters.signal, parameters.background);
        let mut without = fit.clone();
        let of_background = |parameter: &crate::statistics::Parameter| {
            matches!(parameter.kind, ParameterKind::BackgroundNorm(_) | ParameterKind::BackgroundShape(_))
        };
        let keep: Vec<bool> = expectation.parameters.iter().map(of_background).collect();
        let mut kept = keep.iter();
        without.expectation.parameters.retain(|_| kept.next().copied().unwrap_or(false));
        let mut kept = keep.iter();
        without.expectation.columns.retain(|_| kept.next().copied().unwrap_or(false));
        let mut work = without.workspace();
        let (without_signal, _) = crate::statistics::gaussian::minimise(counts, inverse_variance, &mut work)?;
        // The factor of the backgrounds' normal matrix, and B^T W R_j after forward substitution.
        let columns: Vec<&Vec<f64>> = parameters.backgrounds(expectation).collect();
        let responses: Vec<Vec<f64>> = (0..m).map(|parameter| spread(expectation, parameter)).collect();
        let channels = responses.first().map_or(0, |response| response.len() / bins.max(1));
        // A channel is seen in the bins of its own energy alone.
        let own_bins = |channel: usize| {
            let (energy, times) = (channel % expectation.energy_bins.max(1), expectation.time_bins);
            energy * times..(energy + 1) * times
        };
        let seen = |column: &[f64], channel: usize, response: &[f64]| {
            let own = own_bins(channel);
            weighted(&column[own.clone()], &response[own.clone()], &inverse_variance[own])
        };
        let projected: Vec<Vec<f64>> = responses
            .iter()
            .map(|response| {
                let mut projected = Vec::with_capacity(channels * k);
                for (channel, response) in response.chunks(bins).enumerate() {
                    let mut overlaps: Vec<f64> = columns.iter().map(|column| seen(column, channel, response)).collect();
                    cholesky::forward(&work.matrix, &mut overlaps, &work.scale);
                    projected.extend(overlaps);
                }
                projected
            })
            .collect();
        let mut quadratic = Vec::new();
        for j in 0..m {
            for l in 0..=j {
                let element = |a: usize, b: usize| {
                    let own = &responses[j][a * bins..(a + 1) * bins];
                    let other = &responses[l][b * bins..(b + 1) * bins];
                    let eliminated = projected[j][a * k..(a + 1) * k].iter().zip(&projected[l][b * k..(b + 1) * k]);
                    let direct = if own_bins(a) == own_bins(b) { seen(own, b, other) } else { 0.0 };
                    direct - eliminated.map(|(a, b)| a * b).sum::<f64>()
                };
                for a in 0..channels {
                    quadratic.extend((0..channels).map(|b| 0.5 * (element(a, b) + element(b, a))));
                }
            }
        }
        let slopes = responses.iter().flat_map(|response| response.chunks(bins));
        Some(Gaussian {
            channels,
            without_signal,
            linear: slopes.enumerate().map(|(i, response)| seen(&work.change, i % channels, response)).collect(),
            quadratic,
            totals: responses.first()?.chunks(bins).map(|response| response.iter().sum()).collect(),
            parameters,
        })
    }

    pub(super) fn memory(&self) -> Memory {
        let m = self.parameters.signal;
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            counts: lanes(self.channels),
            slopes: lanes(m),
            form: lanes(m * (m + 1) / 2),
            matrix: lanes(m * m),
            inverse: lanes(m),
            values: lanes(m),
            product: vec![0.0; self.channels],
            quartics: vec![[0.0; QUARTIC]; m * (m + 1) / 2],
            quadratics: vec![[0.0; QUADRATIC]; m + 1],
        }
    }

    /// chi2 at each point of a row; raises its status where it is missing.
    #[inline(always)]
    pub(super) fn row<S: Simd>(
        &self,
        simd: S,
        signal: &Signal,
        memory: &mut Memory,
        reference: &mut Reference,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        if let Signal::Polynomial { coefficients, .. } = signal {
            self.expand(coefficients, memory);
        }
        let points = chi2.len();
        for (block, (chi2, status)) in chi2.chunks_mut(LANES).zip(status.chunks_mut(LANES)).enumerate() {
            let own: [usize; LANES] = std::array::from_fn(|lane| (block * LANES + lane).min(points - 1));
            let values = match signal {
                Signal::Polynomial { couplings, .. } => self.polynomial(simd, squares(simd, couplings, &own), memory),
                Signal::Counts { .. } => {
                    signal.load(simd, &own, &mut memory.counts);
                    self.counts(simd, memory)
                }
            };
            if values.is_finite().all_true() && chi2.len() == LANES {
                values.store_slice(chi2);
                continue;
            }
            let values = values.to_array();
            for (lane, (chi2, status)) in chi2.iter_mut().zip(status).enumerate() {
                let (value, how) = match values[lane].is_finite() {
                    true => (values[lane], Status::Converged),
                    false => reference.profile(signal, own[lane]),
                };
                (*chi2, *status) = (value, how.max(*status));
            }
        }
    }

    /// Polynomials in g^2 of all A_jl, all h_j and, last, the total.
    #[inline(always)]
    fn expand(&self, coefficients: &[f64], memory: &mut Memory) {
        let n = self.channels;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let power: [&[f64]; QUADRATIC] = std::array::from_fn(|p| &coefficients[p * n..(p + 1) * n]);
        let linear = self.linear.chunks(n).chain([self.totals.as_slice()]);
        for (target, linear) in memory.quadratics.iter_mut().zip(linear) {
            *target = power.map(|counts| dot(linear, counts));
        }
        for (target, matrix) in memory.quartics.iter_mut().zip(self.quadratic.chunks(n * n)) {
            *target = [0.0; QUARTIC];
            for p in 0..QUADRATIC {
                memory.product.fill(0.0);
                for (row, count) in matrix.chunks(n).zip(power[p]) {
                    memory.product.iter_mut().zip(row).for_each(|(sum, element)| *sum += count * element);
                }
                for q in 0..QUADRATIC {
                    target[p + q] += dot(&memory.product, power[q]);
                }
            }
        }
    }

    /// chi2 at eight x = g^2.
    #[inline(always)]
    fn polynomial<S: Simd>(&self, simd: S, x: f64x8<S>, memory: &mut Memory) -> f64x8<S> {
        match self.parameters.signal {
            1 => self.in_registers::<S, 1>(simd, x, memory),
            2 => self.in_registers::<S, 2>(simd, x, memory),
            3 => self.in_registers::<S, 3>(simd, x, memory),
            _ => self.in_memory(simd, x, memory),
        }
    }

    /// The same for a number of signal parameters that is known to the compiler.
    #[inline(always)]
    fn in_registers<S: Simd, const M: usize>(&self, simd: S, x: f64x8<S>, memory: &mut Memory) -> f64x8<S> {
        let Parameters { central, inverse_sigma, .. } = &self.parameters;
        let (Some(central), Some(inverse_sigma)) = (central.first_chunk(), inverse_sigma.first_chunk()) else {
            return self.in_memory(simd, x, memory);
        };
        let quadratic = |c: &[f64; QUADRATIC]| x.mul_add(x.mul_add(c[2], c[1]), c[0]);
        let inverse_unit = f64x8::splat(simd, 1.0) / quadratic(&memory.quadratics[M]).max(1.0);
        let square = inverse_unit * inverse_unit;
        let element = |c: &[f64; QUARTIC]| {
            let high = x.mul_add(x.mul_add(c[4], c[3]), c[2]);
            x.mul_add(x.mul_add(high, c[1]), c[0]) * square
        };
        let fit = registers::Fit {
            slopes: std::array::from_fn::<_, M, _>(|i| quadratic(&memory.quadratics[i]) * inverse_unit),
            form: std::array::from_fn(|i| {
                let pairs = &memory.quartics[i * (i + 1) / 2..];
                std::array::from_fn(|j| if j <= i { element(&pairs[j]) } else { f64x8::splat(simd, 0.0) })
            }),
            inverse_unit,
            central,
            inverse_sigma,
            without_signal: self.without_signal,
        };
        fit.minimum(simd)
    }

    #[inline(always)]
    fn in_memory<S: Simd>(&self, simd: S, x: f64x8<S>, memory: &mut Memory) -> f64x8<S> {
        let quadratic = |c: &[f64; QUADRATIC]| x.mul_add(x.mul_add(c[2], c[1]), c[0]);
        let (slopes, total) = memory.quadratics.split_at(self.parameters.signal);
        let inverse_unit = f64x8::splat(simd, 1.0) / quadratic(&total[0]).max(1.0);
        for (target, c) in memory.slopes.iter_mut().zip(slopes) {
            target.store(quadratic(c) * inverse_unit);
        }
        let square = inverse_unit * inverse_unit;
        for (target, c) in memory.form.iter_mut().zip(&memory.quartics) {
            let high = x.mul_add(x.mul_add(c[4], c[3]), c[2]);
            target.store(x.mul_add(x.mul_add(high, c[1]), c[0]) * square);
        }
        self.minimum(simd, inverse_unit, memory)
    }

    /// chi2 at the counts in memory.
    #[inline(always)]
    fn counts<S: Simd>(&self, simd: S, memory: &mut Memory) -> f64x8<S> {
        let zero = f64x8::splat(simd, 0.0);
        let dot = |constants: &[f64], counts: &[Lanes]| {
            let pairs = constants.iter().zip(counts);
            pairs.fold(zero, |sum, (constant, count)| count.load(simd).mul_add(*constant, sum))
        };
        let inverse_unit = f64x8::splat(simd, 1.0) / dot(&self.totals, &memory.counts).max(1.0);
        for count in &mut memory.counts {
            count.store(count.load(simd) * inverse_unit);
        }
        for (target, linear) in memory.slopes.iter_mut().zip(self.linear.chunks(self.channels)) {
            target.store(dot(linear, &memory.counts));
        }
        for (target, matrix) in memory.form.iter_mut().zip(self.quadratic.chunks(self.channels * self.channels)) {
            let rows = matrix.chunks(self.channels).zip(&memory.counts).enumerate();
            target.store(rows.fold(zero, |sum, (a, (row, count))| {
                // The lower triangle twice and the diagonal once.
                let count = count.load(simd);
                let twice = dot(&row[..a], &memory.counts) * 2.0;
                count.mul_add(count.mul_add(row[a], twice), sum)
            }));
        }
        self.minimum(simd, inverse_unit, memory)
    }

    /// Minimum over the signal's parameters; NaN where this form cannot give it: the signal is not finite,
    /// A not positive definite, or digits are lost.
    #[inline(always)]
    fn minimum<S: Simd>(&self, simd: S, inverse_unit: f64x8<S>, memory: &mut Memory) -> f64x8<S> {
        let m = self.parameters.signal;
        let priors = || self.parameters.central.iter().zip(&self.parameters.inverse_sigma);
        let mut pairs = memory.form.iter();
        for (i, (central, inverse_sigma)) in priors().take(m).enumerate() {
            let width = inverse_unit * *inverse_sigma;
            memory.values[i].store(width.mul_add(central * inverse_sigma, memory.slopes[i].load(simd)));
            for (target, form) in memory.matrix[i * m..=i * m + i].iter_mut().zip(&mut pairs) {
                target.store(form.load(simd));
            }
            let diagonal = &mut memory.matrix[i * m + i];
            diagonal.store(width.mul_add(width, diagonal.load(simd)));
        }
        let (_, positive) = ldl::solve(simd, &mut memory.matrix, &mut memory.values, &mut memory.inverse);
        // chi2 at the solution from its definition: errors of the solution enter in second order only.
        let mut chi2 = f64x8::splat(simd, self.without_signal);
        let mut terms = f64x8::splat(simd, 0.0);
        let mut pairs = memory.form.iter();
        for (i, (central, inverse_sigma)) in priors().take(m).enumerate() {
            let value = memory.values[i].load(simd);
            let mut sum = memory.slopes[i].load(simd) * -2.0;
            for (other, form) in memory.values[..i].iter().zip(&mut pairs) {
                sum = (other.load(simd) * 2.0).mul_add(form.load(simd), sum);
            }
            if let Some(form) = pairs.next() {
                let diagonal = value * form.load(simd);
                terms = diagonal.mul_add(value, terms);
                sum += diagonal;
            }
            chi2 = value.mul_add(sum, chi2);
            let pull = value.mul_sub(inverse_unit, *central) * *inverse_sigma;
            chi2 = pull.mul_add(pull, chi2);
        }
        let sound = positive & terms.simd_le(LARGEST_TERMS) & inverse_unit.simd_ge(1.0 / LARGEST_TOTAL);
        sound.select(chi2, f64x8::splat(simd, f64::NAN))
    }
}

/// The signal column of a parameter per count of each channel, `[channels][bins]`.
fn spread(expectation: &Expectation, parameter: usize) -> Vec<f64> {
    let (bins, time_bins) = (expectation.bins(), expectation.time_bins);
    let mut spread = Vec::new();
    for fractions in expectation.time_fractions.chunks(time_bins) {
        for energy in 0..expectation.energy_bins {
            let start = spread.len();
            spread.resize(start + bins, 0.0);
            for (time, fraction) in fractions.iter().enumerate() {
                let bin = energy * time_bins + time;
                spread[start + bin] = fraction * Parameters::signal_change(expectation, parameter, bin);
            }
        }
    }
    spread
}

fn weighted(a: &[f64], b: &[f64], weights: &[f64]) -> f64 {
    a.iter().zip(b).zip(weights).map(|((a, b), weight)| a * b * weight).sum()
}
