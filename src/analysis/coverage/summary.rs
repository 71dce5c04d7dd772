//! What the toys of a point say: critical values, coverage, p-values.

use std::collections::BTreeMap;

use serde::Serialize;

use super::critical::{CONFIDENCES, Critical, coverage, critical_of_sorted, p_value, sorted};
use super::{EngineRecord, Ensemble, Plan};
use crate::Result;
use crate::statistics::delta_chi2;
use crate::statistics::toys::RECIPE_VERSION;

/// How toys were made: with the same program all that is needed to make them again.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ToysRecord {
    /// Version of the recipe.
    pub recipe: u32,
    /// Numbers, seed, construction.
    #[serde(flatten)]
    pub plan: Plan,
}

/// One point.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PointCoverage {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// chi2 of the data there less their minimum over the plane.
    pub q_observed: f64,
    /// The same with the minimum over couplings at this mass.
    pub q_observed_fixed_mass: f64,
    /// What found their minima.
    pub engine: EngineRecord,
    /// Number of toys.
    pub toys: usize,
    /// Toys of which a fit failed: their q counts as infinite.
    pub failed: usize,
    /// Bins whose expectation was below 0 and drawn as 0.
    pub negative_bins: usize,
    /// Critical values of q by confidence level, two parameters; absent where the toys are too few.
    pub critical: BTreeMap<String, Critical>,
    /// The same at fixed mass, one parameter.
    pub critical_fixed_mass: BTreeMap<String, Critical>,
    /// What Wilks' critical values cover, by confidence level: share of toys, and its error.
    pub wilks_covers: BTreeMap<String, [f64; 2]>,
    /// Share of toys with q at least that of the data.
    pub p_value: f64,
    /// Its binomial error.
    pub p_value_error: f64,
    /// The same at fixed mass.
    pub p_value_fixed_mass: f64,
    /// Goodness of fit: share of toys whose chi2_min is at least that of the data.
    pub goodness_of_fit: f64,
    /// Median of the best fits' mass (MeV) over toys, and of their coupling.
    pub median_best_fit: [f64; 2],
    /// Share of toys whose best fit is the Standard Model.
    pub best_is_standard_model: f64,
}

impl PointCoverage {
    /// Reads the toys of a point.
    ///
    /// # Errors
    /// None in practice: the confidence levels are constants.
    pub fn new(ensemble: &Ensemble) -> Result<PointCoverage> {
        let q: Vec<f64> = ensemble.outcomes.iter().map(|toy| toy.q).collect();
        let q_mass: Vec<f64> = ensemble.outcomes.iter().map(|toy| toy.q_fixed_mass).collect();
        let values = |q: &[f64]| -> BTreeMap<String, Critical> {
            let (levels, sorted) = (CONFIDENCES.iter(), sorted(q));
            levels.filter_map(|(key, level)| Some(((*key).to_owned(), critical_of_sorted(&sorted, *level)?))).collect()
        };
        let mut wilks_covers = BTreeMap::new();
        for (key, level) in CONFIDENCES {
            let (share, error) = coverage(&q, delta_chi2(level, 2)?);
            wilks_covers.insert(key.to_owned(), [share, error]);
        }
        let observed = &ensemble.observed;
        let (p_value, p_value_error) = p_value(&q, observed.q);
        let minima: Vec<f64> = ensemble.outcomes.iter().map(|toy| toy.chi2_min).collect();
        let median = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let best = || ensemble.outcomes.iter().map(|toy| toy.best);
        let standard = best().filter(|point| point.coupling == 0.0).count() as f64;
        Ok(PointCoverage {
            mass_mev: ensemble.truth.point.mass_mev,
            coupling: ensemble.truth.point.coupling,
            q_observed: observed.q,
            q_observed_fixed_mass: observed.q_fixed_mass,
            engine: ensemble.engine.clone(),
            toys: q.len(),
            failed: ensemble.failed(),
            negative_bins: ensemble.truth.negative_bins,
            critical: values(&q),
            critical_fixed_mass: values(&q_mass),
            wilks_covers,
            p_value,
            p_value_error,
            p_value_fixed_mass: self::p_value(&q_mass, observed.q_fixed_mass).0,
            goodness_of_fit: self::p_value(&minima, observed.chi2_min).0,
            median_best_fit: [
                median(&mut best().map(|point| point.mass_mev).collect()),
                median(&mut best().map(|point| point.coupling).collect()),
            ],
            best_is_standard_model: standard / q.len().max(1) as f64,
        })
    }
}

impl ToysRecord {
    /// Of a plan, by this version of the program.
    pub fn new(plan: Plan) -> ToysRecord {
        ToysRecord { recipe: RECIPE_VERSION, plan }
    }
}
