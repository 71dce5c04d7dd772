//! The response as a table of probabilities against the true recoil energy: the form in which experiments publish what a
//! whole simulation and several observables are in.

/// Probabilities of recoils of some energies, linear between them; nothing is seen below the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// True recoil energies (keV), increasing, at least two.
    pub energies_kev: Vec<f64>,
    /// Probability to be found in each bin; row-major `[energies][bins]`.
    pub probabilities: Vec<f64>,
    /// How it changes with nuisance parameters.
    pub variations: Vec<Variation>,
}

/// A deformation R + t R_1 + t^2 R_2 by a parameter t of unit uncertainty.
#[derive(Debug, Clone, PartialEq)]
pub struct Variation {
    /// Name of the pull in JSON, e.g. `light_yield`.
    pub name: String,
    /// R_1, half the difference of the tables at t = +1 and -1; `[energies][bins]`.
    pub first: Vec<f64>,
    /// R_2, their mean less R; `[energies][bins]`.
    pub second: Vec<f64>,
    /// Whether the parameter is that of the same name in other datasets.
    pub shared: bool,
}

impl Variation {
    /// From the tables at t = 0, +1 and -1: the parabola through them.
    pub fn through(name: String, shared: bool, nominal: &[f64], up: &[f64], down: &[f64]) -> Variation {
        let pairs = || up.iter().zip(down);
        let first = pairs().map(|(up, down)| 0.5 * (up - down)).collect();
        let second = pairs().zip(nominal).map(|((up, down), nominal)| 0.5 * (up + down) - nominal).collect();
        Variation { name, first, second, shared }
    }
}

impl Matrix {
    /// R + sum t R_1 + t^2 R_2 at the parameters of its variations, `[energies][bins]`.
    pub fn deformed(&self, parameters: &[f64]) -> Vec<f64> {
        let mut all = self.probabilities.clone();
        for (own, t) in self.variations.iter().zip(parameters) {
            let changes = own.first.iter().zip(&own.second);
            all.iter_mut().zip(changes).for_each(|(p, (first, second))| *p += t * (first + t * second));
        }
        all
    }

    /// Number of bins.
    pub fn bins(&self) -> usize {
        self.probabilities.len() / self.energies_kev.len()
    }

    /// The row at or below a recoil energy (MeV) and how far it is to the next, from 0 to 1; none where nothing is seen.
    pub fn place(&self, recoil_energy_mev: f64) -> Option<(usize, f64)> {
        let kev = 1e3 * recoil_energy_mev;
        let above = self.energies_kev.partition_point(|energy| *energy <= kev);
        let row = above.checked_sub(1)?;
        match self.energies_kev.get(above) {
            Some(next) => Some((row, (kev - self.energies_kev[row]) / (next - self.energies_kev[row]))),
            // The last row itself.
            None => (kev == self.energies_kev[row]).then_some((row, 0.0)),
        }
    }

    /// Probabilities in the bins at a recoil energy (MeV).
    pub(super) fn at(&self, recoil_energy_mev: f64) -> Vec<f64> {
        let bins = self.bins();
        let Some((row, part)) = self.place(recoil_energy_mev) else { return vec![0.0; bins] };
        let own = &self.probabilities[row * bins..(row + 1) * bins];
        let next = self.probabilities.get((row + 1) * bins..(row + 2) * bins).unwrap_or(own);
        own.iter().zip(next).map(|(own, next)| own + part * (next - own)).collect()
    }

    /// The energies of the rows (MeV) below `highest_mev`.
    pub(super) fn kinks_mev(&self, highest_mev: f64) -> Vec<f64> {
        self.energies_kev.iter().map(|kev| 1e-3 * kev).filter(|energy| *energy < highest_mev).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_rows_it_is_linear_and_the_parabola_goes_through_all_three() {
        let rows = vec![0.0, 0.1, 0.4, 0.3];
        let matrix = Matrix { energies_kev: vec![0.5, 1.0], probabilities: rows.clone(), variations: Vec::new() };
        assert_eq!(matrix.at(0.4e-3), [0.0, 0.0]);
        for (found, expected) in matrix.at(0.75e-3).iter().zip([0.2, 0.2]) {
            assert!((found - expected).abs() < 1e-15);
        }
        assert_eq!((matrix.place(1e-3), matrix.place(1.1e-3)), (Some((1, 0.0)), None));
        let (up, down) = (vec![0.1, 0.1, 0.5, 0.3], vec![0.0, 0.05, 0.2, 0.3]);
        let variation = Variation::through("t".to_owned(), false, &rows, &up, &down);
        for (t, table) in [(1.0, &up), (-1.0, &down), (0.0, &rows)] {
            for (i, expected) in table.iter().enumerate() {
                let found = rows[i] + t * (variation.first[i] + t * variation.second[i]);
                assert!((found - expected).abs() < 1e-15);
            }
        }
    }
}
