//! Properties of level lines and regions, on random fields with ties, infinities and NaN.

#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use cevscan::base::contour::{Field, Line};
use proptest::prelude::*;

/// Axis values, axis values, map.
type Map = (Vec<f64>, Vec<f64>, Vec<f64>);

/// The axes of the random maps: lower end and spacing of the logarithm.
const X_AXIS: (f64, f64) = (0.1, 0.7);
const Y_AXIS: (f64, f64) = (1e-6, 0.4);

/// How far a crossing may be from a grid line, in cells, after a logarithm and back.
const ON_GRID_LINE: f64 = 1e-9;

fn finite_value() -> impl Strategy<Value = f64> + Clone {
    // Often one of few, so that levels are met exactly and plateaus appear.
    prop_oneof![2 => -1.0..3.0, 1 => (-1i32..=3).prop_map(f64::from)]
}

fn any_value() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![
        12 => finite_value(),
        1 => Just(f64::INFINITY),
        1 => prop_oneof![Just(1e300), Just(-1.7e308), Just(f64::NEG_INFINITY)],
        1 => Just(f64::NAN),
    ]
}

fn log_axis(points: usize, (low, step): (f64, f64)) -> Vec<f64> {
    (0..points).map(|i| low * (step * i as f64).exp()).collect()
}

fn map(value: impl Strategy<Value = f64> + Clone) -> impl Strategy<Value = Map> {
    (1usize..9, 1usize..9).prop_flat_map(move |(nx, ny)| {
        proptest::collection::vec(value.clone(), nx * ny)
            .prop_map(move |values| (log_axis(nx, X_AXIS), log_axis(ny, Y_AXIS), values))
    })
}

/// Coordinates in units of the grid's spacing.
fn in_cells(point: [f64; 2]) -> [f64; 2] {
    [(point[0] / X_AXIS.0).ln() / X_AXIS.1, (point[1] / Y_AXIS.0).ln() / Y_AXIS.1]
}

/// The grid edge that a point, in cells, is on: the ends as indices into the values, and where between them.
fn edge_of([u, v]: [f64; 2], ny: usize) -> (usize, usize, f64) {
    if (u - u.round()).abs() < ON_GRID_LINE {
        let first = u.round() as usize * ny + v.floor() as usize;
        return (first, first + 1, v - v.floor());
    }
    assert!((v - v.round()).abs() < ON_GRID_LINE, "{u}, {v} is on no grid edge");
    let first = u.floor() as usize * ny + v.round() as usize;
    (first, first + ny, u - u.floor())
}

fn segments(line: &Line) -> Vec<([f64; 2], [f64; 2])> {
    let points: Vec<[f64; 2]> = line.points.iter().map(|point| in_cells(*point)).collect();
    let mut pairs: Vec<_> = points.windows(2).map(|pair| (pair[0], pair[1])).collect();
    if line.closed {
        pairs.push((points[points.len() - 1], points[0]));
    }
    pairs
}

/// Positive where `c` is on the left of the way from `a` to `b`.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

fn cross((a, b): ([f64; 2], [f64; 2]), (c, d): ([f64; 2], [f64; 2])) -> bool {
    turn(a, b, c) * turn(a, b, d) < 0.0 && turn(c, d, a) * turn(c, d, b) < 0.0
}

/// Even-odd rule with a ray to the right.
fn is_filled(rings: &[Vec<[f64; 2]>], [u, v]: [f64; 2]) -> bool {
    let borders = rings.iter().flat_map(|ring| (0..ring.len()).map(|k| (ring[k], ring[(k + 1) % ring.len()])));
    let is_hit = |(a, b): &([f64; 2], [f64; 2])| {
        (a[1] > v) != (b[1] > v) && u < a[0] + (v - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
    };
    borders.filter(is_hit).count() % 2 == 1
}

fn corners(ny: usize, i: usize, j: usize) -> [usize; 4] {
    [i * ny + j, i * ny + j + 1, (i + 1) * ny + j, (i + 1) * ny + j + 1]
}

/// Whether cell (i, j), which may be off the map, exists and has no NaN.
fn is_known((x, y, values): &Map, i: usize, j: usize) -> bool {
    let is_in = |k: usize, axis: &[f64]| k.checked_add(1).is_some_and(|next| next < axis.len());
    is_in(i, x) && is_in(j, y) && corners(y.len(), i, j).iter().all(|k| !values[*k].is_nan())
}

fn field((x, y, values): &Map) -> Field<'_> {
    Field::new(x, y, values).unwrap()
}

