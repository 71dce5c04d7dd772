//! Level lines and filled regions of a map of values over two logarithmic axes.
//!
//! Marching squares in `(ln x, ln y)`: along every edge of the grid the value is taken as linear in the logarithm of the
//! coordinate, and inside a cell the crossings of its edges are joined by straight segments. Where all four edges are
//! crossed (a saddle), the average of the four corners decides which corners hang together. Crossings are known by the
//! integer number of their grid edge, so segments are chained exactly: no two floating-point numbers are compared.
//!
//! "Inside" means `value <= level`, "above" means `value > level`. Positive infinity is above every level. A cell with a
//! NaN at any corner is no part of the map: lines end at its edges, and regions stop there.

pub mod pieces;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use crate::{Error, Result};

/// How near a crossing may come to a grid point, as a fraction of the edge.
///
/// A level that is met exactly at a grid point, or next to an infinite value, would put the crossings of several edges on
/// one spot. Kept this far apart they stay distinct, so that no line touches itself.
const MARGIN: f64 = 1e-6;

/// Cells that are passed over at once where nothing runs through them.
const STRETCH: usize = 64;

/// A level line. Walking along it, the values `<= level` are on the left (x to the right, y upwards).
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// The crossings `[x, y]` in order; the first one of a closed line is not repeated at its end.
    pub points: Vec<[f64; 2]>,
    /// Whether the last point is joined to the first. An open line begins and ends at the map's border or at a NaN cell.
    pub closed: bool,
}

/// One closed border of a region; the region is on its left, so outer borders run counterclockwise and holes clockwise.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    /// The corners `[x, y]` in order; the first is not repeated at the end.
    pub points: Vec<[f64; 2]>,
}

/// A stretch of y, at one value of x, on which the values are above a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Where it begins: a crossing of the level, or the grid point at the map's border or next to a NaN.
    pub low: f64,
    /// Where it ends, likewise.
    pub high: f64,
}

/// A map of values over two axes.
#[derive(Debug, Clone)]
pub struct Field<'a> {
    x: &'a [f64],
    y: &'a [f64],
    /// Row-major `[x][y]`, y varies fastest.
    values: &'a [f64],
}

impl<'a> Field<'a> {
    /// The map of `values`, row-major `[x][y]` (y varies fastest), over two increasing and positive axes.
    ///
    /// # Errors
    /// An axis that is not positive, finite and strictly increasing, or a number of values other than the grid's.
    pub fn new(x: &'a [f64], y: &'a [f64], values: &'a [f64]) -> Result<Self> {
        for (name, axis) in [("x", x), ("y", y)] {
            if let Some(value) = axis.iter().find(|value| !(**value > 0.0 && value.is_finite())) {
                return Err(Error::out_of_range(
                    format!("a value of the {name} axis of a map"),
                    value,
                    "positive and finite (the axis is logarithmic)",
                ));
            }
            if let Some(pair) = axis.windows(2).find(|pair| pair[0] >= pair[1]) {
                return Err(Error::out_of_range(
                    format!("a value of the {name} axis of a map"),
                    pair[1],
                    format!("above the value before it, {}", pair[0]),
                ));
            }
        }
        if x.len().checked_mul(y.len()) != Some(values.len()) {
            return Err(Error::out_of_range(
                "number of values of a map",
                values.len(),
                format!("{} x {}, the size of its grid", x.len(), y.len()),
            ));
        }
        Ok(Field { x, y, values })
    }

    /// The lines on which the value is `level`, ordered by their lowest grid edge.
    ///
    /// Each is free of crossings with itself and with the others. A level that is NaN has no lines.
    pub fn level_lines(&self, level: f64) -> Vec<Line> {
        let segments = self.of_cells(level, false, |cell| self.segments(cell, level));
        let line = |chain: Chain| Line {
            points: chain.nodes.iter().map(|node| self.position(*node, level)).collect(),
            closed: chain.closed,
        };
        chains(segments).into_iter().map(line).collect()
    }

