//! Isotopes: charges, masses, radii.

use crate::base::constants::{ATOMIC_MASS_UNIT_MEV, ELECTRON_MASS_MEV};
use crate::{Error, Result};

use super::helm;
use super::shells::{Shell, shells};
use super::table::{Row, TABLE};

/// One nuclide.
#[derive(Debug, Clone, PartialEq)]
pub struct Isotope {
    /// Mass number and symbol, e.g. `133Cs`.
    pub name: String,
    /// Number of protons Z.
    pub protons: u32,
    /// Number of neutrons N.
    pub neutrons: u32,
    /// Mass of the neutral atom (u).
    pub atomic_mass_u: f64,
    /// Rms radius of the proton distribution (fm).
    pub proton_radius_fm: f64,
    /// Rms radius of the neutron distribution (fm).
    pub neutron_radius_fm: f64,
}

impl Isotope {
    /// Names of the nuclides that travel with the program, by growing Z and N.
    pub fn names() -> impl Iterator<Item = &'static str> {
        TABLE.iter().map(|row| row.0)
    }

    /// A nuclide that travels with the program, e.g. `133Cs`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any other.
    pub fn named(name: &str) -> Result<Isotope> {
        let row = TABLE.iter().find(|row| row.0 == name);
        row.map(from_row).ok_or_else(|| Error::unknown_name("isotope", name, Isotope::names()))
    }

    /// The isotopes of a natural element, e.g. `Xe`, each with its share of the atoms; the shares add up to 1.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any element of which no isotope is known.
    pub fn of_element(symbol: &str) -> Result<Vec<(Isotope, f64)>> {
        let own: Vec<&Row> = TABLE.iter().filter(|row| element(row.0) == symbol).collect();
        if own.is_empty() {
            let mut known: Vec<&str> = Isotope::names().map(element).collect();
            known.dedup();
            return Err(Error::unknown_name("element", symbol, known));
        }
        let total: f64 = own.iter().map(|row| row.4).sum();
        Ok(own.into_iter().map(|row| (from_row(row), row.4 / total)).collect())
    }

    /// Symbol of its element, e.g. `Cs`.
    pub fn element(&self) -> &str {
        element(&self.name)
    }

    /// Mass of the bare nucleus (MeV): atomic mass less Z electrons (their binding, below 1e-6, is neglected).
    pub fn mass_mev(&self) -> f64 {
        self.atomic_mass_u * ATOMIC_MASS_UNIT_MEV - f64::from(self.protons) * ELECTRON_MASS_MEV
    }

    /// |q|^2 = 2 M T [MeV^2] for a recoil of kinetic energy T (MeV).
    pub fn momentum_transfer_squared_mev2(&self, recoil_energy_mev: f64) -> f64 {
        2.0 * self.mass_mev() * recoil_energy_mev
    }

    /// Largest recoil energy (MeV) a neutrino of this energy (MeV) can give: 2 E^2/M, as below (2.4).
    pub fn max_recoil_energy_mev(&self, neutrino_energy_mev: f64) -> f64 {
        2.0 * neutrino_energy_mev.powi(2) / self.mass_mev()
    }

    /// The electrons of the neutral atom by binding energy, the most tightly bound first; none where they are not known
    /// (they are for Ar, Ge, I, Xe, Cs).
    pub fn shells(&self) -> Option<&'static [Shell]> {
        shells(self.protons)
    }

    /// Z F_Z(q): protons that scatter coherently.
    pub fn coherent_protons(&self, q2_mev2: f64) -> f64 {
        f64::from(self.protons) * helm(q2_mev2.sqrt(), self.proton_radius_fm)
    }

    /// N F_N(q): neutrons that scatter coherently.
    pub fn coherent_neutrons(&self, q2_mev2: f64) -> f64 {
        f64::from(self.neutrons) * helm(q2_mev2.sqrt(), self.neutron_radius_fm)
    }
}

fn from_row(&(name, protons, neutrons, atomic_mass_u, _, proton_radius_fm, neutron_radius_fm): &Row) -> Isotope {
    Isotope { name: name.to_owned(), protons, neutrons, atomic_mass_u, proton_radius_fm, neutron_radius_fm }
}

/// `Xe` of `132Xe`.
fn element(name: &str) -> &str {
    name.trim_start_matches(|c: char| c.is_ascii_digit())
}
