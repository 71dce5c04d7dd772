//! From a place of the plane down to the minimum of chi2 near it, eight toys at a time: forms are built around where the
//! last ones had their minimum, until it stands still.
//!
//! A form errs in third order of the distance from its reference, so the way that is left after each step is the square of
//! what was left before, as with Newton's method.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::curve::{At, Curve, Kept};
use super::form::{ARRIVED, Form, Reference};
use super::layout::Layout;
use super::mesh::Mesh;
use super::toys::{DatasetToys, SIDE_BY_SIDE as LANES};
use crate::statistics::row::lanes::Lanes;

/// Calls a function with the number of the signal's parameters as a constant.
macro_rules! with_signals {
    ($signals:expr, $n:ident => $body:expr) => {
        match $signals {
            1 => {
                const $n: usize = 1;
                $body
            }
            2 => {
                const $n: usize = 2;
                $body
            }
            3 => {
                const $n: usize = 3;
                $body
            }
            _ => {
                const $n: usize = 4;
                $body
            }
        }
    };
}
pub(super) use with_signals;

/// Steps after which a toy is left to others.
const MOST_STEPS: usize = 32;
/// Steps of the search along one row.
const STEPS_OF_ROW: usize = 6;
/// A neighbouring row is lower if it is so by this.
const LOWER: f64 = 1e-7;
/// A row and its two neighbours.
pub(super) const AROUND: usize = 3;
pub(super) const HERE: usize = 1;

/// What may change on the way down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Along {
    /// Nothing: the nuisance parameters alone.
    Point,
    /// The coupling.
    Row,
    /// Coupling and mass.
    Valley,
}

/// What forms are around before a descent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// The truth.
    Truth,
    /// The Standard Model.
    Standard,
}

/// Where eight toys stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub rows: [usize; LANES],
    /// (g/natural)^2.
    pub x: Lanes,
    /// By what x may change at most in one step, as a factor.
    pub reach: Lanes,
}

/// Where they ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Landed {
    pub rows: [usize; LANES],
    /// Lowest chi2 and where in the row and those beside it: below, here, above.
    pub chi2: [Lanes; AROUND],
    pub x: [Lanes; AROUND],
    /// Which of them did.
    pub good: [bool; LANES],
}

/// Memory of eight toys.
#[derive(Debug, Clone)]
pub struct Memory {
    pub(super) toys: Vec<DatasetToys>,
    pub(super) forms: Vec<Form>,
    pub(super) references: Vec<Reference>,
    /// Forms and references at the truth and at the Standard Model.
    known: [Vec<(Form, Reference)>; 2],
    /// Numbers of the rows below, here and above, each toy its own, by dataset.
    pub(super) gathered: [Vec<Vec<Lanes>>; AROUND],
    pub(super) curves: [Vec<Kept>; AROUND],
    signal: Vec<Lanes>,
    /// chi2 along a row.
    pub(super) chi2: Vec<Lanes>,
    pub(super) minima: [Vec<super::mesh::RowMinimum>; LANES],
}

impl Memory {
    pub(super) fn new(layouts: &[Layout], steps: usize) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        let forms: Vec<Form> = layouts.iter().map(Form::new).collect();
        let reference =
            |layout: &Layout| Reference { signal: lanes(layout.bins()), backgrounds: lanes(layout.backgrounds) };
        let references: Vec<Reference> = layouts.iter().map(reference).collect();
        Memory {
            toys: layouts.iter().map(DatasetToys::new).collect(),
            known: std::array::from_fn(|_| forms.iter().cloned().zip(references.iter().cloned()).collect()),
            forms,
            references,
            gathered: std::array::from_fn(|_| layouts.iter().map(|layout| lanes(layout.row_numbers())).collect()),
            curves: std::array::from_fn(|_| vec![Kept::NOTHING; layouts.len()]),
            signal: lanes(layouts.iter().map(Layout::bins).max().unwrap_or(0)),
            chi2: lanes(steps),
            minima: std::array::from_fn(|_| Vec::new()),
        }
    }

    /// Keeps forms and references as those of the truth, or of the Standard Model.
    pub(super) fn know(&mut self, around: Known) {
        for (kept, (form, reference)) in
            self.known[around as usize].iter_mut().zip(self.forms.iter().zip(&self.references))
        {
            kept.0.clone_from(form);
            kept.1.clone_from(reference);
        }
    }

    /// Goes back there.
    pub(super) fn return_to(&mut self, around: Known, layouts: &[Layout]) {
        let own = self.forms.iter_mut().zip(&mut self.references).zip(&self.known[around as usize]).zip(layouts);
        for (((form, reference), kept), _) in own.filter(|(_, layout)| !layout.is_gaussian) {
            form.clone_from(&kept.0);
            reference.clone_from(&kept.1);
        }
    }
}

