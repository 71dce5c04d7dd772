//! What each nuisance parameter does to a bound: the bound with the parameter fixed, all others minimised anew.

use std::sync::Arc;

use rayon::prelude::*;

use crate::analysis::limits::{BestFit, Level, best_fit};
use crate::base::grid::{number_text, rounded};
use crate::rates::Point;
use crate::statistics::row::RowFit;
use crate::statistics::{Measurement, ParameterKind};
use crate::{Error, Result};

use super::{Analysis, Experiment, Prediction};

/// A prior so many times as narrow holds its parameter, to some 1e-6 of what it was.
const HELD: f64 = 1e-3;
/// The same for the norm of a signal that is deformed, held to 0.3 % of what it was: far above the data a narrower prior
/// leaves minima that no fit finds, at deformations of twenty standard deviations.
const HELD_LOOSELY: f64 = 0.05;

/// A nuisance parameter of an analysis.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Nuisance {
    /// The datasets that it is of: more than one where it is shared.
    pub datasets: Vec<usize>,
    /// Key of its pull.
    pub name: String,
    /// Name for people.
    pub label: String,
}

/// What a nuisance parameter does to a bound.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Impact {
    /// The parameter.
    pub nuisance: Nuisance,
    /// Its pull eta/sigma at the best fit.
    pub pull: f64,
    /// The bound with the parameter held at its best fit; none where there is none.
    pub held: Option<f64>,
    /// The same one standard deviation of its prior below.
    pub down: Option<f64>,
    /// The same above.
    pub up: Option<f64>,
}

/// The bound at a mass, and what each parameter does to it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Impacts {
    /// The best fit of the plane.
    pub best_fit: BestFit,
    /// The mass (MeV).
    pub mass_mev: f64,
    /// The upper end of the couplings that are allowed from 0 on.
    pub bound: Option<f64>,
    /// The parameters, those first that move the bound most.
    pub ranking: Vec<Impact>,
}

impl Impact {
    /// The larger of both shifts of a bound, as a logarithm; a bound that comes or goes moves without end.
    pub fn largest_shift(&self, bound: Option<f64>) -> f64 {
        let shift = |moved: Option<f64>| match (moved, bound) {
            (Some(moved), Some(bound)) => (moved / bound).ln().abs(),
            (None, None) => 0.0,
            _ => f64::INFINITY,
        };
        shift(self.down).max(shift(self.up))
    }
}

impl Analysis {
    /// All nuisance parameters, in the order of the pulls; one that datasets share, once.
    pub fn nuisances(&self) -> Vec<Nuisance> {
        let shared = self.together.as_ref().map_or(&[][..], |together| together.likelihood().shared());
        let mut found: Vec<Nuisance> = Vec::new();
        for (index, prediction) in self.predictions.iter().enumerate() {
            let expectation = &prediction.experiment.measurement.expectation;
            for (name, label) in expectation.pull_names().zip(expectation.pull_labels()) {
                let is_shared = shared.iter().any(|known| known == name);
                match found.iter_mut().find(|known| is_shared && known.name == name) {
                    Some(known) => known.datasets.push(index),
                    None => found.push(Nuisance { datasets: vec![index], name: name.to_owned(), label }),
                }
            }
        }
        found
    }

    /// The same with a parameter held at a pull eta/sigma.
    pub fn holding(&self, nuisance: &Nuisance, pull: f64) -> Analysis {
        let predictions = self.predictions.iter().enumerate().map(|(index, prediction)| {
            if !nuisance.datasets.contains(&index) {
                return Prediction { experiment: prediction.experiment.clone(), plan: prediction.plan.clone() };
            }
            Prediction {
                experiment: holding(&prediction.experiment, &nuisance.name, pull),
                plan: prediction.plan.clone(),
            }
        });
        Analysis::of(self.model.clone(), predictions.collect())
    }

    /// What each parameter does to the bound at a mass (MeV): held at its best fit, and one standard deviation of its prior
    /// below and above. Each bound counts from the minimum that is left with the parameter held.
    ///
    /// # Errors
    /// A chi2 that did not converge.
    pub fn impacts(&self, mass_mev: f64, level: Level) -> Result<Impacts> {
        let best = best_fit(self)?;
        let point = Point { mass_mev: best.mass_mev, coupling: best.coupling };
        let fit = self.fit(point);
        self.require_converged(point, &fit)?;
        let bound = |analysis: &Analysis, best: &BestFit| -> Result<Option<f64>> {
            Ok(level.bound(analysis, best, mass_mev)?.edge(1).ok())
        };
        let nominal = bound(self, &best)?;
        let impact = |nuisance: Nuisance| -> Result<Impact> {
            let pulls = nuisance.datasets.first().and_then(|dataset| {
                let names = self.predictions[*dataset].experiment.measurement.expectation.pull_names();
                names.zip(&fit.datasets[*dataset].pulls).find(|(name, _)| *name == nuisance.name)
            });
            let pull = pulls.map_or(0.0, |(_, pull)| *pull);
            let at = |pull: f64| {
                let held = self.holding(&nuisance, pull);
                let found = best_fit(&held).and_then(|best| bound(&held, &best));
                found.map_err(|error| at_held(error, &nuisance.name, pull, mass_mev))
            };
            let (held, down, up) = (at(pull)?, at(pull - 1.0)?, at(pull + 1.0)?);
            Ok(Impact { nuisance, pull, held, down, up })
        };
        let mut ranking = self.nuisances().into_par_iter().map(impact).collect::<Result<Vec<Impact>>>()?;
        ranking.sort_by(|a, b| b.largest_shift(nominal).total_cmp(&a.largest_shift(nominal)));
        Ok::<Impacts, Error>(Impacts { best_fit: best, mass_mev, bound: nominal, ranking })
    }
}

