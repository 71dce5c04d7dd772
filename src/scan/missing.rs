//! Points of a map without a chi2: how many, where, and in words, for every file that is made from it.

use crate::base::grid::number_text;

use super::Border;

/// What is missing of a map.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// Points without a chi2.
    pub points: usize,
    /// Points of the map.
    pub of: usize,
    /// Smallest and largest mass (MeV) of such points.
    pub mass_mev: (f64, f64),
    /// Smallest and largest coupling.
    pub coupling: (f64, f64),
}

impl Missing {
    /// One line for people: how many, and between which masses and couplings.
    pub fn words(&self) -> String {
        self.words_in("MeV", 1.0)
    }

    /// The same with masses in another unit, of so many MeV.
    pub fn words_in(&self, unit: &str, in_mev: f64) -> String {
        let Missing { points, of, .. } = self;
        format!(
            "{points} of {of} points are missing, {}: nothing is known there, neither excluded nor allowed",
            self.place_in(unit, in_mev)
        )
    }

    /// Between which masses and couplings they lie.
    pub fn place(&self) -> String {
        self.place_in("MeV", 1.0)
    }

    fn place_in(&self, unit: &str, in_mev: f64) -> String {
        let short = |value: f64| number_text(format!("{value:.3e}").parse().unwrap_or(value));
        let range = |(low, high): (f64, f64)| match low == high {
            true => short(low),
            false => format!("{} to {}", short(low), short(high)),
        };
        let (low, high) = self.mass_mev;
        format!("at masses {} {unit} and couplings {}", range((low / in_mev, high / in_mev)), range(self.coupling))
    }
}

/// A part of the plane about which nothing is known: its corners of lowest and of highest mass (MeV) and coupling.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Unknown {
    /// Masses (MeV).
    pub mass_mev: (f64, f64),
    /// Couplings.
    pub coupling: (f64, f64),
}

impl Border<'_> {
    fn is_missing(&self, row: usize, column: usize) -> bool {
        self.values[row * self.coupling.len() + column].is_nan()
    }

    /// What is missing; none of a complete map.
    pub fn missing(&self) -> Option<Missing> {
        let couplings = self.coupling.len().max(1);
        let at = self.values.iter().enumerate().filter(|(_, value)| value.is_nan()).map(|(point, _)| point);
        let mut found: Option<Missing> = None;
        let grow = |ends: &mut (f64, f64), value: f64| *ends = (ends.0.min(value), ends.1.max(value));
        for point in at {
            let (mass, coupling) = (self.mass_mev[point / couplings], self.coupling[point % couplings]);
            let of = self.values.len();
            let missing =
                found.get_or_insert(Missing { points: 0, of, mass_mev: (mass, mass), coupling: (coupling, coupling) });
            missing.points += 1;
            grow(&mut missing.mass_mev, mass);
            grow(&mut missing.coupling, coupling);
        }
        found
    }

    /// At each mass the stretches of coupling about which nothing is known: from the last point that is known to the next.
    pub(crate) fn unknown_stretches(&self) -> Vec<Vec<(f64, f64)>> {
        let ends = |(first, last): (usize, usize)| {
            let top = self.coupling.len() - 1;
            (self.coupling[first.saturating_sub(1)], self.coupling[(last + 1).min(top)])
        };
        let runs = |row: usize| runs(self.coupling.len(), |column| self.is_missing(row, column));
        (0..self.mass_mev.len()).map(|row| runs(row).into_iter().map(ends).collect()).collect()
    }

    /// The cells with a missing corner, joined to rectangles: no border runs there, and no region reaches into them.
    pub fn unknown(&self) -> Vec<Unknown> {
        let (rows, columns) = (self.mass_mev.len().saturating_sub(1), self.coupling.len().saturating_sub(1));
        let is_unknown = |row: usize, column: usize| {
            [(0, 0), (0, 1), (1, 0), (1, 1)].iter().any(|(i, j)| self.is_missing(row + i, column + j))
        };
        let mut all: Vec<Unknown> = Vec::new();
        // Rectangles that reach the masses of this row, by their first and last cell.
        let mut open: Vec<((usize, usize), usize)> = Vec::new();
        for row in 0..rows {
            let mut next = Vec::new();
            for run in runs(columns, |column| is_unknown(row, column)) {
                let known = open.iter().find(|(before, _)| *before == run).map(|(_, index)| *index);
                let index = known.unwrap_or_else(|| {
                    let coupling = (self.coupling[run.0], self.coupling[run.1 + 1]);
                    all.push(Unknown { mass_mev: (self.mass_mev[row], self.mass_mev[row]), coupling });
                    all.len() - 1
                });
                all[index].mass_mev.1 = self.mass_mev[row + 1];
                next.push((run, index));
            }
            open = next;
        }
        all
    }
}

/// First and last index of each run of so many places for which something holds.
fn runs(places: usize, holds: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for place in (0..places).filter(|place| holds(*place)) {
        match found.last_mut() {
            Some((_, last)) if *last + 1 == place => *last = place,
            _ => found.push((place, place)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Minima;

    const NAN: f64 = f64::NAN;
    const MASSES: [f64; 4] = [1.0, 2.0, 3.0, 4.0];
    const COUPLINGS: [f64; 5] = [10.0, 20.0, 30.0, 40.0, 50.0];

    fn border(chi2: &[f64]) -> Border<'_> {
        Border::new(&MASSES, &COUPLINGS, chi2, &Minima::Plane(0.0), 1.0)
    }

    #[test]
    fn gaps_are_found_where_they_are() {
        #[rustfmt::skip]
        let chi2 = [
            2.0, 2.0, 2.0, 2.0, 2.0,
            2.0, NAN, NAN, 2.0, NAN,
            NAN, NAN, NAN, NAN, NAN,
            2.0, 2.0, 2.0, 2.0, 2.0,
        ];
        let border = border(&chi2);
        let missing = border.missing().unwrap();
        assert_eq!(missing, Missing { points: 8, of: 20, mass_mev: (2.0, 3.0), coupling: (10.0, 50.0) });
        assert!(
            missing.words().starts_with("8 of 20 points are missing, at masses 2 to 3 MeV and couplings 10 to 50:")
        );
        // By hand: between the known points around a gap, or to the end of the map.
        let none: Vec<(f64, f64)> = Vec::new();
        assert_eq!(
            border.unknown_stretches(),
            [none.clone(), vec![(10.0, 40.0), (40.0, 50.0)], vec![(10.0, 50.0)], none]
        );
        // Every cell touches a missing point here: one rectangle.
        let whole = Unknown { mass_mev: (1.0, 4.0), coupling: (10.0, 50.0) };
        assert_eq!(border.unknown(), [whole]);
        // What is excluded ends at the last known point: no span runs across a gap.
        let spans = border.spans().unwrap();
        assert_eq!(spans[1].len(), 0, "points between gaps have no extent");
    }

    #[test]
    fn a_single_point_spoils_its_four_cells() {
        let mut chi2 = [2.0; 20];
        chi2[7] = NAN;
        let cells = Unknown { mass_mev: (1.0, 3.0), coupling: (20.0, 40.0) };
        assert_eq!(border(&chi2).unknown(), [cells]);
        assert_eq!(border(&[2.0; 20]).missing(), None);
        assert!(border(&[2.0; 20]).unknown().is_empty());
    }
}