impl Mesh {
    /// The minimum near a place, from the forms and references in memory.
    #[inline(never)]
    pub(super) fn descend<S: Simd>(&self, simd: S, memory: &mut Memory, from: Place, along: Along) -> Landed {
        simd.vectorize(
            #[inline(always)]
            || self.descend_inline(simd, memory, from, along),
        )
    }

    #[inline(always)]
    fn descend_inline<S: Simd>(&self, simd: S, memory: &mut Memory, from: Place, along: Along) -> Landed {
        let Place { mut rows, mut x, reach } = from;
        let nowhere = Lanes([f64::INFINITY; LANES]);
        let mut landed = Landed { rows, chi2: [nowhere; AROUND], x: [x; AROUND], good: [false; LANES] };
        // Landed, or lost.
        let mut done = [false; LANES];
        for _ in 0..MOST_STEPS {
            let mut found = [(x, nowhere); AROUND];
            for (around, found) in found.iter_mut().enumerate() {
                if around != HERE && along != Along::Valley {
                    continue;
                }
                let own = rows.map(|row| self.beside(row, around));
                self.gather(&own, &mut memory.gathered[around]);
                self.curves(simd, memory, around);
                *found = match along {
                    Along::Point => (x, self.at(simd, &memory.curves[around], &x)[0]),
                    _ => self.lowest_of_row(simd, &memory.curves[around], x, reach),
                };
            }
            let mut moved = [false; LANES];
            for lane in (0..LANES).filter(|lane| !done[*lane]) {
                let chi2 = |around: usize| found[around].1.0[lane];
                let mut to = HERE;
                if along == Along::Valley {
                    to = if chi2(0) < chi2(to) - LOWER { 0 } else { to };
                    to = if chi2(2) < chi2(to) - LOWER { 2 } else { to };
                }
                x.0[lane] = found[to].0.0[lane];
                moved[lane] = to != HERE;
                rows[lane] = self.beside(rows[lane], to);
            }
            if moved.contains(&true) && self.layouts.iter().any(|layout| !layout.is_gaussian) {
                self.gather(&rows, &mut memory.gathered[HERE]);
                self.curves(simd, memory, HERE);
            }
            let way = self.advance(simd, memory, x, &done);
            for lane in 0..LANES {
                if !done[lane] && way.0[lane] <= ARRIVED && !moved[lane] {
                    (done[lane], landed.good[lane], landed.rows[lane]) = (true, true, rows[lane]);
                    for (around, (x, chi2)) in found.iter().enumerate() {
                        (landed.x[around].0[lane], landed.chi2[around].0[lane]) = (x.0[lane], chi2.0[lane]);
                    }
                }
            }
            if done == [true; LANES] {
                break;
            }
            self.build(simd, memory, &mut done);
        }
        landed
    }

    /// Forms around the references; toys whose form means nothing are done.
    #[inline(always)]
    pub(super) fn build<S: Simd>(&self, simd: S, memory: &mut Memory, done: &mut [bool; LANES]) {
        for (index, layout) in self.layouts.iter().enumerate().filter(|(_, layout)| !layout.is_gaussian) {
            let form = &mut memory.forms[index];
            let sound = form.build(simd, layout, &memory.toys[index], &memory.references[index]);
            done.iter_mut().zip(sound).for_each(|(done, sound)| *done |= !sound);
        }
    }

    /// References at the minimum of the forms at x of the numbers and curves that were gathered; returns the square of the
    /// way there.
    #[inline(always)]
    pub(super) fn advance<S: Simd>(&self, simd: S, memory: &mut Memory, x: Lanes, done: &[bool; LANES]) -> Lanes {
        let mut way = Lanes::ZERO;
        let x = x.load(simd);
        for (index, layout) in self.layouts.iter().enumerate().filter(|(_, layout)| !layout.is_gaussian) {
            let numbers = &memory.gathered[HERE][index];
            let kept = &memory.curves[HERE][index];
            let signal = &mut memory.signal[..layout.bins()];
            with_signals!(layout.signals, N => {
                let parameters = kept.load::<S, N>(simd).parameters(simd, x);
                spread(simd, layout, numbers, x, &parameters, signal);
            });
            let (form, toys) = (&mut memory.forms[index], &memory.toys[index]);
            let own = form.advance(simd, layout, toys, signal, &mut memory.references[index], done);
            way.store(way.load(simd) + own.load(simd));
        }
        way
    }

    /// A row, or that below or above it; those of the mesh alone have neighbours.
    pub(super) fn beside(&self, row: usize, around: usize) -> usize {
        match around {
            0 => row.saturating_sub(1),
            2 if row + 1 < self.rows() => row + 1,
            _ => row,
        }
    }

