//! The damped Newton method for chi2 of Poisson counts and of what is quadratic beside them.
//!
//! The chi2 is convex in the parameters and its logarithms are self-concordant, so the damped method converges from any
//! start with mu > 0; near the minimum the steps are full and the convergence quadratic.

use super::cholesky;

/// The minimisation ends when the next step would gain less than this in chi2. Convergence is quadratic by then, so the
/// chi2 after that step is off by much less.
const ACCURACY: f64 = 1e-10;
/// No start needs more: each damped step gains at least 0.1 or shrinks mu tenfold.
const MAX_STEPS: usize = 200;
/// Steps after which bins without counts are suspected to hold the minimum at mu = 0.
const STEPS_BEFORE_BARRIER: usize = 60;
/// Weights of the logarithmic barrier in bins without counts; the last costs 2e-10 in chi2 for each bin at mu = 0.
const BARRIERS: [f64; 6] = [1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-10];
/// Part of the way to mu = 0 that one step may go.
pub(super) const TOWARDS_BOUNDARY: f64 = 0.9;

/// A chi2 at some values of its parameters. Bins without counts may have a barrier, `-2 barrier ln mu`.
pub(super) trait Convex {
    /// Goes to the start.
    fn start(&mut self);

    /// chi2 at the values, infinite where mu is not allowed.
    fn chi2(&self, barrier: f64) -> f64;

    /// Fills the system with minus the gradient and the Hessian (lower triangle) at the values.
    fn expand(&mut self, barrier: f64);

    /// The system of a step.
    fn system(&mut self) -> System<'_>;

    /// Longest part of the step, up to all of it, that keeps mu positive where it must be.
    fn feasible_length(&mut self, barrier: f64) -> f64;

    /// Goes along the step, forward or back.
    fn advance(&mut self, length: f64);
}

/// Memory of a step.
pub(super) struct System<'a> {
    /// Minus the gradient.
    pub downhill: &'a [f64],
    /// The Hessian, `[n][n]`; its factor after the solution.
    pub matrix: &'a mut [f64],
    /// The solution.
    pub step: &'a mut [f64],
    pub scale: &'a mut [f64],
}

/// Smallest chi2 and the number of steps; `None` where it was not reached. The parameters are left at the minimum.
pub(super) fn minimise(problem: &mut impl Convex) -> Option<(f64, usize)> {
    problem.start();
    if let Some(found) = newton(problem, 0.0, STEPS_BEFORE_BARRIER) {
        return Some(found);
    }
    problem.start();
    let mut steps = STEPS_BEFORE_BARRIER;
    for barrier in BARRIERS {
        steps += newton(problem, barrier, MAX_STEPS)?.1;
    }
    Some((problem.chi2(0.0), steps))
}

fn newton(problem: &mut impl Convex, barrier: f64, max_steps: usize) -> Option<(f64, usize)> {
    let mut current = problem.chi2(barrier);
    if !current.is_finite() {
        return None;
    }
    for steps in 1..=max_steps {
        problem.expand(barrier);
        let System { downhill, matrix, step, scale } = problem.system();
        step.copy_from_slice(downhill);
        if !cholesky::solve(matrix, step, scale) {
            return None;
        }
        // Twice the gain that the quadratic model promises.
        let decrement: f64 = step.iter().zip(downhill).map(|(step, g)| step * g).sum();
        if !decrement.is_finite() {
            return None;
        }
        let mut length = problem.feasible_length(barrier);
        if 0.5 * decrement <= ACCURACY && length == 1.0 {
            problem.advance(1.0);
            return Some((problem.chi2(barrier), steps));
        }
        loop {
            problem.advance(length);
            let next = problem.chi2(barrier);
            if next <= current - 1e-4 * length * decrement {
                current = next;
                break;
            }
            problem.advance(-length);
            length *= 0.5;
            if length < 1e-12 {
                return None;
            }
        }
    }
    None
}
