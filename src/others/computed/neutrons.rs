//! Neutrons on lead: a force between nucleons makes the scattering of slow neutrons on 208Pb asymmetric (R. Barbieri and
//! T. E. O. Ericson, Phys. Lett. B 57 (1975) 270).

use std::f64::consts::PI;

use crate::base::constants::{ATOMIC_MASS_UNIT_MEV, KEV_IN_MEV};
use crate::base::quadrature::Rule;
use crate::physics::model::{Interaction, Mediator, Model};

const LEAD: (f64, f64) = (82.0, 126.0);
/// Mass of the neutron (u) (CODATA).
const NEUTRON_MASS_U: f64 = 1.008_664_915_95;
const POINTS: usize = 48;

/// g^2 times this is the strength of the force, g_n^2/(4 pi) of a neutron and the mean nucleon of lead, over (M/MeV)^4.
///
/// `born_kev`: the energy of the neutrons for the exact Born term; without it the published law of heavy mediators.
///
/// # Errors
/// In words: a model without charges of nucleons, or of several mediators.
pub fn force(model: &Model, born_kev: Option<f64>) -> Result<impl Fn(f64) -> f64 + use<>, String> {
    let [Mediator { mass_ratio: 1.0, coupling_ratio: 1.0, interaction }] = &model.mediators[..] else {
        return Err("only a model of one mediator is bounded".to_owned());
    };
    let (proton, neutron) = match interaction {
        Interaction::Vector(vector) => (vector.charges.proton(), vector.charges.neutron()),
        Interaction::Scalar(scalar) => (scalar.proton, scalar.neutron),
    };
    let (protons, neutrons) = LEAD;
    let product = (neutron * (protons * proton + neutrons * neutron) / (protons + neutrons)).abs();
    if product == 0.0 {
        return Err("neutrons have no charge".to_owned());
    }
    let momentum_mev =
        born_kev.map(|energy| (2.0 * NEUTRON_MASS_U * ATOMIC_MASS_UNIT_MEV * energy * KEV_IN_MEV).sqrt());
    let rule = Rule::piecewise(&[-1.0, 0.0, 1.0], &[POINTS, POINTS]);
    Ok(move |mass_mev: f64| {
        let law = product / (4.0 * PI) * mass_mev.powi(-4);
        law * momentum_mev.map_or(1.0, |k| reduction(&rule, k, mass_mev))
    })
}

/// The asymmetry of the exact Born term over that of the law.
fn reduction(rule: &Rule, momentum_mev: f64, mass_mev: f64) -> f64 {
    let (k2, m2) = (momentum_mev.powi(2), mass_mev.powi(2));
    // (3/2) int dc c/(M^2 + 2k^2(1-c)); the constant part, which c integrates to 0, is taken out so that nothing cancels.
    let exact = 1.5 * rule.integrate(|c| c * 2.0 * k2 * c / (m2 + 2.0 * k2 * (1.0 - c)) / (m2 + 2.0 * k2));
    exact / (2.0 * k2 / m2.powi(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_law_and_what_it_neglects() {
        let scalar = Model::named("scalar").unwrap();
        // 3.4e-11 (M/MeV)^4 is g = 1.195e-6 (M/MeV)^2 (an independent calculation).
        let law = force(&scalar, None).unwrap();
        assert!(((3.4e-11 / law(1.0)).sqrt() / 1.195e-6 - 1.0).abs() < 1e-3);
        // Neutrons of 1 keV: the asymmetry is smaller by these at 1, 2, 5 and 10 MeV (an independent calculation).
        let exact = force(&scalar, Some(1.0)).unwrap();
        for (mass, expected) in [(1.0, 0.076), (2.0, 0.31), (5.0, 0.76), (10.0, 0.93)] {
            let got = exact(mass) / law(mass);
            assert!((got - expected).abs() < 0.006, "{mass}: {got} {expected}");
        }
        assert!(force(&Model::named("le-lmu").unwrap(), None).is_err());
        // B-L: 2.07e-5 (M/MeV)^2.
        let b_l = force(&Model::named("b-l").unwrap(), None).unwrap();
        assert!(((3.4e-11 / b_l(1.0)).sqrt() / 2.07e-5 - 1.0).abs() < 3e-3);
    }
}
