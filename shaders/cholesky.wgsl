// Small dense symmetric systems, the lower triangle packed row by row.

/// Smallest pivot of the matrix scaled to a unit diagonal that f32 can tell from 0.
const SMALLEST_PIVOT = 2e-6;
/// Smallest diagonal whose inverse f32 holds.
const SMALLEST_DIAGONAL = 1e-36;

/// Solves A x = b in place of `b` for a positive definite A, scaled to a unit diagonal first; `matrix` is overwritten by
/// the factor. `false` where A is not positive definite to working precision.
fn solve(matrix: ptr<function, array<f32, MATRIX>>, b: ptr<function, array<f32, PARAMETERS>>) -> bool {
    var good = true;
    var scale: array<f32, PARAMETERS>;
    var inverse: array<f32, PARAMETERS>;
    // unroll row < PARAMETERS {
    good = good && (*matrix)[row * (row + 3u) / 2u] > SMALLEST_DIAGONAL;
    scale[row] = 1.0 / sqrt((*matrix)[row * (row + 3u) / 2u]);
    // }
    // unroll row < PARAMETERS {
    // unroll column < row {
    {
        var sum = (*matrix)[row * (row + 1u) / 2u + column] * scale[row] * scale[column];
        // unroll k < column
        sum -= (*matrix)[row * (row + 1u) / 2u + k] * (*matrix)[column * (column + 1u) / 2u + k];
        (*matrix)[row * (row + 1u) / 2u + column] = sum * inverse[column];
    }
    // }
    {
        var pivot = 1.0;
        // unroll k < row
        pivot -= (*matrix)[row * (row + 1u) / 2u + k] * (*matrix)[row * (row + 1u) / 2u + k];
        good = good && pivot > SMALLEST_PIVOT;
        inverse[row] = 1.0 / sqrt(pivot);
    }
    // }
    // unroll row < PARAMETERS {
    {
        var sum = (*b)[row] * scale[row];
        // unroll k < row
        sum -= (*matrix)[row * (row + 1u) / 2u + k] * (*b)[k];
        (*b)[row] = sum * inverse[row];
    }
    // }
    // unroll back < PARAMETERS {
    {
        const row = PARAMETERS - 1u - back;
        (*b)[row] *= inverse[row];
        // unroll k < PARAMETERS
        if k < row { (*b)[k] -= (*matrix)[row * (row + 1u) / 2u + k] * (*b)[row]; }
    }
    // }
    // unroll row < PARAMETERS
    (*b)[row] *= scale[row];
    return good;
}
