//! Differential cross sections of coherent scattering, from nucleus and model.

mod electrons;
mod interference;

pub use electrons::{
    ElectronBracket, electron_couplings, electron_exchange, electron_prefactor_per_mev3, electron_scalar_factor_mev3,
    max_electron_energy_mev, min_neutrino_energy_mev,
};
pub use interference::{Couplings, Exchange, Interference, TYPICAL_MOMENTUM_MEV, interference};

use std::f64::consts::PI;

use crate::base::constants::{ELECTRON_MASS_MEV, FERMI_CONSTANT_PER_MEV2, FINE_STRUCTURE};
use crate::base::search;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::nuclear::Isotope;
use crate::physics::weak_couplings::WeakCouplings;

/// Standard Model weak charge Q_l = g_V^p(nu_l) Z F_Z + g_V^n N F_N (3.2), with the paper's constants.
pub fn weak_charge(isotope: &Isotope, lepton: Lepton, q2_mev2: f64) -> f64 {
    WeakCouplings::default().charge(isotope, lepton, q2_mev2)
}

/// Factor of the square of a magnetic moment (in Bohr magnetons) and a charge in the cross section on a particle at rest,
/// without the flux-dependent bracket 1/T - 1/E: pi alpha^2/m_e^2 [MeV^-2] (P. Vogel, J. Engel, Phys. Rev. D 39 (1989)
/// 3378).
pub fn magnetic_prefactor_per_mev2() -> f64 {
    PI * (FINE_STRUCTURE / ELECTRON_MASS_MEV).powi(2)
}

/// What an exchange at g = 1 adds to the amplitude, times (|q|^2 + M^2).
///
/// Vector (3.7, 3.19): to the weak charge [MeV^2]. Scalar (3.32): the nuclear charge of the scalar, a pure number.
pub fn mediator_amplitude(interaction: &Interaction, isotope: &Isotope, lepton: Lepton, q2_mev2: f64) -> f64 {
    let (protons, neutrons) = (isotope.coherent_protons(q2_mev2), isotope.coherent_neutrons(q2_mev2));
    match interaction {
        Interaction::Vector(vector) => {
            let couplings = vector.nucleon_couplings_mev2(lepton, q2_mev2);
            couplings.proton * protons + couplings.neutron * neutrons
        }
        Interaction::Scalar(scalar) => scalar.proton * protons + scalar.neutron * neutrons,
    }
}

/// Factor of Q^2 in the vector cross section (3.1), without the flux-dependent bracket: G_F^2 M/pi [MeV^-3].
pub fn vector_prefactor_per_mev3(isotope: &Isotope) -> f64 {
    FERMI_CONSTANT_PER_MEV2.powi(2) * isotope.mass_mev() / PI
}

/// Factor of (g^2 P)^2 charge^2 in the scalar cross section (3.32), without 1/E^2: M^2 T/(4 pi) [MeV^3].
pub fn scalar_prefactor_mev3(isotope: &Isotope, recoil_energy_mev: f64) -> f64 {
    isotope.mass_mev().powi(2) * recoil_energy_mev / (4.0 * PI)
}

/// The two amplitudes at one point of the plane: total weak charge, and scalar charge times g^2/(|q|^2 + M^2) [MeV^-2].
pub fn amplitudes(
    model: &Model,
    isotope: &Isotope,
    lepton: Lepton,
    recoil_energy_mev: f64,
    (mass_mev, coupling): (f64, f64),
) -> (f64, f64) {
    let q2 = isotope.momentum_transfer_squared_mev2(recoil_energy_mev);
    let mut charge = WeakCouplings::of(model.standard).charge(isotope, lepton, q2);
    let mut scalar = 0.0;
    for mediator in &model.mediators {
        let exchange = (mediator.coupling_ratio * coupling).powi(2) / (q2 + (mediator.mass_ratio * mass_mev).powi(2))
            * mediator_amplitude(&mediator.interaction, isotope, lepton, q2);
        match mediator.interaction {
            Interaction::Vector(_) => charge += exchange,
            Interaction::Scalar(_) => scalar += exchange,
        }
    }
    (charge, scalar)
}

/// Step of the search for sign changes, as a ratio of recoil energies: roots nearer than this to each other are missed.
const SEARCH_STEP: f64 = 1.01;
/// The search begins at this fraction of the highest energy.
const SEARCH_FROM: f64 = 1e-4;

/// The lowest recoil energy (MeV) up to `highest_mev` at which the total weak charge of a nucleus vanishes, form factors
/// included, to 1e-12: there is no coherent scattering of this flavour there (3.17, 3.18, 3.21). `None` where it has no
/// zero, and for models with a scalar, which always adds events.
pub fn zero_rate_recoil_energy_mev(
    model: &Model,
    isotope: &Isotope,
    lepton: Lepton,
    point: (f64, f64),
    highest_mev: f64,
) -> Option<f64> {
    let has_scalar = model.mediators.iter().any(|mediator| matches!(mediator.interaction, Interaction::Scalar(_)));
    if has_scalar || !(highest_mev > 0.0 && highest_mev.is_finite()) {
        return None;
    }
    let charge = |t: f64| amplitudes(model, isotope, lepton, t, point).0;
    let mut low = (SEARCH_FROM * highest_mev, charge(SEARCH_FROM * highest_mev));
    while low.0 < highest_mev {
        let t = (low.0 * SEARCH_STEP).min(highest_mev);
        let high = (t, charge(t));
        if low.1 == 0.0 || low.1 * high.1 < 0.0 {
            return search::root(low, high, 1e-12 * highest_mev, |t| Ok(charge(t))).ok();
        }
        low = high;
    }
    None
}
