//! What makes toys, and why.

use std::time::Instant;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::coverage::Device;
use crate::benchmark::choice::{SHORTEST_GPU_START_S, choose as soonest};
use crate::benchmark::toys::{are_drawn, cpu_sample, cpu_toys_per_second, gpu_toys_speed};
use crate::rates::gpu::{AdapterChoice, GpuEngine};
use crate::scan::{ProfileOn, open_gpu};

use super::args::ToyEngineArg;
use super::measured::Measured;

/// The engine taken, with a line for the user.
pub struct Chosen {
    gpu: Option<Box<GpuEngine>>,
    /// Whether the CPU takes over when it fails.
    fallback: bool,
    /// What and why.
    pub reason: String,
}

impl Chosen {
    /// For the toys.
    pub fn device(&self) -> Device<'_> {
        match &self.gpu {
            Some(engine) => Device::Gpu { engine, fallback: self.fallback },
            None => Device::Cpu,
        }
    }

    fn cpu(reason: impl AsRef<str>) -> Chosen {
        Chosen { gpu: None, fallback: false, reason: format!("engine: cpu ({})", reason.as_ref()) }
    }

    fn gpu(engine: GpuEngine, fallback: bool, reason: impl AsRef<str>) -> Chosen {
        let reason = format!("engine: gpu ({}; {})", engine.adapter().name, reason.as_ref());
        Chosen { gpu: Some(Box::new(engine)), fallback, reason }
    }
}

/// Takes an engine for so many toys. `auto` never fails: what is wrong with a GPU is said in the reason.
///
/// # Errors
/// With `gpu`: no adapter, or one that fails its self-test.
pub fn choose(wish: ToyEngineArg, adapter: Option<&str>, analysis: &Analysis, toys: usize) -> Result<Chosen> {
    match wish {
        ToyEngineArg::Cpu => Ok(Chosen::cpu("asked for")),
        ToyEngineArg::Gpu if !are_drawn(analysis) => {
            Ok(Chosen::cpu("in the place of the gpu asked for: toys of shared nuisance parameters are fitted there"))
        }
        ToyEngineArg::Gpu => Ok(Chosen::gpu(open_gpu(&AdapterChoice::explicit(adapter))?, false, "asked for")),
        ToyEngineArg::Auto => automatic(adapter, analysis, toys),
    }
}

fn automatic(adapter: Option<&str>, analysis: &Analysis, toys: usize) -> Result<Chosen> {
    if toys <= cpu_sample() && adapter.is_none() {
        return Ok(Chosen::cpu(format!("{toys} toys are too few for another")));
    }
    let cpu = cpu_toys_per_second(analysis)?;
    let cpu_s = toys as f64 / cpu;
    if cpu_s < SHORTEST_GPU_START_S && adapter.is_none() {
        return Ok(Chosen::cpu(format!("{toys} toys take it {cpu_s:.2} s, sooner than a GPU starts")));
    }
    let admitted = AdapterChoice::auto(adapter);
    let mut measured = Measured::of_toys(analysis, &admitted);
    let form = Some(ProfileOn::Gpu);
    let expected = |gpu_s: f64| format!("cpu {cpu_s:.2} s, gpu {gpu_s:.2} s expected");
    if let Some(choice) = measured.speed().map(|speed| soonest(toys, cpu, speed, form)).filter(|own| own.gpu.is_none())
    {
        return Ok(Chosen::cpu(format!("{}, measured before", expected(choice.gpu_s))));
    }
    let opening = Instant::now();
    let gpu = match open_gpu(&admitted) {
        Ok(gpu) => gpu,
        Err(error) => return Ok(Chosen::cpu(error.to_string())),
    };
    let opening_s = opening.elapsed().as_secs_f64();
    let mut when = "measured before";
    if measured.speed().is_none_or(|speed| speed.adapter != gpu.adapter().with_driver()) {
        match gpu_toys_speed(analysis, &gpu, opening_s) {
            Ok(speed) => when = measured.keep(speed),
            Err(error) => return Ok(Chosen::cpu(error.to_string())),
        }
    }
    let Some(choice) = measured.speed().map(|speed| soonest(toys, cpu, speed, form)) else {
        return Ok(Chosen::cpu("nothing was measured"));
    };
    let reason = format!("{}, {when}", expected(choice.gpu_s));
    Ok(if choice.gpu.is_some() { Chosen::gpu(gpu, true, reason) } else { Chosen::cpu(reason) })
}
