//! Whole maps of `cevscan bench`, and the devices that make them.

use std::path::Path;
use std::process::{Command, Stdio};

use cevscan::benchmark::seconds_of;
use cevscan::scan::{Device, Plane, ProfileOn};
use cevscan::{Error, Result};

use super::args::{BenchArgs, Common};

/// The plane of all maps.
pub const MASS_MEV: (f64, f64) = (0.1, 1e4);
pub const COUPLING: (f64, f64) = (1e-6, 1.0);
/// A device and its name in tables.
pub struct Named<'a> {
    pub name: String,
    pub device: Device<'a>,
    /// Number of the adapter.
    pub adapter: Option<usize>,
}

impl Named<'_> {
    pub fn is_gpu(&self) -> bool {
        self.adapter.is_some()
    }
}

/// Whole maps, each by a process of its own.
pub struct Maps<'a> {
    pub args: &'a BenchArgs,
    pub common: &'a Common,
    pub folder: &'a Path,
}

impl Maps<'_> {
    pub fn seconds(&self, named: &Named, threads: usize, plane: &Plane) -> Result<f64> {
        let program = std::env::current_exe().map_err(Error::io("find", Path::new("this program")))?;
        let mut command = Command::new(&program);
        let grid = format!("{}x{}", plane.mass.len(), plane.coupling.len());
        let range = |(low, high): (f64, f64)| format!("{low:e}:{high:e}");
        command.args([
            "scan",
            "--quiet",
            "--fresh",
            "--model",
            &self.args.model,
            "--data",
            &self.args.data,
            "--grid",
            &grid,
        ]);
        command.args(self.args.parameters.words());
        command.args(["--mass", &range(MASS_MEV), "--coupling", &range(COUPLING), "--simd", &self.common.simd]);
        command.args(["--threads", &threads.to_string()]).arg("--out").arg(self.folder);
        match named.device {
            Device::Reference => command.args(["--engine", "reference"]),
            Device::Cpu => command.args(["--engine", "cpu", "--no-interpolation"]),
            Device::Interpolated => command.args(["--engine", "cpu"]),
            Device::Gpu(gpu) => {
                let profile = if gpu.profile == ProfileOn::Gpu { "gpu" } else { "cpu" };
                let adapter = named.adapter.unwrap_or(0).to_string();
                command.args(["--engine", "gpu", "--profile", profile, "--adapter", &adapter])
            }
        };
        command.stdin(Stdio::null()).stdout(Stdio::null());
        seconds_of(|| {
            let output = command.output().map_err(Error::io("start", &program))?;
            if output.status.success() {
                return Ok(());
            }
            let said = String::from_utf8_lossy(&output.stderr).trim().replace('\n', "; ");
            Err(Error::NotConverged { quantity: format!("a map by {}", named.name), reason: said })
        })
    }
}
