//! Neutrinos on electrons, by W, Z and a mediator:
//!
//! ```text
//! dsigma/dT = G_F^2 m_e/(2 pi) [(g_V + g_A)^2 + (g_V - g_A)^2 (1 - T/E)^2 - (g_V^2 - g_A^2) m_e T/E^2]
//! ```
//!
//! for an electron free and at rest, T its kinetic energy; g_A changes its sign for antineutrinos. A vector adds
//! g^2 Q'_l Q'_e/(sqrt2 G_F (2 m_e T + M^2)) to g_V, a scalar
//! g^4 T (m_e^2 + m_e T/2)/(4 pi E^2 (2 m_e T + M^2)^2) to the cross section (arXiv:2202.10829, 2211.11905).
//!
//! In g_V it is a square: with the integrals A, B, C over the neutrinos' spectrum of 1, (1 - T/E)^2 and m_e T/E^2,
//!
//! ```text
//! (A + B - C) (g_V + (A - B)/(A + B - C) g_A)^2  +  (A + B + C - (A - B)^2/(A + B - C)) g_A^2,
//! ```
//!
//! both weights positive, as the cross section is for any couplings: nothing cancels, in f32 either.

use std::f64::consts::{PI, SQRT_2};

use crate::base::constants::{ELECTRON_MASS_MEV, FERMI_CONSTANT_PER_MEV2};
use crate::physics::model::{Interaction, Lepton};
use crate::physics::weak_couplings::WeakCouplings;

/// The lowest neutrino energy (MeV) that gives an electron a kinetic energy (MeV): (T + sqrt(T^2 + 2 m_e T))/2.
pub fn min_neutrino_energy_mev(t: f64) -> f64 {
    0.5 * (t + (t * (t + 2.0 * ELECTRON_MASS_MEV)).sqrt())
}

/// The largest kinetic energy (MeV) that a neutrino gives an electron: 2 E^2/(m_e + 2 E).
pub fn max_electron_energy_mev(neutrino_energy_mev: f64) -> f64 {
    2.0 * neutrino_energy_mev.powi(2) / (ELECTRON_MASS_MEV + 2.0 * neutrino_energy_mev)
}

/// Vector and axial coupling of the electron to a neutrino at tree level: g_V = 2 s^2 +- 1/2, g_A = +- 1/2, the upper sign
/// for nu_e, which exchanges a W too.
pub fn electron_couplings(lepton: Lepton) -> (f64, f64) {
    let sign = if lepton == Lepton::Electron { 1.0 } else { -1.0 };
    (WeakCouplings::default().electron(lepton), 0.5 * sign)
}

/// The bracket of the cross section, integrated over a spectrum, as a square in g_V and a rest.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElectronBracket {
    /// What multiplies the square.
    pub square: f64,
    /// What is squared where no mediator adds to it.
    pub amplitude: f64,
    /// What g_V does not touch.
    pub rest: f64,
}

impl ElectronBracket {
    /// At a kinetic energy (MeV), from int phi E^n dE above the lowest neutrino energy for n = 0, -1, -2.
    pub fn new(lepton: Lepton, is_anti: bool, t: f64, [m0, m1, m2]: [f64; 3]) -> ElectronBracket {
        let (vector, axial) = electron_couplings(lepton);
        let axial = if is_anti { -axial } else { axial };
        // A - B without A and B, which are the same but for T/E.
        let difference = t * (2.0 * m1 - t * m2);
        let sum = 2.0 * m0 - difference;
        let helicity = ELECTRON_MASS_MEV * t * m2;
        let square = sum - helicity;
        if square <= 0.0 {
            // The end point, where rounding has the last word.
            return ElectronBracket { square: 0.0, amplitude: vector, rest: 0.0 };
        }
        let shift = difference / square;
        ElectronBracket {
            square,
            amplitude: vector + shift * axial,
            rest: (sum + helicity - difference * shift).max(0.0) * axial * axial,
        }
    }
}

/// G_F^2 m_e/(2 pi) [MeV^-3].
pub fn electron_prefactor_per_mev3() -> f64 {
    FERMI_CONSTANT_PER_MEV2.powi(2) * ELECTRON_MASS_MEV / (2.0 * PI)
}

/// Factor of (g^2 P)^2 in the scalar cross section, without 1/E^2 [MeV^3].
pub fn electron_scalar_factor_mev3(t: f64) -> f64 {
    t * ELECTRON_MASS_MEV * (ELECTRON_MASS_MEV + 0.5 * t) / (4.0 * PI)
}

/// What an exchange at g = 1 adds, times (2 m_e T + M^2): of a vector to g_V [MeV^2], of a scalar to its amplitude.
pub fn electron_exchange(interaction: &Interaction, lepton: Lepton, q2_mev2: f64) -> f64 {
    match interaction {
        Interaction::Vector(vector) => {
            let charges = vector.charges.lepton(lepton) * vector.electron_charge(q2_mev2);
            charges / (SQRT_2 * FERMI_CONSTANT_PER_MEV2)
        }
        Interaction::Scalar(scalar) => scalar.electron,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The formula as it is written, for one neutrino energy.
    fn bracket((vector, axial): (f64, f64), e: f64, t: f64) -> f64 {
        (vector + axial).powi(2) + ((vector - axial) * (1.0 - t / e)).powi(2)
            - (vector.powi(2) - axial.powi(2)) * ELECTRON_MASS_MEV * t / (e * e)
    }

    #[test]
    fn square_and_rest_are_the_bracket_whatever_is_added_to_the_vector_coupling() {
        for (lepton, is_anti) in [(Lepton::Electron, false), (Lepton::Muon, true), (Lepton::Tau, false)] {
            let (vector, axial) = electron_couplings(lepton);
            let axial = if is_anti { -axial } else { axial };
            for (e, part) in [(0.1, 0.9), (1.0, 1e-3), (30.0, 1e-5), (30.0, 0.5), (52.0, 0.999)] {
                let t = part * max_electron_energy_mev(e);
                let parts = ElectronBracket::new(lepton, is_anti, t, [1.0, 1.0 / e, 1.0 / (e * e)]);
                assert!(parts.square > 0.0 && parts.rest >= 0.0);
                for added in [0.0, 1e-3, -0.7, 40.0] {
                    let expected = bracket((vector + added, axial), e, t);
                    let found = parts.square * (parts.amplitude + added).powi(2) + parts.rest;
                    assert!((found - expected).abs() < 1e-12 * (1.0 + added * added), "{e} {t} {added}");
                }
            }
        }
    }

    #[test]
    fn end_points_are_each_others_inverse() {
        for e in [0.01, 0.3, 16.5, 52.8] {
            assert!((min_neutrino_energy_mev(max_electron_energy_mev(e)) / e - 1.0).abs() < 1e-13);
        }
    }
}
