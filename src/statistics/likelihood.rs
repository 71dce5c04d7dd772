//! chi2 of one dataset or several at given signal counts, minimised over all nuisance parameters at once; those of the
//! same shared name are one parameter.
//!
//! The unknowns of a signal are N(1 + eta) and N eps with N its total where that is above 1, so that 1e20 events (which
//! the fit scales down to what was seen) cost no digits; below 1 event they are 1 + eta and eps. A shared parameter is one
//! unknown t with one prior t^2. A shared part of a signal's norm stands in the priors alone: the signal of dataset d is
//! scaled by f_d = 1 + eta_d + sum_j sigma_dj t_j, the unknown is F_d = N_d f_d, and eta_d = F_d/N_d - 1 - sum_j sigma_dj
//! t_j has the prior (eta_d/sigma_d)^2: the bins see one signal column, however strong it is, and never two collinear ones.

use super::expectation::{Parameter, ParameterKind};
use super::measurement::Measurement;
use super::terms::{PARTS, Terms, WEAK};

/// Datasets and the parameters that they share.
#[derive(Debug, Clone)]
pub struct Likelihood {
    measurements: Vec<Measurement>,
    /// Names of the parameters that two datasets or more share.
    shared: Vec<String>,
    layouts: Vec<Layout>,
    /// Number of unknowns that belong to one dataset each; the shared ones come after.
    own_unknowns: usize,
}

/// Where the parameters of a dataset are among the unknowns.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    /// The unknown of each parameter.
    pub unknowns: Vec<usize>,
    /// The parts of the signal's norm that are shared: index among the shared parameters, and sigma.
    pub norms: Vec<(usize, f64)>,
    /// Relative uncertainty of the signal's norm without these.
    pub own_norm_sigma: f64,
}

/// Memory of a minimisation, reused from point to point.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Each dataset.
    pub datasets: Vec<Terms>,
    /// Unknowns per unit of a shared parameter.
    units: Vec<f64>,
    /// The priors' terms, one a row, `[terms][unknowns + 1]`: coefficients of the unknowns, and the centre last.
    priors: Vec<f64>,
    start: Vec<f64>,
    values: Vec<f64>,
    pub(super) step: Vec<f64>,
    pub(super) downhill: Vec<f64>,
    pub(super) matrix: Vec<f64>,
    pub(super) scale: Vec<f64>,
}

