//! `cevscan devices`.

use std::fmt::Write as _;

use serde::Serialize;

use cevscan::output::json;
use cevscan::rates::gpu::{AdapterChoice, AdapterInfo, GpuEngine, Opening, SelfTest, adapters, self_test};
use cevscan::{Error, Result};

use super::args::{DevicesArgs, TableOrJson};
use super::{FAILURE, SUCCESS, terminal};

/// One adapter and how its test went.
#[derive(Serialize)]
struct Device {
    #[serde(flatten)]
    adapter: AdapterInfo,
    /// What its start took, if it opened.
    start: Option<Opening>,
    /// What it found, if it passed.
    self_test: Option<SelfTest>,
    /// Why it failed, if it did.
    error: Option<String>,
}

pub fn run(args: &DevicesArgs) -> Result<u8> {
    if !cfg!(feature = "gpu") {
        return Err(Error::LeftOut { what: "the GPU engine", feature: "gpu" });
    }
    let devices: Vec<Device> = adapters().into_iter().map(tested).collect();
    terminal::result(&match args.format {
        TableOrJson::Json => json(&devices)?,
        TableOrJson::Table if devices.is_empty() => {
            "no GPU and no software adapter was found; the CPU engine needs neither\n".to_owned()
        }
        TableOrJson::Table => devices.iter().map(describe).collect(),
    })?;
    Ok(if devices.iter().any(|device| device.error.is_some()) { FAILURE } else { SUCCESS })
}

fn tested(adapter: AdapterInfo) -> Device {
    let choice = AdapterChoice { name: Some(adapter.index.to_string()), allow_software: true };
    let opened = GpuEngine::open(&choice);
    let start = opened.as_ref().ok().map(GpuEngine::opening);
    let (self_test, error) = match opened.and_then(|engine| self_test(&engine)) {
        Ok(passed) => (Some(passed), None),
        Err(error) => (None, Some(error.to_string())),
    };
    Device { adapter, start, self_test, error }
}

fn describe(device: &Device) -> String {
    let Device { adapter, start, self_test, error } = device;
    let mut text = String::new();
    let kind = if adapter.hardware { "GPU" } else { "software, for correctness only" };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}: {}", adapter.index, adapter.name);
    let _ = writeln!(text, "   kind       {} ({kind})", adapter.device_type);
    let _ = writeln!(text, "   driver     {} {} ({})", adapter.driver, adapter.driver_info, adapter.backend);
    let mib = |bytes: u64| bytes as f64 / f64::from(1u32 << 20);
    let _ = writeln!(
        text,
        "   limits     storage binding {:.0} MiB, uniform binding {:.3} MiB, {} workgroups a dimension",
        mib(adapter.max_storage_binding_bytes),
        mib(adapter.max_uniform_binding_bytes),
        adapter.max_workgroups_per_dimension
    );
    if let Some(Opening { instance_s, adapters_s, device_s }) = start {
        let _ = writeln!(
            text,
            "   start      {:.3} s: drivers {instance_s:.3}, adapters {adapters_s:.3}, device {device_s:.3}",
            instance_s + adapters_s + device_s
        );
    }
    match (self_test, error) {
        (Some(test), _) => {
            let _ = writeln!(
                text,
                "   self-test  passed: {} points within {:.1e} of f64, {:.3} s",
                test.points, test.deviation, test.elapsed_s
            );
        }
        (None, Some(error)) => {
            let _ = writeln!(text, "   self-test  FAILED: {error}");
        }
        (None, None) => {}
    }
    text
}
