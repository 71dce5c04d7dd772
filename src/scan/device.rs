//! Where a scan is computed.

use crate::rates::gpu::GpuEngine;

/// What evaluates rates and minimises chi2.
#[derive(Clone, Copy)]
pub enum Device<'a> {
    /// f64, point by point: direct sums, and the minimiser that starts from the priors' centres. What all others are
    /// held to, and the baseline of their speed.
    Reference,
    /// f64 on all cores, polynomials in g^2, rows of points in vector lanes; chi2 is minimised at each point.
    Cpu,
    /// The same, but chi2 is minimised only where it does not follow from neighbours to 1e-8; the map carries a
    /// certificate ([`super::Interpolation`]).
    Interpolated,
    /// f32 on a GPU.
    Gpu(Gpu<'a>),
}

/// A GPU and what it is to do.
#[derive(Clone, Copy)]
pub struct Gpu<'a> {
    /// The open device.
    pub engine: &'a GpuEngine,
    /// Where the nuisance parameters are minimised.
    pub profile: ProfileOn,
    /// What follows when it fails.
    pub fallback: Fallback,
}

/// Where chi2 is minimised when rates come from a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileOn {
    /// f64 on all cores, while the GPU evaluates the next tile.
    Cpu,
    /// f32 in the shader: chi2 and status come back, 8 bytes a point, the counts never.
    Gpu,
}

/// What to do when a GPU fails in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// The CPU takes over at the tile it was at.
    Cpu,
    /// The error ends the scan.
    None,
}
