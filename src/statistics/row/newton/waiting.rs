//! Points whose searches from known minima wait for those of others: side by side they fill vectors.

use super::super::known::{Known, Source};
use super::super::lanes::LANES;
use super::search::Due;

/// Points that wait, in order.
#[derive(Default)]
pub(super) struct Waiting<'a> {
    points: Vec<usize>,
    near: Vec<[Option<Source<'a>>; 2]>,
    /// chi2 at the lowest minimum of each that is known yet, and where that is.
    chi2: Vec<f64>,
    pub lowest: Known,
    taken: usize,
}

/// Eight of them: their places in the row, in the list, and what is due.
pub(super) struct Group<'a> {
    pub points: [usize; LANES],
    pub records: [usize; LANES],
    pub due: [Due<'a>; LANES],
    /// Lanes beyond the end, in which nothing is due.
    pub repeated: u64,
}

impl<'a> Waiting<'a> {
    /// Adds a point, whose lowest minimum is then added to `lowest`.
    pub(super) fn add(&mut self, point: usize, near: [Option<Source<'a>>; 2], chi2: f64) {
        self.points.push(point);
        self.near.push(near);
        self.chi2.push(chi2);
    }

    /// The next eight; beyond the end the last is repeated.
    pub(super) fn take(&mut self) -> Option<Group<'a>> {
        let (first, last) = (self.taken, self.points.len().checked_sub(1)?);
        if first > last {
            return None;
        }
        self.taken += LANES;
        let records = std::array::from_fn(|lane| (first + lane).min(last));
        let due = std::array::from_fn(|lane| {
            let near = self.near.get_mut(first + lane).map(std::mem::take);
            Due { near: near.unwrap_or_default(), others: 0..0 }
        });
        let repeated = (0..LANES).filter(|lane| first + lane > last).fold(0, |lanes, lane| lanes | 1 << lane);
        Some(Group { points: records.map(|record| self.points[record]), records, due, repeated })
    }

    /// chi2 at the lowest minimum of a point in the list, and where that is.
    pub(super) fn found(&self, record: usize) -> (f64, Source<'_>) {
        (self.chi2[record], self.lowest.minimum(record))
    }
}
