//! chi2 minimised on the GPU, whole rows of a map at a time: counts as squares (`src/rates/gpu/vertex.rs`) and their
//! minimisation in one shader, in f32; 4 bytes a point come back.
//!
//! f32 holds what matters because the shader computes the rise of chi2 above a reference fit, that of the Standard Model,
//! which the CPU makes in f64 (`table.rs`). Where nuisance parameters deform a signal the lowest of several minima is sought
//! along a strip of couplings (`shaders/minima.wgsl`). Points that f32 does not hold are done again in f64 and counted. Both
//! statistics keep [`CHI2_TOLERANCE`] wherever chi2 is less than [`CONTRACT_BELOW`] above its minimum.

#[cfg(feature = "gpu")]
mod buffers;
mod phases;
#[cfg(feature = "gpu")]
mod profiler;
#[cfg(feature = "gpu")]
mod rows;
#[cfg(feature = "gpu")]
mod shader;
#[cfg(feature = "gpu")]
mod table;

pub use phases::Phases;
#[cfg(feature = "gpu")]
pub use {
    profiler::GpuProfiler,
    rows::{GpuRows, Profiles, Rest, RowsBatch, whole_workgroups},
    shader::MAX_PARAMETERS,
};

// What the text of the shader shares with that of the rates.
#[cfg(feature = "gpu")]
use crate::rates::gpu::{self as shared, wgsl};

/// Largest difference in chi2 from f64 that is allowed ...
pub const CHI2_TOLERANCE: f64 = 1e-3;
/// ... where chi2 is less than this above its minimum. Beyond, it stays large.
pub const CONTRACT_BELOW: f64 = 50.0;
