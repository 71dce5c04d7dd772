//! The signal by its processes: how much of it scatters off nuclei, how much off electrons.

use crate::base::search;
use crate::dataset::Scattering;
use crate::physics::model::Model;
use crate::rates::polynomial::MassSlice;
use crate::rates::{Nodes, Point};
use crate::{Error, Result};

use super::{Experiment, Prediction};

/// Masses (MeV) between which the mass is looked for at which two processes add the same.
const MASSES_MEV: (f64, f64) = (1e-4, 1e6);
/// Accuracy of its logarithm.
const TOLERANCE: f64 = 1e-6;

impl Prediction {
    /// Signal events of each process in all bins `[energy_bins][time_bins]` at a point, before nuisance parameters.
    pub fn signal_by_process(&self, point: Point) -> Vec<(Scattering, Vec<f64>)> {
        let expectation = &self.experiment.measurement.expectation;
        let of = |scattering: &Scattering| {
            let counts = self.experiment.nodes.counts_of(*scattering, &self.plan, point);
            let mut signal = vec![0.0; expectation.bins()];
            expectation.spread_over_time(&counts, &mut signal);
            (*scattering, signal)
        };
        self.experiment.dataset.processes.iter().map(of).collect()
    }

    /// Signal events of each process at a point, before nuisance parameters; the sum is the signal.
    pub fn events_by_process(&self, point: Point) -> Vec<(Scattering, f64)> {
        let signal = self.signal_by_process(point).into_iter();
        signal.map(|(scattering, events)| (scattering, events.iter().sum())).collect()
    }
}

/// Which process a mediator acts through most, where it adds far more events than the Standard Model has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dominant {
    /// One at all masses.
    Everywhere(Scattering),
    /// Electrons below a mass (MeV), nuclei above.
    ElectronsBelow(f64),
}

/// The dominant process of a model in an experiment that has both.
///
/// # Errors
/// [`Error::NotConverged`] where the search for the mass fails.
pub fn dominant(experiment: &Experiment, model: &Model) -> Result<Dominant> {
    let plan = experiment.nodes.plan(&experiment.dataset, model);
    let only = |scattering: Scattering| {
        let mut plan = plan.clone();
        let own = Nodes::of_process(&experiment.nodes, scattering);
        let is_own = |node: usize| own.iter().any(|range| range.contains(&node));
        for node in (0..plan.nodes()).filter(|node| !is_own(*node)) {
            plan.kinematics.weight_vector[node] = 0.0;
            plan.kinematics.weight_scalar[node] = 0.0;
        }
        plan
    };
    let (electrons, nuclei) = (only(Scattering::Electrons), only(Scattering::Cevns));
    // ln of the events that are quadratic in g^2, electrons over nuclei.
    let excess = |ln_mass: f64| {
        let of = |plan| MassSlice::new(plan, ln_mass.exp()).totals()[2];
        (of(&electrons) / of(&nuclei)).ln()
    };
    let (low, high) = (MASSES_MEV.0.ln(), MASSES_MEV.1.ln());
    let (at_low, at_high) = (excess(low), excess(high));
    if at_low.is_nan() || at_low <= 0.0 {
        return Ok(Dominant::Everywhere(Scattering::Cevns));
    }
    if at_high >= 0.0 {
        return Ok(Dominant::Everywhere(Scattering::Electrons));
    }
    let ln_mass = search::root((low, at_low), (high, at_high), TOLERANCE, |ln_mass| Ok::<f64, Error>(excess(ln_mass)))?;
    Ok(Dominant::ElectronsBelow(ln_mass.exp()))
}
