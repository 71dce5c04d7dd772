//! U(1)' charges (table 1), the gauged combinations of baryon and lepton numbers (3.8) and their anomaly condition (3.9).

use crate::base::constants::{ELECTRON_MASS_MEV, MUON_MASS_MEV, TAU_MASS_MEV};

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

/// c_1 B_1 + c_2 B_2 + c_3 B_3 - c_e L_e - c_mu L_mu - c_tau L_tau (3.8), of baryon number by generation of quarks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coefficients {
    /// c_1, c_2, c_3.
    pub baryon: [f64; 3],
    /// c_e, c_mu, c_tau.
    pub lepton: [f64; 3],
}

impl Coefficients {
    /// What c_1 + c_2 + c_3 - c_e - c_mu - c_tau may be off 0: coefficients are written with up to 17 digits.
    pub const TOLERANCE: f64 = 1e-12;

    /// Charges of the first generation of quarks, c_1/3, and of the leptons.
    pub fn charges(&self) -> Charges {
        // Leptons without a charge get 0, not -0.
        let [electron, muon, tau] = self.lepton.map(|c| 0.0 - c);
        let quark = self.baryon[0] / 3.0;
        Charges { up: quark, down: quark, electron, muon, tau }
    }

    /// Charges of the other generations of quarks, c_2/3 and c_3/3.
    pub fn heavy_quarks(&self) -> HeavyQuarks {
        let [_, second, third] = self.baryon.map(|c| c / 3.0);
        HeavyQuarks { strange: second, charm: second, bottom: third, top: third }
    }

    /// c_1 + c_2 + c_3 - c_e - c_mu - c_tau, which (3.9) wants to be 0.
    pub fn anomaly(&self) -> f64 {
        self.baryon.iter().sum::<f64>() - self.lepton.iter().sum::<f64>()
    }

    /// Whether the gauge anomalies cancel (3.9), with three right-handed neutrinos.
    pub(crate) fn is_anomaly_free(&self) -> bool {
        self.anomaly().abs() <= Coefficients::TOLERANCE
    }
}
