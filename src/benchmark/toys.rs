//! How fast toys are made.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::coverage::{Blocks, Device, Ensemble, Nuisance, Plan, Search, Sidebands, Truth, draw_toy};
use crate::analysis::limits::best_fit;
use crate::rates::Point;
use crate::rates::gpu::GpuEngine;
use crate::statistics::forms::Mesh;

use super::choice::GpuSpeed;
use super::seconds_of;

/// Where toys are made, as a bound is.
const MASS_MEV: f64 = 10.0;
/// In units of the coupling at which the mediator's events equal the Standard Model's.
const RATIO: f64 = 0.5;
/// Toys of a thread in the CPU's measurement.
const CPU_SAMPLE: usize = 192;
/// Toys of a GPU's measurement: few, and many.
const GPU_SAMPLES: [usize; 2] = [2_000, 40_000];

/// The point and its toys.
fn work(analysis: &Analysis, toys: usize) -> Result<(Point, Plan)> {
    let natural = analysis.at_mass(MASS_MEV).natural_coupling()?;
    let point = Point { mass_mev: MASS_MEV, coupling: RATIO * natural };
    let plan = Plan { toys: (0, toys as u64), seed: 1, nuisance: Nuisance::Profile, sidebands: Sidebands::Redraw };
    Ok((point, plan))
}

/// Seconds in which a device makes so many toys of a point, all that they need once included.
///
/// # Errors
/// Those of the device.
pub fn toys_seconds(analysis: &Analysis, device: Device, toys: usize) -> Result<f64> {
    let (point, plan) = work(analysis, toys)?;
    seconds_of(|| Ensemble::run_on(analysis, point, plan, device, &|_| Ok(()), &|_| {}).map(drop))
}

/// Seconds in which so many toys of a point are drawn one by one and the best fit of each is searched as that of data is:
/// what the other forms are faster than.
///
/// # Errors
/// Those of the best fits.
pub fn best_fits_seconds(analysis: &Analysis, toys: usize) -> Result<f64> {
    let (point, plan) = work(analysis, toys)?;
    let truth = Truth::new(analysis, point, plan.nuisance, plan.seed)?;
    seconds_of(|| {
        let fit = |number| best_fit(&draw_toy(analysis, &truth, number, plan.sidebands)).map(drop);
        (plan.toys.0..plan.toys.1).into_par_iter().try_for_each(fit)
    })
}

/// Whether toys of these data are drawn, and a GPU finds their minima.
pub fn are_drawn(analysis: &Analysis) -> bool {
    let mut experiments = analysis.experiments();
    analysis.together.is_none() && experiments.all(|own| own.measurement.expectation.deformations() == 0)
}

/// Places of the plane at which chi2 of a toy is minimised over all nuisance parameters; none where toys are made one by
/// one.
pub fn places(analysis: &Analysis) -> Option<usize> {
    let (point, plan) = work(analysis, 0).ok()?;
    let truth = Truth::new(analysis, point, plan.nuisance, plan.seed).ok()?;
    let search = Search::new(analysis, point).ok()?;
    Blocks::new(analysis, &truth, &search, plan).mesh().map(Mesh::places)
}

/// Toys of the CPU's measurement.
pub fn cpu_sample() -> usize {
    CPU_SAMPLE * rayon::current_num_threads()
}

/// Toys per second of the CPU. Takes some ten milliseconds.
///
/// # Errors
/// Those of the toys.
pub fn cpu_toys_per_second(analysis: &Analysis) -> Result<f64> {
    let few = cpu_sample();
    let seconds = |toys: usize| toys_seconds(analysis, Device::Cpu, toys);
    let (once, more) = (seconds(1)?, seconds(few)?);
    Ok((few - 1) as f64 / (more - once).max(1e-6))
}

/// What a GPU that took `opening_s` to open needs for toys: in both forms of a scan's measurement the same.
///
/// # Errors
/// Those of the device.
pub fn gpu_toys_speed(analysis: &Analysis, engine: &GpuEngine, opening_s: f64) -> Result<GpuSpeed> {
    let [few, many] = GPU_SAMPLES;
    let seconds = |toys: usize| toys_seconds(analysis, Device::Gpu { engine, fallback: false }, toys);
    let (first, more) = (seconds(few)?, seconds(many)?);
    let rate = (many - few) as f64 / (more - first).max(1e-6);
    Ok(GpuSpeed {
        adapter: engine.adapter().with_driver(),
        start_s: opening_s + first,
        profile_cpu: Some(rate),
        profile_gpu: rate,
    })
}
