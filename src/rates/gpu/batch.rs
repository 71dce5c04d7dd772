//! A batch under way: cut into chunks, a ring of them on the device, so that one is read back while the next computes.

use super::context::Receipt;
use super::engine::{GpuRates, SENTINELS_BYTES, buffer};
use super::layout::{Batch as BatchHead, Exchange};
use super::shader::{POINTS_PER_INVOCATION, SENTINEL, WORKGROUP};
use crate::Result;
use crate::rates::{Batch, Counts, Point, cpu};
use rayon::prelude::*;
use std::collections::VecDeque;

/// Chunks of one batch that are on the device at the same time.
const RING: usize = 3;
/// A count above this, or one that is not finite, is done again in f64.
pub const LARGEST_COUNT: f64 = 1e30;
/// Points that one task of the thread pool reads back.
const ROWS_PER_TASK: usize = 1024;
/// What a wait is about, for messages.
const READING: &str = "reading results";

/// The buffers of one chunk.
#[derive(Debug)]
pub(super) struct BufferSet {
    /// Most points.
    pub capacity: usize,
    head: wgpu::Buffer,
    exchanges: wgpu::Buffer,
    counts: wgpu::Buffer,
    readback: wgpu::Buffer,
    group: wgpu::BindGroup,
}

impl BufferSet {
    /// Buffers for `capacity` points, a multiple of four.
    pub fn new(rates: &GpuRates<'_>, capacity: usize) -> Result<BufferSet> {
        use wgpu::BufferUsages as Usage;
        let capacity = capacity.next_multiple_of(POINTS_PER_INVOCATION);
        let exchanges_bytes = capacity / POINTS_PER_INVOCATION * rates.tables.variant.terms() * size_of::<Exchange>();
        let counts_bytes = (capacity * rates.plan.channels() * size_of::<u32>()) as u64;
        rates.context.scoped("reserving memory", |device| {
            let head = buffer(device, "batch", size_of::<BatchHead>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let exchanges = buffer(device, "exchanges", exchanges_bytes as u64, Usage::STORAGE | Usage::COPY_DST);
            let usage = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let counts = buffer(device, "counts", counts_bytes, usage);
            let readback = buffer(device, "readback", counts_bytes, Usage::MAP_READ | Usage::COPY_DST);
            let bindings = [&head, &exchanges, &counts];
            let entries = [0, 1, 2].map(|binding| wgpu::BindGroupEntry {
                binding: binding as u32,
                resource: bindings[binding].as_entire_binding(),
            });
            let group = device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("chunk"),
                layout: &rates.chunk_layout,
                entries: &entries,
            });
            BufferSet { capacity, head, exchanges, counts, readback, group }
        })
    }
}

/// A chunk on the device.
struct Flight {
    set: BufferSet,
    points: std::ops::Range<usize>,
    submission: wgpu::SubmissionIndex,
    receipt: Receipt,
}

/// A batch under way.
pub(super) struct GpuBatch<'a> {
    rates: &'a GpuRates<'a>,
    points: &'a [Point],
    /// First point not yet on its way.
    next: usize,
    flights: VecDeque<Flight>,
}

