//! A mesh on a device, and launches of toys.

use super::drawn::{TILE, Words};
use super::shader::{RESULTS, Variant, WALKERS};
use super::shared::{self, Context, Receipt, UNWRITTEN, WORKGROUP, bind, buffer};
use super::{tables, wgsl};
use crate::rates::gpu::GpuEngine;
use crate::statistics::forms::mesh::{Lowest, Mesh, Where};
use crate::{Error, Result};
use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Most bytes of what the device keeps of the toys of one launch.
const SCRATCH_BYTES: u64 = 1 << 30;
/// What a wait is about, for messages.
const READING: &str = "reading results";
/// The passes, in their order.
const PASSES: [&str; 5] = ["prepare", "scan", "seeds", "descend", "finish"];
/// chi2 of a toy that is left to the CPU, and more than any chi2 (`shaders/toys.wgsl`).
const LEFT: f32 = -1.0;
const HUGE: f32 = 1e30;
/// Words of a tally.
const TALLY: usize = 4;

/// `Launch` of `shaders/toys.wgsl`.
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Launch {
    toys: u32,
    count: u32,
    walkers: u32,
    number: u32,
}

/// A mesh on a device.
#[derive(Debug)]
pub struct GpuMesh<'a> {
    context: &'a Context,
    mesh: &'a Mesh,
    variant: Variant,
    pipelines: Vec<wgpu::ComputePipeline>,
    table_group: wgpu::BindGroup,
    launch_layout: wgpu::BindGroupLayout,
    /// Most toys of a launch, whole tiles.
    capacity: usize,
    /// What launches use one after the other: walkers, fixed forms, notes.
    kept: [wgpu::Buffer; 3],
    launches: AtomicU32,
    free: Mutex<Vec<Buffers>>,
}

/// The buffers of one launch.
#[derive(Debug)]
struct Buffers {
    launch: wgpu::Buffer,
    drawn: wgpu::Buffer,
    results: wgpu::Buffer,
    tally: wgpu::Buffer,
    readback: wgpu::Buffer,
    group: wgpu::BindGroup,
}

/// What a device found of a toy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found {
    /// Its minima, in f32.
    Lowest(Lowest),
    /// It is for the CPU: nothing stood still, or a bin has nothing expected.
    Left,
}

