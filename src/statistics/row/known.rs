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
    /// chi2 of the next minimum above the lowest of each record; infinite where it is not known.
    rises: Vec<f64>,
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

/// Where a fit starts: two points near to it of which minima are known. Without any: cold.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start<'a> {
    points: [Option<(&'a Known, usize)>; 2],
    /// Share of the second where the fit's point lies between the two.
    share: Option<f64>,
}

/// A minimum to start from, or a place between two: values of the parameters, and bins that are held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    values: [&'a [f64]; 2],
    held: [&'a [HeldBin]; 2],
    share: f64,
}

impl Known {
    /// Forgets all.
    pub fn clear(&mut self) {
        self.places.clear();
        self.values.clear();
        self.rises.clear();
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

    /// The start of a point between those of the same row.
    pub(super) fn start(&self, place: usize) -> Start<'_> {
        match self.around(place) {
            [Some((before, first)), Some((after, second))] => {
                Start::between((before as f64, self, first), (after as f64, self, second))
            }
            around => Start::near(around.map(|found| found.map(|(_, record)| (self, record)))),
        }
    }

    /// Adds what was found at the points of a list, which says where they stand in the row.
    pub fn add(&mut self, found: Known, list: &[usize]) {
        let (records, held) = (self.rises.len() as u32, self.held.len());
        self.parameters = found.parameters;
        let place = |place: u32| list.get(place as usize).map_or(place, |place| *place as u32);
        self.places.extend(found.places.into_iter().map(|(known, record)| (place(known), records + record)));
        self.places.sort_unstable();
        self.values.extend(found.values);
        self.rises.extend(found.rises);
        self.held.extend(found.held);
        self.held_ends.extend(found.held_ends.into_iter().map(|end| held + end));
    }

    /// Begins a point, of which the minima of all ranks are [`Known::put`] next; `rise` is chi2 of the next minimum above the
    /// lowest, infinite where it is not known.
    pub(super) fn begin(&mut self, parameters: usize, place: usize, rise: f64) {
        self.parameters = parameters;
        self.places.push((place as u32, self.rises.len() as u32));
        self.rises.push(rise);
    }

    /// The minimum of the next rank of the point that was begun last; of one that is not known anything.
    pub(super) fn put(&mut self, values: impl Iterator<Item = f64>, held: impl Iterator<Item = HeldBin>) {
        self.values.extend(values);
        self.held.extend(held);
        self.held_ends.push(self.held.len());
    }

    /// The lowest minimum of a record.
    pub(super) fn minimum(&self, record: usize) -> Source<'_> {
        self.source(record, 0)
    }

    fn source(&self, record: usize, rank: usize) -> Source<'_> {
        let own = record * RANKS + rank;
        let first = own.checked_sub(1).map_or(0, |before| self.held_ends[before]);
        let (values, held) =
            (&self.values[own * self.parameters..][..self.parameters], &self.held[first..self.held_ends[own]]);
        Source { values: [values; 2], held: [held; 2], share: 0.0 }
    }
}

impl<'a> Start<'a> {
    /// A start at the nearest of some points; the other, in another direction, may know of other minima.
    pub fn near(points: [Option<(&'a Known, usize)>; 2]) -> Start<'a> {
        let [first, second] = points;
        Start { points: if first.is_some() { points } else { [second, first] }, share: None }
    }

    /// A start between two points, each with its distance.
    pub fn between(one: (f64, &'a Known, usize), other: (f64, &'a Known, usize)) -> Start<'a> {
        let [nearer, further] = if other.0 < one.0 { [other, one] } else { [one, other] };
        let (distance, all) = (nearer.0, nearer.0 + further.0);
        let points = [nearer, further].map(|(_, known, record)| Some((known, record)));
        Start { points, share: (all > 0.0).then(|| distance / all) }
    }

    /// The lowest minimum at one of the points.
    pub(super) fn lowest(&self, point: usize) -> Option<Source<'a>> {
        self.points[point].map(|(known, record)| known.source(record, 0))
    }

    /// The next minimum at the nearest point of which it is known.
    pub(super) fn next(&self) -> Option<Source<'a>> {
        let is_known = |(known, record): &(&'a Known, usize)| known.rises[*record].is_finite();
        let (known, record) = self.points.into_iter().flatten().find(is_known)?;
        Some(known.source(record, 1))
    }

    /// The place between the lowest minima of the two points, or between the next ones, for a point between; they may be
    /// others.
    pub(super) fn middle(&self, rank: usize) -> Option<Source<'a>> {
        let [Some((one, first)), Some((other, second))] = self.points else { return None };
        Some(one.source(first, rank).and(other.source(second, rank), self.share?))
    }

    /// How far the next minima of two points rise above their lowest, infinite where none is known, and the share of the
    /// second, for a point between.
    pub(super) fn rises(&self) -> Option<([f64; 2], f64)> {
        let [Some((one, first)), Some((other, second))] = self.points else { return None };
        Some(([one.rises[first], other.rises[second]], self.share?))
    }
}

impl<'a> Source<'a> {
    /// The place between two minima.
    fn and(self, other: Source<'a>, share: f64) -> Source<'a> {
        Source { values: [self.values[0], other.values[0]], held: [self.held[0], other.held[0]], share }
    }

    /// The two minima between which it is; one twice where it is at a minimum.
    pub fn ends(&self) -> [&'a [f64]; 2] {
        self.values
    }

    /// Values of the parameters.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        let [one, other] = self.values;
        one.iter().zip(other).map(move |(one, other)| one + (other - one) * self.share)
    }

    /// The bins of a dataset that are held at the first end, each with its multiplier.
    pub fn held(&self, dataset: usize) -> impl Iterator<Item = (usize, f64)> {
        let [own, others] = self.held;
        own.iter().filter(move |bin| usize::from(bin.dataset) == dataset).map(move |bin| {
            let other = others.iter().find(|other| (other.dataset, other.bin) == (bin.dataset, bin.bin));
            let (own, theirs) = (f64::from(bin.multiplier), other.map_or(0.0, |other| f64::from(other.multiplier)));
            (usize::from(bin.bin), own + (theirs - own) * self.share)
        })
    }
}
