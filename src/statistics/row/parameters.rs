//! The nuisance parameters in the order of the row kernels: those of the signal (norm, shapes), then the backgrounds'.

use crate::statistics::columns::{Expectation, ParameterKind};

/// Order, centres and widths.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    /// Number of the signal's.
    pub signal: usize,
    /// Number of the backgrounds'.
    pub background: usize,
    /// Index of each in [`Expectation::parameters`].
    pub order: Vec<usize>,
    /// Centres of the priors.
    pub central: Vec<f64>,
    /// 1/width of the priors.
    pub inverse_sigma: Vec<f64>,
}

impl Parameters {
    pub(super) fn new(expectation: &Expectation) -> Parameters {
        let of_signal = |index: &usize| {
            matches!(expectation.parameters[*index].kind, ParameterKind::SignalNorm | ParameterKind::SignalShape(_))
        };
        let (mut order, backgrounds): (Vec<usize>, Vec<usize>) = (0..expectation.parameters.len()).partition(of_signal);
        // The norm first, then the shapes as they are numbered.
        order.sort_by_key(|index| match expectation.parameters[*index].kind {
            ParameterKind::SignalShape(shape) => shape + 1,
            _ => 0,
        });
        let (signal, background) = (order.len(), backgrounds.len());
        order.extend(backgrounds);
        Parameters {
            signal,
            background,
            central: order.iter().map(|index| expectation.parameters[*index].central).collect(),
            inverse_sigma: order.iter().map(|index| 1.0 / expectation.parameters[*index].sigma).collect(),
            order,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Columns of the backgrounds' parameters.
    pub(super) fn backgrounds<'a>(&self, expectation: &'a Expectation) -> impl Iterator<Item = &'a Vec<f64>> {
        self.order[self.signal..].iter().map(|index| &expectation.columns[*index])
    }

    /// Relative change of the signal in a bin by each of its parameters: 1 for the norm.
    pub(super) fn signal_change(expectation: &Expectation, parameter: usize, bin: usize) -> f64 {
        if parameter == 0 { 1.0 } else { expectation.signal_shapes[parameter - 1][bin] }
    }
}
