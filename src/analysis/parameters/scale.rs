//! Where along parameters the counts are of the data's size. chi2 has its valleys there and rises beyond, however wide the
//! range is: so that is where it must be looked at closely.
//!
//! Counts are polynomials of second degree in most parameters together (in the square of the coupling). Where they are
//! none, as in masses and radii, the places found here are closer than need be, or fewer; nothing rests on them alone.

use crate::Result;
use crate::base::constants::WEAK_ANGLE_SIN2;
use crate::physics::weak_couplings::STANDARD_CHARGE_RADII_1E32_CM2;

use super::{Landscape, Parameter, Setting, Varied};

/// Counts up to so many times the larger of what was seen and of the least that can be expected are of the data's size.
const LARGEST: f64 = 10.0;
/// Rounds in which the scale of a parameter is found: each may lower it by half of the digits of a number.
const ROUNDS: usize = 8;
/// A curvature along the best way that is this part of the one along an axis is none.
const FLAT: f64 = 1e-9;
/// Without a scale places close in on the parameter's own value down to this part of the range.
const CLOSEST: f64 = 1e-12;
/// Wider parts of the range than this need no places of their own.
const WIDE: f64 = 0.5;

/// Parts of each range at which chi2 should be looked at: `within` of them over each dataset's box, and from there to the
/// ends of the range with distances that grow by `ratio`. Neither sorted nor without repetition.
///
/// # Errors
/// Those of [`Landscape::at`].
pub(super) fn places(landscape: &Landscape, varied: &[&Varied], within: usize, ratio: f64) -> Result<Vec<Vec<f64>>> {
    let mut places = vec![Vec::new(); varied.len()];
    for dataset in 0..landscape.experiments().len() {
        let own = boxes(landscape, varied, dataset)?;
        for ((axis, own), places) in varied.iter().zip(own).zip(&mut places) {
            let (low, high) = match own {
                Some([low, high]) => (low, high),
                None => (axis.part_of(standard(axis)) - CLOSEST, axis.part_of(standard(axis)) + CLOSEST),
            };
            if own.is_some() && high - low < WIDE {
                places.extend((0..=within).map(|i| low + (high - low) * i as f64 / within as f64));
            }
            let (middle, mut reach) = (0.5 * (low + high), 0.5 * (high - low) * ratio);
            while reach < 1.0 {
                places.extend([middle - reach, middle + reach]);
                reach *= ratio;
            }
        }
    }
    places.iter_mut().for_each(|places| places.retain(|part| (0.0..=1.0).contains(part)));
    Ok(places)
}

/// The parts of each range between which a dataset's counts are of the data's size; none where they tell no scale.
fn boxes(landscape: &Landscape, varied: &[&Varied], dataset: usize) -> Result<Vec<Option<[f64; 2]>>> {
    let own: Vec<f64> = varied.iter().map(|axis| natural(axis, standard(axis))).collect();
    let counts = |shifts: &[f64]| -> Result<f64> {
        let settings = varied.iter().zip(own.iter().zip(shifts)).map(|(axis, (own, shift))| Setting {
            parameter: axis.parameter.clone(),
            value: from_natural(axis, own + shift).clamp(axis.low, axis.high),
        });
        let (analysis, point) = landscape.at(&settings.collect::<Vec<_>>())?;
        let plan = &analysis.predictions[dataset].plan;
        Ok(analysis.counts_at(point)[dataset][..plan.channels()].iter().sum())
    };
    let observation = &landscape.experiments()[dataset].measurement.observation;
    let spread = match &observation.inverse_variance {
        None => 1.0,
        Some(inverse) => inverse.iter().filter(|one| **one > 0.0).map(|one| 1.0 / one).sum::<f64>().sqrt(),
    };
    let seen = observation.counts.iter().sum::<f64>().abs().max(spread);

    let zero = vec![0.0; varied.len()];
    let constant = counts(&zero)?;
    let mut axes = Vec::new();
    for (axis, varied) in varied.iter().enumerate() {
        let at = |shift: f64| {
            let mut shifts = zero.clone();
            shifts[axis] = shift;
            counts(&shifts)
        };
        // Towards the farther end of the range.
        let ends = [varied.low, varied.high].map(|end| natural(varied, end) - own[axis]);
        let farther = if ends[0].abs() > ends[1].abs() { ends[0] } else { ends[1] };
        axes.push(Along::new(at, constant, farther, seen)?);
    }
    let [first, second] = match axes[..] {
        [only] => [only, Along::default()],
        [first, second] => [first, second],
        _ => return Ok(vec![None; varied.len()]),
    };
    let mixed = match axes.len() {
        2 if first.step != 0.0 && second.step != 0.0 => {
            let (x, y) = (first.step, second.step);
            (counts(&[x, y])? - first.at(x) - second.at(y) - constant) / (x * y)
        }
        _ => 0.0,
    };
    let form = Form { constant, axes: [first, second], mixed };
    let largest = LARGEST * seen.max(form.least());
    let parts = |axis: usize| {
        let ends = form.extent(axis, largest)?.map(|shift| own[axis] + shift);
        let own = varied[axis];
        let part = |end: f64| own.part_of(from_natural(own, end).clamp(own.low, own.high));
        let mut parts = ends.map(part);
        // What is symmetric in the coupling reaches down to its lowest.
        parts.sort_by(f64::total_cmp);
        (parts[0] < parts[1]).then_some(parts)
    };
    Ok((0..varied.len()).map(parts).collect())
}

