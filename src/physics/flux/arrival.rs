//! When neutrinos arrive: the beam trace convolved with the decays, integrated over time bins.
//!
//! The convolution is the continuous one with exp(-t/tau)/tau on [0, infinity); nothing is cut or renormalised here.

use std::f64::consts::{PI, SQRT_2};

use crate::base::quadrature::Rule;
use crate::{Error, Result};

/// Gauss-Legendre points in a piece no longer than [`MAX_PIECE_NS`]: the integrands are smooth on 26 ns, the pion's life.
const POINTS_PER_PIECE: usize = 8;
/// Longest piece of an integration (ns).
const MAX_PIECE_NS: f64 = 20.0;
/// Where a Gaussian trace that is narrower than a piece is cut, in its sigma.
const BREAKS_IN_SIGMA: [f64; 6] = [0.0, 1.0, 2.0, 3.5, 5.5, 9.0];
/// What the share of a bin may be off, relative.
const TOLERANCE: f64 = 1e-7;
/// Shares below this say nothing.
const SMALLEST_SHARE: f64 = 1e-12;
/// 20 ns / 2^40 is 2e-11 ns.
const MOST_HALVINGS: u32 = 40;

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
    pub(crate) fn at_us(&self, time_us: f64) -> f64 {
        (-self.rate_per_us * (time_us - self.flat_until_us).max(0.0)).exp()
    }
}

/// Share of the neutrinos that is seen in each time bin (length edges - 1), to 1e-7 of it.
///
/// `lifetimes_ns`: the decays, one or two.
///
/// # Errors
/// [`Error::NotConverged`] for a trace too sharp to reach that.
pub fn arrival_fractions(
    trace: &BeamTrace,
    lifetimes_ns: &[f64],
    edges_us: &[f64],
    efficiency: Option<&TimeEfficiency>,
) -> Result<Vec<f64>> {
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
            share(&breaks, |t_us| at_ns(1e3 * t_us) * 1e3 * efficiency.map_or(1.0, |e| e.at_us(t_us)))
        })
        .collect()
}

/// The integral over a bin that is cut at the breaks (us): what half the length of a piece changes is cut further.
fn share(breaks_us: &[f64], f: impl Fn(f64) -> f64) -> Result<f64> {
    let edges = fine_edges(breaks_us);
    let rule = Rule::gauss_legendre(POINTS_PER_PIECE);
    let piece = |low: f64, high: f64| {
        let (middle, half) = (0.5 * (low + high), 0.5 * (high - low));
        half * rule.integrate(|x| f(middle + half * x))
    };
    let pieces: Vec<f64> = edges.windows(2).map(|edges| piece(edges[0], edges[1])).collect();
    let coarse: f64 = pieces.iter().sum();
    let allowed = TOLERANCE * coarse.max(SMALLEST_SHARE) / (edges.len() - 1) as f64;
    let mut sum = 0.0;
    for (edges, value) in edges.windows(2).zip(pieces) {
        sum += halved(&piece, (edges[0], edges[1]), value, allowed, MOST_HALVINGS)?;
    }
    Ok(sum)
}

fn halved(
    piece: &impl Fn(f64, f64) -> f64,
    (low, high): (f64, f64),
    value: f64,
    allowed: f64,
    halvings_left: u32,
) -> Result<f64> {
    let middle = 0.5 * (low + high);
    let (left, right) = (piece(low, middle), piece(middle, high));
    if (left + right - value).abs() <= allowed {
        return Ok(value);
    }
    if halvings_left == 0 {
        return Err(Error::NotConverged {
            quantity: format!("the share of the neutrinos around {middle} us"),
            reason: format!(
                "halving {} us once more changes it by {:.1e}, more than {allowed:.1e}: the beam trace is too sharp there",
                high - low,
                (left + right - value).abs()
            ),
        });
    }
    let further = halvings_left - 1;
    Ok(halved(piece, (low, middle), left, 0.5 * allowed, further)?
        + halved(piece, (middle, high), right, 0.5 * allowed, further)?)
}

/// Pieces (us) no longer than [`MAX_PIECE_NS`] that end at every break.
fn fine_edges(breaks_us: &[f64]) -> Vec<f64> {
    let mut edges = vec![breaks_us[0]];
    for piece in breaks_us.windows(2) {
        let parts = ((piece[1] - piece[0]) * 1e3 / MAX_PIECE_NS).ceil().max(1.0) as usize;
        edges.extend((1..=parts).map(|i| piece[0] + (piece[1] - piece[0]) * i as f64 / parts as f64));
    }
    edges
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

    /// Rows of a table; around a Gaussian that pieces might step over, its own scale.
    fn breaks_us(&self) -> impl Iterator<Item = f64> {
        let breaks_ns = match self.trace {
            BeamTrace::Table { time_ns, .. } => time_ns.clone(),
            BeamTrace::Gaussian { mean_ns, sigma_ns } if *sigma_ns < MAX_PIECE_NS => {
                BREAKS_IN_SIGMA.iter().flat_map(|k| [mean_ns - k * sigma_ns, mean_ns + k * sigma_ns]).collect()
            }
            BeamTrace::Gaussian { .. } | BeamTrace::Uniform => Vec::new(),
        };
        breaks_ns.into_iter().map(|t| 1e-3 * t)
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
#[allow(clippy::unwrap_used, reason = "a test that cannot go on must panic")]
mod tests {
    use super::*;

    #[test]
    fn everything_arrives() {
        let trace = BeamTrace::Gaussian { mean_ns: 440.0, sigma_ns: 150.0 };
        for lifetimes in [&[26.0][..], &[26.0, 2197.0]] {
            let sum: f64 = arrival_fractions(&trace, lifetimes, &[-2.0, 1.0, 80.0], None).unwrap().iter().sum();
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
            let got = arrival_fractions(&table, lifetimes, &edges, Some(&efficiency)).unwrap();
            let expected = arrival_fractions(&formula, lifetimes, &edges, Some(&efficiency)).unwrap();
            for (g, e) in got.iter().zip(&expected) {
                assert!((g - e).abs() < 1e-5, "{got:?} {expected:?}");
            }
        }
    }
}