proptest! {
    #[test]
    fn points_lie_on_grid_edges_at_the_level(map in map(finite_value()), level in finite_value()) {
        for line in field(&map).level_lines(level) {
            prop_assert!(line.points.len() >= 2);
            for point in line.points {
                let (first, second, t) = edge_of(in_cells(point), map.1.len());
                let (first, second) = (map.2[first], map.2[second]);
                prop_assert!((first > level) != (second > level));
                let value = first + t * (second - first);
                // Crossings are kept off the grid points by a millionth of the edge.
                prop_assert!((value - level).abs() <= 2e-6 * (second - first).abs(), "{value} is not {level}");
            }
        }
    }

    #[test]
    fn lines_are_closed_or_end_at_the_border_or_at_nan(map in map(any_value()), level in finite_value()) {
        for line in field(&map).level_lines(level).into_iter().filter(|line| !line.closed) {
            for end in [line.points[0], line.points[line.points.len() - 1]] {
                let (first, second, _) = edge_of(in_cells(end), map.1.len());
                let (i, j) = (first / map.1.len(), first % map.1.len());
                let other = if second == first + 1 { (i.wrapping_sub(1), j) } else { (i, j.wrapping_sub(1)) };
                let sides = [(i, j), other].into_iter().filter(|(i, j)| is_known(&map, *i, *j)).count();
                prop_assert_eq!(sides, 1, "an open line ends inside of the map at {:?}", end);
            }
        }
    }

    #[test]
    fn spans_are_the_stretches_above_the_level(map in map(any_value()), level in finite_value()) {
        let (x, y, values) = &map;
        let ny = y.len();
        let lines = field(&map).level_lines(level);
        let crossings: Vec<[f64; 2]> = lines.iter().flat_map(|line| line.points.iter().copied()).collect();
        for (i, spans) in field(&map).spans_above(level).iter().enumerate() {
            prop_assert!(spans.windows(2).all(|pair| pair[0].high < pair[1].low));
            let above = |j: usize| values[i * ny + j] > level;
            for (j, y) in y.iter().enumerate() {
                let inside = spans.iter().any(|span| (span.low..=span.high).contains(y));
                let alone = [j.checked_sub(1), Some(j + 1).filter(|j| *j < ny)].into_iter().flatten();
                let alone = alone.into_iter().all(|j| values[i * ny + j].is_nan());
                prop_assert!(inside == above(j) || (alone && above(j) && !inside), "{i} {j} {spans:?}");
            }
            // Ends within a cell that has a level line are points of it.
            for end in spans.iter().flat_map(|span| [span.low, span.high]).filter(|end| !y.contains(end)) {
                let j = y.iter().filter(|y| **y < end).count() - 1;
                let has_line = is_known(&map, i, j) || (i > 0 && is_known(&map, i - 1, j));
                prop_assert!(!has_line || crossings.contains(&[x[i], end]), "{end}");
            }
        }
    }

    #[test]
    fn lines_never_cross(map in map(any_value()), level in finite_value()) {
        let segments: Vec<_> = field(&map).level_lines(level).iter().flat_map(segments).collect();
        for (k, one) in segments.iter().enumerate() {
            for other in &segments[k + 1..] {
                prop_assert!(!cross(*one, *other), "{one:?} crosses {other:?}");
            }
        }
    }

    #[test]
    fn every_crossing_is_on_one_line_once(map in map(any_value()), level in finite_value()) {
        let lines = field(&map).level_lines(level);
        let mut points: Vec<[u64; 2]> = lines.iter().flat_map(|line| &line.points).map(|p| p.map(f64::to_bits)).collect();
        let count = points.len();
        points.sort_unstable();
        points.dedup();
        prop_assert_eq!(points.len(), count);
    }

    #[test]
    fn the_inside_is_on_the_left(map in map(any_value()), level in finite_value()) {
        let ny = map.1.len();
        for (a, b) in field(&map).level_lines(level).iter().flat_map(segments) {
            let (first, second, _) = edge_of(a, ny);
            for corner in [first, second] {
                let on_left = turn(a, b, [(corner / ny) as f64, (corner % ny) as f64]) > 0.0;
                prop_assert_eq!(on_left, map.2[corner] <= level);
            }
        }
    }

    #[test]
    fn the_fill_agrees_with_every_grid_point(map in map(any_value()), level in finite_value()) {
        let rings = field(&map).regions_above(level);
        let rings: Vec<Vec<_>> = rings.into_iter().map(|ring| ring.points.into_iter().map(in_cells).collect()).collect();
        let ny = map.1.len();
        for (i, j) in (1..map.0.len()).flat_map(|i| (1..ny).map(move |j| (i - 1, j - 1))) {
            for (di, dj) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                // Just inside of the cell, nearer to the corner than any crossing comes.
                let nudge = |d: usize| if d == 0 { 3e-7 } else { -3e-7 };
                let at = [(i + di) as f64 + nudge(di), (j + dj) as f64 + nudge(dj)];
                let is_above = is_known(&map, i, j) && map.2[(i + di) * ny + j + dj] > level;
                prop_assert_eq!(is_filled(&rings, at), is_above, "at {:?}", at);
            }
        }
    }

    #[test]
    fn a_common_shift_of_values_and_level_keeps_the_lines(map in map((-8i32..24).prop_map(|v| f64::from(v) / 8.0))) {
        // Eighths, and a shift by a power of two, so that all sums are exact.
        let shifted = (map.0.clone(), map.1.clone(), map.2.iter().map(|value| value + 64.0).collect());
        prop_assert_eq!(field(&map).level_lines(0.3125), field(&shifted).level_lines(64.3125));
    }

    #[test]
    fn points_next_to_the_level_are_the_corners_of_crossed_cells(map in map(any_value()), level in finite_value()) {
        let ny = map.1.len();
        let cells = (0..map.0.len()).flat_map(|i| (0..ny).map(move |j| (i, j))).filter(|(i, j)| is_known(&map, *i, *j));
        let is_crossed = |corners: &[usize; 4]| (1..4).contains(&corners.iter().filter(|k| map.2[**k] > level).count());
        let mut expected: Vec<usize> = cells.map(|(i, j)| corners(ny, i, j)).filter(is_crossed).flatten().collect();
        expected.sort_unstable();
        expected.dedup();
        prop_assert_eq!(field(&map).points_next_to_level(level), expected);
    }
}

