//! chi2 of the joint fit for the damped Newton method: that of `poisson.rs` for bins of either kind and priors on
//! combinations of the unknowns.

use super::JointWorkspace;
use crate::statistics::damped::{self, Convex, System, TOWARDS_BOUNDARY};
use crate::statistics::poisson::{combine, poisson_term};

/// Smallest chi2 and the number of steps from the values in memory; `None` where it was not reached.
pub(super) fn minimise(work: &mut JointWorkspace) -> Option<(f64, usize)> {
    let start = work.values.clone();
    damped::minimise(&mut Joint { start, work })
}

struct Joint<'a> {
    start: Vec<f64>,
    work: &'a mut JointWorkspace,
}

impl Convex for Joint<'_> {
    fn start(&mut self) {
        self.work.values.copy_from_slice(&self.start);
        expect(self.work);
    }

    fn chi2(&self, barrier: f64) -> f64 {
        chi2(barrier, self.work)
    }

    fn expand(&mut self, barrier: f64) {
        downhill_and_hessian(barrier, self.work);
    }

    fn system(&mut self) -> System<'_> {
        let JointWorkspace { downhill, matrix, step, scale, .. } = &mut *self.work;
        System { downhill, matrix, step, scale }
    }

    fn feasible_length(&mut self, barrier: f64) -> f64 {
        combine(&self.work.columns, &self.work.step, &mut self.work.change);
        feasible_length(barrier, self.work)
    }

    fn advance(&mut self, length: f64) {
        let work = &mut *self.work;
        work.values.iter_mut().zip(&work.step).for_each(|(value, step)| *value += length * step);
        expect(work);
    }
}

fn expect(work: &mut JointWorkspace) {
    combine(&work.columns, &work.values, &mut work.expected);
    work.expected.iter_mut().zip(&work.baseline).for_each(|(mu, baseline)| *mu += baseline);
}

/// Longest step up to 1 that keeps mu positive where it must be.
fn feasible_length(barrier: f64, work: &JointWorkspace) -> f64 {
    let mut length: f64 = 1.0;
    for (bin, (mu, change)) in work.expected.iter().zip(&work.change).enumerate() {
        let is_poisson = work.inverse_variance[bin] == 0.0;
        let may_vanish = work.counts[bin] == 0.0 && barrier == 0.0;
        let stays = mu + change > 0.0 || (may_vanish && mu + change >= 0.0);
        if is_poisson && !stays {
            length = length.min(-TOWARDS_BOUNDARY * mu / change);
        }
    }
    length
}

/// What the terms of the priors are at the values.
fn priors(work: &JointWorkspace) -> impl Iterator<Item = f64> {
    work.priors.iter().map(|row| {
        let (coefficients, centre) = row.split_at(work.values.len());
        coefficients.iter().zip(&work.values).map(|(a, value)| a * value).sum::<f64>() - centre[0]
    })
}

/// chi2 at the values, infinite where mu is not allowed; with `-2 barrier ln mu` in Poisson bins without counts.
fn chi2(barrier: f64, work: &JointWorkspace) -> f64 {
    let mut sum = 0.0;
    for (bin, (&n, &mu)) in work.counts.iter().zip(&work.expected).enumerate() {
        let weight = work.inverse_variance[bin];
        if weight > 0.0 {
            sum += weight * (n - mu) * (n - mu);
            continue;
        }
        if mu < 0.0 || (mu == 0.0 && n > 0.0) || mu.is_nan() {
            return f64::INFINITY;
        }
        sum += 2.0 * if n > 0.0 { poisson_term(n, mu) } else { mu };
        if n == 0.0 && barrier > 0.0 {
            sum -= 2.0 * barrier * mu.ln();
        }
    }
    sum + priors(work).map(|term| term * term).sum::<f64>()
}

/// Negative gradient, and Hessian (lower triangle).
fn downhill_and_hessian(barrier: f64, work: &mut JointWorkspace) {
    let (n, bins) = (work.values.len(), work.counts.len());
    work.matrix.fill(0.0);
    work.downhill.fill(0.0);
    let terms: Vec<f64> = priors(work).collect();
    for (row, term) in work.priors.iter().zip(terms) {
        for k in (0..n).filter(|k| row[*k] != 0.0) {
            work.downhill[k] -= 2.0 * term * row[k];
            for l in 0..=k {
                work.matrix[k * n + l] += 2.0 * row[k] * row[l];
            }
        }
    }
    for bin in 0..bins {
        let (count, mu, weight) = (work.counts[bin], work.expected[bin], work.inverse_variance[bin]);
        let counted = if count > 0.0 { count } else { barrier };
        let (slope, curvature) = if weight > 0.0 {
            (2.0 * weight * (mu - count), 2.0 * weight)
        } else if counted > 0.0 {
            (2.0 * (1.0 - counted / mu), 2.0 * counted / (mu * mu))
        } else {
            (2.0, 0.0)
        };
        for k in 0..n {
            let v = work.columns[k * bins + bin];
            if v == 0.0 {
                continue;
            }
            work.downhill[k] -= slope * v;
            for l in 0..=k {
                work.matrix[k * n + l] += curvature * v * work.columns[l * bins + bin];
            }
        }
    }
}
