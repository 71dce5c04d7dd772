//! Adapters and devices: what there is, which to take, and how each failure becomes a value.

use super::adapter::{AdapterChoice, AdapterInfo, Opening};
use crate::{Error, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one submission may take before the device counts as hung, queueing behind others included.
const PATIENCE: Duration = Duration::from_secs(120);
/// Work of one submission, in multiplications and additions. Drivers reset a GPU that computes for seconds; this is
/// 100 ms at 8e11 a second, which every discrete GPU of the last ten years exceeds, and enough to fill a large one.
const WORK_PER_SUBMIT: u64 = 80_000_000_000;
/// The same on software adapters and on GPUs that share the CPU's memory.
const WORK_PER_SUBMIT_SLOW: u64 = 1_000_000_000;
/// How often a wait looks whether the device was lost meanwhile.
const HEARTBEAT: Duration = Duration::from_millis(500);

impl AdapterChoice {
    fn admits(&self, info: &AdapterInfo) -> bool {
        let named = match &self.name {
            None => true,
            Some(name) => match name.parse::<usize>() {
                Ok(index) => index == info.index,
                Err(_) => {
                    let name = name.to_lowercase();
                    info.name.to_lowercase().contains(&name) || info.pci_bus_id.to_lowercase().contains(&name)
                }
            },
        };
        named && (info.hardware || self.allow_software)
    }
}

/// All adapters, in the order in which the drivers name them. Empty without a driver.
pub fn adapters() -> Vec<AdapterInfo> {
    enumerate(&mut Opening::default()).into_iter().map(|(info, _)| info).collect()
}

fn enumerate(opening: &mut Opening) -> Vec<(AdapterInfo, wgpu::Adapter)> {
    let begun = Instant::now();
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = wgpu::Backends::PRIMARY.with_env();
    descriptor.flags = wgpu::InstanceFlags::empty();
    let backends = descriptor.backends;
    let instance = wgpu::Instance::new(descriptor);
    opening.instance_s = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let adapters = pollster::block_on(instance.enumerate_adapters(backends));
    let found = adapters.into_iter().enumerate().map(|(index, adapter)| (describe(index, &adapter), adapter)).collect();
    opening.adapters_s = begun.elapsed().as_secs_f64();
    found
}

fn describe(index: usize, adapter: &wgpu::Adapter) -> AdapterInfo {
    let (info, limits) = (adapter.get_info(), adapter.limits());
    let (device_type, hardware) = match info.device_type {
        wgpu::DeviceType::DiscreteGpu => ("discrete", true),
        wgpu::DeviceType::IntegratedGpu => ("integrated", true),
        wgpu::DeviceType::VirtualGpu => ("virtual", true),
        wgpu::DeviceType::Cpu => ("cpu", false),
        wgpu::DeviceType::Other => ("other", false),
    };
    AdapterInfo {
        index,
        name: info.name,
        backend: info.backend.to_str().to_owned(),
        device_type,
        hardware,
        driver: info.driver,
        driver_info: info.driver_info,
        pci_bus_id: info.device_pci_bus_id,
        max_storage_binding_bytes: limits.max_storage_buffer_binding_size,
        max_uniform_binding_bytes: limits.max_uniform_buffer_binding_size,
        max_workgroups_per_dimension: limits.max_compute_workgroups_per_dimension,
    }
}

/// What went wrong on a device outside any error scope; the first cause is kept.
#[derive(Debug, Default)]
struct Fault(Mutex<Option<String>>);

impl Fault {
    fn record(&self, reason: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(reason);
    }

    fn reason(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Whether a buffer was mapped; filled in by the driver's callback.
#[derive(Debug, Clone, Default)]
pub struct Receipt(Arc<AtomicU8>);

impl Receipt {
    const MAPPED: u8 = 1;
    const FAILED: u8 = 2;

    /// The callback for `map_async`.
    pub fn callback(&self) -> impl FnOnce(Result<(), wgpu::BufferAsyncError>) + Send + 'static {
        let state = self.0.clone();
        move |result| state.store(if result.is_ok() { Self::MAPPED } else { Self::FAILED }, Ordering::Release)
    }
}

/// An open device.
#[derive(Debug)]
pub struct Context {
    /// Its adapter.
    pub info: AdapterInfo,
    /// What its start took.
    pub opening: Opening,
    /// The device.
    pub device: wgpu::Device,
    /// Its queue.
    pub queue: wgpu::Queue,
    fault: Arc<Fault>,
}

impl Context {
    /// Opens the best adapter that the choice admits: discrete, virtual, integrated, then software.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is none, [`Error::Device`] if it does not open.
    pub fn open(choice: &AdapterChoice) -> Result<Context> {
        let mut opening = Opening::default();
        let (found, adapters): (Vec<_>, Vec<_>) = enumerate(&mut opening).into_iter().unzip();
        let rank =
            |info: &AdapterInfo| ["discrete", "virtual", "integrated"].iter().position(|t| *t == info.device_type);
        let best = found.iter().filter(|info| choice.admits(info)).min_by_key(|info| rank(info).unwrap_or(usize::MAX));
        let Some(best) = best else { return Err(Error::NoAdapter { reason: why_none(choice, &found) }) };
        let adapter = &adapters[best.index];
        let fault = Arc::new(Fault::default());
        let begun = Instant::now();
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("cevscan"),
            required_features: adapter.features() & wgpu::Features::TIMESTAMP_QUERY,
            required_limits: limits(&adapter.limits()),
            ..Default::default()
        }))
        .map_err(|error| Error::Device {
            adapter: best.name.clone(),
            action: "opening the device",
            reason: error.to_string(),
        })?;
        opening.device_s = begun.elapsed().as_secs_f64();
        let uncaptured = fault.clone();
        device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| uncaptured.record(one_line(&error.to_string()))));
        let lost = fault.clone();
        device.set_device_lost_callback(move |reason, message| {
            lost.record(one_line(&format!("the device was lost ({reason:?}) {message}")));
        });
        Ok(Context { info: best.clone(), opening, device, queue, fault })
    }

    /// An [`Error::Device`] of this adapter.
    pub fn error(&self, action: &'static str, reason: impl Into<String>) -> Error {
        Error::Device { adapter: self.info.name.clone(), action, reason: reason.into() }
    }

    /// Work of one submission, in multiplications and additions.
    pub(crate) fn work_per_submit(&self) -> u64 {
        if self.info.device_type == "discrete" { WORK_PER_SUBMIT } else { WORK_PER_SUBMIT_SLOW }
    }

    /// The error of results that no shader wrote.
    pub fn unwritten(&self) -> Error {
        self.error("reading results", "the shader left results unwritten")
    }

    /// Fails if anything has gone wrong on the device so far.
    pub fn check(&self, action: &'static str) -> Result<()> {
        match self.fault.reason() {
            None => Ok(()),
            Some(reason) => Err(self.error(action, reason)),
        }
    }

    /// Runs `work` and turns what the device complains about into an error: refused memory, a shader that does not
    /// compile, a lost device.
    pub(crate) fn scoped<T>(&self, action: &'static str, work: impl FnOnce(&wgpu::Device) -> T) -> Result<T> {
        let memory = self.device.push_error_scope(wgpu::ErrorFilter::OutOfMemory);
        let internal = self.device.push_error_scope(wgpu::ErrorFilter::Internal);
        let validation = self.device.push_error_scope(wgpu::ErrorFilter::Validation);
        let made = work(&self.device);
        for scope in [validation, internal, memory] {
            if let Some(error) = pollster::block_on(scope.pop()) {
                return Err(self.error(action, one_line(&error.to_string())));
            }
        }
        self.check(action)?;
        Ok(made)
    }

    /// Waits until a submission is done and its buffer mapped.
    pub fn wait(&self, action: &'static str, submission: &wgpu::SubmissionIndex, receipt: &Receipt) -> Result<()> {
        let begun = Instant::now();
        loop {
            match receipt.0.load(Ordering::Acquire) {
                Receipt::MAPPED => return self.check(action),
                Receipt::FAILED => {
                    self.check(action)?;
                    return Err(self.error(action, "the results could not be mapped"));
                }
                _ => self.check(action)?,
            }
            if begun.elapsed() > PATIENCE {
                return Err(self.error(action, format!("no answer within {} s", PATIENCE.as_secs())));
            }
            let request = wgpu::PollType::Wait { submission_index: Some(submission.clone()), timeout: Some(HEARTBEAT) };
            // wgpu panics in poll() when a driver reports a lost device there; that too ends as a value.
            match catch_unwind(AssertUnwindSafe(|| self.device.poll(request))) {
                Ok(Ok(_) | Err(wgpu::PollError::Timeout)) => {}
                Ok(Err(error)) => return Err(self.error(action, error.to_string())),
                Err(_) => {
                    self.fault.record("the device was lost while it was waited for".to_owned());
                    return self.check(action);
                }
            }
        }
    }
}

