//! Which computed limits are asked for.

use std::path::Path;

use crate::others::recast::hadrons::Hadrons;
use crate::physics::model::Model;
use crate::{Error, Result};

use super::catalogue::Experiment;
use super::limit::{Choice, ComputedLimit, Outcome, computed, curve_masses_mev};

/// Experiments, those that are asked for by name among them, and how to read them.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection {
    /// The experiments that travel with the program, then the user's.
    pub experiments: Vec<Experiment>,
    /// Names of those that are asked for; all where there is none.
    pub names: Vec<String>,
    /// Whether all are asked for, besides those by name.
    pub all: bool,
    /// How to read them.
    pub choice: Choice,
}

impl Selection {
    /// All that travel with the program, and the user's own.
    ///
    /// # Errors
    /// Files that cannot be read; one name for two experiments.
    pub fn new(own: &[impl AsRef<Path>], choice: Choice) -> Result<Selection> {
        let mut experiments = Experiment::embedded()?;
        for path in own {
            let experiment = Experiment::open(path.as_ref())?;
            if experiments.iter().any(|known| known.name == experiment.name) {
                let quantity = format!("name of {}", path.as_ref().display());
                return Err(Error::out_of_range(quantity, &experiment.name, "that of no other experiment"));
            }
            experiments.push(experiment);
        }
        choice.check(&experiments)?;
        Ok(Selection { experiments, names: Vec::new(), all: false, choice })
    }

    /// Asks for one by its name.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn add(&mut self, name: &str) -> Result<()> {
        if !self.is_known(name) {
            let known = self.experiments.iter().map(|experiment| experiment.name.as_str());
            return Err(Error::unknown_name("limit", name, known));
        }
        self.names.push(name.to_owned());
        Ok(())
    }

    /// Whether an experiment has this name.
    pub fn is_known(&self, name: &str) -> bool {
        self.experiments.iter().any(|experiment| experiment.name == name)
    }

    /// Whether it was asked for by its name, or with a setting of its own.
    pub fn is_named(&self, name: &str) -> bool {
        let of_own = |(of, _): &(Option<String>, String)| of.as_deref() == Some(name);
        self.names.iter().any(|named| named == name) || self.choice.settings.iter().any(of_own)
    }

    /// The limits on a model, in the order of the experiments, at some masses (MeV) or on curves over all; those that are to
    /// be drawn only if they are asked for by name say so where they are not.
    ///
    /// # Errors
    /// Settings that an experiment does not have.
    pub fn limits(
        &self,
        model: &Model,
        masses_mev: Option<&[f64]>,
        hadrons: Option<&Hadrons>,
    ) -> Result<Vec<ComputedLimit<'_>>> {
        let named = |experiment: &&Experiment| self.names.contains(&experiment.name);
        let wanted =
            self.experiments.iter().filter(|experiment| self.all || self.names.is_empty() || named(experiment));
        wanted
            .map(|experiment| {
                let why = experiment.why_only_by_name(model.mediator_name()).filter(|_| !named(&experiment));
                if let Some(why) = why {
                    let setting = self.choice.setting(experiment)?;
                    let outcome = Outcome::Nothing(format!("only if asked for by its name: {why}"));
                    return Ok(ComputedLimit { experiment, setting, z: 0.0, outcome });
                }
                let curve = || curve_masses_mev(experiment);
                let masses = masses_mev.map_or_else(curve, <[f64]>::to_vec);
                computed(experiment, model, &self.choice, &masses, hadrons)
            })
            .collect()
    }
}
