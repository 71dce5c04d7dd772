//! Which engine a scan takes, and why.

use std::time::Instant;

use crate::analysis::Analysis;
use crate::benchmark::choice::{
    Choice, GpuSpeed, SHORTEST_GPU_START_S, adapter_name, choose as soonest, cpu_points_per_second, gpu_speed,
    interpolated_points_per_second,
};
use crate::rates::gpu::{AdapterChoice, GpuEngine, self_test};
use crate::scan::{Device, Fallback, Gpu, Plane, ProfileOn, why_not_on_gpu};
use crate::{Error, Result};

use super::args::{EngineArg, ProfileArg, RatesArg};
use super::measured::Measured;

/// What the user said about engines.
#[derive(Clone, Copy)]
pub struct Wish<'a> {
    pub engine: EngineArg,
    pub profile: ProfileArg,
    pub rates: RatesArg,
    pub adapter: Option<&'a str>,
    /// Whether the CPU may interpolate.
    pub interpolate: bool,
}

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

impl Wish<'_> {
    /// Refuses what contradicts itself.
    ///
    /// # Errors
    /// A place for the minimisation without a GPU; rates that the engine does not have in that place.
    pub fn validate(&self) -> Result<()> {
        let without_gpu = matches!(self.engine, EngineArg::Cpu | EngineArg::Reference);
        if without_gpu && self.profile == ProfileArg::Gpu {
            return Err(Error::out_of_range("--profile", "gpu", "cpu or auto where --engine is not gpu or auto"));
        }
        let refused = match (self.engine, self.profile, self.rates) {
            (EngineArg::Cpu, _, RatesArg::Direct) => Some("polynomial or auto where --engine is cpu"),
            (EngineArg::Reference, _, RatesArg::Polynomial) => Some("direct or auto where --engine is reference"),
            (EngineArg::Gpu | EngineArg::Auto, ProfileArg::Gpu, RatesArg::Direct) => {
                Some("polynomial or auto where --profile is gpu")
            }
            (EngineArg::Gpu | EngineArg::Auto, ProfileArg::Cpu, RatesArg::Polynomial) => {
                Some("direct or auto where --profile is cpu")
            }
            _ => None,
        };
        let Some(bound) = refused else { return Ok(()) };
        let typed = if self.rates == RatesArg::Direct { "direct" } else { "polynomial" };
        Err(Error::out_of_range("--rates", typed, bound))
    }

    /// The form of a GPU: each has its own rates.
    fn form(&self) -> Option<ProfileOn> {
        match (self.profile, self.rates) {
            (ProfileArg::Auto, RatesArg::Auto) => None,
            (ProfileArg::Cpu, _) | (_, RatesArg::Direct) => Some(ProfileOn::Cpu),
            (ProfileArg::Gpu, _) | (_, RatesArg::Polynomial) => Some(ProfileOn::Gpu),
        }
    }
}

/// Takes an engine. `auto` never fails: what is wrong with a GPU is said in the reason.
///
/// # Errors
/// With `gpu`: no adapter, or one that fails its self-test.
pub fn choose(wish: Wish, analysis: &Analysis, plane: &Plane) -> Result<Chosen> {
    match wish.engine {
        EngineArg::Reference => {
            Ok(Chosen { engine: Engine::Reference, reason: "engine: reference (asked for)".to_owned() })
        }
        EngineArg::Cpu => Ok(Chosen::cpu(wish.interpolate, "asked for")),
        EngineArg::Gpu => {
            let gpu = open(&AdapterChoice::explicit(wish.adapter))?;
            Ok(Chosen::gpu(gpu, wish.form().unwrap_or(ProfileOn::Gpu), Fallback::None, "asked for"))
        }
        EngineArg::Auto => Ok(automatic(wish, analysis, plane)),
    }
}

fn automatic(wish: Wish, analysis: &Analysis, plane: &Plane) -> Chosen {
    // Nothing is to be measured then.
    if let Some(why) = why_not_on_gpu(analysis) {
        return Chosen::cpu(wish.interpolate, why);
    }
    let points = plane.points();
    let mut cpu = cpu_points_per_second(analysis, plane);
    if wish.interpolate && points as f64 / cpu >= SHORTEST_GPU_START_S {
        cpu = cpu.max(interpolated_points_per_second(analysis, plane));
    }
    let cpu_s = points as f64 / cpu;
    let on_cpu = |reason: String| Chosen::cpu(wish.interpolate, reason);
    if cpu_s < SHORTEST_GPU_START_S && wish.adapter.is_none() {
        return on_cpu(format!("{points} points take it {cpu_s:.2} s, sooner than a GPU starts"));
    }
    let admitted = AdapterChoice::auto(wish.adapter);
    let mut measured = Measured::load(analysis, &admitted);
    let known = measured.speed().map(|speed| soonest(points, cpu, speed, wish.form()));
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
    let Some(choice) = measured.speed().map(|speed: &GpuSpeed| soonest(points, cpu, speed, wish.form())) else {
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
