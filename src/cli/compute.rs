//! Which engine a scan takes, and why.

use std::time::Instant;

use crate::Result;
use crate::analysis::Analysis;
use crate::benchmark::choice::{
    Choice, GpuSpeed, SHORTEST_GPU_START_S, choose as soonest, cpu_points_per_second, gpu_speed,
    interpolated_points_per_second,
};
use crate::rates::gpu::AdapterChoice;
use crate::scan::{EngineChoice, EngineRequest, Fallback, Plane, ProfileOn, ReadyEngine, open_gpu, why_not_on_gpu};

use super::measured::Measured;

/// The engine taken, with a line for the user.
pub struct Chosen {
    /// Which.
    pub engine: ReadyEngine,
    /// What and why.
    pub reason: String,
}

impl Chosen {
    fn new(engine: ReadyEngine, why: impl AsRef<str>) -> Chosen {
        let why = why.as_ref();
        let reason = match &engine {
            ReadyEngine::Reference => format!("engine: reference ({why})"),
            ReadyEngine::Cpu { .. } => format!("engine: cpu ({why})"),
            ReadyEngine::Gpu { engine, profile, .. } => {
                let place = match profile {
                    ProfileOn::Cpu => "direct sums, minimised on the CPU",
                    ProfileOn::Gpu => "minimised in the shader",
                };
                format!("engine: gpu ({}, {place}; {why})", engine.adapter().name)
            }
        };
        Chosen { engine, reason }
    }
}

/// Takes an engine. `auto` never fails: what is wrong with a GPU is said in the reason.
///
/// # Errors
/// With `gpu`: no adapter, or one that fails its self-test.
pub fn choose(wish: &EngineRequest, analysis: &Analysis, plane: &Plane) -> Result<Chosen> {
    match (wish.name, why_not_on_gpu(analysis, wish.profile)) {
        (EngineChoice::Auto, _) => Ok(automatic(wish, analysis, plane)),
        // What the shader cannot hold is no fault of the device: the engine that makes the map is told.
        (EngineChoice::Gpu, Some(why)) => {
            let why = format!("in the place of the gpu asked for: {why}");
            Ok(Chosen::new(ReadyEngine::Cpu { interpolates: wish.interpolates }, why))
        }
        _ => Ok(Chosen::new(wish.open()?, "asked for")),
    }
}

fn automatic(wish: &EngineRequest, analysis: &Analysis, plane: &Plane) -> Chosen {
    let on_cpu = |reason: String| Chosen::new(ReadyEngine::Cpu { interpolates: wish.interpolates }, reason);
    // Nothing is to be measured then.
    if let Some(why) = why_not_on_gpu(analysis, wish.profile) {
        return on_cpu(why.to_owned());
    }
    let points = plane.points();
    let mut cpu = cpu_points_per_second(analysis, plane);
    if wish.interpolates && points as f64 / cpu >= SHORTEST_GPU_START_S {
        cpu = cpu.max(interpolated_points_per_second(analysis, plane));
    }
    let cpu_s = points as f64 / cpu;
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
    let gpu = match open_gpu(&admitted) {
        Ok(gpu) => gpu,
        Err(error) => return on_cpu(error.to_string()),
    };
    let opening_s = opening.elapsed().as_secs_f64();
    let fresh = measured.speed().is_some_and(|speed| speed.adapter == gpu.adapter().with_driver());
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
        Some(profile) => {
            Chosen::new(ReadyEngine::Gpu { engine: Box::new(gpu), profile, fallback: Fallback::Cpu }, reason)
        }
        None => on_cpu(reason),
    }
}

fn expected(choice: Choice) -> String {
    format!("cpu {:.2} s, gpu {:.2} s expected", choice.cpu_s, choice.gpu_s)
}
