//! Vector mediators: effective charges of nucleons as a neutrino of one flavour sees them.

use std::f64::consts::{PI, SQRT_2};

use crate::base::constants::{FERMI_CONSTANT_PER_MEV2, FINE_STRUCTURE};

use super::{Charges, Coefficients, HeavyQuarks, Lepton, one_loop_mixing};

/// A Z' by its U(1)' charges and its mixing with the photon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VectorCouplings {
    /// U(1)' charges.
    pub charges: Charges,
    /// Those of the quarks that only other experiments see.
    pub heavy_quarks: HeavyQuarks,
    /// Whether the loop of charged leptons mixes the Z' with the photon (3.19); it needs lepton charges that add to 0.
    pub one_loop_mixing: bool,
    /// Kinetic mixing with the photon at tree level over the coupling, epsilon/g: a proton gains the charge
    /// sqrt(4 pi alpha) epsilon/g in units of g. Given over g, so that counts stay polynomials in g^2.
    pub kinetic_mixing: f64,
    /// The combination of baryon and lepton numbers that the charges were given by.
    pub coefficients: Option<Coefficients>,
}

/// Amplitude per coherent proton and neutron.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NucleonCouplings {
    /// Factor of Z F_Z.
    pub proton: f64,
    /// Factor of N F_N.
    pub neutron: f64,
}

impl VectorCouplings {
    /// What (3.7) and (3.19) add to the weak charge Q_l per coherent nucleon at g = 1, times (|q|^2 + M^2) [MeV^2]:
    /// Q'_l (2Q'_u + Q'_d)/(sqrt2 G_F) and Q'_l (Q'_u + 2Q'_d)/(sqrt2 G_F); the loop adds
    /// sqrt2 alpha Q'_l eps(|q|)/(pi G_F) to the proton's, mixing at tree level Q'_l sqrt(4 pi alpha) (epsilon/g)/(sqrt2 G_F).
    pub fn nucleon_couplings_mev2(&self, lepton: Lepton, q2_mev2: f64) -> NucleonCouplings {
        let lepton_charge = self.charges.lepton(lepton);
        let tree = lepton_charge / (SQRT_2 * FERMI_CONSTANT_PER_MEV2);
        let loop_factor = if self.one_loop_mixing {
            let mixing = one_loop_mixing(&self.charges, q2_mev2);
            SQRT_2 * FINE_STRUCTURE * lepton_charge * mixing / (PI * FERMI_CONSTANT_PER_MEV2)
        } else {
            0.0
        };
        let mixing = tree * self.mixed_charge();
        let proton = tree * self.charges.proton() + loop_factor + mixing;
        NucleonCouplings { proton, neutron: tree * self.charges.neutron() }
    }
}

impl VectorCouplings {
    /// Charges of proton and neutron in units of g, all mixing included: what multiplies Q'_l Z F_Z and Q'_l N F_N
    /// over sqrt2 G_F in the amplitude.
    pub fn nucleon_charges(&self, q2_mev2: f64) -> NucleonCouplings {
        let at_loop = if self.one_loop_mixing { one_loop_mixing(&self.charges, q2_mev2) } else { 0.0 };
        let at_tree = self.mixed_charge();
        NucleonCouplings {
            proton: self.charges.proton() + 2.0 * FINE_STRUCTURE / PI * at_loop + at_tree,
            neutron: self.charges.neutron(),
        }
    }

    /// Charge of a charged lepton in units of g: Q'_l, and what mixing at tree level gives to a charge of -1.
    pub fn charged_lepton_charge(&self, lepton: Lepton) -> f64 {
        self.charges.lepton(lepton) - self.mixed_charge()
    }

    /// The charge of the electron as a neutrino sees it at a space-like |q|^2 (MeV^2), in units of g: Q'_e, what mixing at
    /// tree level adds, and the loop of charged leptons, -(2 alpha/pi) eps(|q|) (3.20), where the model has it.
    pub fn electron_charge(&self, q2_mev2: f64) -> f64 {
        let at_loop = if self.one_loop_mixing { one_loop_mixing(&self.charges, q2_mev2) } else { 0.0 };
        self.charged_lepton_charge(Lepton::Electron) - 2.0 * FINE_STRUCTURE / PI * at_loop
    }

    /// What mixing at tree level gives to a positive unit charge, in units of g.
    fn mixed_charge(&self) -> f64 {
        (4.0 * PI * FINE_STRUCTURE).sqrt() * self.kinetic_mixing
    }
}
