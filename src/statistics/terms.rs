//! The bins of one dataset, Poisson (2.6) or Gaussian (2.7-2.9): their chi2, its slopes and its curvature.

use super::expectation::{Expectation, ParameterKind};
use super::measurement::Measurement;
use super::observation::Observation;

/// Part of the way to mu = 0 that one step may go.
const TOWARDS_BOUNDARY: f64 = 0.9;

/// How far a deformed signal is weakened for a start, in standard deviations.
pub(super) const FURTHEST: f64 = 3.0;
/// A signal of which more is left there is as good as whole.
pub(super) const WEAK: f64 = 0.5;
/// Parts of the way there that are tried: at the first at which no count is negative the fit begins.
pub(super) const PARTS: [f64; 10] = [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1];

/// Sides of a parameter that deforms the signal, and how far off the first searches for other minima start there: at the first
/// of these at which no count is negative.
pub(super) const SIDES: [f64; 2] = [-1.0, 1.0];
pub(super) const STARTS: [f64; 3] = [2.0, 1.5, 1.0];

/// One dataset in a minimisation, reused from point to point.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// Columns V_k, `[parameters][bins]`; those of the signal change from point to point.
    pub(super) columns: Vec<f64>,
    /// Centres of the priors, in units of the parameters.
    pub(super) central: Vec<f64>,
    /// Widths of the priors.
    pub(super) sigma: Vec<f64>,
    /// Values p_k.
    pub(super) values: Vec<f64>,
    /// Change of each parameter with its unknown.
    pub(super) per_unknown: Vec<f64>,
    /// Expected counts mu at the values.
    pub(super) expected: Vec<f64>,
    /// Change of the values, and of the expected counts, by the step.
    pub(super) step: Vec<f64>,
    pub(super) change: Vec<f64>,
    /// Minus the gradient in the parameters, and the Hessian (lower triangle).
    pub(super) downhill: Vec<f64>,
    pub(super) matrix: Vec<f64>,
    /// Signal in each bin at eta = 0.
    pub(super) signal: Vec<f64>,
    /// What deforms it.
    deformations: Vec<Deformation>,
    /// The signal's other parameters, and the relative change of each but the norm.
    scales: Vec<(usize, Option<Vec<f64>>)>,
    /// Events of the signal that are one of its columns'.
    unit: f64,
}

/// S + t S_1 + t^2 S_2.
#[derive(Debug, Clone, Default)]
struct Deformation {
    /// The parameter t.
    parameter: usize,
    /// S_1 and S_2 in each bin.
    first: Vec<f64>,
    second: Vec<f64>,
}

impl Terms {
    /// Memory of a minimisation, the background columns in place.
    pub(super) fn new(measurement: &Measurement) -> Terms {
        let expectation = &measurement.expectation;
        let (bins, parameters) = (expectation.bins(), expectation.parameters.len());
        let kinds = || expectation.parameters.iter().map(|parameter| parameter.kind).enumerate();
        let deformation = |(parameter, kind)| match kind {
            ParameterKind::SignalDeformation(_) => {
                Some(Deformation { parameter, first: vec![0.0; bins], second: vec![0.0; bins] })
            }
            _ => None,
        };
        let scale = |(parameter, kind)| match kind {
            ParameterKind::SignalNorm => Some((parameter, None)),
            ParameterKind::SignalShape(shape) => Some((parameter, Some(expectation.signal_shapes[shape].clone()))),
            _ => None,
        };
        let mut columns = vec![0.0; bins * parameters];
        for (target, (_, _, column)) in columns.chunks_mut(bins).zip(measurement.parameters()) {
            if !column.is_empty() {
                target.copy_from_slice(column);
            }
        }
        Terms {
            columns,
            central: measurement.observation.centres.clone(),
            sigma: expectation.parameters.iter().map(|parameter| parameter.sigma).collect(),
            values: vec![0.0; parameters],
            per_unknown: vec![1.0; parameters],
            expected: vec![0.0; bins],
            step: vec![0.0; parameters],
            change: vec![0.0; bins],
            downhill: vec![0.0; parameters],
            matrix: vec![0.0; parameters * parameters],
            signal: vec![0.0; bins],
            deformations: kinds().filter_map(deformation).collect(),
            scales: kinds().filter_map(scale).collect(),
            unit: 1.0,
        }
    }

    /// The signal in each bin from its counts, `[signals][classes][energy_bins]`.
    pub(super) fn spread(&mut self, expectation: &Expectation, counts: &[f64]) {
        let mut sets = counts.chunks(expectation.classes_by_energy());
        let deformed = self.deformations.iter_mut().flat_map(|own| [&mut own.first, &mut own.second]);
        for signal in std::iter::once(&mut self.signal).chain(deformed) {
            expectation.spread_over_time(sets.next().unwrap_or(&[]), signal);
        }
    }

