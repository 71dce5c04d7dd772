//! Sums over bins of a weight, different in each lane, times constant columns: sum_b w[b] C[b][column].

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::lanes::Lanes;

/// Columns that are summed in one pass over the bins: their accumulators fit the registers of every level.
const WIDEST: usize = 6;

/// Constant columns, cut into blocks of up to [`WIDEST`].
#[derive(Debug, Clone)]
pub(super) struct Contraction {
    /// Width and values `[bins][width]` of each block.
    blocks: Vec<(usize, Vec<f64>)>,
}

impl Contraction {
    /// Of columns of equal length, a multiple of 4.
    pub(super) fn new(columns: &[Vec<f64>]) -> Contraction {
        let interleave = |columns: &[Vec<f64>]| {
            let bins = columns.first().map_or(0, Vec::len);
            (0..bins).flat_map(|bin| columns.iter().map(move |column| column[bin])).collect()
        };
        Contraction { blocks: columns.chunks(WIDEST).map(|block| (block.len(), interleave(block))).collect() }
    }

    /// One sum for each column.
    #[inline(never)]
    pub(super) fn sums<S: Simd>(&self, simd: S, weights: &[Lanes], sums: &mut [Lanes]) {
        simd.vectorize(
            #[inline(always)]
            || {
                for ((width, values), sums) in self.blocks.iter().zip(sums.chunks_mut(WIDEST)) {
                    // Narrow blocks keep several partial sums: a chain of additions waits for each of them.
                    match width {
                        1 => block::<S, 1, 4>(simd, weights, values, sums),
                        2 => block::<S, 2, 2>(simd, weights, values, sums),
                        3 => block::<S, 3, 2>(simd, weights, values, sums),
                        4 => block::<S, 4, 1>(simd, weights, values, sums),
                        5 => block::<S, 5, 1>(simd, weights, values, sums),
                        _ => block::<S, WIDEST, 1>(simd, weights, values, sums),
                    }
                }
            },
        )
    }
}

#[inline(always)]
fn block<S: Simd, const WIDTH: usize, const PARTS: usize>(
    simd: S,
    weights: &[Lanes],
    values: &[f64],
    sums: &mut [Lanes],
) {
    let mut parts = [[f64x8::splat(simd, 0.0); WIDTH]; PARTS];
    let (rows, _) = values.as_chunks::<WIDTH>();
    let (rows, _) = rows.as_chunks::<PARTS>();
    let (weights, _) = weights.as_chunks::<PARTS>();
    for (weights, rows) in weights.iter().zip(rows) {
        for part in 0..PARTS {
            let weight = weights[part].load(simd);
            for column in 0..WIDTH {
                parts[part][column] = weight.mul_add(rows[part][column], parts[part][column]);
            }
        }
    }
    for column in 0..WIDTH {
        let mut sum = parts[0][column];
        for part in &parts[1..] {
            sum += part[column];
        }
        sums[column].store(sum);
    }
}
