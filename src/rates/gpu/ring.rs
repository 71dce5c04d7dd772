//! Points under way: cut into chunks, a ring of them on the device, so that one is read back while the next computes.

use super::context::Receipt;
use super::engine::{GpuRates, SENTINELS_BYTES, buffer};
use super::layout::{Batch as BatchHead, Exchange};
use super::shader::{POINTS_PER_INVOCATION, WORKGROUP};
use crate::rates::Point;
use crate::{Error, Result};
use std::collections::VecDeque;
use std::ops::Range;

/// Chunks of one batch that are on the device at the same time.
const RING: usize = 3;
/// What a wait is about, for messages.
const READING: &str = "reading results";

/// The buffers of one chunk.
#[derive(Debug)]
pub struct BufferSet {
    /// Most points.
    pub capacity: usize,
    head: wgpu::Buffer,
    exchanges: wgpu::Buffer,
    counts: wgpu::Buffer,
    readback: wgpu::Buffer,
    group: wgpu::BindGroup,
    /// What the second pass writes, and its bindings.
    second: Option<(wgpu::Buffer, wgpu::BindGroup)>,
}

impl BufferSet {
    /// Buffers for `capacity` points, a multiple of four.
    pub fn new(rates: &GpuRates<'_>, capacity: usize) -> Result<BufferSet> {
        use wgpu::BufferUsages as Usage;
        let capacity = capacity.next_multiple_of(POINTS_PER_INVOCATION);
        let exchanges_bytes = capacity / POINTS_PER_INVOCATION * rates.tables.variant.terms() * size_of::<Exchange>();
        let words = |per_point: usize| (capacity * per_point * size_of::<u32>()) as u64;
        rates.context.scoped("reserving memory", |device| {
            let head = buffer(device, "batch", size_of::<BatchHead>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let exchanges = buffer(device, "exchanges", exchanges_bytes as u64, Usage::STORAGE | Usage::COPY_DST);
            let usage = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let counts = buffer(device, "counts", words(rates.plan.channels()), usage);
            let readback =
                buffer(device, "readback", words(rates.words_per_point()), Usage::MAP_READ | Usage::COPY_DST);
            let bind = |layout: &wgpu::BindGroupLayout, bindings: [&wgpu::Buffer; 3]| {
                let entries = [0, 1, 2].map(|binding| wgpu::BindGroupEntry {
                    binding: binding as u32,
                    resource: bindings[binding].as_entire_binding(),
                });
                let descriptor = wgpu::BindGroupDescriptor { label: Some("chunk"), layout, entries: &entries };
                device.create_bind_group(&descriptor)
            };
            let group = bind(&rates.chunk_layout, [&head, &exchanges, &counts]);
            let second = rates.second.as_ref().map(|second| {
                let results = buffer(device, "results", words(second.words_per_point), usage);
                let group = bind(&second.chunk_layout, [&head, &counts, &results]);
                (results, group)
            });
            BufferSet { capacity, head, exchanges, counts, readback, group, second }
        })
    }

    /// The buffer that is read back.
    fn results(&self) -> &wgpu::Buffer {
        self.second.as_ref().map_or(&self.counts, |(results, _)| results)
    }
}

/// A chunk on the device.
struct Flight {
    set: BufferSet,
    points: Range<usize>,
    submission: wgpu::SubmissionIndex,
    receipt: Receipt,
}

/// Points under way.
pub struct Ring<'a> {
    pub(super) rates: &'a GpuRates<'a>,
    /// All of them.
    pub points: &'a [Point],
    /// First point not yet on its way.
    next: usize,
    flights: VecDeque<Flight>,
}

