//! The signal's counts at eight points, where the bins want them.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::super::lanes::Lanes;
use super::super::signal;
use super::{Deformed, Memory};

impl Deformed {
    /// Puts the counts of eight points, `[sets][classes][energy_bins]`, into units of the signal's total or of 1, whichever
    /// is larger, and spreads them over the bins; returns the total.
    #[inline(never)]
    pub(in super::super) fn place<S: Simd>(&self, simd: S, counts: &mut [Lanes], memory: &mut Memory) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let channels = counts.len() / self.sets;
                for (total, counts) in memory.totals.iter_mut().zip(counts.chunks(channels)) {
                    let mut sum = f64x8::splat(simd, 0.0);
                    for (counts, fractions) in
                        counts.chunks(self.energy_bins).zip(self.time_fractions.chunks(self.time_bins))
                    {
                        let seen: f64 = fractions.iter().sum();
                        for count in counts {
                            sum = count.load(simd).mul_add(seen, sum);
                        }
                    }
                    total.store(sum);
                }
                let total = memory.totals[0].load(simd);
                let inverse_unit = f64x8::splat(simd, 1.0) / total.max(1.0);
                for total in &mut memory.totals {
                    total.store(total.load(simd) * inverse_unit);
                }
                let (first, others) = self.time_fractions.split_at(self.time_bins);
                for (bins, target) in [(&self.counted, &mut memory.counted), (&self.empty, &mut memory.empty)] {
                    for (place, bin) in bins.iter().enumerate() {
                        let (energy, time) = (bin / self.time_bins, bin % self.time_bins);
                        let sets = target[place..].iter_mut().step_by(bins.len()).zip(counts.chunks(channels));
                        for (target, counts) in sets {
                            let mut sum = counts[energy].load(simd) * first[time];
                            let classes = counts.chunks(self.energy_bins).skip(1);
                            for (counts, fractions) in classes.zip(others.chunks(self.time_bins)) {
                                sum = counts[energy].load(simd).mul_add(fractions[time], sum);
                            }
                            target.store(sum * inverse_unit);
                        }
                    }
                }
                self.weaken(simd, total, memory);
                total
            },
        )
    }

    /// The same from the coefficients of each count in x = g^2, `[sets][3][energy_bins]`, where all of a bin is one count.
    #[inline(never)]
    pub(in super::super) fn place_row<S: Simd>(
        &self,
        simd: S,
        coefficients: &[f64],
        x: f64x8<S>,
        memory: &mut Memory,
    ) -> f64x8<S> {
        simd.vectorize(
            #[inline(always)]
            || {
                let fraction = self.time_fractions[0];
                let (mut total, mut scale) = (f64x8::splat(simd, 0.0), f64x8::splat(simd, fraction));
                for (set, coefficients) in coefficients.chunks(3 * self.energy_bins).enumerate() {
                    let mut sum = f64x8::splat(simd, 0.0);
                    for (bins, target) in [(&self.counted, &mut memory.counted), (&self.empty, &mut memory.empty)] {
                        let target = &mut target[set * bins.len()..][..bins.len()];
                        for (target, bin) in target.iter_mut().zip(bins) {
                            let value = signal::count(simd, coefficients, self.energy_bins, *bin, x, set == 0) * scale;
                            sum += value;
                            target.store(value);
                        }
                    }
                    if set == 0 {
                        total = sum;
                        let unit = f64x8::splat(simd, 1.0) / total.max(1.0);
                        scale = unit * fraction;
                        for target in
                            memory.counted[..self.counted.len()].iter_mut().chain(&mut memory.empty[..self.empty.len()])
                        {
                            target.store(target.load(simd) * unit);
                        }
                        sum *= unit;
                    }
                    memory.totals[set].store(sum);
                }
                self.weaken(simd, total, memory);
                total
            },
        )
    }

    /// Whether all of a bin is one count.
    pub(in super::super) fn is_one_count(&self) -> bool {
        self.time_fractions.len() == 1
    }
}
