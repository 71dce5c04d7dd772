//! The floor of a valley between the masses of the mesh: a descent lands on a row, the minimum lies beside it. Counts at any
//! mass are cubics of ln mass through the rows around it, and forms are built at the minimum itself, as on a row.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::descent::{AROUND, HERE, Landed, Memory};
use super::form::ARRIVED;
use super::layout::{Layout, pairs};
use super::mesh::Mesh;
use super::toys::SIDE_BY_SIDE as LANES;
use crate::statistics::row::lanes::Lanes;

/// Rows that counts at a mass are interpolated from.
pub(super) const THROUGH: usize = 4;
/// Turns after which a toy is left to others.
const MOST_TURNS: usize = 8;
/// The first three masses that are looked at lie apart by this share of the way to the next row, the next three by as much
/// of that.
const CLOSER: f64 = 0.4;
/// A parabola through three masses that promises no more than this in chi2 has shown the minimum.
const PROMISE: f64 = 1e-5;

/// Where eight toys are near the minima of their valleys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bottom {
    pub ln_mass: [f64; LANES],
    /// How far apart, in ln mass, chi2 is looked at first.
    pub step: [f64; LANES],
    pub x: Lanes,
    /// By what x may change at most in one turn, as a factor.
    pub reach: Lanes,
}

/// Where eight toys have the minima of their valleys.
#[derive(Debug, Clone, Copy)]
pub(super) struct Floor {
    pub ln_mass: Lanes,
    pub x: Lanes,
    pub chi2: Lanes,
    /// Which of them stood still.
    pub good: [bool; LANES],
}

/// Rows around a mass, and their weights.
#[derive(Debug, Clone, Copy)]
struct Between {
    first: usize,
    weights: [f64; THROUGH],
}

impl Mesh {
    /// How numbers at a mass follow from those of the rows around it (Lagrange, in ln mass).
    fn between(&self, ln_mass: f64) -> Between {
        let rows = self.rows();
        let points = THROUGH.min(rows);
        let above = self.ln_mass[..rows].partition_point(|own| *own < ln_mass);
        let first = above.saturating_sub(THROUGH / 2).min(rows - points);
        let own = &self.ln_mass[first..first + points];
        let weight = |i: usize| {
            let others = own.iter().enumerate().filter(|(j, _)| *j != i);
            others.map(|(_, other)| (ln_mass - other) / (own[i] - other)).product()
        };
        Between { first, weights: std::array::from_fn(|i| if i < points { weight(i) } else { 0.0 }) }
    }

    /// A number of each row at a mass.
    pub(crate) fn at_mass(&self, ln_mass: f64, of_row: impl Fn(usize) -> f64) -> f64 {
        let Between { first, weights } = self.between(ln_mass);
        let rows = (first..self.rows()).zip(weights);
        rows.map(|(row, weight)| weight * of_row(row)).sum()
    }

    /// Where a descent along a valley landed, x changing by a factor of `reach` at most from turn to turn.
    pub(super) fn bottom(&self, landed: &Landed, reach: Lanes) -> Bottom {
        let mut bottom = Bottom { ln_mass: [0.0; LANES], step: [0.0; LANES], x: landed.x[HERE], reach };
        for lane in 0..LANES {
            let row = landed.rows[lane];
            let masses: [f64; AROUND] = std::array::from_fn(|around| self.ln_mass[self.beside(row, around)]);
            let is_between = masses[0] < masses[1] && masses[1] < masses[2];
            let chi2 = landed.chi2.map(|chi2| chi2.0[lane]);
            bottom.ln_mass[lane] = if is_between { vertex(masses, chi2).0 } else { masses[1] };
            bottom.step[lane] = self.first_step(row);
        }
        bottom
    }

    /// How far apart masses are looked at first beside a row.
    pub(super) fn first_step(&self, row: usize) -> f64 {
        let masses: [f64; AROUND] = std::array::from_fn(|around| self.ln_mass[self.beside(row, around)]);
        CLOSER * (masses[2] - masses[1]).max(masses[1] - masses[0])
    }

