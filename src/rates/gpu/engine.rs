//! The engine: an open device that prepares plans.

use super::batch::{BufferSet, GpuBatch};
use super::context::{AdapterChoice, AdapterInfo, Context};
use super::layout::Exchange;
use super::shader::{POINTS_PER_INVOCATION, SENTINEL, WORKGROUP};
use super::tables::{TableLimits, Tables};
use crate::rates::{self, Engine, Point, Rates, plan::Plan};
use crate::{Error, Result};
use std::sync::{Mutex, PoisonError};

/// Work of one submission, in multiplications and additions. Drivers reset a GPU that computes for seconds; this is
/// below 100 ms at 4e10 a second.
const WORK_PER_SUBMIT: u64 = 4_000_000_000;
/// The same on software adapters and on GPUs that share the CPU's memory.
const WORK_PER_SUBMIT_SLOW: u64 = 1_000_000_000;
/// Largest buffer of counts, in bytes.
const COUNTS_BYTES: u64 = 64 << 20;
/// Length of the buffer of [`SENTINEL`]s, copied as often as needed, in bytes.
pub(super) const SENTINELS_BYTES: u64 = 1 << 20;
/// Constant tables are kept within what every GPU has, in bytes.
const UNIFORM_BYTES: u64 = 64 << 10;

/// A device that evaluates plans in f32.
#[derive(Debug)]
pub struct GpuEngine {
    context: Context,
}

impl GpuEngine {
    /// Opens the best adapter that the choice admits.
    ///
    /// # Errors
    /// [`Error::NoAdapter`] if there is none, [`Error::Device`] if it does not open.
    pub fn open(choice: &AdapterChoice) -> Result<GpuEngine> {
        Ok(GpuEngine { context: Context::open(choice)? })
    }

    /// The adapter in use.
    pub fn adapter(&self) -> &AdapterInfo {
        &self.context.info
    }

    /// Prepares a plan; [`Engine::prepare`] without the box.
    ///
    /// # Errors
    /// When the plan is not sound, or the device refuses memory or does not compile the shader.
    pub fn rates<'a>(&'a self, plan: &'a Plan) -> Result<GpuRates<'a>> {
        GpuRates::new(&self.context, plan)
    }

    /// Takes the device away, as a driver that resets it would. For tests.
    #[doc(hidden)]
    pub fn destroy_device(&self) {
        self.context.device.destroy();
    }
}

impl Engine for GpuEngine {
    fn describe(&self) -> String {
        format!("gpu ({}, {})", self.context.info.name, self.context.info.backend)
    }

    fn prepare<'a>(&'a self, plan: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        Ok(Box::new(self.rates(plan)?))
    }
}

/// A plan on the device.
#[derive(Debug)]
pub struct GpuRates<'a> {
    pub(super) context: &'a Context,
    pub(super) plan: &'a Plan,
    pub(super) tables: Tables,
    pub(super) pipeline: wgpu::ComputePipeline,
    /// Bind group 0: a slice, chosen by its offset.
    pub(super) slice_group: wgpu::BindGroup,
    /// Layout of bind group 1: what changes from chunk to chunk.
    pub(super) chunk_layout: wgpu::BindGroupLayout,
    /// [`SENTINEL`] in every word; [`SENTINELS_BYTES`] long.
    pub(super) sentinels: wgpu::Buffer,
    /// Most points of one submission.
    pub(super) chunk: usize,
    /// Slices left out, from the first; 0 but in tests.
    pub(super) skipped_slices: usize,
    free: Mutex<Vec<BufferSet>>,
}