    /// The region `{value > level}` as rings, to be filled even-odd (or nonzero, it is the same); along the map's border
    /// and along NaN cells the rings are closed. They are ordered by their lowest grid point or edge.
    pub fn regions_above(&self, level: f64) -> Vec<Ring> {
        let pieces = self.of_cells(level, true, |cell| {
            let mut pieces = self.rim_above(cell, level);
            pieces.extend(self.segments(cell, level).into_iter().map(|(entry, exit)| (exit, entry)));
            pieces
        });
        let ring = |chain: Chain| Ring { points: self.without_straight_corners(&chain.nodes, level) };
        chains(pieces).into_iter().map(ring).collect()
    }

    /// At each x, by growing y, the stretches on which the value is above `level`; their ends on level lines are the points
    /// of [`Field::level_lines`]. A stretch without extent, a point between two NaN, is left out.
    pub fn spans_above(&self, level: f64) -> Vec<Vec<Span>> {
        (0..self.x.len()).map(|i| self.spans_at(i, level)).collect()
    }

    fn spans_at(&self, i: usize, level: f64) -> Vec<Span> {
        let ny = self.y.len();
        let value = |j: usize| self.values[i * ny + j];
        let mut spans = Vec::new();
        let mut start = None;
        for j in 0..ny {
            if value(j) > level && start.is_none() {
                let enters = j > 0 && value(j - 1) <= level;
                let edge = if enters { Node::along_y(i * ny + j - 1) } else { Node::corner(i * ny + j) };
                start = Some(self.position(edge, level)[1]);
            }
            let goes_on = j + 1 < ny && value(j + 1) > level;
            if let (Some(low), false) = (start, goes_on) {
                let leaves = j + 1 < ny && value(j + 1) <= level;
                let edge = if leaves { Node::along_y(i * ny + j) } else { Node::corner(i * ny + j) };
                let high = self.position(edge, level)[1];
                spans.extend((low < high).then_some(Span { low, high }));
                start = None;
            }
        }
        spans
    }

    /// The indices into `values`, increasing, of all corners of the cells that a level line runs through.
    pub fn points_next_to_level(&self, level: f64) -> Vec<usize> {
        let corners: BTreeSet<usize> =
            self.of_cells(level, false, |cell| match self.segments(cell, level).is_empty() {
                true => Vec::new(),
                false => self.corners(cell).to_vec(),
            });
        corners.into_iter().collect()
    }

    /// What belongs to the cells without NaN, by all cores; `of_cell` must have nothing in cells that lie on one side of
    /// the level, but for those at a rim ([`Field::rim_above`]) where `rims` count.
    fn of_cells<T: Ord + Send>(&self, level: f64, rims: bool, of_cell: impl Fn(Cell) -> Vec<T> + Sync) -> BTreeSet<T> {
        let (nx, ny) = (self.x.len().saturating_sub(1), self.y.len().saturating_sub(1));
        let stretches = |i: usize| {
            let stretches = (0..ny).step_by(STRETCH).map(move |first| first..(first + STRETCH).min(ny));
            stretches.filter(move |stretch| !self.is_one_sided(i, stretch, level, rims))
        };
        let row = |i| {
            let cells = stretches(i).flatten().map(move |j| Cell { i, j });
            cells.filter(|cell| self.is_known(*cell)).flat_map(&of_cell)
        };
        let found: Vec<T> = (0..nx).into_par_iter().flat_map_iter(row).collect();
        found.into_iter().collect()
    }

    /// Whether all corners of a stretch of cells are on one side of the level, and, where rims count, none is at one.
    fn is_one_sided(&self, i: usize, stretch: &Range<usize>, level: f64, rims: bool) -> bool {
        let ny = self.y.len();
        let values = |i: usize, columns: Range<usize>| &self.values[i * ny + columns.start..i * ny + columns.end];
        let corners = stretch.start..stretch.end + 1;
        let (mut above, mut below) = (0, 0);
        for row in [i, i + 1] {
            for value in values(row, corners.clone()) {
                above += usize::from(*value > level);
                below += usize::from(*value <= level);
            }
        }
        let all = 2 * corners.len();
        if below == all || (above == all && !rims) {
            return true;
        }
        let is_inside = i > 0 && i + 2 < self.x.len() && stretch.start > 0 && corners.end < ny;
        let around = |row: usize| values(row, stretch.start - 1..corners.end + 1);
        above == all && is_inside && (i - 1..i + 3).all(|row| !around(row).iter().any(|value| value.is_nan()))
    }

