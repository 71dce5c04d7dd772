//! When neutrinos arrive: the beam trace convolved with the decays, integrated over time bins.
//!
//! The convolution is the continuous one with exp(-t/tau)/tau on [0, infinity); nothing is cut or renormalised here.

use std::f64::consts::{PI, SQRT_2};

use crate::quadrature::Rule;

/// Gauss-Legendre points in a piece no longer than [`MAX_PIECE_NS`]: the integrands are smooth on 26 ns, the pion's life.
const POINTS_PER_PIECE: usize = 8;
/// Longest piece of an integration (ns).
const MAX_PIECE_NS: f64 = 20.0;

/// Intensity of the proton beam against time.
#[derive(Debug, Clone, PartialEq)]
pub enum BeamTrace {
    /// Rows of (time (ns), intensity > 0); the logarithm is linear between rows, zero outside. Normalised when used.
    Table {
        /// Times (ns), increasing.
        time_ns: Vec<f64>,
        /// Intensities, arbitrary normalisation.
        intensity: Vec<f64>,
    },
    /// A normal distribution, not cut at t = 0.
    Gaussian {
        /// Mean (ns).
        mean_ns: f64,
        /// Standard deviation (ns).
        sigma_ns: f64,
    },
    /// Always on, or nothing known of the time: neutrinos come evenly over all time bins together.
    Uniform,
}

/// Efficiency against time: 1 up to `flat_until_us`, exp(-rate (t - flat_until)) after.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeEfficiency {
    /// End of the plateau (us).
    pub flat_until_us: f64,
    /// Rate of the exponential after it [1/us].
    pub rate_per_us: f64,
}

impl TimeEfficiency {
    /// Efficiency at a time (us).
    pub fn at_us(&self, time_us: f64) -> f64 {
        (-self.rate_per_us * (time_us - self.flat_until_us).max(0.0)).exp()
    }
}

/// Share of the neutrinos that is seen in each time bin (length edges - 1).
///
/// `lifetimes_ns`: the decays, one or two. Absolute accuracy 1e-9 and better.
pub fn arrival_fractions(
    trace: &BeamTrace,
    lifetimes_ns: &[f64],
    edges_us: &[f64],
    efficiency: Option<&TimeEfficiency>,
) -> Vec<f64> {
    let density = Density::new(trace, lifetimes_ns);
    let window_ns = 1e3 * (edges_us.last().unwrap_or(&0.0) - edges_us.first().unwrap_or(&0.0));
    let at_ns = |t_ns: f64| if *trace == BeamTrace::Uniform { 1.0 / window_ns } else { density.at_ns(t_ns) };
    edges_us
        .windows(2)
        .map(|bin| {
            let mut breaks = vec![bin[0]];
            let inner = efficiency.map(|efficiency| efficiency.flat_until_us);
            let rows = density.breaks_us().chain(inner).filter(|t| bin[0] < *t && *t < bin[1]);
            breaks.extend(rows);
            breaks.push(bin[1]);
            breaks.sort_by(f64::total_cmp);
            let rule = fine_rule(&breaks);
            rule.integrate(|t_us| at_ns(1e3 * t_us) * 1e3 * efficiency.map_or(1.0, |e| e.at_us(t_us)))
        })
        .collect()
}

/// Gauss-Legendre over pieces (us) no longer than [`MAX_PIECE_NS`] that end at every break.
fn fine_rule(breaks_us: &[f64]) -> Rule {
    let mut edges = vec![breaks_us[0]];
    for piece in breaks_us.windows(2) {
        let parts = ((piece[1] - piece[0]) * 1e3 / MAX_PIECE_NS).ceil().max(1.0) as usize;
        edges.extend((1..=parts).map(|i| piece[0] + (piece[1] - piece[0]) * i as f64 / parts as f64));
    }
    Rule::piecewise(&edges, &vec![POINTS_PER_PIECE; edges.len() - 1])
}

/// Arrival-time density as a weighted sum of single convolutions.
///
/// Two exponentials in a row are (tau_2 E_2 - tau_1 E_1)/(tau_2 - tau_1), so single ones are enough.
struct Density<'a> {
    trace: &'a BeamTrace,
    norm: f64,
    /// (weight, lifetime (ns), the convolution at the rows of a table).
    terms: Vec<(f64, f64, Vec<f64>)>,
}

