//! Rates engines: events per (point, time class, energy bin) from a [`plan::Plan`].
//!
//! Two engines share one plan: [`cpu`] in f64, written to be read, the truth; [`gpu`], WGSL in f32, one invocation per
//! point. An engine hands out a batch handle, not a vector, so that work can overlap and, later, stay on the device.

pub mod cpu;
mod deformations;
pub mod gpu;
#[doc(hidden)]
pub mod parity;
pub mod plan;
mod plan_build;
pub mod polynomial;
mod process;
mod sampling;
pub mod spectrum;
#[doc(hidden)]
pub mod synthetic;

pub use plan_build::Nodes;
pub use sampling::Fineness;

use crate::Result;

use plan::Plan;

/// One point of the plane.
///
/// ```
/// use cevscan::Point;
///
/// let point = Point { mass_mev: 10.0, coupling: 5e-5 };
/// assert_eq!(point.mass_mev, 10.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Mediator mass (MeV).
    pub mass_mev: f64,
    /// Coupling g.
    pub coupling: f64,
}

/// Events before nuisance parameters, row-major `[points][classes][energy_bins]`.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Counts {
    /// The counts; length points x channels.
    pub values: Vec<f64>,
    /// Counts per point ([`Plan::channels`]).
    pub channels: usize,
    /// Points that the engine handed to f64 because f32 could not hold them (not finite, or above 1e30).
    pub redone_in_f64: usize,
}

impl Counts {
    /// The counts of one point, `[classes][energy_bins]`.
    pub fn point(&self, index: usize) -> &[f64] {
        &self.values[index * self.channels..(index + 1) * self.channels]
    }
}

/// Something that evaluates plans.
pub trait Engine: Send + Sync {
    /// Short description for people and for run.json, e.g. `cpu (f64, 2 threads)` or `gpu (llvmpipe, Vulkan)`.
    fn describe(&self) -> String;

    /// Counts below this are none to it, in events.
    fn least_count(&self) -> f64 {
        0.0
    }

    /// Makes a plan ready for this engine: tables uploaded, pipelines built.
    ///
    /// # Errors
    /// When the device refuses memory or does not compile the shader.
    fn prepare<'a>(&'a self, plan: &'a Plan) -> Result<Box<dyn Rates + 'a>>;
}

/// A plan on an engine.
pub trait Rates: Send + Sync {
    /// Starts the evaluation of a batch; any number of points, the engine cuts it as its device needs.
    /// Two or three batches may be under way at once; they finish in the order they were started.
    ///
    /// # Errors
    /// When the device is lost or out of memory.
    fn submit<'a>(&'a self, points: &'a [Point]) -> Result<Box<dyn Batch + 'a>>;
}

/// Work under way.
pub trait Batch {
    /// Waits for the counts.
    ///
    /// # Errors
    /// When the device failed: a value not written by the shader never passes for a count.
    fn wait(self: Box<Self>) -> Result<Counts>;
}
