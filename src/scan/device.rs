//! Where a scan is computed.

use crate::Result;
use crate::rates::Point;
use crate::rates::gpu::{GpuEngine, VertexEngine};
use crate::rates::parity::{Worst, compare};
use crate::rates::plan::Plan;

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

impl Gpu<'_> {
    /// Compares the counts that its form is made from with f64.
    ///
    /// # Errors
    /// Those of the device.
    pub(crate) fn compare_counts(&self, plan: &Plan, points: &[Point]) -> Result<Worst> {
        match self.profile {
            ProfileOn::Cpu => compare(self.engine, plan, points),
            ProfileOn::Gpu => compare(&VertexEngine(self.engine), plan, points),
        }
    }
}

/// Where chi2 is minimised when rates come from a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProfileOn {
    /// f64 on all cores, while the GPU evaluates the next tile by direct sums: the form that the other is held to.
    Cpu,
    /// f32 in the shader, from counts as squares: 4 bytes a point and dataset come back, the counts never.
    Gpu,
}

/// What to do when a GPU fails in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fallback {
    /// The CPU takes over at the tile it was at.
    Cpu,
    /// The error ends the scan.
    None,
}
