//! The nuisance parameters of a dataset in the order of the row kernels, and the system that a Newton step solves for
//! them: those of the dataset alone first, bordered by those that it shares.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use crate::statistics::expectation::{Expectation, ParameterKind};
use crate::statistics::likelihood::Likelihood;
use crate::statistics::measurement::Measurement;

use super::lanes::Lanes;

/// Parameters and the signal's counts that they belong to.
pub(super) struct Values<'a> {
    pub counts: &'a [Lanes],
    pub values: &'a [Lanes],
}

/// Minus the gradient and the Hessian (lower triangle by rows) of the bins' chi2/2 in the parameters.
#[derive(Debug, Clone)]
pub(super) struct Slopes {
    pub downhill: Vec<Lanes>,
    pub curvature: Vec<Lanes>,
}

/// Order, centres and widths: the signal's parameters (norm, shapes), then the backgrounds'.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    /// Number of the signal's.
    pub signal: usize,
    /// Number of the backgrounds'.
    pub background: usize,
    /// Index of each in [`Expectation::parameters`].
    pub order: Vec<usize>,
    /// Values at the centres of the priors; of the signal's in units of its total.
    pub central: Vec<f64>,
    /// 1/width of the priors; of the signal's norm without the parts that are shared.
    pub inverse_sigma: Vec<f64>,
    /// Place of each in the system.
    pub places: Vec<usize>,
    /// Number of unknowns that are this dataset's alone.
    pub own: usize,
    /// Index of each further unknown among the shared parameters.
    pub border: Vec<usize>,
    /// Parts of the signal's norm that are shared: place in the system, and sigma.
    pub norms: Vec<(usize, f64)>,
}

impl Parameters {
    /// Of one of the datasets of a likelihood: the signal's and those backgrounds' that are shared or that `keep`s.
    pub(super) fn new(likelihood: &Likelihood, dataset: usize, keep_own_backgrounds: bool) -> Parameters {
        let (measurement, layout) = (&likelihood.measurements()[dataset], &likelihood.layouts()[dataset]);
        let expectation = &measurement.expectation;
        let shared = |index: usize| likelihood.shared_index(layout.unknowns[index]);
        let of_signal = |index: &usize| {
            matches!(expectation.parameters[*index].kind, ParameterKind::SignalNorm | ParameterKind::SignalShape(_))
        };
        let (mut order, mut backgrounds): (Vec<usize>, Vec<usize>) =
            (0..expectation.parameters.len()).partition(of_signal);
        backgrounds.retain(|index| keep_own_backgrounds || shared(*index).is_some());
        // The norm first, then the shapes as they are numbered.
        order.sort_by_key(|index| match expectation.parameters[*index].kind {
            ParameterKind::SignalShape(shape) => shape + 1,
            _ => 0,
        });
        let (signal, background) = (order.len(), backgrounds.len());
        order.extend(backgrounds);
        let mut border: Vec<usize> = order.iter().filter_map(|index| shared(*index)).collect();
        border.extend(layout.norms.iter().map(|(index, _)| *index));
        border.sort_unstable();
        border.dedup();
        let own = order.iter().filter(|index| shared(**index).is_none()).count();
        let bordering = |index: usize| own + border.iter().position(|known| *known == index).unwrap_or(0);
        let mut next = 0..own;
        let places = order.iter().filter_map(|index| shared(*index).map(bordering).or_else(|| next.next())).collect();
        let inverse_sigma = |index: &usize| match expectation.parameters[*index].kind {
            ParameterKind::SignalNorm if !layout.norms.is_empty() => 1.0 / layout.own_norm_sigma,
            _ => 1.0 / expectation.parameters[*index].sigma,
        };
        Parameters {
            signal,
            background,
            central: order.iter().map(|index| measurement.observation.centres[*index]).collect(),
            inverse_sigma: order.iter().map(inverse_sigma).collect(),
            places,
            own,
            norms: layout.norms.iter().map(|(index, sigma)| (bordering(*index), *sigma)).collect(),
            border,
            order,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Number of unknowns of the system.
    pub(super) fn unknowns(&self) -> usize {
        self.own + self.border.len()
    }

    /// The index of parameter `i` among the shared ones, of one that is shared.
    pub(super) fn shared(&self, i: usize) -> Option<usize> {
        self.places[i].checked_sub(self.own).map(|border| self.border[border])
    }

    /// eta/sigma of a parameter that is not shared, and d(eta/sigma)/dp. `pulls`: the shared parameters.
    #[inline(always)]
    pub(super) fn pull<S: Simd>(
        &self,
        simd: S,
        i: usize,
        value: f64x8<S>,
        inverse_unit: f64x8<S>,
        pulls: &[Lanes],
    ) -> (f64x8<S>, f64x8<S>) {
        let inverse_sigma = f64x8::splat(simd, self.inverse_sigma[i]);
        if i < self.signal {
            let mut eta = value.mul_sub(inverse_unit, self.central[i]);
            if i == 0 {
                for (place, sigma) in &self.norms {
                    eta = pulls[self.border[place - self.own]].load(simd).mul_add(-sigma, eta);
                }
            }
            return (eta * inverse_sigma, inverse_unit * inverse_sigma);
        }
        ((value - self.central[i]) * inverse_sigma, inverse_sigma)
    }

    /// Change of a parameter with its unknown: 1 for one that is not shared.
    #[inline(always)]
    pub(super) fn per_unknown<S: Simd>(&self, simd: S, i: usize, unit: f64x8<S>) -> f64x8<S> {
        match self.places[i] < self.own {
            true => f64x8::splat(simd, 1.0),
            false if i < self.signal => unit * (1.0 / self.inverse_sigma[i]),
            false => f64x8::splat(simd, 1.0 / self.inverse_sigma[i]),
        }
    }

    /// Columns of the backgrounds' parameters.
    pub(super) fn backgrounds<'a>(&self, measurement: &'a Measurement) -> impl Iterator<Item = &'a [f64]> {
        self.order[self.signal..].iter().map(|index| measurement.column(*index))
    }

    /// Relative change of the signal in a bin by each of its parameters: 1 for the norm.
    pub(super) fn signal_change(expectation: &Expectation, parameter: usize, bin: usize) -> f64 {
        if parameter == 0 { 1.0 } else { expectation.signal_shapes[parameter - 1][bin] }
    }
}