    /// Columns, centres and widths of the signal's parameters, for a signal of which `unit` events are one.
    pub(super) fn place_signal(&mut self, measurement: &Measurement, unit: f64) {
        let expectation = &measurement.expectation;
        let bins = expectation.bins();
        self.unit = unit;
        for (k, parameter) in expectation.parameters.iter().enumerate() {
            let column = &mut self.columns[k * bins..(k + 1) * bins];
            match parameter.kind {
                ParameterKind::SignalNorm => {
                    column.iter_mut().zip(&self.signal).for_each(|(v, s)| *v = s / unit);
                }
                ParameterKind::SignalShape(shape) => {
                    let signal = self.signal.iter().zip(&expectation.signal_shapes[shape]);
                    column.iter_mut().zip(signal).for_each(|(v, (s, r))| *v = s / unit * r);
                }
                ParameterKind::SignalDeformation(_)
                | ParameterKind::BackgroundNorm(_)
                | ParameterKind::BackgroundShape(_)
                | ParameterKind::CorrelatedError(_) => continue,
            }
            self.central[k] = measurement.observation.centres[k] * unit;
            self.sigma[k] = parameter.sigma * unit;
        }
    }

    /// Expected counts of each process at a minimum, `[processes][bins]`: signal first, then the backgrounds, shape
    /// changes included.
    pub fn processes(&self, expectation: &Expectation) -> Vec<Vec<f64>> {
        let bins = expectation.bins();
        let process = |kind| match kind {
            ParameterKind::SignalNorm | ParameterKind::SignalShape(_) | ParameterKind::SignalDeformation(_) => Some(0),
            ParameterKind::BackgroundNorm(index) | ParameterKind::BackgroundShape(index) => Some(index + 1),
            ParameterKind::CorrelatedError(_) => None,
        };
        let last = expectation.parameters.iter().filter_map(|parameter| process(parameter.kind)).max().unwrap_or(0);
        let mut processes = vec![vec![0.0; bins]; 1 + last];
        let columns = self.columns.chunks(bins).zip(&self.values);
        for (parameter, (column, value)) in expectation.parameters.iter().zip(columns) {
            // It is in the signal's other columns.
            if matches!(parameter.kind, ParameterKind::SignalDeformation(_)) {
                continue;
            }
            let Some(process) = process(parameter.kind) else { continue };
            let own = processes[process].iter_mut();
            own.zip(column).for_each(|(events, v)| *events += value * v);
        }
        processes
    }

    /// mu at the values, and where the signal is deformed its columns: they are dmu/dp there.
    pub(super) fn expect(&mut self) {
        if self.deformations.is_empty() {
            return combine(&self.columns, &self.values, &mut self.expected);
        }
        let bins = self.expected.len();
        let mut scale = vec![0.0; bins];
        let mut signal = self.signal.clone();
        for own in &self.deformations {
            let t = self.values[own.parameter];
            let bins = signal.iter_mut().zip(own.first.iter().zip(&own.second));
            bins.for_each(|(signal, (first, second))| *signal += t * (first + t * second));
        }
        for (parameter, relative) in &self.scales {
            let value = self.values[*parameter] / self.unit;
            for (bin, scale) in scale.iter_mut().enumerate() {
                let relative = relative.as_ref().map_or(1.0, |relative| relative[bin]);
                self.columns[parameter * bins + bin] = signal[bin] / self.unit * relative;
                *scale += value * relative;
            }
        }
        for own in &self.deformations {
            self.columns[own.parameter * bins..(own.parameter + 1) * bins].fill(0.0);
        }
        combine(&self.columns, &self.values, &mut self.expected);
        for own in &self.deformations {
            let t = self.values[own.parameter];
            let column = &mut self.columns[own.parameter * bins..(own.parameter + 1) * bins];
            for (bin, column) in column.iter_mut().enumerate() {
                *column = scale[bin] * (own.first[bin] + 2.0 * t * own.second[bin]);
            }
        }
    }

    /// chi2 of the bins at the expected counts, infinite where mu is not allowed; with `-2 barrier ln mu` in Poisson bins
    /// without counts.
    pub(super) fn chi2(&self, observation: &Observation, barrier: f64) -> f64 {
        let bins = observation.counts.iter().zip(&self.expected);
        if let Some(inverse_variance) = &observation.inverse_variance {
            return bins.zip(inverse_variance).map(|((n, mu), weight)| weight * (n - mu) * (n - mu)).sum();
        }
        let mut sum = 0.0;
        for (&n, &mu) in bins {
            sum += if n > 0.0 { poisson_term(n, mu) } else { mu };
            if n == 0.0 && barrier > 0.0 {
                sum -= barrier * mu.ln();
            }
            if mu < 0.0 || (mu == 0.0 && n > 0.0) || mu.is_nan() {
                return f64::INFINITY;
            }
        }
        2.0 * sum
    }

    /// Values of the parameters that deform the signal, each with its index, at which there is least of it within
    /// [`FURTHEST`], or that part of the way there; and what part of the signal is left.
    pub(super) fn weakened(&self, part: f64) -> (Vec<(usize, f64)>, f64) {
        let total = self.signal_events();
        let mut left = total;
        let mut weakened = Vec::new();
        for own in &self.deformations {
            let (first, second): (f64, f64) = (own.first.iter().sum(), own.second.iter().sum());
            let change = |t: f64| t * (first + t * second);
            let vertex = (-0.5 * first / second).clamp(-FURTHEST, FURTHEST);
            let candidates = [-FURTHEST, FURTHEST, vertex].into_iter();
            let t = part * candidates.fold(0.0, |least, t| if change(t) < change(least) { t } else { least });
            left += change(t);
            weakened.push((own.parameter, t));
        }
        (weakened, left / total)
    }

