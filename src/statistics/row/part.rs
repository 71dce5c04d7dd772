//! One dataset among those that are fitted together: its parameters at eight points, and its part of a Newton step.

mod strong;

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use crate::statistics::likelihood::Likelihood;

use super::deformed::{self, Deformed};
use super::gaussian::{self, Gaussian};
use super::lanes::{LANES, Lanes};
use super::ldl;
use super::parameters::{Parameters, Slopes, Values};
use super::poisson::{self, Poisson};
use super::signal::{LARGEST_TOTAL, Signal, squares};

/// Largest sum of the signal's |parameters| (in events) whose expected Poisson counts keep chi2 to 1e-9. Above, shapes
/// cancel a signal far stronger than all that was counted.
const LARGEST_SIGNAL: f64 = 4e6;
/// Total counts up to which sums of n ln(n/mu) are kept to 1e-9; above, the reference does it.
const LARGEST_POISSON_TOTAL: f64 = 2e6;
/// Largest delta^2 with which a point is finished where all is quadratic: its rounding is below 1e-10.
const LARGEST_QUADRATIC_GAIN: f64 = 1e-3;

/// A dataset.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub parameters: Parameters,
    pub bins: Bins,
}

/// Its bins.
#[derive(Debug, Clone)]
pub(super) enum Bins {
    Poisson(Box<Poisson>),
    Deformed(Box<Deformed>),
    Gaussian(Box<Gaussian>),
}

#[derive(Debug, Clone)]
enum BinMemory {
    Poisson(poisson::Memory),
    Deformed(Box<deformed::Memory>),
    Gaussian(gaussian::Memory),
}

/// Its memory for rows.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    counts: Vec<Lanes>,
    /// The signal's total, the unit of its parameters and the inverse of that.
    total: Lanes,
    unit: Lanes,
    inverse_unit: Lanes,
    /// Change of each parameter with its unknown.
    per_unknown: Vec<Lanes>,
    slopes: Slopes,
    matrix: Vec<Lanes>,
    /// The right side of the system, then its solution.
    unknowns: Vec<Lanes>,
    inverse: Vec<Lanes>,
    bins: BinMemory,
}

impl Part {
    /// A dataset of a likelihood; `None` where only the reference keeps the accuracy.
    pub(super) fn new(likelihood: &Likelihood, dataset: usize) -> Option<Part> {
        let fit = &likelihood.measurements()[dataset];
        let parameters = Parameters::new(likelihood, dataset, fit.observation.inverse_variance.is_none());
        let total: f64 = fit.observation.counts.iter().sum();
        let bins = match &fit.observation.inverse_variance {
            None if total > LARGEST_POISSON_TOTAL => return None,
            Some(_) if fit.expectation.deformations() > 0 => return None,
            None if fit.expectation.deformations() > 0 => Bins::Deformed(Box::new(Deformed::new(fit, &parameters)?)),
            None => Bins::Poisson(Box::new(Poisson::new(fit, &parameters))),
            Some(weights) => Bins::Gaussian(Box::new(Gaussian::new(fit, &parameters, weights)?)),
        };
        Some(Part { parameters, bins })
    }

    pub(super) fn memory(&self, channels: usize) -> Memory {
        let (n, unknowns) = (self.parameters.len(), self.parameters.unknowns());
        let lanes = |length| vec![Lanes::ZERO; length];
        let (channels, bins) = match &self.bins {
            Bins::Poisson(bins) => (channels, BinMemory::Poisson(bins.memory(&self.parameters))),
            Bins::Deformed(bins) => (channels, BinMemory::Deformed(Box::new(bins.memory()))),
            Bins::Gaussian(bins) => {
                (channels + self.parameters.background, BinMemory::Gaussian(bins.memory(&self.parameters)))
            }
        };
        Memory {
            counts: lanes(channels),
            total: Lanes::ZERO,
            unit: Lanes::ZERO,
            inverse_unit: Lanes::ZERO,
            per_unknown: lanes(n),
            slopes: Slopes { downhill: lanes(n), curvature: lanes(n * (n + 1) / 2) },
            matrix: lanes(unknowns * unknowns),
            unknowns: lanes(unknowns),
            inverse: lanes(unknowns),
            bins,
        }
    }

