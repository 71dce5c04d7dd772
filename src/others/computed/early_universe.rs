//! Neutrinos heated by a boson that decays to nu_mu and nu_tau after these have left the plasma (arXiv:1504.00711): a line of
//! mass, for couplings that keep the boson in equilibrium.

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::base::quadrature::Rule;
use crate::physics::model::{Interaction, Mediator, Model};

const POINTS: usize = 48;
/// Momenta (in units of the temperature) up to which the boson is summed: e^-60 is left out.
const HIGHEST: f64 = 60.0;

/// |Q'_mu| of a boson that couples to nu_mu and nu_tau, and to no charged particle lighter than the muon.
///
/// # Errors
/// In words: any other model.
pub fn charge(model: &Model) -> Result<f64, String> {
    let other = || Err("computed for L_mu - L_tau only: others heat electrons too".to_owned());
    let [Mediator { mass_ratio: 1.0, coupling_ratio: 1.0, interaction: Interaction::Vector(vector) }] =
        &model.mediators[..]
    else {
        return other();
    };
    let charges = &vector.charges;
    let apart = charges.up == 0.0 && charges.down == 0.0 && charges.electron == 0.0 && vector.kinetic_mixing == 0.0;
    match apart && charges.muon != 0.0 && charges.tau == -charges.muon {
        true => Ok(charges.muon.abs()),
        false => other(),
    }
}

/// N_eff with a boson of a mass (MeV), where neutrinos leave the plasma at a temperature (MeV).
pub fn effective_neutrinos(mass_mev: f64, decoupling_mev: f64) -> f64 {
    let neutrino = 7.0 / 8.0 * 2.0 * (2.0 * PI * PI / 45.0);
    1.0 + 2.0 * (1.0 + entropy(mass_mev / decoupling_mev) / (2.0 * neutrino)).powf(4.0 / 3.0)
}

/// Entropy density of a vector boson of a mass (in temperatures) over T^3, (3/2pi^2) int dp p^2 (E + p^2/3E)/(e^E - 1).
fn entropy(mass: f64) -> f64 {
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::piecewise(&[0.0, 0.1, 1.0, 5.0, 20.0, HIGHEST], &[POINTS; 5]));
    3.0 / (2.0 * PI * PI)
        * RULE.integrate(|p| {
            let energy = p.hypot(mass);
            p * p * (energy + p * p / (3.0 * energy)) / energy.exp_m1()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_massless_boson_has_the_entropy_of_three_states() {
        // By hand: 3 x 2 pi^2/45.
        assert!((entropy(1e-9) / (6.0 * PI * PI / 45.0) - 1.0).abs() < 1e-9);
        assert!((effective_neutrinos(1e3, 1.5) - 3.0).abs() < 1e-12);
    }
}
