//! Neutrinos on electrons: the line of 7Be, reactors, accelerators.
//!
//! dsigma/dT = (2 G_F^2 m_e/pi) [L^2 + R^2 (1 - T/E)^2 - L R m_e T/E^2], T the electron's kinetic energy, Q2 = 2 m_e T, for
//! electrons that are free and at rest; L = s2 + 1/2 (nu_e) or s2 - 1/2 (nu_mu, nu_tau), R = s2 = sin^2 theta_W; antineutrinos
//! exchange the two. Both gain g^2 Q'_l Q'_e/(2 sqrt2 G_F (Q2 + M^2)), the electron's charge with its loop.

use std::f64::consts::{PI, SQRT_2};
use std::path::Path;

use crate::Result;
use crate::base::constants::{ELECTRON_MASS_MEV, FERMI_CONSTANT_PER_MEV2, FINE_STRUCTURE};
use crate::base::document::{Bound, Section};
use crate::base::quadrature::Rule;
use crate::others::couplings::Exchange;
use crate::others::flux::Flux;
use crate::others::polynomial::Quadratic;
use crate::physics::model::{Lepton, VectorCouplings};

/// Gauss points in ln T over each piece of a window.
const POINTS: usize = 48;

/// Shares of the flux add up to 1 but for what their digits lose.
const SHARES_TOLERANCE: f64 = 2e-3;

/// Names of neutrinos in files, with flavour and whether they are antineutrinos.
const NEUTRINOS: [(&str, Lepton, bool); 6] = [
    ("nu_e", Lepton::Electron, false),
    ("nu_mu", Lepton::Muon, false),
    ("nu_tau", Lepton::Tau, false),
    ("nu_e_bar", Lepton::Electron, true),
    ("nu_mu_bar", Lepton::Muon, true),
    ("nu_tau_bar", Lepton::Tau, true),
];

/// A rate of recoiling electrons.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    flux: Flux,
    /// Flavour, whether antineutrinos, and share of the flux on arrival.
    neutrinos: Vec<(Lepton, bool, f64)>,
    /// Kinetic energies (MeV) that are counted.
    window_mev: (f64, f64),
    /// sin^2 theta_W at this momentum transfer.
    weak_angle: f64,
}

/// One kinetic energy with the integrals over the spectrum that it takes.
struct Node {
    energy_mev: f64,
    weight: f64,
    /// int phi, int phi (1 - T/E)^2, int phi m_e T/E^2, int phi (1/T - 1/E).
    integrals: [f64; 4],
}

/// A rate on the couplings of one model.
pub struct Prepared<'a> {
    vectors: Vec<Exchange<'a, VectorCouplings>>,
    standard: f64,
    terms: Vec<Term>,
}

struct Term {
    q2_mev2: f64,
    /// What multiplies the sum of charges x propagators of each flavour, and its square.
    flavours: Vec<(Lepton, f64, f64)>,
    /// The electron's charge under each mediator over 2 sqrt2 G_F [MeV^2].
    electron_mev2: Vec<f64>,
}

impl Rate {
    /// Reads a rate: spectrum, `shares` of neutrinos, `window_mev`, `sin2_weak_angle`.
    ///
    /// # Errors
    /// Keys that are missing or out of bounds; a window out of the spectrum's reach.
    pub(crate) fn read(section: &Section, folder: &Path) -> Result<Rate> {
        let flux = Flux::read(section, folder)?;
        let shares = section.section("shares")?;
        let neutrinos = shares.read(|shares| {
            let share = |(name, lepton, anti): (&str, Lepton, bool)| {
                let share = shares.optional_number(name, Bound::NotNegativeUpTo(1.0))?;
                Ok(share.filter(|share| *share > 0.0).map(|share| (lepton, anti, share)))
            };
            Ok(NEUTRINOS.into_iter().map(share).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect::<Vec<_>>())
        })?;
        if neutrinos.is_empty() {
            return Err(section.error("shares", "of no neutrino", "above 0 for one of nu_e, nu_mu, ..., nu_tau_bar"));
        }
        let total: f64 = neutrinos.iter().map(|(.., share)| share).sum();
        if (total - 1.0).abs() > SHARES_TOLERANCE {
            let bound = "shares of all neutrinos of the flux, that add up to 1";
            return Err(section.error("shares", format!("of {total:.4} in all"), bound));
        }
        let window = section.numbers("window_mev", Bound::PositiveUpTo(1e6))?;
        let [low, high] = window[..] else {
            return Err(section.error("window_mev", format!("{} numbers", window.len()), "two: [lowest, highest]"));
        };
        if low >= high {
            return Err(section.error("window_mev", format!("[{low}, {high}]"), "increasing"));
        }
        flux.require_reach(section, "window_mev", lowest_neutrino_mev(low))?;
        let weak_angle = section.number("sin2_weak_angle", Bound::PositiveUpTo(1.0))?;
        Ok(Rate { flux, neutrinos, window_mev: (low, high), weak_angle })
    }

    /// sin^2 theta_W that it is computed with.
    pub fn weak_angle(&self) -> f64 {
        self.weak_angle
    }

    /// The flavours that are seen.
    pub fn flavours(&self) -> impl Iterator<Item = Lepton> {
        self.neutrinos.iter().map(|(lepton, ..)| *lepton)
    }

    /// The Standard Model's rate at a weak angle, in units of 2 G_F^2 m_e/pi.
    pub fn standard(&self, weak_angle: f64) -> f64 {
        self.nodes().iter().map(|node| node.weight * self.standard_at(node, weak_angle)).sum()
    }