impl<'a> Density<'a> {
    fn new(trace: &'a BeamTrace, lifetimes_ns: &[f64]) -> Density<'a> {
        let weight = |i: usize| -> f64 {
            let tau = lifetimes_ns[i];
            let others = lifetimes_ns.iter().enumerate().filter(|(j, _)| *j != i);
            others.map(|(_, other)| tau / (tau - other)).product()
        };
        let terms = (0..lifetimes_ns.len())
            .map(|i| (weight(i), lifetimes_ns[i], convolution_at_rows(trace, lifetimes_ns[i])))
            .collect();
        Density { trace, norm: total_intensity(trace), terms }
    }

    fn breaks_us(&self) -> impl Iterator<Item = f64> {
        let rows: &[f64] = match self.trace {
            BeamTrace::Table { time_ns, .. } => time_ns,
            BeamTrace::Gaussian { .. } | BeamTrace::Uniform => &[],
        };
        rows.iter().map(|t| 1e-3 * t)
    }

    /// Density [1/ns] at a time (ns).
    fn at_ns(&self, time_ns: f64) -> f64 {
        let sum: f64 =
            self.terms.iter().map(|(weight, tau, rows)| weight * convolution(self.trace, *tau, rows, time_ns)).sum();
        sum / self.norm
    }
}

fn total_intensity(trace: &BeamTrace) -> f64 {
    match trace {
        BeamTrace::Gaussian { .. } | BeamTrace::Uniform => 1.0,
        BeamTrace::Table { time_ns, intensity } => (1..time_ns.len())
            .map(|i| {
                let (step, slope) = segment(time_ns, intensity, i - 1);
                intensity[i - 1] * step * mean_exponential(slope * step)
            })
            .sum(),
    }
}

/// Length and logarithmic slope of the segment that starts at row i.
fn segment(time_ns: &[f64], intensity: &[f64], i: usize) -> (f64, f64) {
    let step = time_ns[i + 1] - time_ns[i];
    (step, (intensity[i + 1] / intensity[i]).ln() / step)
}

/// (exp(x) - 1)/x.
fn mean_exponential(x: f64) -> f64 {
    if x.abs() < 1e-8 { 1.0 + 0.5 * x } else { x.exp_m1() / x }
}

fn convolution_at_rows(trace: &BeamTrace, tau: f64) -> Vec<f64> {
    let BeamTrace::Table { time_ns, intensity } = trace else { return Vec::new() };
    let mut rows = vec![0.0];
    for i in 0..time_ns.len() - 1 {
        let (step, slope) = segment(time_ns, intensity, i);
        rows.push(advance(rows[i], intensity[i], slope, tau, step));
    }
    rows
}

/// The convolution E of f(t) = f0 exp(slope t) with exp(-t/tau)/tau, `step` after it had the value `start`:
/// E' = (f - E)/tau, solved exactly.
fn advance(start: f64, f0: f64, slope: f64, tau: f64, step: f64) -> f64 {
    let gained = f0 / tau * step * mean_exponential((slope + 1.0 / tau) * step);
    (start + gained) * (-step / tau).exp()
}

/// The trace convolved with exp(-t/tau)/tau, at one time.
fn convolution(trace: &BeamTrace, tau: f64, rows: &[f64], time_ns: f64) -> f64 {
    match trace {
        // Evenly before and after.
        BeamTrace::Uniform => 1.0,
        BeamTrace::Table { time_ns: times, intensity } => {
            let after = times.partition_point(|t| *t <= time_ns);
            if after == 0 {
                return 0.0;
            }
            let (row, step) = (after - 1, time_ns - times[after - 1]);
            if after == times.len() {
                return rows[row] * (-step / tau).exp();
            }
            advance(rows[row], intensity[row], segment(times, intensity, row).1, tau, step)
        }
        BeamTrace::Gaussian { mean_ns, sigma_ns } => {
            // exp(sigma^2/(2 tau^2) - (t-mu)/tau) erfc(v)/(2 tau), with exp(v^2) erfc(v) kept together.
            let z = (time_ns - mean_ns) / sigma_ns;
            let v = (sigma_ns / tau - z) / SQRT_2;
            if v < 0.0 {
                let exponent = 0.5 * (sigma_ns / tau).powi(2) - z * sigma_ns / tau;
                return exponent.exp() * libm::erfc(v) / (2.0 * tau);
            }
            (-0.5 * z * z).exp() * scaled_erfc(v) / (2.0 * tau)
        }
    }
}

/// exp(v^2) erfc(v) for v >= 0, to 1e-11.
fn scaled_erfc(v: f64) -> f64 {
    if v < 20.0 {
        return (v * v).exp() * libm::erfc(v);
    }
    let u = 1.0 / (2.0 * v * v);
    (1.0 - u * (1.0 - 3.0 * u * (1.0 - 5.0 * u * (1.0 - 7.0 * u)))) / (v * PI.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives() {
        let trace = BeamTrace::Gaussian { mean_ns: 440.0, sigma_ns: 150.0 };
        for lifetimes in [&[26.0][..], &[26.0, 2197.0]] {
            let sum: f64 = arrival_fractions(&trace, lifetimes, &[-2.0, 1.0, 80.0], None).iter().sum();
            assert!((sum - 1.0).abs() < 1e-10, "{sum}");
        }
    }

    #[test]
    fn table_and_formula_agree() {
        // A Gaussian as a table of 1 ns steps: logarithm linear between rows, an error of order (step/sigma)^2/8.
        let time_ns: Vec<f64> = (0..2000).map(|i| f64::from(i) - 600.0).collect();
        let intensity = time_ns.iter().map(|t| (-0.5 * ((t - 440.0) / 150.0_f64).powi(2)).exp()).collect();
        let edges = [-0.1, 0.4, 0.9, 1.4, 6.0];
        let efficiency = TimeEfficiency { flat_until_us: 0.52, rate_per_us: 0.0494 };
        for lifetimes in [&[26.0][..], &[26.0, 2197.0]] {
            let table = BeamTrace::Table { time_ns: time_ns.clone(), intensity: Vec::clone(&intensity) };
            let formula = BeamTrace::Gaussian { mean_ns: 440.0, sigma_ns: 150.0 };
            let got = arrival_fractions(&table, lifetimes, &edges, Some(&efficiency));
            let expected = arrival_fractions(&formula, lifetimes, &edges, Some(&efficiency));
            for (g, e) in got.iter().zip(&expected) {
                assert!((g - e).abs() < 1e-5, "{got:?} {expected:?}");
            }
        }
    }
}
