//! Rows of a map on the device: launches of whole rows, several of them under way at once.

use super::buffers::{LaunchBuffers, TAIL, read_tail, result_bytes};
use super::phases::Phases;
use super::profiler::GpuProfiler;
use super::shader::LEFT_TO_F64;
use super::shared::{Receipt, Tile, UNWRITTEN, WORKGROUP, buffer, coupling_words, lines};
use crate::rates::{Point, cpu};
use crate::statistics::{Likelihood, Status};
use crate::{Error, Result};
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Most bytes of results of one launch.
const RESULT_BYTES: u64 = 32 << 20;
/// Points that one task of the thread pool reads back.
const POINTS_PER_TASK: usize = 16_384;
/// What a wait is about, for messages.
const READING: &str = "reading results";

/// Minima of chi2 at points, in the order of the points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profiles {
    /// Smallest chi2, priors included; NaN where the status says that it was not found.
    pub chi2: Vec<f64>,
    /// How each minimisation ended.
    pub status: Vec<Status>,
    /// Points done in f64 because f32 could not hold them.
    pub redone_in_f64: usize,
}

/// A profiler at the couplings of a plane.
#[derive(Debug)]
pub struct GpuRows<'a> {
    profiler: &'a GpuProfiler<'a>,
    couplings: Vec<f64>,
    on_device: wgpu::Buffer,
    most_rows: usize,
    launches: AtomicU32,
    free: Mutex<Vec<LaunchBuffers>>,
    phases: Mutex<Phases>,
}

impl GpuProfiler<'_> {
    /// Rows over some couplings.
    ///
    /// # Errors
    /// Couplings of which the device does not hold one row, or its refusal of memory.
    pub fn rows(&self, couplings: &[f64]) -> Result<GpuRows<'_>> {
        GpuRows::new(self, couplings)
    }
}

