//! Counts at one mass as the exact polynomials in x = g^2 that they are:
//! N = c_0 + c_1 x + c_2 x^2 per channel, the coefficients once per mass, by the same sum as [`super::cpu`].

use fearless_simd::f64x8;
use fearless_simd::prelude::*;
use rayon::prelude::*;

use crate::Result;
use crate::base::simd::{SimdLevel, dispatch};

use super::cpu::not_below_zero;
use super::plan::Plan;
use super::{Batch, Counts, Engine, Point, Rates};

/// Coefficients of one mass; row-major `[signals][3][classes][energy_bins]`.
#[derive(Debug, Clone, PartialEq)]
pub struct MassSlice {
    coefficients: Vec<f64>,
    channels: usize,
}

impl MassSlice {
    /// The coefficients at one mass (MeV).
    pub fn new(plan: &Plan, mass_mev: f64) -> MassSlice {
        let (kinematics, channels) = (&plan.kinematics, plan.channels());
        let bins = kinematics.energy_bins;
        let mut coefficients = vec![0.0; 3 * plan.signals() * channels];
        // First over the nodes of one response, then over responses: many nodes have the same.
        let mut rows = vec![[0.0; 3]; kinematics.response.len() / bins.max(1)];
        let mut used = Vec::with_capacity(rows.len());
        let level = SimdLevel::detect();
        for (class, nodes) in kinematics.classes.iter().enumerate() {
            rows.fill([0.0; 3]);
            nodes.clone().for_each(|node| add_to_rows(plan, node, mass_mev, &mut rows));
            used.clear();
            used.extend(rows.iter().copied().enumerate().filter(|(_, terms)| *terms != [0.0; 3]));
            for (response, target) in kinematics.responses().zip(coefficients.chunks_mut(3 * channels)) {
                // Bins side by side, none of whose sums is fused: all levels give the same bits.
                dispatch!(level, simd => fold(simd, &used, response, bins, &mut target[class * bins..], channels));
            }
        }
        MassSlice { coefficients, channels }
    }

    /// The counts at a coupling, into `counts` `[classes][energy_bins]`, or of so many signals, one after the other.
    pub fn counts_at(&self, coupling: f64, counts: &mut [f64]) {
        let x = coupling * coupling;
        let signals = counts.chunks_mut(self.channels).zip(self.coefficients.chunks(3 * self.channels));
        for (signal, (counts, coefficients)) in signals.enumerate() {
            let (c0, rest) = coefficients.split_at(self.channels);
            let (c1, c2) = rest.split_at(self.channels);
            for (channel, count) in counts.iter_mut().enumerate() {
                let value = c0[channel] + x * (c1[channel] + x * c2[channel]);
                *count = if signal == 0 { not_below_zero(value) } else { value };
            }
        }
    }

    /// Sets of counts that the signal is made of ([`Plan::signals`]).
    pub fn signals(&self) -> usize {
        self.coefficients.len() / (3 * self.channels)
    }

    /// All coefficients, `[signals][3][classes][energy_bins]`.
    pub fn all_coefficients(&self) -> &[f64] {
        &self.coefficients
    }

    /// The coefficients, `[3][classes][energy_bins]`, those of deformations apart.
    pub fn coefficients(&self) -> &[f64] {
        &self.coefficients[..3 * self.channels]
    }

    /// c_0, c_1 and c_2 summed over all channels: the scale on which the coupling acts.
    pub fn totals(&self) -> [f64; 3] {
        let mut sums = self.coefficients().chunks(self.channels).map(|c| c.iter().sum());
        std::array::from_fn(|_| sums.next().unwrap_or(0.0))
    }
}

/// Energy bins in a vector.
const LANES: usize = 8;
/// Vectors that are summed in one go: enough for no sum to wait for the one before.
const WIDE: usize = 2;

/// The coefficients of all energy bins, from what each row of the response has.
#[inline(always)]
fn fold<S: Simd>(
    simd: S,
    rows: &[(usize, [f64; 3])],
    response: &[f64],
    bins: usize,
    target: &mut [f64],
    channels: usize,
) {
    let mut bin = 0;
    while bin < bins {
        match bins - bin {
            left if left >= WIDE * LANES => {
                vectors::<S, WIDE>(simd, rows, &response[bin..], bins, &mut target[bin..], channels);
                bin += WIDE * LANES;
            }
            left if bins >= LANES => {
                // The last overlaps the one before.
                let start = bin.min(bins - LANES);
                vectors::<S, 1>(simd, rows, &response[start..], bins, &mut target[start..], channels);
                bin += left.min(LANES);
            }
            _ => {
                for (power, sum) in one(rows, &response[bin..], bins).into_iter().enumerate() {
                    target[power * channels + bin] = sum;
                }
                bin += 1;
            }
        }
    }
}

