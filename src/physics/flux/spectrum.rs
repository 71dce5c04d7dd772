//! Neutrino energy spectra and the moments of them that cross sections need.

/// A spectrum per unit of the source's fluence: normalised to one neutrino where each flavour has that fluence.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Spectrum {
    /// A single energy.
    Line {
        /// That energy (MeV).
        energy_mev: f64,
    },
    /// sum_n c_n E^n up to an end point. E^0 and E^1 must have no coefficient: their moments diverge at E = 0.
    Polynomial {
        /// c_n [MeV^-(n+1)].
        coefficients: Vec<f64>,
        /// Largest energy (MeV).
        end_point_mev: f64,
    },
    /// Rows between which it is linear, 0 outside.
    Table {
        /// Energies (MeV), increasing, at least two.
        energy_mev: Vec<f64>,
        /// Density [1/MeV].
        density_per_mev: Vec<f64>,
    },
}

/// Part of a table's largest density up to which its first is small.
const SMALL_START: f64 = 1e-2;

impl Spectrum {
    /// Largest energy (MeV); rows of zeros at the end of a table are not part of it. 0 where all are zero.
    pub fn max_energy_mev(&self) -> f64 {
        match self {
            Spectrum::Line { energy_mev } => *energy_mev,
            Spectrum::Polynomial { end_point_mev, .. } => *end_point_mev,
            Spectrum::Table { energy_mev, density_per_mev } => {
                let last = density_per_mev.iter().rposition(|density| *density > 0.0);
                // It falls to the row after.
                last.and_then(|row| energy_mev.get(row + 1).or(energy_mev.last())).copied().unwrap_or(0.0)
            }
        }
    }

    /// The energy (MeV) at which a table begins with a flux that is no small part of its largest: there is more below, of
    /// which nothing is known.
    pub fn begins_abruptly_mev(&self) -> Option<f64> {
        let Spectrum::Table { energy_mev, density_per_mev } = self else { return None };
        let largest = density_per_mev.iter().copied().fold(0.0, f64::max);
        let (energy, density) = (*energy_mev.first()?, *density_per_mev.first()?);
        (energy > 0.0 && density > SMALL_START * largest).then_some(energy)
    }

    /// Energies below the largest at which it has a kink (MeV).
    pub fn kinks_mev(&self) -> &[f64] {
        match self {
            Spectrum::Line { .. } | Spectrum::Polynomial { .. } => &[],
            Spectrum::Table { energy_mev, .. } => &energy_mev[..energy_mev.len().saturating_sub(1)],
        }
    }

    /// int phi(E) E^power dE above `min_energy_mev`, in closed form; power is 0, -1 or -2.
    pub fn moment(&self, power: i32, min_energy_mev: f64) -> f64 {
        match self {
            Spectrum::Line { energy_mev } if *energy_mev < min_energy_mev => 0.0,
            Spectrum::Line { energy_mev } => energy_mev.powi(power),
            Spectrum::Polynomial { end_point_mev, .. } if *end_point_mev <= min_energy_mev => 0.0,
            Spectrum::Polynomial { coefficients, end_point_mev } => coefficients
                .iter()
                .zip(1..)
                .filter(|(coefficient, _)| **coefficient != 0.0)
                .map(|(coefficient, next_power)| {
                    let exponent: i32 = next_power + power;
                    coefficient * (end_point_mev.powi(exponent) - min_energy_mev.powi(exponent)) / f64::from(exponent)
                })
                .sum(),
            Spectrum::Table { energy_mev, density_per_mev } => {
                let rows = energy_mev.windows(2).zip(density_per_mev.windows(2));
                rows.map(|(energy, density)| segment_moment(power, min_energy_mev, energy, density)).sum()
            }
        }
    }
}

/// The same of what is linear between two energies.
fn segment_moment(power: i32, min_energy_mev: f64, energy: &[f64], density: &[f64]) -> f64 {
    let (low, high) = (energy[0].max(min_energy_mev), energy[1]);
    if low >= high {
        return 0.0;
    }
    let rise = density[1] - density[0];
    let share = |energy_mev: f64| (energy_mev - energy[0]) / (energy[1] - energy[0]);
    let (width, middle) = (high - low, low + 0.5 * (high - low));
    let at_middle = density[0] + rise * share(middle);
    if power == 0 {
        return at_middle * width;
    }
    // Around the middle: between rows that lie close together what is constant and what rises nearly cancel at zero energy.
    let slope = rise / (energy[1] - energy[0]);
    let logarithm = (width / low).ln_1p();
    let part = width / (2.0 * middle);
    if power == -1 {
        let curved = if part < SMALL { -cubic_series(part) } else { part - part.atanh() };
        return at_middle * logarithm + slope * 2.0 * middle * curved;
    }
    let (constant, rising) = (width / (low * high), part.atanh() - part / ((1.0 - part) * (1.0 + part)));
    at_middle * constant + slope * 2.0 * if part < SMALL { rising_series(part) } else { rising }
}

