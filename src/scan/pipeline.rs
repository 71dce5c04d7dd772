//! Rows of a map with a GPU: while one tile is on the device, the cores finish the one before.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::gpu::GpuRates;
use crate::rates::{Batch, Counts, Point, Rates};
use crate::statistics::Status;
use crate::statistics::gpu::{GpuProfiler, ProfileBatch, Profiles};

use super::rows::{Done, Row, Rows, check};
use super::{Gpu, Observer, Plane, ProfileOn};

/// Tiles whose points are made at once; the pipeline drains between groups.
const TILES_IN_GROUP: usize = 8;

/// Rows with a GPU, appended to `rows`. Returns how many tiles were finished, and why not all.
pub(super) fn on_gpu(
    analysis: &Analysis,
    plane: &Plane,
    tiles: &[Range<usize>],
    gpu: &Gpu,
    observer: &dyn Observer,
    rows: &mut Rows,
    done: &mut Done,
) -> (usize, Result<()>) {
    let mut finished = 0;
    let mut done = |rows: &Rows, tile: &Range<usize>| {
        finished += 1;
        done(rows, tile)
    };
    let run = Run { analysis, plane, tiles, observer };
    let result = match gpu.profile {
        ProfileOn::Cpu => analysis
            .channels
            .iter()
            .map(|channel| gpu.engine.rates(&channel.plan))
            .collect::<Result<Vec<GpuRates>>>()
            .and_then(|stages| run.through(&RatesOnly(stages), rows, &mut done)),
        ProfileOn::Gpu => analysis
            .channels
            .iter()
            .map(|channel| GpuProfiler::new(gpu.engine, &channel.plan, &channel.experiment.fit))
            .collect::<Result<Vec<GpuProfiler>>>()
            .and_then(|stages| run.through(&RatesAndProfile(stages), rows, &mut done)),
    };
    (finished, result)
}

/// What a device does to the points of a tile.
trait Stage {
    /// A tile under way.
    type Batch<'p>
    where
        Self: 'p;

    fn submit<'p>(&'p self, points: &'p [Point]) -> Result<Self::Batch<'p>>;

    /// Waits for a tile of so many rows, and appends them.
    fn finish<'p>(
        &'p self,
        analysis: &Analysis,
        tile_rows: usize,
        batch: Self::Batch<'p>,
        rows: &mut Rows,
    ) -> Result<()>;
}

struct Run<'a> {
    analysis: &'a Analysis<'a>,
    plane: &'a Plane,
    tiles: &'a [Range<usize>],
    observer: &'a dyn Observer,
}

impl Run<'_> {
    fn through<S: Stage>(&self, stage: &S, rows: &mut Rows, done: &mut Done) -> Result<()> {
        for group in self.tiles.chunks(TILES_IN_GROUP) {
            let points: Vec<Vec<Point>> = group.iter().map(|tile| self.plane.points_of_rows(tile.clone())).collect();
            let mut under_way = None;
            for index in 0..=group.len() {
                check(self.observer)?;
                let next = points.get(index).map(|points| stage.submit(points)).transpose()?;
                if let Some(batch) = std::mem::replace(&mut under_way, next) {
                    let tile = &group[index - 1];
                    stage.finish(self.analysis, tile.len(), batch, rows)?;
                    done(rows, tile)?;
                }
            }
        }
        Ok(())
    }
}

/// Counts come back and are profiled on all cores.
struct RatesOnly<'a>(Vec<GpuRates<'a>>);

impl<'a> Stage for RatesOnly<'a> {
    type Batch<'p>
        = Vec<Box<dyn Batch + 'p>>
    where
        'a: 'p;

    fn submit<'p>(&'p self, points: &'p [Point]) -> Result<Self::Batch<'p>> {
        self.0.iter().map(|rates| rates.submit(points)).collect()
    }

    fn finish<'p>(
        &'p self,
        analysis: &Analysis,
        tile_rows: usize,
        batch: Self::Batch<'p>,
        rows: &mut Rows,
    ) -> Result<()> {
        let counts = batch.into_iter().map(Batch::wait).collect::<Result<Vec<Counts>>>()?;
        let points = |counts: &Counts| counts.values.len() / counts.channels.max(1);
        let couplings = counts.first().map_or(0, points) / tile_rows.max(1);
        let done: Vec<Row> = (0..tile_rows)
            .into_par_iter()
            .map_init(
                || analysis.row_scratch(),
                |scratch, tile_row| {
                    let mut row = Row::new(analysis.channels.len(), couplings);
                    let datasets = analysis.channels.iter().zip(&counts).zip(scratch).zip(&mut row.chi2);
                    for (((channel, counts), scratch), chi2) in datasets {
                        let values = couplings * counts.channels;
                        let counts = &counts.values[tile_row * values..(tile_row + 1) * values];
                        channel.experiment.rows.profile_counts(counts, scratch, chi2, &mut row.status);
                    }
                    row
                },
            )
            .collect();
        done.into_iter().for_each(|row| rows.push(row));
        rows.redone_in_f64 += counts.iter().map(|counts| counts.redone_in_f64).sum::<usize>();
        Ok(())
    }
}

/// chi2 and status come back.
struct RatesAndProfile<'a>(Vec<GpuProfiler<'a>>);

impl<'a> Stage for RatesAndProfile<'a> {
    type Batch<'p>
        = Vec<ProfileBatch<'p>>
    where
        'a: 'p;

    fn submit<'p>(&'p self, points: &'p [Point]) -> Result<Self::Batch<'p>> {
        self.0.iter().map(|profiler| profiler.submit(points)).collect()
    }

    fn finish<'p>(&'p self, _: &Analysis, _: usize, batch: Self::Batch<'p>, rows: &mut Rows) -> Result<()> {
        let profiles = batch.into_iter().map(ProfileBatch::wait).collect::<Result<Vec<Profiles>>>()?;
        rows.redone_in_f64 += profiles.iter().map(|profiles| profiles.redone_in_f64).sum::<usize>();
        let mut status: Vec<Status> = Vec::new();
        for profiles in &profiles {
            status.resize(profiles.status.len(), Status::Converged);
            status.iter_mut().zip(&profiles.status).for_each(|(worst, own)| *worst = (*own).max(*worst));
        }
        rows.push(Row { chi2: profiles.into_iter().map(|profiles| profiles.chi2).collect(), status });
        Ok(())
    }
}
