//! chi2_min of toys over a mesh, eight toys at a time: every form of the mesh is scanned, and each minimum that could be the
//! lowest is followed down.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::curve::Curve;
use super::descent::{Along, HERE, Known, Memory, Place, with_signals};
#[cfg(feature = "gpu")]
use super::floor::Bottom;
use super::floor::{THROUGH, vertex};
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
/// How much lower than where it is on a row a valley may be between the masses of the mesh.
const BESIDE: f64 = 0.1;
/// How far above that place it may be, by what forms err.
const ABOVE: f64 = 1e-4;
/// How far a minimum may be from what a GPU has of it: what f32 and parabolas err.
#[cfg(feature = "gpu")]
const NEARLY: f64 = 0.02;

/// Where a descent begins: row, x, and by what x may change in a step, as a factor.
#[derive(Debug, Clone, Copy)]
struct Seed {
    row: usize,
    x: f64,
    reach: f64,
}

impl Mesh {
    /// Memory for [`Mesh::lowest`].
    pub fn memory(&self) -> Memory {
        Memory::new(&self.layouts, self.x.len())
    }

    /// The minima of at most [`super::SIDE_BY_SIDE`] toys, each `[datasets]`; none of a toy that is for another search:
    /// its minimum has bins with nothing expected, or was not found.
    pub fn lowest(&self, toys: &[Vec<Drawn>], memory: &mut Memory) -> Vec<Option<Lowest>> {
        self.set(toys, memory);
        let mut found = dispatch!(self.simd, simd => self.search(simd, memory)).to_vec();
        found.truncate(toys.len());
        found
    }

    /// Minima that are known nearly, of the plane and of the truth's row, followed down from there: nothing is scanned, and
    /// chi2 of truth and Standard Model stay as they are.
    #[cfg(feature = "gpu")]
    pub fn lowest_near(&self, toys: &[Vec<Drawn>], near: &[Lowest], memory: &mut Memory) -> Vec<Option<Lowest>> {
        self.set(toys, memory);
        let mut found = dispatch!(self.simd, simd => self.finish(simd, memory, near)).to_vec();
        found.truncate(near.len());
        // A toy that has left its valley is for the search from the beginning.
        let is_near = |own: (f64, Where), known: (f64, Where)| (own.0 - known.0).abs() <= NEARLY;
        let checked = found.into_iter().zip(near);
        checked
            .map(|(found, near)| found.filter(|own| is_near(own.plane, near.plane) && is_near(own.row, near.row)))
            .collect()
    }

    /// Puts toys into their lanes; what is left over repeats the last.
    fn set(&self, toys: &[Vec<Drawn>], memory: &mut Memory) {
        for lane in 0..LANES {
            let Some(toy) = toys.get(lane).or_else(|| toys.last()) else { return };
            for ((target, layout), drawn) in memory.toys.iter_mut().zip(&self.layouts).zip(toy) {
                target.set(layout, lane, drawn);
            }
        }
    }