    /// Builds forms at a place near the bottom, at its very mass; toys that do not arrive are `done`.
    #[cfg(feature = "gpu")]
    #[inline(always)]
    pub(super) fn approach<S: Simd>(
        &self,
        simd: S,
        memory: &mut Memory,
        bottom: &mut Bottom,
        done: &mut [bool; LANES],
    ) {
        let mut has_arrived = *done;
        for _ in 0..MOST_TURNS {
            self.gather_between(simd, &bottom.ln_mass, memory, HERE);
            let (x, _) = self.lowest_of_row(simd, &memory.curves[HERE], bottom.x, bottom.reach);
            // No toy depends on how long its company takes.
            (0..LANES).filter(|lane| !has_arrived[*lane]).for_each(|lane| bottom.x.0[lane] = x.0[lane]);
            let way = self.advance(simd, memory, bottom.x, &has_arrived);
            let arrive = has_arrived.iter_mut().zip(way.0);
            arrive.for_each(|(has_arrived, way)| *has_arrived |= way <= ARRIVED);
            if has_arrived == [true; LANES] {
                return;
            }
            self.build(simd, memory, done);
            has_arrived.iter_mut().zip(&*done).for_each(|(has_arrived, done)| *has_arrived |= done);
        }
        done.iter_mut().zip(has_arrived).for_each(|(done, has_arrived)| *done |= !has_arrived);
    }

    /// The lowest place near some, from the forms there, of the `wanted` toys.
    #[inline(never)]
    pub(super) fn floor<S: Simd>(&self, simd: S, memory: &mut Memory, from: Bottom, wanted: [bool; LANES]) -> Floor {
        simd.vectorize(
            #[inline(always)]
            || self.floor_inline(simd, memory, from, wanted),
        )
    }

    #[inline(always)]
    fn floor_inline<S: Simd>(&self, simd: S, memory: &mut Memory, from: Bottom, wanted: [bool; LANES]) -> Floor {
        let (lowest, highest) = (self.ln_mass[0], self.ln_mass[self.rows() - 1]);
        let mut done = wanted.map(|wanted| !wanted);
        let Bottom { ln_mass: mut middle, mut step, mut x, reach } = from;
        let nowhere = Lanes([f64::INFINITY; LANES]);
        let mut floor = Floor { ln_mass: nowhere, x, chi2: nowhere, good: [false; LANES] };
        for _ in 0..MOST_TURNS {
            // At an end of the range a toy stands at the end of the three masses.
            let mut stands = [HERE; LANES];
            for lane in 0..LANES {
                let own = middle[lane];
                middle[lane] = f64::clamp(own, lowest + step[lane], highest - step[lane]);
                if (own - middle[lane]).abs() > 0.5 * step[lane] {
                    stands[lane] = if own > middle[lane] { HERE + 1 } else { HERE - 1 };
                }
            }
            let mut found = [(x, nowhere); AROUND];
            for (around, found) in found.iter_mut().enumerate() {
                let ln_mass = std::array::from_fn(|lane| middle[lane] + (around as f64 - 1.0) * step[lane]);
                self.gather_between(simd, &ln_mass, memory, around);
                *found = self.lowest_of_row(simd, &memory.curves[around], x, reach);
            }
            let mut promise = [0.0; LANES];
            for lane in 0..LANES {
                let chi2 = found.map(|(_, chi2)| chi2.0[lane]);
                let masses = [middle[lane] - step[lane], middle[lane], middle[lane] + step[lane]];
                let (at, low) = lowest_of_three(masses, chi2);
                promise[lane] = chi2[stands[lane]] - low;
                let beside = if at > middle[lane] { 2 } else { 0 };
                let share = (at - middle[lane]) / (masses[beside] - middle[lane]);
                let ln_x = |around: usize| found[around].0.0[lane].ln();
                x.0[lane] = (ln_x(HERE) + share * (ln_x(beside) - ln_x(HERE))).exp();
                // Where the lowest is beyond, the next three masses lie as far apart again.
                if share < 1.0 || at <= lowest || at >= highest {
                    step[lane] *= CLOSER;
                }
                middle[lane] = at;
            }
            self.gather_between(simd, &middle, memory, HERE);
            let (lowest_x, chi2) = self.lowest_of_row(simd, &memory.curves[HERE], x, reach);
            x = lowest_x;
            let way = self.advance(simd, memory, x, &done);
            for lane in 0..LANES {
                if !done[lane] && way.0[lane] <= ARRIVED && promise[lane] <= PROMISE {
                    (done[lane], floor.good[lane]) = (true, true);
                    (floor.ln_mass.0[lane], floor.x.0[lane]) = (middle[lane], x.0[lane]);
                    floor.chi2.0[lane] = chi2.0[lane];
                }
            }
            if done == [true; LANES] {
                break;
            }
            self.build(simd, memory, &mut done);
        }
        floor
    }