/// A fit that failed, with what was held and the mass of the bound.
fn at_held(error: Error, name: &str, pull: f64, mass_mev: f64) -> Error {
    match error {
        Error::NotConverged { quantity, reason } => {
            let (pull, mass_mev) = (number_text(rounded(pull, 4)), number_text(mass_mev));
            let quantity = format!("{quantity}, for the bound at {mass_mev} MeV with {name} held at a pull of {pull},");
            Error::NotConverged { quantity, reason }
        }
        other => other,
    }
}

/// An experiment in which a parameter is held at a pull.
fn holding(experiment: &Experiment, name: &str, pull: f64) -> Experiment {
    let Measurement { expectation, mut observation } = experiment.measurement.clone();
    let mut expectation = (*expectation).clone();
    for (k, parameter) in expectation.parameters.iter_mut().enumerate() {
        if parameter.name == name && parameter.kind != ParameterKind::SignalNorm {
            observation.centres[k] += pull * parameter.sigma;
            parameter.sigma *= HELD;
            parameter.shared = false;
        }
    }
    // The pull of the signal's norm is that of its own part, the first; a part that is held moves the centre of the sum.
    let signal = expectation.parameters.iter().position(|parameter| parameter.kind == ParameterKind::SignalNorm);
    let is_first = signal.is_some_and(|signal| expectation.parameters[signal].name == name);
    let part = if is_first {
        Some(0)
    } else {
        expectation.norms.iter().skip(1).position(|norm| norm.name == name).map(|k| k + 1)
    };
    let held = if expectation.deformations() > 0 { HELD_LOOSELY } else { HELD };
    if let (Some(signal), Some(part)) = (signal, part.filter(|part| *part < expectation.norms.len())) {
        let norm = &mut expectation.norms[part];
        observation.centres[signal] += pull * norm.sigma;
        norm.sigma *= held;
        norm.shared = false;
        expectation.parameters[signal].sigma =
            expectation.norms.iter().fold(0.0, |sum: f64, norm| sum.hypot(norm.sigma));
    }
    let measurement = Measurement { expectation: Arc::new(expectation), observation };
    let rows = Arc::new(RowFit::new([&measurement], experiment.rows.simd()));
    Experiment { prepared: experiment.prepared.clone(), measurement, rows, is_expected: experiment.is_expected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::physics::model::Model;

    /// What is held stays where it is held, costs what its prior took before, and changes nothing at its own minimum.
    #[test]
    fn a_parameter_that_is_held_stays() {
        let model = Model::named("b-l").unwrap();
        let analysis = Analysis::new(&model, &Experiment::parse_list("csi+lar").unwrap());
        let point = Point { mass_mev: 10.0, coupling: 4e-5 };
        let free = analysis.fit(point);
        let pull_of = |analysis: &Analysis, fit: &super::super::Fit, nuisance: &Nuisance| {
            let dataset = nuisance.datasets[0];
            let names = analysis.predictions[dataset].experiment.measurement.expectation.pull_names();
            names
                .zip(&fit.datasets[dataset].pulls)
                .find(|(name, _)| *name == nuisance.name)
                .map(|(_, pull)| *pull)
                .unwrap()
        };
        let nuisances = analysis.nuisances();
        assert!(nuisances.len() > 8, "{nuisances:?}");
        for nuisance in &nuisances {
            let pull = pull_of(&analysis, &free, nuisance);
            let held = analysis.holding(nuisance, pull);
            let fit = held.fit(point);
            // Without its own prior's pull^2.
            assert!((fit.total.chi2 + pull * pull - free.total.chi2).abs() < 1e-4, "{nuisance:?}");
            let away = analysis.holding(nuisance, pull + 1.0).fit(point);
            let chi2 = away.total.chi2 + (pull + 1.0).powi(2);
            assert!(chi2 > free.total.chi2 + 0.3, "{nuisance:?} {chi2} {}", free.total.chi2);
            // Others are where they were, or near.
            for other in nuisances.iter().filter(|other| other.name != nuisance.name) {
                let (before, after) = (pull_of(&analysis, &free, other), pull_of(&held, &fit, other));
                assert!((before - after).abs() < 1e-3, "{nuisance:?} {other:?} {before} {after}");
            }
        }
    }
}
