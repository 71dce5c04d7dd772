//! Bins of a Poisson dataset in the order and layout in which the row kernel reads them: blocks of four, padded.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use crate::statistics::measurement::Measurement;

use super::lanes::Lanes;
use super::parameters::Parameters;

/// Bins in a block: enough independent sums to hide the latency of an addition, and one division serves them all.
pub(super) const BLOCK: usize = 4;

/// Rows of constants before the signal's time fractions in a block.
const FIXED: usize = 2;

/// A set of bins.
#[derive(Debug, Clone)]
pub(super) struct Bins {
    /// Energy bin of each bin of each block.
    energies: Vec<[usize; BLOCK]>,
    /// Constants of each block, `[blocks][rows][4]`; rows: offset, 1/n, time fraction of each class, relative change of
    /// each signal shape, each background column.
    constants: Vec<[f64; BLOCK]>,
    rows: usize,
    classes: usize,
    energy_bins: usize,
    shapes: usize,
}

/// One block of a [`Bins`].
pub(super) struct Block<'a> {
    energies: &'a [usize; BLOCK],
    constants: &'a [[f64; BLOCK]],
    bins: &'a Bins,
}

impl Bins {
    /// The bins `chosen`, of counts `counts`. What pads the last block has no signal and no background, but an offset of
    /// 1 in the expected count, so that it divides and multiplies as 1.
    pub(super) fn new(measurement: &Measurement, parameters: &Parameters, counts: &[f64], chosen: &[usize]) -> Bins {
        let expectation = &measurement.expectation;
        let (time_bins, bins) = (expectation.time_bins, expectation.bins());
        let classes = expectation.time_fractions.len() / time_bins.max(1);
        let shapes = expectation.signal_shapes.len();
        let mut energies = Vec::new();
        let mut constants = Vec::new();
        for block in chosen.chunks(BLOCK) {
            let row = |padding: f64, value: &dyn Fn(usize) -> f64| {
                std::array::from_fn(|i| block.get(i).map_or(padding, |bin| value(*bin)))
            };
            energies.push(std::array::from_fn(|i| block.get(i).map_or(0, |bin| bin / time_bins)));
            constants.push(row(1.0, &|_| 0.0));
            constants.push(row(1.0, &|bin| if counts[bin] > 0.0 { 1.0 / counts[bin] } else { 1.0 }));
            for fractions in expectation.time_fractions.chunks(time_bins) {
                constants.push(row(0.0, &|bin| fractions[bin % time_bins]));
            }
            for shape in &expectation.signal_shapes {
                constants.push(row(0.0, &|bin| shape[bin]));
            }
            for column in parameters.backgrounds(measurement) {
                debug_assert_eq!(column.len(), bins);
                constants.push(row(0.0, &|bin| column[bin]));
            }
        }
        let rows = FIXED + classes + shapes + parameters.background;
        Bins { energies, constants, rows, classes, energy_bins: expectation.energy_bins, shapes }
    }

    /// Number of bins, padding included.
    pub(super) fn len(&self) -> usize {
        self.energies.len() * BLOCK
    }

    /// The blocks in order.
    #[inline(always)]
    pub(super) fn blocks(&self) -> impl Iterator<Item = Block<'_>> {
        let constants = self.constants.chunks_exact(self.rows);
        self.energies.iter().zip(constants).map(|(energies, constants)| Block { energies, constants, bins: self })
    }
}

impl Block<'_> {
    /// What padding adds to the expected counts: 0 in a real bin.
    #[inline(always)]
    pub(super) fn offset(&self) -> &[f64; BLOCK] {
        &self.constants[0]
    }

    /// 1/n.
    #[inline(always)]
    pub(super) fn inverse_counts(&self) -> &[f64; BLOCK] {
        &self.constants[1]
    }

    /// The signal in each bin and the sum of all columns times `values` (signal parameters, then backgrounds), given
    /// the signal's counts `[classes][energy_bins]`.
    #[inline(always)]
    pub(super) fn expected<S: Simd>(
        &self,
        simd: S,
        counts: &[Lanes],
        values: &[Lanes],
    ) -> ([f64x8<S>; BLOCK], [f64x8<S>; BLOCK]) {
        let bins = self.bins;
        let mut signal = [f64x8::splat(simd, 0.0); BLOCK];
        let (fractions, rest) = self.constants[FIXED..].split_at(bins.classes);
        for (fractions, counts) in fractions.iter().zip(counts.chunks_exact(bins.energy_bins)) {
            for (bin, signal) in signal.iter_mut().enumerate() {
                *signal = counts[self.energies[bin]].load(simd).mul_add(fractions[bin], *signal);
            }
        }
        let (shapes, backgrounds) = rest.split_at(bins.shapes);
        let (signal_values, background_values) = values.split_at(1 + bins.shapes);
        let mut scale = [signal_values[0].load(simd); BLOCK];
        for (shape, value) in shapes.iter().zip(&signal_values[1..]) {
            let value = value.load(simd);
            for (scale, relative) in scale.iter_mut().zip(shape) {
                *scale = value.mul_add(*relative, *scale);
            }
        }
        let mut sum: [f64x8<S>; BLOCK] = std::array::from_fn(|bin| signal[bin] * scale[bin]);
        for (column, value) in backgrounds.iter().zip(background_values) {
            let value = value.load(simd);
            for (sum, column) in sum.iter_mut().zip(column) {
                *sum = value.mul_add(*column, *sum);
            }
        }
        (signal, sum)
    }
}
