//! A short test of a device before it is trusted.

use super::GpuEngine;
use crate::rates::synthetic::{Shape, cancellation, plan, plane};
use crate::rates::{Engine, parity};
use crate::{Error, Result};
use serde::Serialize;
use std::time::Instant;

/// What a self-test found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SelfTest {
    /// Largest |f32 - f64| / max(N, N_SM) over all points and bins.
    pub deviation: f64,
    /// Points compared.
    pub points: usize,
    /// Points that f32 could not hold.
    pub redone_in_f64: usize,
    /// Time it took in seconds, the compilation of the shader included.
    pub elapsed_s: f64,
}

/// Compares the device with f64 on a small plan with a vector and a scalar exchange, over the whole plane and along the
/// strip where the vector exchange cancels the Standard Model.
///
/// # Errors
/// [`Error::Device`] when the device fails, or its counts are off by more than [`parity::COUNTS_TOLERANCE`].
pub fn self_test(engine: &GpuEngine) -> Result<SelfTest> {
    let begun = Instant::now();
    let plan = plan(&Shape { classes: 2, bins: 5, nodes: 40, vector: vec![1.0], scalar: vec![1.0] });
    let mut points = plane((1e-6, 1e12), 24, 40);
    points.extend(cancellation(24));
    let worst = parity::compare(engine as &dyn Engine, &plan, &points)?;
    if !worst.within_contract() {
        return Err(Error::Device {
            adapter: engine.adapter().name.clone(),
            action: "testing itself",
            reason: format!(
                "a count is {} instead of {} (mass {} MeV, coupling {})",
                worst.engine, worst.reference, worst.mass_mev, worst.coupling
            ),
        });
    }
    Ok(SelfTest {
        deviation: worst.deviation,
        points: worst.points,
        redone_in_f64: worst.redone_in_f64,
        elapsed_s: begun.elapsed().as_secs_f64(),
    })
}
