//! Coherent scattering of reactor antineutrinos on silicon, by its events below a threshold (CONNIE).
//!
//! Cross sections and charges are those of our own CEvNS (3.1, 3.7, 3.19, 3.32), the recoils' energies those that the
//! quenching puts into the window; a flat efficiency cancels in the ratio to the Standard Model.

use std::f64::consts::PI;
use std::path::Path;

use crate::Result;
use crate::base::constants::{
    ATOMIC_MASS_UNIT_MEV, ELECTRON_MASS_MEV, FERMI_CONSTANT_PER_MEV2, KEV_IN_MEV, NEUTRON_COUPLING,
    PROTON_COUPLING_NU_E,
};
use crate::base::document::{Bound, Section};
use crate::base::quadrature::Rule;
use crate::base::search;
use crate::others::flux::Flux;
use crate::others::polynomial::Quadratic;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::nuclear::helm;

const POINTS: usize = 32;
/// Recoils (keV) among which the ends of a window are looked for.
const RECOILS_KEV: (f64, f64) = (1e-6, 1e6);

/// A rate of nuclear recoils.
#[derive(Debug, Clone, PartialEq)]
pub struct Recoils {
    protons: f64,
    neutrons: f64,
    mass_mev: f64,
    radius_fm: f64,
    flux: Flux,
    /// True recoil energies (MeV) that are counted.
    window_mev: (f64, f64),
}

/// A rate on the couplings of one model.
pub struct Prepared<'a> {
    model: &'a Model,
    standard: f64,
    /// By recoil energy.
    terms: Vec<Term>,
}

struct Term {
    q2_mev2: f64,
    weak_charge: f64,
    /// What multiplies the squares of the weak charge and of the scalar amplitude.
    vector: f64,
    scalar: f64,
    /// What each mediator adds to the amplitude, times Q2 + M^2.
    amplitudes: Vec<f64>,
}

impl Recoils {
    /// Reads spectrum, nucleus and window.
    ///
    /// # Errors
    /// Keys that are missing or out of bounds; a window that no recoil reaches.
    pub(crate) fn read(section: &Section, folder: &Path) -> Result<Recoils> {
        let flux = Flux::read(section, folder)?;
        let protons = section.number("protons", Bound::PositiveUpTo(120.0))?;
        let mass_number = section.number("mean_mass_number", Bound::PositiveUpTo(400.0))?;
        let radius_fm = section.number("radius_fm", Bound::PositiveUpTo(20.0))?;
        let window = section.numbers("window_kevee", Bound::PositiveUpTo(1e4))?;
        let [low, high] = window[..] else {
            return Err(section.error("window_kevee", format!("{} numbers", window.len()), "two: [lowest, highest]"));
        };
        if low >= high || mass_number <= protons {
            return Err(section.error(
                "window_kevee",
                format!("[{low}, {high}]"),
                "increasing, on a nucleus with A > Z",
            ));
        }
        let quenching: fn(f64, f64, f64) -> f64 = match section.choice("quenching", &["lindhard", "chavarria"])? {
            "lindhard" => lindhard_kevee,
            _ => |t, _, _| chavarria_kevee(t),
        };
        let recoil_mev = |kevee: f64| -> Result<f64> {
            let f = |ln_t: f64| quenching(ln_t.exp(), protons, mass_number) - kevee;
            let ends = [RECOILS_KEV.0, RECOILS_KEV.1].map(|t| (t.ln(), f(t.ln())));
            Ok(search::root(ends[0], ends[1], 1e-12, |ln_t| Ok(f(ln_t)))?.exp() * KEV_IN_MEV)
        };
        let recoils = Recoils {
            protons,
            neutrons: mass_number - protons,
            mass_mev: mass_number * ATOMIC_MASS_UNIT_MEV - protons * ELECTRON_MASS_MEV,
            radius_fm,
            window_mev: (recoil_mev(low)?, recoil_mev(high)?),
            flux,
        };
        recoils.flux.require_reach(section, "window_kevee", recoils.lowest_neutrino_mev(recoils.window_mev.0))?;
        Ok(recoils)
    }

    /// True recoil energies (keV) that are counted.
    pub fn window_kev(&self) -> (f64, f64) {
        (self.window_mev.0 / KEV_IN_MEV, self.window_mev.1 / KEV_IN_MEV)
    }

