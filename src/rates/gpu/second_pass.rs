//! A computation on the counts, in the submission that makes them, so that they never leave the device.

use super::context::Context;
use super::engine::{buffer, pipeline, storage, uniform};
use crate::Result;

/// What follows the counts: one invocation a point.
#[derive(Debug)]
pub struct CountsPass {
    /// WGSL. Group 0, binding 0: the table. Group 1: 0, `Batch` of `shaders/batch.wgsl`; 1, bits of the counts, to read;
    /// 2, the results, to write, filled with [`super::SENTINEL`].
    pub source: String,
    /// Its entry point.
    pub entry_point: &'static str,
    /// What does not change from point to point.
    pub table: Vec<u8>,
    /// Whether the shader holds the table in constant memory, which is faster and small.
    pub table_is_uniform: bool,
    /// Words of 32 bits that it writes for each point, row-major `[points][words]`.
    pub words_per_point: usize,
    /// Work of one point, in multiplications and additions; a rough guide to cut batches by.
    pub work_per_point: u64,
}

/// The pass on the device.
#[derive(Debug)]
pub(super) struct SecondPass {
    pub pipeline: wgpu::ComputePipeline,
    pub table_group: wgpu::BindGroup,
    pub chunk_layout: wgpu::BindGroupLayout,
    pub words_per_point: usize,
}

impl SecondPass {
    pub fn new(context: &Context, pass: &CountsPass) -> Result<SecondPass> {
        use wgpu::BufferUsages as Usage;
        let layout = |device: &wgpu::Device, label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let (table_layout, chunk_layout) = context.scoped("laying out the tables", |device| {
            let table = if pass.table_is_uniform { uniform(0, false) } else { storage(0, true) };
            let chunk = [uniform(0, false), storage(1, true), storage(2, false)];
            (layout(device, "table", &[table]), layout(device, "second chunk", &chunk))
        })?;
        let pipeline = context.scoped("compiling the shader", |device| {
            pipeline(device, pass.entry_point, &pass.source, &[Some(&table_layout), Some(&chunk_layout)])
        })?;
        let table_group = context.scoped("uploading the tables", |device| {
            let usage = if pass.table_is_uniform { Usage::UNIFORM } else { Usage::STORAGE };
            let table = buffer(device, "table", pass.table.len() as u64, usage | Usage::COPY_DST);
            context.queue.write_buffer(&table, 0, &pass.table);
            device.create_bind_group(&wgpu::BindGroupDescriptor {
                label: Some("table"),
                layout: &table_layout,
                entries: &[wgpu::BindGroupEntry { binding: 0, resource: table.as_entire_binding() }],
            })
        })?;
        Ok(SecondPass { pipeline, table_group, chunk_layout, words_per_point: pass.words_per_point })
    }
}
