//! The bins of a Poisson dataset whose signal nuisance parameters deform: a (S + sum (t S_1 + t^2 S_2)) + backgrounds, at
//! eight points.
//!
//! f, gradient and Hessian are those of [`super::poisson`], but the signal's columns differ from point to point, so that
//! sums over bins are taken pair by pair; bins without counts enter by their totals alone, but for those that are held at
//! mu = 0 ([`held`]). The Hessian has the curvature of mu too, without which steps near the minimum would not be quadratic.

mod held;
mod near;
mod place;
mod strong;
mod weights;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::Measurement;
use crate::statistics::expectation::{Expectation, ParameterKind};

use super::lanes::{Lanes, ln};
use super::parameters::{Parameters, Slopes};
use super::poisson::{SMALLEST_RATIO, SMALLEST_SHARE, groups};
pub(super) use held::Held;
use weights::{Backgrounds, Weights};

/// Largest delta^2 with which a point is finished, for counts of 1 and more: chi2 is not self-concordant here, so that what
/// the quadratic model leaves out has a margin.
const LARGEST_GAIN: f64 = 1e-7;

/// What a parameter after the signal's norm does.
#[derive(Debug, Clone)]
enum Role {
    /// Deforms the signal, by its number.
    Deformation(usize),
    /// Adds a column: its values in bins with counts and without, and their sum.
    Column { counted: Vec<f64>, empty: Vec<f64>, total: f64 },
}

/// Constants of a dataset.
#[derive(Debug, Clone)]
pub(super) struct Deformed {
    /// Bins with counts, by their counts, and without.
    counted: Vec<usize>,
    empty: Vec<usize>,
    counts: Vec<f64>,
    /// Bins of equal count, in order: how many, and the count.
    groups: Vec<(usize, f64)>,
    roles: Vec<Role>,
    /// The columns in the bins with counts, and what sums over these take from them.
    backgrounds: Backgrounds,
    /// Share of each class in each time bin.
    time_fractions: Vec<f64>,
    time_bins: usize,
    energy_bins: usize,
    /// S, and S_1 and S_2 of each deformation.
    sets: usize,
    /// All counts, 1 at least: a signal of more is strong.
    pub counted_total: f64,
    /// Centre and 1/width of the norm's prior, all its parts together.
    norm: (f64, f64),
    pub largest_start: f64,
    largest_gain: f64,
}

/// Memory of a step.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    /// Signal of each set, `[sets][bins]`, over bins with counts and without.
    counted: Vec<Lanes>,
    empty: Vec<Lanes>,
    /// Sum of each set over all bins.
    totals: Vec<Lanes>,
    /// mu/n of the bins with counts.
    ratios: Vec<Lanes>,
    /// What sums over the bins with counts are made of.
    weights: Weights,
    /// dmu/dp of a bin.
    columns: Vec<Lanes>,
    /// What each set of the signal counts.
    scales: Vec<Lanes>,
    /// The values of the last step.
    values: Vec<Lanes>,
    /// Where each deformation leaves least of the signal, and 1 where that is much less and the signal strong.
    weakest: Vec<Lanes>,
    strong: Lanes,
    pub(super) held: Held,
}

