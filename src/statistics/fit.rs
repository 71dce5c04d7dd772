//! chi2 of one dataset at given signal counts, minimised over its nuisance parameters.

use super::{Expectation, Observation, ParameterKind, Status, gaussian, poisson};

/// An expectation and an observation to compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// What is expected, signal apart.
    pub expectation: Expectation,
    /// What was seen.
    pub observation: Observation,
}

/// The minimum at one signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Smallest chi2, priors included; NaN where the status says that it was not found.
    pub chi2: f64,
    /// How the minimisation ended.
    pub status: Status,
    /// Number of Newton steps (1 for a linear solve).
    pub iterations: usize,
}

/// Memory of a minimisation, reused from point to point.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// Columns V_k, `[parameters][bins]`; those of the signal change from point to point.
    pub(super) columns: Vec<f64>,
    /// Centres of the priors, in units of the parameters.
    pub(super) central: Vec<f64>,
    /// Widths of the priors.
    pub(super) sigma: Vec<f64>,
    /// Values at the minimum.
    pub(super) values: Vec<f64>,
    /// Expected counts mu at `values`.
    pub(super) expected: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) downhill: Vec<f64>,
    pub(super) matrix: Vec<f64>,
    pub(super) scale: Vec<f64>,
    pub(super) change: Vec<f64>,
    pub(super) signal: Vec<f64>,
}

impl Fit {
    /// Memory for [`Fit::profile`], the background columns in place.
    pub fn workspace(&self) -> Workspace {
        let expectation = &self.expectation;
        let (bins, parameters) = (expectation.bins(), expectation.parameters.len());
        let mut columns = vec![0.0; bins * parameters];
        for (target, column) in columns.chunks_mut(bins).zip(&expectation.columns) {
            if !column.is_empty() {
                target.copy_from_slice(column);
            }
        }
        Workspace {
            columns,
            central: expectation.parameters.iter().map(|parameter| parameter.central).collect(),
            sigma: expectation.parameters.iter().map(|parameter| parameter.sigma).collect(),
            values: vec![0.0; parameters],
            expected: vec![0.0; bins],
            step: vec![0.0; parameters],
            downhill: vec![0.0; parameters],
            matrix: vec![0.0; parameters * parameters],
            scale: vec![0.0; parameters],
            change: vec![0.0; bins],
            signal: vec![0.0; bins],
        }
    }

    /// Minimises chi2 at signal counts `[classes][energy_bins]`.
    ///
    /// The unknowns of the signal are N(1 + eta) and N eps with N the signal's total where that is above 1, so that
    /// 1e20 events (which the fit scales down to what was seen) cost no digits; below 1 event they are 1 + eta and eps.
    pub fn profile(&self, counts: &[f64], work: &mut Workspace) -> Profile {
        let missing = |status| Profile { chi2: f64::NAN, status, iterations: 0 };
        self.expectation.spread_over_time(counts, &mut work.signal);
        let total: f64 = work.signal.iter().sum();
        if !total.is_finite() {
            return missing(Status::SignalNotFinite);
        }
        self.place_signal(total.max(1.0), work);
        let minimum = match &self.observation.inverse_variance {
            None => poisson::minimise(&self.observation.counts, work),
            Some(inverse_variance) => gaussian::minimise(&self.observation.counts, inverse_variance, work),
        };
        match minimum {
            Some((chi2, iterations)) if chi2.is_finite() => Profile { chi2, status: Status::Converged, iterations },
            _ => missing(Status::NotConverged),
        }
    }

    /// Pulls eta/sigma of the last minimum, in the order of [`Expectation::pull_names`].
    pub fn pulls(&self, work: &Workspace) -> Vec<f64> {
        let priors = work.central.iter().zip(&work.sigma);
        let mut pulls: Vec<f64> =
            work.values.iter().zip(priors).map(|(value, (central, sigma))| (value - central) / sigma).collect();
        // What the sum of the signal's norms is pulled by falls to its parts in proportion to their variances.
        if let [own, further @ ..] = self.expectation.norms.as_slice()
            && !further.is_empty()
        {
            let of_sum = pulls[0] / self.expectation.parameters[0].sigma;
            pulls[0] = of_sum * own.sigma;
            pulls.extend(further.iter().map(|norm| of_sum * norm.sigma));
        }
        pulls
    }

    /// Expected counts of each process at the last minimum, `[processes][bins]`: signal first, then the backgrounds,
    /// shape changes included.
    pub fn processes(&self, work: &Workspace) -> Vec<Vec<f64>> {
        let bins = self.expectation.bins();
        let backgrounds = self.expectation.parameters.iter().filter_map(|parameter| match parameter.kind {
            ParameterKind::BackgroundNorm(index) => Some(index + 1),
            _ => None,
        });
        let mut processes = vec![vec![0.0; bins]; 1 + backgrounds.max().unwrap_or(0)];
        let parameters = self.expectation.parameters.iter().zip(work.columns.chunks(bins)).zip(&work.values);
        for ((parameter, column), value) in parameters {
            let process = match parameter.kind {
                ParameterKind::SignalNorm | ParameterKind::SignalShape(_) => 0,
                ParameterKind::BackgroundNorm(index) | ParameterKind::BackgroundShape(index) => index + 1,
            };
            processes[process].iter_mut().zip(column).for_each(|(events, v)| *events += value * v);
        }
        processes
    }

    /// Total signal events in all bins at eta = 0 of the last minimum.
    pub fn signal_events(&self, work: &Workspace) -> f64 {
        work.signal.iter().sum()
    }

    pub(super) fn place_signal(&self, unit: f64, work: &mut Workspace) {
        let bins = self.expectation.bins();
        for (k, parameter) in self.expectation.parameters.iter().enumerate() {
            let column = &mut work.columns[k * bins..(k + 1) * bins];
            match parameter.kind {
                ParameterKind::SignalNorm => {
                    column.iter_mut().zip(&work.signal).for_each(|(v, s)| *v = s / unit);
                }
                ParameterKind::SignalShape(shape) => {
                    let relative = &self.expectation.signal_shapes[shape];
                    let signal = work.signal.iter().zip(relative);
                    column.iter_mut().zip(signal).for_each(|(v, (s, r))| *v = s / unit * r);
                }
                ParameterKind::BackgroundNorm(_) | ParameterKind::BackgroundShape(_) => continue,
            }
            work.central[k] = parameter.central * unit;
            work.sigma[k] = parameter.sigma * unit;
        }
    }
}
