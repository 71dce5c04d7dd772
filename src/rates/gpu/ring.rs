//! Points under way: cut into chunks, a ring of them on the device, so that one is read back while the next computes.

use super::buffer_set::BufferSet;
use super::context::Receipt;
use super::engine::GpuRates;
use super::layout::Batch as BatchHead;
use super::shader::{POINTS_PER_INVOCATION, WORKGROUP};
use crate::Result;
use crate::rates::Point;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;

/// Chunks of one batch that are on the device at the same time.
const RING: usize = 3;
/// What a wait is about, for messages.
const READING: &str = "reading results";

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
    pub points: Cow<'a, [Point]>,
    /// First point not yet on its way.
    next: usize,
    flights: VecDeque<Flight>,
}

impl<'a> Ring<'a> {
    /// Puts the first chunks on the device.
    pub fn start(rates: &'a GpuRates<'a>, points: Cow<'a, [Point]>) -> Result<Ring<'a>> {
        let mut ring = Ring { rates, points, next: 0, flights: VecDeque::with_capacity(RING) };
        while ring.flights.len() < RING && ring.launch()? {}
        Ok(ring)
    }

    /// Waits for all points; `read` is given each chunk's points, their places among all, and what the device wrote.
    pub fn drain(mut self, mut read: impl FnMut(&[Point], Range<usize>, &[u32]) -> Result<()>) -> Result<()> {
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
        let dispatch = Dispatch::of(quads);
        let bytes = rates.counts_bytes(quads * POINTS_PER_INVOCATION);
        let channels = rates.plan.channels() as u32;
        let head = BatchHead { quads: quads as u32, row: dispatch.row(), channels, padding: 0 };
        let exchanges = rates.tables.encode(&self.points[points.clone()]);
        let receipt = Receipt::default();
        let submission = context.scoped(ACTION, |device| {
            context.queue.write_buffer(&set.head, 0, bytemuck::bytes_of(&head));
            context.queue.write_buffer(&set.exchanges, 0, bytemuck::cast_slice(&exchanges));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("chunk") });
            encoder.clear_buffer(&set.counts, 0, Some(bytes));
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&rates.pipeline);
                pass.set_bind_group(1, &set.group, &[]);
                for slice in rates.skipped_slices..rates.tables.slices {
                    pass.set_bind_group(0, &rates.slice_group, &[(slice * rates.tables.stride) as u32]);
                    dispatch.dispatch(&mut pass);
                }
            }
            encoder.copy_buffer_to_buffer(&set.counts, 0, &set.readback, 0, bytes);
            let submission = context.queue.submit([encoder.finish()]);
            set.readback.map_async(wgpu::MapMode::Read, 0..bytes, receipt.callback());
            submission
        })?;
        self.next = points.end;
        self.flights.push_back(Flight { set, points, submission, receipt });
        Ok(true)
    }

    /// Waits for one chunk and reads it.
    fn land(&self, flight: Flight, read: &mut impl FnMut(&[Point], Range<usize>, &[u32]) -> Result<()>) -> Result<()> {
        let context = self.rates.context;
        context.wait(READING, &flight.submission, &flight.receipt)?;
        {
            let bytes = self.rates.counts_bytes(flight.points.len());
            let view = flight.set.readback.get_mapped_range(0..bytes);
            let view = view.map_err(|error| context.error(READING, error.to_string()))?;
            let words = bytemuck::try_cast_slice(&view).map_err(|error| context.error(READING, error.to_string()))?;
            read(&self.points[flight.points.clone()], flight.points, words)?;
        }
        flight.set.readback.unmap();
        self.rates.return_set(flight.set);
        Ok(())
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