impl<'a> GpuRows<'a> {
    fn new(profiler: &'a GpuProfiler<'a>, couplings: &[f64]) -> Result<GpuRows<'a>> {
        use wgpu::BufferUsages as Usage;
        let context = profiler.context;
        let most_rows = most_rows(profiler, couplings.len())?;
        let words: Vec<[u32; 2]> = couplings.par_iter().map(|coupling| coupling_words(*coupling)).collect();
        let on_device = context.scoped("uploading the couplings", |device| {
            let bytes = bytemuck::cast_slice(&words);
            let on_device = buffer(device, "couplings", bytes.len() as u64, Usage::STORAGE | Usage::COPY_DST);
            context.queue.write_buffer(&on_device, 0, bytes);
            on_device
        })?;
        let phases = Phases { prepare_s: profiler.prepare_s, ..Phases::default() };
        Ok(GpuRows {
            profiler,
            couplings: couplings.to_vec(),
            on_device,
            most_rows,
            launches: AtomicU32::new(0),
            free: Mutex::new(Vec::new()),
            phases: Mutex::new(phases),
        })
    }

    /// Most rows of one launch.
    pub fn most_rows(&self) -> usize {
        self.most_rows
    }

    /// Where the time went so far.
    pub fn phases(&self) -> Phases {
        *self.phases.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts the rows of some masses (MeV), at most [`GpuRows::most_rows`]. Two or three launches may be under way at
    /// once; no value depends on how rows are cut into launches.
    ///
    /// # Errors
    /// Too many rows; counts that are no squares; a device that is lost or out of memory.
    pub fn submit<'b>(&'b self, masses_mev: &'b [f64]) -> Result<RowsBatch<'b>> {
        const ACTION: &str = "starting a computation";
        let (profiler, context) = (self.profiler, self.profiler.context);
        if masses_mev.is_empty() || masses_mev.len() > self.most_rows {
            let bound = format!("from 1 to {}", self.most_rows);
            return Err(Error::out_of_range("number of rows of a launch", masses_mev.len(), bound));
        }
        context.check(ACTION)?;
        let begun = Instant::now();
        let lines = lines(profiler.plan, masses_mev)?;
        let vertices_s = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let (rows, couplings) = (masses_mev.len(), self.couplings.len());
        let buffers = self.take_buffers(rows)?;
        let number = self.launches.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1);
        let tile = Tile { rows: rows as u32, couplings: couplings as u32, number, padding: 0 };
        let bytes = result_bytes(rows * couplings);
        let strip = profiler.variant.strip().unwrap_or(1);
        let strips = (couplings.div_ceil(strip) as u32).saturating_sub(profiler.skipped_strips);
        let receipt = Receipt::default();
        let submission = context.scoped(ACTION, |device| {
            context.queue.write_buffer(&buffers.tile, 0, bytemuck::bytes_of(&tile));
            context.queue.write_buffer(&buffers.lines, 0, bytemuck::cast_slice(&lines));
            let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label: Some("rows") });
            encoder.clear_buffer(&buffers.results, 0, Some(bytes));
            encoder.clear_buffer(&buffers.tally, 0, None);
            let timestamp_writes = buffers.stamps.as_ref().map(|(query_set, _)| wgpu::ComputePassTimestampWrites {
                query_set,
                beginning_of_pass_write_index: Some(0),
                end_of_pass_write_index: Some(1),
            });
            {
                let mut pass =
                    encoder.begin_compute_pass(&wgpu::ComputePassDescriptor { label: Some("rows"), timestamp_writes });
                pass.set_pipeline(&profiler.pipeline);
                pass.set_bind_group(0, &profiler.table_group, &[]);
                pass.set_bind_group(1, &buffers.group, &[]);
                pass.dispatch_workgroups((rows as u32).div_ceil(WORKGROUP), strips, 1);
            }
            buffers.record_readback(&mut encoder, bytes);
            let submission = context.queue.submit([encoder.finish()]);
            let mapped = 0..bytes + TAIL;
            buffers.readback.map_async(wgpu::MapMode::Read, mapped, receipt.callback());
            submission
        })?;
        let submit_s = begun.elapsed().as_secs_f64();
        let phases =
            Phases { vertices_s, submit_s, launches: 1, points: (rows * couplings) as u64, ..Phases::default() };
        Ok(RowsBatch { rows: self, masses_mev, buffers, number, submission, receipt, phases })
    }

    /// Rows of any number of masses, one launch after the other.
    ///
    /// # Errors
    /// As for [`GpuRows::submit`] and [`RowsBatch::wait`].
    pub fn evaluate(&self, masses_mev: &[f64]) -> Result<Profiles> {
        let mut all = Profiles::default();
        for masses in masses_mev.chunks(self.most_rows) {
            let first = all.chi2.len();
            all.chi2.resize(first + masses.len() * self.couplings.len(), f64::NAN);
            all.status.resize(all.chi2.len(), Status::Converged);
            let rest = self.submit(masses)?.wait(&mut all.chi2[first..])?;
            rest.missing.iter().for_each(|(point, status)| all.status[first + point] = *status);
            all.redone_in_f64 += rest.redone_in_f64;
        }
        Ok(all)
    }

    fn take_buffers(&self, rows: usize) -> Result<LaunchBuffers> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = free.iter().position(|buffers| buffers.capacity >= rows);
        match fitting.map(|index| free.swap_remove(index)) {
            Some(buffers) => Ok(buffers),
            None => {
                free.clear();
                drop(free);
                let (profiler, length) = (self.profiler, self.couplings.len());
                let (layout, bytes) = (&profiler.launch_layout, profiler.bytes_of_mass());
                LaunchBuffers::new(profiler.context, layout, &self.on_device, length, bytes, rows)
            }
        }
    }

    fn note(&self, phases: Phases) {
        let mut all = self.phases.lock().unwrap_or_else(PoisonError::into_inner);
        *all = all.and(phases);
    }
}

/// Most rows of one launch: by work, by memory, and by what can be bound and dispatched.
fn most_rows(profiler: &GpuProfiler, couplings: usize) -> Result<usize> {
    let limits = profiler.context.device.limits();
    let binding = limits.max_storage_buffer_binding_size.min(limits.max_buffer_size);
    let groups = u64::from(limits.max_compute_workgroups_per_dimension);
    let strips = couplings.div_ceil(profiler.variant.strip().unwrap_or(1)) as u64;
    let row_bytes = result_bytes(couplings.max(1));
    let mass_bytes = profiler.bytes_of_mass();
    // The couplings themselves take twice the bytes of a row's results.
    let admitted = (1..=groups).contains(&strips) && 2 * row_bytes <= binding && mass_bytes <= binding;
    if !admitted {
        return Err(Error::out_of_range("number of couplings", couplings, "at least 1 and fewer for this GPU"));
    }
    let row_work = profiler.variant.work_per_point().max(1) * couplings as u64;
    let wanted = (profiler.context.work_per_submit() / row_work).min(RESULT_BYTES / row_bytes).max(1);
    let most = wanted.min(binding / row_bytes).min(binding / mass_bytes).min(groups * u64::from(WORKGROUP)) as usize;
    Ok(whole_workgroups(most))
}

/// So many rows or a little fewer: masses fill workgroups.
pub fn whole_workgroups(rows: usize) -> usize {
    let workgroup = WORKGROUP as usize;
    if rows < workgroup { rows } else { rows / workgroup * workgroup }
}

/// Rows under way.
pub struct RowsBatch<'a> {
    rows: &'a GpuRows<'a>,
    masses_mev: &'a [f64],
    buffers: LaunchBuffers,
    number: u32,
    submission: wgpu::SubmissionIndex,
    receipt: Receipt,
    phases: Phases,
}

