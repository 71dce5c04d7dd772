//! The damped Newton method: the one scalar minimiser.
//!
//! The chi2 is convex in the unknowns and its logarithms are self-concordant, so the damped method converges from any
//! start with mu > 0; near the minimum the steps are full and the convergence quadratic. What is quadratic beside the
//! logarithms takes one step and one more that finds nothing left.
//!
//! A signal that is deformed is not linear in the unknowns: steps then have the curvature of mu, without which they would
//! creep where the fit is poor, as far as the matrix stays positive definite; else they go without, downhill all the same.

use crate::base::cholesky;

use super::likelihood::{Likelihood, Workspace};
use super::status::Status;
use super::terms::{SIDES, STARTS, Terms};

/// The minimisation ends when the next step would gain less than this in chi2. Convergence is quadratic by then, so the
/// chi2 after that step is off by much less.
const ACCURACY: f64 = 1e-10;
/// The same relative to chi2: no gain shows below the rounding of its sum.
const ROUNDING: f64 = 4.0 * f64::EPSILON;
/// A gain of less than this part of chi2 may be lost in the rounding of its terms where these cancel.
const SHOWN: f64 = 1e-10;
/// No start needs more: each damped step gains at least 0.1 or shrinks mu tenfold.
const MAX_STEPS: usize = 200;
/// Steps after which bins without counts are suspected to hold the minimum at mu = 0.
const STEPS_BEFORE_BARRIER: usize = 60;
/// A deformed signal that is cut to this part of its step so many times in a row is at mu = 0.
const SHORT: f64 = 0.1;
const MOST_SHORT: usize = 3;
/// Longest of the lengths that a step is stretched by at once.
const LONGEST: f64 = 1e6;
/// How far a saddle is left in each deformation, in standard deviations, and how often.
const LEAVES: f64 = 0.05;
const MOST_ESCAPES: usize = 4;
/// Weights of the logarithmic barrier in bins without counts; the last costs 2e-10 in chi2 for each bin at mu = 0.
const BARRIERS: [f64; 6] = [1e-2, 1e-4, 1e-6, 1e-8, 1e-9, 1e-10];

/// The minimum at one signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Smallest chi2, priors included; NaN where the status says that it was not found.
    pub chi2: f64,
    /// How the minimisation ended.
    pub status: Status,
    /// Number of Newton steps.
    pub iterations: usize,
}

impl Likelihood {
    /// Minimises chi2 at signal counts `[classes][energy_bins]` of each dataset.
    pub fn profile<Counts: AsRef<[f64]>>(&self, counts: &[Counts], work: &mut Workspace) -> Profile {
        self.profile_by(counts, work, minimise)
    }

    /// The minimum to which steps lead from one start, for tests: `norm` of the signal as it was counted, and each parameter
    /// that deforms it, dataset by dataset, in standard deviations.
    #[doc(hidden)]
    pub fn profile_from<Counts: AsRef<[f64]>>(
        &self,
        counts: &[Counts],
        work: &mut Workspace,
        norm: f64,
        deformations: &[f64],
    ) -> Profile {
        self.profile_by(counts, work, |likelihood, work| {
            likelihood.start_at(work, norm, deformations);
            newton(likelihood, work, 0.0, STEPS_BEFORE_BARRIER)
        })
    }

    fn profile_by<Counts: AsRef<[f64]>>(
        &self,
        counts: &[Counts],
        work: &mut Workspace,
        minimise: impl FnOnce(&Likelihood, &mut Workspace) -> Option<(f64, usize)>,
    ) -> Profile {
        let missing = |status| Profile { chi2: f64::NAN, status, iterations: 0 };
        for ((own, counts), terms) in self.measurements().iter().zip(counts).zip(&mut work.datasets) {
            terms.spread(&own.expectation, counts.as_ref());
            let total = terms.signal_events();
            if !total.is_finite() {
                return missing(Status::SignalNotFinite);
            }
            terms.place_signal(own, total.max(1.0));
        }
        self.assemble(work);
        match minimise(self, work) {
            Some((chi2, iterations)) if chi2.is_finite() => Profile { chi2, status: Status::Converged, iterations },
            _ => missing(Status::NotConverged),
        }
    }
}

/// Smallest chi2 and the number of steps; `None` where it was not reached. The unknowns are left at the minimum.
///
/// A signal that is deformed may have several minima, of which the lowest counts: a strong one is scaled down as a whole or
/// weakened by what deforms it, and what deforms it does so on either side of a parabola.
fn minimise(likelihood: &Likelihood, work: &mut Workspace) -> Option<(f64, usize)> {
    let scaled = from_start(likelihood, work);
    if !work.datasets.iter().any(Terms::is_curved) {
        return scaled;
    }
    let mut lowest = Lowest { chi2: scaled.map(|found| found.0), place: work.unknowns(), steps: 0 };
    lowest.steps = scaled.map_or(0, |found| found.1);
    if likelihood.start_weakened(work) {
        let found = from_here(likelihood, work);
        lowest.compare(found, work);
    }
    let first = lowest.place.clone();
    for dataset in 0..work.datasets.len() {
        for number in 0..work.datasets[dataset].deformations() {
            for side in SIDES {
                let starts = STARTS.into_iter().any(|t| {
                    likelihood.go_to(work, &first);
                    likelihood.start_deformed(work, dataset, number, side * t)
                });
                if starts {
                    let found = newton(likelihood, work, 0.0, STEPS_BEFORE_BARRIER);
                    lowest.compare(found, work);
                }
            }
        }
    }
    likelihood.go_to(work, &lowest.place);
    lowest.chi2.map(|chi2| (chi2, lowest.steps))
}

