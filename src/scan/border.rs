//! The border of the excluded region of a map, for all that draws, writes or measures it.

use std::borrow::Cow;

use crate::Result;
use crate::base::contour::statement::{Statement, Window};
use crate::base::contour::{Field, Line, Ring, Span};

/// What chi2 rises from at the masses of a map.
#[derive(Debug, Clone, PartialEq)]
pub enum Minima {
    /// One chi2 for all.
    Plane(f64),
    /// One for each mass, `[masses]`.
    AtMass(Vec<f64>),
}

impl Minima {
    /// At the mass of this index.
    pub fn at(&self, row: usize) -> f64 {
        match self {
            Minima::Plane(chi2) => *chi2,
            Minima::AtMass(chi2) => chi2[row],
        }
    }
}

/// A map of values with the level above which couplings are excluded.
#[derive(Debug, Clone)]
pub struct Border<'a> {
    pub(super) mass_mev: &'a [f64],
    pub(super) coupling: &'a [f64],
    /// chi2, or its rise where each mass has its own minimum; `[mass][coupling]`, NaN where it is missing.
    pub(super) values: Cow<'a, [f64]>,
    level: f64,
}

impl<'a> Border<'a> {
    /// The border at `rise` above the minima of a map of `chi2`, row-major `[mass][coupling]`.
    pub fn new(mass_mev: &'a [f64], coupling: &'a [f64], chi2: &'a [f64], minima: &Minima, rise: f64) -> Border<'a> {
        let (values, level) = match minima {
            Minima::Plane(minimum) => (Cow::Borrowed(chi2), minimum + rise),
            Minima::AtMass(minima) => {
                let rows = chi2.chunks(coupling.len().max(1)).zip(minima);
                let rises = rows.flat_map(|(row, minimum)| row.iter().map(move |chi2| chi2 - minimum));
                (Cow::Owned(rises.collect()), rise)
            }
        };
        Border { mass_mev, coupling, values, level }
    }

    /// The border of what is above a level of its own at each point, given how far each is above.
    pub fn of_excess(mass_mev: &'a [f64], coupling: &'a [f64], excess: Vec<f64>) -> Border<'a> {
        Border { mass_mev, coupling, values: Cow::Owned(excess), level: 0.0 }
    }

    fn field(&self) -> Result<Field<'_>> {
        Field::new(self.mass_mev, self.coupling, &self.values)
    }

    /// The lines on which it runs.
    ///
    /// # Errors
    /// Axes that are not positive and increasing, or a map of another size; none for a map that a scan made.
    pub fn lines(&self) -> Result<Vec<Line>> {
        Ok(self.field()?.level_lines(self.level))
    }

    /// Which side of these lines is excluded, for files that hold them.
    pub fn statement(&self, lines: &[Line]) -> Statement {
        Statement::of(lines, &self.values, self.level)
    }

    /// The part of the plane that the map covers; none without points.
    pub fn window(&self) -> Option<Window> {
        Window::of(self.mass_mev, self.coupling)
    }

    /// The excluded region.
    ///
    /// # Errors
    /// Those of [`Border::lines`].
    pub fn regions(&self) -> Result<Vec<Ring>> {
        Ok(self.field()?.regions_above(self.level))
    }

    /// The excluded intervals of the coupling at each mass.
    ///
    /// # Errors
    /// Those of [`Border::lines`].
    pub fn spans(&self) -> Result<Vec<Vec<Span>>> {
        Ok(self.field()?.spans_above(self.level))
    }

    /// Indices of the points of all cells that it runs through.
    ///
    /// # Errors
    /// Those of [`Border::lines`].
    pub fn points_beside(&self) -> Result<Vec<usize>> {
        Ok(self.field()?.points_next_to_level(self.level))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mass_has_its_own_minimum() {
        // By hand: chi2 = minimum of the row + g; a rise of 2.5 is met at g = 2.5 in the logarithm between 2 and 3.
        let (masses, couplings) = ([1.0, 2.0], [1.0, 2.0, 3.0, 4.0]);
        let minima = [10.0, 17.0];
        let chi2: Vec<f64> = minima.iter().flat_map(|minimum| couplings.map(|g| minimum + g)).collect();
        let spans = |minima| Border::new(&masses, &couplings, &chi2, &minima, 2.5).spans().unwrap();
        let own = spans(Minima::AtMass(minima.to_vec()));
        assert!(own.iter().all(|spans| spans.len() == 1 && (spans[0].low - 6f64.sqrt()).abs() < 1e-12), "{own:?}");
        let plane = spans(Minima::Plane(10.0));
        assert_eq!((plane[0].clone(), plane[1][0].low), (own[0].clone(), 1.0), "all of the second mass is excluded");
    }
}