    #[cfg(feature = "gpu")]
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, memory: &mut Memory, near: &[Lowest]) -> [Option<Lowest>; LANES] {
        let own = self.rows();
        let mut found: [Option<Lowest>; LANES] = std::array::from_fn(|lane| {
            let Lowest { chi2_truth, chi2_sm, .. } = *near.get(lane)?;
            Some(Lowest::of_fixed(chi2_truth, chi2_sm))
        });
        let place = |place: Where| match place {
            Where::At { ln_mass, row, ln_x } => {
                let x = ln_x.exp();
                let step = self.x.partition_point(|step| *step < x).clamp(1, self.x.len() - 2);
                Some((ln_mass, Seed { row, x, reach: self.reach(step) }))
            }
            _ => None,
        };
        self.begin(simd, memory);
        memory.know(Known::Truth);
        let of_row = std::array::from_fn(|lane| Some(place(near.get(lane)?.row.1)?.1));
        self.follow(simd, memory, &of_row, Along::Row, &mut found);
        let of_plane: [Option<(f64, Seed)>; LANES] =
            std::array::from_fn(|lane| place(near.get(lane)?.plane.1).filter(|(_, seed)| seed.row < own));
        let Some(any) = of_plane.iter().flatten().next().copied() else { return found };
        let mut bottom = Bottom { ln_mass: [0.0; LANES], step: [0.0; LANES], x: Lanes::ZERO, reach: Lanes::ZERO };
        for (lane, place) in of_plane.iter().enumerate() {
            let (ln_mass, Seed { row, x, reach }) = place.unwrap_or(any);
            (bottom.ln_mass[lane], bottom.step[lane]) = (ln_mass, self.first_step(row));
            (bottom.x.0[lane], bottom.reach.0[lane]) = (x, reach);
        }
        memory.return_to(Known::Truth, &self.layouts);
        let mut done = of_plane.map(|place| place.is_none());
        self.approach(simd, memory, &mut bottom, &mut done);
        let floor = self.floor(simd, memory, bottom, done.map(|done| !done));
        for (lane, found) in found.iter_mut().enumerate() {
            let (Some(lowest), Some((_, seed))) = (found.as_mut(), of_plane[lane]) else { continue };
            let (chi2, ln_mass, ln_x) = (floor.chi2.0[lane], floor.ln_mass.0[lane], floor.x.0[lane].ln());
            lowest.consider(chi2, Where::At { ln_mass, row: seed.row, ln_x }, false);
            if !floor.good[lane] {
                *found = None;
            }
        }
        found
    }

    #[inline(always)]
    fn search<S: Simd>(&self, simd: S, memory: &mut Memory) -> [Option<Lowest>; LANES] {
        let mut found = self.fixed_places(simd, memory);
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
                    let seeds: [Option<Seed>; LANES] = std::array::from_fn(|lane| {
                        // Counted from what was found: a form far from its reference may promise less than there is.
                        let lowest = of(found[lane].as_ref()?, along).0;
                        let seed = seeds[lane].get(round).filter(|seed| round == 0 || seed.chi2 <= lowest + DOUBT)?;
                        Some(self.seed(seed))
                    });
                    if seeds.iter().all(Option::is_none) {
                        break;
                    }
                    memory.return_to(around, &self.layouts);
                    self.follow(simd, memory, &seeds, along, &mut found);
                }
            }
        }
        found
    }

    /// chi2 of the truth and of the Standard Model, the lowest so far.
    #[inline(always)]
    fn fixed_places<S: Simd>(&self, simd: S, memory: &mut Memory) -> [Option<Lowest>; LANES] {
        let own = self.rows();
        let place = |x: f64| Place { rows: [own; LANES], x: Lanes([x; LANES]), reach: Lanes([1.0; LANES]) };
        self.begin(simd, memory);
        let truth = self.descend(simd, memory, place(self.truth), Along::Point);
        memory.know(Known::Truth);
        let standard = self.descend(simd, memory, place(0.0), Along::Point);
        memory.know(Known::Standard);
        std::array::from_fn(|lane| {
            let [chi2_truth, chi2_sm] = [truth, standard].map(|landed| landed.chi2[1].0[lane]);
            let is_good = truth.good[lane] && standard.good[lane] && chi2_truth.is_finite() && chi2_sm.is_finite();
            is_good.then(|| Lowest::of_fixed(chi2_truth, chi2_sm))
        })
    }

    /// Whether the lowest is the Standard Model, of the plane or of the truth's row.
    fn is_standard(&self, lowest: &Lowest, along: Along) -> bool {
        let (_, place) = of(lowest, along);
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
        seeds.retain(|seed| seed.chi2 <= of(known, along).0 + DOUBT);
        seeds.truncate(if is_of_row { MOST_OF_ROW } else { MOST_VALLEYS });
        seeds
    }

    /// From a minimum of the scan.
    fn seed(&self, minimum: &RowMinimum) -> Seed {
        Seed { row: minimum.row, x: self.x[minimum.step], reach: self.reach(minimum.step) }
    }

    /// By what x may change from a step of the scan.
    fn reach(&self, step: usize) -> f64 {
        let (before, here, after) = (self.x[step - 1], self.x[step], self.x[step + 1]);
        (here / before).max(after / here).powf(REACH)
    }

    /// Follows one seed of each toy down, if it has one.
    #[inline(always)]
    fn follow<S: Simd>(
        &self,
        simd: S,
        memory: &mut Memory,
        seeds: &[Option<Seed>; LANES],
        along: Along,
        found: &mut [Option<Lowest>; LANES],
    ) {
        let own = self.rows();
        // A toy without a seed goes where another does.
        let Some(any) = seeds.iter().flatten().next().copied() else { return };
        let mut place = Place { rows: [0; LANES], x: Lanes::ZERO, reach: Lanes::ZERO };
        for (lane, seed) in seeds.iter().enumerate() {
            let Seed { row, x, reach } = seed.unwrap_or(any);
            (place.rows[lane], place.x.0[lane], place.reach.0[lane]) = (row, x, reach);
        }
        let landed = self.descend(simd, memory, place, along);
        let is_followed = |lane: usize| seeds[lane].is_some() && found[lane].is_some();
        let followed: [bool; LANES] = std::array::from_fn(is_followed);
        // What is far above the lowest of the toy stays where it landed.
        let wanted: [bool; LANES] = std::array::from_fn(|lane| {
            let counts = |lowest: &Lowest| landed.chi2[HERE].0[lane] < lowest.plane.0 + BESIDE;
            along == Along::Valley
                && self.rows() >= THROUGH
                && followed[lane]
                && landed.good[lane]
                && found[lane].as_ref().is_some_and(counts)
        });
        let floor = wanted.contains(&true).then(|| self.floor(simd, memory, self.bottom(&landed, place.reach), wanted));
        for (lane, found) in found.iter_mut().enumerate().filter(|(lane, _)| followed[*lane]) {
            let Some(lowest) = found else { continue };
            let row = landed.rows[lane];
            let on_row = landed.chi2[HERE].0[lane];
            let (chi2, ln_mass, x, is_good) = match floor {
                Some(floor) if wanted[lane] => {
                    // Whoever ends above where he landed has left his valley.
                    let is_lower = floor.chi2.0[lane] <= on_row + ABOVE;
                    (floor.chi2.0[lane], floor.ln_mass.0[lane], floor.x.0[lane], floor.good[lane] && is_lower)
                }
                _ => (on_row, self.ln_mass[row], landed.x[HERE].0[lane], landed.good[lane]),
            };
            if is_good {
                lowest.consider(chi2, Where::At { ln_mass, row, ln_x: x.ln() }, row == own);
            } else {
                *found = None;
            }
        }
    }
}

/// The lowest of the plane, or of the truth's row.
fn of(lowest: &Lowest, along: Along) -> (f64, Where) {
    if along == Along::Row { lowest.row } else { lowest.plane }
}