    /// Largest gain with which a point is finished.
    #[inline(always)]
    pub(super) fn largest_gain<S: Simd>(&self, simd: S, memory: &Memory) -> f64x8<S> {
        match &self.bins {
            Bins::Poisson(bins) => f64x8::splat(simd, bins.largest_gain),
            Bins::Deformed(bins) => match &memory.bins {
                BinMemory::Deformed(own) => bins.largest_gain(simd, own),
                _ => f64x8::splat(simd, 0.0),
            },
            Bins::Gaussian(_) => f64x8::splat(simd, LARGEST_QUADRATIC_GAIN),
        }
    }

    /// What a row costs once.
    #[inline(always)]
    pub(super) fn begin_row(&self, signal: &Signal, memory: &mut Memory) {
        if let (Bins::Gaussian(bins), BinMemory::Gaussian(memory), Signal::Polynomial { coefficients, .. }) =
            (&self.bins, &mut memory.bins, signal)
        {
            bins.expand_row(coefficients, memory);
        }
    }

    /// The signal at eight points.
    #[inline(always)]
    pub(super) fn place<S: Simd>(&self, simd: S, signal: &Signal, points: &[usize; LANES], memory: &mut Memory) {
        let total = match (&self.bins, &mut memory.bins, signal) {
            (Bins::Gaussian(bins), BinMemory::Gaussian(own), Signal::Polynomial { couplings, .. }) => {
                bins.place(simd, squares(simd, couplings, points), &self.parameters, own)
            }
            (Bins::Gaussian(bins), BinMemory::Gaussian(own), _) => {
                let channels = memory.counts.len() - self.parameters.background;
                signal.load(simd, points, &mut memory.counts[..channels]);
                bins.place_counts(simd, &mut memory.counts, own)
            }
            (Bins::Poisson(bins), BinMemory::Poisson(own), _) => {
                signal.load(simd, points, &mut memory.counts);
                bins.place(simd, &mut memory.counts, own)
            }
            (Bins::Deformed(bins), BinMemory::Deformed(own), Signal::Polynomial { coefficients, couplings, .. })
                if bins.is_one_count() =>
            {
                bins.place_row(simd, coefficients, squares(simd, couplings, points), own)
            }
            (Bins::Deformed(bins), BinMemory::Deformed(own), _) => {
                signal.load(simd, points, &mut memory.counts);
                bins.place(simd, &mut memory.counts, own)
            }
            _ => f64x8::splat(simd, f64::NAN),
        };
        memory.total.store(total);
        let unit = total.max(1.0);
        memory.unit.store(unit);
        memory.inverse_unit.store(f64x8::splat(simd, 1.0) / unit);
        for (i, factor) in memory.per_unknown.iter_mut().enumerate() {
            factor.store(self.parameters.per_unknown(simd, i, unit));
        }
    }

