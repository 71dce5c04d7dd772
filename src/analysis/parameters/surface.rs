//! chi2 over the plane of two parameters, and its minimum.

use rayon::prelude::*;

use crate::base::contour::{Field, Line, Ring};
use crate::{Error, Result};

use super::level::{AS_GOOD, is_level};
use super::mesh::Mesh;
use super::valleys::{self, Low};
use super::{Landscape, Parameter, Setting, Varied, scale};

/// Lines along each axis at whose crossings minima are looked for, at least; those that are shown are among them.
const LEAST_LOOKED_AT: usize = 24;
/// The same where counts are of the data's size, and by what factor distances grow from there to the ends of the range.
const WITHIN_BOX: usize = 32;
const BEYOND_BOX: f64 = 3.0;

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
    /// What was found of each.
    found: Vec<Found>,
}

/// A term's chi2 by parts of both ranges.
#[derive(Debug, Clone, PartialEq)]
struct Found {
    /// On lines that are closer where valleys may be narrow.
    looked_at: Mesh,
    /// Its minima, the lowest one first.
    minima: Vec<Low>,
    /// [`ParameterSurface::is_level`].
    level: [bool; 2],
}

/// Where chi2 is at most its minimum and a rise.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowed {
    /// The border, without the ends of ranges.
    pub lines: Vec<Line>,
    /// The region.
    pub rings: Vec<Ring>,
    /// From where to where it reaches, `[x, y]`.
    pub extent: [[f64; 2]; 2],
    /// How far the border may be off, as a part of the region's thickness.
    pub off: f64,
    /// Values of the grid that lie in it.
    pub shown: usize,
    /// Ranges in which it, or the part around the best fit, shows; where it does not in these.
    pub closer: Option<[[f64; 2]; 2]>,
}

/// Borders that are off by more than this part of a region's thickness are worth a word.
pub const FINE_BORDER: f64 = 0.02;
/// Regions of fewer values of the grid do not show.
const FEW: usize = 20;
/// How far ranges that show a region reach from its middle, in its extents.
const BESIDE: f64 = 0.7;