    /// What a magnetic moment of one Bohr magneton, squared, adds to the rate: pi alpha^2/m_e^2 (1/T - 1/E), over the
    /// Standard Model's rate.
    pub fn magnetic_moment(&self) -> f64 {
        let unit = 2.0 * FERMI_CONSTANT_PER_MEV2.powi(2) * ELECTRON_MASS_MEV / PI;
        let share: f64 = self.neutrinos.iter().map(|(_, _, share)| share).sum();
        let sum: f64 = self.nodes().iter().map(|node| node.weight * node.integrals[3]).sum();
        let rate = share * sum * PI * (FINE_STRUCTURE / ELECTRON_MASS_MEV).powi(2);
        rate / (unit * self.standard(self.weak_angle))
    }

    /// The rate of a model's vector mediators.
    pub fn prepare<'a>(&self, vectors: &[Exchange<'a, VectorCouplings>]) -> Prepared<'a> {
        let nodes = self.nodes();
        let term = |node: &Node| {
            let [i0, i2, i3, _] = node.integrals;
            let flavour = |&(lepton, anti, share): &(Lepton, bool, f64)| {
                let (left, right) = couplings(lepton, anti, self.weak_angle);
                let linear = 2.0 * left * i0 + 2.0 * right * i2 - (left + right) * i3;
                let weight = node.weight * share;
                (lepton, weight * linear, weight * (i0 + i2 - i3))
            };
            let q2_mev2 = 2.0 * ELECTRON_MASS_MEV * node.energy_mev;
            let charge = |exchange: &Exchange<VectorCouplings>| {
                exchange.couplings.electron_charge(q2_mev2) / (2.0 * SQRT_2 * FERMI_CONSTANT_PER_MEV2)
            };
            Term {
                q2_mev2,
                flavours: self.neutrinos.iter().map(flavour).collect(),
                electron_mev2: vectors.iter().map(charge).collect(),
            }
        };
        Prepared {
            vectors: vectors.to_vec(),
            standard: nodes.iter().map(|node| node.weight * self.standard_at(node, self.weak_angle)).sum(),
            terms: nodes.iter().map(term).collect(),
        }
    }

    fn standard_at(&self, node: &Node, weak_angle: f64) -> f64 {
        let [i0, i2, i3, _] = node.integrals;
        let flavour = |&(lepton, anti, share): &(Lepton, bool, f64)| {
            let (left, right) = couplings(lepton, anti, weak_angle);
            share * (left * left * i0 + right * right * i2 - left * right * i3)
        };
        self.neutrinos.iter().map(flavour).sum()
    }

    fn nodes(&self) -> Vec<Node> {
        let (low, high) = self.window_mev;
        let high = high.min(largest_recoil_mev(self.flux.highest_mev()));
        // The rate has a kink where electrons are out of reach of neutrinos at a kink of the spectrum.
        let kinks = self.flux.kinks_mev().into_iter().map(largest_recoil_mev);
        let mut edges: Vec<f64> = [low, high].into_iter().chain(kinks.filter(|t| *t > low && *t < high)).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        let edges: Vec<f64> = edges.into_iter().map(f64::ln).collect();
        let rule = Rule::piecewise(&edges, &vec![POINTS; edges.len() - 1]);
        let node = |(ln_t, weight): (&f64, &f64)| {
            let t = ln_t.exp();
            let spectrum = self.flux.above(lowest_neutrino_mev(t));
            let over = |f: &dyn Fn(f64) -> f64| spectrum.integrate(f);
            let integrals = [
                over(&|_| 1.0),
                over(&|e| (1.0 - t / e).powi(2)),
                over(&|e| ELECTRON_MASS_MEV * t / (e * e)),
                over(&|e| 1.0 / t - 1.0 / e),
            ];
            Node { energy_mev: t, weight: weight * t, integrals }
        };
        rule.nodes.iter().zip(&rule.weights).map(node).collect()
    }
}

impl Prepared<'_> {
    /// The rate over the Standard Model's, 1 + a x + b x^2 in x = g^2, at a mass (MeV).
    pub fn at(&self, mass_mev: f64) -> Quadratic {
        let (mut a, mut b) = (0.0, 0.0);
        for term in &self.terms {
            let propagators: Vec<f64> = self
                .vectors
                .iter()
                .zip(&term.electron_mev2)
                .map(|(exchange, charge)| charge * exchange.propagator_per_mev2(term.q2_mev2, mass_mev))
                .collect();
            for (lepton, linear, square) in &term.flavours {
                let charge = |exchange: &Exchange<VectorCouplings>| exchange.couplings.charges.lepton(*lepton);
                let delta: f64 = self.vectors.iter().zip(&propagators).map(|(v, p)| charge(v) * p).sum();
                a += linear * delta;
                b += square * delta * delta;
            }
        }
        [1.0, a / self.standard, b / self.standard]
    }
}

/// L and R.
fn couplings(lepton: Lepton, anti: bool, weak_angle: f64) -> (f64, f64) {
    let left = if lepton == Lepton::Electron { weak_angle + 0.5 } else { weak_angle - 0.5 };
    if anti { (weak_angle, left) } else { (left, weak_angle) }
}

/// The lowest neutrino energy (MeV) that gives an electron a kinetic energy (MeV).
fn lowest_neutrino_mev(t: f64) -> f64 {
    0.5 * (t + (t * (t + 2.0 * ELECTRON_MASS_MEV)).sqrt())
}

/// The largest kinetic energy (MeV) that a neutrino gives, 2 E^2/(m_e + 2 E).
fn largest_recoil_mev(energy_mev: f64) -> f64 {
    2.0 * energy_mev * energy_mev / (ELECTRON_MASS_MEV + 2.0 * energy_mev)
}
