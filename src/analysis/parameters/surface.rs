//! chi2 over the plane of two parameters, and its minimum.

use rayon::prelude::*;

use crate::base::contour::{Field, Line, Ring};
use crate::base::search;
use crate::{Error, Result};

use super::level::{AS_GOOD, is_level};
use super::{Landscape, Parameter, Setting, Varied};

/// Most rounds of the search for the minimum, and the gain of chi2 below which a round is the last.
const ROUNDS: usize = 50;
const SMALLEST_GAIN: f64 = 1e-8;
/// Accuracy of a search along one axis, as a part of the range.
const TOLERANCE: f64 = 1e-6;

/// A place in the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Value of the first parameter.
    pub x: f64,
    /// Value of the second.
    pub y: f64,
    /// chi2 there.
    pub chi2: f64,
}

/// chi2 on a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterSurface {
    /// What runs along x and y.
    pub varied: [Varied; 2],
    /// Values along x.
    pub x: Vec<f64>,
    /// Values along y.
    pub y: Vec<f64>,
    /// chi2 of all data, then of each dataset alone, each row-major `[x][y]`.
    pub chi2: Vec<Vec<f64>>,
    /// The minimum of each of them within the ranges.
    pub best: Vec<Place>,
}

/// The part of a range over which places as good as the best one make a minimum no place of its own.
const FLAT: f64 = 0.25;

impl ParameterSurface {
    /// The ranges of both parameters, `[x, y]`, over which places are as good as the best fit to all data, where they are
    /// wide: then it is one of many.
    pub fn flat(&self) -> Option<[[f64; 2]; 2]> {
        let good = self.chi2[0].iter().enumerate().filter(|(_, chi2)| **chi2 <= self.best[0].chi2 + AS_GOOD);
        let none = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        let found = good.fold(none, |ends: [[f64; 2]; 2], (number, _)| {
            let at = [self.x[number / self.y.len()], self.y[number % self.y.len()]];
            std::array::from_fn(|axis| [ends[axis][0].min(at[axis]), ends[axis][1].max(at[axis])])
        });
        let part = |axis: usize| {
            let [low, high] = found[axis].map(|value| self.varied[axis].part_of(value));
            high - low
        };
        ((0..2).any(|axis| part(axis) > FLAT)).then_some(found)
    }

    /// Whether a term's chi2 is the same to 0.01 along the whole range of each axis, whatever the other.
    pub fn is_level(&self, term: usize) -> [bool; 2] {
        let (chi2, columns) = (&self.chi2[term], self.y.len());
        let along_x = (0..columns).all(|column| is_level(chi2.iter().skip(column).step_by(columns).copied()));
        [along_x, chi2.chunks(columns).all(|row| is_level(row.iter().copied()))]
    }