/// The coefficients of the first energy bins of `response`, so many vectors of them.
#[inline(always)]
fn vectors<S: Simd, const N: usize>(
    simd: S,
    rows: &[(usize, [f64; 3])],
    response: &[f64],
    bins: usize,
    target: &mut [f64],
    channels: usize,
) {
    let mut sums = [[f64x8::splat(simd, 0.0); N]; 3];
    for (row, terms) in rows {
        let (seen, _) = response[row * bins..].as_chunks::<LANES>();
        let Some(seen) = seen.first_chunk::<N>() else { continue };
        let seen = seen.each_ref().map(|seen| f64x8::load_array_ref(simd, seen));
        for (sums, term) in sums.iter_mut().zip(terms) {
            sums.iter_mut().zip(seen).for_each(|(sum, seen)| *sum += seen * *term);
        }
    }
    for (power, sums) in sums.into_iter().enumerate() {
        let (target, _) = target[power * channels..].as_chunks_mut::<LANES>();
        target.iter_mut().zip(sums).for_each(|(target, sum)| sum.store_array(target));
    }
}

/// The coefficients of the first energy bin of `response`.
fn one(rows: &[(usize, [f64; 3])], response: &[f64], bins: usize) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (row, terms) in rows {
        sums.iter_mut().zip(terms).for_each(|(sum, term)| *sum += response[row * bins] * term);
    }
    sums
}

/// Adds W a^2, 2 W a b and W b^2 + W_s s^2 of a node to the row of its response, or shares them between two.
fn add_to_rows(plan: &Plan, k: usize, mass_mev: f64, rows: &mut [[f64; 3]]) {
    let (kinematics, amplitudes) = (&plan.kinematics, &plan.amplitudes);
    let q2 = kinematics.q2_mev2[k];
    let (a, b) = (amplitudes.standard_model[k], amplitudes.vector_exchange(k, q2, mass_mev));
    let s = amplitudes.scalar_exchange(k, q2, mass_mev);
    let weight = kinematics.weight_vector[k];
    let terms = [weight * a * a, 2.0 * weight * a * b, weight * b * b + kinematics.weight_scalar[k] * s * s];
    let (row, part) = (kinematics.response_row[k], kinematics.response_part[k]);
    (0..3).for_each(|i| rows[row][i] += (1.0 - part) * terms[i]);
    if part > 0.0 {
        (0..3).for_each(|i| rows[row + 1][i] += part * terms[i]);
    }
}

/// All cores, f64, by polynomials: made for batches in which neighbours share their mass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PolynomialEngine;

impl Engine for PolynomialEngine {
    fn describe(&self) -> String {
        "cpu (f64, polynomials in g^2)".to_owned()
    }

    fn prepare<'a>(&'a self, plan: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        Ok(Box::new(PolynomialRates { plan }))
    }
}

struct PolynomialRates<'a> {
    plan: &'a Plan,
}

impl Rates for PolynomialRates<'_> {
    fn submit<'a>(&'a self, points: &'a [Point]) -> Result<Box<dyn Batch + 'a>> {
        Ok(Box::new(PolynomialBatch { plan: self.plan, points }))
    }
}

struct PolynomialBatch<'a> {
    plan: &'a Plan,
    points: &'a [Point],
}

impl Batch for PolynomialBatch<'_> {
    fn wait(self: Box<Self>) -> Result<Counts> {
        let channels = self.plan.signal_counts();
        let mut values = vec![0.0; self.points.len() * channels];
        let mut rest = values.as_mut_slice();
        let mut rows = Vec::new();
        for row in self.points.chunk_by(|a, b| a.mass_mev == b.mass_mev) {
            let (own, others) = rest.split_at_mut(row.len() * channels);
            rows.push((row, own));
            rest = others;
        }
        rows.into_par_iter().for_each(|(row, counts)| {
            let slice = MassSlice::new(self.plan, row[0].mass_mev);
            for (point, counts) in row.iter().zip(counts.chunks_mut(channels)) {
                slice.counts_at(point.coupling, counts);
            }
        });
        Ok(Counts { values, channels, redone_in_f64: 0 })
    }
}