    fn gather(&self, rows: &[usize; LANES], gathered: &mut [Vec<Lanes>]) {
        for (index, target) in gathered.iter_mut().enumerate() {
            let length = target.len();
            for (lane, row) in rows.iter().enumerate() {
                let numbers = &self.numbers[index][row * length..(row + 1) * length];
                target.iter_mut().zip(numbers).for_each(|(target, number)| target.0[lane] = *number);
            }
        }
    }

    #[inline(never)]
    pub(super) fn curves<S: Simd>(&self, simd: S, memory: &mut Memory, around: usize) {
        simd.vectorize(
            #[inline(always)]
            || self.curves_inline(simd, memory, around),
        );
    }

    #[inline(always)]
    fn curves_inline<S: Simd>(&self, simd: S, memory: &mut Memory, around: usize) {
        for (index, layout) in self.layouts.iter().enumerate() {
            let numbers = &memory.gathered[around][index];
            let (toys, form, kept) = (&memory.toys[index], &memory.forms[index], &mut memory.curves[around][index]);
            with_signals!(layout.signals, N => {
                Curve::<S, N>::new(simd, layout, toys, form, |i| numbers[i].load(simd)).keep(kept);
            });
        }
    }

    /// chi2 of all datasets at x, and its first two derivatives.
    #[inline(never)]
    fn at<S: Simd>(&self, simd: S, curves: &[Kept], x: &Lanes) -> [Lanes; 3] {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut sums = [Lanes::ZERO; 3];
                for (layout, kept) in self.layouts.iter().zip(curves) {
                    with_signals!(layout.signals, N => {
                        let At { chi2, slope, curvature } = kept.load::<S, N>(simd).at(simd, x.load(simd));
                        for (sum, own) in sums.iter_mut().zip([chi2, slope, curvature]) {
                            sum.store(sum.load(simd) + own);
                        }
                    });
                }
                sums
            },
        )
    }

    /// The lowest place of a row within reach, and chi2 there.
    #[inline(always)]
    pub(super) fn lowest_of_row<S: Simd>(&self, simd: S, curves: &[Kept], x: Lanes, reach: Lanes) -> (Lanes, Lanes) {
        let mut x = x;
        let (mut low, mut high) = (x.load(simd) / reach.load(simd), x.load(simd) * reach.load(simd));
        for _ in 0..STEPS_OF_ROW {
            let [_, slope, curvature] = self.at(simd, curves, &x);
            let (here, slope, curvature) = (x.load(simd), slope.load(simd), curvature.load(simd));
            let falls = slope.simd_lt(0.0);
            (low, high) = (falls.select(here, low), falls.select(high, here));
            let newton = here - slope / curvature;
            let within = curvature.simd_gt(0.0) & newton.simd_ge(low) & newton.simd_le(high);
            x.store(within.select(newton, (low + high) * 0.5));
        }
        // What is left of the way is that of a parabola.
        let [chi2, slope, curvature] = self.at(simd, curves, &x);
        let (slope, curvature) = (slope.load(simd), curvature.load(simd));
        let (rest, here) = (slope / curvature, x.load(simd));
        let is_near = curvature.simd_gt(0.0) & (here - rest).simd_ge(low) & (here - rest).simd_le(high);
        let mut lowest = Lanes::ZERO;
        let chi2 = chi2.load(simd);
        lowest.store(is_near.select(chi2 - slope * rest * 0.5, chi2));
        (x, lowest)
    }
}

/// The signal in each bin at x, with the parameters of a minimum.
#[inline(always)]
fn spread<S: Simd>(
    simd: S,
    layout: &Layout,
    numbers: &[Lanes],
    x: f64x8<S>,
    parameters: &[f64x8<S>],
    signal: &mut [Lanes],
) {
    let zero = f64x8::splat(simd, 0.0);
    let channels = layout.channels();
    for energy in 0..layout.energies {
        let mut counts = [zero; super::layout::MOST_CLASSES];
        for (class, count) in counts[..layout.classes].iter_mut().enumerate() {
            let c = |power: usize| numbers[power * channels + class * layout.energies + energy].load(simd);
            *count = x.mul_add(x.mul_add(c(2), c(1)), c(0)).max(0.0);
        }
        for time in 0..layout.times {
            let bin = energy * layout.times + time;
            let shares = layout.shares.iter().skip(time).step_by(layout.times);
            let mut sum = zero;
            for (count, share) in counts.iter().zip(shares) {
                sum = count.mul_add(*share, sum);
            }
            let mut strength = zero;
            for (value, change) in parameters.iter().zip(&layout.relative[bin * layout.signals..]) {
                strength = value.mul_add(*change, strength);
            }
            signal[bin].store(sum * strength);
        }
    }
}
