//! Closed outlines within others: holes, or excluded as well?

use crate::Result;
use crate::others::recast::known::crossed;

use super::outline::{Outline, Reader};
use super::settings::Excluded;
use super::sides::{Curve, Sides, parted_off};

impl Reader<'_> {
    /// What closed outlines, each with its line in the file, exclude together: the inside of each, or, where holes are
    /// announced, what lies within an odd number of them.
    ///
    /// # Errors
    /// An outline within another where nothing is said of holes.
    pub(super) fn without_holes(&self, closed: Vec<(usize, Outline)>) -> Result<Vec<Outline>> {
        if self.excluded == Some(Excluded::InsideWithHoles) {
            let ends = |(file_line, mut points): (usize, Outline)| {
                points.extend(points.first().copied());
                Curve { file_line, points }
            };
            let lines: Vec<Curve> = closed.into_iter().map(ends).collect();
            return parted_off(&lines, Sides::BelowAll { is_excluded: false, window: None })
                .map_err(|(line, quantity, bound)| self.refused(line, quantity, "otherwise", bound));
        }
        for (line, inner) in &closed {
            if let Some((outer, _)) = closed.iter().find(|(_, outer)| outer != inner && lies_within(inner, outer)) {
                let found = format!("within that of line {outer}");
                let bound = "clear whether it is a hole: write '# excluded: inside with holes' in the header if it is \
                             allowed there, and leave it out if it is not";
                return Err(self.refused(*line, "outline", found, bound));
            }
        }
        Ok(closed.into_iter().map(|(_, outline)| outline).collect())
    }
}

/// Whether all of an outline lies inside another, looked at in the middle of its edges.
fn lies_within(inner: &[[f64; 2]], outer: &[[f64; 2]]) -> bool {
    let next = inner.iter().cycle().skip(1);
    let mut middles = inner.iter().zip(next).map(|(a, b)| [(a[0] * b[0]).sqrt(), (a[1] * b[1]).sqrt()]);
    middles.all(|[mass, coupling]| {
        let spans = crossed(outer, mass, |of_point| of_point <= mass);
        spans.iter().any(|(low, high)| (*low..=*high).contains(&coupling))
    })
}
