//! The engine: an open device that prepares plans.

use super::adapter::{AdapterChoice, AdapterInfo, Opening};
use super::bindings::{buffer, pipeline, storage, uniform};
use super::buffer_set::BufferSet;
use super::context::Context;
use super::layout::Exchange;
use super::shader::{POINTS_PER_INVOCATION, WORKGROUP};
use super::tables::{TableLimits, Tables};
use super::wgsl::text;
use crate::rates::{Engine, Rates, plan::Plan};
use crate::{Error, Result};
use std::sync::{Mutex, PoisonError};

/// Largest buffer of counts, in bytes.
const COUNTS_BYTES: u64 = 64 << 20;
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

    /// What the start of the device took.
    pub fn opening(&self) -> Opening {
        self.context.opening
    }

    /// Prepares a plan; [`Engine::prepare`] without the box.
    ///
    /// # Errors
    /// When the plan is not sound, or the device refuses memory or does not compile the shader.
    pub fn rates<'a>(&'a self, plan: &'a Plan) -> Result<GpuRates<'a>> {
        GpuRates::new(&self.context, plan)
    }

    /// The open device, for what computes beside rates.
    pub(crate) fn context(&self) -> &Context {
        &self.context
    }

    /// Size of the largest table that shaders may hold in constant memory, in bytes.
    pub(crate) fn uniform_bytes(&self) -> usize {
        uniform_bytes(&self.context.device.limits())
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
                uniform_bytes: uniform_bytes(&device_limits),
                uniform_alignment: device_limits.min_uniform_buffer_offset_alignment as usize,
            },
        )?;
        let chunk = chunk(context, &device_limits, plan, &tables)?;
        let (slice_layout, chunk_layout) = context.scoped("laying out the tables", layouts)?;
        let pipeline = context.scoped("compiling the shader", |device| {
            pipeline(device, "rates", &text(&tables.variant.lines()), &[Some(&slice_layout), Some(&chunk_layout)])
        })?;
        let slice_group = context.scoped("uploading the tables", |device| {
            let usage = wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST;
            let slices = buffer(device, "slices", (tables.slices * tables.stride) as u64, usage);
            context.queue.write_buffer(&slices, 0, &tables.bytes);
            let binding = wgpu::BufferBinding {
                buffer: &slices,
                offset: 0,
                size: std::num::NonZeroU64::new(tables.slice_bytes as u64),
            };
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("slice"),
                layout: &slice_layout,
                entries: &[wgpu::BindGroupEntry { binding: 0, resource: wgpu::BindingResource::Buffer(binding) }],
            })
        })?;
        let free = Mutex::new(Vec::new());
        Ok(GpuRates { context, plan, tables, pipeline, slice_group, chunk_layout, chunk, skipped_slices: 0, free })
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

    /// Size of the counts of so many points, in bytes.
    pub(super) fn counts_bytes(&self, points: usize) -> u64 {
        (points * self.plan.channels() * size_of::<u32>()) as u64
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
                let capacity = points.next_power_of_two().clamp(POINTS_PER_INVOCATION, self.chunk);
                let capacity = capacity.next_multiple_of(POINTS_PER_INVOCATION);
                let terms = self.tables.variant.terms();
                BufferSet::new(self.context, &self.chunk_layout, terms, capacity, self.counts_bytes(capacity))
            }
        }
    }

    /// Gives a set back that the device no longer uses.
    pub(super) fn return_set(&self, set: BufferSet) {
        self.free.lock().unwrap_or_else(PoisonError::into_inner).push(set);
    }
}

/// Size of the largest table in constant memory, in bytes.
fn uniform_bytes(limits: &wgpu::Limits) -> usize {
    limits.max_uniform_buffer_binding_size.min(UNIFORM_BYTES) as usize
}

/// Most points of one submission: by work, by memory, and by what can be bound; a multiple of four.
fn chunk(context: &Context, limits: &wgpu::Limits, plan: &Plan, tables: &Tables) -> Result<usize> {
    let work = context.work_per_submit();
    let bytes = (plan.channels() * size_of::<u32>()) as u64;
    let exchanges = (tables.variant.terms() * size_of::<Exchange>() / POINTS_PER_INVOCATION) as u64;
    let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let per_dimension = u64::from(limits.max_compute_workgroups_per_dimension);
    let invocations = (per_dimension * per_dimension * u64::from(WORKGROUP)).min(u64::from(u32::MAX) / 2);
    let quad = POINTS_PER_INVOCATION as u64;
    let most = (binding / bytes).min(binding / exchanges).min(invocations).min(u64::from(u32::MAX) / bytes);
    if most < quad {
        return Err(Error::out_of_range("number of counts per point", plan.channels(), "fewer for this GPU's memory"));
    }
    let wanted = (work / tables.work_per_point.max(1)).min(COUNTS_BYTES / bytes).max(quad);
    Ok((wanted.min(most) / quad * quad) as usize)
}

/// Layouts of bind group 0 (a slice) and 1 (a chunk); explicit, as a derived one drops what a variant does not use.
fn layouts(device: &wgpu::Device) -> (wgpu::BindGroupLayout, wgpu::BindGroupLayout) {
    let layout = |label, entries: &[_]| {
        device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
    };
    let chunk = [uniform(0, false), storage(1, true), storage(2, false)];
    (layout("slice", &[uniform(0, true)]), layout("chunk", &chunk))
}