    /// The dataset's part of a Newton step's system, its own unknowns eliminated, with the curvature of mu where
    /// `bent` is 1 and not 0. Returns their part of the gain, the lanes in which it means something, and those in which its
    /// matrix is positive definite.
    #[inline(always)]
    pub(super) fn expand<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        pulls: &[Lanes],
        bent: f64x8<S>,
        memory: &mut Memory,
    ) -> (f64x8<S>, mask64x8<S>, mask64x8<S>) {
        let mut good = mask64x8::splat(simd, true);
        match (&self.bins, &mut memory.bins) {
            (Bins::Poisson(bins), BinMemory::Poisson(own)) => {
                let values = Values { counts: &memory.counts, values };
                good = bins.expand(simd, &values, own, &mut memory.slopes);
            }
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => {
                good = bins.expand(simd, values, bent, own, &mut memory.slopes);
            }
            (Bins::Gaussian(bins), BinMemory::Gaussian(own)) => {
                bins.expand(simd, values, own, &mut memory.slopes);
            }
            _ => {}
        }
        self.assemble(simd, values, pulls, memory);
        let own = self.parameters.own;
        let (gain, positive) = ldl::eliminate(simd, own, &mut memory.matrix, &mut memory.unknowns, &mut memory.inverse);
        (gain, good, positive)
    }

    /// The system of the unknowns: that of the parameters with their priors, those of shared ones apart.
    #[inline(always)]
    fn assemble<S: Simd>(&self, simd: S, values: &[Lanes], pulls: &[Lanes], memory: &mut Memory) {
        let (parameters, n) = (&self.parameters, self.parameters.unknowns());
        let inverse_unit = memory.inverse_unit.load(simd);
        memory.matrix.fill(Lanes::ZERO);
        memory.unknowns.fill(Lanes::ZERO);
        let mut curvatures = memory.slopes.curvature.iter();
        for (i, value) in values.iter().enumerate() {
            let (place, factor) = (parameters.places[i], memory.per_unknown[i].load(simd));
            let is_own = place < parameters.own;
            let prior = is_own.then(|| parameters.pull(simd, i, value.load(simd), inverse_unit, pulls));
            let slope = memory.slopes.downhill[i].load(simd) * factor;
            memory.unknowns[place].store(prior.map_or(slope, |(pull, width)| (-pull).mul_add(width, slope)));
            for (j, curvature) in (0..=i).zip(&mut curvatures) {
                let (other, factor) = (parameters.places[j], factor * memory.per_unknown[j].load(simd));
                let element = curvature.load(simd) * factor;
                let element = match prior {
                    Some((_, width)) if i == j => width.mul_add(width, element),
                    _ => element,
                };
                memory.matrix[place.max(other) * n + place.min(other)].store(element);
            }
        }
        if parameters.norms.is_empty() {
            return;
        }
        // The shared parts of the norm, in its prior alone.
        let (pull, width) = parameters.pull(simd, 0, values[0].load(simd), inverse_unit, pulls);
        let widths = parameters.norms.iter().map(|(place, sigma)| (*place, -sigma * parameters.inverse_sigma[0]));
        for (k, (place, own)) in widths.clone().enumerate() {
            let add = |target: &mut Lanes, value: f64x8<S>| target.store(target.load(simd) + value);
            add(&mut memory.unknowns[place], pull * -own);
            add(&mut memory.matrix[place * n + parameters.places[0]], width * own);
            for (other, theirs) in widths.clone().take(k + 1) {
                add(&mut memory.matrix[place.max(other) * n + place.min(other)], f64x8::splat(simd, own * theirs));
            }
        }
    }

    /// Adds what is left for the shared unknowns to their system, `[shared][shared]`.
    #[inline(always)]
    pub(super) fn border<S: Simd>(&self, simd: S, matrix: &mut [Lanes], downhill: &mut [Lanes], memory: &Memory) {
        let (own, n, shared) = (self.parameters.own, self.parameters.unknowns(), downhill.len());
        let add = |target: &mut Lanes, value: &Lanes| target.store(target.load(simd) + value.load(simd));
        for (a, i) in self.parameters.border.iter().enumerate() {
            add(&mut downhill[*i], &memory.unknowns[own + a]);
            // The border is sorted: this stays in the lower triangle.
            for (b, j) in self.parameters.border[..=a].iter().enumerate() {
                add(&mut matrix[i * shared + j], &memory.matrix[(own + a) * n + own + b]);
            }
        }
    }

    /// The step of the dataset's parameters, given that of the shared ones.
    #[inline(always)]
    pub(super) fn substitute<S: Simd>(&self, simd: S, shared: &[Lanes], step: &mut [Lanes], memory: &mut Memory) {
        let own = self.parameters.own;
        for (target, index) in memory.unknowns[own..].iter_mut().zip(&self.parameters.border) {
            *target = shared[*index];
        }
        ldl::substitute(simd, own, &memory.matrix, &mut memory.unknowns, &memory.inverse);
        for ((step, place), factor) in step.iter_mut().zip(&self.parameters.places).zip(&memory.per_unknown) {
            step.store(memory.unknowns[*place].load(simd) * factor.load(simd));
        }
    }

    /// Where a cold start begins: the priors' centres, with no more signal than the counts leave room for.
    #[inline(always)]
    pub(super) fn cold_start<S: Simd>(&self, simd: S, i: usize, memory: &Memory) -> f64x8<S> {
        let centre = self.centre(simd, i, memory);
        match &self.bins {
            _ if i > 0 => centre,
            Bins::Poisson(bins) => centre.min(bins.largest_start),
            Bins::Deformed(bins) => centre.min(bins.largest_start),
            Bins::Gaussian(bins) => centre.min(bins.largest_start),
        }
    }

    /// A parameter at the centre of its prior. A shared background of a Gaussian dataset is its departure from there.
    #[inline(always)]
    fn centre<S: Simd>(&self, simd: S, i: usize, memory: &Memory) -> f64x8<S> {
        let central = f64x8::splat(simd, self.parameters.central[i]);
        if i < self.parameters.signal {
            return central * memory.unit.load(simd);
        }
        if self.is_departure(i) { f64x8::splat(simd, 0.0) } else { central }
    }

    fn is_departure(&self, i: usize) -> bool {
        matches!(self.bins, Bins::Gaussian(_)) && i >= self.parameters.signal
    }

    /// The shared parameters where their pulls have them.
    #[inline(always)]
    pub(super) fn place_shared<S: Simd>(&self, simd: S, pulls: &[Lanes], values: &mut [Lanes], memory: &Memory) {
        for (i, value) in values.iter_mut().enumerate() {
            if let Some(shared) = self.parameters.shared(i) {
                let change = pulls[shared].load(simd) * memory.per_unknown[i].load(simd);
                value.store(self.centre(simd, i, memory) + change);
            }
        }
    }

    /// chi2 at the values of the last step, priors of what is not shared included, and the lanes in which it means
    /// something.
    #[inline(always)]
    pub(super) fn chi2<S: Simd>(
        &self,
        simd: S,
        values: &[Lanes],
        pulls: &[Lanes],
        memory: &Memory,
    ) -> (f64x8<S>, mask64x8<S>) {
        let mut priors = f64x8::splat(simd, 0.0);
        let inverse_unit = memory.inverse_unit.load(simd);
        for (i, value) in values.iter().enumerate() {
            if self.parameters.shared(i).is_none() {
                let (pull, _) = self.parameters.pull(simd, i, value.load(simd), inverse_unit, pulls);
                priors = pull.mul_add(pull, priors);
            }
        }
        match (&self.bins, &memory.bins) {
            (Bins::Poisson(bins), BinMemory::Poisson(own)) => {
                (bins.chi2(simd, values, own, priors), mask64x8::splat(simd, true))
            }
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => {
                (bins.chi2(simd, values, own, priors), mask64x8::splat(simd, true))
            }
            (Bins::Gaussian(bins), BinMemory::Gaussian(own)) => bins.chi2(simd, values, own, priors),
            _ => (priors, mask64x8::splat(simd, false)),
        }
    }

    /// Largest part of a step, up to 1, after which there is enough left of the expected counts.
    #[inline(always)]
    pub(super) fn length<S: Simd>(&self, simd: S, step: &[Lanes], memory: &Memory) -> f64x8<S> {
        match (&self.bins, &memory.bins) {
            (Bins::Poisson(bins), BinMemory::Poisson(own)) => {
                bins.length(simd, &Values { counts: &memory.counts, values: step }, own)
            }
            (Bins::Deformed(bins), BinMemory::Deformed(own)) => bins.length(simd, step, own),
            _ => f64x8::splat(simd, 1.0),
        }
    }

    /// Lanes in which a minimum is allowed, and its chi2 exact.
    #[inline(always)]
    pub(super) fn allows<S: Simd>(&self, simd: S, minimum: &[Lanes], memory: &Memory) -> mask64x8<S> {
        let small = memory.total.load(simd).simd_le(LARGEST_TOTAL);
        if matches!(self.bins, Bins::Gaussian(_)) {
            return small;
        }
        let mut strength = f64x8::splat(simd, 0.0);
        for value in &minimum[..self.parameters.signal] {
            strength += value.load(simd).abs();
        }
        let allowed = match (&self.bins, &memory.bins) {
            (Bins::Poisson(bins), _) => bins.allows(simd, &Values { counts: &memory.counts, values: minimum }),
            _ => mask64x8::splat(simd, true),
        };
        allowed & small & strength.simd_le(LARGEST_SIGNAL)
    }

    /// Parameter `i` of a minimum that is given by the parameters of the expectation.
    pub(super) fn value(&self, i: usize, of: impl Fn(usize) -> f64) -> f64 {
        of(self.parameters.order[i]) - if self.is_departure(i) { self.parameters.central[i] } else { 0.0 }
    }
}