/// A bowl over a square of side 6.2 in the logarithms; the level 4 is a circle of radius 2 around (10, 1e-3).
fn bowl(points: usize) -> Map {
    let logs: Vec<f64> = (0..points).map(|i| -3.1 + 6.2 * i as f64 / (points - 1) as f64).collect();
    let axis = |centre: f64| logs.iter().map(|log| centre * log.exp()).collect();
    let values = logs.iter().flat_map(|u| logs.iter().map(move |v| u * u + v * v)).collect();
    (axis(10.0), axis(1e-3), values)
}

/// The area in the logarithms, positive where the points run counterclockwise.
fn area(points: &[[f64; 2]]) -> f64 {
    let logs: Vec<[f64; 2]> = points.iter().map(|point| point.map(f64::ln)).collect();
    let pairs = (0..logs.len()).map(|k| (logs[k], logs[(k + 1) % logs.len()]));
    pairs.map(|(a, b)| a[0] * b[1] - a[1] * b[0]).sum::<f64>() / 2.0
}

#[test]
fn a_circle_has_its_radius() {
    let worst = |points| {
        let map = bowl(points);
        let lines = field(&map).level_lines(4.0);
        assert!(lines.len() == 1 && lines[0].closed);
        let radius = |point: &[f64; 2]| (point[0] / 10.0).ln().hypot((point[1] / 1e-3).ln());
        lines[0].points.iter().map(|point| (radius(point) - 2.0).abs()).fold(0.0, f64::max)
    };
    let (coarse, fine) = (worst(32), worst(125));
    // Linear interpolation errs by the square of the spacing, at most spacing^2 / (8 radius) here; 4 times finer.
    assert!(coarse < 2.5e-3 && fine < coarse / 12.0, "{coarse} {fine}");
}

#[test]
fn a_circle_runs_round_its_inside_and_is_a_hole_in_its_outside() {
    let map = bowl(20);
    let inside = area(&field(&map).level_lines(4.0)[0].points);
    // A polygon inside of the circle; twice what the spacing squared over 8 radii along its length comes to.
    assert!((inside - 4.0 * std::f64::consts::PI).abs() < 0.17, "{inside}");
    let rings = field(&map).regions_above(4.0);
    assert_eq!(rings.len(), 2);
    assert_eq!(rings[0].points.len(), 4, "the map's border, without the grid points along it");
    let outside: f64 = rings.iter().map(|ring| area(&ring.points)).sum();
    assert!((inside + outside - 6.2 * 6.2).abs() < 1e-9);
}

#[test]
fn flat_maps_have_no_lines_and_are_filled_wholly_or_not_at_all() {
    for (value, rings) in [(1.0, 0), (1.5, 1), (f64::INFINITY, 1), (f64::NEG_INFINITY, 0), (f64::NAN, 0)] {
        let map = (log_axis(4, X_AXIS), log_axis(3, Y_AXIS), vec![value; 12]);
        assert!(field(&map).level_lines(1.0).is_empty());
        assert!(field(&map).points_next_to_level(1.0).is_empty());
        assert_eq!(field(&map).regions_above(1.0).len(), rings, "{value}");
        assert!(field(&map).regions_above(f64::NAN).is_empty());
    }
}

#[test]
fn a_saddle_follows_its_centre() {
    for (high, regions) in [(1.5, 2), (3.0, 1)] {
        let axis = vec![1.0, 2.0];
        let map = (axis.clone(), axis, vec![0.0, high, high, 0.0]);
        assert_eq!(field(&map).level_lines(1.0).len(), 2);
        assert_eq!(field(&map).regions_above(1.0).len(), regions);
    }
}

#[test]
fn what_is_no_map_is_refused() {
    let two = [1.0, 2.0];
    let message = |x: &[f64], y: &[f64], values: &[f64]| Field::new(x, y, values).unwrap_err().to_string();
    assert!(message(&two, &two, &[0.0; 3]).contains("2 x 2"));
    assert!(message(&[0.0, 1.0], &two, &[0.0; 4]).contains("positive"));
    assert!(message(&two, &[1.0, f64::NAN], &[0.0; 4]).contains("positive"));
    assert!(message(&two, &[2.0, 2.0], &[0.0; 4]).contains("y axis"));
    assert!(Field::new(&[], &[], &[]).unwrap().regions_above(0.0).is_empty());
    assert!(Field::new(&[1.0], &two, &[0.0, 2.0]).unwrap().level_lines(1.0).is_empty());
}