impl<'a> Ring<'a> {
    /// Puts the first chunks on the device.
    pub fn start(rates: &'a GpuRates<'a>, points: &'a [Point]) -> Result<Ring<'a>> {
        let mut ring = Ring { rates, points, next: 0, flights: VecDeque::with_capacity(RING) };
        while ring.flights.len() < RING && ring.launch()? {}
        Ok(ring)
    }

    /// Waits for all points; `read` is given each chunk's points, as places among all, and what the device wrote.
    pub fn drain(mut self, mut read: impl FnMut(Range<usize>, &[u32]) -> Result<()>) -> Result<()> {
        while let Some(flight) = self.flights.pop_front() {
            self.land(flight, &mut read)?;
            self.launch()?;
        }
        Ok(())
    }

    /// Puts the next chunk on the device; false if there is none.
    fn launch(&mut self) -> Result<bool> {
        const ACTION: &str = "starting a computation";
        let (rates, context) = (self.rates, self.rates.context);
        let points = self.next..self.points.len().min(self.next + rates.chunk);
        if points.is_empty() {
            return Ok(false);
        }
        context.check(ACTION)?;
        let set = rates.take_set(points.len())?;
        let quads = points.len().div_ceil(POINTS_PER_INVOCATION);
        let (by_quad, by_point) = (Dispatch::of(quads), Dispatch::of(quads * POINTS_PER_INVOCATION));
        let bytes = |per_point: usize| (quads * POINTS_PER_INVOCATION * per_point * size_of::<u32>()) as u64;
        let (counts_bytes, result_bytes) = (bytes(rates.plan.channels()), bytes(rates.words_per_point()));
        let head = BatchHead {
            quads: quads as u32,
            row: by_quad.row(),
            channels: rates.plan.channels() as u32,
            row_of_points: by_point.row(),
        };
        let exchanges = rates.tables.encode(&self.points[points.clone()]);
        let receipt = Receipt::default();
        let submission = context.scoped(ACTION, |device| {
            context.queue.write_buffer(&set.head, 0, bytemuck::bytes_of(&head));
            context.queue.write_buffer(&set.exchanges, 0, bytemuck::cast_slice(&exchanges));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("chunk") });
            rates.fill_with_sentinels(&mut encoder, &set.counts, counts_bytes);
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&rates.pipeline);
                pass.set_bind_group(1, &set.group, &[]);
                for slice in rates.skipped_slices..rates.tables.slices {
                    pass.set_bind_group(0, &rates.slice_group, &[(slice * rates.tables.stride) as u32]);
                    by_quad.dispatch(&mut pass);
                }
            }
            if let (Some(second), Some((results, group))) = (&rates.second, &set.second) {
                rates.fill_with_sentinels(&mut encoder, results, result_bytes);
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&second.pipeline);
                pass.set_bind_group(0, &second.table_group, &[]);
                pass.set_bind_group(1, group, &[]);
                by_point.dispatch(&mut pass);
            }
            encoder.copy_buffer_to_buffer(set.results(), 0, &set.readback, 0, result_bytes);
            let submission = context.queue.submit([encoder.finish()]);
            set.readback.map_async(wgpu::MapMode::Read, 0..result_bytes, receipt.callback());
            submission
        })?;
        self.next = points.end;
        self.flights.push_back(Flight { set, points, submission, receipt });
        Ok(true)
    }

    /// Waits for one chunk and reads it.
    fn land(&self, flight: Flight, read: &mut impl FnMut(Range<usize>, &[u32]) -> Result<()>) -> Result<()> {
        let context = self.rates.context;
        context.wait(READING, &flight.submission, &flight.receipt)?;
        {
            let bytes = (flight.points.len() * self.rates.words_per_point() * size_of::<u32>()) as u64;
            let view = flight.set.readback.get_mapped_range(0..bytes);
            let view = view.map_err(|error| context.error(READING, error.to_string()))?;
            let words = bytemuck::try_cast_slice(&view).map_err(|error| context.error(READING, error.to_string()))?;
            read(flight.points, words)?;
        }
        flight.set.readback.unmap();
        self.rates.return_set(flight.set);
        Ok(())
    }
}

impl GpuRates<'_> {
    /// The error of a word that is still [`super::SENTINEL`].
    pub(crate) fn unwritten(&self) -> Error {
        self.context.error(READING, "the shader left results unwritten")
    }

    /// Fills the beginning of a buffer with [`super::SENTINEL`]s.
    fn fill_with_sentinels(&self, encoder: &mut wgpu::CommandEncoder, buffer: &wgpu::Buffer, bytes: u64) {
        for start in (0..bytes).step_by(SENTINELS_BYTES as usize) {
            encoder.copy_buffer_to_buffer(&self.sentinels, 0, buffer, start, SENTINELS_BYTES.min(bytes - start));
        }
    }
}

/// Workgroups of one dispatch. 65,536 in one dimension are an error: two dimensions, nearly square.
#[derive(Debug, Clone, Copy)]
struct Dispatch {
    columns: u32,
    rows: u32,
}

impl Dispatch {
    fn of(invocations: usize) -> Dispatch {
        let groups = invocations.div_ceil(WORKGROUP as usize) as u32;
        let columns = groups.isqrt().max(1);
        Dispatch { columns, rows: groups.div_ceil(columns) }
    }

    /// Invocations along x.
    fn row(&self) -> u32 {
        self.columns * WORKGROUP
    }

    fn dispatch(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.dispatch_workgroups(self.columns, self.rows, 1);
    }
}
