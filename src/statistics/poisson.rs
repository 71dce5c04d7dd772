//! Poisson chi2 (2.6), minimised by a damped Newton method.
//!
//! The chi2 is convex in the parameters and its logarithms are self-concordant, so the damped method converges from any
//! start with mu > 0; near the minimum the steps are full and the convergence quadratic.

use super::cholesky;
use super::fit::Workspace;

/// The minimisation ends when the next step would gain less than this in chi2. Convergence is quadratic by then, so the
/// chi2 after that step is off by much less.
pub(super) const ACCURACY: f64 = 1e-10;
/// No start needs more: each damped step gains at least 0.1 or shrinks mu tenfold.
pub(super) const MAX_STEPS: usize = 200;
/// Steps after which bins without counts are suspected to hold the minimum at mu = 0.
pub(super) const STEPS_BEFORE_BARRIER: usize = 60;
/// Part of the way to mu = 0 that one step may go.
pub(super) const TOWARDS_BOUNDARY: f64 = 0.9;
/// Weights of the logarithmic barrier in bins without counts; the last costs 2e-10 in chi2 for each bin at mu = 0.
pub(super) const BARRIERS: [f64; 6] = [1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-10];

/// Smallest chi2 and the number of steps; `None` where it was not reached. The parameters are left in `work.values`.
pub(super) fn minimise(counts: &[f64], work: &mut Workspace) -> Option<(f64, usize)> {
    start(counts, work);
    if let Some(result) = newton(counts, 0.0, STEPS_BEFORE_BARRIER, work) {
        return Some(result);
    }
    start(counts, work);
    let mut steps = STEPS_BEFORE_BARRIER;
    for barrier in BARRIERS {
        steps += newton(counts, barrier, MAX_STEPS, work)?.1;
    }
    Some((chi2(counts, 0.0, work), steps))
}

/// Priors' centres, but no more signal than was counted: far above the data the first steps would only halve it.
fn start(counts: &[f64], work: &mut Workspace) {
    let counted: f64 = counts.iter().sum();
    work.values.copy_from_slice(&work.central);
    // The signal's norm is the first parameter.
    work.values[0] = work.values[0].min(counted.max(1.0));
    let bins = work.expected.len();
    expected(&work.columns, &work.values, bins, &mut work.expected);
}

fn newton(counts: &[f64], barrier: f64, max_steps: usize, work: &mut Workspace) -> Option<(f64, usize)> {
    let bins = counts.len();
    let n = work.values.len();
    let mut current = chi2(counts, barrier, work);
    if !current.is_finite() {
        return None;
    }
    for steps in 1..=max_steps {
        gradient_and_hessian(counts, barrier, work);
        work.step.iter_mut().for_each(|g| *g = -*g);
        work.downhill.copy_from_slice(&work.step);
        if !cholesky::solve(&mut work.matrix[..n * n], &mut work.step, &mut work.scale) {
            return None;
        }
        // Twice the gain that the quadratic model promises.
        let decrement: f64 = work.step.iter().zip(&work.downhill).map(|(step, g)| step * g).sum();
        if !decrement.is_finite() {
            return None;
        }
        expected(&work.columns, &work.step, bins, &mut work.change);
        let mut length = feasible_length(counts, barrier, work);
        if 0.5 * decrement <= ACCURACY && length == 1.0 {
            advance(work, 1.0);
            return Some((chi2(counts, barrier, work), steps));
        }
        loop {
            advance(work, length);
            let next = chi2(counts, barrier, work);
            if next <= current - 1e-4 * length * decrement {
                current = next;
                break;
            }
            advance(work, -length);
            length *= 0.5;
            if length < 1e-12 {
                return None;
            }
        }
    }
    None
}

fn advance(work: &mut Workspace, length: f64) {
    work.values.iter_mut().zip(&work.step).for_each(|(value, step)| *value += length * step);
    let bins = work.expected.len();
    expected(&work.columns, &work.values, bins, &mut work.expected);
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
fn expected(columns: &[f64], values: &[f64], bins: usize, expected: &mut [f64]) {
    expected.fill(0.0);
    for (column, value) in columns.chunks(bins).zip(values) {
        expected.iter_mut().zip(column).for_each(|(mu, v)| *mu += value * v);
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

/// Gradient into `work.step`, Hessian into `work.matrix` (lower triangle).
fn gradient_and_hessian(counts: &[f64], barrier: f64, work: &mut Workspace) {
    let (bins, n) = (counts.len(), work.values.len());
    work.matrix[..n * n].fill(0.0);
    for k in 0..n {
        let prior = 2.0 / (work.sigma[k] * work.sigma[k]);
        work.step[k] = prior * (work.values[k] - work.central[k]);
        work.matrix[k * n + k] = prior;
    }
    for (bin, (&n_counted, &mu)) in counts.iter().zip(&work.expected).enumerate() {
        let counted = if n_counted > 0.0 { n_counted } else { barrier };
        let slope = if counted > 0.0 { 2.0 * (1.0 - counted / mu) } else { 2.0 };
        let curvature = if counted > 0.0 { 2.0 * counted / (mu * mu) } else { 0.0 };
        for k in 0..n {
            let v = work.columns[k * bins + bin];
            work.step[k] += slope * v;
            for l in 0..=k {
                work.matrix[k * n + l] += curvature * v * work.columns[l * bins + bin];
            }
        }
    }
}
