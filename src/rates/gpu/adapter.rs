//! Adapters in words: what was found, what is wanted, what opening it took.

use serde::Serialize;

/// Selects an adapter when no `--adapter` is given: part of its name, or its number.
pub const ADAPTER_VARIABLE: &str = "CEVSCAN_ADAPTER";
/// One adapter as found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AdapterInfo {
    /// Number in the list, from 0.
    pub index: usize,
    /// The driver's name for it.
    pub name: String,
    /// Graphics interface: "vulkan", "metal", "dx12".
    pub backend: String,
    /// "discrete", "integrated", "virtual", "cpu" or "other".
    pub device_type: &'static str,
    /// Whether it is a GPU; software adapters are not, and `--engine auto` never takes them.
    pub hardware: bool,
    /// Driver.
    pub driver: String,
    /// Its version.
    pub driver_info: String,
    /// Bus address, where known.
    pub pci_bus_id: String,
    /// Largest buffer that a shader can write to, in bytes.
    pub max_storage_binding_bytes: u64,
    /// Largest constant table, in bytes.
    pub max_uniform_binding_bytes: u64,
    /// Largest number of workgroups in one dimension.
    pub max_workgroups_per_dimension: u32,
}

impl AdapterInfo {
    /// Its name with all that tells its results and its speed from those of another.
    pub fn with_driver(&self) -> String {
        format!("{} ({} {}, {})", self.name, self.driver, self.driver_info, self.backend)
    }
}

/// Which adapter to take.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AdapterChoice {
    /// Its number in the list, or a part of its name or bus address in any case; the best one if not given.
    pub name: Option<String>,
    /// Whether a software adapter will do where there is no hardware.
    pub allow_software: bool,
}

impl AdapterChoice {
    /// What `--engine auto` takes: hardware only.
    pub fn auto(argument: Option<&str>) -> AdapterChoice {
        AdapterChoice { name: requested(argument), allow_software: false }
    }

    /// What `--engine gpu` takes: hardware first, else software.
    pub fn explicit(argument: Option<&str>) -> AdapterChoice {
        AdapterChoice { name: requested(argument), allow_software: true }
    }
}

/// The user's word for an adapter: the argument, else the environment variable [`ADAPTER_VARIABLE`].
fn requested(argument: Option<&str>) -> Option<String> {
    argument.map(str::to_owned).or_else(|| std::env::var(ADAPTER_VARIABLE).ok()).filter(|name| !name.is_empty())
}

/// What the start of a device takes (s).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Opening {
    /// Loading the drivers.
    pub instance_s: f64,
    /// Asking them for their adapters.
    pub adapters_s: f64,
    /// Opening the device.
    pub device_s: f64,
}

/// Keeps Mesa's device-select layer quiet: without a desktop session it writes "XDG_RUNTIME_DIR is invalid" to stderr
/// for each list of adapters. Only an environment variable reaches it.
///
/// # Safety
/// As for [`std::env::set_var`]: call it first thing in `main`, while the process has one thread.
#[allow(unsafe_code, reason = "setting an environment variable is the layer's only switch")]
pub unsafe fn quiet_vulkan_loader() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() && std::env::var_os("NODEVICE_SELECT").is_none() {
        // SAFETY: the caller vouches that no other thread runs.
        unsafe { std::env::set_var("NODEVICE_SELECT", "1") };
    }
}