/// What is not in chi2.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rest {
    /// Points whose minimum was not found, as places among the batch's, and why.
    pub missing: Vec<(usize, Status)>,
    /// Points done in f64 because f32 could not hold them.
    pub redone_in_f64: usize,
}

impl RowsBatch<'_> {
    /// Waits, and fills chi2 `[rows][couplings]`, NaN where it is missing.
    ///
    /// # Errors
    /// When the device failed: a value not written by the shader never passes for a chi2. Room for another number of
    /// points.
    pub fn wait(self, chi2: &mut [f64]) -> Result<Rest> {
        let (rows, context) = (self.rows, self.rows.profiler.context);
        if chi2.len() != self.points() {
            return Err(Error::out_of_range("room for points", chi2.len(), self.points().to_string()));
        }
        let begun = Instant::now();
        context.wait(READING, &self.submission, &self.receipt)?;
        let wait_s = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        let mut phases = self.phases;
        let rest = {
            let bytes = result_bytes(self.points()) + TAIL;
            let view = self.buffers.readback.get_mapped_range(0..bytes);
            let view = view.map_err(|error| context.error(READING, error.to_string()))?;
            let words = bytemuck::try_cast_slice(&view).map_err(|error| context.error(READING, error.to_string()))?;
            self.read(words, chi2, &mut phases)
        };
        self.buffers.readback.unmap();
        rows.free.lock().unwrap_or_else(PoisonError::into_inner).push(self.buffers);
        rows.note(Phases { wait_s, read_s: begun.elapsed().as_secs_f64(), ..phases });
        rest
    }

    fn points(&self) -> usize {
        self.masses_mev.len() * self.rows.couplings.len()
    }

    /// Fills chi2 with what the words say.
    fn read(&self, words: &[u32], chi2: &mut [f64], phases: &mut Phases) -> Result<Rest> {
        let profiler = self.rows.profiler;
        let (results, tail) = words.split_at(self.points());
        let (tally, ticks) = read_tail(tail).ok_or_else(|| profiler.unwritten())?;
        if tally.number != self.number || tally.points as usize != self.points() {
            return Err(profiler.unwritten());
        }
        phases.passes = u64::from(tally.passes);
        let period_ns = f64::from(profiler.context.queue.get_timestamp_period());
        phases.kernel_s = self.buffers.stamps.as_ref().map(|_| ticks as f64 * period_ns * 1e-9);
        let (unwritten, left) = (AtomicBool::new(false), AtomicBool::new(false));
        let pieces = chi2.par_chunks_mut(POINTS_PER_TASK).zip(results.par_chunks(POINTS_PER_TASK));
        pieces.for_each(|(chi2, words)| {
            for (chi2, &word) in chi2.iter_mut().zip(words) {
                *chi2 = profiler.chi2 + f64::from(f32::from_bits(word));
            }
            if words.contains(&UNWRITTEN) {
                unwritten.store(true, Ordering::Relaxed);
            }
            if chi2.iter().any(|chi2| !chi2.is_finite()) {
                left.store(true, Ordering::Relaxed);
            }
        });
        if unwritten.into_inner() {
            return Err(profiler.unwritten());
        }
        if left.into_inner() { Ok(self.redo(results, chi2)) } else { Ok(Rest::default()) }
    }

    /// Does in f64 what the shader has left to it.
    fn redo(&self, results: &[u32], chi2: &mut [f64]) -> Rest {
        debug_assert!(!f32::from_bits(LEFT_TO_F64).is_finite());
        let (profiler, couplings) = (self.rows.profiler, &self.rows.couplings);
        let left = |(point, word): (usize, &u32)| (!f32::from_bits(*word).is_finite()).then_some(point);
        let left: Vec<usize> = results.par_iter().enumerate().filter_map(left).collect();
        let likelihood = Likelihood::new([profiler.fit]);
        let memory = || ([vec![0.0; profiler.plan.signal_counts()]], likelihood.workspace());
        let profiles: Vec<_> = (left.par_iter())
            .map_init(memory, |(counts, work), point| {
                let mass_mev = self.masses_mev[point / couplings.len()];
                let at = Point { mass_mev, coupling: couplings[point % couplings.len()] };
                cpu::counts_at(profiler.plan, at, &mut counts[0]);
                likelihood.profile(counts, work)
            })
            .collect();
        let mut rest = Rest { redone_in_f64: left.len(), ..Rest::default() };
        for (&point, profile) in left.iter().zip(profiles) {
            chi2[point] = profile.chi2;
            if profile.status != Status::Converged {
                rest.missing.push((point, profile.status));
            }
        }
        rest
    }
}
