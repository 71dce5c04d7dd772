//! chi2_min of toys over a mesh, eight toys at a time: every form of the mesh is scanned, and each minimum that could be the
//! lowest is followed down.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::curve::Curve;
use super::descent::{Along, Known, Landed, Memory, Place, with_signals};
use super::mesh::{FEW, Lowest, Mesh, RowMinimum, STRIDE, Where};
use super::toys::{Drawn, SIDE_BY_SIDE as LANES};
use crate::base::simd::dispatch;
use crate::statistics::row::lanes::Lanes;

/// How much lower than its form a minimum may turn out to be, in chi2.
const DOUBT: f64 = 1.5;
/// Minima that are followed down, at most: along a valley, and in the truth's own row.
const MOST_VALLEYS: usize = 5;
const MOST_OF_ROW: usize = 3;
/// Minima at neighbouring masses that are no more steps apart are of one valley: where the counts are again those of the
/// Standard Model two lie side by side, some six of the narrowest steps apart.
const SAME_VALLEY: usize = 2;
/// By how many of the spaces between its steps a minimum of a row may be off.
const REACH: f64 = 1.2;

impl Mesh {
    /// Memory for [`Mesh::lowest`].
    pub fn memory(&self) -> Memory {
        Memory::new(&self.layouts, self.x.len())
    }

    /// The minima of at most [`super::SIDE_BY_SIDE`] toys, each `[datasets]`; none of a toy that is for another search:
    /// its minimum has bins with nothing expected, or was not found.
    pub fn lowest(&self, toys: &[Vec<Drawn>], memory: &mut Memory) -> Vec<Option<Lowest>> {
        for lane in 0..LANES {
            // What is left over repeats the last.
            let Some(toy) = toys.get(lane).or_else(|| toys.last()) else { return Vec::new() };
            for ((target, layout), drawn) in memory.toys.iter_mut().zip(&self.layouts).zip(toy) {
                target.set(layout, lane, drawn);
            }
        }
        let mut found = dispatch!(self.simd, simd => self.search(simd, memory)).to_vec();
        found.truncate(toys.len());
        found
    }

    #[inline(always)]
    fn search<S: Simd>(&self, simd: S, memory: &mut Memory) -> [Option<Lowest>; LANES] {
        let own = self.rows();
        let place = |x: f64| Place { rows: [own; LANES], x: Lanes([x; LANES]), reach: Lanes([1.0; LANES]) };
        self.begin(simd, memory);
        let truth = self.descend(simd, memory, place(self.truth), Along::Point);
        memory.know(Known::Truth);
        let standard = self.descend(simd, memory, place(0.0), Along::Point);
        memory.know(Known::Standard);
        let mut found: [Option<Lowest>; LANES] = std::array::from_fn(|lane| {
            let [chi2_truth, chi2_sm] = [truth, standard].map(|landed| landed.chi2[1].0[lane]);
            let is_good = truth.good[lane] && standard.good[lane] && chi2_truth.is_finite() && chi2_sm.is_finite();
            let first = (chi2_sm, Where::StandardModel);
            let mut lowest = Lowest { chi2_truth, chi2_sm, plane: first, row: first };
            lowest.consider(chi2_truth, Where::Truth, true);
            is_good.then_some(lowest)
        });
        for (around, stride) in [(Known::Truth, STRIDE), (Known::Standard, FEW)] {
            memory.return_to(around, &self.layouts);
            self.scan(simd, memory, stride);
            for along in [Along::Row, Along::Valley] {
                let seeds: [Vec<RowMinimum>; LANES] = std::array::from_fn(|lane| match &found[lane] {
                    // Where nothing is lower than the Standard Model, its own form must agree: the truth's may err so far
                    // that it has no minimum beside g = 0.
                    Some(lowest) if around == Known::Truth || self.is_standard(lowest, along) => {
                        self.seeds(&memory.minima[lane], lowest, along, stride)
                    }
                    _ => Vec::new(),
                });
                let rounds = seeds.iter().map(Vec::len).max().unwrap_or(0);
                for round in 0..rounds {
                    memory.return_to(around, &self.layouts);
                    self.follow(simd, memory, &seeds, round, along, &mut found);
                }
            }
        }
        found
    }