impl<'a> GpuRates<'a> {
    fn new(context: &'a Context, plan: &'a Plan) -> Result<GpuRates<'a>> {
        let device_limits = context.device.limits();
        let tables = Tables::new(
            plan,
            TableLimits {
                uniform_bytes: device_limits.max_uniform_buffer_binding_size.min(UNIFORM_BYTES) as usize,
                uniform_alignment: device_limits.min_uniform_buffer_offset_alignment as usize,
            },
        )?;
        let chunk = chunk(context, &device_limits, plan, &tables)?;
        let (slice_layout, chunk_layout) = context.scoped("laying out the tables", layouts)?;
        let pipeline = context.scoped("compiling the shader", |device| {
            pipeline(device, &tables.variant.source(), &[Some(&slice_layout), Some(&chunk_layout)])
        })?;
        let (slice_group, sentinels) = context.scoped("uploading the tables", |device| {
            let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
            let slices = buffer(device, "slices", (tables.slices * tables.stride) as u64, usage);
            context.queue.write_buffer(&slices, 0, &tables.bytes);
            let binding = wgpu::BufferBinding {
                buffer: &slices,
                offset: 0,
                size: std::num::NonZeroU64::new(tables.slice_bytes as u64),
            };
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("slice"),
                layout: &slice_layout,
                entries: &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(binding) }],
            });
            let usage = wgpu::BufferUsages::COPY_SRC | wgpu::BufferUsages::COPY_DST;
            let sentinels = buffer(device, "sentinels", SENTINELS_BYTES, usage);
            let words = vec![SENTINEL; SENTINELS_BYTES as usize / size_of::<u32>()];
            context.queue.write_buffer(&sentinels, 0, bytemuck::cast_slice(&words));
            (group, sentinels)
        })?;
        let free = Mutex::new(Vec::new());
        Ok(GpuRates {
            context,
            plan,
            tables,
            pipeline,
            slice_group,
            chunk_layout,
            sentinels,
            chunk,
            skipped_slices: 0,
            free,
        })
    }

    /// Most points of one submission; longer batches are cut.
    pub fn chunk_points(&self) -> usize {
        self.chunk
    }

    /// Leaves out the first slices of the tables, as a driver that drops launches would. For tests.
    #[doc(hidden)]
    pub fn skip_slices(&mut self, slices: usize) {
        self.skipped_slices = slices;
    }

    /// A set of buffers for `points` points: one that was given back, or a new one.
    pub(super) fn take_set(&self, points: usize) -> Result<BufferSet> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = free.iter().position(|set| set.capacity >= points);
        match fitting.map(|index| free.swap_remove(index)) {
            Some(set) => Ok(set),
            None => {
                free.clear();
                drop(free);
                BufferSet::new(self, points.next_power_of_two().clamp(POINTS_PER_INVOCATION, self.chunk))
            }
        }
    }

    /// Gives a set back that the device no longer uses.
    pub(super) fn return_set(&self, set: BufferSet) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(set);
    }
}

impl Rates for GpuRates<'_> {
    fn submit<'b>(&'b self, points: &'b [Point]) -> Result<Box<dyn rates::Batch + 'b>> {
        Ok(Box::new(GpuBatch::start(self, points)?))
    }
}

/// Most points of one submission: by work, by memory, and by what can be bound; a multiple of four.
fn chunk(context: &Context, limits: &wgpu::Limits, plan: &Plan, tables: &Tables) -> Result<usize> {
    let work = if context.info.device_type == "discrete" { WORK_PER_SUBMIT } else { WORK_PER_SUBMIT_SLOW };
    let counts = (plan.channels() * size_of::<u32>()) as u64;
    let exchanges = (tables.variant.terms() * size_of::<Exchange>() / POINTS_PER_INVOCATION) as u64;
    let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let per_dimension = u64::from(limits.max_compute_workgroups_per_dimension);
    let invocations = (per_dimension * per_dimension * u64::from(WORKGROUP)).min(u64::from(u32::MAX) / 2);
    let quad = POINTS_PER_INVOCATION as u64;
    let most = (binding / counts).min(binding / exchanges).min(invocations * quad).min(u64::from(u32::MAX) / counts);
    if most < quad {
        return Err(Error::out_of_range("number of counts per point", plan.channels(), "fewer for this GPU's memory"));
    }
    let wanted = (work / tables.work_per_point.max(1)).min(COUNTS_BYTES / counts).max(quad);
    Ok((wanted.min(most) / quad * quad) as usize)
}

/// Layouts of bind group 0 (a slice) and 1 (a chunk); explicit, as a derived one drops what a variant does not use.
fn layouts(device: &wgpu::Device) -> (wgpu::BindGroupLayout, wgpu::BindGroupLayout) {
    let entry = |binding, ty, has_dynamic_offset| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset, min_binding_size: None },
        count: None,
    };
    let slice = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("slice"),
        entries: &[entry(0, wgpu::BufferBindingType::Uniform, true)],
    });
    let chunk = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
        label: Some("chunk"),
        entries: &[
            entry(0, wgpu::BufferBindingType::Uniform, false),
            entry(1, wgpu::BufferBindingType::Storage { read_only: true }, false),
            entry(2, wgpu::BufferBindingType::Storage { read_only: false }, false),
        ],
    });
    (slice, chunk)
}

fn pipeline(device: &wgpu::Device, source: &str, layouts: &[Option<&wgpu::BindGroupLayout>]) -> wgpu::ComputePipeline {
    let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
        label: Some("rates"),
        source: wgpu::ShaderSource::Wgsl(source.into()),
    });
    let layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
        label: Some("rates"),
        bind_group_layouts: layouts,
        immediate_size: 0,
    });
    device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
        label: Some("rates"),
        layout: Some(&layout),
        module: &module,
        entry_point: Some("rates"),
        compilation_options: wgpu::PipelineCompilationOptions::default(),
        cache: None,
    })
}

/// A buffer that the CPU does not map at once.
pub(super) fn buffer(device: &wgpu::Device, label: &str, size: u64, usage: wgpu::BufferUsages) -> wgpu::Buffer {
    device.create_buffer(&wgpu::BufferDescriptor { label: Some(label), size, usage, mapped_at_creation: false })
}