/// What counts are polynomials of.
fn natural(axis: &Varied, value: f64) -> f64 {
    if axis.parameter == Parameter::Coupling { value * value } else { value }
}

fn from_natural(axis: &Varied, natural: f64) -> f64 {
    if axis.parameter == Parameter::Coupling { natural.max(0.0).sqrt() } else { natural }
}

/// The Standard Model's value, or the one of the range that is next to it.
pub(super) fn standard(axis: &Varied) -> f64 {
    let value = match &axis.parameter {
        Parameter::WeakAngle => WEAK_ANGLE_SIN2,
        Parameter::ChargeRadius(lepton) => STANDARD_CHARGE_RADII_1E32_CM2[*lepton as usize],
        _ => 0.0,
    };
    value.clamp(axis.low, axis.high)
}

/// How counts change along one parameter: linear and quadratic coefficient, and the step at which they were found.
#[derive(Debug, Clone, Copy, Default)]
struct Along {
    linear: f64,
    square: f64,
    step: f64,
}

impl Along {
    /// From counts at and half way to steps that become shorter until what changes is of the size of what is there.
    fn new(at: impl Fn(f64) -> Result<f64>, constant: f64, farther: f64, seen: f64) -> Result<Along> {
        let mut along = Along { step: farther, ..Along::default() };
        for _ in 0..ROUNDS {
            let step = along.step;
            let (half, whole) = (at(0.5 * step)? - constant, at(step)? - constant);
            along.square = 2.0 * (whole - 2.0 * half) / (step * step);
            along.linear = whole / step - along.square * step;
            let size = LARGEST * seen.max(constant);
            // Where |linear| step + square step^2 is this.
            let (a, b) = (along.square.abs(), along.linear.abs());
            let next = 2.0 * size / (b + (b * b + 4.0 * a * size).sqrt());
            if !(next.is_finite() && next < 0.5 * step.abs()) {
                break;
            }
            along.step = next.copysign(step);
        }
        Ok(along)
    }

    fn at(&self, shift: f64) -> f64 {
        shift * (self.linear + shift * self.square)
    }
}

/// Counts as a polynomial of second degree of two shifts.
struct Form {
    constant: f64,
    axes: [Along; 2],
    mixed: f64,
}

impl Form {
    /// The polynomial of one shift that is left where the other one is where counts are least; none where that is nowhere.
    fn profiled(&self, axis: usize) -> Option<(f64, f64, f64)> {
        let (own, other) = (self.axes[axis], self.axes[1 - axis]);
        if other.linear == 0.0 && self.mixed == 0.0 {
            return Some((own.square, own.linear, self.constant));
        }
        let (square, linear) = (other.square, other.linear);
        let left = own.square - self.mixed * self.mixed / (4.0 * square);
        let is_curved = square > 0.0 && left > FLAT * own.square;
        is_curved.then(|| {
            let down = self.mixed * linear / (2.0 * square);
            (left, own.linear - down, self.constant - linear * linear / (4.0 * square))
        })
    }

    /// The least counts, not below 0.
    fn least(&self) -> f64 {
        self.profiled(0).map_or(0.0, |(a, b, c)| if a > 0.0 { (c - b * b / (4.0 * a)).max(0.0) } else { 0.0 })
    }

    /// Between which shifts along an axis counts can be at most `largest`; none where there is no end.
    fn extent(&self, axis: usize, largest: f64) -> Option<[f64; 2]> {
        let (a, b, c) = self.profiled(axis)?;
        let root = (b * b - 4.0 * a * (c - largest)).sqrt();
        let ends = [(-b - root) / (2.0 * a), (-b + root) / (2.0 * a)];
        (a > 0.0 && ends.iter().all(|end| end.is_finite())).then_some(ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_found_from_any_distance() {
        // Derived: 100 (x - 0.2)^2 + 3 is at most 103 between -0.8 and 1.2.
        for farther in [1.0, -1e3, 1e9] {
            let along = Along::new(|x| Ok(100.0 * (x - 0.2_f64).powi(2) + 3.0), 7.0, farther, 1.0).unwrap();
            let form = Form { constant: 7.0, axes: [along, Along::default()], mixed: 0.0 };
            let [low, high] = form.extent(0, 103.0).unwrap();
            assert!((low + 0.8).abs() < 1e-9 && (high - 1.2).abs() < 1e-9, "{farther}: {low} {high}");
            assert!((form.least() - 3.0).abs() < 1e-9);
        }
    }

    #[test]
    fn extents_are_those_of_ellipses() {
        // Derived: x^2 + y^2 + 1.2 x y <= 1 reaches to 1/sqrt(1 - 0.6^2); x^2 + y^2 + 2 x y has no end.
        let along = Along { linear: 0.0, square: 1.0, step: 1.0 };
        let form = |mixed: f64| Form { constant: 0.0, axes: [along, along], mixed };
        let [low, high] = form(1.2).extent(0, 1.0).unwrap();
        assert!((low + 1.25).abs() < 1e-12 && (high - 1.25).abs() < 1e-12);
        assert!(form(2.0).extent(0, 1.0).is_none());
    }
}
