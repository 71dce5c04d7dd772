//! What experiments on electrons, muons and nuclei need of a model: its mediators, each with its charges, or in words why
//! there is no limit on them.

use crate::physics::model::{Interaction, Lepton, Mediator, Model, ScalarCouplings, VectorCouplings};

/// Slack in "adds up to zero": charges are fractions written with at most 17 digits.
const ZERO: f64 = 1e-12;

/// One mediator of a sum, `mass_ratio` and `coupling_ratio` over the scanned ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Exchange<'a, Couplings> {
    /// Its mass over the scanned mass.
    pub mass_ratio: f64,
    /// Its coupling over the scanned coupling.
    pub coupling_ratio: f64,
    /// What it couples to.
    pub couplings: &'a Couplings,
}

impl<Couplings> Exchange<'_, Couplings> {
    /// Its coupling over x = g^2, divided by Q2 + M^2 of the scanned mass M (MeV) [MeV^-2].
    pub fn propagator_per_mev2(&self, q2_mev2: f64, mass_mev: f64) -> f64 {
        self.coupling_ratio.powi(2) / (q2_mev2 + (self.mass_ratio * mass_mev).powi(2))
    }
}

fn exchange<'a, Couplings>(mediator: &Mediator, couplings: &'a Couplings) -> Exchange<'a, Couplings> {
    Exchange { mass_ratio: mediator.mass_ratio, coupling_ratio: mediator.coupling_ratio, couplings }
}

/// The vector mediators of a model that has nothing else.
///
/// # Errors
/// In words: a model with a scalar, whose coupling to charged leptons its nucleon couplings do not tell.
pub fn vectors(model: &Model) -> Result<Vec<Exchange<'_, VectorCouplings>>, String> {
    fn vector(mediator: &Mediator) -> Result<Exchange<'_, VectorCouplings>, String> {
        match &mediator.interaction {
            Interaction::Vector(vector) => Ok(exchange(mediator, vector)),
            Interaction::Scalar(_) => {
                Err("the scalar's coupling to charged leptons is not part of the model".to_owned())
            }
        }
    }
    model.mediators.iter().map(vector).collect()
}

/// The scalar of a model that has nothing else.
///
/// # Errors
/// In words: any other model.
pub fn only_scalar(model: &Model) -> Result<&ScalarCouplings, String> {
    match &model.mediators[..] {
        [Mediator { mass_ratio: 1.0, coupling_ratio: 1.0, interaction: Interaction::Scalar(scalar) }] => Ok(scalar),
        [_] => Err("only scalars are bounded".to_owned()),
        _ => Err("only a model of one scalar is bounded".to_owned()),
    }
}

/// Whether the electron has a charge that the model tells; it does where some mediator has one.
///
/// # Errors
/// In words: no charge at all, or one that comes from physics far above.
pub fn require_electron_charge(vectors: &[Exchange<VectorCouplings>]) -> Result<(), String> {
    let told = |exchange: &Exchange<VectorCouplings>| {
        let vector = exchange.couplings;
        vector.charged_lepton_charge(Lepton::Electron) != 0.0
            || (vector.one_loop_mixing && vector.electron_charge(0.0) != 0.0)
    };
    if vectors.iter().any(told) {
        return Ok(());
    }
    let divergence = vectors.iter().map(|exchange| electric_times_new(exchange.couplings)).find(|sum| sum.abs() > ZERO);
    Err(match divergence {
        Some(sum) => format!(
            "electrons couple through a loop alone, and that depends on physics at high scales: the sum of electric times \
             new charge over all fermions is {sum:.3}, not 0"
        ),
        None => "electrons have no charge in the model, and it has no mixing with the photon".to_owned(),
    })
}

/// Sum of electric charge times U(1)' charge over all fermions, colours counted: where it is not 0 the loop that mixes the
/// boson with the photon diverges.
fn electric_times_new(vector: &VectorCouplings) -> f64 {
    let (charges, heavy) = (&vector.charges, &vector.heavy_quarks);
    let up_type = charges.up + heavy.charm + heavy.top;
    let down_type = charges.down + heavy.strange + heavy.bottom;
    2.0 * up_type - down_type - charges.lepton_sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// K(nu_l, e; Q2) of a named model.
    fn product(model: &str, lepton: Lepton, q2_mev2: f64) -> f64 {
        let model = Model::named(model).unwrap();
        let vector = vectors(&model).unwrap()[0].couplings;
        vector.charges.lepton(lepton) * vector.electron_charge(q2_mev2)
    }

    /// Numbers of an independent calculation.
    #[test]
    fn charges_of_electrons_with_the_loop() {
        for (model, lepton, expected) in [
            ("lmu-ltau", Lepton::Muon, -0.0043706),
            ("lmu-ltau", Lepton::Tau, 0.0043706),
            ("le-ltau", Lepton::Electron, 0.98758),
            ("le-ltau", Lepton::Tau, -0.98758),
            ("le-lmu", Lepton::Electron, 0.99195),
            ("b-l", Lepton::Muon, 1.0),
        ] {
            let got = product(model, lepton, 0.409);
            assert!((got - expected).abs() < 6e-6, "{model} {lepton:?}: {got} {expected}");
        }
    }

    #[test]
    fn loops_from_high_scales_give_no_limit_and_say_why() {
        for name in Model::names().filter(|name| *name != "scalar") {
            let model = Model::named(name).unwrap();
            let found = require_electron_charge(&vectors(&model).unwrap());
            let expected = ["b-3lmu", "by+lmu+ltau"].contains(&name);
            assert_eq!(found.is_err(), expected, "{name}: {found:?}");
            assert!(found.is_ok() || found.unwrap_err().contains("physics at high scales"));
        }
        assert!(vectors(&Model::named("scalar").unwrap()).is_err());
        assert!(only_scalar(&Model::named("scalar").unwrap()).is_ok());
        assert!(only_scalar(&Model::named("b-l").unwrap()).is_err());
    }
}