    /// A parameter that deforms the signal, by its number, at `t`, and the norm with which that leaves as much of it as there is.
    pub(super) fn deformed_to(&self, number: usize, t: f64) -> (usize, f64) {
        let own = &self.deformations[number];
        let (first, second): (f64, f64) = (own.first.iter().sum(), own.second.iter().sum());
        let mut left = self.signal_events();
        for other in &self.deformations {
            let (first, second): (f64, f64) = (other.first.iter().sum(), other.second.iter().sum());
            let t = self.values[other.parameter];
            left += t * (first + t * second);
        }
        let now = self.values[own.parameter];
        let then = left + t * (first + t * second) - now * (first + now * second);
        (own.parameter, if then > 0.0 { self.values[0] * left / then } else { self.values[0] })
    }

    /// Number of parameters that deform the signal.
    pub(super) fn deformations(&self) -> usize {
        self.deformations.len()
    }

    /// Whether mu is not linear in the parameters.
    pub(super) fn is_curved(&self) -> bool {
        !self.deformations.is_empty()
    }

    /// Fills gradient and Hessian, the latter with or without the curvature of mu.
    pub(super) fn expand(&mut self, observation: &Observation, barrier: f64, with_curvature: bool) {
        let (bins, n) = (self.expected.len(), self.values.len());
        self.downhill.fill(0.0);
        self.matrix.fill(0.0);
        for bin in 0..bins {
            let (count, mu) = (observation.counts[bin], self.expected[bin]);
            let (slope, curvature) = match &observation.inverse_variance {
                Some(weights) => (2.0 * weights[bin] * (mu - count), 2.0 * weights[bin]),
                None => match if count > 0.0 { count } else { barrier } {
                    counted if counted > 0.0 => (2.0 * (1.0 - counted / mu), 2.0 * counted / (mu * mu)),
                    _ => (2.0, 0.0),
                },
            };
            for k in 0..n {
                let v = self.columns[k * bins + bin];
                self.downhill[k] -= slope * v;
                if curvature == 0.0 {
                    continue;
                }
                for l in 0..=k {
                    self.matrix[k * n + l] += curvature * v * self.columns[l * bins + bin];
                }
            }
            if with_curvature {
                self.bend(bin, slope);
            }
        }
    }

    /// Adds the second derivatives of a bin's mu, times the slope of chi2 in it.
    fn bend(&mut self, bin: usize, slope: f64) {
        let n = self.values.len();
        for own in &self.deformations {
            let t = own.parameter;
            let rate = own.first[bin] + 2.0 * self.values[t] * own.second[bin];
            for (parameter, relative) in &self.scales {
                let share = relative.as_ref().map_or(1.0, |relative| relative[bin]) / self.unit;
                self.matrix[t.max(*parameter) * n + t.min(*parameter)] += slope * rate * share;
                self.matrix[t * n + t] += slope * self.values[*parameter] * share * 2.0 * own.second[bin];
            }
        }
    }

    /// Longest part of the step, up to all of it, that keeps mu positive where it must be.
    pub(super) fn feasible_length(&mut self, observation: &Observation, barrier: f64) -> f64 {
        if observation.inverse_variance.is_some() {
            return 1.0;
        }
        combine(&self.columns, &self.step, &mut self.change);
        let bins = observation.counts.iter().zip(self.expected.iter().zip(&self.change));
        bins.fold(1.0, |length: f64, (n, (mu, change))| {
            if mu + change > 0.0 || (*n == 0.0 && barrier == 0.0 && mu + change >= 0.0) {
                return length;
            }
            length.min(-TOWARDS_BOUNDARY * mu / change)
        })
    }

    /// Signal events in all bins at eta = 0.
    pub fn signal_events(&self) -> f64 {
        self.signal.iter().sum()
    }
}

/// mu = sum_k p_k V_k.
fn combine(columns: &[f64], values: &[f64], target: &mut [f64]) {
    let bins = target.len();
    target.fill(0.0);
    for (column, value) in columns.chunks(bins).zip(values) {
        target.iter_mut().zip(column).for_each(|(mu, v)| *mu += value * v);
    }
}

/// mu - n + n ln(n/mu) for n > 0, without cancellation where n and mu are close.
fn poisson_term(n: f64, mu: f64) -> f64 {
    let d = (n - mu) / mu;
    if d.abs() < 1e-2 {
        // (1+d) ln(1+d) - d as a series; the next term is d^8/56, below 1e-17.
        let series = 1.0 / 2.0 - d * (1.0 / 6.0 - d * (1.0 / 12.0 - d * (1.0 / 20.0 - d * (1.0 / 30.0 - d / 42.0))));
        return mu * d * d * series;
    }
    mu - n + n * (n / mu).ln()
}
