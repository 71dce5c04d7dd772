//! Toys on a GPU: while some are searched there, the cores draw the next.

use std::collections::VecDeque;
use std::ops::Range;

use rayon::prelude::*;

use crate::rates::gpu::GpuEngine;
use crate::statistics::forms::gpu::{Found, GpuMesh, TILE, ToysBatch};
use crate::statistics::forms::{Drawn, Lowest, Mesh, SIDE_BY_SIDE};
use crate::{Error, Result};

use super::blocks::Blocks;
use super::search::Minimum;

/// Launches under way: one is searched while the next is drawn.
const UNDER_WAY: usize = 2;

/// The minima of toys of these numbers, appended to `minima`, and the numbers of those that are for the CPU. The tables are
/// those of the toys' own mesh, or of another where a test wants wrong ones.
///
/// # Errors
/// Datasets that forms do not hold; those of the device and of `advance`.
pub(super) fn minima(
    blocks: &Blocks,
    engine: &GpuEngine,
    numbers: Range<u64>,
    advance: &(dyn Fn(usize) -> Result<()> + Sync),
    minima: &mut Vec<Option<Minimum>>,
    left: &mut Vec<u64>,
    uploaded: Option<&Mesh>,
) -> Result<()> {
    let (Some(mesh), Some(uploaded)) = (blocks.mesh(), uploaded.or(blocks.mesh())) else {
        let bound = "one that the GPU's toys hold: without shared nuisance parameters, at most 4 of the signal";
        return Err(Error::out_of_range("list of datasets", blocks.data_name(), bound));
    };
    let mesh = GpuMesh::with_tables(engine, mesh, uploaded)?;
    let words = mesh.words();
    let mut under_way: VecDeque<(u64, ToysBatch)> = VecDeque::new();
    let mut next = numbers.start;
    let mut drawn = Vec::new();
    while next < numbers.end || !under_way.is_empty() {
        advance(0)?;
        while under_way.len() < UNDER_WAY && next < numbers.end {
            let end = (next + mesh.capacity() as u64).min(numbers.end);
            let count = (end - next) as usize;
            drawn.clear();
            drawn.resize(count.div_ceil(TILE) * words.of_tile(), 0u32);
            let unfit = drawn.par_chunks_mut(words.of_tile()).enumerate().map_init(
                || blocks.room(),
                |toy: &mut Vec<Drawn>, (tile, target)| {
                    let first = next + (tile * TILE) as u64;
                    let own = (first..(first + TILE as u64).min(end)).zip(0..);
                    own.filter_map(|(number, place)| {
                        blocks.draw(number, toy);
                        (!words.put(place, toy, target)).then_some(number)
                    })
                    .collect::<Vec<u64>>()
                },
            );
            left.extend(unfit.collect::<Vec<_>>().into_iter().flatten());
            under_way.push_back((next, mesh.submit(count, &drawn)?));
            next = end;
        }
        if let Some((first, batch)) = under_way.pop_front() {
            let found = batch.wait()?;
            let length = found.len();
            let toys = || (first..).zip(&found);
            left.extend(toys().filter(|(_, found)| **found == Found::Left).map(|(number, _)| number));
            let start = minima.len();
            minima.par_extend(found.par_iter().map(|found| match found {
                Found::Lowest(lowest) => Some(blocks.minimum(lowest)),
                Found::Left => None,
            }));
            let in_strips = toys().filter_map(|(number, found)| match found {
                Found::Lowest(lowest) if lowest.is_in_strip() => Some((number, *lowest)),
                _ => None,
            });
            for (number, minimum) in finish(blocks, &in_strips.collect::<Vec<_>>()) {
                minima[start + (number - first) as usize] = minimum;
                left.extend(minimum.is_none().then_some(number));
            }
            advance(length)?;
        }
    }
    left.sort_unstable();
    left.dedup();
    Ok(())
}

/// The minima of toys in f64 from where the device found them: it knows in which valley a minimum is, but in a narrow one
/// not so well where.
fn finish(blocks: &Blocks, toys: &[(u64, Lowest)]) -> Vec<(u64, Option<Minimum>)> {
    let finished =
        toys.par_chunks(SIDE_BY_SIDE).map_init(|| blocks.memory(), |memory, own| blocks.minima_near(own, memory));
    let minima: Vec<Vec<Option<Minimum>>> = finished.collect();
    toys.iter().map(|(number, _)| *number).zip(minima.into_iter().flatten()).collect()
}

impl Blocks<'_> {
    /// The minima of toys as a GPU has them, and the numbers of those that it leaves to the CPU; with the tables of another
    /// mesh to show that a comparison can fail. For tests.
    ///
    /// # Errors
    /// Those of the device.
    #[doc(hidden)]
    pub fn minima_on_gpu(
        &self,
        engine: &GpuEngine,
        numbers: Range<u64>,
        tables: Option<&Mesh>,
    ) -> Result<(Vec<Option<Minimum>>, Vec<u64>)> {
        let (mut minima, mut left) = (Vec::new(), Vec::new());
        self::minima(self, engine, numbers, &|_| Ok(()), &mut minima, &mut left, tables)?;
        Ok((minima, left))
    }
}
