//! Partial and total widths of a vector boson.

use std::f64::consts::PI;

use super::couplings::Couplings;
use super::hadrons::Hadrons;
use super::particles::{ELECTROMAGNETIC_COUPLING, HEAVY_QUARK_MASSES_GEV, LEPTON_MASSES_GEV};

/// What the charges do not say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Whether neutrinos are Dirac particles with light right-handed partners, which doubles their widths.
    pub right_handed_neutrinos: bool,
    /// Whether decays to neutrinos count as the signal of a search for missing energy, as in the figures of the paper.
    pub neutrinos_are_missing_energy: bool,
    /// Share of the total width that goes to new invisible particles, at every mass; below 1.
    pub invisible_fraction: f64,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { right_handed_neutrinos: false, neutrinos_are_missing_energy: true, invisible_fraction: 0.0 }
    }
}

/// What a search looks for.
#[derive(Debug, Clone, PartialEq)]
pub enum FinalState {
    /// e+e-, mu+mu-, tau+tau-: 0, 1, 2.
    Leptons(usize),
    /// A hadronic state by its name.
    Hadrons(String),
    /// Missing energy.
    Invisible,
}

impl FinalState {
    /// Why a boson does not decay to it, in words.
    pub fn without(&self, couplings: &Couplings) -> String {
        match self {
            FinalState::Leptons(generation) => {
                let name = ["electrons", "muons", "taus"][*generation];
                if couplings.leptons[*generation] == 0.0 {
                    format!("no coupling to {name}")
                } else {
                    format!("too light for {name}")
                }
            }
            FinalState::Hadrons(name) => {
                let isoscalar = couplings.light_quarks[0] == couplings.light_quarks[1];
                format!("no {name}{}", if isoscalar { ", the boson is isoscalar" } else { "" })
            }
            FinalState::Invisible => "no invisible decays".to_owned(),
        }
    }
}

/// Widths (GeV) at g = 1 of a boson of one mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Widths {
    three_photons: f64,
    leptons: [f64; 3],
    neutrinos: f64,
    heavy_quarks: [f64; 3],
    /// In the order of the states of [`Hadrons`].
    hadrons: Vec<f64>,
    /// New invisible particles.
    invisible: f64,
}

impl Widths {
    /// The widths of a boson of `mass_gev`.
    pub fn new(couplings: &Couplings, hadrons: &Hadrons, settings: Settings, mass_gev: f64) -> Widths {
        let pairs = |colours: f64, x: [f64; 3], masses: [f64; 3]| -> [f64; 3] {
            std::array::from_fn(|i| pair_width(colours, x[i], mass_gev, masses[i]))
        };
        let helicities = if settings.right_handed_neutrinos { 1.0 } else { 0.5 };
        let strengths = hadrons.strengths(couplings, mass_gev);
        let mut widths = Widths {
            three_photons: three_photon_width(couplings.leptons[0], mass_gev),
            leptons: pairs(1.0, couplings.leptons, LEPTON_MASSES_GEV),
            neutrinos: pairs(helicities, couplings.neutrinos, [0.0; 3]).iter().sum(),
            heavy_quarks: pairs(3.0, couplings.heavy_quarks, HEAVY_QUARK_MASSES_GEV),
            hadrons: strengths.into_iter().map(|strength| mass_gev / (12.0 * PI) * strength).collect(),
            invisible: 0.0,
        };
        widths.invisible = widths.total() * settings.invisible_fraction / (1.0 - settings.invisible_fraction);
        widths
    }

    /// All decays.
    pub fn total(&self) -> f64 {
        let sum = |widths: &[f64]| widths.iter().sum::<f64>();
        self.three_photons
            + sum(&self.leptons)
            + self.neutrinos
            + sum(&self.heavy_quarks)
            + sum(&self.hadrons)
            + self.invisible
    }

    /// Decays to some states together; no double counting is looked for.
    pub fn to(&self, states: &[FinalState], hadrons: &Hadrons, settings: Settings) -> f64 {
        let width = |state: &FinalState| match state {
            FinalState::Leptons(generation) => self.leptons[*generation],
            FinalState::Hadrons(name) => hadrons.position(name).map_or(0.0, |i| self.hadrons[i]),
            FinalState::Invisible if settings.neutrinos_are_missing_energy => self.invisible + self.neutrinos,
            FinalState::Invisible => self.invisible,
        };
        states.iter().map(width).sum()
    }
}

/// C x^2 m/(12 pi) (1 + 2 m_f^2/m^2) sqrt(1 - 4 m_f^2/m^2), zero below the threshold.
fn pair_width(colours: f64, x: f64, mass_gev: f64, fermion_gev: f64) -> f64 {
    let ratio = (fermion_gev / mass_gev).powi(2);
    let phase_space = 1.0 - 4.0 * ratio;
    if phase_space <= 0.0 {
        return 0.0;
    }
    colours * x * x * mass_gev / (12.0 * PI) * (1.0 + 2.0 * ratio) * phase_space.sqrt()
}

/// Three photons through a loop of electrons, below 2 m_e: the expansion of arXiv:1705.00619 to (m/m_e)^4.
fn three_photon_width(x_electron: f64, mass_gev: f64) -> f64 {
    let ratio = (mass_gev / LEPTON_MASSES_GEV[0]).powi(2);
    if ratio > 4.0 {
        return 0.0;
    }
    let alpha_cubed_over_4_pi = ELECTROMAGNETIC_COUPLING.powi(6) / (4.0 * PI).powi(4);
    let expansion = 17.0 / 5.0 + 67.0 / 42.0 * ratio + 128_941.0 / 246_960.0 * ratio * ratio;
    // 2^7 3^6 5^2 pi^3
    let denominator = 128.0 * 729.0 * 25.0 * PI.powi(3);
    x_electron.powi(2) * alpha_cubed_over_4_pi / denominator * mass_gev * ratio.powi(4) * expansion
}
