//! The counts as squares, as an engine: made to be held against f64, not to be fast.

use super::batch::read_rows;
use super::bindings::{bind, buffer, pipeline, storage, uniform};
use super::context::{Context, Receipt};
use super::engine::GpuEngine;
use super::layout::Tile;
use super::shader::{WORKGROUP, vertex_counts};
use super::vertex::{coupling_words, lines};
use super::wgsl::text;
use crate::rates::plan::Plan;
use crate::rates::{Batch, Counts, Engine, Point, Rates};
use crate::{Error, Result};

/// Points of one dispatch, at most.
const POINTS: usize = 65_536;
/// What a wait is about, for messages.
const READING: &str = "reading results";

/// Counts as the minimising shader has them.
#[derive(Debug, Clone, Copy)]
pub struct VertexEngine<'a>(pub &'a GpuEngine);

impl Engine for VertexEngine<'_> {
    fn describe(&self) -> String {
        format!("{}, counts as squares", self.0.describe())
    }

    /// The squares of smaller roots leave the range of f32; chi2 does not see them.
    fn least_count(&self) -> f64 {
        1e-30
    }

    fn prepare<'a>(&'a self, plan: &'a Plan) -> Result<Box<dyn Rates + 'a>> {
        let context = self.0.context();
        let entries = [uniform(0, false), storage(1, true), storage(2, true), storage(3, true), storage(4, false)];
        let (layout, pipeline) = context.scoped("compiling the shader", |device| {
            let descriptor = wgpu::BindGroupLayoutDescriptor { label: Some("counts"), entries: &entries };
            let layout = device.create_bind_group_layout(&descriptor);
            let source = text(&vertex_counts(plan.signals(), plan.channels()));
            let pipeline = pipeline(device, "vertex_counts", &source, &[None, Some(&layout)]);
            (layout, pipeline)
        })?;
        Ok(Box::new(VertexRates { context, plan, layout, pipeline }))
    }
}

struct VertexRates<'a> {
    context: &'a Context,
    plan: &'a Plan,
    layout: wgpu::BindGroupLayout,
    pipeline: wgpu::ComputePipeline,
}

impl Rates for VertexRates<'_> {
    fn submit<'a>(&'a self, points: &'a [Point]) -> Result<Box<dyn Batch + 'a>> {
        Ok(Box::new(VertexBatch { rates: self, points }))
    }
}

/// Evaluated when it is waited for.
struct VertexBatch<'a> {
    rates: &'a VertexRates<'a>,
    points: &'a [Point],
}

impl Batch for VertexBatch<'_> {
    fn wait(self: Box<Self>) -> Result<Counts> {
        let channels = self.rates.plan.signal_counts();
        let mut counts = Counts { values: vec![0.0; self.points.len() * channels], channels, redone_in_f64: 0 };
        for (points, rows) in self.points.chunks(POINTS).zip(counts.values.chunks_mut(POINTS * channels)) {
            counts.redone_in_f64 += self.rates.evaluate(points, rows)?;
        }
        Ok(counts)
    }
}

impl VertexRates<'_> {
    /// Fills the counts of some points; returns how many were done again in f64.
    fn evaluate(&self, points: &[Point], counts: &mut [f64]) -> Result<usize> {
        use wgpu::BufferUsages as Usage;
        const ACTION: &str = "starting a computation";
        let context = self.context;
        let (mut masses, mut rows): (Vec<f64>, Vec<u32>) = (Vec::new(), Vec::new());
        for point in points {
            if masses.last() != Some(&point.mass_mev) {
                masses.push(point.mass_mev);
            }
            rows.push((masses.len() - 1) as u32);
        }
        let lines = lines(self.plan, &masses)?;
        let couplings: Vec<[u32; 2]> = points.iter().map(|point| coupling_words(point.coupling)).collect();
        let tile = Tile { rows: masses.len() as u32, couplings: points.len() as u32, number: 1, padding: 0 };
        let bytes = (points.len() * self.plan.signal_counts() * size_of::<u32>()) as u64;
        let receipt = Receipt::default();
        let (readback, submission) = context.scoped(ACTION, |device| {
            let upload = |label: &str, bytes: &[u8], usage: Usage| {
                let uploaded = buffer(device, label, bytes.len() as u64, usage | Usage::COPY_DST);
                context.queue.write_buffer(&uploaded, 0, bytes);
                uploaded
            };
            let inputs = [
                upload("tile", bytemuck::bytes_of(&tile), Usage::UNIFORM),
                upload("lines", bytemuck::cast_slice(&lines), Usage::STORAGE),
                upload("couplings", bytemuck::cast_slice(&couplings), Usage::STORAGE),
                upload("rows", bytemuck::cast_slice(&rows), Usage::STORAGE),
            ];
            let written = buffer(device, "counts", bytes, Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST);
            let readback = buffer(device, "readback", bytes, Usage::MAP_READ | Usage::COPY_DST);
            let [tile, lines, couplings, rows] = &inputs;
            let group = bind(device, "counts", &self.layout, &[tile, lines, couplings, rows, &written]);
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("counts") });
            encoder.clear_buffer(&written, 0, None);
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                pass.set_pipeline(&self.pipeline);
                pass.set_bind_group(1, &group, &[]);
                pass.dispatch_workgroups((points.len() as u32).div_ceil(WORKGROUP), 1, 1);
            }
            encoder.copy_buffer_to_buffer(&written, 0, &readback, 0, bytes);
            let submission = context.queue.submit([encoder.finish()]);
            readback.map_async(wgpu::MapMode::Read, .., receipt.callback());
            (readback, submission)
        })?;
        context.wait(READING, &submission, &receipt)?;
        let failed = |error: String| -> Error { context.error(READING, error) };
        let view = readback.get_mapped_range(..).map_err(|error| failed(error.to_string()))?;
        let words = bytemuck::try_cast_slice(&view).map_err(|error| failed(error.to_string()))?;
        let scale = vec![1.0; self.plan.signal_counts()];
        read_rows(context, self.plan, &scale, words, points, counts)
    }
}
