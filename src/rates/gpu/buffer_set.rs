//! The buffers of one chunk of points.

use super::bindings::{bind, buffer};
use super::context::Context;
use super::layout::{Batch as BatchHead, Exchange};
use super::shader::POINTS_PER_INVOCATION;
use crate::Result;

/// The buffers of one chunk.
#[derive(Debug)]
pub struct BufferSet {
    /// Most points.
    pub capacity: usize,
    pub head: wgpu::Buffer,
    pub exchanges: wgpu::Buffer,
    pub counts: wgpu::Buffer,
    pub readback: wgpu::Buffer,
    pub group: wgpu::BindGroup,
}

impl BufferSet {
    /// Buffers for `capacity` points, a multiple of four, of a plan with so many exchanges, whose counts take
    /// `counts_bytes`.
    pub fn new(
        context: &Context,
        layout: &wgpu::BindGroupLayout,
        exchanges: usize,
        capacity: usize,
        counts_bytes: u64,
    ) -> Result<BufferSet> {
        use wgpu::BufferUsages as Usage;
        let exchanges_bytes = (capacity / POINTS_PER_INVOCATION * exchanges * size_of::<Exchange>()) as u64;
        context.scoped("reserving memory", |device| {
            let head = buffer(device, "batch", size_of::<BatchHead>() as u64, Usage::UNIFORM | Usage::COPY_DST);
            let exchanges = buffer(device, "exchanges", exchanges_bytes, Usage::STORAGE | Usage::COPY_DST);
            let usage = Usage::STORAGE | Usage::COPY_DST | Usage::COPY_SRC;
            let counts = buffer(device, "counts", counts_bytes, usage);
            let readback = buffer(device, "readback", counts_bytes, Usage::MAP_READ | Usage::COPY_DST);
            let group = bind(device, "chunk", layout, &[&head, &exchanges, &counts]);
            BufferSet { capacity, head, exchanges, counts, readback, group }
        })
    }
}
