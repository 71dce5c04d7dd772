//! The limit of one experiment on one model: what it excludes at each mass, or why nothing.

use rayon::prelude::*;

use crate::others::recast::KnownLimit;
use crate::others::recast::hadrons::Hadrons;
use crate::others::recast::known::{LARGEST_COUPLING, Origin};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::catalogue::Experiment;
use super::computed::Unusable;
use super::outline::{Column, outlines};
use super::polynomial::Intervals;
use super::setting::{STANDARD_DEVIATIONS, Setting};

/// Masses a decade of curves that nobody asked particular masses of: straight lines between them are within 1e-4 of g.
const PER_DECADE: f64 = 40.0;
/// Masses (MeV) of such curves, as far as a limit holds.
const MASSES_MEV: (f64, f64) = (1e-2, 1e6);

/// How to read the experiments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Choice {
    /// Standard deviations; without them, 2 where an experiment has no setting of its own.
    pub z: Option<f64>,
    /// Settings by name, of one experiment (its name before) or of all that have it.
    pub settings: Vec<(Option<String>, String)>,
}

/// The limit of an experiment.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ComputedLimit<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// How it is read.
    pub setting: &'a Setting,
    /// Standard deviations that count.
    pub z: f64,
    /// What is excluded.
    pub outcome: Outcome,
}

/// What is excluded.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Couplings at each mass (MeV) that was asked for and at which the limit holds; none at some.
    Excluded(Vec<Column>),
    /// Nothing, for a reason in words.
    Nothing(String),
    /// Nothing, because the setting excludes the Standard Model itself, whatever the coupling: in words.
    Contradicted(String),
}

impl Choice {
    /// The setting of an experiment: that which is asked for; where only standard deviations are, the first that follows
    /// them; else the first of all.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a setting of this experiment that it does not have.
    pub fn setting<'a>(&self, experiment: &'a Experiment) -> Result<&'a Setting> {
        if let Some((_, name)) = self.settings.iter().find(|(of, _)| of.as_ref() == Some(&experiment.name)) {
            return experiment.setting(name);
        }
        let common = self.settings.iter().filter(|(of, _)| of.is_none());
        if let Some(setting) = common.into_iter().find_map(|(_, name)| experiment.setting(name).ok()) {
            return Ok(setting);
        }
        let follows = experiment.settings.iter().find(|setting| setting.follows_z()).filter(|_| self.z.is_some());
        let first = follows.or_else(|| experiment.settings.first());
        first.ok_or_else(|| Error::out_of_range(format!("settings of {}", experiment.name), 0, "at least 1"))
    }

    /// That every setting is one of some experiment.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for an experiment or a setting; standard deviations that are none.
    pub fn check(&self, experiments: &[Experiment]) -> Result<()> {
        if let Some(z) = self.z.filter(|z| !(*z > 0.0 && *z <= 100.0)) {
            return Err(Error::out_of_range("number of standard deviations", z, "above 0 and at most 100"));
        }
        let names = || experiments.iter().map(|experiment| experiment.name.as_str());
        for (of, name) in &self.settings {
            match of {
                Some(of) => match experiments.iter().find(|experiment| experiment.name == *of) {
                    Some(experiment) => experiment.setting(name).map(|_| ())?,
                    None => return Err(Error::unknown_name("limit", of, names())),
                },
                None if experiments.iter().all(|experiment| experiment.setting(name).is_err()) => {
                    let known = experiments.iter().flat_map(|experiment| &experiment.settings);
                    let mut known: Vec<&str> = known.map(|setting| setting.name.as_str()).collect();
                    known.sort_unstable();
                    known.dedup();
                    return Err(Error::unknown_name("setting", name, known));
                }
                None => {}
            }
        }
        Ok(())
    }
}

/// What an experiment excludes for a model at some masses (MeV, increasing), as far as it holds there; `hadrons` for widths
/// of bosons that couple to quarks.
///
/// # Errors
/// Those of [`Choice::setting`].
pub fn computed<'a>(
    experiment: &'a Experiment,
    model: &Model,
    choice: &Choice,
    masses_mev: &[f64],
    hadrons: Option<&Hadrons>,
) -> Result<ComputedLimit<'a>> {
    let setting = choice.setting(experiment)?;
    let z = choice.z.unwrap_or(STANDARD_DEVIATIONS);
    let outcome = match experiment.physics.prepare(model, setting, z, hadrons) {
        Err(Unusable::NoLimit(reason)) => Outcome::Nothing(reason),
        Err(Unusable::StandardModelExcluded(reason)) => Outcome::Contradicted(reason),
        Ok(excluded) => {
            let (low, high) = experiment.mass_mev;
            let masses: Vec<f64> = masses_mev.iter().copied().filter(|mass| (low..=high).contains(mass)).collect();
            let columns: Vec<Column> = masses.par_iter().map(|mass| (*mass, sensible(excluded(*mass)))).collect();
            match columns.iter().any(|(_, intervals)| !intervals.is_empty()) {
                true => Outcome::Excluded(columns),
                false => {
                    Outcome::Nothing(format!("nothing is excluded at these masses (it holds from {low} to {high} MeV)"))
                }
            }
        }
    };
    Ok(ComputedLimit { experiment, setting, z: setting.z(z).unwrap_or(z), outcome })
}

/// Masses (MeV) of a curve over all at which a limit can be drawn.
pub fn curve_masses_mev(experiment: &Experiment) -> Vec<f64> {
    let (low, high) = (experiment.mass_mev.0.max(MASSES_MEV.0), experiment.mass_mev.1.min(MASSES_MEV.1));
    if low >= high {
        return vec![low, high];
    }
    let steps = ((high / low).log10() * PER_DECADE).ceil().max(1.0) as usize;
    let ratio = (high / low).ln() / steps as f64;
    (0..=steps).map(|k| if k == steps { high } else { low * (ratio * k as f64).exp() }).collect()
}

impl ComputedLimit<'_> {
    /// The limit as a region of the plane; none where nothing is excluded.
    pub fn known(&self) -> Option<KnownLimit> {
        let Outcome::Excluded(columns) = &self.outcome else { return None };
        let closed: Vec<Column> = columns
            .iter()
            .map(|(mass, intervals)| {
                (*mass, intervals.iter().map(|(low, high)| (*low, high.min(LARGEST_COUPLING))).collect())
            })
            .collect();
        Some(KnownLimit {
            name: self.experiment.name.clone(),
            label: self.experiment.label.clone(),
            reference: self.experiment.reference.clone(),
            kind: self.experiment.kind,
            origin: Origin::Computed,
            fitted: self.setting.fitted.is_some(),
            setting: format!("{}: {}", self.setting.name, self.setting.in_words(self.z)),
            outlines: outlines(&closed),
        })
    }
}

/// Intervals without what lies above the largest coupling that makes sense.
fn sensible(intervals: Intervals) -> Intervals {
    intervals.into_iter().filter(|(low, _)| *low < LARGEST_COUPLING).collect()
}
