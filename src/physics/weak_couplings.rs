//! Couplings of neutrinos to matter by W, Z and photon: the Standard Model's, and what else they may be.
//!
//! Per flavour of the neutrino, vector couplings of proton, neutron and electron in the normalisation of (3.2), in which a
//! proton has 1/2 - 2 sin^2 theta_W at tree level, and a neutron -1/2; and the magnetic moment, which adds without
//! interference.

use std::f64::consts::{PI, SQRT_2};

use crate::base::constants::{
    FERMI_CONSTANT_PER_MEV2, FINE_STRUCTURE, HBAR_C_MEV_FM, NEUTRON_COUPLING, PROTON_COUPLING_NU_E,
    PROTON_COUPLING_NU_MU, WEAK_ANGLE_SIN2,
};
pub use crate::physics::model::Edition;
use crate::physics::model::Lepton;
use crate::physics::nuclear::Isotope;

/// (hbar c)^2 [MeV^2 cm^2].
const MEV2_CM2: f64 = HBAR_C_MEV_FM * HBAR_C_MEV_FM * 1e-26;
/// The Standard Model's charge radii [1e-32 cm^2] of nu_e, nu_mu, nu_tau, which its couplings hold already: J. Bernabeu,
/// J. Papavassiliou, J. Vidal, Nucl. Phys. B 680 (2004) 450, as quoted with their sign in arXiv:1810.05606.
pub const STANDARD_CHARGE_RADII_1E32_CM2: [f64; 3] = [-0.83, -0.48, -0.30];

/// A light quark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quark {
    /// Up.
    Up,
    /// Down.
    Down,
}

/// What a neutrino of each flavour (e, mu, tau) couples with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeakCouplings {
    /// To a proton.
    proton: [f64; 3],
    /// To a neutron.
    neutron: [f64; 3],
    /// To an electron, the vector coupling g_V at tree level.
    electron: [f64; 3],
    /// Magnetic moments, in Bohr magnetons.
    magnetic_moment: [f64; 3],
}

impl Default for WeakCouplings {
    /// The paper's.
    fn default() -> Self {
        WeakCouplings::of(Edition::Of2022)
    }
}

impl WeakCouplings {
    /// The Standard Model's.
    pub fn of(edition: Edition) -> WeakCouplings {
        let (proton, neutron) = match edition {
            // The paper has no nu_tau: none reaches the detectors; without oscillations it would couple like nu_mu.
            Edition::Of2022 => ([PROTON_COUPLING_NU_E, PROTON_COUPLING_NU_MU, PROTON_COUPLING_NU_MU], NEUTRON_COUPLING),
            Edition::Of2024 => ([0.0381, 0.0299, 0.0255], -0.5117),
        };
        let electron = |sign: f64| 2.0 * WEAK_ANGLE_SIN2 + 0.5 * sign;
        WeakCouplings {
            proton,
            neutron: [neutron; 3],
            electron: [electron(1.0), electron(-1.0), electron(-1.0)],
            magnetic_moment: [0.0; 3],
        }
    }

    /// The same at another sin^2 theta_W (MS-bar, low momentum transfer) than 0.23863: a proton's coupling falls by twice the
    /// difference, an electron's grows by it; radiative corrections stay as they are, the neutron does not know of it.
    pub fn with_weak_angle(mut self, sin2_theta_w: f64) -> WeakCouplings {
        let change = 2.0 * (sin2_theta_w - WEAK_ANGLE_SIN2);
        self.proton.iter_mut().for_each(|proton| *proton -= change);
        self.electron.iter_mut().for_each(|electron| *electron += change);
        self
    }

    /// The same with a charge radius <r^2> [1e-32 cm^2] of one flavour in place of the Standard Model's
    /// ([`STANDARD_CHARGE_RADII_1E32_CM2`]): a charge of 1 loses sqrt2 pi alpha/(3 G_F) times the difference
    /// (arXiv:1810.05606).
    pub fn with_charge_radius(mut self, lepton: Lepton, radius_1e32_cm2: f64) -> WeakCouplings {
        let own = lepton as usize;
        let change_per_mev2 = (radius_1e32_cm2 - STANDARD_CHARGE_RADII_1E32_CM2[own]) * 1e-32 / MEV2_CM2;
        let change = SQRT_2 * PI * FINE_STRUCTURE / (3.0 * FERMI_CONSTANT_PER_MEV2) * change_per_mev2;
        self.proton[own] -= change;
        self.electron[own] += change;
        self
    }

    /// The same with a non-standard interaction epsilon^{qV} of one flavour with itself: a proton gains 2 eps^u + eps^d, a
    /// neutron eps^u + 2 eps^d (J. Barranco, O. G. Miranda, T. I. Rashba, JHEP 12 (2005) 021).
    pub fn with_non_standard(mut self, quark: Quark, lepton: Lepton, epsilon: f64) -> WeakCouplings {
        let (in_proton, in_neutron) = match quark {
            Quark::Up => (2.0, 1.0),
            Quark::Down => (1.0, 2.0),
        };
        self.proton[lepton as usize] += in_proton * epsilon;
        self.neutron[lepton as usize] += in_neutron * epsilon;
        self
    }