/// Why a choice admits nothing.
fn why_none(choice: &AdapterChoice, found: &[AdapterInfo]) -> String {
    if found.is_empty() {
        return "no driver offers an adapter".to_owned();
    }
    let names = found.iter().map(|info| format!("{} ({})", info.name, info.device_type)).collect::<Vec<_>>().join(", ");
    match &choice.name {
        Some(name) => {
            let kind = if choice.allow_software { "adapter" } else { "GPU" };
            format!("no {kind} matches '{name}'; found: {names}")
        }
        None => format!("only software adapters: {names}"),
    }
}

/// The limits to ask for: the least common ones, with those that matter here raised to what the adapter has.
fn limits(adapter: &wgpu::Limits) -> wgpu::Limits {
    wgpu::Limits {
        max_storage_buffer_binding_size: adapter.max_storage_buffer_binding_size,
        max_buffer_size: adapter.max_buffer_size,
        max_uniform_buffer_binding_size: adapter.max_uniform_buffer_binding_size,
        max_compute_workgroups_per_dimension: adapter.max_compute_workgroups_per_dimension,
        max_storage_buffers_per_shader_stage: adapter.max_storage_buffers_per_shader_stage.min(STORAGE_BUFFERS),
        min_uniform_buffer_offset_alignment: adapter.min_uniform_buffer_offset_alignment,
        ..wgpu::Limits::downlevel_defaults()
    }
}

/// Storage buffers that a shader binds at most.
const STORAGE_BUFFERS: u32 = 8;

/// A driver's message on one line.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
