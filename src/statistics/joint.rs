//! chi2 of several datasets that share nuisance parameters, minimised over all of them at once, Poisson and Gaussian bins
//! together.
//!
//! All datasets keep the unknowns they have alone ([`Fit::profile`]), except that a shared parameter is one unknown t with
//! one prior t^2. The signal of dataset d is scaled by f_d = 1 + eta_d + sum_j sigma_dj t_j, with shared parts j of its
//! norm. The unknown is the sum, F_d = N_d f_d, and eta_d stands in the prior alone, ((F_d/N_d - 1 - sum_j sigma_dj t_j)
//! /sigma_d)^2: as when a dataset is alone, 1e20 events that the fit scales down to what was seen cost no digits.

mod newton;

use super::{Fit, ParameterKind, Profile, Status, Workspace};

/// Fits that share parameters.
#[derive(Debug, Clone)]
pub struct JointFit {
    fits: Vec<Fit>,
    /// Names of the shared parameters.
    shared: Vec<String>,
    /// First unknown of each fit; those of the shared parameters come after the last.
    first: Vec<usize>,
}

/// One dataset at the joint minimum.
#[derive(Debug, Clone)]
pub struct Share {
    /// Its own workspace, as if it had been minimised alone.
    pub work: Workspace,
    /// Its pulls, in the order of [`super::Expectation::pull_names`].
    pub pulls: Vec<f64>,
}

/// Memory of a joint minimisation.
#[derive(Debug, Clone)]
pub struct JointWorkspace {
    own: Vec<Workspace>,
    /// Columns of the unknowns, `[unknowns][bins of all]`.
    columns: Vec<f64>,
    /// What is expected however the unknowns stand.
    baseline: Vec<f64>,
    counts: Vec<f64>,
    /// 1/variance; 0 in a Poisson bin.
    inverse_variance: Vec<f64>,
    /// One term of the priors a row: coefficients of the unknowns, and the centre last.
    priors: Vec<Vec<f64>>,
    /// Unknowns per unit of a shared parameter.
    units: Vec<f64>,
    values: Vec<f64>,
    expected: Vec<f64>,
    change: Vec<f64>,
    step: Vec<f64>,
    downhill: Vec<f64>,
    matrix: Vec<f64>,
    scale: Vec<f64>,
}

