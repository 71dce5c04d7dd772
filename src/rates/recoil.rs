//! Events per recoil energy, less what models change: the integrand of (2.4) once the neutrino energies are integrated.

use crate::base::constants::HBAR_C_MEV_FM;
use crate::dataset::{Dataset, Target};
use crate::physics::cross_section::{scalar_prefactor_mev3, vector_prefactor_per_mev3};
use crate::physics::flux::Component;

/// (hbar c)^2 in MeV^2 cm^2: cross sections from MeV^-2 to cm^2.
const MEV2_CM2: f64 = HBAR_C_MEV_FM * HBAR_C_MEV_FM * 1e-26;

/// Factors of the squared amplitudes at one recoil energy: events per MeV of true recoil energy in the exposure.
pub(super) struct RecoilWeights {
    /// Of the total weak charge squared (3.1).
    pub vector: f64,
    /// Of the scalar amplitude squared [MeV^4] (3.32).
    pub scalar: f64,
}

/// The weights of one nucleus and flavour at a true recoil energy (MeV) up to the flavour's end point:
/// targets x fluence x int dE phi(E) x kinematics, without response.
pub(super) fn recoil_weights(dataset: &Dataset, target: &Target, component: &Component, t: f64) -> RecoilWeights {
    let isotope = &target.isotope;
    let exposure = target.nuclei * dataset.fluence_per_cm2 * MEV2_CM2;
    let min_energy_mev = (0.5 * isotope.mass_mev() * t).sqrt();
    let inverse_square = component.spectrum.moment(-2, min_energy_mev);
    let bracket = component.spectrum.moment(0, min_energy_mev) - 0.5 * isotope.mass_mev() * t * inverse_square;
    RecoilWeights {
        // The bracket is an integral over (1 - M T/(2E^2)) >= 0; rounding at the end point must not turn its sign.
        vector: exposure * vector_prefactor_per_mev3(isotope) * bracket.max(0.0),
        scalar: exposure * scalar_prefactor_mev3(isotope, t) * inverse_square.max(0.0),
    }
}
