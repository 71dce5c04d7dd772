//! The minima of a function on the unit square, from its values at the crossings of lines.

use rayon::prelude::*;

use crate::Result;
use crate::base::search;

/// Most rounds of the search for a minimum, and the gain below which a round is the last.
const ROUNDS: usize = 50;
/// After so many rounds, minima that are higher than the lowest one by so much are left.
const FIRST_ROUNDS: usize = 3;
const FAR_ABOVE: f64 = 100.0;
/// How much deeper than its second differences say a valley between values may be.
const SAFETY: f64 = 4.0;
const SMALLEST_GAIN: f64 = 1e-8;
/// Accuracy of a search along one way, as a part of its reach.
const TOLERANCE: f64 = 1e-6;
/// A minimum that is found as near as this part of a way to its end may be at the end.
const AT_END: f64 = 4.0 * TOLERANCE;
/// Minima along each line that are looked at more closely, and places from which minima of the plane are sought.
const MOST_ON_LINE: usize = 4;
const MOST_STARTS: usize = 32;
/// Places that are as many lines apart are not two of the same valley.
const APART: usize = 2;

/// A place and the value there.
pub(super) type Low = ([f64; 2], f64);

/// A minimum along a line, and the crossing next to it.
#[derive(Clone, Copy)]
struct Candidate {
    low: Low,
    crossing: [usize; 2],
}

/// The minima that are found, the lowest one first, from the lowest places along all lines in both directions and from
/// `others`; values are row-major `[x][y]`.
///
/// # Errors
/// Those of `f`.
pub(super) fn minima(
    lines: &[Vec<f64>; 2],
    values: &[f64],
    others: &[[f64; 2]],
    f: impl Fn([f64; 2]) -> Result<f64> + Sync,
) -> Result<Vec<Low>> {
    let mut starts: Vec<Candidate> = Vec::new();
    let highest = FAR_ABOVE + values.iter().copied().fold(f64::INFINITY, f64::min);
    for axis in 0..2 {
        let found =
            (0..lines[1 - axis].len()).into_par_iter().map(|line| on_line(lines, values, (axis, line), highest, &f));
        let found = found.collect::<Result<Vec<_>>>()?;
        let is_lowest = |line: usize, own: &Candidate| {
            let beside = [line.checked_sub(1), Some(line + 1)].into_iter().flatten().filter_map(|line| found.get(line));
            !beside
                .flatten()
                .any(|other| other.low.1 < own.low.1 && other.crossing[axis].abs_diff(own.crossing[axis]) <= APART)
        };
        for (line, candidates) in found.iter().enumerate() {
            starts.extend(candidates.iter().filter(|own| is_lowest(line, own)));
        }
    }
    for at in others {
        let crossing = std::array::from_fn(|axis| lines[axis].partition_point(|line| *line < at[axis]));
        starts.push(Candidate { low: (*at, f(*at)?), crossing });
    }
    starts.sort_by(|a, b| a.low.1.total_cmp(&b.low.1));
    let mut chosen: Vec<Candidate> = Vec::new();
    for start in starts {
        let is_near =
            |other: &Candidate| (0..2).all(|axis| other.crossing[axis].abs_diff(start.crossing[axis]) <= APART);
        if chosen.len() < MOST_STARTS && !chosen.iter().any(is_near) {
            chosen.push(start);
        }
    }
    let reach = |start: &Candidate| {
        std::array::from_fn(|axis| {
            let (own, lines) = (start.crossing[axis], &lines[axis]);
            let end = lines.len() - 1;
            0.5 * (lines[(own + 1).min(end)] - lines[own.saturating_sub(1).min(end - 1)])
        })
    };
    let first = chosen.par_iter().map(|start| lowest_near(start.low, reach(start), FIRST_ROUNDS, &f));
    let first = first.collect::<Result<Vec<_>>>()?;
    let highest = FAR_ABOVE + first.iter().map(|low| low.1).fold(f64::INFINITY, f64::min);
    let near = first.par_iter().zip(&chosen).filter(|(low, _)| low.1 <= highest);
    let found = near.map(|(low, start)| lowest_near(*low, reach(start), ROUNDS, &f));
    let mut found = found.collect::<Result<Vec<_>>>()?;
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    Ok(found)
}