impl Allowed {
    /// Parts that do not touch; none where the border is too far off to tell.
    pub fn pieces(&self) -> Option<usize> {
        // The region is on a ring's left: around holes it runs clockwise.
        let area = |ring: &&Ring| {
            let from = |at: &[f64; 2]| [at[0] - ring.points[0][0], at[1] - ring.points[0][1]];
            let pairs = ring.points.iter().zip(ring.points.iter().skip(1)).map(|(a, b)| (from(a), from(b)));
            pairs.map(|(a, b)| a[0] * b[1] - b[0] * a[1]).sum::<f64>()
        };
        (self.off <= FINE_BORDER).then(|| self.rings.iter().filter(|ring| area(ring) > 0.0).count())
    }
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
        self.found[term].level
    }

    /// chi2 on a grid of so many values; `advance` is told of each row, of nothing where more is looked at, and ends the
    /// work by returning an error.
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
        let lines = [points.0, points.1].map(lines);
        let along =
            [0, 1].map(|axis: usize| lines[axis].iter().map(|part| varied[axis].at(*part)).collect::<Vec<f64>>());
        let is_coupling = |axis: usize| varied[axis].parameter == Parameter::Coupling;
        // `[outer][inner][terms]`: along the coupling, whatever runs beside it, as the rows of a map.
        let rows = |axis: usize, shown: (&[f64], usize)| {
            let inner = &along[1 - axis];
            let row = |value: &f64| -> Result<Vec<Vec<f64>>> {
                let row = match is_coupling(1 - axis) {
                    true => {
                        let setting = Setting { parameter: varied[axis].parameter.clone(), value: *value };
                        landscape.chi2_row(&[setting], inner)?
                    }
                    false => inner.iter().map(|y| landscape.chi2(&at(&varied, [*value, *y]))).collect::<Result<_>>()?,
                };
                advance(if shown.0.contains(value) { shown.1 } else { 0 })?;
                Ok(row)
            };
            along[axis].par_iter().map(row).collect::<Result<Vec<_>>>()
        };
        let rows = if is_coupling(0) { turned(&rows(1, (&y, x.len()))?) } else { rows(0, (&x, y.len()))? };
        let terms = 1 + landscape.experiments().len();
        let looked_at: Vec<Vec<f64>> =
            (0..terms).map(|term| rows.iter().flatten().map(|point| point[term]).collect()).collect();
        let shown = |axis: usize, values: &[f64]| -> Vec<usize> {
            values.iter().map(|value| along[axis].partition_point(|other| other < value)).collect()
        };
        let (shown_x, shown_y) = (shown(0, &x), shown(1, &y));
        let chi2 = looked_at.iter().map(|all| {
            let crossings = shown_x.iter().flat_map(|i| shown_y.iter().map(move |j| (i, j)));
            crossings.map(|(i, j)| all[i * lines[1].len() + j]).collect()
        });
        let chi2 = chi2.collect();
        let mut places = scale::places(landscape, &[&varied[0], &varied[1]], WITHIN_BOX, BEYOND_BOX)?.into_iter();
        let places = [0, 1].map(|_| places.next().unwrap_or_default());
        let standard = [0, 1].map(|axis: usize| varied[axis].part_of(scale::standard(&varied[axis])).clamp(0.0, 1.0));
        let look = |term: usize| -> Result<Found> {
            let own = of_term(landscape, term);
            let f = |place: [f64; 2]| {
                advance(0)?;
                chi2_at(own.as_ref().unwrap_or(landscape), &varied, place)
            };
            let mut mesh = Mesh::new(lines.clone(), looked_at[term].clone());
            mesh.add_lines(&places, f)?;
            let minima = valleys::minima(&mesh.lines, &mesh.values, &[standard], f)?;
            let on_lines = level_on(&looked_at[term], lines[1].len());
            let mut level = on_lines;
            // chi2 of a wide range may be saturated at all lines, and is not at the minimum between them.
            if let Some((best, _)) = minima.first() {
                for axis in (0..2).filter(|axis| on_lines[*axis]) {
                    let across = [0.0, 0.5, 1.0, best[axis]].into_iter().chain(places[axis].iter().copied());
                    let along =
                        across.map(|part| f(std::array::from_fn(|own| if own == axis { part } else { best[own] })));
                    level[axis] = is_level(along.collect::<Result<Vec<_>>>()?.into_iter());
                }
            }
            Ok(Found { looked_at: mesh, minima, level })
        };
        // What one dataset says alone is what all say.
        let apart = if terms == 2 { 1 } else { terms };
        let mut found = (0..apart).map(look).collect::<Result<Vec<_>>>()?;
        found.resize(terms, found[0].clone());
        let best = found.iter().filter_map(|found| found.minima.first()).map(|([px, py], chi2)| Place {
            x: varied[0].at(*px),
            y: varied[1].at(*py),
            chi2: *chi2,
        });
        let best = best.collect();
        Ok(ParameterSurface { x, y, chi2, best, found, varied })
    }

    /// Where a term's chi2 is at most its minimum and `rise`: between the values that were looked at, by more of them;
    /// `check` is asked before each, and ends the work by returning an error.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`] and of `check`.
    pub fn allowed(
        &self,
        landscape: &Landscape,
        term: usize,
        rise: f64,
        check: impl Fn() -> Result<()> + Sync,
    ) -> Result<Allowed> {
        let level = self.best[term].chi2 + rise;
        let mut mesh = self.found[term].looked_at.clone().below(level);
        self.found[term]
            .minima
            .iter()
            .filter(|low| low.1 < level)
            .for_each(|(at, chi2)| mesh.add_place(*at, chi2 - level));
        let own = of_term(landscape, term);
        let off = mesh.refine(|place| {
            check()?;
            Ok(chi2_at(own.as_ref().unwrap_or(landscape), &self.varied, place)? - level)
        })?;
        // Lines are linear in the axes' own spread: in e^(part) they are linear in the part.
        let [x, y] = mesh.lines.each_ref().map(|lines| lines.iter().map(|part| part.exp()).collect::<Vec<f64>>());
        let depth: Vec<f64> = mesh.values.iter().map(|value| -value).collect();
        let field = Field::new(&x, &y, &depth)?;
        let (mut lines, mut rings) = (field.level_lines(0.0), field.regions_above(0.0));
        let places = lines.iter_mut().flat_map(|line| &mut line.points);
        for place in places.chain(rings.iter_mut().flat_map(|ring| &mut ring.points)) {
            *place = [self.varied[0].at(place[0].ln()), self.varied[1].at(place[1].ln())];
        }
        let none = [[f64::INFINITY, f64::NEG_INFINITY]; 2];
        let extent = rings.iter().flat_map(|ring| &ring.points).fold(none, |ends: [[f64; 2]; 2], at| {
            std::array::from_fn(|axis| [ends[axis][0].min(at[axis]), ends[axis][1].max(at[axis])])
        });
        let shown = self.chi2[term].iter().filter(|chi2| **chi2 <= level).count();
        let mut allowed = Allowed { lines, rings, extent, off, shown, closer: None };
        allowed.closer = self.closer(term, &allowed);
        Ok(allowed)
    }

    /// Ranges in which a region shows that is thinner than what was looked at, or that few of the values of the grid are of.
    fn closer(&self, term: usize, allowed: &Allowed) -> Option<[[f64; 2]; 2]> {
        let parts = [0, 1].map(|axis: usize| allowed.extent[axis].map(|end| self.varied[axis].part_of(end)));
        let is_wide = parts.iter().all(|[low, high]| high - low > 0.5);
        let around = |middle: f64, reach: f64| [(middle - reach).max(0.0), (middle + reach).min(1.0)];
        let shown: [[f64; 2]; 2] = if allowed.off > FINE_BORDER {
            // Errors fall with the square of the distance of values.
            let reach = 0.5 * (FINE_BORDER / allowed.off).sqrt();
            let (best, _) = self.found[term].minima.first()?;
            best.map(|best| around(best.clamp(reach, 1.0 - reach), reach))
        } else if allowed.shown < FEW && !is_wide {
            parts.map(|[low, high]| around(0.5 * (low + high), BESIDE * (high - low)))
        } else {
            return None;
        };
        Some([0, 1].map(|axis: usize| shown[axis].map(|part| self.varied[axis].at(part))))
    }
}

