//! The mesh on which critical values are calculated: masses, and couplings over the natural one at each, along which
//! they hardly change; and where on it the border of the excluded region may run.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::Point;

/// Masses (MeV) between which the spectrum's shape changes, and masses a decade there and elsewhere.
const SHAPE_CHANGES_MEV: (f64, f64) = (3.0, 1e3);
const PER_DECADE: (f64, f64) = (8.0, 3.0);
/// ln(coupling/natural): first, last, and step; beyond them everything is allowed, or excluded.
const RATIOS: (f64, f64, f64) = (-3.75, 2.85, 0.05);
/// Steps of the data's q within one of these: strips are a few per cent wide.
const FINE: usize = 6;

/// Masses and ratios, with q of the data.
pub(super) struct Mesh {
    /// Masses (MeV).
    pub mass_mev: Vec<f64>,
    /// The coupling at which the mediator's events equal the Standard Model's, at each.
    pub natural: Vec<f64>,
    /// ln(coupling/natural).
    pub ratios: Vec<f64>,
    /// q of the data, `[mass][FINE x (ratios - 1) + 1]`.
    q: Vec<f64>,
}

/// Where q of the data crosses a level that depends on the coupling.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing {
    /// Place of the mass, and of the ratio below.
    pub mass: usize,
    pub ratio: usize,
    /// Share of the way to the ratio above.
    pub share: f64,
    /// d(q - level)/d ln g there.
    pub slope: f64,
}

impl Mesh {
    /// Over some masses (MeV); q of the data at each counts from a chi2 of `chi2_min`.
    pub(super) fn new(analysis: &Analysis, mass_mev: Vec<f64>, chi2_min: &[f64]) -> Result<Mesh> {
        let steps = ((RATIOS.1 - RATIOS.0) / RATIOS.2).round() as usize;
        let ratio = |fine: usize| RATIOS.0 + RATIOS.2 * fine as f64 / FINE as f64;
        let rows = mass_mev.par_iter().zip(chi2_min).map(|(mass_mev, chi2_min)| {
            let curve = analysis.at_mass(*mass_mev);
            let natural = curve.natural_coupling()?;
            let couplings: Vec<f64> = (0..=FINE * steps).map(|fine| natural * ratio(fine).exp()).collect();
            let mut chi2 = curve.chi2_row(&couplings, &mut analysis.scratch())?;
            chi2.iter_mut().for_each(|chi2| *chi2 -= chi2_min);
            Ok((natural, chi2))
        });
        let (natural, q): (Vec<f64>, Vec<Vec<f64>>) = rows.collect::<Result<Vec<_>>>()?.into_iter().unzip();
        let ratios = (0..=steps).map(|step| ratio(FINE * step)).collect();
        Ok(Mesh { mass_mev, natural, ratios, q: q.concat() })
    }

    /// Number of nodes, calculated or not.
    pub(super) fn len(&self) -> usize {
        self.mass_mev.len() * self.ratios.len()
    }

    fn fine(&self, mass: usize) -> &[f64] {
        let length = FINE * (self.ratios.len() - 1) + 1;
        &self.q[mass * length..(mass + 1) * length]
    }

    /// q of the data at a node, the index of the mass times the number of ratios and that of the ratio.
    pub(super) fn q(&self, node: usize) -> f64 {
        self.fine(node / self.ratios.len())[FINE * (node % self.ratios.len())]
    }

    /// The point of a node.
    pub(super) fn point(&self, node: usize) -> Point {
        let (mass, ratio) = (node / self.ratios.len(), node % self.ratios.len());
        Point { mass_mev: self.mass_mev[mass], coupling: self.natural[mass] * self.ratios[ratio].exp() }
    }

    /// Nodes around all places where q of the data is between two values, those of neighbouring masses included; by
    /// index.
    pub(super) fn around(&self, low: f64, high: f64) -> Vec<usize> {
        let (masses, ratios) = (self.mass_mev.len(), self.ratios.len());
        let mut wanted = vec![false; self.len()];
        for mass in 0..masses {
            for cell in 0..ratios - 1 {
                let values = &self.fine(mass)[FINE * cell..=FINE * (cell + 1)];
                let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
                let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                if smallest > high || largest < low {
                    continue;
                }
                for neighbour in mass.saturating_sub(1)..=(mass + 1).min(masses - 1) {
                    wanted[neighbour * ratios + cell] = true;
                    wanted[neighbour * ratios + cell + 1] = true;
                }
            }
        }
        (0..wanted.len()).filter(|node| wanted[*node]).collect()
    }

    /// Where q of the data crosses a level, given at each node.
    pub(super) fn crossings(&self, level: &[f64]) -> Vec<Crossing> {
        let ratios = self.ratios.len();
        let mut found = Vec::new();
        for mass in 0..self.mass_mev.len() {
            let (fine, level) = (self.fine(mass), &level[mass * ratios..(mass + 1) * ratios]);
            let at = |place: usize| {
                let (cell, part) = (place / FINE, (place % FINE) as f64 / FINE as f64);
                let above = level[(cell + 1).min(ratios - 1)];
                fine[place] - (level[cell] * (1.0 - part) + above * part)
            };
            for place in 0..fine.len() - 1 {
                let (here, next) = (at(place), at(place + 1));
                if (here > 0.0) == (next > 0.0) {
                    continue;
                }
                let share = here / (here - next);
                let steps = (place % FINE) as f64 + share;
                let slope = (next - here) * FINE as f64 / RATIOS.2;
                found.push(Crossing { mass, ratio: place / FINE, share: steps / FINE as f64, slope });
            }
        }
        found
    }
}

/// Masses (MeV) from end to end, closer where the spectrum's shape changes.
pub(super) fn masses((low, high): (f64, f64)) -> Vec<f64> {
    let inner = [SHAPE_CHANGES_MEV.0, SHAPE_CHANGES_MEV.1].map(|end| end.clamp(low, high));
    let mut masses = vec![low];
    for (from, to, per_decade) in
        [(low, inner[0], PER_DECADE.1), (inner[0], inner[1], PER_DECADE.0), (inner[1], high, PER_DECADE.1)]
    {
        let steps = ((to / from).log10() * per_decade).ceil() as usize;
        let ratio = (to / from).ln();
        masses
            .extend((1..=steps).map(|k| if k == steps { to } else { from * (ratio * k as f64 / steps as f64).exp() }));
    }
    masses
}

/// The error in ln g of a crossing whose level is uncertain by `error`.
pub(super) fn error_of(crossing: &Crossing, error: f64) -> f64 {
    error / crossing.slope.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masses_run_from_end_to_end() {
        for range in [(0.1, 1e5), (10.0, 20.0), (0.1, 2.0), (2e3, 1e4)] {
            let masses = masses(range);
            assert_eq!((masses[0], masses[masses.len() - 1]), range);
            assert!(masses.windows(2).all(|pair| pair[0] < pair[1] && pair[1] / pair[0] < 2.2), "{masses:?}");
        }
    }
}
