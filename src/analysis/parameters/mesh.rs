//! A function on lines that cross, with more of them wherever its zero line is not known well enough.

use rayon::prelude::*;

use crate::Result;

use super::regions::Regions;

/// How far the zero line may be off, as a part of the thickness of the region that it borders.
const TOLERANCE: f64 = 0.004;
/// A dip that may reach zero between two values is looked at until these are as close, as a part of the same thickness.
const CLOSEST: f64 = 0.04;
/// How much further than its second differences say a function may bend.
const SAFETY: f64 = 1.5;
/// Rounds, lines along an axis, and values at which the search ends, whatever is known.
const ROUNDS: usize = 100;
const MOST_LINES: usize = 1500;
const MOST_VALUES: usize = 150_000;

/// Lines that are as close are one.
pub(super) const ONE_LINE: f64 = 1e-14;

/// Values at the crossings of lines on the unit square; the inside is where they are at most zero.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mesh {
    /// Where the lines of equal x and of equal y are, increasing.
    pub lines: [Vec<f64>; 2],
    /// Row-major `[x][y]`.
    pub values: Vec<f64>,
    /// Whether they are the function's; else they are between those of neighbours, and of the same sign as all around.
    known: Vec<bool>,
}

/// A stretch of a line between two crossings: its axis, the gap along it, and the number of the line.
#[derive(Clone, Copy)]
struct Edge {
    axis: usize,
    gap: usize,
    line: usize,
}

impl Mesh {
    /// Of all values.
    pub fn new(lines: [Vec<f64>; 2], values: Vec<f64>) -> Mesh {
        let known = vec![true; values.len()];
        Mesh { lines, values, known }
    }