/// Below this, series are used.
const SMALL: f64 = 0.05;

/// artanh x - x for small x.
fn cubic_series(x: f64) -> f64 {
    let square = x * x;
    let terms = (1..8).rev().map(|k| 1.0 / f64::from(2 * k + 1));
    x * square * terms.fold(0.0, |sum, term| sum * square + term)
}

/// artanh x - x/(1 - x^2) for small x.
fn rising_series(x: f64) -> f64 {
    let square = x * x;
    let terms = (1..8).rev().map(|k| 2.0 * f64::from(k) / f64::from(2 * k + 1));
    -x * square * terms.fold(0.0, |sum, term| sum * square + term)
}

#[cfg(test)]
mod tests {
    use super::Spectrum;
    use crate::physics::flux::{Source, pion_line_energy_mev};

    #[test]
    fn rows_that_lie_close_together_are_a_line() {
        // Derived: a narrow triangle of area 1 around 20 MeV has the moments 1, 1/20, 1/400 but for (width/20)^2.
        for half in [1e-2, 1e-4, 1e-6, 1e-8] {
            let table = Spectrum::Table {
                energy_mev: vec![20.0 - half, 20.0, 20.0 + half],
                density_per_mev: vec![0.0, 1.0 / half, 0.0],
            };
            for (power, expected) in [(0, 1.0), (-1, 1.0 / 20.0), (-2, 1.0 / 400.0)] {
                let found = table.moment(power, 1.0);
                // The ends are written with 16 digits.
                let bound = (half / 20.0).powi(2) + 1e-14 / half;
                assert!((found / expected - 1.0).abs() < bound.max(1e-12), "{half} {power}: {found} {expected}");
            }
        }
        // By hand: E from 1 to 3, integral of E/E and of E/E^2.
        let ramp = Spectrum::Table { energy_mev: vec![1.0, 3.0], density_per_mev: vec![1.0, 3.0] };
        assert!((ramp.moment(-1, 0.5) - 2.0).abs() < 1e-14 && (ramp.moment(-2, 0.5) - 3f64.ln()).abs() < 1e-14);
        assert!(
            (ramp.moment(-1, 2.0) - 1.0).abs() < 1e-14 && (ramp.moment(-2, 2.9) - (3.0 / 2.9f64).ln()).abs() < 1e-14
        );
    }

    #[test]
    fn a_fine_table_is_the_formula() {
        let michel = &Source::pion_decay_at_rest().components[1].spectrum;
        let Spectrum::Polynomial { coefficients, end_point_mev } = michel else { return };
        let density = |e: f64| coefficients.iter().enumerate().map(|(n, c)| c * e.powi(n as i32)).sum::<f64>();
        let energy_mev: Vec<f64> = (0..=4000).map(|i| end_point_mev * f64::from(i) / 4000.0).collect();
        let density_per_mev = energy_mev.iter().map(|e| density(*e)).collect();
        let table = Spectrum::Table { energy_mev, density_per_mev };
        assert_eq!(table.max_energy_mev(), michel.max_energy_mev());
        for power in [0, -1, -2] {
            for low in [0.5, 10.0, 33.3, 52.0, 60.0] {
                // A chord is off the curve by h^2 f''/8.
                let (found, exact) = (table.moment(power, low), michel.moment(power, low));
                assert!((found - exact).abs() < 3e-6 * michel.moment(power, 0.5), "{power} {low}: {found} {exact}");
            }
        }
    }

    #[test]
    fn spectra_hold_one_neutrino() {
        for component in Source::pion_decay_at_rest().components {
            assert!((component.spectrum.moment(0, 0.0) - 1.0).abs() < 1e-14, "{}", component.name);
        }
    }

    #[test]
    fn line_is_where_the_paper_has_it() {
        // Published: 29.79 MeV, below (2.1).
        assert!((pion_line_energy_mev() - 29.79).abs() < 0.005);
    }
}