    fn is_known(&self, cell: Cell) -> bool {
        self.corners(cell).iter().all(|corner| !self.values[*corner].is_nan())
    }

    /// The corners' indices into `values`, counterclockwise from the lower left one.
    fn corners(&self, Cell { i, j }: Cell) -> [usize; 4] {
        let ny = self.y.len();
        [i * ny + j, (i + 1) * ny + j, (i + 1) * ny + j + 1, i * ny + j + 1]
    }

    /// The cell's edges, counterclockwise from the lower one: edge `k` joins corner `k` to corner `k + 1`.
    fn edges(&self, cell: Cell) -> [Node; 4] {
        let [lower_left, lower_right, _, upper_left] = self.corners(cell);
        [Node::along_x(lower_left), Node::along_y(lower_right), Node::along_x(upper_left), Node::along_y(lower_left)]
    }

    /// The level line's segments in a cell, each from the edge where it enters to the edge where it leaves.
    fn segments(&self, cell: Cell, level: f64) -> Vec<(Node, Node)> {
        let corners = self.corners(cell).map(|corner| self.values[corner]);
        let above = corners.map(|value| value > level);
        if above == [above[0]; 4] {
            return Vec::new();
        }
        let edges = self.edges(cell);
        // With the values <= level on its left, a line enters through an edge whose first corner, counterclockwise, is
        // inside and whose second is above; it leaves where the order is the other way round.
        let enters = |k: usize| !above[k] && above[(k + 1) % 4];
        let leaves = |k: usize| above[k] && !above[(k + 1) % 4];
        let entries = (0..4).filter(|k| enters(*k));
        let is_saddle = entries.clone().count() == 2;
        let centre_above = corners.iter().map(|value| value / 4.0).sum::<f64>() > level;
        let exit = |entry: usize| match (is_saddle, centre_above) {
            (true, true) => Some((entry + 3) % 4),  // round the inside corner `entry`
            (true, false) => Some((entry + 1) % 4), // round the corner `entry + 1`, which is above
            (false, _) => (0..4).find(|k| leaves(*k)),
        };
        entries.filter_map(|entry| Some((edges[entry], edges[exit(entry)?]))).collect()
    }

    /// The parts of a cell's edges that are above the level and have no known cell on their other side, counterclockwise.
    fn rim_above(&self, cell: Cell, level: f64) -> Vec<(Node, Node)> {
        let corners = self.corners(cell);
        if corners.iter().all(|corner| self.values[*corner] <= level) {
            return Vec::new();
        }
        let edges = self.edges(cell);
        let piece = |k: usize| {
            let (first, second) = (corners[k], corners[(k + 1) % 4]);
            match (self.values[first] > level, self.values[second] > level) {
                (true, true) => Some((Node::corner(first), Node::corner(second))),
                (true, false) => Some((Node::corner(first), edges[k])),
                (false, true) => Some((edges[k], Node::corner(second))),
                (false, false) => None,
            }
        };
        (0..4)
            .filter(|k| !self.neighbour(cell, *k).is_some_and(|other| self.is_known(other)))
            .filter_map(piece)
            .collect()
    }

    /// The cell on the other side of edge `k`.
    fn neighbour(&self, Cell { i, j }: Cell, k: usize) -> Option<Cell> {
        let (i, j) = match k {
            0 => (i, j.checked_sub(1)?),
            1 => (i + 1, j),
            2 => (i, j + 1),
            _ => (i.checked_sub(1)?, j),
        };
        (i + 1 < self.x.len() && j + 1 < self.y.len()).then_some(Cell { i, j })
    }

    /// Where a node is: a grid point, or the crossing of the level on an edge.
    fn position(&self, node: Node, level: f64) -> [f64; 2] {
        let (corner, kind) = node.parts();
        let (i, j) = (corner / self.y.len(), corner % self.y.len());
        match kind {
            NodeKind::Corner => [self.x[i], self.y[j]],
            NodeKind::AlongX => {
                let t = crossing(self.values[corner], self.values[corner + self.y.len()], level);
                [between(self.x[i], self.x[i + 1], t), self.y[j]]
            }
            NodeKind::AlongY => {
                let t = crossing(self.values[corner], self.values[corner + 1], level);
                [self.x[i], between(self.y[j], self.y[j + 1], t)]
            }
        }
    }