    /// New lines along both axes, and values where those that are new, or next to new ones, cross.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn add_lines(&mut self, new: &[Vec<f64>; 2], f: impl Fn([f64; 2]) -> Result<f64> + Sync) -> Result<()> {
        let mut is_close: [Vec<bool>; 2] = Default::default();
        for (axis, new) in new.iter().enumerate() {
            for line in new {
                let after = self.lines[axis].partition_point(|other| other < line);
                let beside = [after.checked_sub(1), Some(after)].into_iter().flatten();
                let is_there =
                    |other: usize| self.lines[axis].get(other).is_some_and(|at| (at - line).abs() <= ONE_LINE);
                if after > 0 && after < self.lines[axis].len() && !beside.into_iter().any(is_there) {
                    self.insert(axis, &[(after - 1, *line)]);
                }
            }
            let is_new = |line: usize| self.lines[axis].get(line).is_some_and(|at| new.contains(at));
            let beside = |line: usize| is_new(line) || is_new(line + 1) || line.checked_sub(1).is_some_and(is_new);
            is_close[axis] = (0..self.lines[axis].len()).map(beside).collect();
        }
        let columns = self.lines[1].len();
        let is_asked =
            |index: &usize| !self.known[*index] && is_close[0][index / columns] && is_close[1][index % columns];
        let asked: Vec<usize> = (0..self.values.len()).filter(is_asked).collect();
        self.ask(&asked, &f)
    }

    /// Values less a level.
    pub fn below(mut self, level: f64) -> Mesh {
        self.values.iter_mut().for_each(|value| *value -= level);
        self
    }

    /// Puts a line in each direction through a place whose value is known, unless the place is inside with all around.
    pub fn add_place(&mut self, at: [f64; 2], value: f64) {
        let cell: [usize; 2] = std::array::from_fn(|axis| {
            let after = self.lines[axis].partition_point(|line| *line <= at[axis]);
            after.clamp(1, self.lines[axis].len() - 1) - 1
        });
        let corners = [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[i, j]| self.index([cell[0] + i, cell[1] + j]));
        if corners.iter().all(|corner| self.values[*corner] <= 0.0) {
            return;
        }
        let place = [0, 1].map(|axis: usize| {
            let near = [cell[axis], cell[axis] + 1];
            near.into_iter().find(|line| (self.lines[axis][*line] - at[axis]).abs() <= ONE_LINE).unwrap_or_else(|| {
                self.insert(axis, &[(cell[axis], at[axis])]);
                cell[axis] + 1
            })
        });
        let own = self.index(place);
        (self.values[own], self.known[own]) = (value, true);
    }

    /// Adds lines until the zero line is known to [`TOLERANCE`], or too many are needed. How far it may be off then, as a
    /// part of the thickness of what it borders.
    ///
    /// # Errors
    /// Those of `f`.
    pub fn refine(&mut self, f: impl Fn([f64; 2]) -> Result<f64> + Sync) -> Result<f64> {
        let (mut left, mut off) = (MOST_VALUES, 0.0);
        for _ in 0..ROUNDS {
            // What is around each edge that may be crossed is known before anything is concluded from it.
            loop {
                let asked = self.unknown_near(&self.open());
                if asked.is_empty() || left == 0 {
                    break;
                }
                left = left.saturating_sub(asked.len());
                self.ask(&asked, &f)?;
            }
            let regions = Regions::new(&self.lines, &self.values);
            let mut wanted: [Vec<(f64, usize)>; 2] = Default::default();
            off = 0.0;
            for edge in self.open() {
                let need = self.need(edge, &regions);
                if self.is_crossed(edge) {
                    off = f64::max(off, need * TOLERANCE);
                }
                if need > 1.0 {
                    wanted[edge.axis].push((need, edge.gap));
                }
            }
            let mut is_done = true;
            for (axis, mut wanted) in wanted.into_iter().enumerate() {
                wanted.sort_by(|a, b| b.0.total_cmp(&a.0));
                let mut gaps: Vec<usize> = Vec::new();
                let mut is_taken = vec![false; self.lines[axis].len()];
                for (_, gap) in wanted {
                    let [low, high] = [self.lines[axis][gap], self.lines[axis][gap + 1]];
                    let is_wide = high - low > 4.0 * ONE_LINE;
                    if is_wide && !is_taken[gap] && self.lines[axis].len() + gaps.len() < MOST_LINES {
                        is_taken[gap] = true;
                        gaps.push(gap);
                    }
                }
                if gaps.is_empty() || left == 0 {
                    continue;
                }
                is_done = false;
                gaps.sort_unstable();
                // Between the ends of edges that may be crossed nothing is taken from them.
                let open: Vec<(usize, usize)> =
                    self.open().iter().filter(|edge| edge.axis == axis).map(|edge| (edge.gap, edge.line)).collect();
                let middle = |gap: &usize| (*gap, 0.5 * (self.lines[axis][*gap] + self.lines[axis][gap + 1]));
                self.insert(axis, &gaps.iter().map(middle).collect::<Vec<_>>());
                let asked = open.iter().filter_map(|(gap, line)| {
                    let place = gap + 1 + gaps.binary_search(gap).ok()?;
                    Some(self.index(if axis == 0 { [place, *line] } else { [*line, place] }))
                });
                let asked: Vec<usize> = asked.filter(|index| !self.known[*index]).collect();
                left = left.saturating_sub(asked.len());
                self.ask(&asked, &f)?;
            }
            if is_done {
                break;
            }
        }
        Ok(off)
    }

    fn index(&self, [i, j]: [usize; 2]) -> usize {
        i * self.lines[1].len() + j
    }

    fn value(&self, edge: Edge, step: isize) -> Option<f64> {
        let place = edge.gap.checked_add_signed(step).filter(|place| *place < self.lines[edge.axis].len())?;
        Some(self.values[self.index(if edge.axis == 0 { [place, edge.line] } else { [edge.line, place] })])
    }

    fn ends(&self, edge: Edge) -> [f64; 2] {
        [0, 1].map(|step| self.value(edge, step).unwrap_or(f64::NAN))
    }

    fn width(&self, edge: Edge) -> f64 {
        self.lines[edge.axis][edge.gap + 1] - self.lines[edge.axis][edge.gap]
    }

    fn is_crossed(&self, edge: Edge) -> bool {
        let [a, b] = self.ends(edge);
        (a <= 0.0) != (b <= 0.0)
    }

    /// How far below and above the straight line between its ends the function may be on an edge.
    fn bends(&self, edge: Edge) -> [f64; 2] {
        let lines = &self.lines[edge.axis];
        let second = |step: isize| {
            let place = edge.gap.checked_add_signed(step)?;
            let before = self.value(edge, step - 1)?;
            let (here, after) = (self.value(edge, step)?, self.value(edge, step + 1)?);
            let (h, k) = (lines[place] - lines[place - 1], lines[place + 1] - lines[place]);
            Some(2.0 * ((after - here) / k - (here - before) / h) / (h + k))
        };
        let found = [second(0), second(1)].map(|second| second.unwrap_or(0.0));
        let part = SAFETY * self.width(edge).powi(2) / 8.0;
        [found[0].max(found[1]).max(0.0) * part, -found[0].min(found[1]).min(0.0) * part]
    }

    /// The edges that the zero line crosses, or may cross twice.
    fn open(&self) -> Vec<Edge> {
        let of_line = |axis: usize, line: usize| {
            let gaps = self.lines[axis].len() - 1;
            (0..gaps).map(move |gap| Edge { axis, gap, line }).filter(|edge| {
                let [a, b] = self.ends(*edge);
                let [below, above] = self.bends(*edge);
                match (a <= 0.0, b <= 0.0) {
                    (true, true) => a.max(b) + above > 0.0,
                    (false, false) => a.min(b) - below <= 0.0,
                    _ => true,
                }
            })
        };
        let lines = (0..2).flat_map(|axis| (0..self.lines[1 - axis].len()).map(move |line| (axis, line)));
        lines.collect::<Vec<_>>().into_par_iter().flat_map_iter(|(axis, line)| of_line(axis, line)).collect()
    }

    /// What is not known of the crossings next to some edges, increasing.
    fn unknown_near(&self, edges: &[Edge]) -> Vec<usize> {
        let mut found = Vec::new();
        for edge in edges {
            let along = edge.gap.saturating_sub(1)..(edge.gap + 3).min(self.lines[edge.axis].len());
            let across = edge.line.saturating_sub(1)..(edge.line + 2).min(self.lines[1 - edge.axis].len());
            let places = along.flat_map(|place| across.clone().map(move |line| (place, line)));
            let indices =
                places.map(|(place, line)| self.index(if edge.axis == 0 { [place, line] } else { [line, place] }));
            found.extend(indices.filter(|index| !self.known[*index]));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn ask(&mut self, asked: &[usize], f: &(impl Fn([f64; 2]) -> Result<f64> + Sync)) -> Result<()> {
        let columns = self.lines[1].len();
        let at = |index: usize| [self.lines[0][index / columns], self.lines[1][index % columns]];
        let values = asked.par_iter().map(|index| f(at(*index))).collect::<Result<Vec<f64>>>()?;
        for (index, value) in asked.iter().zip(values) {
            (self.values[*index], self.known[*index]) = (value, true);
        }
        Ok(())
    }

    /// New lines, each within a gap; gaps increase. Values there are between those of both neighbours.
    fn insert(&mut self, axis: usize, new: &[(usize, f64)]) {
        // Where each new line comes from: an old one, or two with the part of the way.
        let mut sources: Vec<(usize, f64)> = Vec::new();
        let mut lines = Vec::new();
        let mut next = new.iter().peekable();
        for (place, line) in self.lines[axis].iter().enumerate() {
            sources.push((place, 0.0));
            lines.push(*line);
            if let Some((_, at)) = next.next_if(|(gap, _)| *gap == place) {
                sources.push((place, (at - line) / (self.lines[axis][place + 1] - line)));
                lines.push(*at);
            }
        }
        let columns = self.lines[1].len();
        let (mut values, mut known) = (Vec::new(), Vec::new());
        let mut push = |first: usize, step: usize, part: f64| match part {
            0.0 => {
                values.push(self.values[first]);
                known.push(self.known[first]);
            }
            part => {
                values.push((1.0 - part) * self.values[first] + part * self.values[first + step]);
                known.push(false);
            }
        };
        match axis {
            0 => sources.iter().for_each(|(i, part)| (0..columns).for_each(|j| push(i * columns + j, columns, *part))),
            _ => (0..self.lines[0].len())
                .for_each(|i| sources.iter().for_each(|(j, part)| push(i * columns + j, 1, *part))),
        }
        (self.values, self.known) = (values, known);
        self.lines[axis] = lines;
    }

    /// How much closer the values at an edge's ends should be.
    fn need(&self, edge: Edge, regions: &Regions) -> f64 {
        let [a, b] = self.ends(edge);
        let width = self.width(edge);
        if !self.is_crossed(edge) {
            // Without any region there is nothing to be close to.
            return if regions.of.is_empty() { 0.0 } else { width / (CLOSEST * regions.largest[edge.axis]) };
        }
        let [below, above] = self.bends(edge);
        let inside = if a <= 0.0 { edge.gap } else { edge.gap + 1 };
        let inside = self.index(if edge.axis == 0 { [inside, edge.line] } else { [edge.line, inside] });
        let thickness = regions.of[regions.number[inside]][edge.axis];
        // Where an edge is crossed but hardly steeper than bent, anything within it can be.
        (below.max(above) / (a - b).abs()).min(0.5) * width / (TOLERANCE * thickness)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::contour::Field;

    fn mesh(lines: usize, f: impl Fn([f64; 2]) -> f64) -> Mesh {
        let lines: Vec<f64> = (0..lines).map(|i| i as f64 / (lines - 1) as f64).collect();
        let values = lines.iter().flat_map(|x| lines.iter().map(|y| f([*x, *y])).collect::<Vec<_>>()).collect();
        Mesh::new([lines.clone(), lines], values)
    }

    /// Number of borders, and area of the inside.
    fn inside(mesh: &Mesh) -> (usize, f64) {
        let [x, y] = mesh.lines.each_ref().map(|lines| lines.iter().map(|part| part.exp()).collect::<Vec<f64>>());
        let depth: Vec<f64> = mesh.values.iter().map(|value| -value).collect();
        let rings = Field::new(&x, &y, &depth).unwrap().regions_above(0.0);
        let area = rings.iter().map(|ring| {
            let points: Vec<[f64; 2]> = ring.points.iter().map(|at| at.map(f64::ln)).collect();
            let from = |at: [f64; 2]| [at[0] - points[0][0], at[1] - points[0][1]];
            let pairs = points.windows(2).map(|pair| (from(pair[0]), from(pair[1])));
            0.5 * pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>()
        });
        (rings.len(), area.sum())
    }

    /// Derived: areas of ellipses are pi a b, whatever part of the square they are.
    #[test]
    fn ellipses_of_any_size_are_found() {
        for (a, b) in [(0.3, 0.2), (1e-3, 0.2), (1e-3, 1e-5), (3e-8, 1e-7)] {
            let f = |[x, y]: [f64; 2]| ((x - 0.31) / a).powi(2) + ((y - 0.637) / b).powi(2) - 1.0;
            let mut mesh = mesh(60, f);
            let coarse = inside(&mesh);
            mesh.add_place([0.31, 0.637], -1.0);
            let off = mesh.refine(|at| Ok(f(at))).unwrap();
            let (rings, area) = inside(&mesh);
            let expected = std::f64::consts::PI * a * b;
            let values = mesh.known.iter().filter(|known| **known).count();
            assert!(
                off <= TOLERANCE && rings == 1 && (area / expected - 1.0).abs() < 0.01,
                "{a} {b}: {area} {expected}"
            );
            assert!(values < 20_000, "{values}");
            // The lines alone miss it.
            assert!(b > 0.1 || coarse.0 == 0);
        }
    }

    /// Derived: what is between two circles, in a fourth power as chi2 is.
    #[test]
    fn rings_and_their_holes_are_found() {
        for scale in [0.4, 1e-2, 1e-5] {
            let f = |[x, y]: [f64; 2]| {
                let r2 = ((x - 0.47) / scale).powi(2) + ((y - 0.52) / scale).powi(2);
                (r2 - 0.8).powi(2) - 0.04
            };
            let mut mesh = mesh(50, f);
            let lowest = 0.8_f64.sqrt() * scale;
            mesh.add_place([0.47 + lowest, 0.52], -0.04);
            let off = mesh.refine(|at| Ok(f(at))).unwrap();
            let (rings, area) = inside(&mesh);
            let expected = std::f64::consts::PI * scale * scale * 0.4;
            assert!(
                off <= TOLERANCE && rings == 2 && (area / expected - 1.0).abs() < 0.01,
                "{scale}: {rings} {area} {expected}"
            );
        }
    }

    /// A slanting band is followed as far as lines reach, and said to be off beyond.
    #[test]
    fn bands_too_thin_are_told() {
        let band = |width: f64| {
            let f = move |[x, y]: [f64; 2]| ((x + 0.7 * y - 0.8) / width).powi(2) - 1.0;
            let mut mesh = mesh(50, f);
            mesh.add_place([0.8 - 0.7 * 0.3, 0.3], -1.0);
            let off = mesh.refine(|at| Ok(f(at))).unwrap();
            let (rings, area) = inside(&mesh);
            (rings, area / (2.0 * width), off)
        };
        let (rings, area, off) = band(0.02);
        assert!(rings == 1 && (area - 1.0).abs() < 0.01 && off <= TOLERANCE, "{rings} {area} {off}");
        let (_, _, off) = band(1e-5);
        assert!(off > 0.05, "{off}");
    }
}