    /// chi2 on a grid of so many values; `advance` is told of each row, and ends the work by returning an error.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`] and of `advance`; fewer than 2 values along an axis.
    pub fn new(
        landscape: &Landscape,
        varied: [Varied; 2],
        points: (usize, usize),
        advance: impl Fn(usize) -> Result<()> + Sync,
    ) -> Result<ParameterSurface> {
        if points.0 < 2 || points.1 < 2 {
            return Err(Error::out_of_range("grid", format!("{}x{}", points.0, points.1), "at least 2x2"));
        }
        let (x, y) = (varied[0].values(points.0), varied[1].values(points.1));
        let settings = |x: f64, y: f64| {
            let of = |varied: &Varied, value| Setting { parameter: varied.parameter.clone(), value };
            [of(&varied[0], x), of(&varied[1], y)]
        };
        let is_coupling = |axis: usize| varied[axis].parameter == Parameter::Coupling;
        // `[outer][inner][terms]`: along the coupling, whatever runs beside it, as the rows of a map.
        let rows = |axis: usize, outer: &[f64], inner: &[f64]| {
            let row = |value: &f64| -> Result<Vec<Vec<f64>>> {
                let setting = Setting { parameter: varied[axis].parameter.clone(), value: *value };
                let row = match is_coupling(1 - axis) {
                    true => landscape.chi2_row(&[setting], inner)?,
                    false => inner.iter().map(|y| landscape.chi2(&settings(*value, *y))).collect::<Result<_>>()?,
                };
                advance(inner.len())?;
                Ok(row)
            };
            outer.par_iter().map(row).collect::<Result<Vec<_>>>()
        };
        let rows = if is_coupling(0) { turned(&rows(1, &y, &x)?) } else { rows(0, &x, &y)? };
        let terms = 1 + landscape.experiments().len();
        let chi2: Vec<Vec<f64>> =
            (0..terms).map(|term| rows.iter().flatten().map(|point| point[term]).collect()).collect();
        let best = chi2.par_iter().enumerate().map(|(term, chi2)| {
            let lowest = (0..chi2.len()).min_by(|a, b| chi2[*a].total_cmp(&chi2[*b])).unwrap_or_default();
            let part = |index: usize, points: usize| index as f64 / (points - 1) as f64;
            let start = [part(lowest / points.1, points.0), part(lowest % points.1, points.1)];
            let reach = [part(1, points.0), part(1, points.1)];
            let ([px, py], found) = lowest_near((start, chi2[lowest]), reach, |[px, py]| {
                Ok(landscape.chi2(&settings(varied[0].at(px), varied[1].at(py)))?[term])
            })?;
            Ok(Place { x: varied[0].at(px), y: varied[1].at(py), chi2: found })
        });
        let best = best.collect::<Result<_>>()?;
        Ok(ParameterSurface { x, y, chi2, best, varied })
    }

    /// The border of where a term's chi2 is at most its minimum and `rise`, and the region.
    ///
    /// # Errors
    /// None: axes increase.
    pub fn allowed(&self, term: usize, rise: f64) -> Result<(Vec<Line>, Vec<Ring>)> {
        // Lines are linear in the axes' own spread: in e^(part) they are linear in the part.
        let axis = |points: usize| (0..points).map(|i| (i as f64 / (points - 1) as f64).exp()).collect::<Vec<f64>>();
        let (x, y) = (axis(self.x.len()), axis(self.y.len()));
        let depth: Vec<f64> = self.chi2[term].iter().map(|chi2| self.best[term].chi2 + rise - chi2).collect();
        let field = Field::new(&x, &y, &depth)?;
        let (mut lines, mut rings) = (field.level_lines(0.0), field.regions_above(0.0));
        let places = lines.iter_mut().flat_map(|line| &mut line.points);
        for place in places.chain(rings.iter_mut().flat_map(|ring| &mut ring.points)) {
            *place = [self.varied[0].at(place[0].ln()), self.varied[1].at(place[1].ln())];
        }
        Ok((lines, rings))
    }
}

/// Rows as columns.
fn turned<T: Clone>(rows: &[Vec<T>]) -> Vec<Vec<T>> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns).map(|column| rows.iter().map(|row| row[column].clone()).collect()).collect()
}

/// The minimum of a function on the unit square that lies near a place: along the axes in turn, and along the way that the
/// last two rounds went, each within reach.
fn lowest_near(
    (start, value): ([f64; 2], f64),
    reach: [f64; 2],
    f: impl Fn([f64; 2]) -> Result<f64>,
) -> Result<([f64; 2], f64)> {
    let (mut at, mut lowest) = (start, value);
    for _ in 0..ROUNDS {
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
            let (step, found) = search::minimum(steps.0, steps.1, TOLERANCE, |step| f(place(step)))?;
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
            let (at, value) = lowest_near((start, f(start).unwrap()), [0.1, 0.1], f).unwrap();
            assert!(value < 1e-5, "{slope}: {at:?} {value}");
        }
        // At the border.
        let (at, _) = lowest_near(([0.0, 0.5], 0.5), [0.1, 0.1], |[x, y]| Ok(x + y)).unwrap();
        assert!(at[0] == 0.0 && at[1] < 1e-3, "{at:?}");
    }
}
