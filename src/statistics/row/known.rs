//! Minima that were found along a row, kept so that points between them, and in the rows beside, start from there.

/// The lowest minimum of a point, and the next.
const RANKS: usize = 2;

/// Minima of one fit at some points of a row.
#[derive(Debug, Clone, Default)]
pub struct Known {
    parameters: usize,
    /// Where the points stand in the row, ascending, and the record of each.
    places: Vec<(u32, u32)>,
    /// Values of the parameters in the kernel's order and units, `[records][ranks][parameters]`.
    values: Vec<f64>,
    /// Whether the next minimum is known of each record.
    has_next: Vec<bool>,
    /// Bins without counts that are held at 0, and where those of each `[records][ranks]` end.
    held: Vec<HeldBin>,
    held_ends: Vec<usize>,
}

/// A bin that is held, of one of the datasets that are fitted together, with its multiplier.
#[derive(Debug, Clone, Copy)]
pub(super) struct HeldBin {
    pub dataset: u16,
    pub bin: u16,
    pub multiplier: f32,
}

/// Where a fit starts: the two points nearest to it of which minima are known. Without any: cold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start<'a>(pub [Option<(&'a Known, usize)>; 2]);

/// A minimum to start from: values of the parameters, and bins that are held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub values: &'a [f64],
    pub held: &'a [HeldBin],
}

impl Known {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.places.clear();
        self.values.clear();
        self.has_next.clear();
        self.held.clear();
        self.held_ends.clear();
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The known points on either side of a place in the row, each with its distance: itself, if it is known.
    pub fn around(&self, place: usize) -> [Option<(usize, usize)>; 2] {
        let after = self.places.partition_point(|(known, _)| (*known as usize) < place);
        let known = |index: usize| {
            self.places.get(index).map(|(known, record)| ((*known as usize).abs_diff(place), *record as usize))
        };
        [after.checked_sub(1).and_then(known), known(after)]
    }

    /// The start of a point between those of the same row: the nearer one first.
    pub(super) fn start(&self, place: usize) -> Start<'_> {
        let mut around = self.around(place);
        if let [Some(before), Some(after)] = around
            && after.0 < before.0
        {
            around.reverse();
        }
        let [first, second] = around.map(|found| found.map(|(_, record)| (self, record)));
        Start(if first.is_some() { [first, second] } else { [second, first] })
    }

    /// Adds what was found at the points of a list, which says where they stand in the row.
    pub fn add(&mut self, found: Known, list: &[usize]) {
        let (records, held) = (self.has_next.len() as u32, self.held.len());
        self.parameters = found.parameters;
        let place = |place: u32| list.get(place as usize).map_or(place, |place| *place as u32);
        self.places.extend(found.places.into_iter().map(|(known, record)| (place(known), records + record)));
        self.places.sort_unstable();
        self.values.extend(found.values);
        self.has_next.extend(found.has_next);
        self.held.extend(found.held);
        self.held_ends.extend(found.held_ends.into_iter().map(|end| held + end));
    }

    /// Begins a point, of which the minima of all ranks are [`Known::put`] next.
    pub(super) fn begin(&mut self, parameters: usize, place: usize, has_next: bool) {
        self.parameters = parameters;
        self.places.push((place as u32, self.has_next.len() as u32));
        self.has_next.push(has_next);
    }

    /// The minimum of the next rank of the point that was begun last; of one that is not known anything.
    pub(super) fn put(&mut self, values: impl Iterator<Item = f64>, held: impl Iterator<Item = HeldBin>) {
        self.values.extend(values);
        self.held.extend(held);
        self.held_ends.push(self.held.len());
    }

    fn source(&self, record: usize, rank: usize) -> Source<'_> {
        let own = record * RANKS + rank;
        let first = own.checked_sub(1).map_or(0, |before| self.held_ends[before]);
        Source {
            values: &self.values[own * self.parameters..][..self.parameters],
            held: &self.held[first..self.held_ends[own]],
        }
    }
}

impl<'a> Start<'a> {
    /// The lowest minimum at one of the points.
    pub(super) fn lowest(&self, point: usize) -> Option<Source<'a>> {
        self.0[point].map(|(known, record)| known.source(record, 0))
    }

    /// The next minimum at the nearest point of which it is known.
    pub(super) fn next(&self) -> Option<Source<'a>> {
        let (known, record) = self.0.into_iter().flatten().find(|(known, record)| known.has_next[*record])?;
        Some(known.source(record, 1))
    }
}