impl Deformed {
    /// `None` for what only the reference does: shapes of the signal beside.
    pub(super) fn new(fit: &Measurement, parameters: &Parameters) -> Option<Deformed> {
        let (expectation, observed) = (&fit.expectation, &fit.observation.counts);
        if !expectation.signal_shapes.is_empty() {
            return None;
        }
        let (counted, groups) = groups(observed);
        let empty: Vec<usize> = (0..observed.len()).filter(|bin| observed[*bin] <= 0.0).collect();
        let at = |column: &[f64], bins: &[usize]| bins.iter().map(|bin| column[*bin]).collect();
        let role = |index: &usize| match expectation.parameters[*index].kind {
            ParameterKind::SignalDeformation(number) => Role::Deformation(number),
            _ => {
                let column = &expectation.columns[*index];
                let total = column.iter().sum();
                Role::Column { counted: at(column, &counted), empty: at(column, &empty), total }
            }
        };
        let roles: Vec<Role> = parameters.order[parameters.signal..].iter().map(role).collect();
        let counts: Vec<f64> = counted.iter().map(|bin| observed[*bin]).collect();
        let total: f64 = counts.iter().sum();
        let smallest = counts.first().map_or(1.0, |count| count.min(1.0));
        let central = roles.iter().zip(&parameters.central[parameters.signal..]);
        let expected: f64 = central.map(|(role, value)| value * role.total()).sum();
        Some(Deformed {
            backgrounds: Backgrounds::new(&roles, counts.len()),
            counts,
            groups,
            roles,
            time_fractions: expectation.time_fractions.clone(),
            time_bins: expectation.time_bins,
            energy_bins: expectation.energy_bins,
            sets: sets(expectation),
            counted_total: total.max(1.0),
            norm: (fit.observation.centres[0], 1.0 / expectation.parameters[0].sigma),
            largest_start: (total - expected).max(SMALLEST_SHARE * total),
            largest_gain: LARGEST_GAIN * smallest.cbrt(),
            counted,
            empty,
        })
    }

    pub(super) fn memory(&self) -> Memory {
        let lanes = |length| vec![Lanes::ZERO; length];
        Memory {
            counted: lanes(self.sets * self.counted.len()),
            empty: lanes(self.sets * self.empty.len()),
            totals: lanes(self.sets),
            ratios: lanes(self.counted.len()),
            weights: self.backgrounds.weights(self.counted.len(), self.sets),
            columns: lanes(1 + self.roles.len()),
            scales: lanes(self.sets),
            values: lanes(1 + self.roles.len()),
            weakest: lanes(self.sets / 2),
            strong: Lanes::ZERO,
            held: Held::new(self.empty.len()),
        }
    }

