//! Which engine a scan takes, and why.

use std::time::Instant;

use crate::Result;
use crate::analysis::Analysis;
use crate::benchmark::choice::{
    Choice, GpuSpeed, SHORTEST_GPU_START_S, adapter_name, choose as soonest, cpu_points_per_second, gpu_speed,
    interpolated_points_per_second,
};
use crate::rates::gpu::{AdapterChoice, GpuEngine, self_test};
use crate::scan::{Device, EngineChoice, EngineRequest, Fallback, Gpu, Plane, ProfileOn};

use super::measured::Measured;

/// How a contract with the interpolating CPU begins.
pub const INTERPOLATED: &str = "cpu, interpolated";

/// The engine taken, with a line for the user.
pub struct Chosen {
    engine: Engine,
    /// What and why.
    pub reason: String,
}

enum Engine {
    Reference,
    Cpu { interpolate: bool },
    Gpu { engine: Box<GpuEngine>, profile: ProfileOn, fallback: Fallback },
}

impl Chosen {
    /// For the scan.
    pub fn device(&self) -> Device<'_> {
        match &self.engine {
            Engine::Reference => Device::Reference,
            Engine::Cpu { interpolate: false } => Device::Cpu,
            Engine::Cpu { interpolate: true } => Device::Interpolated,
            Engine::Gpu { engine, profile, fallback } => {
                Device::Gpu(Gpu { engine, profile: *profile, fallback: *fallback })
            }
        }
    }

    /// All that the last digits of a map depend on, but the SIMD level.
    pub fn contract(&self) -> String {
        match &self.engine {
            Engine::Reference => "reference".to_owned(),
            Engine::Cpu { interpolate: false } => "cpu".to_owned(),
            Engine::Cpu { interpolate: true } => INTERPOLATED.to_owned(),
            Engine::Gpu { engine, profile, .. } => format!("gpu: {}, profile {profile:?}", adapter_name(engine)),
        }
    }

    fn cpu(interpolate: bool, reason: impl AsRef<str>) -> Chosen {
        Chosen { engine: Engine::Cpu { interpolate }, reason: format!("engine: cpu ({})", reason.as_ref()) }
    }

    fn gpu(engine: GpuEngine, profile: ProfileOn, fallback: Fallback, reason: impl AsRef<str>) -> Chosen {
        let place = match profile {
            ProfileOn::Cpu => "direct sums, minimised on the CPU",
            ProfileOn::Gpu => "minimised in the shader",
        };
        let reason = format!("engine: gpu ({}, {place}; {})", engine.adapter().name, reason.as_ref());
        Chosen { engine: Engine::Gpu { engine: Box::new(engine), profile, fallback }, reason }
    }
}

/// Takes an engine. `auto` never fails: what is wrong with a GPU is said in the reason.
///
/// # Errors
/// With `gpu`: no adapter, or one that fails its self-test.
pub fn choose(wish: &EngineRequest, analysis: &Analysis, plane: &Plane) -> Result<Chosen> {
    match wish.name {
        EngineChoice::Reference => {
            Ok(Chosen { engine: Engine::Reference, reason: "engine: reference (asked for)".to_owned() })
        }
        EngineChoice::Cpu => Ok(Chosen::cpu(wish.interpolates, "asked for")),
        EngineChoice::Gpu => {
            let gpu = open(&AdapterChoice::explicit(wish.adapter.as_deref()))?;
            Ok(Chosen::gpu(gpu, wish.profile.unwrap_or(ProfileOn::Gpu), Fallback::None, "asked for"))
        }
        EngineChoice::Auto => Ok(automatic(wish, analysis, plane)),
    }
}

fn automatic(wish: &EngineRequest, analysis: &Analysis, plane: &Plane) -> Chosen {
    let points = plane.points();
    let mut cpu = cpu_points_per_second(analysis, plane);
    if wish.interpolates && points as f64 / cpu >= SHORTEST_GPU_START_S {
        cpu = cpu.max(interpolated_points_per_second(analysis, plane));
    }
    let cpu_s = points as f64 / cpu;
    let on_cpu = |reason: String| Chosen::cpu(wish.interpolates, reason);
    if cpu_s < SHORTEST_GPU_START_S && wish.adapter.is_none() {
        return on_cpu(format!("{points} points take it {cpu_s:.2} s, sooner than a GPU starts"));
    }
    let admitted = AdapterChoice::auto(wish.adapter.as_deref());
    let mut measured = Measured::load(analysis, &admitted);
    let known = measured.speed().map(|speed| soonest(points, cpu, speed, wish.profile));
    if let Some(choice @ Choice { gpu: None, .. }) = known {
        return on_cpu(format!("{}, measured before", expected(choice)));
    }
    let opening = Instant::now();
    let gpu = match open(&admitted) {
        Ok(gpu) => gpu,
        Err(error) => return on_cpu(error.to_string()),
    };
    let opening_s = opening.elapsed().as_secs_f64();
    let fresh = measured.speed().is_some_and(|speed| speed.adapter == adapter_name(&gpu));
    let mut when = "measured before";
    if !fresh {
        match gpu_speed(analysis, &gpu, opening_s) {
            Ok(speed) => when = measured.keep(speed),
            Err(error) => return on_cpu(error.to_string()),
        }
    }
    let Some(choice) = measured.speed().map(|speed: &GpuSpeed| soonest(points, cpu, speed, wish.profile)) else {
        return on_cpu("nothing was measured".to_owned());
    };
    let reason = format!("{}, {when}", expected(choice));
    match choice.gpu {
        Some(profile) => Chosen::gpu(gpu, profile, Fallback::Cpu, reason),
        None => on_cpu(reason),
    }
}

fn expected(choice: Choice) -> String {
    format!("cpu {:.2} s, gpu {:.2} s expected", choice.cpu_s, choice.gpu_s)
}

/// An adapter that passes its self-test.
///
/// # Errors
/// No adapter, or one that does not.
pub fn open(choice: &AdapterChoice) -> Result<GpuEngine> {
    let gpu = GpuEngine::open(choice)?;
    self_test(&gpu)?;
    Ok(gpu)
}
