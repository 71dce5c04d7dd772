//! From the lines of a contour to the outlines of what they part off.

use crate::others::recast::known::LARGEST_COUPLING;

/// Ends of neighbouring strips that differ by less than this, relatively, are the same.
const SAME: f64 = 1e-9;

/// A line of a contour: points (MeV, coupling); a closed one ends where it begins.
pub(super) struct Curve {
    pub file_line: usize,
    pub points: Vec<[f64; 2]>,
}

/// A part of a line between two neighbouring masses, from left to right.
#[derive(Clone, Copy)]
struct Edge {
    left: [f64; 2],
    right: [f64; 2],
}

impl Edge {
    /// On logarithmic axes.
    fn at(&self, mass: f64) -> f64 {
        if mass == self.left[0] {
            return self.left[1];
        }
        if mass == self.right[0] {
            return self.right[1];
        }
        let share = (mass / self.left[0]).ln() / (self.right[0] / self.left[0]).ln();
        self.left[1] * (self.right[1] / self.left[1]).powf(share)
    }
}

/// What the lines exclude if the smallest couplings are allowed at every mass: at each mass what lies above the first line,
/// up to the second, and so on.
///
/// # Errors
/// File line of a contour's line that ends where neither the masses nor the couplings of the map end, or at its lower
/// border, and what must hold.
pub(super) fn below_is_allowed(lines: &[Curve]) -> Result<Vec<Vec<[f64; 2]>>, (usize, &'static str)> {
    let all = || lines.iter().flat_map(|line| &line.points);
    let mut masses: Vec<f64> = all().map(|point| point[0]).collect();
    masses.sort_by(f64::total_cmp);
    masses.dedup();
    let (Some(&first), Some(&last)) = (masses.first(), masses.last()) else { return Ok(Vec::new()) };
    let top = all().map(|point| point[1]).fold(0.0, f64::max);
    for line in lines.iter().filter(|line| line.points.first() != line.points.last()) {
        for [mass, coupling] in [line.points.first(), line.points.last()].into_iter().flatten() {
            if *mass != first && *mass != last && *coupling != top {
                return Err((line.file_line, "at the lowest or highest mass or at the highest coupling"));
            }
        }
    }
    // Each slab between neighbouring masses has its edges; none crosses another inside.
    let place = |mass: f64| masses.partition_point(|known| *known < mass);
    let mut slabs: Vec<Vec<Edge>> = vec![Vec::new(); masses.len().saturating_sub(1)];
    for pair in lines.iter().flat_map(|line| line.points.windows(2)) {
        let (left, right) = if pair[0][0] <= pair[1][0] { (pair[0], pair[1]) } else { (pair[1], pair[0]) };
        for slab in &mut slabs[place(left[0])..place(right[0])] {
            slab.push(Edge { left, right });
        }
    }
    let mut done = Vec::new();
    let mut open: Vec<Strip> = Vec::new();
    for (ends, mut edges) in masses.windows(2).zip(slabs) {
        let middle = (ends[0] * ends[1]).sqrt();
        edges.sort_by(|a, b| a.at(middle).total_cmp(&b.at(middle)));
        let mut next = Vec::new();
        for strip in edges.chunks(2) {
            let at = |mass: f64| [strip[0].at(mass), strip.get(1).map_or(LARGEST_COUPLING, |upper| upper.at(mass))];
            let (left, right) = (at(ends[0]), at(ends[1]));
            let continued = open.iter().position(|strip| strip.ends_at(left));
            let mut strip = continued.map(|known| open.swap_remove(known)).unwrap_or_else(|| Strip::new(ends[0], left));
            strip.push(ends[1], right);
            next.push(strip);
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    Ok(done.into_iter().map(Strip::outline).collect())
}

/// Neighbouring stretches that are one.
struct Strip {
    lower: Vec<[f64; 2]>,
    upper: Vec<[f64; 2]>,
}

impl Strip {
    fn new(mass: f64, [low, high]: [f64; 2]) -> Strip {
        Strip { lower: vec![[mass, low]], upper: vec![[mass, high]] }
    }

    fn push(&mut self, mass: f64, [low, high]: [f64; 2]) {
        self.lower.push([mass, low]);
        self.upper.push([mass, high]);
    }

    fn ends_at(&self, [low, high]: [f64; 2]) -> bool {
        let same = |end: Option<&[f64; 2]>, at: f64| end.is_some_and(|end| (end[1] / at - 1.0).abs() < SAME);
        same(self.lower.last(), low) && same(self.upper.last(), high)
    }

    fn outline(self) -> Vec<[f64; 2]> {
        self.lower.into_iter().chain(self.upper.into_iter().rev()).collect()
    }
}
