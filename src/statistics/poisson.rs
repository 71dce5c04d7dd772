//! Poisson chi2 (2.6), minimised by the damped Newton method.

use super::damped::{self, Convex, System, TOWARDS_BOUNDARY};
use super::fit::Workspace;

/// Smallest chi2 and the number of steps; `None` where it was not reached. The parameters are left in `work.values`.
pub(super) fn minimise(counts: &[f64], work: &mut Workspace) -> Option<(f64, usize)> {
    damped::minimise(&mut Poisson { counts, work })
}

struct Poisson<'a> {
    counts: &'a [f64],
    work: &'a mut Workspace,
}

impl Convex for Poisson<'_> {
    /// Priors' centres, but no more signal than was counted: far above the data the first steps would only halve it.
    fn start(&mut self) {
        let counted: f64 = self.counts.iter().sum();
        let work = &mut *self.work;
        work.values.copy_from_slice(&work.central);
        // The signal's norm is the first parameter.
        work.values[0] = work.values[0].min(counted.max(1.0));
        combine(&work.columns, &work.values, &mut work.expected);
    }

    fn chi2(&self, barrier: f64) -> f64 {
        chi2(self.counts, barrier, self.work)
    }

    fn expand(&mut self, barrier: f64) {
        downhill_and_hessian(self.counts, barrier, self.work);
    }

    fn system(&mut self) -> System<'_> {
        let Workspace { downhill, matrix, step, scale, .. } = &mut *self.work;
        System { downhill, matrix: &mut matrix[..step.len() * step.len()], step, scale }
    }

    fn feasible_length(&mut self, barrier: f64) -> f64 {
        combine(&self.work.columns, &self.work.step, &mut self.work.change);
        feasible_length(self.counts, barrier, self.work)
    }

    fn advance(&mut self, length: f64) {
        let work = &mut *self.work;
        work.values.iter_mut().zip(&work.step).for_each(|(value, step)| *value += length * step);
        combine(&work.columns, &work.values, &mut work.expected);
    }
}

/// Longest step up to 1 that keeps mu positive where it must be.
fn feasible_length(counts: &[f64], barrier: f64, work: &Workspace) -> f64 {
    let bins = counts.iter().zip(work.expected.iter().zip(&work.change));
    bins.fold(1.0, |length: f64, (n, (mu, change))| {
        if mu + change > 0.0 || (*n == 0.0 && barrier == 0.0 && mu + change >= 0.0) {
            return length;
        }
        length.min(-TOWARDS_BOUNDARY * mu / change)
    })
}

/// mu = sum_k p_k V_k.
pub(super) fn combine(columns: &[f64], values: &[f64], target: &mut [f64]) {
    let bins = target.len();
    target.fill(0.0);
    for (column, value) in columns.chunks(bins).zip(values) {
        target.iter_mut().zip(column).for_each(|(mu, v)| *mu += value * v);
    }
}

/// chi2 at `work.values`, infinite where mu is not allowed; with `-2 barrier ln mu` in bins without counts.
fn chi2(counts: &[f64], barrier: f64, work: &Workspace) -> f64 {
    let mut sum = 0.0;
    for (&n, &mu) in counts.iter().zip(&work.expected) {
        sum += if n > 0.0 { poisson_term(n, mu) } else { mu };
        if n == 0.0 && barrier > 0.0 {
            sum -= barrier * mu.ln();
        }
        if mu < 0.0 || (mu == 0.0 && n > 0.0) || mu.is_nan() {
            return f64::INFINITY;
        }
    }
    let priors = work.values.iter().zip(work.central.iter().zip(&work.sigma));
    2.0 * sum + priors.map(|(p, (central, sigma))| ((p - central) / sigma).powi(2)).sum::<f64>()
}

/// mu - n + n ln(n/mu) for n > 0, without cancellation where n and mu are close.
pub(super) fn poisson_term(n: f64, mu: f64) -> f64 {
    let d = (n - mu) / mu;
    if d.abs() < 1e-2 {
        // (1+d) ln(1+d) - d as a series; the next term is d^8/56, below 1e-17.
        let series = 1.0 / 2.0 - d * (1.0 / 6.0 - d * (1.0 / 12.0 - d * (1.0 / 20.0 - d * (1.0 / 30.0 - d / 42.0))));
        return mu * d * d * series;
    }
    mu - n + n * (n / mu).ln()
}

/// Minus the gradient into `work.downhill`, Hessian into `work.matrix` (lower triangle).
fn downhill_and_hessian(counts: &[f64], barrier: f64, work: &mut Workspace) {
    let (bins, n) = (counts.len(), work.values.len());
    work.matrix[..n * n].fill(0.0);
    for k in 0..n {
        let prior = 2.0 / (work.sigma[k] * work.sigma[k]);
        work.downhill[k] = -prior * (work.values[k] - work.central[k]);
        work.matrix[k * n + k] = prior;
    }
    for (bin, (&n_counted, &mu)) in counts.iter().zip(&work.expected).enumerate() {
        let counted = if n_counted > 0.0 { n_counted } else { barrier };
        let slope = if counted > 0.0 { 2.0 * (1.0 - counted / mu) } else { 2.0 };
        let curvature = if counted > 0.0 { 2.0 * counted / (mu * mu) } else { 0.0 };
        for k in 0..n {
            let v = work.columns[k * bins + bin];
            work.downhill[k] -= slope * v;
            for l in 0..=k {
                work.matrix[k * n + l] += curvature * v * work.columns[l * bins + bin];
            }
        }
    }
}