    /// Whether the lowest is the Standard Model, of the plane or of the truth's row.
    fn is_standard(&self, lowest: &Lowest, along: Along) -> bool {
        let (_, place) = if along == Along::Row { lowest.row } else { lowest.plane };
        place == Where::StandardModel || (place == Where::Truth && self.truth == 0.0)
    }

    /// Forms around the truth's expectation.
    #[inline(always)]
    fn begin<S: Simd>(&self, simd: S, memory: &mut Memory) {
        for (index, (layout, start)) in self.layouts.iter().zip(&self.start).enumerate() {
            let (toys, reference) = (&mut memory.toys[index], &mut memory.references[index]);
            toys.prepare(simd, layout);
            if layout.is_gaussian {
                // The form is the same anywhere; here its terms are small.
                reference.signal.fill(Lanes::ZERO);
                reference.backgrounds.copy_from_slice(&toys.centres[layout.signals..]);
            } else {
                let signal = reference.signal.iter_mut().zip(&start.signal);
                signal.for_each(|(target, signal)| *target = Lanes([*signal; LANES]));
                let own = reference.backgrounds.iter_mut().zip(&layout.order[layout.signals..]);
                own.for_each(|(target, index)| *target = Lanes([start.values[*index]; LANES]));
            }
            // What is not sound shows in the descent that follows, where it is built again.
            let _ = memory.forms[index].build(simd, layout, toys, reference);
        }
    }

    /// All minima over the steps of all rows.
    #[inline(never)]
    fn scan<S: Simd>(&self, simd: S, memory: &mut Memory, stride: usize) {
        simd.vectorize(
            #[inline(always)]
            || self.scan_inline(simd, memory, stride),
        );
    }

    #[inline(always)]
    fn scan_inline<S: Simd>(&self, simd: S, memory: &mut Memory, stride: usize) {
        memory.minima.iter_mut().for_each(Vec::clear);
        for row in self.scanned(stride) {
            memory.chi2.fill(Lanes::ZERO);
            for (index, layout) in self.layouts.iter().enumerate() {
                let length = layout.row_numbers();
                let numbers = &self.numbers[index][row * length..(row + 1) * length];
                let (toys, form, chi2) = (&memory.toys[index], &memory.forms[index], &mut memory.chi2);
                with_signals!(layout.signals, N => {
                    let curve = Curve::<S, N>::new(simd, layout, toys, form, |i| f64x8::splat(simd, numbers[i]));
                    for (target, x) in chi2.iter_mut().zip(&self.x) {
                        let own = curve.chi2(simd, f64x8::splat(simd, *x));
                        target.store(target.load(simd) + own);
                    }
                });
            }
            for (step, window) in memory.chi2.windows(3).enumerate() {
                let [before, here, after] = [0, 1, 2].map(|i| window[i].load(simd));
                let mut lanes = (here.simd_le(before) & here.simd_le(after)).to_bitmask();
                while lanes != 0 {
                    let lane = lanes.trailing_zeros() as usize;
                    lanes &= lanes - 1;
                    let chi2 = [0, 1, 2].map(|i| window[i].0[lane]);
                    let chi2 = self.vertex(step + 1, chi2);
                    memory.minima[lane].push(RowMinimum { row, step: step + 1, chi2 });
                }
            }
        }
    }

    /// chi2 at the vertex of the parabola through a step and its neighbours.
    fn vertex(&self, step: usize, chi2: [f64; 3]) -> f64 {
        let [before, here, after] = [step - 1, step, step + 1].map(|step| self.x[step]);
        vertex([before, here, after], chi2).1
    }