impl Likelihood {
    /// Of some datasets.
    pub fn new<'a>(measurements: impl IntoIterator<Item = &'a Measurement>) -> Likelihood {
        let measurements: Vec<Measurement> = measurements.into_iter().cloned().collect();
        let all: Vec<&str> = measurements.iter().flat_map(|own| own.expectation.shared_names()).collect();
        let mut shared: Vec<String> = Vec::new();
        for name in &all {
            if all.iter().filter(|other| *other == name).count() > 1 && shared.iter().all(|known| known != name) {
                shared.push((*name).to_owned());
            }
        }
        let index = |name: &str, is_shared: bool| shared.iter().position(|known| is_shared && known == name);
        let parameters = measurements.iter().flat_map(|own| &own.expectation.parameters);
        let own_unknowns = parameters.filter(|own| index(&own.name, own.shared).is_none()).count();
        let mut next = 0..own_unknowns;
        let layouts = measurements.iter().map(|own| {
            let parameters = own.expectation.parameters.iter();
            let place = |own: &Parameter| match index(&own.name, own.shared) {
                Some(shared) => Some(own_unknowns + shared),
                None => next.next(),
            };
            let parts = own.expectation.norms.iter().map(|norm| (index(&norm.name, norm.shared), norm.sigma));
            let own = parts.clone().filter(|(shared, _)| shared.is_none());
            Layout {
                unknowns: parameters.filter_map(place).collect(),
                norms: parts.filter_map(|(shared, sigma)| Some((shared?, sigma))).collect(),
                own_norm_sigma: own.fold(0.0, |sum: f64, (_, sigma)| sum.hypot(sigma)),
            }
        });
        Likelihood { layouts: layouts.collect(), own_unknowns, shared, measurements }
    }

    /// Names of the parameters that datasets share.
    pub fn shared(&self) -> &[String] {
        &self.shared
    }

    /// The datasets.
    pub fn measurements(&self) -> &[Measurement] {
        &self.measurements
    }

    pub(super) fn layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// The index of a shared parameter, of an unknown that is one.
    pub(super) fn shared_index(&self, unknown: usize) -> Option<usize> {
        unknown.checked_sub(self.own_unknowns)
    }

    /// Memory for [`Likelihood::profile`], the background columns in place.
    pub fn workspace(&self) -> Workspace {
        let n = self.own_unknowns + self.shared.len();
        Workspace {
            datasets: self.measurements.iter().map(Terms::new).collect(),
            units: vec![1.0; self.shared.len()],
            priors: vec![0.0; n * (n + 1)],
            start: vec![0.0; n],
            values: vec![0.0; n],
            step: vec![0.0; n],
            downhill: vec![0.0; n],
            matrix: vec![0.0; n * n],
            scale: vec![0.0; n],
        }
    }

    /// Starting values, and the priors in terms of the unknowns.
    pub(super) fn assemble(&self, work: &mut Workspace) {
        let n = work.values.len();
        work.units.fill(0.0);
        for (layout, terms) in self.layouts.iter().zip(&work.datasets) {
            for (unknown, sigma) in layout.unknowns.iter().zip(&terms.sigma) {
                if let Some(shared) = self.shared_index(*unknown) {
                    work.units[shared] = work.units[shared].max(*sigma);
                }
            }
        }
        // A parameter that only norms share has no column, and any unit.
        work.units.iter_mut().filter(|unit| **unit == 0.0).for_each(|unit| *unit = 1.0);
        work.priors.fill(0.0);
        for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(&mut work.datasets) {
            for (k, parameter) in own.expectation.parameters.iter().enumerate() {
                let unknown = layout.unknowns[k];
                if let Some(shared) = self.shared_index(unknown) {
                    terms.per_unknown[k] = terms.sigma[k] / work.units[shared];
                    continue;
                }
                let prior = &mut work.priors[unknown * (n + 1)..][..n + 1];
                let mut inverse = 1.0 / terms.sigma[k];
                work.start[unknown] = terms.central[k];
                if parameter.kind == ParameterKind::SignalNorm {
                    // No more signal than was counted: far above the data the first steps would only halve it.
                    let counted: f64 = own.observation.counts.iter().sum();
                    work.start[unknown] = terms.central[k].min(counted.max(1.0));
                    if !layout.norms.is_empty() {
                        // terms.sigma is that of all parts in events, parameter.sigma relative.
                        inverse *= parameter.sigma / layout.own_norm_sigma;
                    }
                    for (shared, sigma) in &layout.norms {
                        prior[self.own_unknowns + shared] -= sigma / layout.own_norm_sigma / work.units[*shared];
                    }
                }
                prior[unknown] = inverse;
                prior[n] = terms.central[k] * inverse;
            }
        }
        for (unit, unknown) in work.units.iter().zip(self.own_unknowns..) {
            work.priors[unknown * (n + 1) + unknown] = 1.0 / unit;
            work.start[unknown] = 0.0;
        }
    }

    /// Goes to the start.
    pub(super) fn start(&self, work: &mut Workspace) {
        work.values.copy_from_slice(&work.start);
        self.place(work);
    }

    /// Goes to the start of a fit in which nuisance parameters weaken a signal that is deformed: as much of it as was counted,
    /// where they leave least. `false` where there is no such start, or nothing to gain from it.
    pub(super) fn start_weakened(&self, work: &mut Workspace) -> bool {
        for part in PARTS {
            if !self.weaken(work, part) {
                return false;
            }
            if self.chi2(work, 0.0).is_finite() {
                return true;
            }
        }
        false
    }

    fn weaken(&self, work: &mut Workspace, part: f64) -> bool {
        let mut is_weak = false;
        work.values.copy_from_slice(&work.start);
        for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(&work.datasets) {
            let counted = own.observation.counts.iter().sum::<f64>().max(1.0);
            let norm = terms.central[0];
            if norm <= counted || terms.weakened(1.0).1 > WEAK {
                continue;
            }
            let (weakened, left) = terms.weakened(part);
            is_weak = true;
            if left > 0.0 {
                work.values[layout.unknowns[0]] = norm.min(counted / left);
            }
            for (parameter, t) in weakened {
                work.values[layout.unknowns[parameter]] = t / terms.per_unknown[parameter];
            }
        }
        if is_weak {
            self.place(work);
        }
        is_weak
    }

    /// Goes where a parameter that deforms a dataset's signal is `t`, and its norm leaves as much of it. `false` where some
    /// count is negative there.
    pub(super) fn start_deformed(&self, work: &mut Workspace, dataset: usize, number: usize, t: f64) -> bool {
        let terms = &work.datasets[dataset];
        let (parameter, norm) = terms.deformed_to(number, t);
        let layout = &self.layouts[dataset];
        work.values[layout.unknowns[parameter]] = t / terms.per_unknown[parameter];
        work.values[layout.unknowns[0]] = norm;
        self.place(work);
        self.chi2(work, 0.0).is_finite()
    }

    /// Goes to the start, but for the norm of each signal, in units of what was counted, and for what deforms it, dataset by
    /// dataset, in standard deviations.
    pub(super) fn start_at(&self, work: &mut Workspace, norm: f64, deformations: &[f64]) {
        work.values.copy_from_slice(&work.start);
        let mut deformations = deformations.iter();
        for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(&work.datasets) {
            for (k, unknown) in layout.unknowns.iter().enumerate() {
                match own.expectation.parameters[k].kind {
                    ParameterKind::SignalNorm => {
                        work.values[*unknown] = norm * own.observation.counts.iter().sum::<f64>();
                    }
                    ParameterKind::SignalDeformation(_) => {
                        work.values[*unknown] = deformations.next().unwrap_or(&0.0) / terms.per_unknown[k];
                    }
                    _ => {}
                }
            }
        }
        self.place(work);
    }

    /// Goes off by so much in all that deforms signals, to the side on which chi2 is finite; `false` where it is on neither.
    /// Where tables up and down are alike chi2 has no slope in a deformation at 0, so that no step leaves it.
    pub(super) fn leave_saddle(&self, work: &mut Workspace, distance: f64, barrier: f64) -> bool {
        let here = work.values.clone();
        [distance, -distance, 0.0].into_iter().any(|distance| {
            work.values.copy_from_slice(&here);
            for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(&work.datasets) {
                for (k, unknown) in layout.unknowns.iter().enumerate() {
                    if matches!(own.expectation.parameters[k].kind, ParameterKind::SignalDeformation(_)) {
                        work.values[*unknown] = here[*unknown] + distance / terms.per_unknown[k];
                    }
                }
            }
            self.place(work);
            distance != 0.0 && self.chi2(work, barrier).is_finite()
        })
    }

    /// Goes along the step, forward or back.
    pub(super) fn advance(&self, work: &mut Workspace, length: f64) {
        work.values.iter_mut().zip(&work.step).for_each(|(value, step)| *value += length * step);
        self.place(work);
    }

    /// Goes to some unknowns.
    pub(super) fn go_to(&self, work: &mut Workspace, unknowns: &[f64]) {
        work.values.copy_from_slice(unknowns);
        self.place(work);
    }

    /// The datasets' parameters from the unknowns.
    fn place(&self, work: &mut Workspace) {
        for (layout, terms) in self.layouts.iter().zip(&mut work.datasets) {
            for (k, unknown) in layout.unknowns.iter().enumerate() {
                let value = work.values[*unknown];
                terms.values[k] = match self.shared_index(*unknown) {
                    Some(_) => terms.central[k] + terms.per_unknown[k] * value,
                    None => value,
                };
            }
            terms.expect();
        }
    }

    /// chi2 at the unknowns, infinite where mu is not allowed; with `-2 barrier ln mu` in Poisson bins without counts.
    pub(super) fn chi2(&self, work: &Workspace, barrier: f64) -> f64 {
        let bins =
            self.measurements.iter().zip(&work.datasets).map(|(own, terms)| terms.chi2(&own.observation, barrier));
        bins.sum::<f64>() + work.prior_terms().map(|(_, term)| term * term).sum::<f64>()
    }

    /// Fills the system with minus the gradient and the Hessian (lower triangle) at the unknowns; the latter with or without
    /// the curvature of mu where a signal is deformed.
    pub(super) fn expand(&self, work: &mut Workspace, barrier: f64, with_curvature: bool) {
        let n = work.values.len();
        let Workspace { datasets, downhill, matrix, .. } = work;
        downhill.fill(0.0);
        matrix.fill(0.0);
        for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(datasets) {
            terms.expand(&own.observation, barrier, with_curvature);
            let own = layout.unknowns.len();
            for (k, i) in layout.unknowns.iter().enumerate() {
                downhill[*i] += terms.per_unknown[k] * terms.downhill[k];
                for (l, j) in layout.unknowns[..=k].iter().enumerate() {
                    let factor = terms.per_unknown[k] * terms.per_unknown[l];
                    matrix[i.max(j) * n + i.min(j)] += factor * terms.matrix[k * own + l];
                }
            }
        }
        let Workspace { priors, values, .. } = work;
        for (row, term) in prior_terms(priors, values) {
            for k in (0..n).filter(|k| row[*k] != 0.0) {
                downhill[k] -= 2.0 * term * row[k];
                for l in 0..=k {
                    matrix[k * n + l] += 2.0 * row[k] * row[l];
                }
            }
        }
    }

    /// Longest part of the step, up to all of it, that keeps mu positive where it must be.
    pub(super) fn feasible_length(&self, work: &mut Workspace, barrier: f64) -> f64 {
        let mut length: f64 = 1.0;
        for ((own, layout), terms) in self.measurements.iter().zip(&self.layouts).zip(&mut work.datasets) {
            for (k, unknown) in layout.unknowns.iter().enumerate() {
                terms.step[k] = terms.per_unknown[k] * work.step[*unknown];
            }
            length = length.min(terms.feasible_length(&own.observation, barrier));
        }
        length
    }

    /// The pull of a shared parameter at the last minimum.
    pub(super) fn shared_pull(&self, index: usize, work: &Workspace) -> f64 {
        work.values[self.own_unknowns + index] / work.units[index]
    }

    /// Pulls eta/sigma of a dataset at the last minimum, in the order of [`super::Expectation::pull_names`].
    pub fn pulls(&self, dataset: usize, work: &Workspace) -> Vec<f64> {
        let (own, layout, terms) = (&self.measurements[dataset], &self.layouts[dataset], &work.datasets[dataset]);
        let shared = |index: usize| self.shared_pull(index, work);
        let of_parameter = |(k, unknown): (usize, &usize)| match self.shared_index(*unknown) {
            Some(index) => shared(index),
            None => (terms.values[k] - terms.central[k]) / terms.sigma[k],
        };
        let shown = own.expectation.shown().count();
        let mut pulls: Vec<f64> = layout.unknowns.iter().enumerate().take(shown).map(of_parameter).collect();
        if own.expectation.norms.len() < 2 {
            return pulls;
        }
        // What is left of the norm's pull without its shared parts falls to the others in proportion to their variances.
        let of_shared: f64 = layout.norms.iter().map(|(index, sigma)| sigma * shared(*index)).sum();
        let eta = pulls[0] * own.expectation.parameters[0].sigma - of_shared;
        let mut parts = own.expectation.norms.iter().map(|norm| {
            let index = self.shared.iter().position(|known| norm.shared && *known == norm.name);
            index.map_or(eta * norm.sigma / layout.own_norm_sigma.powi(2), shared)
        });
        pulls[0] = parts.next().unwrap_or(0.0);
        pulls.extend(parts);
        pulls
    }
}

impl Workspace {
    /// The unknowns as they are.
    pub(super) fn unknowns(&self) -> Vec<f64> {
        self.values.clone()
    }

    fn prior_terms(&self) -> impl Iterator<Item = (&[f64], f64)> {
        prior_terms(&self.priors, &self.values)
    }
}

/// Coefficients of each prior's term, and what it is.
fn prior_terms<'a>(priors: &'a [f64], values: &'a [f64]) -> impl Iterator<Item = (&'a [f64], f64)> {
    priors.chunks(values.len() + 1).map(move |row| {
        let (coefficients, centre) = row.split_at(values.len());
        (coefficients, coefficients.iter().zip(values).map(|(a, value)| a * value).sum::<f64>() - centre[0])
    })
}
