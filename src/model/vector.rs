//! Vector mediators: effective charges of nucleons as a neutrino of one flavour sees them.

use std::f64::consts::{PI, SQRT_2};

use crate::constants::{FERMI_CONSTANT_PER_MEV2, FINE_STRUCTURE};

use super::{Charges, HeavyQuarks, Lepton, one_loop_mixing};

/// A Z' by its U(1)' charges.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VectorCouplings {
    /// U(1)' charges.
    pub charges: Charges,
    /// Those of the quarks that only other experiments see.
    pub heavy_quarks: HeavyQuarks,
    /// Whether the loop of charged leptons mixes the Z' with the photon (3.19); it needs lepton charges that add to 0.
    pub one_loop_mixing: bool,
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
    /// sqrt2 alpha Q'_l eps(|q|)/(pi G_F) to the proton's.
    pub fn nucleon_couplings_mev2(&self, lepton: Lepton, q2_mev2: f64) -> NucleonCouplings {
        let lepton_charge = self.charges.lepton(lepton);
        let tree = lepton_charge / (SQRT_2 * FERMI_CONSTANT_PER_MEV2);
        let loop_factor = if self.one_loop_mixing {
            let mixing = one_loop_mixing(&self.charges, q2_mev2);
            SQRT_2 * FINE_STRUCTURE * lepton_charge * mixing / (PI * FERMI_CONSTANT_PER_MEV2)
        } else {
            0.0
        };
        NucleonCouplings { proton: tree * self.charges.proton() + loop_factor, neutron: tree * self.charges.neutron() }
    }
}