    /// The minima that are followed down: those of the truth's row, or those of valleys, that could be the lowest.
    fn seeds(&self, minima: &[RowMinimum], known: &Lowest, along: Along, stride: usize) -> Vec<RowMinimum> {
        let own = self.rows();
        let is_of_row = along == Along::Row;
        let lower_beside = |minimum: &RowMinimum| {
            let beside = |other: &&RowMinimum| {
                if other.row == own || other.row.abs_diff(minimum.row) != stride {
                    return false;
                }
                other.step.abs_diff(minimum.step) <= SAME_VALLEY
            };
            minima.iter().filter(beside).any(|other| other.chi2 < minimum.chi2)
        };
        let mut seeds: Vec<RowMinimum> = minima
            .iter()
            .filter(|minimum| (minimum.row == own) == is_of_row && (is_of_row || !lower_beside(minimum)))
            .copied()
            .collect();
        seeds.sort_by(|a, b| a.chi2.total_cmp(&b.chi2));
        let known = if is_of_row { known.row.0 } else { known.plane.0 };
        let lowest = seeds.first().map_or(known, |seed| seed.chi2.min(known));
        seeds.retain(|seed| seed.chi2 <= lowest + DOUBT);
        seeds.truncate(if is_of_row { MOST_OF_ROW } else { MOST_VALLEYS });
        seeds
    }

    /// Follows the seeds of a round down.
    #[inline(always)]
    fn follow<S: Simd>(
        &self,
        simd: S,
        memory: &mut Memory,
        seeds: &[Vec<RowMinimum>; LANES],
        round: usize,
        along: Along,
        found: &mut [Option<Lowest>; LANES],
    ) {
        let own = self.rows();
        let mut place = Place { rows: [0; LANES], x: Lanes([1.0; LANES]), reach: Lanes([1.1; LANES]) };
        // A toy without a seed goes where another does.
        let any = seeds.iter().find_map(|seeds| seeds.get(round)).copied();
        for (lane, seeds) in seeds.iter().enumerate() {
            let Some(seed) = seeds.get(round).copied().or(any) else { continue };
            let (before, here, after) = (self.x[seed.step - 1], self.x[seed.step], self.x[seed.step + 1]);
            place.rows[lane] = seed.row;
            place.x.0[lane] = here;
            place.reach.0[lane] = (here / before).max(after / here).powf(REACH);
        }
        let landed = self.descend(simd, memory, place, along);
        for (lane, found) in found.iter_mut().enumerate() {
            if seeds[lane].get(round).is_none() {
                continue;
            }
            let Some(lowest) = found else { continue };
            if !landed.good[lane] {
                *found = None;
                continue;
            }
            let (chi2, ln_mass, ln_x) = self.floor(&landed, lane, along);
            let row = landed.rows[lane];
            lowest.consider(chi2, Where::At { ln_mass, row, ln_x }, row == own);
        }
    }

    /// The lowest chi2 along the mass through a row and those beside it, and ln of its mass and x.
    fn floor(&self, landed: &Landed, lane: usize, along: Along) -> (f64, f64, f64) {
        let row = landed.rows[lane];
        let ln_x = landed.x.map(|x| x.0[lane].ln());
        let here = (landed.chi2[1].0[lane], self.ln_mass[row], ln_x[1]);
        if along != Along::Valley || row == 0 || row + 1 >= self.rows() {
            return here;
        }
        let ln_mass = [row - 1, row, row + 1].map(|row| self.ln_mass[row]);
        let (at, chi2) = vertex(ln_mass, landed.chi2.map(|chi2| chi2.0[lane]));
        // Along the valley x is straight from mass to mass.
        let beside = if at > ln_mass[1] { 2 } else { 0 };
        let share = (at - ln_mass[1]) / (ln_mass[beside] - ln_mass[1]);
        (chi2, at, ln_x[1] + share * (ln_x[beside] - ln_x[1]))
    }
}

/// The vertex of the parabola through three points, the middle one the lowest: place and value.
fn vertex([before, here, after]: [f64; 3], [low, middle, high]: [f64; 3]) -> (f64, f64) {
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
