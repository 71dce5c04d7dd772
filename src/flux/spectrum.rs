//! Neutrino energy spectra and the moments of them that cross sections need.

/// A spectrum normalised to one neutrino.
#[derive(Debug, Clone, PartialEq)]
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
}

impl Spectrum {
    /// Largest energy (MeV).
    pub fn max_energy_mev(&self) -> f64 {
        match self {
            Spectrum::Line { energy_mev } => *energy_mev,
            Spectrum::Polynomial { end_point_mev, .. } => *end_point_mev,
        }
    }

    /// int phi(E) E^power dE above `min_energy_mev`, in closed form; power is 0 or -2.
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
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::flux::{Source, pion_line_energy_mev};

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
