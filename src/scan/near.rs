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
    /// The start at one point: between neighbours in the row or in the rows beside, of which the nearer ones; else the two
    /// nearest that are known, each in another direction.
    pub fn start(&self, place: usize) -> Start<'a> {
        let at = |points: usize| points as f64 * self.spacing;
        let own = self.own.around(place).map(|found| found.map(|(points, record)| (at(points), self.own, record)));
        let beside = self.beside.map(|known| {
            let known = known?;
            let (points, record) = known.around(place).into_iter().flatten().min_by_key(|(points, _)| *points)?;
            // Between rows are places that stand across.
            Some((self.distance + at(points), known, record))
        });
        let mut pairs = [own, beside];
        let reach = |pair: &[Option<(f64, &Known, usize)>; 2]| match pair {
            [Some((one, ..)), Some((other, ..))] => one.max(*other),
            _ => f64::INFINITY,
        };
        if reach(&pairs[1]) < reach(&pairs[0]) {
            pairs.reverse();
        }
        if let [Some(one), Some(other)] = pairs[0]
            && reach(&pairs[0]) <= FURTHEST
        {
            return Start::between(one, other);
        }
        let mut near: Vec<_> = pairs.into_iter().flatten().flatten().filter(|found| found.0 <= FURTHEST).collect();
        near.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut near = near.into_iter().map(|(_, known, record)| (known, record));
        Start::near([near.next(), near.next()])
    }
}