    /// The curves of toys at masses of their own, in the place of rows.
    #[inline(always)]
    fn gather_between<S: Simd>(&self, simd: S, ln_mass: &[f64; LANES], memory: &mut Memory, around: usize) {
        for (lane, ln_mass) in ln_mass.iter().enumerate() {
            let Between { first, weights } = self.between(*ln_mass);
            for ((layout, all), target) in self.layouts.iter().zip(&self.numbers).zip(&mut memory.gathered[around]) {
                let (length, counts) = (layout.row_numbers(), 3 * layout.channels());
                let target = &mut target[..counts];
                target.iter_mut().for_each(|target| target.0[lane] = 0.0);
                for (row, weight) in all[first * length..].chunks(length).zip(weights) {
                    let own = target.iter_mut().zip(&row[..counts]);
                    own.for_each(|(target, number)| target.0[lane] += weight * number);
                }
            }
        }
        for (layout, numbers) in self.layouts.iter().zip(&mut memory.gathered[around]) {
            products(simd, layout, numbers);
        }
        self.curves(simd, memory, around);
    }
}

/// The products of the counts of a mass ([`Layout::row`]): chi2 is a square only with those of the very counts, not with
/// interpolated ones.
#[inline(always)]
fn products<S: Simd>(simd: S, layout: &Layout, numbers: &mut [Lanes]) {
    let (channels, of_classes) = (layout.channels(), pairs(layout.classes));
    let (counts, products) = numbers.split_at_mut(3 * channels);
    let at = |power: usize, class: usize, energy: usize| {
        counts[power * channels + class * layout.energies + energy].load(simd)
    };
    for energy in 0..layout.energies {
        for (pair, (a, b)) in (0..layout.classes).flat_map(|a| (0..=a).map(move |b| (a, b))).enumerate() {
            let twice = f64x8::splat(simd, if a == b { 1.0 } else { 2.0 });
            for power in 0..5usize {
                let mut sum = f64x8::splat(simd, 0.0);
                for p in power.saturating_sub(2)..=power.min(2) {
                    sum = at(p, a, energy).mul_add(at(power - p, b, energy), sum);
                }
                products[(power * layout.energies + energy) * of_classes + pair].store(sum * twice);
            }
        }
    }
}

/// The lowest place of the parabola through three points between the outer ones, and its value; the lower end where it has
/// no minimum.
fn lowest_of_three(places: [f64; AROUND], values: [f64; AROUND]) -> (f64, f64) {
    let end = if values[2] < values[0] { 2 } else { 0 };
    let (at, value) = vertex(places, values);
    if values[end] < value { (places[end], values[end]) } else { (at, value) }
}

/// The vertex of the parabola through three points, the middle one the lowest: place and value.
pub(super) fn vertex([before, here, after]: [f64; 3], [low, middle, high]: [f64; 3]) -> (f64, f64) {
    let (a, b) = (before - here, after - here);
    let (fa, fb) = (low - middle, high - middle);
    // f = s t + c t^2 through 0, a and b.
    let curvature = (fa / a - fb / b) / (a - b);
    let slope = fa / a - curvature * a;
    if !(curvature > 0.0 && curvature.is_finite()) {
        return (here, middle);
    }
    let at = (-0.5 * slope / curvature).clamp(a, b);
    (here + at, middle + at * (slope + curvature * at))
}
