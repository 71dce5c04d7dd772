//! Neutrinos, from pions that decay at rest or by a table: of what energy, and when they arrive.

mod arrival;
mod spectrum;

pub use arrival::{BeamTrace, TimeEfficiency, arrival_fractions};
pub use spectrum::Spectrum;

use crate::base::constants::{MUON_LIFETIME_NS, MUON_MASS_MEV, PION_LIFETIME_NS, PION_MASS_MEV};
use crate::physics::model::Lepton;

/// One flavour of a source.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Name in tables, e.g. `nu_mu_bar`.
    pub name: &'static str,
    /// Name in figures, in their markup.
    pub label: &'static str,
    /// Generation: decides the couplings. To nuclei an antineutrino couples like its neutrino.
    pub lepton: Lepton,
    /// Whether it is an antineutrino.
    pub is_anti: bool,
    /// Energies, per unit of the fluence.
    pub spectrum: Spectrum,
    /// Index of its time class.
    pub class: usize,
}

/// Neutrinos that arrive with one distribution in time.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TimeClass {
    /// Name in tables, e.g. `prompt`.
    pub name: &'static str,
    /// Lifetimes of the decays in the chain (ns): the beam trace is convolved with each exponential. None for a source
    /// that is always on.
    pub lifetimes_ns: Vec<f64>,
}

/// A source: flavours and time classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Flavours.
    pub components: Vec<Component>,
    /// Time classes the flavours refer to.
    pub classes: Vec<TimeClass>,
}

/// Energy of the nu_mu of a pion decay at rest (MeV): (m_pi^2 - m_mu^2)/(2 m_pi) = 29.79 (2.1).
pub fn pion_line_energy_mev() -> f64 {
    (PION_MASS_MEV.powi(2) - MUON_MASS_MEV.powi(2)) / (2.0 * PION_MASS_MEV)
}

impl Source {
    /// Pion decay at rest (2.1-2.3): nu_mu prompt; nu_mu_bar and nu_e of the muon's decay, delayed.
    pub fn pion_decay_at_rest() -> Source {
        let m = MUON_MASS_MEV;
        let end_point_mev = 0.5 * m;
        // 64 E^2/m^3 (3/4 - E/m) and 192 E^2/m^3 (1/2 - E/m) as coefficients of E^2 and E^3.
        let michel = |scale: f64, constant: f64| Spectrum::Polynomial {
            coefficients: vec![0.0, 0.0, scale * constant / m.powi(3), -scale / m.powi(4)],
            end_point_mev,
        };
        let (prompt, delayed) = (0, 1);
        Source {
            components: vec![
                Component {
                    name: "nu_mu",
                    label: "$ν_μ$",
                    lepton: Lepton::Muon,
                    is_anti: false,
                    spectrum: Spectrum::Line { energy_mev: pion_line_energy_mev() },
                    class: prompt,
                },
                Component {
                    name: "nu_mu_bar",
                    label: "$ν\u{304}_μ$",
                    lepton: Lepton::Muon,
                    is_anti: true,
                    spectrum: michel(64.0, 0.75),
                    class: delayed,
                },
                Component {
                    name: "nu_e",
                    label: "$ν_e$",
                    lepton: Lepton::Electron,
                    is_anti: false,
                    spectrum: michel(192.0, 0.5),
                    class: delayed,
                },
            ],
            classes: vec![
                TimeClass { name: "prompt", lifetimes_ns: vec![PION_LIFETIME_NS] },
                TimeClass { name: "delayed", lifetimes_ns: vec![PION_LIFETIME_NS, MUON_LIFETIME_NS] },
            ],
        }
    }

    /// A source that is always on, by a table of each flavour's spectrum.
    pub fn steady(spectra: Vec<(Flavour, Spectrum)>) -> Source {
        let component = |(flavour, spectrum): (Flavour, Spectrum)| Component {
            name: flavour.name,
            label: flavour.label,
            lepton: flavour.lepton,
            is_anti: flavour.is_anti,
            spectrum,
            class: 0,
        };
        Source {
            components: spectra.into_iter().map(component).collect(),
            classes: vec![TimeClass { name: "steady", lifetimes_ns: Vec::new() }],
        }
    }
}

/// A flavour that a table may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Flavour {
    /// Name in tables, e.g. `nu_mu_bar`.
    pub name: &'static str,
    /// Name in figures.
    pub label: &'static str,
    /// Generation.
    pub lepton: Lepton,
    /// Whether it is an antineutrino.
    pub is_anti: bool,
}

impl Flavour {
    /// All flavours.
    pub const ALL: [Flavour; 6] = [
        Flavour { name: "nu_e", label: "$ν_e$", lepton: Lepton::Electron, is_anti: false },
        Flavour { name: "nu_mu", label: "$ν_μ$", lepton: Lepton::Muon, is_anti: false },
        Flavour { name: "nu_tau", label: "$ν_τ$", lepton: Lepton::Tau, is_anti: false },
        Flavour { name: "nu_e_bar", label: "$ν\u{304}_e$", lepton: Lepton::Electron, is_anti: true },
        Flavour { name: "nu_mu_bar", label: "$ν\u{304}_μ$", lepton: Lepton::Muon, is_anti: true },
        Flavour { name: "nu_tau_bar", label: "$ν\u{304}_τ$", lepton: Lepton::Tau, is_anti: true },
    ];
}
