//! Where the minimisations of a row start: at minima that are known in it, or in the rows beside.

use crate::statistics::row::{Known, Start};

/// Largest distance in ln g and ln M together of a start: what stands further off may have other minima.
const FURTHEST: f64 = 0.25;

/// What is known near a row.
pub(super) struct Near<'a> {
    /// Minima of the row itself, and of the rows on either side.
    pub own: &'a Known,
    pub beside: [Option<&'a Known>; 2],
    /// Distance of neighbours in the row in ln g, and of those rows in ln M.
    pub spacing: f64,
    pub distance: f64,
}

impl<'a> Near<'a> {
    /// Nothing is known.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.beside.iter().flatten().all(|known| known.is_empty())
    }

    /// The start at one point: the two nearest that are known, each in another direction.
    pub fn start(&self, place: usize) -> Start<'a> {
        let at = |points: usize| points as f64 * self.spacing;
        let own = self.own.around(place).map(|found| found.map(|(points, record)| (at(points), self.own, record)));
        let beside = self.beside.map(|known| {
            let known = known?;
            let (points, record) = known.around(place).into_iter().flatten().min_by_key(|(points, _)| *points)?;
            Some((self.distance + at(points), known, record))
        });
        let mut start: [Option<(f64, &'a Known, usize)>; 2] = [None; 2];
        for found in own.into_iter().chain(beside).flatten() {
            let is_nearer =
                |other: &Option<(f64, &Known, usize)>| other.is_none_or(|(distance, ..)| found.0 < distance);
            if found.0 > FURTHEST {
                continue;
            }
            if is_nearer(&start[0]) {
                start = [Some(found), start[0]];
            } else if is_nearer(&start[1]) {
                start[1] = Some(found);
            }
        }
        Start(start.map(|found| found.map(|(_, known, record)| (known, record))))
    }
}