impl JointFit {
    /// `None` where no two of the fits share a parameter.
    pub fn new<'a>(fits: impl IntoIterator<Item = &'a Fit>) -> Option<JointFit> {
        let fits: Vec<Fit> = fits.into_iter().cloned().collect();
        let names = |fit: &Fit| -> Vec<String> {
            let parameters = fit.expectation.parameters.iter().filter(|parameter| parameter.shared);
            let norms = fit.expectation.norms.iter().filter(|norm| norm.shared);
            parameters.map(|parameter| parameter.name.clone()).chain(norms.map(|norm| norm.name.clone())).collect()
        };
        let all: Vec<String> = fits.iter().flat_map(names).collect();
        let mut shared = Vec::new();
        for name in &all {
            if !shared.contains(name) && all.iter().filter(|other| *other == name).count() > 1 {
                shared.push(name.clone());
            }
        }
        if shared.is_empty() {
            return None;
        }
        let mut first = Vec::new();
        let mut next = 0;
        for fit in &fits {
            first.push(next);
            next += fit.expectation.parameters.len();
        }
        first.push(next);
        Some(JointFit { fits, shared, first })
    }

    /// Names of the shared parameters.
    pub fn shared(&self) -> &[String] {
        &self.shared
    }

    fn own_unknowns(&self) -> usize {
        self.first[self.fits.len()]
    }

    /// The unknown of a shared parameter.
    fn unknown(&self, name: &str, shared: bool) -> Option<usize> {
        let index = self.shared.iter().position(|known| shared && known == name)?;
        Some(self.own_unknowns() + index)
    }

    /// Memory for [`JointFit::profile`].
    pub fn workspace(&self) -> JointWorkspace {
        let (n, bins) = (self.own_unknowns() + self.shared.len(), self.bins());
        let observations = self.fits.iter().map(|fit| &fit.observation);
        JointWorkspace {
            own: self.fits.iter().map(Fit::workspace).collect(),
            columns: vec![0.0; n * bins],
            baseline: vec![0.0; bins],
            counts: observations.clone().flat_map(|observation| observation.counts.iter().copied()).collect(),
            inverse_variance: observations
                .flat_map(|seen| seen.inverse_variance.clone().unwrap_or_else(|| vec![0.0; seen.counts.len()]))
                .collect(),
            priors: Vec::new(),
            units: vec![1.0; self.shared.len()],
            values: vec![0.0; n],
            expected: vec![0.0; bins],
            change: vec![0.0; bins],
            step: vec![0.0; n],
            downhill: vec![0.0; n],
            matrix: vec![0.0; n * n],
            scale: vec![0.0; n],
        }
    }

    fn bins(&self) -> usize {
        self.fits.iter().map(|fit| fit.expectation.bins()).sum()
    }

    /// Minimises the sum of all chi2 at signal counts `[classes][energy_bins]` of each dataset.
    pub fn profile(&self, counts: &[Vec<f64>], work: &mut JointWorkspace) -> Profile {
        let missing = |status| Profile { chi2: f64::NAN, status, iterations: 0 };
        for ((fit, counts), own) in self.fits.iter().zip(counts).zip(&mut work.own) {
            fit.expectation.spread_over_time(counts, &mut own.signal);
            let total: f64 = own.signal.iter().sum();
            if !total.is_finite() {
                return missing(Status::SignalNotFinite);
            }
            fit.place_signal(total.max(1.0), own);
        }
        self.assemble(work);
        match newton::minimise(work) {
            Some((chi2, iterations)) if chi2.is_finite() => Profile { chi2, status: Status::Converged, iterations },
            _ => missing(Status::NotConverged),
        }
    }

    /// Columns, priors and starting values from the datasets' own.
    fn assemble(&self, work: &mut JointWorkspace) {
        let (n, all_bins) = (work.values.len(), work.counts.len());
        work.columns.fill(0.0);
        work.baseline.fill(0.0);
        work.priors.clear();
        work.units.fill(0.0);
        for (fit, own) in self.fits.iter().zip(&work.own) {
            for (k, parameter) in fit.expectation.parameters.iter().enumerate() {
                if let Some(unknown) = self.unknown(&parameter.name, parameter.shared) {
                    let unit = &mut work.units[unknown - self.own_unknowns()];
                    *unit = unit.max(own.sigma[k]);
                }
            }
        }
        // A parameter that only norms share has no column, and any unit.
        work.units.iter_mut().filter(|unit| **unit == 0.0).for_each(|unit| *unit = 1.0);
        let mut first_bin = 0;
        for (index, (fit, own)) in self.fits.iter().zip(&work.own).enumerate() {
            let bins = fit.expectation.bins();
            let counted: f64 = fit.observation.counts.iter().sum();
            for (k, parameter) in fit.expectation.parameters.iter().enumerate() {
                let column = &own.columns[k * bins..(k + 1) * bins];
                let mut place = |unknown: usize, factor: f64| {
                    let target = &mut work.columns[unknown * all_bins + first_bin..][..bins];
                    target.iter_mut().zip(column).for_each(|(target, v)| *target += factor * v);
                };
                let unknown = self.first[index] + k;
                let mut prior = vec![0.0; n + 1];
                if let Some(shared) = self.unknown(&parameter.name, parameter.shared) {
                    place(shared, own.sigma[k] / work.units[shared - self.own_unknowns()]);
                    let baseline = &mut work.baseline[first_bin..first_bin + bins];
                    baseline.iter_mut().zip(column).for_each(|(target, v)| *target += own.central[k] * v);
                    // The place of its own is empty; a prior keeps it at 0.
                    prior[unknown] = 1.0;
                    work.values[unknown] = 0.0;
                } else {
                    place(unknown, 1.0);
                    self.own_prior(fit, own, k, unknown, &work.units, &mut prior);
                    work.values[unknown] = match parameter.kind {
                        ParameterKind::SignalNorm => own.central[k].min(counted.max(1.0)),
                        _ => own.central[k],
                    };
                }
                work.priors.push(prior);
            }
            first_bin += bins;
        }
        for (unit, unknown) in work.units.iter().zip(self.own_unknowns()..) {
            let mut prior = vec![0.0; n + 1];
            prior[unknown] = 1.0 / unit;
            work.values[unknown] = 0.0;
            work.priors.push(prior);
        }
    }

    /// (value - centre)/sigma; of a signal's norm, without the parts that are shared.
    fn own_prior(&self, fit: &Fit, own: &Workspace, k: usize, unknown: usize, units: &[f64], prior: &mut [f64]) {
        let parameter = &fit.expectation.parameters[k];
        let (centre, mut inverse) = (prior.len() - 1, 1.0 / own.sigma[k]);
        if parameter.kind == ParameterKind::SignalNorm {
            // own.sigma is that of all parts in events, parameter.sigma relative.
            let relative = self.own_norm_sigma(fit);
            inverse *= parameter.sigma / relative;
            for norm in &fit.expectation.norms {
                if let Some(shared) = self.unknown(&norm.name, norm.shared) {
                    prior[shared] -= norm.sigma / relative / units[shared - self.own_unknowns()];
                }
            }
        }
        prior[unknown] = inverse;
        prior[centre] = own.central[k] * inverse;
    }

    /// Relative uncertainty of the norm without the shared parts.
    fn own_norm_sigma(&self, fit: &Fit) -> f64 {
        let own = fit.expectation.norms.iter().filter(|norm| self.unknown(&norm.name, norm.shared).is_none());
        own.fold(0.0, |sum: f64, norm| sum.hypot(norm.sigma))
    }

    /// The minimum's values in the terms of each dataset.
    pub fn shares(&self, work: &JointWorkspace) -> Vec<Share> {
        let shared = |index: usize| work.values[self.own_unknowns() + index] / work.units[index];
        let pull_of = |name: &str, is_shared: bool| {
            self.unknown(name, is_shared).map(|unknown| shared(unknown - self.own_unknowns()))
        };
        let mut all = Vec::new();
        for (index, (fit, own)) in self.fits.iter().zip(&work.own).enumerate() {
            let mut own = own.clone();
            for (k, parameter) in fit.expectation.parameters.iter().enumerate() {
                own.values[k] = match pull_of(&parameter.name, parameter.shared) {
                    Some(pull) => own.central[k] + own.sigma[k] * pull,
                    None => work.values[self.first[index] + k],
                };
            }
            let mut pulls: Vec<f64> =
                (0..own.values.len()).map(|k| (own.values[k] - own.central[k]) / own.sigma[k]).collect();
            let parts: Vec<Option<f64>> =
                fit.expectation.norms.iter().map(|norm| pull_of(&norm.name, norm.shared)).collect();
            let of_shared: f64 =
                fit.expectation.norms.iter().zip(&parts).map(|(norm, pull)| norm.sigma * pull.unwrap_or(0.0)).sum();
            let own_sigma = self.own_norm_sigma(fit);
            let eta = pulls[0] * fit.expectation.parameters[0].sigma - of_shared;
            let norms = fit.expectation.norms.iter().zip(parts);
            let mut norms = norms.map(|(norm, pull)| pull.unwrap_or(eta * norm.sigma / own_sigma.powi(2)));
            pulls[0] = norms.next().unwrap_or(0.0);
            pulls.extend(norms);
            all.push(Share { work: own, pulls });
        }
        all
    }
}
