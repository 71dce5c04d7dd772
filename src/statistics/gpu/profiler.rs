//! The profiler: a plan and a fit on a device, and batches of points under way.

use super::shader::{CONVERGED, LEFT_TO_F64};
use super::table::FitTable;
use super::{shared, wgsl};
use crate::Result;
use crate::rates::gpu::{CountsPass, GpuEngine, GpuRates, Ring};
use crate::rates::plan::Plan;
use crate::rates::{Point, cpu};
use crate::statistics::{Fit, Status, Workspace};
use rayon::prelude::*;

/// Words of 32 bits that come back for each point: chi2 and status.
const WORDS: usize = 2;
/// Points that one task of the thread pool reads back.
const POINTS_PER_TASK: usize = 1024;

/// Minima of chi2 at points, in the order of the points.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Profiles {
    /// Smallest chi2, priors included; NaN where the status says that it was not found.
    pub chi2: Vec<f64>,
    /// How each minimisation ended.
    pub status: Vec<Status>,
    /// Points done in f64 because f32 could not hold them.
    pub redone_in_f64: usize,
    /// Newton steps on the device, of all points together.
    pub steps: u64,
}

/// A plan and a fit on a device.
#[derive(Debug)]
pub struct GpuProfiler<'a> {
    rates: GpuRates<'a>,
    plan: &'a Plan,
    fit: &'a Fit,
    /// chi2 on top of which the shader's results are.
    chi2: f64,
}

impl<'a> GpuProfiler<'a> {
    /// Uploads a plan and a fit, and compiles the shaders for them.
    ///
    /// # Errors
    /// When the plan is not sound, the fit does not belong to it or is larger than the shader holds
    /// ([`super::MAX_PARAMETERS`]), or the device refuses.
    pub fn new(engine: &'a GpuEngine, plan: &'a Plan, fit: &'a Fit) -> Result<GpuProfiler<'a>> {
        GpuProfiler::with_table(engine, plan, fit, fit)
    }

    /// A profiler whose tables are those of another fit: shows that a comparison can fail. For tests.
    ///
    /// # Errors
    /// As for [`GpuProfiler::new`].
    #[doc(hidden)]
    pub fn with_table(engine: &'a GpuEngine, plan: &'a Plan, fit: &'a Fit, uploaded: &Fit) -> Result<GpuProfiler<'a>> {
        let mut chi2 = 0.0;
        let rates = engine.rates_with(plan, |scale| {
            let table = FitTable::new(uploaded, plan, scale, engine.uniform_bytes())?;
            chi2 = table.chi2;
            Ok(pass(&table))
        })?;
        Ok(GpuProfiler { rates, plan, fit, chi2 })
    }

    /// Most points of one submission; longer batches are cut.
    pub fn chunk_points(&self) -> usize {
        self.rates.chunk_points()
    }

    /// Leaves out the first slices of the rates' tables, as a driver that drops launches would. For tests.
    #[doc(hidden)]
    pub fn skip_slices(&mut self, slices: usize) {
        self.rates.skip_slices(slices);
    }

    /// Starts a batch; any number of points. Two or three batches may be under way at once.
    ///
    /// # Errors
    /// When the device is lost or out of memory.
    pub fn submit<'b>(&'b self, points: &'b [Point]) -> Result<ProfileBatch<'b>> {
        Ok(ProfileBatch { profiler: self, points, ring: Ring::start(&self.rates, points)? })
    }

    /// Reads one point's words; `None` if they were not written.
    fn read(&self, words: &[u32], point: Point, work: &mut Work) -> Option<Minimum> {
        let (rise, status) = (f64::from(f32::from_bits(words[0])), words[1]);
        if words.contains(&shared::SENTINEL) {
            return None;
        }
        let steps = status >> 8;
        if status & 0xff == CONVERGED && rise.is_finite() {
            return Some(Minimum { chi2: self.chi2 + rise, status: Status::Converged, steps, in_f64: false });
        }
        debug_assert!(status & 0xff <= LEFT_TO_F64);
        cpu::counts_at(self.plan, point, &mut work.counts);
        let profile = self.fit.profile(&work.counts, &mut work.fit);
        Some(Minimum { chi2: profile.chi2, status: profile.status, steps, in_f64: true })
    }
}

/// The second computation on a plan's counts: the minimisation.
fn pass(table: &FitTable) -> CountsPass {
    let variant = table.variant;
    CountsPass {
        source: wgsl::text(&variant.lines()),
        entry_point: "profile",
        table: bytemuck::cast_slice(&table.numbers).to_vec(),
        table_is_uniform: variant.uniform,
        words_per_point: WORDS,
        work_per_point: variant.work_per_point(),
    }
}

/// Memory of the points that are left to f64.
struct Work {
    counts: Vec<f64>,
    fit: Workspace,
}

/// What became of one point.
struct Minimum {
    chi2: f64,
    status: Status,
    steps: u32,
    in_f64: bool,
}

/// Points under way.
pub struct ProfileBatch<'a> {
    profiler: &'a GpuProfiler<'a>,
    points: &'a [Point],
    ring: Ring<'a>,
}

impl ProfileBatch<'_> {
    /// Waits for the minima.
    ///
    /// # Errors
    /// When the device failed: a value not written by the shader never passes for a chi2.
    pub fn wait(self) -> Result<Profiles> {
        let (profiler, points) = (self.profiler, self.points);
        let mut profiles = Profiles {
            chi2: vec![f64::NAN; points.len()],
            status: vec![Status::NotConverged; points.len()],
            ..Profiles::default()
        };
        self.ring.drain(|chunk, words| {
            let chi2 = profiles.chi2[chunk.clone()].par_chunks_mut(POINTS_PER_TASK);
            let status = profiles.status[chunk.clone()].par_chunks_mut(POINTS_PER_TASK);
            let written = words.par_chunks(WORDS * POINTS_PER_TASK).zip(points[chunk].par_chunks(POINTS_PER_TASK));
            let (redone, steps) = (chi2.zip(status).zip(written))
                .map(|((chi2, status), (words, points))| {
                    let mut work = Work { counts: vec![0.0; profiler.plan.channels()], fit: profiler.fit.workspace() };
                    let (mut redone, mut steps) = (0, 0);
                    for (index, (words, &point)) in words.chunks_exact(WORDS).zip(points).enumerate() {
                        let minimum = profiler.read(words, point, &mut work);
                        let minimum = minimum.ok_or_else(|| profiler.rates.unwritten())?;
                        (chi2[index], status[index]) = (minimum.chi2, minimum.status);
                        redone += usize::from(minimum.in_f64);
                        steps += u64::from(minimum.steps);
                    }
                    Ok((redone, steps))
                })
                .try_reduce(|| (0, 0), |a, b| Ok((a.0 + b.0, a.1 + b.1)))?;
            profiles.redone_in_f64 += redone;
            profiles.steps += steps;
            Ok(())
        })?;
        Ok(profiles)
    }
}
