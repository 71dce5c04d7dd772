//! The excluded region cut into pieces that have one lower and one upper end at each mass.

use super::Span;

/// One mass of a piece.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling from which on the piece excludes.
    pub low: f64,
    /// Coupling up to which it does.
    pub high: f64,
}

/// A part of the excluded region with one interval of the coupling at each of its masses, which are neighbours on the
/// grid and increase.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// By growing mass; never empty.
    pub rows: Vec<Row>,
}

impl Piece {
    /// Whether it ends below `top`, the highest coupling of the map, anywhere.
    pub fn has_upper_end(&self, top: f64) -> bool {
        self.rows.iter().any(|row| row.high < top)
    }
}

/// Cuts the spans of each mass into pieces, ordered by first mass and lower end. Together they cover the region without a
/// gap; they overlap nowhere, but may touch.
///
/// Where an allowed strip begins or ends between two masses, one span overlaps several of the other mass. There the piece
/// on the side of the one ends, and each of the several takes its share of the one, divided in the middle (of the
/// logarithm) of the strip. A strip that is narrower than the grid appears and disappears from mass to mass: where it is
/// missing between two such places, the region is cut along the straight line between them.
pub fn pieces(mass_mev: &[f64], spans: &[Vec<Span>]) -> Vec<Piece> {
    let mut trails = Trails::default();
    // Trails that reach the mass before, each with its span there.
    let mut open: Vec<(usize, Span)> = Vec::new();
    let mut previous = f64::NAN;
    for (mass, here) in mass_mev.iter().zip(spans) {
        let mut next = Vec::new();
        for (before, after) in groups(&open, here) {
            match (before.as_slice(), after.as_slice()) {
                // As many as before, in their order: a strip may rise by more than its width from mass to mass.
                (before, after) if before.len() == after.len() => {
                    for ((trail, _), span) in before.iter().zip(after) {
                        trails.extend(*trail, *mass, *span);
                        next.push((*trail, *span));
                    }
                }
                ([(whole, at)], [_, _, ..]) => {
                    let children = divided(*at, &after).into_iter().zip(&after).map(|(share, span)| {
                        let child = trails.begin(previous, share);
                        trails.extend(child, *mass, *span);
                        (child, *span)
                    });
                    let children: Vec<(usize, Span)> = children.collect();
                    trails.all[*whole].children = children.iter().map(|(child, _)| *child).collect();
                    next.extend(children);
                }
                ([_, _, ..], [whole]) => {
                    let parts: Vec<Span> = before.iter().map(|(_, span)| *span).collect();
                    for ((trail, _), share) in before.iter().zip(divided(*whole, &parts)) {
                        trails.extend(*trail, *mass, share);
                    }
                    let joined = trails.begin(*mass, *whole);
                    trails.all[joined].parents = before.iter().map(|(trail, _)| *trail).collect();
                    next.push((joined, *whole));
                }
                _ => next.extend(after.iter().map(|span| (trails.begin(*mass, *span), *span))),
            }
        }
        open = next;
        previous = *mass;
    }
    trails.into_pieces()
}

/// A run of overlapping spans, and what it came from and went into where it was not alone.
#[derive(Default)]
struct Trail {
    rows: Vec<Row>,
    /// Trails that joined in it; each ends with its share of the first row.
    parents: Vec<usize>,
    /// Trails into which it was divided; each begins with its share of the last row.
    children: Vec<usize>,
}

#[derive(Default)]
struct Trails {
    all: Vec<Trail>,
}

impl Trails {
    fn begin(&mut self, mass_mev: f64, span: Span) -> usize {
        let rows = vec![Row { mass_mev, low: span.low, high: span.high }];
        self.all.push(Trail { rows, ..Default::default() });
        self.all.len() - 1
    }

    fn extend(&mut self, trail: usize, mass_mev: f64, span: Span) {
        self.all[trail].rows.push(Row { mass_mev, low: span.low, high: span.high });
    }

