//! Decays of charged pions and kaons to a lepton, a neutrino and a scalar that ends as two more neutrinos, from searches for
//! decays to three neutrinos; L = -g phi nubar nu.

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::Result;
use crate::base::constants::{MUON_MASS_MEV, PION_MASS_MEV};
use crate::base::document::Section;
use crate::base::quadrature::Rule;
use crate::physics::model::Lepton;

/// Mass of the charged kaon (MeV) (PDG).
const KAON_MASS_MEV: f64 = 493.677;
/// Gauss points in ln s.
const POINTS: usize = 64;

/// A decay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decay {
    meson_mev: f64,
    lepton_mev: f64,
}

impl Decay {
    /// Reads `meson` and `lepton`.
    ///
    /// # Errors
    /// Others than pion and kaon, e and mu.
    pub(crate) fn read(section: &Section) -> Result<Decay> {
        let meson_mev = match section.choice("meson", &["pion", "kaon"])? {
            "pion" => PION_MASS_MEV,
            _ => KAON_MASS_MEV,
        };
        let lepton = if section.choice("lepton", &["e", "mu"])? == "e" { Lepton::Electron } else { Lepton::Muon };
        Ok(Decay { meson_mev, lepton_mev: lepton.mass_mev() })
    }

    /// Gamma(P -> l nu phi)/Gamma(P -> mu nu) at g = 1 for a scalar's mass (MeV); 0 where it is too heavy.
    pub fn ratio(&self, mass_mev: f64) -> f64 {
        let (m, l) = (self.meson_mev, self.lepton_mev);
        let (low, high) = (mass_mev.powi(2), (m - l).powi(2));
        if mass_mev >= m - l {
            return 0.0;
        }
        static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::piecewise(&[0.0, 1.0], &[POINTS]));
        let (from, length) = (low.ln(), (high / low).ln());
        let width = length
            * RULE.integrate(|share| {
                let s = (from + length * share).exp();
                let (k_q, p_q) = (0.5 * (s - low), 0.5 * (m * m - s - l * l));
                let amplitude = 8.0 * k_q / s * (p_q + l * l * p_q / s + 2.0 * l * l);
                let momentum = kallen(m * m, s, l * l).max(0.0).sqrt() / (8.0 * PI * m * m);
                s * amplitude * momentum * (1.0 - low / s) / (8.0 * PI) / (2.0 * PI)
            });
        let muonic = m * MUON_MASS_MEV.powi(2) * (1.0 - (MUON_MASS_MEV / m).powi(2)).powi(2) / (8.0 * PI);
        0.5 * width / (2.0 * m) / muonic
    }
}

fn kallen(a: f64, b: f64, c: f64) -> f64 {
    a * a + b * b + c * c - 2.0 * (a * b + b * c + c * a)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The massless limit m_P^2/(96 pi^2 m_mu^2 (1 - m_mu^2/m_P^2)^2) by hand; the others by an independent calculation.
    #[test]
    fn ratios_meet_the_massless_limit_and_an_independent_calculation() {
        let decay = |meson_mev, lepton: Lepton| Decay { meson_mev, lepton_mev: lepton.mass_mev() };
        let k_e = decay(KAON_MASS_MEV, Lepton::Electron);
        for (decay, mass, expected) in [
            (k_e, 1e-3, 0.025307),
            (decay(KAON_MASS_MEV, Lepton::Muon), 10.0, 0.03886),
            (decay(PION_MASS_MEV, Lepton::Electron), 1.0, 0.010082),
        ] {
            let got = decay.ratio(mass);
            assert!((got / expected - 1.0).abs() < 2e-3, "{got} {expected}");
        }
        assert_eq!(k_e.ratio(500.0), 0.0);
    }
}
