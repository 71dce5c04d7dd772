//! Which engine makes a map soonest, from a short measurement of each.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::Minimum;
use crate::base::grid::Axis;
use crate::rates::gpu::GpuEngine;
use crate::scan::{Device, Fallback, Gpu, Plane, ProfileOn, Settings, Unobserved, evaluate_rows, scan, why_not_on_gpu};

use super::{median, seconds_of};

/// No GPU is ready sooner after the start of a process: instance, device, shaders (s).
pub const SHORTEST_GPU_START_S: f64 = 0.2;
/// Couplings of a row in the CPU's measurement: one block of the kernel.
const CPU_SAMPLE_COUPLINGS: usize = 512;
/// Rows per thread in the CPU's measurement.
const CPU_SAMPLE_ROWS: usize = 2;
/// Share of the masses in the measurement of an interpolated map: enough to be predicted as those of the whole are ...
const INTERPOLATED_SHARE: usize = 8;
/// ... but not more than make so many points, nor fewer than these.
const POINTS_INTERPOLATED: usize = 1 << 22;
const FEWEST_INTERPOLATED: usize = 100;
/// Points along each axis in a GPU's measurement: the smaller map, the larger one at first, and at most.
const GPU_SMALL_SAMPLE: usize = 50;
const GPU_SAMPLE: usize = 400;
const GPU_LARGEST_SAMPLE: usize = 3200;
/// What the larger map must take longer than the smaller one to tell how it grows (s).
const TELLING_S: f64 = 0.05;

/// Speed of the CPU on an analysis: profiled points per second over a sample of the plane's rows. Takes milliseconds.
pub fn cpu_points_per_second(analysis: &Analysis, plane: &Plane) -> f64 {
    let rows = (CPU_SAMPLE_ROWS * rayon::current_num_threads()).min(plane.mass.len());
    let couplings = &plane.coupling.values[..plane.coupling.len().min(CPU_SAMPLE_COUPLINGS)];
    let masses: Vec<f64> = (0..rows).map(|row| plane.mass.values[row * plane.mass.len() / rows]).collect();
    let sample = || {
        masses.par_iter().for_each_init(
            || analysis.scratch(),
            |scratch, mass| {
                // A row that does not converge is as quick as one that does.
                let _ = std::hint::black_box(analysis.at_mass(*mass).chi2_row(couplings, scratch));
            },
        );
        Ok(())
    };
    let seconds: Vec<f64> = (0..3).filter_map(|_| seconds_of(sample).ok()).collect();
    (rows * couplings.len()) as f64 / median(&seconds).max(f64::MIN_POSITIVE)
}

/// Speed of the CPU where it interpolates, at least: of neighbouring masses in the middle of the plane, with all couplings.
/// 0 where there are too few of them to tell.
pub fn interpolated_points_per_second(analysis: &Analysis, plane: &Plane) -> f64 {
    let most = POINTS_INTERPOLATED / plane.coupling.len().max(1);
    let masses = (plane.mass.len() / INTERPOLATED_SHARE).min(most).max(FEWEST_INTERPOLATED);
    if plane.mass.len() < 2 * masses {
        return 0.0;
    }
    let first = (plane.mass.len() - masses) / 2;
    let mass = Axis { values: plane.mass.values[first..first + masses].to_vec(), ..plane.mass.clone() };
    let sample = Plane { mass, coupling: plane.coupling.clone() };
    let seconds = seconds_of(|| evaluate_rows(analysis, &sample, Device::Interpolated).map(drop));
    seconds.map_or(0.0, |seconds| sample.points() as f64 / seconds.max(f64::MIN_POSITIVE))
}

/// What a GPU needs, on one analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GpuSpeed {
    /// Its name and driver: with another the measurement is worth nothing.
    pub adapter: String,
    /// Opening, self-test, uploads and shaders, the fit of the certificate (s).
    pub start_s: f64,
    /// Points per second with the minimisation on the CPU; none of an analysis that has no such form.
    #[serde(default)]
    pub profile_cpu: Option<f64>,
    /// Points per second with the minimisation in the shader.
    pub profile_gpu: f64,
}

impl GpuSpeed {
    /// Measurements by what they are of, from the text that keeps them; those that make no sense are left out.
    pub fn parse_all(text: &str) -> BTreeMap<String, GpuSpeed> {
        let mut all: BTreeMap<String, GpuSpeed> = serde_json::from_str(text).unwrap_or_default();
        let sensible = |value: f64| value.is_finite() && value > 0.0;
        all.retain(|_, speed| [speed.start_s, speed.profile_gpu].into_iter().chain(speed.profile_cpu).all(sensible));
        all
    }
}

