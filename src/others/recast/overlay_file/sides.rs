//! From the lines of a contour to the outlines of what they part off, by the side that is excluded.

use crate::base::contour::statement::Window;
use crate::others::recast::known::{LARGEST_COUPLING, SMALLEST_COUPLING};

/// Ends of neighbouring strips that differ by less than this, relatively, are the same.
const SAME: f64 = 1e-9;
/// Rounding of units: what is nearer to the border of a map than this, relatively, lies on it. Contours keep their ends
/// farther from its corners.
const ON_BORDER: f64 = 1e-12;

/// A line of a contour: points (MeV, coupling); a closed one ends where it begins.
pub(super) struct Curve {
    pub file_line: usize,
    pub points: Vec<[f64; 2]>,
}

/// What is known of the sides of the lines.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sides {
    /// Excluded is what lies on the right of each line, within a map.
    Right(Window),
    /// The smallest couplings are excluded at every mass, or allowed at every mass; upwards both take turns.
    BelowAll { is_excluded: bool, window: Option<Window> },
}

/// A part of a line between two neighbouring masses, from left to right.
#[derive(Clone, Copy)]
struct Edge {
    left: [f64; 2],
    right: [f64; 2],
    /// Whether the line goes from right to left.
    is_backwards: bool,
    file_line: usize,
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

/// A place of the lower border at which a line begins or ends.
struct Turn {
    mass: f64,
    /// Whether couplings at the border are excluded at lower masses; at higher ones it is the other way round.
    excluded_before: bool,
    file_line: usize,
}

/// File line of what contradicts, what it is, and what must hold.
pub(super) type Contradiction = (usize, &'static str, &'static str);

const END: &str = "end of a contour's line";
const SIDE: &str = "excluded side of a contour's line";

/// What the lines exclude: at each mass the couplings on the side that is excluded, as outlines.
///
/// # Errors
/// A line that ends inside of the map, or lines that contradict one another on which side is excluded.
pub(super) fn parted_off(lines: &[Curve], sides: Sides) -> Result<Vec<Vec<[f64; 2]>>, Contradiction> {
    let all = || lines.iter().flat_map(|line| &line.points);
    let mut masses: Vec<f64> = all().map(|point| point[0]).collect();
    masses.sort_by(f64::total_cmp);
    masses.dedup();
    let (Some(&first), Some(&last)) = (masses.first(), masses.last()) else { return Ok(Vec::new()) };
    let window = match sides {
        Sides::Right(window) => Some(window),
        Sides::BelowAll { window, .. } => window,
    };
    if let Some(Window { mass_mev: [lowest, highest], .. }) = window {
        if !is_same(lowest, first) {
            masses.insert(0, lowest);
        }
        if !is_same(highest, last) {
            masses.push(highest);
        }
    }
    let turns = turns(lines, window, sides, (first, last))?;
    // At the lower border, at a mass that is none of the turns'.
    let lowest_is_excluded = |mass: f64, above: Option<&Edge>| {
        match turns.partition_point(|turn| turn.mass < mass) {
            0 => turns.first().map(|turn| turn.excluded_before),
            after => Some(!turns[after - 1].excluded_before),
        }
        .unwrap_or(match sides {
            Sides::BelowAll { is_excluded, .. } => is_excluded,
            // Without turns it is the same along the whole border; the lowest line has it below.
            Sides::Right(_) => above.is_some_and(|edge| !edge.is_backwards),
        })
    };
    // Each slab between neighbouring masses has its edges; none crosses another inside.
    let place = |mass: f64| masses.partition_point(|known| *known < mass);
    let mut slabs: Vec<Vec<Edge>> = vec![Vec::new(); masses.len().saturating_sub(1)];
    for (line, pair) in lines.iter().flat_map(|line| line.points.windows(2).map(move |pair| (line, pair))) {
        let is_backwards = pair[1][0] < pair[0][0];
        let (left, right) = if is_backwards { (pair[1], pair[0]) } else { (pair[0], pair[1]) };
        for slab in &mut slabs[place(left[0])..place(right[0])] {
            slab.push(Edge { left, right, is_backwards, file_line: line.file_line });
        }
    }
    let middles: Vec<f64> = masses.windows(2).map(|ends| (ends[0] * ends[1]).sqrt()).collect();
    for (slab, middle) in slabs.iter_mut().zip(&middles) {
        slab.sort_by(|a, b| a.at(*middle).total_cmp(&b.at(*middle)));
    }
    let any_lowest = slabs.iter().find_map(|slab| slab.first()).copied();
    let [bottom, top] = window.map_or([SMALLEST_COUPLING, LARGEST_COUPLING], |window| window.coupling);
    let mut done = Vec::new();
    let mut open: Vec<Strip> = Vec::new();
    for ((ends, edges), middle) in masses.windows(2).zip(slabs).zip(middles) {
        let is_excluded = lowest_is_excluded(middle, edges.first().or(any_lowest.as_ref()));
        if matches!(sides, Sides::Right(_)) {
            agree(&edges, is_excluded)?;
        }
        // Between two borders each: an edge, or the end of the map.
        let borders = is_excluded.then_some(None).into_iter().chain(edges.iter().map(Some)).collect::<Vec<_>>();
        let mut next = Vec::new();
        for strip in borders.chunks(2) {
            let low = |mass: f64| strip[0].map_or(bottom, |edge| edge.at(mass));
            let high = |mass: f64| strip.get(1).copied().flatten().map_or(top, |edge| edge.at(mass));
            let (left, right) = ([low(ends[0]), high(ends[0])], [low(ends[1]), high(ends[1])]);
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

/// Ends of lines at the lower border of the map, by growing mass; all others lie on another border.
fn turns(
    lines: &[Curve],
    window: Option<Window>,
    sides: Sides,
    (first, last): (f64, f64),
) -> Result<Vec<Turn>, Contradiction> {
    let highest = lines.iter().flat_map(|line| &line.points).map(|point| point[1]).fold(0.0, f64::max);
    let [lowest_mass, highest_mass] = window.map_or([first, last], |window| window.mass_mev);
    let top = window.map_or(highest, |window| window.coupling[1]);
    let bottom = window.map(|window| window.coupling[0]);
    let mut turns = Vec::new();
    for line in lines.iter().filter(|line| line.points.first() != line.points.last()) {
        let ends = [(line.points.first(), false), (line.points.last(), true)];
        for ([mass, coupling], is_end) in ends.into_iter().filter_map(|(point, is_end)| Some((point?, is_end))) {
            let is_below = bottom.is_some_and(|bottom| is_same(*coupling, bottom));
            if is_below && matches!(sides, Sides::Right(_)) {
                // A line that comes down has lower masses on its right.
                turns.push(Turn { mass: *mass, excluded_before: is_end, file_line: line.file_line });
            } else if !(is_same(*mass, lowest_mass) || is_same(*mass, highest_mass) || is_same(*coupling, top)) {
                let bound = match sides {
                    Sides::Right(_) => "at a border of the map",
                    Sides::BelowAll { .. } => "at the lowest or highest mass or at the highest coupling",
                };
                return Err((line.file_line, END, bound));
            }
        }
    }
    turns.sort_by(|a, b| a.mass.total_cmp(&b.mass));
    match turns.windows(2).find(|pair| pair[0].excluded_before == pair[1].excluded_before) {
        Some(pair) => Err((pair[1].file_line, SIDE, AGREED)),
        None => Ok(turns),
    }
}

const AGREED: &str = "the same between two lines for both of them";

/// Whether excluded and allowed couplings take turns upwards as the lines' directions have it.
fn agree(edges: &[Edge], lowest_is_excluded: bool) -> Result<(), Contradiction> {
    // A line that goes to higher masses has smaller couplings on its right.
    let differs = |(i, edge): &(usize, &Edge)| edge.is_backwards == (lowest_is_excluded == (i % 2 == 0));
    match edges.iter().enumerate().find(differs) {
        Some((_, edge)) => Err((edge.file_line, SIDE, AGREED)),
        None => Ok(()),
    }
}

fn is_same(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < ON_BORDER
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
