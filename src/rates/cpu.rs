//! The truth: the plan's sum in f64.

use super::{Point, plan::Plan};

/// Counts of one point, written to `out` as `[classes][energy_bins]` ([`Plan::channels`] entries).
pub fn counts_at(plan: &Plan, point: Point, out: &mut [f64]) {
    let (kinematics, amplitudes) = (&plan.kinematics, &plan.amplitudes);
    let x = point.coupling * point.coupling;
    let exchange = |terms: &[super::plan::Term], node: usize| -> f64 {
        terms
            .iter()
            .map(|term| {
                let mass = term.mass_ratio * point.mass_mev;
                x * term.amplitude[node] / (kinematics.q2_mev2[node] + mass * mass)
            })
            .sum()
    };
    let bins = kinematics.energy_bins;
    out.fill(0.0);
    for (class, nodes) in kinematics.classes.iter().enumerate() {
        for node in nodes.clone() {
            let vector = amplitudes.standard_model[node] + exchange(&amplitudes.vector, node);
            let scalar = exchange(&amplitudes.scalar, node);
            let squared =
                kinematics.weight_vector[node] * vector * vector + kinematics.weight_scalar[node] * scalar * scalar;
            for bin in 0..bins {
                out[class * bins + bin] += kinematics.response[node * bins + bin] * squared;
            }
        }
    }
}
