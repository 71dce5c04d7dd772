//! Small symmetric systems, eight at a time.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::lanes::Lanes;

/// Eliminates the first `count` unknowns of eight systems H x = b, row-major `n x n` with the lower triangle filled.
///
/// The lower triangle of these columns becomes the factor L, the upper triangle of their rows (L D) transposed, `inverse`
/// their inverse pivots, and their part of `b` L^-1 b; the rest of matrix and `b` becomes the system that is left for the
/// other unknowns (the Schur complement). Returned are what the eliminated ones have of b^T H^-1 b, and whether all their
/// pivots are positive: where they are not, a lane's numbers mean nothing.
#[inline(never)]
pub(super) fn eliminate<S: Simd>(
    simd: S,
    count: usize,
    matrix: &mut [Lanes],
    b: &mut [Lanes],
    inverse: &mut [Lanes],
) -> (f64x8<S>, mask64x8<S>) {
    simd.vectorize(
        #[inline(always)]
        || {
            let n = b.len();
            let mut positive = mask64x8::splat(simd, true);
            let mut square = f64x8::splat(simd, 0.0);
            for j in 0..n {
                let done = j.min(count);
                for i in j..n {
                    let mut sum = matrix[i * n + j].load(simd);
                    for k in 0..done {
                        sum = (-matrix[i * n + k].load(simd)).mul_add(matrix[k * n + j].load(simd), sum);
                    }
                    if j >= count {
                        matrix[i * n + j].store(sum);
                    } else if i == j {
                        positive &= sum.simd_gt(0.0);
                        inverse[j].store(f64x8::splat(simd, 1.0) / sum);
                        matrix[j * n + j].store(sum);
                    } else {
                        matrix[j * n + i].store(sum);
                        matrix[i * n + j].store(sum * inverse[j].load(simd));
                    }
                }
                // Forward substitution with the rows that are ready.
                let mut sum = b[j].load(simd);
                for k in 0..done {
                    sum = (-matrix[j * n + k].load(simd)).mul_add(b[k].load(simd), sum);
                }
                b[j].store(sum);
                if j < count {
                    square = (sum * inverse[j].load(simd)).mul_add(sum, square);
                }
            }
            (square, positive)
        },
    )
}

/// The first `count` unknowns in place of what [`eliminate`] left in `b`, where the others stand already.
#[inline(never)]
pub(super) fn substitute<S: Simd>(simd: S, count: usize, matrix: &[Lanes], b: &mut [Lanes], inverse: &[Lanes]) {
    simd.vectorize(
        #[inline(always)]
        || {
            let n = b.len();
            for j in (0..count).rev() {
                let mut sum = b[j].load(simd) * inverse[j].load(simd);
                for k in j + 1..n {
                    sum = (-matrix[k * n + j].load(simd)).mul_add(b[k].load(simd), sum);
                }
                b[j].store(sum);
            }
        },
    )
}