impl<'a> GpuMesh<'a> {
    /// Uploads a mesh, and compiles the shader for it.
    ///
    /// # Errors
    /// A device that refuses, or has not the memory of one tile of toys.
    pub fn new(engine: &'a GpuEngine, mesh: &'a Mesh) -> Result<GpuMesh<'a>> {
        GpuMesh::with_tables(engine, mesh, mesh)
    }

    /// A mesh whose tables are those of another: shows that a comparison can fail. For tests.
    ///
    /// # Errors
    /// As for [`GpuMesh::new`].
    #[doc(hidden)]
    pub fn with_tables(engine: &'a GpuEngine, mesh: &'a Mesh, uploaded: &Mesh) -> Result<GpuMesh<'a>> {
        use wgpu::BufferUsages as Usage;
        let context = engine.context();
        let variant = tables::variant(mesh);
        let numbers = tables::numbers(uploaded);
        debug_assert_eq!(numbers.len(), variant.tables().1);
        let layout = |device: &wgpu::Device, label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let (table_layout, launch_layout) = context.scoped("laying out the tables", |device| {
            let written = (2..=6).map(|binding| shared::storage(binding, false));
            let launch: Vec<_> =
                [shared::uniform(0, false), shared::storage(1, true)].into_iter().chain(written).collect();
            (layout(device, "mesh", &[shared::storage(0, true)]), layout(device, "toys", &launch))
        })?;
        let text = wgsl::text(&variant.lines());
        let pipelines = context.scoped("compiling the shader", |device| {
            let layouts = [Some(&table_layout), Some(&launch_layout)];
            PASSES.iter().map(|pass| shared::pipeline(device, pass, &text, &layouts)).collect()
        })?;
        let table_group = context.scoped("uploading the tables", |device| {
            let bytes = bytemuck::cast_slice(&numbers);
            let table = buffer(device, "mesh", bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST);
            context.queue.write_buffer(&table, 0, bytes);
            bind(device, "mesh", &table_layout, &[&table])
        })?;
        let capacity = capacity(context, &variant)?;
        let [walkers, fixed] = variant.scratch();
        let kept = context.scoped("reserving memory", |device| {
            [walkers * WALKERS, fixed, variant.notes()]
                .map(|words| buffer(device, "walkers", bytes(words * capacity), Usage::STORAGE))
        })?;
        Ok(GpuMesh {
            context,
            mesh,
            variant,
            pipelines,
            table_group,
            launch_layout,
            capacity,
            kept,
            launches: AtomicU32::new(0),
            free: Mutex::new(Vec::new()),
        })
    }

    /// Most toys of a launch: whole tiles.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// How toys become words.
    pub fn words(&self) -> Words<'_> {
        Words::new(&self.mesh.layouts, &self.variant)
    }

    /// Starts so many toys, drawn in whole tiles of words. Two launches may be under way at once; no toy depends on the
    /// others.
    ///
    /// # Errors
    /// More toys than [`GpuMesh::capacity`], words for others; a device that is lost or out of memory.
    pub fn submit(&self, count: usize, words: &[u32]) -> Result<ToysBatch<'_>> {
        const ACTION: &str = "starting a computation";
        let tiles = count.div_ceil(TILE);
        if count == 0 || count > self.capacity || words.len() != tiles * self.words().of_tile() {
            let bound = format!("from 1 to {}, with their words", self.capacity);
            return Err(Error::out_of_range("number of toys of a launch", count, bound));
        }
        self.context.check(ACTION)?;
        let buffers = match self.free.lock().unwrap_or_else(PoisonError::into_inner).pop() {
            Some(buffers) => buffers,
            None => self.buffers()?,
        };
        let number = self.launches.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1);
        let toys = tiles * TILE;
        let launch = Launch { toys: toys as u32, count: count as u32, walkers: (toys * WALKERS) as u32, number };
        let result_bytes = bytes(RESULTS * toys);
        let receipt = Receipt::default();
        let submission = self.context.scoped(ACTION, |device| {
            let queue = &self.context.queue;
            queue.write_buffer(&buffers.launch, 0, bytemuck::bytes_of(&launch));
            queue.write_buffer(&buffers.drawn, 0, bytemuck::cast_slice(words));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("toys") });
            encoder.clear_buffer(&buffers.results, 0, Some(result_bytes));
            encoder.clear_buffer(&buffers.tally, 0, None);
            {
                let mut pass = encoder
                    .begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("toys"), timestamp_writes: None });
                pass.set_bind_group(0, &self.table_group, &[]);
                pass.set_bind_group(1, &buffers.group, &[]);
                let slots = WALKERS - 2;
                for (pipeline, layers) in self.pipelines.iter().zip([1, self.variant.scanned, 1, slots, 1]) {
                    pass.set_pipeline(pipeline);
                    pass.dispatch_workgroups((toys as u32).div_ceil(WORKGROUP), layers as u32, 1);
                }
            }
            encoder.copy_buffer_to_buffer(&buffers.results, 0, &buffers.readback, 0, result_bytes);
            encoder.copy_buffer_to_buffer(&buffers.tally, 0, &buffers.readback, result_bytes, bytes(TALLY));
            let submission = queue.submit([encoder.finish()]);
            buffers.readback.map_async(wgpu::MapMode::Read, 0..result_bytes + bytes(TALLY), receipt.callback());
            submission
        })?;
        Ok(ToysBatch { mesh: self, count, toys, buffers, number, submission, receipt })
    }

    fn buffers(&self) -> Result<Buffers> {
        use wgpu::BufferUsages as Usage;
        let (of_results, of_tally) = (bytes(RESULTS * self.capacity), bytes(TALLY));
        self.context.scoped("reserving memory", |device| {
            let written = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let launch = buffer(device, "launch", size_of::<Launch>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let words = self.words().length * self.capacity;
            let drawn = buffer(device, "drawn", bytes(words), Usage::STORAGE | Usage::COPY_DST);
            let results = buffer(device, "results", of_results, written);
            let tally = buffer(device, "tally", of_tally, written);
            let readback = buffer(device, "readback", of_results + of_tally, Usage::MAP_READ | Usage::COPY_DST);
            let [walkers, fixed, notes] = &self.kept;
            let bound = [&launch, &drawn, walkers, fixed, notes, &results, &tally];
            let group = bind(device, "toys", &self.launch_layout, &bound);
            Buffers { launch, drawn, results, tally, readback, group }
        })
    }
}

