//! The profiler: a plan and a fit on a device.

use super::shader::Variant;
use super::shared::{self, Context, lines_of_mass};
use super::table::FitTable;
use super::wgsl;
use crate::rates::gpu::GpuEngine;
use crate::rates::plan::Plan;
use crate::statistics::Measurement;
use crate::{Error, Result};
use std::time::Instant;

/// A plan and a fit on a device.
#[derive(Debug)]
pub struct GpuProfiler<'a> {
    pub(super) context: &'a Context,
    pub(super) plan: &'a Plan,
    pub(super) fit: &'a Measurement,
    pub(super) variant: Variant,
    /// chi2 on top of which the shader's results are.
    pub(super) chi2: f64,
    pub(super) pipeline: wgpu::ComputePipeline,
    /// Bind group 0: the fit.
    pub(super) table_group: wgpu::BindGroup,
    /// Layout of bind group 1: what changes from launch to launch.
    pub(super) launch_layout: wgpu::BindGroupLayout,
    /// Seconds that all this took.
    pub(super) prepare_s: f64,
    /// Workgroups left out of each launch, from the last strip; 0 but in tests.
    pub(super) skipped_strips: u32,
}

impl<'a> GpuProfiler<'a> {
    /// Uploads a fit, and compiles the shader for it.
    ///
    /// # Errors
    /// When the fit does not belong to the plan or is larger than the shader holds ([`super::MAX_PARAMETERS`]), the
    /// Standard Model has no minimum, or the device refuses.
    pub fn new(engine: &'a GpuEngine, plan: &'a Plan, fit: &'a Measurement) -> Result<GpuProfiler<'a>> {
        GpuProfiler::with_table(engine, plan, fit, fit)
    }

    /// A profiler whose tables are those of another fit: shows that a comparison can fail. For tests.
    ///
    /// # Errors
    /// As for [`GpuProfiler::new`].
    #[doc(hidden)]
    pub fn with_table(
        engine: &'a GpuEngine,
        plan: &'a Plan,
        fit: &'a Measurement,
        uploaded: &Measurement,
    ) -> Result<GpuProfiler<'a>> {
        use wgpu::BufferUsages as Usage;
        let begun = Instant::now();
        let context = engine.context();
        let FitTable { variant, numbers, chi2 } = FitTable::new(uploaded, plan, engine.uniform_bytes())?;
        let layout = |device: &wgpu::Device, label, entries: &[_]| {
            device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label: Some(label), entries })
        };
        let (table_layout, launch_layout) = context.scoped("laying out the tables", |device| {
            let table = if variant.uniform { shared::uniform(0, false) } else { shared::storage(0, true) };
            let launch = [
                shared::uniform(0, false),
                shared::storage(1, true),
                shared::storage(2, true),
                shared::storage(3, false),
                shared::storage(4, false),
            ];
            (layout(device, "fit", &[table]), layout(device, "launch", &launch))
        })?;
        let pipeline = context.scoped("compiling the shader", |device| {
            let layouts = [Some(&table_layout), Some(&launch_layout)];
            shared::pipeline(device, "profile", &wgsl::text(&variant.lines()), &layouts)
        })?;
        let table_group = context.scoped("uploading the tables", |device| {
            let usage = if variant.uniform { Usage::UNIFORM } else { Usage::STORAGE };
            let bytes = bytemuck::cast_slice(&numbers);
            let table = shared::buffer(device, "fit", bytes.len() as u64, usage | Usage::COPY_DST);
            context.queue.write_buffer(&table, 0, bytes);
            shared::bind(device, "fit", &table_layout, &[&table])
        })?;
        let prepare_s = begun.elapsed().as_secs_f64();
        Ok(GpuProfiler {
            context,
            plan,
            fit,
            variant,
            chi2,
            pipeline,
            table_group,
            launch_layout,
            prepare_s,
            skipped_strips: 0,
        })
    }

    /// Leaves out the last strips of couplings, as a driver that drops launches would. For tests.
    #[doc(hidden)]
    pub fn skip_strips(&mut self, strips: u32) {
        self.skipped_strips = strips;
    }

    /// Bytes of the vertices of a mass.
    pub(super) fn bytes_of_mass(&self) -> u64 {
        (lines_of_mass(self.variant.sets(), self.variant.channels()) * size_of::<u32>()) as u64
    }

    pub(super) fn unwritten(&self) -> Error {
        self.context.unwritten()
    }
}