/// Whether values, row-major `[x][y]`, are the same to 0.01 along each axis.
fn level_on(chi2: &[f64], columns: usize) -> [bool; 2] {
    let along_x = (0..columns).all(|column| is_level(chi2.iter().skip(column).step_by(columns).copied()));
    [along_x, chi2.chunks(columns).all(|row| is_level(row.iter().copied()))]
}

/// Values along both axes, as settings.
fn at(varied: &[Varied; 2], values: [f64; 2]) -> [Setting; 2] {
    [0, 1].map(|axis: usize| Setting { parameter: varied[axis].parameter.clone(), value: values[axis] })
}

/// What a term's chi2 is of: all data, or one dataset, without the work for the others.
fn of_term<'a>(landscape: &Landscape<'a>, term: usize) -> Option<Landscape<'a>> {
    term.checked_sub(1).map(|dataset| landscape.alone(dataset))
}

fn chi2_at(landscape: &Landscape, varied: &[Varied; 2], part: [f64; 2]) -> Result<f64> {
    Ok(landscape.chi2(&at(varied, [varied[0].at(part[0]), varied[1].at(part[1])]))?[0])
}

/// The parts of a range at which values are looked at: those that are shown, at equal distances, and some between.
fn lines(points: usize) -> Vec<f64> {
    let gaps = (points - 1) * LEAST_LOOKED_AT.div_ceil(points - 1);
    (0..=gaps).map(|number| number as f64 / gaps as f64).collect()
}

/// Rows as columns.
fn turned<T: Clone>(rows: &[Vec<T>]) -> Vec<Vec<T>> {
    let columns = rows.first().map_or(0, Vec::len);
    (0..columns).map(|column| rows.iter().map(|row| row[column].clone()).collect()).collect()
}
