//! The f64 engine: the plan's sum as it is written, for every point. This is the truth the GPU is held to.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;

use super::plan::Plan;
use super::{Batch, Counts, Engine, Point, Rates};

/// All cores, f64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CpuEngine;

impl Engine for CpuEngine {
    fn describe(&self) -> String {
        "cpu (f64)".to_owned()
    }

    fn prepare<'a>(&'a self, plan: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        Ok(Box::new(CpuRates { plan }))
    }
}

struct CpuRates<'a> {
    plan: &'a Plan,
}

impl Rates for CpuRates<'_> {
    fn submit<'a>(&'a self, points: &'a [Point]) -> Result<Box<dyn Batch + 'a>> {
        Ok(Box::new(CpuBatch { plan: self.plan, points }))
    }
}

struct CpuBatch<'a> {
    plan: &'a Plan,
    points: &'a [Point],
}

impl Batch for CpuBatch<'_> {
    fn wait(self: Box<Self>) -> Result<Counts> {
        let channels = self.plan.signal_counts();
        let mut values = vec![0.0; self.points.len() * channels];
        values
            .par_chunks_mut(channels)
            .zip(self.points)
            .for_each(|(counts, point)| counts_at(self.plan, *point, counts));
        Ok(Counts { values, channels, redone_in_f64: 0 })
    }
}

/// The counts of one point into `counts`, `[classes][energy_bins]` (the sum in [`super::plan`]), or, of that many
/// [`Plan::signals`], `[signals][classes][energy_bins]`.
pub fn counts_at(plan: &Plan, point: Point, counts: &mut [f64]) {
    counts.fill(0.0);
    let kinematics = &plan.kinematics;
    let signals = kinematics.responses().zip(counts.chunks_mut(plan.channels()));
    for (signal, (response, counts)) in signals.enumerate() {
        for (class, counts) in kinematics.classes.iter().zip(counts.chunks_mut(kinematics.energy_bins)) {
            add(plan, response, point, class.clone(), counts);
        }
        if signal == 0 {
            counts.iter_mut().for_each(|count| *count = not_below_zero(*count));
        }
    }
}

/// A sum of cross sections: what weights of both signs leave below zero is rounding. What is no number stays none.
pub(super) fn not_below_zero(count: f64) -> f64 {
    if count < 0.0 { 0.0 } else { count }
}

/// Adds the events of some nodes at one point to `counts`, `[energy_bins]`.
pub fn add_counts(plan: &Plan, point: Point, nodes: Range<usize>, counts: &mut [f64]) {
    add(plan, &plan.kinematics.response, point, nodes, counts);
}

fn add(plan: &Plan, response: &[f64], point: Point, nodes: Range<usize>, counts: &mut [f64]) {
    let (kinematics, amplitudes) = (&plan.kinematics, &plan.amplitudes);
    let x = point.coupling * point.coupling;
    for k in nodes {
        let q2 = kinematics.q2_mev2[k];
        let vector = amplitudes.standard_model[k] + x * amplitudes.vector_exchange(k, q2, point.mass_mev);
        let scalar = x * amplitudes.scalar_exchange(k, q2, point.mass_mev);
        let events = kinematics.weight_vector[k] * vector * vector + kinematics.weight_scalar[k] * scalar * scalar;
        for (count, response) in counts.iter_mut().zip(kinematics.row_of(response, k)) {
            *count += response * events;
        }
    }
}