/// Measures a GPU that took `opening_s` to open: maps of each form, of which the smallest tells what does not grow with
/// the points, and the others grow until they tell what does.
///
/// # Errors
/// Those of the device.
pub fn gpu_speed(analysis: &Analysis, engine: &GpuEngine, opening_s: f64) -> Result<GpuSpeed> {
    let seconds = |profile, points| -> Result<f64> {
        let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (points, points), analysis.predictions.len())?;
        let device = Device::Gpu(Gpu { engine, profile, fallback: Fallback::None });
        let settings = Settings { device, tile_rows: None, delta_chi2: 6.18, minimum: Minimum::Plane };
        seconds_of(|| scan(analysis, plane, settings, &Unobserved).map(drop))
    };
    let mut start_s = opening_s;
    let mut rate = |profile| -> Result<f64> {
        let first = seconds(profile, GPU_SMALL_SAMPLE)?;
        start_s += first;
        let mut side = GPU_SAMPLE;
        loop {
            let more = seconds(profile, side)? - first;
            if more >= TELLING_S || side >= GPU_LARGEST_SAMPLE {
                return Ok((side * side - GPU_SMALL_SAMPLE * GPU_SMALL_SAMPLE) as f64 / more.max(1e-6));
            }
            side *= 2;
        }
    };
    let has_both = why_not_on_gpu(analysis, Some(ProfileOn::Cpu)).is_none();
    let profile_cpu = if has_both { Some(rate(ProfileOn::Cpu)?) } else { None };
    let profile_gpu = rate(ProfileOn::Gpu)?;
    // All forms were started; a scan starts one.
    let started = if has_both { 2.0 } else { 1.0 };
    Ok(GpuSpeed {
        adapter: engine.adapter().with_driver(),
        start_s: opening_s + (start_s - opening_s) / started,
        profile_cpu,
        profile_gpu,
    })
}

/// What to take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// None: the CPU.
    pub gpu: Option<ProfileOn>,
    /// Seconds that the map is expected to take on the CPU ...
    pub cpu_s: f64,
    /// ... and with the better form of the GPU.
    pub gpu_s: f64,
}

/// The engine that makes a map of so many points soonest. `only` admits one form of the GPU.
pub fn choose(points: usize, cpu_points_per_second: f64, gpu: &GpuSpeed, only: Option<ProfileOn>) -> Choice {
    let seconds = |rate: f64| gpu.start_s + points as f64 / rate;
    let on_cpu = gpu.profile_cpu.map(|rate| (ProfileOn::Cpu, rate));
    let forms = on_cpu.into_iter().chain([(ProfileOn::Gpu, gpu.profile_gpu)]);
    let admitted = forms.filter(|(form, _)| only.is_none_or(|only| only == *form));
    let best = admitted.map(|(form, rate)| (form, seconds(rate))).min_by(|a, b| a.1.total_cmp(&b.1));
    let cpu_s = points as f64 / cpu_points_per_second;
    let (form, gpu_s) = best.map_or((None, f64::INFINITY), |(form, seconds)| (Some(form), seconds));
    Choice { gpu: form.filter(|_| gpu_s < cpu_s), cpu_s, gpu_s }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn speed(start_s: f64, profile_cpu: f64, profile_gpu: f64) -> GpuSpeed {
        let profile_cpu = Some(profile_cpu);
        GpuSpeed { adapter: String::new(), start_s, profile_cpu, profile_gpu }
    }

    /// Times by hand: 0.5 s + 1e7/5e7 = 0.7 s with the shader, 0.5 s + 1e7/1e7 = 1.5 s with the CPU's minimisation, 2 s
    /// on the CPU alone.
    #[test]
    fn the_soonest_is_chosen() {
        let gpu = speed(0.5, 1e7, 5e7);
        let choice = choose(10_000_000, 5e6, &gpu, None);
        assert_eq!(choice.gpu, Some(ProfileOn::Gpu));
        assert!((choice.gpu_s - 0.7).abs() < 1e-12 && (choice.cpu_s - 2.0).abs() < 1e-12);
        assert_eq!(choose(10_000_000, 5e6, &gpu, Some(ProfileOn::Cpu)).gpu, Some(ProfileOn::Cpu));
        let one_form = GpuSpeed { profile_cpu: None, ..gpu.clone() };
        assert_eq!(choose(10_000_000, 5e6, &one_form, None), choice);
        assert_eq!(choose(10_000_000, 5e6, &one_form, Some(ProfileOn::Cpu)).gpu, None);
        // 1e6 points: 0.2 s on the CPU, less than the GPU's start.
        assert_eq!(choose(1_000_000, 5e6, &gpu, None).gpu, None);
        // A GPU slower than the CPU is never taken.
        assert_eq!(choose(1 << 40, 5e6, &speed(0.0, 1e6, 2e6), None).gpu, None);
    }
}