/// The lowest of the minima that were found.
struct Lowest {
    chi2: Option<f64>,
    /// Its unknowns.
    place: Vec<f64>,
    /// Steps to all of them.
    steps: usize,
}

impl Lowest {
    /// Compares with a minimum at which the unknowns are.
    fn compare(&mut self, found: Option<(f64, usize)>, work: &Workspace) {
        let Some((chi2, steps)) = found else { return };
        self.steps += steps;
        if self.chi2.is_none_or(|lowest| chi2 < lowest) {
            self.chi2 = Some(chi2);
            self.place = work.unknowns();
        }
    }
}

/// From the start.
fn from_start(likelihood: &Likelihood, work: &mut Workspace) -> Option<(f64, usize)> {
    likelihood.start(work);
    from_here(likelihood, work)
}

/// From where the unknowns are, and where that leads nowhere from the start.
fn from_here(likelihood: &Likelihood, work: &mut Workspace) -> Option<(f64, usize)> {
    if let Some(found) = newton(likelihood, work, 0.0, STEPS_BEFORE_BARRIER) {
        return Some(found);
    }
    // A deformed signal is where it is because steps got there: the start is worse, most often.
    let is_curved = work.datasets.iter().any(Terms::is_curved);
    if is_curved
        && likelihood.chi2(work, BARRIERS[0]).is_finite()
        && let Some(found) = with_barriers(likelihood, work)
    {
        return Some(found);
    }
    likelihood.start(work);
    with_barriers(likelihood, work)
}

/// Steps from where the unknowns are to the minimum with a barrier that is taken away.
fn with_barriers(likelihood: &Likelihood, work: &mut Workspace) -> Option<(f64, usize)> {
    let mut steps = STEPS_BEFORE_BARRIER;
    for barrier in BARRIERS {
        steps += newton(likelihood, work, barrier, MAX_STEPS)?.1;
    }
    Some((likelihood.chi2(work, 0.0), steps))
}

/// Steps from where the unknowns are; bins without counts have a barrier, `-2 barrier ln mu`.
fn newton(likelihood: &Likelihood, work: &mut Workspace, barrier: f64, max_steps: usize) -> Option<(f64, usize)> {
    let mut current = likelihood.chi2(work, barrier);
    if !current.is_finite() {
        return None;
    }
    let is_curved = work.datasets.iter().any(Terms::is_curved);
    let (mut short, mut escapes) = (0, 0);
    for steps in 1..=max_steps {
        let bent = is_curved && direction(likelihood, work, barrier, true);
        let found = bent || direction(likelihood, work, barrier, false);
        if !found {
            return None;
        }
        // Twice the gain that the quadratic model promises.
        let decrement: f64 = work.step.iter().zip(&work.downhill).map(|(step, g)| step * g).sum();
        if !decrement.is_finite() {
            return None;
        }
        let mut length = likelihood.feasible_length(work, barrier);
        short = if length < SHORT { short + 1 } else { 0 };
        if is_curved && barrier == 0.0 && short == MOST_SHORT {
            return None;
        }
        // Where the curvature of mu is not positive definite a point without slope is a saddle.
        let mut leaves = |work: &mut Workspace| {
            let leaves = is_curved && !bent && escapes < MOST_ESCAPES && likelihood.leave_saddle(work, LEAVES, barrier);
            escapes += usize::from(leaves);
            leaves.then(|| likelihood.chi2(work, barrier))
        };
        if 0.5 * decrement <= ACCURACY.max(ROUNDING * current) && length == 1.0 {
            likelihood.advance(work, 1.0);
            let found = likelihood.chi2(work, barrier);
            match leaves(work) {
                Some(beside) => current = beside,
                None => return Some((found, steps)),
            }
            continue;
        }
        loop {
            likelihood.advance(work, length);
            let next = likelihood.chi2(work, barrier);
            if next <= current - 1e-4 * length * decrement {
                current = next;
                break;
            }
            likelihood.advance(work, -length);
            length *= 0.5;
            if length < 1e-12 {
                // What is left to gain of a large chi2 does not show in its sum.
                let is_lost = 0.5 * decrement <= SHOWN * current && likelihood.chi2(work, barrier).is_finite();
                match is_lost.then(|| leaves(work)).flatten() {
                    Some(beside) => current = beside,
                    None => return is_lost.then_some((current, steps)),
                }
                break;
            }
        }
        if is_curved && !bent && length == 1.0 {
            current = stretched(likelihood, work, barrier, current, decrement);
        }
    }
    None
}

/// Goes on along the step, by twice as much each time, while chi2 falls: near a saddle steps without curvature are far too
/// short. Returns chi2 at the end.
fn stretched(likelihood: &Likelihood, work: &mut Workspace, barrier: f64, mut current: f64, decrement: f64) -> f64 {
    let mut length = 1.0;
    while length < LONGEST {
        likelihood.advance(work, length);
        let next = likelihood.chi2(work, barrier);
        // Not "further up than": what is not finite is no gain.
        let falls = next <= current - 1e-4 * length * decrement;
        if !falls {
            likelihood.advance(work, -length);
            // chi2 sets what the next step is made from.
            return likelihood.chi2(work, barrier);
        }
        current = next;
        length *= 2.0;
    }
    current
}

/// The Newton step, with or without the curvature of mu; `false` where its matrix is not positive definite.
fn direction(likelihood: &Likelihood, work: &mut Workspace, barrier: f64, with_curvature: bool) -> bool {
    likelihood.expand(work, barrier, with_curvature);
    work.step.copy_from_slice(&work.downhill);
    cholesky::solve(&mut work.matrix, &mut work.step, &mut work.scale)
}
