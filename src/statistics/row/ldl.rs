//! Small symmetric systems, eight at a time.

use fearless_simd::prelude::*;
use fearless_simd::{f64x8, mask64x8};

use super::lanes::Lanes;

/// Solves H x = b for eight positive definite H, row-major `n x n` with the lower triangle filled.
///
/// The lower triangle of `matrix` becomes the factor L, its upper triangle (L D) transposed; `inverse` the inverse
/// pivots. `b` becomes x. Returned are b^T H^-1 b and whether all pivots are positive: where they are
/// not, a lane's numbers mean nothing.
#[inline(always)]
pub(super) fn solve<S: Simd>(
    simd: S,
    matrix: &mut [Lanes],
    b: &mut [Lanes],
    inverse: &mut [Lanes],
) -> (f64x8<S>, mask64x8<S>) {
    let n = b.len();
    let mut positive = mask64x8::splat(simd, true);
    let mut square = f64x8::splat(simd, 0.0);
    for j in 0..n {
        for i in j..n {
            let mut sum = matrix[i * n + j].load(simd);
            for k in 0..j {
                sum = (-matrix[i * n + k].load(simd)).mul_add(matrix[k * n + j].load(simd), sum);
            }
            if i == j {
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
        for k in 0..j {
            sum = (-matrix[j * n + k].load(simd)).mul_add(b[k].load(simd), sum);
        }
        b[j].store(sum);
        square = (sum * inverse[j].load(simd)).mul_add(sum, square);
    }
    for j in (0..n).rev() {
        let mut sum = b[j].load(simd) * inverse[j].load(simd);
        for k in j + 1..n {
            sum = (-matrix[k * n + j].load(simd)).mul_add(b[k].load(simd), sum);
        }
        b[j].store(sum);
    }
    (square, positive)
}
