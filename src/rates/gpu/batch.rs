//! A batch of counts: what the device wrote becomes events.

use super::context::Context;
use super::engine::GpuRates;
use super::ring::Ring;
use super::shader::UNWRITTEN;
use crate::Result;
use crate::rates::plan::Plan;
use crate::rates::{Batch, Counts, Point, Rates, cpu};
use rayon::prelude::*;
use std::borrow::Cow;

/// A count above this, or one that is not finite, is done again in f64.
pub const LARGEST_COUNT: f64 = 1e30;
/// Points that one task of the thread pool reads back.
const ROWS_PER_TASK: usize = 1024;

impl Rates for GpuRates<'_> {
    fn submit<'b>(&'b self, points: &'b [Point]) -> Result<Box<dyn Batch + 'b>> {
        Ok(Box::new(GpuBatch(Ring::start(self, Cow::Borrowed(points))?)))
    }
}

impl GpuRates<'_> {
    /// Starts a batch of points that it keeps itself.
    ///
    /// # Errors
    /// When the device is lost or out of memory.
    pub(crate) fn submit_owned<'b>(&'b self, points: Vec<Point>) -> Result<Box<dyn Batch + 'b>> {
        Ok(Box::new(GpuBatch(Ring::start(self, Cow::Owned(points))?)))
    }
}

/// A batch under way.
struct GpuBatch<'a>(Ring<'a>);

impl Batch for GpuBatch<'_> {
    fn wait(self: Box<Self>) -> Result<Counts> {
        let (rates, length, channels) = (self.0.rates, self.0.points.len(), self.0.rates.plan.channels());
        let mut counts = Counts { values: vec![0.0; length * channels], channels, redone_in_f64: 0 };
        self.0.drain(|points, chunk, words| {
            let rows = &mut counts.values[chunk.start * channels..chunk.end * channels];
            counts.redone_in_f64 += read_rows(rates.context, rates.plan, &rates.tables.scale, words, points, rows)?;
            Ok(())
        })?;
        Ok(counts)
    }
}

/// Turns the bits of a chunk's counts into events; returns how many points were done again in f64.
pub(super) fn read_rows(
    context: &Context,
    plan: &Plan,
    scale: &[f64],
    words: &[u32],
    points: &[Point],
    rows: &mut [f64],
) -> Result<usize> {
    let block = ROWS_PER_TASK * scale.len();
    let tasks = rows.par_chunks_mut(block).zip(words.par_chunks(block)).zip(points.par_chunks(ROWS_PER_TASK));
    let read = |((rows, words), points): ((&mut [f64], &[u32]), &[Point])| {
        let rows = rows.chunks_exact_mut(scale.len()).zip(words.chunks_exact(scale.len()));
        let mut redone = 0;
        for ((row, words), &point) in rows.zip(points) {
            match read_row(words, scale, row) {
                Row::Good => {}
                Row::Unwritten => return Err(context.unwritten()),
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
        // A zero is written as -0.
        *count = f64::from(f32::from_bits(word)) * scale + 0.0;
        good &= count.abs() <= LARGEST_COUNT;
        written &= word != UNWRITTEN;
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
    fn a_zero_has_its_sign_back() {
        let mut row = [1.0];
        assert_eq!(read_row(&[(-0.0f32).to_bits()], &[2.0], &mut row), Row::Good);
        assert!(row[0] == 0.0 && row[0].is_sign_positive());
    }

    #[test]
    fn a_row_is_good_unwritten_or_out_of_range() {
        let mut row = [0.0; 2];
        let one = 1.0f32.to_bits();
        assert_eq!(read_row(&[one, one], &[2.0, 0.5], &mut row), Row::Good);
        assert_eq!(row, [2.0, 0.5]);
        assert_eq!(read_row(&[one, UNWRITTEN], &[1.0, 1.0], &mut row), Row::Unwritten);
        for bad in [f32::NAN, f32::INFINITY, 1.1e30] {
            assert_eq!(read_row(&[one, bad.to_bits()], &[1.0, 1.0], &mut row), Row::OutOfRange);
        }
        assert_eq!(read_row(&[one, 1e20f32.to_bits()], &[1.0, 1e11], &mut row), Row::OutOfRange);
    }
}
