//! Whether what is said of a file's curve fits its form.

use crate::Result;

use super::columns::Form;
use super::names::{announces_a_side, announces_two_edges};
use super::outline::Reader;
use super::rows::Row;
use super::settings::{Excluded, setting};

/// Units and factors round: a point may be so far outside of the window, relatively.
const ROUNDING: f64 = 1e-9;

impl Reader<'_> {
    /// Refuses what is said of the excluded side and means nothing for the form of the file, and points outside of the part
    /// of the plane that it says it is about.
    pub(super) fn fits(&self) -> Result<()> {
        let first_line = self.sheet.width().1;
        let form = self.layout.form;
        let (is_meant, bound) = match form {
            Form::Curve => (
                !matches!(self.excluded, Some(Excluded::RiseAbove(_) | Excluded::Stated(_))),
                "above, below, inside or inside with holes, for a curve of mass and coupling",
            ),
            Form::Band => (
                matches!(self.excluded, None | Some(Excluded::Inside)),
                "left out for a lower and an upper coupling: what lies between is excluded",
            ),
            Form::RValues => (self.excluded.is_none(), "left out for r: excluded is where it is below 1"),
            Form::Map => (true, ""),
            Form::Contour => (
                matches!(self.excluded, Some(Excluded::Above | Excluded::Below | Excluded::Stated(_))),
                "said for the lines of a contour: write '# excluded: above' in the header if at every mass the smallest \
                 couplings are allowed, 'below' if at every mass they are excluded; 'right of each line' and '# window: ...' \
                 is how files of this program say it",
            ),
        };
        if !is_meant {
            let found = if self.excluded.is_none() { "missing" } else { "of another form of file" };
            return Err(self.refused(first_line, "'excluded'", found, bound));
        }
        if form == Form::Curve && self.excluded.is_none() {
            self.no_other_side()?;
        }
        let Some(window) = self.window else { return Ok(()) };
        if !matches!(form, Form::Curve | Form::Contour) {
            let bound = "left out but for a curve, or the lines of a contour: all others say where they end";
            return Err(self.refused(first_line, "'window'", window, bound));
        }
        let is_inside =
            |value: f64, [low, high]: [f64; 2]| (low * (1.0 - ROUNDING)..=high * (1.0 + ROUNDING)).contains(&value);
        let outside = |row: &&Row| {
            let mass_mev = row.values[self.layout.mass] * self.layout.mass_unit_mev;
            let coupling = row.values[self.layout.coupling];
            !(is_inside(mass_mev, window.mass_mev) && (self.is_gap(row) || is_inside(coupling, window.coupling)))
        };
        match self.sheet.rows().find(outside) {
            Some(row) => {
                let place = format!("at {} and {}", row.values[self.layout.mass], row.values[self.layout.coupling]);
                Err(self.refused(row.line, "point", place, &format!("in the window, {window}")))
            }
            None => Ok(()),
        }
    }

    /// Refuses a curve whose header speaks of what is excluded, or of two edges of it, in words that are not understood.
    fn no_other_side(&self) -> Result<()> {
        let prose = || self.sheet.comments.iter().filter(|(_, comment)| setting(comment).is_none());
        if let Some((line, comment)) = prose().find(|(_, comment)| announces_a_side(comment)) {
            let bound = "clear on what is excluded: write '# excluded: above', 'below' or 'inside' in the header";
            return Err(self.refused(*line, "header", format!("'{comment}'"), bound));
        }
        if self.sheet.blocks.len() > 1
            && let Some((line, comment)) = prose().find(|(_, comment)| announces_two_edges(comment))
        {
            let bound = "of one edge: write three columns (mass, lower, upper), or one outline";
            return Err(self.refused(*line, "header of several blocks", format!("'{comment}'"), bound));
        }
        Ok(())
    }
}
