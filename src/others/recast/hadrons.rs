//! Decays to hadrons by vector-meson dominance.
//!
//! The ratio of the cross sections e+e- -> state and e+e- -> mu+mu- is measured and shared out among rho, omega and phi,
//! `rf.<state>.<meson>.dat`, and the interference of two, `rf.<state>.<meson>_<meson>.dat`: columns mass (GeV) and ratio.
//! A boson couples to each meson with Tr(T Q) of its own quark charges instead of the photon's.

use std::fs;
use std::path::Path;

use crate::{Error, Result};

use super::columns::{Columns, Interpolation};
use super::couplings::Couplings;
use super::particles::VectorMeson;

/// What a checkout must hold, state and mesons: the states that have been measured.
const TABLES: [(&str, &str); 12] = [
    ("K_K", "phi"),
    ("K_K_pi", "phi"),
    ("other", "omega"),
    ("other", "phi"),
    ("other", "rho0"),
    ("pi+_pi-", "rho0"),
    ("pi+_pi-_pi+_pi-", "rho0"),
    ("pi+_pi-_pi0", "omega"),
    ("pi+_pi-_pi0", "omega_phi"),
    ("pi+_pi-_pi0", "phi"),
    ("pi+_pi-_pi0_pi0", "rho0"),
    ("pi0_gamma", "omega"),
];

/// All hadronic states.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Hadrons {
    states: Vec<State>,
}

#[derive(Debug, Clone, PartialEq)]
struct State {
    name: String,
    contributions: Vec<Contribution>,
}

#[derive(Debug, Clone, PartialEq)]
struct Contribution {
    /// The meson, or two that interfere.
    mesons: (VectorMeson, Option<VectorMeson>),
    ratio: Interpolation,
}

impl Hadrons {
    /// Reads the tables in a folder.
    ///
    /// # Errors
    /// [`Error::Io`] for a table that is missing, [`Error::InFile`] for one that is no table.
    pub fn read(folder: &Path) -> Result<Hadrons> {
        // A folder that is not there is named as such, rather than by its first file.
        fs::read_dir(folder).map_err(Error::io("read", folder))?;
        let mut hadrons = Hadrons::default();
        for (state, mesons) in TABLES {
            let path = folder.join(format!("rf.{state}.{mesons}.dat"));
            hadrons.add(state, mesons, &Columns::read(&path)?)?;
        }
        Ok(hadrons)
    }

    /// Whether there are tables of a state of this name.
    pub(crate) fn known_state(name: &str) -> bool {
        TABLES.iter().any(|(state, _)| *state == name)
    }

    /// Names of all states of which there are tables.
    pub(crate) fn known_states() -> Vec<&'static str> {
        let mut names = TABLES.map(|(state, _)| state).to_vec();
        names.dedup();
        names
    }

    /// Adds one table.
    ///
    /// # Errors
    /// [`Error::InFile`] where it has not two columns, [`Error::UnknownName`] for a meson that is none.
    pub fn add(&mut self, state: &str, mesons: &str, columns: &Columns) -> Result<()> {
        columns.require_width(2, "mass, ratio")?;
        columns.require_positive(0, "mass [GeV]")?;
        let meson = |name: &str| {
            VectorMeson::named(name).ok_or_else(|| Error::unknown_name("vector meson", name, ["rho0", "omega", "phi"]))
        };
        let mesons = match mesons.split_once('_') {
            Some((first, second)) => (meson(first)?, Some(meson(second)?)),
            None => (meson(mesons)?, None),
        };
        let contribution = Contribution { mesons, ratio: Interpolation::of(columns, 1) };
        match self.states.iter_mut().find(|known| known.name == state) {
            Some(known) => known.contributions.push(contribution),
            None => self.states.push(State { name: state.to_owned(), contributions: vec![contribution] }),
        }
        Ok(())
    }

    /// Names of the states, such as `pi+_pi-`.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.states.iter().map(|state| state.name.as_str())
    }

    /// Position of a state among [`Hadrons::names`].
    pub fn position(&self, name: &str) -> Option<usize> {
        self.states.iter().position(|state| state.name == name)
    }

    /// The width over m/(12 pi), g = 1, of each state, in the order of [`Hadrons::names`].
    pub(crate) fn strengths(&self, couplings: &Couplings, mass_gev: f64) -> Vec<f64> {
        let amplitude = |meson: VectorMeson| meson.normalisation() * trace(meson, couplings);
        let weight = |mesons: (VectorMeson, Option<VectorMeson>)| match mesons {
            (one, None) => amplitude(one).powi(2),
            (one, Some(other)) => 2.0 * amplitude(one) * amplitude(other),
        };
        let strength = |state: &State| {
            state.contributions.iter().map(|part| weight(part.mesons) * part.ratio.at(mass_gev)).sum::<f64>()
        };
        self.states.iter().map(strength).collect()
    }
}

/// Tr(T_V Q), what the boson couples to a meson with.
pub fn trace(meson: VectorMeson, couplings: &Couplings) -> f64 {
    meson.generator().iter().zip(couplings.light_quarks).map(|(t, x)| t * x).sum()
}