    fn lowest_neutrino_mev(&self, recoil_mev: f64) -> f64 {
        (0.5 * self.mass_mev * recoil_mev).sqrt()
    }

    /// The rate of a model.
    pub fn prepare<'a>(&self, model: &'a Model) -> Prepared<'a> {
        let largest = 2.0 * self.flux.highest_mev().powi(2) / self.mass_mev;
        let rule = Rule::piecewise(&[self.window_mev.0, self.window_mev.1.min(largest)], &[POINTS]);
        let term = |(t, weight): (&f64, &f64)| {
            let q2_mev2 = 2.0 * self.mass_mev * t;
            let form_factor = helm(q2_mev2.sqrt(), self.radius_fm);
            let [protons, neutrons] = [self.protons, self.neutrons].map(|number| number * form_factor);
            let spectrum = self.flux.above(self.lowest_neutrino_mev(*t));
            let amplitude = |interaction: &Interaction| match interaction {
                Interaction::Vector(vector) => {
                    let couplings = vector.nucleon_couplings_mev2(Lepton::Electron, q2_mev2);
                    couplings.proton * protons + couplings.neutron * neutrons
                }
                Interaction::Scalar(scalar) => scalar.proton * protons + scalar.neutron * neutrons,
            };
            // (3.1) and (3.32) without the factor M that both have.
            let bracket = spectrum.integrate(|e| 1.0 - self.mass_mev * t / (2.0 * e * e));
            Term {
                q2_mev2,
                weak_charge: PROTON_COUPLING_NU_E * protons + NEUTRON_COUPLING * neutrons,
                vector: weight * bracket * FERMI_CONSTANT_PER_MEV2.powi(2) / PI,
                scalar: weight * self.mass_mev * t / (4.0 * PI) * spectrum.integrate(|e| 1.0 / (e * e)),
                amplitudes: model.mediators.iter().map(|mediator| amplitude(&mediator.interaction)).collect(),
            }
        };
        let terms: Vec<Term> = rule.nodes.iter().zip(&rule.weights).map(term).collect();
        let standard = terms.iter().map(|term| term.vector * term.weak_charge.powi(2)).sum();
        Prepared { model, standard, terms }
    }
}

impl Prepared<'_> {
    /// The rate over the Standard Model's, 1 + a x + b x^2 in x = g^2, at a mass (MeV).
    pub fn at(&self, mass_mev: f64) -> Quadratic {
        let (mut a, mut b) = (0.0, 0.0);
        for term in &self.terms {
            let (mut vector, mut scalar) = (0.0, 0.0);
            for (mediator, amplitude) in self.model.mediators.iter().zip(&term.amplitudes) {
                let propagator =
                    mediator.coupling_ratio.powi(2) / (term.q2_mev2 + (mediator.mass_ratio * mass_mev).powi(2));
                match mediator.interaction {
                    Interaction::Vector(_) => vector += amplitude * propagator,
                    Interaction::Scalar(_) => scalar += amplitude * propagator,
                }
            }
            a += term.vector * 2.0 * term.weak_charge * vector;
            b += term.vector * vector * vector + term.scalar * scalar * scalar;
        }
        [1.0, a / self.standard, b / self.standard]
    }

    /// Whether the model changes the rate at all.
    pub(crate) fn is_sensitive(&self) -> bool {
        self.at(1.0)[2] > 0.0
    }
}

/// Electron-equivalent energy (keV) of a recoil T (keV) after J. Lindhard et al. (1963).
fn lindhard_kevee(t_kev: f64, protons: f64, mass_number: f64) -> f64 {
    let epsilon = 11.5 * protons.powf(-7.0 / 3.0) * t_kev;
    let k = 0.133 * protons.powf(2.0 / 3.0) / mass_number.sqrt();
    let g = 3.0 * epsilon.powf(0.15) + 0.7 * epsilon.powf(0.6) + epsilon;
    t_kev * k * g / (1.0 + k * g)
}

/// The same in silicon as measured by A. E. Chavarria et al., Phys. Rev. D 94 (2016) 082007.
fn chavarria_kevee(t: f64) -> f64 {
    t * (168.0 * t + 155.0 * t * t + t.powi(3)) / (56.0 + 1096.0 * t + 382.0 * t * t + t.powi(3))
}