    /// Cuts each trail in which as many join as it is divided into, then orders what is left.
    fn into_pieces(mut self) -> Vec<Piece> {
        // The trail to whose rows those of a trail went.
        let mut lane: Vec<usize> = (0..self.all.len()).collect();
        for whole in 0..self.all.len() {
            let (parents, children) = (self.all[whole].parents.clone(), self.all[whole].children.clone());
            if parents.len() < 2 || parents.len() != children.len() {
                continue;
            }
            let rows = std::mem::take(&mut self.all[whole].rows);
            let first: Vec<Row> = parents.iter().filter_map(|parent| self.all[lane[*parent]].rows.pop()).collect();
            let last: Vec<Row> = children.iter().map(|child| self.all[*child].rows.remove(0)).collect();
            for (i, row) in rows.iter().enumerate() {
                let t = if rows.len() == 1 { 0.5 } else { i as f64 / (rows.len() - 1) as f64 };
                // Between the cuts at the first and at the last row, in the logarithm; the row's own ends outside.
                let cut = |k: usize| between(first[k].high, last[k].high, t).clamp(row.low, row.high);
                for (k, parent) in parents.iter().enumerate() {
                    let low = if k == 0 { row.low } else { cut(k - 1) };
                    let high = if k + 1 == parents.len() { row.high } else { cut(k) };
                    self.all[lane[*parent]].rows.push(Row { mass_mev: row.mass_mev, low, high });
                }
            }
            for (parent, child) in parents.into_iter().zip(children) {
                let rows = std::mem::take(&mut self.all[child].rows);
                lane[child] = lane[parent];
                self.all[lane[parent]].rows.extend(rows);
            }
        }
        let rows = self.all.into_iter().map(|trail| trail.rows).filter(|rows| !rows.is_empty());
        let mut pieces: Vec<Piece> = rows.map(|rows| Piece { rows }).collect();
        let first = |piece: &Piece| (piece.rows[0].mass_mev, piece.rows[0].low);
        pieces.sort_by(|a, b| first(a).partial_cmp(&first(b)).unwrap_or(std::cmp::Ordering::Equal));
        pieces
    }
}

/// The value at the fraction `t` of the way from `a` to `b` in the logarithm.
fn between(a: f64, b: f64, t: f64) -> f64 {
    (a.ln() + t * (b.ln() - a.ln())).exp()
}

/// Trails with their spans, and the spans of the next mass that overlap them.
type Group = (Vec<(usize, Span)>, Vec<Span>);

/// What hangs together by overlaps, by growing coupling; both sides come so.
fn groups(open: &[(usize, Span)], here: &[Span]) -> Vec<Group> {
    let mut all: Vec<(Option<usize>, Span)> = open.iter().map(|(trail, span)| (Some(*trail), *span)).collect();
    all.extend(here.iter().map(|span| (None, *span)));
    all.sort_by(|(_, a), (_, b)| a.low.total_cmp(&b.low));
    let mut groups: Vec<Group> = Vec::new();
    let mut top = f64::NEG_INFINITY;
    for (trail, span) in all {
        if span.low >= top {
            groups.push(Group::default());
        }
        top = top.max(span.high);
        if let Some((before, after)) = groups.last_mut() {
            match trail {
                Some(trail) => before.push((trail, span)),
                None => after.push(span),
            }
        }
    }
    groups
}

/// `whole` in as many shares as there are `parts`, divided in the middle between each two of them.
fn divided(whole: Span, parts: &[Span]) -> Vec<Span> {
    let middles = parts.windows(2).map(|pair| (pair[0].high * pair[1].low).sqrt());
    let lows = std::iter::once(whole.low).chain(middles.clone());
    let highs = middles.chain(std::iter::once(whole.high));
    lows.zip(highs).map(|(low, high)| Span { low, high }).collect()
}