impl<'a> GpuBatch<'a> {
    /// Puts the first chunks on the device.
    pub fn start(rates: &'a GpuRates<'a>, points: &'a [Point]) -> Result<GpuBatch<'a>> {
        let mut batch = GpuBatch { rates, points, next: 0, flights: VecDeque::with_capacity(RING) };
        while batch.flights.len() < RING && batch.launch()? {}
        Ok(batch)
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
        let groups = quads.div_ceil(WORKGROUP as usize) as u32;
        // 65,536 workgroups in one dimension are an error: two dimensions, nearly square.
        let columns = groups.isqrt().max(1);
        let counts_bytes = (quads * POINTS_PER_INVOCATION * rates.plan.channels() * size_of::<u32>()) as u64;
        let head = BatchHead {
            quads: quads as u32,
            row: columns * WORKGROUP,
            channels: rates.plan.channels() as u32,
            padding: 0,
        };
        let exchanges = rates.tables.encode(&self.points[points.clone()]);
        let receipt = Receipt::default();
        let submission = context.scoped(ACTION, |device| {
            context.queue.write_buffer(&set.head, 0, bytemuck::bytes_of(&head));
            context.queue.write_buffer(&set.exchanges, 0, bytemuck::cast_slice(&exchanges));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("chunk") });
            for start in (0..counts_bytes).step_by(SENTINELS_BYTES as usize) {
                let length = SENTINELS_BYTES.min(counts_bytes - start);
                encoder.copy_buffer_to_buffer(&rates.sentinels, 0, &set.counts, start, length);
            }
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&rates.pipeline);
                pass.set_bind_group(1, &set.group, &[]);
                for slice in rates.skipped_slices..rates.tables.slices {
                    pass.set_bind_group(0, &rates.slice_group, &[(slice * rates.tables.stride) as u32]);
                    pass.dispatch_workgroups(columns, groups.div_ceil(columns), 1);
                }
            }
            encoder.copy_buffer_to_buffer(&set.counts, 0, &set.readback, 0, counts_bytes);
            let submission = context.queue.submit([encoder.finish()]);
            set.readback.map_async(wgpu::MapMode::Read, 0..counts_bytes, receipt.callback());
            submission
        })?;
        self.next = points.end;
        self.flights.push_back(Flight { set, points, submission, receipt });
        Ok(true)
    }

    /// Reads one chunk into `counts`.
    fn land(&self, flight: Flight, counts: &mut Counts) -> Result<()> {
        let (context, channels) = (self.rates.context, counts.channels);
        context.wait(READING, &flight.submission, &flight.receipt)?;
        {
            let bytes = (flight.points.len() * channels * size_of::<u32>()) as u64;
            let view = flight.set.readback.get_mapped_range(0..bytes);
            let view = view.map_err(|error| context.error(READING, error.to_string()))?;
            let words: &[u32] =
                bytemuck::try_cast_slice(&view).map_err(|error| context.error(READING, error.to_string()))?;
            let points = &self.points[flight.points.clone()];
            let rows = &mut counts.values[flight.points.start * channels..flight.points.end * channels];
            counts.redone_in_f64 += self.read_rows(words, points, rows)?;
        }
        flight.set.readback.unmap();
        self.rates.return_set(flight.set);
        Ok(())
    }
}

impl GpuBatch<'_> {
    /// Turns the bits of a chunk's counts into events; returns how many points were done again in f64.
    fn read_rows(&self, words: &[u32], points: &[Point], rows: &mut [f64]) -> Result<usize> {
        let (plan, scale) = (self.rates.plan, &self.rates.tables.scale);
        let block = ROWS_PER_TASK * scale.len();
        let tasks = rows.par_chunks_mut(block).zip(words.par_chunks(block)).zip(points.par_chunks(ROWS_PER_TASK));
        let read = |((rows, words), points): ((&mut [f64], &[u32]), &[Point])| {
            let rows = rows.chunks_exact_mut(scale.len()).zip(words.chunks_exact(scale.len()));
            let mut redone = 0;
            for ((row, words), &point) in rows.zip(points) {
                match read_row(words, scale, row) {
                    Row::Good => {}
                    Row::Unwritten => {
                        return Err(self.rates.context.error(READING, "the shader left counts unwritten"));
                    }
                    Row::OutOfRange => {
                        cpu::counts_at(plan, point, row);
                        redone += 1;
                    }
                }
            }
            Ok(redone)
        };
        tasks.map(read).try_reduce(|| 0, |a, b| Ok(a + b))
    }
}

impl Batch for GpuBatch<'_> {
    fn wait(mut self: Box<Self>) -> Result<Counts> {
        let channels = self.rates.plan.channels();
        let mut counts = Counts { values: vec![0.0; self.points.len() * channels], channels, redone_in_f64: 0 };
        while let Some(flight) = self.flights.pop_front() {
            self.land(flight, &mut counts)?;
            self.launch()?;
        }
        Ok(counts)
    }
}

/// What a row of counts turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Good,
    Unwritten,
    OutOfRange,
}

/// Turns the bits of one point's counts into events.
fn read_row(words: &[u32], scale: &[f64], row: &mut [f64]) -> Row {
    let (mut good, mut written) = (true, true);
    for ((count, &word), &scale) in row.iter_mut().zip(words).zip(scale) {
        *count = f64::from(f32::from_bits(word)) * scale;
        good &= *count <= LARGEST_COUNT;
        written &= word != SENTINEL;
    }
    match (written, good) {
        (false, _) => Row::Unwritten,
        (true, false) => Row::OutOfRange,
        (true, true) => Row::Good,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_good_unwritten_or_out_of_range() {
        let mut row = [0.0; 2];
        let one = 1.0f32.to_bits();
        assert_eq!(read_row(&[one, one], &[2.0, 0.5], &mut row), Row::Good);
        assert_eq!(row, [2.0, 0.5]);
        assert_eq!(read_row(&[one, SENTINEL], &[1.0, 1.0], &mut row), Row::Unwritten);
        for bad in [f32::NAN, f32::INFINITY, 1.1e30] {
            assert_eq!(read_row(&[one, bad.to_bits()], &[1.0, 1.0], &mut row), Row::OutOfRange);
        }
        assert_eq!(read_row(&[one, 1e20f32.to_bits()], &[1.0, 1e11], &mut row), Row::OutOfRange);
    }
}
