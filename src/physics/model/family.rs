//! Families: models whose bounds follow from one another by rescaling the coupling, (3.12)-(3.16).

use super::{Interaction, Lepton, Model, VectorCouplings};

/// How a model's bounds follow from those of one that travels with the program.
#[derive(Debug, Clone, PartialEq)]
pub struct Relation {
    /// Name of the other model.
    pub base: String,
    /// The bounds are the other's times this.
    pub factor: f64,
    /// The equation of the paper that says so for members of its family.
    pub equation: Option<&'static str>,
}

/// Equations of the families, by the model they start from.
const EQUATIONS: [(&str, &str); 5] =
    [("b-l", "3.12"), ("b-3le", "3.13"), ("b-3lmu", "3.14"), ("b-2le-lmu", "3.15"), ("b-le-2lmu", "3.16")];
/// Momentum transfers (MeV) at which couplings are compared: what mixes at one loop depends on them.
const MOMENTA_MEV: [f64; 4] = [1.0, 20.0, 50.0, 120.0];
/// Charges are products of fractions written with up to 17 digits.
const TOLERANCE: f64 = 1e-12;

impl Model {
    /// The model that travels with the program whose amplitudes are this one's times one positive number: only g^2 times
    /// it counts. Neutrinos of the third generation reach no detector, so that their charge does not matter.
    pub fn relation(&self) -> Option<Relation> {
        let own = amplitudes(self)?;
        Model::names().find_map(|name| {
            let base = Model::named(name).ok().filter(|base| base.is_scalar() == self.is_scalar())?;
            let ratio = ratio(&own, &amplitudes(&base)?)?;
            let equation =
                EQUATIONS.iter().find(|(known, _)| *known == name && ratio != 1.0).map(|(_, number)| *number);
            Some(Relation { base: name.to_owned(), factor: 1.0 / ratio.sqrt(), equation })
        })
    }
}

/// Couplings to protons and neutrons for each flavour at some momenta; none where several mediators are exchanged.
fn amplitudes(model: &Model) -> Option<Vec<f64>> {
    let [mediator] = model.mediators.as_slice() else { return None };
    Some(match &mediator.interaction {
        Interaction::Scalar(scalar) => vec![scalar.proton.abs(), scalar.neutron * scalar.proton.signum()],
        Interaction::Vector(vector) => {
            let flavours = [Lepton::Electron, Lepton::Muon].into_iter();
            flavours.flat_map(|lepton| MOMENTA_MEV.iter().flat_map(move |q| at(vector, lepton, *q))).collect()
        }
    })
}

fn at(vector: &VectorCouplings, lepton: Lepton, momentum_mev: f64) -> [f64; 2] {
    let couplings = vector.nucleon_couplings_mev2(lepton, momentum_mev * momentum_mev);
    [couplings.proton, couplings.neutron]
}

/// The positive number by which all of `base` are multiplied to give `own`.
fn ratio(own: &[f64], base: &[f64]) -> Option<f64> {
    let largest = |values: &[f64]| values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let at = base.iter().position(|value| value.abs() == largest(base))?;
    let ratio = own[at] / base[at];
    let slack = TOLERANCE * largest(own);
    let same = own.iter().zip(base).all(|(own, base)| (own - ratio * base).abs() <= slack);
    (ratio > 0.0 && ratio.is_finite() && same).then_some(if (ratio - 1.0).abs() <= TOLERANCE { 1.0 } else { ratio })
}
