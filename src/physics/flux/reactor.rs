//! Antineutrinos of a reactor: what fissions give, by isotope.

use crate::Result;
use crate::base::document::{Bound, Document, Section};

use super::Spectrum;

/// The spectra that travel with the program: T. A. Mueller et al., Phys. Rev. C 83 (2011) 054615, made for 2 to 8 MeV.
const MUELLER: (&str, &str) = ("others/mueller2011.toml", include_str!("../../../data/others/mueller2011.toml"));
/// Energy that a fission of 235U, 238U, 239Pu, 241Pu sets free (MeV): X. B. Ma et al., Phys. Rev. C 88 (2013) 014605.
pub const FISSION_ENERGIES_MEV: [f64; 4] = [202.36, 205.99, 211.12, 214.26];
/// 1 MeV (J).
const MEV_J: f64 = 1.602_176_634e-13;
/// Below this (MeV) the program has no spectrum: neutrons captured in the fuel give most of it.
pub const LOWEST_REACTOR_MEV: f64 = 1.8;
/// Step of the table that the sum of exponentials becomes (MeV): straight lines are within 2e-5 of it.
const STEP_MEV: f64 = 0.01;

/// Coefficients c of exp(sum c_p E^p), antineutrinos per MeV and fission, of 235U, 238U, 239Pu, 241Pu.
///
/// # Errors
/// None in practice: the file is part of the program and tested.
pub fn fission_coefficients() -> Result<Vec<Vec<f64>>> {
    let (path, text) = MUELLER;
    let document = Document { path, text };
    let table = document.table()?;
    Section::whole(document, &table).read(|whole| {
        whole.text("reference")?;
        let isotope = |section: &Section| {
            section.text("name")?;
            section.numbers("coefficients", Bound::Within(100.0))
        };
        whole.sections("isotope")?.iter().map(|section| section.read(isotope)).collect()
    })
}

/// Antineutrinos per cm^2, s and MeV at a distance (m) from a reactor of a thermal power (GW), from
/// [`LOWEST_REACTOR_MEV`] to `highest_mev`; `fractions` are those of the fissions, in the order of
/// [`FISSION_ENERGIES_MEV`].
///
/// # Errors
/// Those of [`fission_coefficients`].
pub fn reactor_spectrum(power_gw: f64, distance_m: f64, fractions: [f64; 4], highest_mev: f64) -> Result<Spectrum> {
    let coefficients = fission_coefficients()?;
    let per_fission: f64 = fractions.iter().zip(FISSION_ENERGIES_MEV).map(|(share, energy)| share * energy).sum();
    let fissions_per_s = power_gw * 1e9 / (per_fission * MEV_J);
    let sphere_cm2 = 4.0 * std::f64::consts::PI * (1e2 * distance_m).powi(2);
    let density = |energy: f64| {
        let exponent = |c: &[f64]| c.iter().rev().fold(0.0, |sum, c| sum * energy + c);
        let sum: f64 = fractions.iter().zip(&coefficients).map(|(share, c)| share * exponent(c).exp()).sum();
        fissions_per_s / sphere_cm2 * sum
    };
    let steps = ((highest_mev - LOWEST_REACTOR_MEV) / STEP_MEV).ceil().max(1.0) as usize;
    let at = |i: usize| LOWEST_REACTOR_MEV + (highest_mev - LOWEST_REACTOR_MEV) * i as f64 / steps as f64;
    let energy_mev: Vec<f64> = (0..=steps).map(at).collect();
    let density_per_mev = energy_mev.iter().map(|energy| density(*energy)).collect();
    Ok(Spectrum::Table { energy_mev, density_per_mev })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 3 GW at 100 m, pure 235U: 3e9 W/(202.36 MeV) = 9.25e19 fissions/s; per fission and MeV at 3 MeV
    /// exp(3.217 - 9.333 + 12.555 - 9.963 + 3.60045 - 0.498879) = 0.6556.
    #[test]
    fn flux_of_a_reactor_by_hand() {
        let Spectrum::Table { energy_mev, density_per_mev } =
            reactor_spectrum(3.0, 100.0, [1.0, 0.0, 0.0, 0.0], 8.0).unwrap()
        else {
            return;
        };
        let at = energy_mev.iter().position(|energy| (energy - 3.0).abs() < 1e-9).unwrap();
        let fissions = 3e9 / (202.36 * 1.602176634e-13);
        let exponent: f64 = 3.217 - 9.333 + 12.555 - 9.963 + 3.60045 - 0.498879;
        let expected = fissions * exponent.exp() / (4.0 * std::f64::consts::PI * 1e8);
        assert!((density_per_mev[at] / expected - 1.0).abs() < 1e-9, "{} {expected}", density_per_mev[at]);
    }
}
