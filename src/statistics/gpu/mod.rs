//! chi2 minimised on the GPU: counts and minimisation of one point in one invocation, in f32; chi2 and a status come
//! back, 8 bytes a point, and the counts never leave the device.
//!
//! f32 holds what matters because the shader computes the rise of chi2 above a reference fit, that of the Standard Model,
//! which the CPU makes in f64 (`table.rs`). Points that f32 does not hold are done again in f64 and counted. Both
//! statistics keep [`CHI2_TOLERANCE`] wherever chi2 is less than [`CONTRACT_BELOW`] above its minimum.

mod profiler;
mod shader;
mod table;

pub use profiler::{GpuProfiler, ProfileBatch, Profiles};
pub use shader::MAX_PARAMETERS;

// What the text of the shader shares with that of the rates.
use crate::rates::gpu::{self as shared, wgsl};

/// Largest difference in chi2 from f64 that is allowed ...
pub const CHI2_TOLERANCE: f64 = 1e-3;
/// ... where chi2 is less than this above its minimum. Beyond, it stays large.
pub const CONTRACT_BELOW: f64 = 50.0;
