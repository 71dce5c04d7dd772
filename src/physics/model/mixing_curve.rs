//! eps_{beta alpha} of the L_alpha - L_beta symmetries as curves against the momentum transfer.

use crate::base::grid::Axis;
use crate::{Error, Result};

use super::{Interaction, Lepton, Model, VectorCouplings, mixing_integral};

/// eps_{beta alpha}(|q|) of one L_alpha - L_beta symmetry.
#[derive(Debug, Clone, PartialEq)]
pub struct MixingCurve {
    /// Name of the model.
    pub model: String,
    /// Its name in figures.
    pub label: String,
    /// Generation of charge +1.
    pub alpha: Lepton,
    /// Generation of charge -1.
    pub beta: Lepton,
    /// Momentum transfers |q| (MeV).
    pub q_mev: Vec<f64>,
    /// eps_{beta alpha} at each.
    pub epsilon: Vec<f64>,
}

impl MixingCurve {
    /// The curve of a model at momentum transfers (MeV).
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a model that is no L_alpha - L_beta with one-loop mixing.
    pub fn new(model: &Model, q_mev: &[f64]) -> Result<MixingCurve> {
        let (alpha, beta) = pair(model).ok_or_else(|| {
            let known: Vec<String> =
                Model::all().unwrap_or_default().into_iter().filter(|m| pair(m).is_some()).map(|m| m.name).collect();
            Error::out_of_range("model", &model.name, format!("one with kinetic mixing: {}", known.join(", ")))
        })?;
        Ok(MixingCurve {
            model: model.name.clone(),
            label: model.label.clone(),
            alpha,
            beta,
            q_mev: q_mev.to_vec(),
            epsilon: q_mev.iter().map(|q| mixing_integral(beta, alpha, q * q)).collect(),
        })
    }

    /// `eps_tau_mu` and the like: beta, then alpha.
    pub(crate) fn symbol_name(&self) -> String {
        format!("eps_{}_{}", self.beta.name(), self.alpha.name())
    }
}

/// The generations of charge +1 and -1 of a model that is L_alpha - L_beta with one-loop mixing.
fn pair(model: &Model) -> Option<(Lepton, Lepton)> {
    let [mediator] = &model.mediators[..] else { return None };
    let Interaction::Vector(VectorCouplings { charges, one_loop_mixing: true, .. }) = &mediator.interaction else {
        return None;
    };
    let of_charge = |charge: f64| Lepton::ALL.into_iter().find(|lepton| charges.lepton(*lepton) == charge);
    of_charge(1.0).zip(of_charge(-1.0))
}

/// The curves of the models among `models` that have them, at `points` momentum transfers over a range (MeV).
///
/// # Errors
/// A range that no logarithmic axis has.
pub fn mixing_curves(models: &[Model], range_mev: (f64, f64), points: usize) -> Result<Vec<MixingCurve>> {
    let q_mev = Axis::logarithmic("momentum transfer", "MeV", range_mev, points)?.values;
    models.iter().filter(|model| pair(model).is_some()).map(|model| MixingCurve::new(model, &q_mev)).collect()
}
