//! Many toys of one truth.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::Point;

use super::search::{Minimum, Search};
use super::toy::{Sidebands, draw_toy};
use super::truth::{Nuisance, Truth};

/// Toys between two looks at whether anybody still wants them.
const BATCH: u64 = 256;

/// How toys are made.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// The first toy's number and the number after the last.
    pub toys: (u64, u64),
    /// Seed of all random numbers.
    pub seed: u64,
    /// Where the truth's nuisance parameters stand.
    pub nuisance: Nuisance,
    /// Whether measured templates are drawn anew.
    pub sidebands: Sidebands,
}

/// One toy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// chi2(truth) - chi2_min over the plane; infinite where a fit failed.
    pub q: f64,
    /// chi2(truth) - chi2_min at the truth's mass; infinite where a fit failed.
    pub q_fixed_mass: f64,
    /// chi2_min over the plane.
    pub chi2_min: f64,
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Best fit.
    pub best: Point,
}

/// All toys of one truth, in the order of their numbers.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// The truth.
    pub truth: Truth,
    /// One an entry.
    pub outcomes: Vec<Outcome>,
    /// The same of what was observed.
    pub observed: Outcome,
}

impl Ensemble {
    /// Draws and fits the toys of a point; `advance` is told of toys as they are done, and ends the work by returning
    /// an error.
    ///
    /// # Errors
    /// Those of [`Truth::new`], [`Search::new`] and of `advance`.
    pub fn run(
        analysis: &Analysis,
        point: Point,
        plan: Plan,
        advance: impl Fn(usize) -> Result<()> + Sync,
    ) -> Result<Ensemble> {
        let truth = Truth::new(analysis, point, plan.nuisance, plan.seed)?;
        let search = Search::new(analysis, point)?;
        let observed = Outcome::of(search.minimum(analysis));
        let starts: Vec<u64> = (plan.toys.0..plan.toys.1).step_by(BATCH as usize).collect();
        let batches: Vec<Vec<Outcome>> = starts
            .par_iter()
            .map(|start| {
                let numbers = *start..(start + BATCH).min(plan.toys.1);
                let outcomes: Vec<Outcome> = numbers
                    .map(|number| {
                        let toy = draw_toy(analysis, &truth, number, plan.sidebands);
                        Outcome::of(search.minimum(&toy))
                    })
                    .collect();
                advance(outcomes.len())?;
                Ok(outcomes)
            })
            .collect::<Result<_>>()?;
        Ok(Ensemble { truth, outcomes: batches.into_iter().flatten().collect(), observed })
    }

    /// Toys of which a fit failed; their q counts as infinite.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.q.is_finite()).count()
    }
}

impl Outcome {
    fn of(minimum: Option<Minimum>) -> Outcome {
        match minimum {
            Some(minimum) => Outcome {
                q: minimum.chi2_truth - minimum.chi2,
                q_fixed_mass: minimum.chi2_truth - minimum.chi2_at_mass,
                chi2_min: minimum.chi2,
                chi2_sm: minimum.chi2_sm,
                best: minimum.point,
            },
            None => Outcome {
                q: f64::INFINITY,
                q_fixed_mass: f64::INFINITY,
                chi2_min: f64::NAN,
                chi2_sm: f64::NAN,
                best: Point { mass_mev: f64::NAN, coupling: f64::NAN },
            },
        }
    }
}
