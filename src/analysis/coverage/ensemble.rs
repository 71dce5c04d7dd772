//! Many toys of one truth.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::Point;

use crate::base::provenance::SOURCES;
use crate::statistics::delta_chi2;
use crate::statistics::toys::RECIPE_VERSION;

use super::Calibrated;
use super::blocks::Blocks;
use super::critical::{CONFIDENCES, critical_of_sorted, sorted};
use super::kept_outcomes as kept;
use super::maker::{Device, EngineRecord, Made, Q_TOLERANCE, make, redo};
use super::outcome::Outcome;
use super::plan::{Parts, Plan};
use super::sealed;
use super::search::{Minimum, Search};
use super::truth::Truth;
use super::watch::{Watch, taken};

/// All toys of one truth, in the order of their numbers.
#[derive(Debug, Clone)]
pub struct Ensemble {
    /// The truth.
    pub truth: Truth,
    /// One an entry.
    pub outcomes: Vec<Outcome>,
    /// The same of what was observed.
    pub observed: Outcome,
    /// What made them.
    pub engine: EngineRecord,
}

/// How near to a number that is reported q of a toy in f32 may be: that number may be off as well, and a little more.
const NEAR: f64 = 2.5 * Q_TOLERANCE;

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
        Ensemble::run_on(analysis, point, plan, Device::Cpu, &advance, &|_| {})
    }

    /// The same on a device; `notice` is told when it fails and the CPU takes over. Toys of a GPU whose q is near a number
    /// that is reported are done again on the CPU, so that critical values and shares are those of f64.
    ///
    /// # Errors
    /// As for [`Ensemble::run`], and those of the device where the CPU is not to take over.
    pub fn run_on(
        analysis: &Analysis,
        point: Point,
        plan: Plan,
        device: Device,
        advance: &(dyn Fn(usize) -> Result<()> + Sync),
        notice: &(dyn Fn(&str) + Sync),
    ) -> Result<Ensemble> {
        let truth = Truth::new(analysis, point, plan.nuisance, plan.seed)?;
        let search = Search::new(analysis, point)?;
        let observed = Outcome::of(search.minimum(analysis));
        let blocks = Blocks::new(analysis, &truth, &search, plan);
        let Made { mut minima, mut engine, is_f32 } = make(&blocks, plan.toys.0..plan.toys.1, device, advance, notice)?;
        if is_f32.contains(&true) {
            let near = near_reported(&minima, &observed)?;
            let again: Vec<u64> = (0..minima.len())
                .filter(|toy| is_f32[*toy] && near[*toy])
                .map(|toy| plan.toys.0 + toy as u64)
                .collect();
            engine.redone_in_f64 = again.len();
            redo(&blocks, &again, plan.toys.0, &mut minima);
        }
        let outcomes = minima.into_iter().map(Outcome::of).collect();
        Ok(Ensemble { truth, outcomes, observed, engine })
    }

    /// The same on all cores, where toys are made in parts, on several machines: those of a part, or all; what `watch` has
    /// kept is taken, and what is made is given to it.
    ///
    /// # Errors
    /// As for [`Ensemble::run`], and those of `watch`.
    pub fn run_parts(
        analysis: &Analysis,
        point: Point,
        plan: Plan,
        (name, parts): (&str, Parts),
        watch: &dyn Watch,
    ) -> Result<Ensemble> {
        let truth = Truth::new(analysis, point, plan.nuisance, plan.seed)?;
        let search = Search::new(analysis, point)?;
        let observed = Outcome::of(search.minimum(analysis));
        let blocks = Blocks::new(analysis, &truth, &search, plan);
        let key = sealed::key(&format!(
            "{RECIPE_VERSION} {SOURCES} {} {:?} {plan:?} {point:?}",
            analysis.simd(),
            Calibrated::new(analysis)
        ));
        let mut outcomes = Vec::new();
        for part in parts.own.map_or(0..parts.of, |own| own..own + 1) {
            let numbers = parts.range(plan.toys.0..plan.toys.1, part);
            let name = format!("{name}-{}", numbers.start);
            // Whoever puts parts together has them all.
            let must = parts.are_put_together();
            if let Some(toys) = taken(watch, &name, must, |bytes| kept::decode(bytes, &key, &numbers))? {
                watch.done(toys.len())?;
                outcomes.extend(toys);
                continue;
            }
            let advance = |done: usize| watch.done(done);
            let made = make(&blocks, numbers.clone(), Device::Cpu, &advance, &|text| watch.notice(text))?;
            let toys: Vec<Outcome> = made.minima.into_iter().map(Outcome::of).collect();
            watch.keep(&name, &kept::encode(&toys, &key, &numbers))?;
            outcomes.extend(toys);
        }
        Ok(Ensemble { truth, outcomes, observed, engine: EngineRecord::cpu() })
    }

    /// Toys of which a fit failed; their q counts as infinite.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.q.is_finite()).count()
    }
}

/// Which toys are near a number that is reported: critical values and their intervals, Wilks' values, the data.
fn near_reported(minima: &[Option<Minimum>], observed: &Outcome) -> Result<Vec<bool>> {
    let outcomes: Vec<Outcome> = minima.iter().map(|minimum| Outcome::of(*minimum)).collect();
    let mut near = vec![false; outcomes.len()];
    /// What a toy gives, the parameters that Wilks' values of it count, and that of the data.
    type Statistic = (fn(&Outcome) -> f64, Option<u32>, f64);
    let statistics: [Statistic; 3] = [
        (|toy| toy.q, Some(2), observed.q),
        (|toy| toy.q_fixed_mass, Some(1), observed.q_fixed_mass),
        (|toy| toy.chi2_min, None, observed.chi2_min),
    ];
    for (statistic, parameters, of_data) in statistics {
        let values: Vec<f64> = outcomes.iter().map(statistic).collect();
        let (mut reported, by_size) = (vec![of_data], sorted(&values));
        for ((_, confidence), parameters) in CONFIDENCES.iter().flat_map(|level| parameters.map(|n| (level, n))) {
            reported.push(delta_chi2(*confidence, parameters)?);
            let found = critical_of_sorted(&by_size, *confidence);
            reported.extend(found.iter().flat_map(|found| [found.value, found.low, found.high]));
        }
        let is_near = |value: &f64| reported.iter().any(|reported| (value - reported).abs() <= NEAR);
        near.par_iter_mut().zip(&values).for_each(|(near, value)| *near |= is_near(value));
    }
    // A q of 0 is exactly that in f32 too: the truth is the lowest.
    Ok(near.into_iter().zip(&outcomes).map(|(near, toy)| near && (toy.q > 0.0 || toy.q_fixed_mass > 0.0)).collect())
}