    /// The same with a magnetic moment (in Bohr magnetons) of one flavour.
    pub fn with_magnetic_moment(mut self, lepton: Lepton, moment: f64) -> WeakCouplings {
        self.magnetic_moment[lepton as usize] = moment;
        self
    }

    /// Weak charge of a nucleus, Q_l = g_V^p(nu_l) Z F_Z + g_V^n N F_N (3.2).
    pub fn charge(&self, isotope: &Isotope, lepton: Lepton, q2_mev2: f64) -> f64 {
        let own = lepton as usize;
        self.proton[own] * isotope.coherent_protons(q2_mev2) + self.neutron[own] * isotope.coherent_neutrons(q2_mev2)
    }

    /// Vector coupling g_V of an electron.
    pub fn electron(&self, lepton: Lepton) -> f64 {
        self.electron[lepton as usize]
    }

    /// Magnetic moment, in Bohr magnetons.
    pub fn magnetic_moment(&self, lepton: Lepton) -> f64 {
        self.magnetic_moment[lepton as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Derived: the couplings of 2024 from radiative corrections (J. Erler, S. Su, Prog. Part. Nucl. Phys. 71 (2013) 119, in
    /// the form of the appendix of arXiv:2303.09360): boxes of W and Z, and the radii of the neutrinos' charges. alpha(M_Z),
    /// sin^2 theta_W(M_Z), alpha_s, masses and the quarks' chiral couplings are the Particle Data Group's and that paper's.
    #[test]
    fn radiative_corrections_make_the_couplings_of_2024() {
        const RHO: f64 = 1.00063;
        const W_MASS_MEV: f64 = 80_377.0;
        const LEPTON_MASSES_MEV: [f64; 3] = [0.510_999, 105.658_4, 1776.86];
        let (alpha, sin2, strong_at_w, strong_at_z) = (1.0 / 127.952, 0.23122, 0.123, 0.1185);
        let w_box = -alpha / (2.0 * PI * sin2) * (1.0 - strong_at_w / (2.0 * PI));
        let crossed_w_box = alpha / (8.0 * PI * sin2) * (1.0 + strong_at_w / PI);
        let z_box =
            |chiral: f64| -3.0 * alpha / (8.0 * PI * sin2 * (1.0 - sin2)) * chiral.powi(2) * (1.0 - strong_at_z / PI);
        let (up, down) = (z_box(0.3457) - z_box(-0.1553), z_box(-0.4288) - z_box(0.0777));
        let found = WeakCouplings::of(Edition::Of2024);
        for (mass_mev, own) in LEPTON_MASSES_MEV.into_iter().zip(found.proton) {
            let radius = -FINE_STRUCTURE / (6.0 * PI) * (2.0 * (W_MASS_MEV / mass_mev).ln() + 1.5);
            let tree = RHO * (0.5 - 2.0 * WEAK_ANGLE_SIN2);
            let proton = tree + 2.0 * crossed_w_box + w_box - 2.0 * radius + RHO * (2.0 * up + down);
            assert!((own - proton).abs() < 1e-4, "{own} {proton}");
        }
        let neutron = -0.5 * RHO + 2.0 * w_box + crossed_w_box + RHO * (2.0 * down + up);
        assert!((found.neutron[0] - neutron).abs() < 1e-4, "{neutron}");
        // The paper's are others, by more than that.
        assert!((WeakCouplings::default().neutron[0] - neutron).abs() > 1e-3);
    }

    #[test]
    fn charge_radii_are_what_tells_flavours_apart() {
        // Derived: without them all flavours couple alike, so nu_e and nu_mu differ by theirs; the constants are given to
        // four decimals, the radii to two.
        for edition in [Edition::Of2022, Edition::Of2024] {
            let flat = Lepton::ALL
                .into_iter()
                .fold(WeakCouplings::of(edition), |couplings, lepton| couplings.with_charge_radius(lepton, 0.0));
            assert!((flat.proton[0] - flat.proton[1]).abs() < 3e-4, "{flat:?}");
            // The paper has no coupling of nu_tau.
            let tells_tau = edition == Edition::Of2024;
            assert!(!tells_tau || (flat.proton[1] - flat.proton[2]).abs() < 3e-4, "{flat:?}");
        }
        // Published: the same in numbers, arXiv:1810.05606: Q = sqrt2 pi alpha/(3 G_F) <r^2>.
        let change = WeakCouplings::default().with_charge_radius(Lepton::Muon, 0.52).proton[1] - PROTON_COUPLING_NU_MU;
        assert!((change / -0.0238 - 1.0).abs() < 2e-3, "{change}");
    }

    #[test]
    fn the_angle_moves_protons_and_electrons_the_other_way() {
        let moved = WeakCouplings::default().with_weak_angle(WEAK_ANGLE_SIN2 + 0.01);
        for lepton in 0..3 {
            let standard = WeakCouplings::default();
            assert!((moved.proton[lepton] - standard.proton[lepton] + 0.02).abs() < 1e-15);
            assert!((moved.electron[lepton] - standard.electron[lepton] - 0.02).abs() < 1e-15);
            assert_eq!(moved.neutron[lepton], standard.neutron[lepton]);
        }
    }
}