/// The lowest minima along a line: its axis is the one that runs.
fn on_line(
    lines: &[Vec<f64>; 2],
    values: &[f64],
    (axis, line): (usize, usize),
    highest: f64,
    f: &(impl Fn([f64; 2]) -> Result<f64> + Sync),
) -> Result<Vec<Candidate>> {
    let own = &lines[axis];
    let crossing = |place: usize| if axis == 0 { [place, line] } else { [line, place] };
    let value = |place: usize| {
        let [i, j] = crossing(place);
        values[i * lines[1].len() + j]
    };
    let end = own.len() - 1;
    let is_minimum = |place: &usize| {
        (*place == 0 || value(*place) <= value(place - 1)) && (*place == end || value(*place) <= value(place + 1))
    };
    // No lower than this between a value and the next ones, which rise from it.
    let lowest = |place: usize| {
        let (before, after) = (place.saturating_sub(1), (place + 1).min(end));
        let (near, far) = (own[place] - own[before], own[after] - own[place]);
        let slopes = [value(place) - value(before), value(after) - value(place)];
        let steeper = slopes[0].abs().max(slopes[1].abs()) * near.max(far) / near.min(far).max(f64::MIN_POSITIVE);
        let bend = match place {
            0 => slopes[1],
            place if place == end => -slopes[0],
            _ => steeper,
        };
        value(place) - SAFETY * bend.abs() / 8.0
    };
    let mut places: Vec<usize> = (0..=end).filter(|place| is_minimum(place) && lowest(*place) < highest).collect();
    places.sort_by(|a, b| value(*a).total_cmp(&value(*b)));
    let found = places.into_iter().take(MOST_ON_LINE).map(|place| {
        let (low, high) = (own[place.saturating_sub(1)], own[(place + 1).min(end)]);
        let at = |part: f64| {
            let along = low + part * (high - low);
            if axis == 0 { [along, lines[1][line]] } else { [lines[0][line], along] }
        };
        let (part, found) = search::minimum(0.0, 1.0, 1e-3, |part| f(at(part)))?;
        let [i, j] = crossing(place);
        let low = if found < value(place) { (at(part), found) } else { ([lines[0][i], lines[1][j]], value(place)) };
        Ok(Candidate { low, crossing: [i, j] })
    });
    found.collect()
}

/// The minimum of a function on the unit square that lies near a place: along the axes in turn, and along the way that the
/// last two rounds went, each within reach.
fn lowest_near(
    (start, value): ([f64; 2], f64),
    reach: [f64; 2],
    rounds: usize,
    f: impl Fn([f64; 2]) -> Result<f64>,
) -> Result<([f64; 2], f64)> {
    let (mut at, mut lowest) = (start, value);
    for _ in 0..rounds {
        let (before, value_before) = (at, lowest);
        let along = |from: [f64; 2], way: [f64; 2], lowest: f64| -> Result<([f64; 2], f64)> {
            // Steps along the way that stay on the square.
            let mut steps = (-1.0_f64, 1.0_f64);
            for (from, way) in from.into_iter().zip(way).filter(|(_, way)| *way != 0.0) {
                let (a, b) = (-from / way, (1.0 - from) / way);
                steps = (steps.0.max(a.min(b)), steps.1.min(a.max(b)));
            }
            let place = |step: f64| [from[0] + step * way[0], from[1] + step * way[1]].map(|part| part.clamp(0.0, 1.0));
            if steps.0 >= steps.1 {
                return Ok((from, lowest));
            }
            let (mut step, mut found) = search::minimum(steps.0, steps.1, TOLERANCE, |step| f(place(step)))?;
            // The search looks at no end, where the range may have one.
            let near = AT_END * (steps.1 - steps.0);
            if let Some(end) = [steps.0, steps.1].into_iter().find(|end| (step - end).abs() < near) {
                let there = f(place(end))?;
                if there <= found {
                    (step, found) = (end, there);
                }
            }
            Ok(if found < lowest { (place(step), found) } else { (from, lowest) })
        };
        (at, lowest) = along(at, [reach[0], 0.0], lowest)?;
        (at, lowest) = along(at, [0.0, reach[1]], lowest)?;
        let way = [at[0] - before[0], at[1] - before[1]];
        if way != [0.0, 0.0] {
            // Narrow valleys run aslant: the last round points along them.
            let stretch = (reach[0] / way[0].abs()).min(reach[1] / way[1].abs()).clamp(1.0, 1e3);
            (at, lowest) = along(at, way.map(|part| part * stretch), lowest)?;
        }
        if value_before - lowest < SMALLEST_GAIN {
            break;
        }
    }
    Ok((at, lowest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minima_of_slanting_valleys() {
        // Derived: the minimum of a quadratic form is where it is zero.
        for slope in [0.0, 0.9, -0.99, 0.999] {
            let f = |[x, y]: [f64; 2]| {
                let (a, b) = (x - 0.42, y - 0.61);
                Ok(1e3 * (a * a + b * b - 2.0 * slope * a * b))
            };
            let start = [0.4, 0.6];
            let (at, value) = lowest_near((start, f(start).unwrap()), [0.1, 0.1], ROUNDS, f).unwrap();
            assert!(value < 1e-5, "{slope}: {at:?} {value}");
        }
        // At the border.
        let (at, _) = lowest_near(([0.0, 0.5], 0.5), [0.1, 0.1], ROUNDS, |[x, y]| Ok(x + y)).unwrap();
        assert!(at[0] == 0.0 && at[1] < 1e-15, "{at:?}");
    }
}
