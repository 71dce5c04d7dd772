//! Isotopes: charges, masses, radii.

use crate::constants::{ATOMIC_MASS_UNIT_MEV, ELECTRON_MASS_MEV};
use crate::{Error, Result};

use super::helm;

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

/// (name, Z, N, atomic mass (u), R_p (fm) (3.4), R_n (fm) (3.5)); masses from AME2016, radii as the paper takes them.
type Row = (&'static str, u32, u32, f64, f64, f64);

/// The nuclides of the two COHERENT detectors.
pub const KNOWN_ISOTOPES: [Row; 3] = [
    ("133Cs", 55, 78, 132.905451961, 4.821, 5.09),
    ("127I", 53, 74, 126.9044719, 4.766, 5.03),
    ("40Ar", 18, 22, 39.9623831237, 3.448, 3.55),
];

impl Isotope {
    /// A nuclide of [`KNOWN_ISOTOPES`].
    ///
    /// # Errors
    /// [`Error::UnknownName`] for any other.
    pub fn named(name: &str) -> Result<Isotope> {
        KNOWN_ISOTOPES
            .iter()
            .find(|row| row.0 == name)
            .map(|&(name, protons, neutrons, atomic_mass_u, proton_radius_fm, neutron_radius_fm)| Isotope {
                name: name.to_owned(),
                protons,
                neutrons,
                atomic_mass_u,
                proton_radius_fm,
                neutron_radius_fm,
            })
            .ok_or_else(|| Error::unknown_name("isotope", name, KNOWN_ISOTOPES.map(|row| row.0)))
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

    /// Z F_Z(q): protons that scatter coherently.
    pub fn coherent_protons(&self, q2_mev2: f64) -> f64 {
        f64::from(self.protons) * helm(q2_mev2.sqrt(), self.proton_radius_fm)
    }

    /// N F_N(q): neutrons that scatter coherently.
    pub fn coherent_neutrons(&self, q2_mev2: f64) -> f64 {
        f64::from(self.neutrons) * helm(q2_mev2.sqrt(), self.neutron_radius_fm)
    }
}