    /// Minus the gradient and the Hessian at the values, with the curvature of mu where `bent` is 1 and not 0; returns the
    /// lanes in which they mean something.
    #[inline(never)]
    pub(super) fn expand<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        bent: f64x8<S>,
        memory: &mut Memory,
        slopes: &mut Slopes,
    ) -> mask64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                memory.values.copy_from_slice(values);
                slopes.curvature.fill(Lanes::ZERO);
                let norm = values[0].load(simd);
                let Memory { totals, columns, .. } = memory;
                // All bins: -sum(mu).
                self.columns(simd, values, |set| totals[set].load(simd), Role::total, columns);
                for (downhill, column) in slopes.downhill.iter_mut().zip(&*columns) {
                    downhill.store(-column.load(simd));
                }
                self.curve(simd, bent, norm, values, |set| totals[set].load(simd), slopes);
                let smallest = self.weigh(simd, values, memory);
                self.sum(simd, values, bent, memory, slopes);
                self.hold(simd, values, bent, memory, slopes);
                smallest.simd_ge(SMALLEST_RATIO)
            },
        )
    }

    /// mu and its columns at some values, in a bin or in all of them: `set` is the signal of a set there, `column` a
    /// background there.
    #[inline(always)]
    fn columns<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        set: impl Fn(usize) -> f64x8<S>,
        column: impl Fn(&Role) -> f64,
        columns: &mut [Lanes],
    ) -> f64x8<S> {
        let norm = values[0].load(simd);
        let mut signal = set(0);
        let mut mu = f64x8::splat(simd, 0.0);
        for (i, role) in self.roles.iter().enumerate() {
            let value = values[1 + i].load(simd);
            match role {
                Role::Deformation(number) => {
                    let (first, second) = (set(1 + 2 * number), set(2 + 2 * number));
                    signal = value.mul_add(value.mul_add(second, first), signal);
                    columns[1 + i].store(norm * (value * 2.0).mul_add(second, first));
                }
                Role::Column { .. } => {
                    let own = column(role);
                    mu = value.mul_add(own, mu);
                    columns[1 + i].store(f64x8::splat(simd, own));
                }
            }
        }
        columns[0].store(signal);
        norm.mul_add(signal, mu)
    }

    /// Adds what the curvature of mu has of the Hessian, with the slope of f in mu there.
    #[inline(always)]
    fn curve<S: Simd>(
        &self,
        simd: S,
        slope: f64x8<S>,
        norm: f64x8<S>,
        values: &[Lanes],
        set: impl Fn(usize) -> f64x8<S>,
        slopes: &mut Slopes,
    ) {
        for (i, role) in self.roles.iter().enumerate() {
            let Role::Deformation(number) = role else { continue };
            let (first, second) = (set(1 + 2 * number), set(2 + 2 * number));
            let value = values[1 + i].load(simd);
            // Row 1 + i of the lower triangle: with the norm first, with itself last.
            let row = (1 + i) * (2 + i) / 2;
            let mixed = &mut slopes.curvature[row];
            mixed.store(slope.mul_add((value * 2.0).mul_add(second, first), mixed.load(simd)));
            let own = &mut slopes.curvature[row + 1 + i];
            own.store((slope * norm * 2.0).mul_add(second, own.load(simd)));
        }
    }

    /// chi2 at the values of the last [`Deformed::expand`], from its ratios; `priors` is what is to be added.
    #[inline(never)]
    pub(super) fn chi2<S: Simd>(&self, simd: S, values: &[Lanes], memory: &Memory, priors: f64x8<S>) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let mut logarithms = f64x8::splat(simd, 0.0);
                let mut excess = self.mu(simd, values, |set| memory.totals[set].load(simd), Role::total);
                let mut rest = memory.ratios.as_slice();
                for (size, count) in &self.groups {
                    let (own, others) = rest.split_at(*size);
                    let mut product = own[0].load(simd);
                    for ratio in &own[1..] {
                        product *= ratio.load(simd);
                    }
                    logarithms = ln(simd, product).mul_add(*count, logarithms);
                    excess -= *size as f64 * count;
                    rest = others;
                }
                (excess - logarithms + memory.held.added(simd)).mul_add(2.0, priors)
            },
        )
    }

    /// mu at some values, in a bin or in all of them.
    #[inline(always)]
    fn mu<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        set: impl Fn(usize) -> f64x8<S>,
        column: impl Fn(&Role) -> f64,
    ) -> f64x8<S> {
        let (mut signal, mut mu) = (set(0), f64x8::splat(simd, 0.0));
        for (value, role) in values[1..].iter().zip(&self.roles) {
            let value = value.load(simd);
            match role {
                Role::Deformation(number) => {
                    let (first, second) = (set(1 + 2 * number), set(2 + 2 * number));
                    signal = value.mul_add(value.mul_add(second, first), signal);
                }
                Role::Column { .. } => mu = value.mul_add(column(role), mu),
            }
        }
        values[0].load(simd).mul_add(signal, mu)
    }

    /// Lets all bins without counts go in some lanes.
    #[inline(always)]
    pub(super) fn free<S: Simd>(&self, simd: S, lanes: mask64x8<S>, memory: &mut Memory) {
        memory.held.free(simd, lanes);
    }
}

impl Role {
    fn total(&self) -> f64 {
        if let Role::Column { total, .. } = self { *total } else { 0.0 }
    }

    fn empty(&self, bin: usize) -> f64 {
        if let Role::Column { empty, .. } = self { empty[bin] } else { 0.0 }
    }

    fn counted(&self, bin: usize) -> f64 {
        if let Role::Column { counted, .. } = self { counted[bin] } else { 0.0 }
    }
}

fn sets(expectation: &Expectation) -> usize {
    1 + 2 * expectation.deformations()
}
