//! Where a mediator undoes the Standard Model's amplitude, and where it turns its sign: the cancellation lines and the
//! degeneracy strips of the plane (4.1-4.6).
//!
//! For a mediator much heavier than the momentum transfer, and without form factors, the weak charge of a nucleus is
//! Q_l + (g/M)^2 B_l. It vanishes at (g/M)^2 = -Q_l/B_l, where no event is left, and is -Q_l at twice that, where no
//! experiment can tell it from the Standard Model.

use crate::analysis::{Analysis, Prediction};
use crate::dataset::Scattering;
use crate::physics::cross_section::{Exchange, Interference};
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::weak_couplings::WeakCouplings;

/// The lines of one model in one detector, as g/M [GeV^-1].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Degeneracy {
    /// The weak charge vanishes, in the mean over nuclei and flavours.
    pub cancellation_per_gev: f64,
    /// The weak charge has turned its sign: sqrt 2 times the other.
    pub strip_per_gev: f64,
    /// |q| at which loops are taken (MeV): its rms over the Standard Model's events.
    pub momentum_transfer_mev: f64,
}

/// The lines of CsI as the paper has them, with one or two digits: model, strip, cancellation, equations.
pub const PUBLISHED: [(&str, f64, Option<f64>, &str); 4] = [
    ("universal", 1.8e-3, Some(1.3e-3), "4.1, 4.2"),
    ("by+lmu+ltau", 3.1e-3, Some(2.2e-3), "4.3, 4.4"),
    ("le-ltau", 6e-2, None, "4.5"),
    ("lmu-ltau", 7e-2, None, "4.6"),
];

/// The lines of each dataset of an analysis, by its index; see [`degeneracy`].
pub fn degeneracies(analysis: &Analysis) -> Vec<Option<Degeneracy>> {
    analysis.predictions.iter().map(|prediction| degeneracy(&analysis.model, prediction)).collect()
}

/// The lines of a model in a detector. `None` for scalars, which do not interfere, and where a flavour of the beam
/// couples with the Standard Model's sign, so that events grow instead.
pub fn degeneracy(model: &Model, prediction: &Prediction) -> Option<Degeneracy> {
    let dataset = &prediction.experiment.dataset;
    if model.mediators.iter().any(|mediator| matches!(mediator.interaction, Interaction::Scalar(_))) {
        return None;
    }
    let (q2_mev2, couplings) = (mean_q2_mev2(prediction), WeakCouplings::of(model.standard));
    let (mut weak, mut exchange) = (0.0, Exchange::default());
    for lepton in Lepton::ALL.into_iter().filter(|lepton| dataset.source.components.iter().any(|c| c.lepton == *lepton))
    {
        for isotope in dataset.targets.iter().map(|target| &target.isotope) {
            let (charge, added) =
                (couplings.charge(isotope, lepton, 0.0), Exchange::new(model, isotope, lepton, q2_mev2));
            if charge * added.heavy_mev2 > 0.0 {
                return None;
            }
            if added.heavy_mev2 != 0.0 {
                weak += charge;
                exchange.light += added.light;
                exchange.heavy_mev2 += added.heavy_mev2;
            }
        }
    }
    let lines = Interference::new(weak, exchange);
    Some(Degeneracy {
        cancellation_per_gev: lines.cancellation?.heavy_per_gev,
        strip_per_gev: lines.strip?.heavy_per_gev,
        momentum_transfer_mev: q2_mev2.sqrt(),
    })
}

/// Mean of |q|^2 over the detected CEvNS events of the Standard Model [MeV^2].
fn mean_q2_mev2(prediction: &Prediction) -> f64 {
    let (kinematics, charges) = (&prediction.plan.kinematics, &prediction.plan.amplitudes.standard_model);
    let (mut events, mut moment) = (0.0, 0.0);
    for node in prediction.experiment.nodes.of_process(Scattering::Cevns).into_iter().flatten() {
        let seen: f64 = kinematics.response_of(node).sum();
        let here = seen * kinematics.weight_vector[node] * charges[node] * charges[node];
        events += here;
        moment += here * kinematics.q2_mev2[node];
    }
    moment / events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Experiment;

    #[test]
    fn lines_are_the_published_ones() {
        let experiments = Experiment::parse_list("csi").unwrap();
        let mut found = Vec::new();
        for model in Model::all().unwrap() {
            let analysis = Analysis::new(&model, &experiments);
            let Some(lines) = degeneracies(&analysis)[0] else { continue };
            found.push(model.name.clone());
            let (_, strip, cancellation, _) = PUBLISHED.iter().find(|(name, ..)| *name == model.name).unwrap();
            // 6 % is half a unit of the last published digit and a bit.
            assert!((lines.strip_per_gev / strip).ln().abs() < 0.06, "{} {lines:?}", model.name);
            if let Some(cancellation) = cancellation {
                assert!((lines.cancellation_per_gev / cancellation).ln().abs() < 0.06, "{} {lines:?}", model.name);
            }
            assert!((40.0..60.0).contains(&lines.momentum_transfer_mev), "{lines:?}");
        }
        assert_eq!(found, PUBLISHED.map(|(name, ..)| name));
    }
}