fn bytes(words: usize) -> u64 {
    (words * size_of::<u32>()) as u64
}

/// Most toys of a launch: by work, by memory, and by what can be bound.
fn capacity(context: &Context, variant: &Variant) -> Result<usize> {
    let limits = context.device.limits();
    let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let [walkers, fixed] = variant.scratch();
    let largest =
        [walkers * WALKERS, fixed, variant.notes(), variant.drawn().1, RESULTS].into_iter().max().unwrap_or(1);
    let by_memory = SCRATCH_BYTES.min(binding) / bytes(largest);
    let by_work = (context.work_per_submit() / variant.work().max(1)).max(TILE as u64);
    let most = by_memory.min(by_work).min(u64::from(limits.max_compute_workgroups_per_dimension) * TILE as u64);
    match most as usize / TILE * TILE {
        0 => Err(Error::out_of_range("number of bins", variant.drawn().1, "fewer for this GPU's memory")),
        capacity => Ok(capacity),
    }
}

/// Toys under way.
pub struct ToysBatch<'a> {
    mesh: &'a GpuMesh<'a>,
    count: usize,
    /// With those that fill the last tile.
    toys: usize,
    buffers: Buffers,
    number: u32,
    submission: wgpu::SubmissionIndex,
    receipt: Receipt,
}

impl ToysBatch<'_> {
    /// Waits, and says what was found of each toy.
    ///
    /// # Errors
    /// When the device failed: a value that no shader wrote never passes for a chi2.
    pub fn wait(self) -> Result<Vec<Found>> {
        let (mesh, context) = (self.mesh, self.mesh.context);
        context.wait(READING, &self.submission, &self.receipt)?;
        let found = {
            let view = self.buffers.readback.get_mapped_range(0..bytes(RESULTS * self.toys + TALLY));
            let view = view.map_err(|error| context.error(READING, error.to_string()))?;
            let words = bytemuck::try_cast_slice(&view).map_err(|error| context.error(READING, error.to_string()))?;
            self.read(words)
        };
        self.buffers.readback.unmap();
        mesh.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.buffers);
        found
    }

    fn read(&self, words: &[u32]) -> Result<Vec<Found>> {
        let (results, tally) = words.split_at(RESULTS * self.toys);
        let places = self.mesh.mesh.places() * self.count;
        if tally[2] != self.number || tally[1] as usize != self.count || tally[0] != places as u32 {
            return Err(self.mesh.context.unwritten());
        }
        let of_toy = |toy: usize| {
            let own: [u32; RESULTS] = std::array::from_fn(|word| results[word * self.toys + toy]);
            if own.contains(&UNWRITTEN) { Err(self.mesh.context.unwritten()) } else { Ok(self.found(own)) }
        };
        (0..self.count).into_par_iter().map(of_toy).collect()
    }

    fn found(&self, words: [u32; RESULTS]) -> Found {
        let number = |word: usize| f32::from_bits(words[word]);
        let [truth, standard, plane, row] = [0, 1, 2, 6].map(number);
        if truth == LEFT || ![truth, standard, plane, row].iter().all(|chi2| chi2.is_finite()) {
            return Found::Left;
        }
        let [chi2_truth, chi2_sm] = [truth, standard].map(f64::from);
        let mut lowest = Lowest::of_fixed(chi2_truth, chi2_sm);
        let ln_x = |word: usize| f64::from(number(word)).ln();
        if plane < HUGE {
            let own = words[4] as usize == self.mesh.variant.rows;
            let place = Where::At { ln_mass: f64::from(number(3)), row: words[4] as usize - 1, ln_x: ln_x(5) };
            lowest.consider(f64::from(plane), place, own);
        }
        if row < HUGE {
            let own = self.mesh.variant.rows - 1;
            let place = Where::At { ln_mass: self.mesh.mesh.ln_mass()[own], row: own, ln_x: ln_x(7) };
            lowest.consider(f64::from(row), place, true);
        }
        Found::Lowest(lowest)
    }
}
