//! The mixing of Z' and photon against the momentum transfer (3.20).

use crate::flux::Source;
use crate::grid::Axis;
use crate::model::{Interaction, Lepton, Model, VectorCouplings, mixing_integral};
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Scale};
use crate::{Error, Result};

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
    pub fn symbol_name(&self) -> String {
        format!("eps_{}_{}", self.beta.name(), self.alpha.name())
    }
}

/// The generations of charge +1 and -1 of a model that is L_alpha - L_beta with one-loop mixing.
fn pair(model: &Model) -> Option<(Lepton, Lepton)> {
    let [mediator] = &model.mediators[..] else { return None };
    let Interaction::Vector(VectorCouplings { charges, one_loop_mixing: true }) = &mediator.interaction else {
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

/// The largest |q| (MeV) that neutrinos of pions at rest transfer: twice their energy.
pub fn largest_momentum_transfer_mev() -> f64 {
    let components = Source::pion_decay_at_rest().components;
    2.0 * components.iter().map(|component| component.spectrum.max_energy_mev()).fold(0.0, f64::max)
}

/// Curves of eps_{beta alpha} against |q|, with the largest |q| of the experiment marked.
pub fn mixing_chart(curves: &[MixingCurve]) -> Chart {
    let line = |curve: &MixingCurve| {
        let label = format!("$ε_{{{}{}}}$, {}", curve.beta.symbol(), curve.alpha.symbol(), curve.label);
        let points = curve.q_mev.iter().zip(&curve.epsilon).map(|(q, epsilon)| [*q, *epsilon]).collect();
        Curve::line(curve.symbol_name(), label, Role::of_model(&curve.model), points)
    };
    let q_mev = curves.first().map_or(&[][..], |curve| &curve.q_mev);
    let values = || curves.iter().flat_map(|curve| &curve.epsilon).copied();
    let largest = values().fold(0.0, f64::max);
    Chart {
        x: ChartAxis {
            name: "q_mev".to_owned(),
            label: "$|q|$ [MeV]".to_owned(),
            low: q_mev.first().copied().unwrap_or(f64::NAN),
            high: q_mev.last().copied().unwrap_or(f64::NAN),
            scale: Scale::Log,
        },
        y: ChartAxis {
            name: "epsilon".to_owned(),
            label: "$ε_{βα}(|q|)$".to_owned(),
            low: values().fold(0.0, f64::min),
            high: 0.5 * (largest / 0.5 + 0.2).ceil(),
            scale: Scale::Linear,
        },
        curves: curves.iter().map(line).collect(),
        markers: vec![Marker {
            direction: Direction::Vertical,
            at: largest_momentum_transfer_mev(),
            label: "largest $|q|$ at COHERENT".to_owned(),
        }],
        ..Default::default()
    }
}