    /// The positions of a ring's nodes, less the grid points at which it runs straight on along a grid line.
    fn without_straight_corners(&self, nodes: &[Node], level: f64) -> Vec<[f64; 2]> {
        let points: Vec<[f64; 2]> = nodes.iter().map(|node| self.position(*node, level)).collect();
        let n = points.len();
        let is_straight = |k: usize| {
            let (before, here, after) = (points[(k + n - 1) % n], points[k], points[(k + 1) % n]);
            // Coordinates along a grid line are copies of one axis value, so they are equal to the last bit.
            nodes[k].parts().1 == NodeKind::Corner
                && (0..2).any(|axis| before[axis] == here[axis] && here[axis] == after[axis])
        };
        (0..n).filter(|k| !is_straight(*k)).map(|k| points[k]).collect()
    }
}

/// Where along an edge, 0 to 1, the value is `level`; `first` and `second` stand on different sides of it.
fn crossing(first: f64, second: f64, level: f64) -> f64 {
    // Halves, because the difference of two huge numbers may overflow.
    let t = match (first.is_finite(), second.is_finite()) {
        (true, true) => (level / 2.0 - first / 2.0) / (second / 2.0 - first / 2.0),
        (true, false) => 0.0,
        (false, true) => 1.0,
        (false, false) => 0.5,
    };
    t.clamp(MARGIN, 1.0 - MARGIN)
}

/// The point at the fraction `t` between `low` and `high` in the logarithm, never outside them.
fn between(low: f64, high: f64, t: f64) -> f64 {
    (low.ln() + t * (high.ln() - low.ln())).exp().clamp(low, high)
}

/// A cell by its lower left grid point.
#[derive(Debug, Clone, Copy)]
struct Cell {
    i: usize,
    j: usize,
}

/// A place where a border may turn: a grid point, or a crossing on the edge that starts there. Ordered by memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Node(usize, NodeKind);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NodeKind {
    Corner,
    AlongX,
    AlongY,
}

impl Node {
    fn corner(index: usize) -> Self {
        Node(index, NodeKind::Corner)
    }

    fn along_x(index: usize) -> Self {
        Node(index, NodeKind::AlongX)
    }

    fn along_y(index: usize) -> Self {
        Node(index, NodeKind::AlongY)
    }

    fn parts(self) -> (usize, NodeKind) {
        (self.0, self.1)
    }
}

/// Nodes joined one to the next.
struct Chain {
    nodes: Vec<Node>,
    closed: bool,
}

/// Joins directed pieces end to start, each used once, ordered by the lowest node.
fn chains(mut pieces: BTreeSet<(Node, Node)>) -> Vec<Chain> {
    let mut surplus: BTreeMap<Node, isize> = BTreeMap::new();
    for (from, to) in &pieces {
        *surplus.entry(*from).or_default() += 1;
        *surplus.entry(*to).or_default() -= 1;
    }
    let mut chains = Vec::new();
    for (start, _) in surplus.into_iter().filter(|(_, surplus)| *surplus > 0) {
        chains.push(chain_from(start, &mut pieces));
    }
    while let Some((start, _)) = pieces.first().copied() {
        chains.push(chain_from(start, &mut pieces));
    }
    chains.sort_by_key(|chain| chain.nodes.iter().min().copied());
    chains
}

/// Walks from `start`, taking the pieces out of the set, until it is back or finds no way on.
fn chain_from(start: Node, pieces: &mut BTreeSet<(Node, Node)>) -> Chain {
    let mut nodes = vec![start];
    let mut here = start;
    loop {
        let first = Node::corner(0);
        let Some(piece) = pieces.range((here, first)..).next().filter(|(from, _)| *from == here).copied() else {
            return Chain { nodes, closed: false };
        };
        pieces.remove(&piece);
        here = piece.1;
        if here == start {
            return Chain { nodes, closed: true };
        }
        nodes.push(here);
    }
}
