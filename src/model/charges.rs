//! U(1)' charges (table 1) and the gauge-anomaly condition (3.9).

use crate::constants::{ELECTRON_MASS_MEV, MUON_MASS_MEV, TAU_MASS_MEV};

/// Lepton generation; a neutrino carries the charge of its generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lepton {
    /// e and nu_e.
    Electron,
    /// mu and nu_mu.
    Muon,
    /// tau and nu_tau.
    Tau,
}

impl Lepton {
    /// All generations.
    pub const ALL: [Lepton; 3] = [Lepton::Electron, Lepton::Muon, Lepton::Tau];

    /// Name in tables: `e`, `mu` or `tau`.
    pub fn name(self) -> &'static str {
        match self {
            Lepton::Electron => "e",
            Lepton::Muon => "mu",
            Lepton::Tau => "tau",
        }
    }

    /// Symbol in figures, in their markup.
    pub fn symbol(self) -> &'static str {
        match self {
            Lepton::Electron => "e",
            Lepton::Muon => "μ",
            Lepton::Tau => "τ",
        }
    }

    /// Mass of the charged lepton (MeV).
    pub fn mass_mev(self) -> f64 {
        match self {
            Lepton::Electron => ELECTRON_MASS_MEV,
            Lepton::Muon => MUON_MASS_MEV,
            Lepton::Tau => TAU_MASS_MEV,
        }
    }
}

/// Charges of the fermions under U(1)' (table 1).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Charges {
    /// Q'_u.
    pub up: f64,
    /// Q'_d.
    pub down: f64,
    /// Q'_e.
    pub electron: f64,
    /// Q'_mu.
    pub muon: f64,
    /// Q'_tau.
    pub tau: f64,
}

/// Charges of the quarks that nuclei do not hold; where a model file leaves them out they follow the first generation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HeavyQuarks {
    /// Q'_s.
    pub strange: f64,
    /// Q'_c.
    pub charm: f64,
    /// Q'_b.
    pub bottom: f64,
    /// Q'_t.
    pub top: f64,
}

impl Charges {
    /// Q'_l.
    pub fn lepton(&self, lepton: Lepton) -> f64 {
        match lepton {
            Lepton::Electron => self.electron,
            Lepton::Muon => self.muon,
            Lepton::Tau => self.tau,
        }
    }

    /// Sum of the lepton charges. Zero makes the one-loop kinetic mixing finite.
    pub fn lepton_sum(&self) -> f64 {
        self.electron + self.muon + self.tau
    }

    /// 2Q'_u + Q'_d, the charge of a proton.
    pub fn proton(&self) -> f64 {
        2.0 * self.up + self.down
    }

    /// Q'_u + 2Q'_d, the charge of a neutron.
    pub fn neutron(&self) -> f64 {
        self.up + 2.0 * self.down
    }
}
