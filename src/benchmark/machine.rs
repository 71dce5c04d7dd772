//! The machine that a measurement was made on.

use serde::Serialize;

use crate::base::simd::SimdLevel;

/// What a reader must know to compare figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Machine {
    /// Name of the CPU; its architecture where the system does not tell.
    pub cpu: String,
    /// Hardware threads that this process may use.
    pub hardware_threads: usize,
    /// Best vector instructions.
    pub simd: String,
    /// Operating system and architecture.
    pub platform: String,
    /// Program and version.
    pub program: String,
}

impl Machine {
    /// This one.
    pub fn here() -> Machine {
        Machine {
            cpu: cpu_name().unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
            hardware_threads: std::thread::available_parallelism().map_or(1, usize::from),
            simd: SimdLevel::detect().to_string(),
            platform: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            program: format!("cevscan {}", env!("CARGO_PKG_VERSION")),
        }
    }
}

/// As Linux tells it.
fn cpu_name() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
