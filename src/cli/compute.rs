//! Which engine a scan takes, and why.

use cevscan::Result;
use cevscan::rates::gpu::{AdapterChoice, GpuEngine, self_test};

use super::args::EngineArg;

/// Below this many points a map takes less time on the CPU than a GPU takes to start.
const POINTS_WORTH_A_GPU: usize = 2_000_000;

/// The engine taken, with a line for the user.
pub struct Chosen {
    /// None: the CPU.
    pub gpu: Option<GpuEngine>,
    /// What and why.
    pub reason: String,
}

/// Takes an engine. `auto` never fails: what is wrong with a GPU is said in the reason.
///
/// # Errors
/// With `gpu`: no adapter, or one that fails its self-test.
pub fn choose(engine: EngineArg, adapter: Option<&str>, points: usize) -> Result<Chosen> {
    let cpu = |reason: String| Ok(Chosen { gpu: None, reason: format!("engine: cpu ({reason})") });
    match engine {
        EngineArg::Cpu => cpu("asked for".to_owned()),
        EngineArg::Gpu => {
            let gpu = open(&AdapterChoice::explicit(adapter))?;
            let reason = format!("engine: gpu ({}, asked for)", gpu.adapter().name);
            Ok(Chosen { gpu: Some(gpu), reason })
        }
        EngineArg::Auto if points < POINTS_WORTH_A_GPU && adapter.is_none() => {
            cpu(format!("{points} points are done before a GPU has started"))
        }
        EngineArg::Auto => match open(&AdapterChoice::auto(adapter)) {
            Ok(gpu) => {
                let reason = format!("engine: gpu ({}, passed its self-test)", gpu.adapter().name);
                Ok(Chosen { gpu: Some(gpu), reason })
            }
            Err(error) => cpu(error.to_string()),
        },
    }
}

fn open(choice: &AdapterChoice) -> Result<GpuEngine> {
    let gpu = GpuEngine::open(choice)?;
    self_test(&gpu)?;
    Ok(gpu)
}
