//! Rows of a map with a GPU: while some are on the device, the cores finish those before and prepare those after.

use std::collections::VecDeque;
use std::ops::Range;

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::rates::gpu::GpuRates;
use crate::rates::{Batch, Counts};
use crate::statistics::Status;
pub(super) use crate::statistics::gpu::whole_workgroups;
use crate::statistics::gpu::{GpuProfiler, GpuRows, Phases, RowsBatch};

use super::rows::{Done, Row, Rows, check};
use super::{Gpu, Observer, Plane, ProfileOn};

/// Launches under way: one computes, one waits for it on the device, one is read or made by the host.
const UNDER_WAY: usize = 3;

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
        ProfileOn::Cpu => prepared(analysis, |index| gpu.engine.rates(&analysis.predictions[index].plan))
            .and_then(|stages| run.through(&RatesOnly(stages), rows, &mut done)),
        ProfileOn::Gpu => prepared(analysis, |index| {
            let prediction = &analysis.predictions[index];
            GpuProfiler::new(gpu.engine, &prediction.plan, &prediction.experiment.measurement)
        })
        .and_then(|profilers| {
            let couplings = &plane.coupling.values;
            let stages = profilers.iter().map(|profiler| profiler.rows(couplings)).collect::<Result<Vec<GpuRows>>>()?;
            let result = run.through(&RatesAndProfile(&stages), rows, &mut done);
            rows.phases = stages.iter().map(GpuRows::phases).fold(rows.phases, Phases::and);
            result
        }),
    };
    (finished, result)
}

/// Something for each dataset, made side by side: shaders take a while to compile.
fn prepared<T: Send>(analysis: &Analysis, make: impl Fn(usize) -> Result<T> + Send + Sync) -> Result<Vec<T>> {
    (0..analysis.predictions.len()).into_par_iter().map(make).collect()
}

/// What a device does to the points of some rows.
trait Stage {
    /// Rows under way.
    type Batch<'p>
    where
        Self: 'p;

    /// Most rows of one launch.
    fn most_rows(&self) -> usize;

    fn submit<'p>(&'p self, plane: &'p Plane, rows: Range<usize>) -> Result<Self::Batch<'p>>;

    /// Waits for so many rows, and appends them.
    fn finish<'p>(&'p self, analysis: &Analysis, length: usize, batch: Self::Batch<'p>, rows: &mut Rows) -> Result<()>;
}

struct Run<'a> {
    analysis: &'a Analysis,
    plane: &'a Plane,
    tiles: &'a [Range<usize>],
    observer: &'a dyn Observer,
}

impl Run<'_> {
    fn through<S: Stage>(&self, stage: &S, rows: &mut Rows, done: &mut Done) -> Result<()> {
        let step = stage.most_rows().max(1);
        // Launches with the tile that each of them ends.
        let mut launches = self.tiles.iter().flat_map(|tile| {
            let starts = tile.clone().step_by(step);
            starts.map(move |start| (start..start.saturating_add(step).min(tile.end), tile))
        });
        let mut under_way = VecDeque::with_capacity(UNDER_WAY);
        loop {
            check(self.observer)?;
            while under_way.len() < UNDER_WAY {
                let Some((launch, tile)) = launches.next() else { break };
                under_way.push_back((stage.submit(self.plane, launch.clone())?, launch, tile));
            }
            let Some((batch, launch, tile)) = under_way.pop_front() else { return Ok(()) };
            stage.finish(self.analysis, launch.len(), batch, rows)?;
            if launch.end == tile.end {
                done(rows, tile)?;
            }
        }
    }
}

/// Counts come back and are profiled on all cores.
struct RatesOnly<'a>(Vec<GpuRates<'a>>);

impl<'a> Stage for RatesOnly<'a> {
    type Batch<'p>
        = Vec<Box<dyn Batch + 'p>>
    where
        'a: 'p;

    fn most_rows(&self) -> usize {
        usize::MAX
    }

    fn submit<'p>(&'p self, plane: &'p Plane, rows: Range<usize>) -> Result<Self::Batch<'p>> {
        self.0.iter().map(|rates| rates.submit_owned(plane.points_of_rows(rows.clone()))).collect()
    }

    fn finish<'p>(&'p self, analysis: &Analysis, length: usize, batch: Self::Batch<'p>, rows: &mut Rows) -> Result<()> {
        let counts = batch.into_iter().map(Batch::wait).collect::<Result<Vec<Counts>>>()?;
        let points = |counts: &Counts| counts.values.len() / counts.channels.max(1);
        let couplings = counts.first().map_or(0, points) / length.max(1);
        let done: Vec<Row> = (0..length)
            .into_par_iter()
            .map_init(
                || analysis.scratch(),
                |scratch, index| {
                    let mut row = Row::new(analysis.minimised(), couplings);
                    let own = counts.iter().map(|counts| {
                        let values = couplings * counts.channels;
                        &counts.values[index * values..(index + 1) * values]
                    });
                    analysis.row_of_counts(&own.collect::<Vec<_>>(), scratch, &mut row.chi2, &mut row.status);
                    row
                },
            )
            .collect();
        done.into_iter().for_each(|row| rows.push(row));
        rows.redone_in_f64 += counts.iter().map(|counts| counts.redone_in_f64).sum::<usize>();
        Ok(())
    }
}

/// chi2 comes back, straight into the rows.
struct RatesAndProfile<'a>(&'a [GpuRows<'a>]);

impl<'a> Stage for RatesAndProfile<'a> {
    type Batch<'p>
        = Vec<RowsBatch<'p>>
    where
        'a: 'p;

    fn most_rows(&self) -> usize {
        self.0.iter().map(GpuRows::most_rows).min().unwrap_or(1)
    }

    fn submit<'p>(&'p self, plane: &'p Plane, rows: Range<usize>) -> Result<Self::Batch<'p>> {
        let masses = &plane.mass.values[rows];
        self.0.iter().map(|stage| stage.submit(masses)).collect()
    }

    fn finish<'p>(&'p self, _: &Analysis, length: usize, batch: Self::Batch<'p>, rows: &mut Rows) -> Result<()> {
        let mut redone = 0;
        rows.fill(length, |chi2, worst| {
            worst.fill(Status::Converged as u8);
            for (batch, chi2) in batch.into_iter().zip(chi2) {
                let rest = batch.wait(chi2)?;
                for (point, status) in rest.missing {
                    worst[point] = worst[point].max(status as u8);
                }
                redone += rest.redone_in_f64;
            }
            Ok(())
        })?;
        rows.redone_in_f64 += redone;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::statistics::Status;

    /// The order of statuses is that of their numbers, in which rows keep them.
    #[test]
    fn a_worse_status_is_a_larger_number() {
        let all = [Status::Converged, Status::NotConverged, Status::SignalNotFinite];
        assert!(all.windows(2).all(|pair| pair[0] < pair[1] && (pair[0] as u8) < pair[1] as u8));
    }
}
