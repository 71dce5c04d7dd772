// Small dense symmetric systems of UNKNOWNS equations, the lower triangle (MATRIX numbers) packed row by row.

/// Smallest pivot of the matrix scaled to a unit diagonal that f32 can tell from 0.
const SMALLEST_PIVOT = 2e-6;
/// Smallest diagonal whose inverse f32 holds.
const SMALLEST_DIAGONAL = 1e-36;

/// Factors a matrix, scaled to a unit diagonal by `scale`; inverses stand in the factor's diagonal. `false` where the
/// matrix is not positive definite to working precision.
fn factor(matrix: ptr<function, array<f32, MATRIX>>, scale: ptr<function, array<f32, UNKNOWNS>>) -> bool {
    var good = true;
    // unroll row < UNKNOWNS {
    good = good & ((*matrix)[row * (row + 3u) / 2u] > SMALLEST_DIAGONAL);
    (*scale)[row] = 1.0 / sqrt((*matrix)[row * (row + 3u) / 2u]);
    // }
    // unroll row < UNKNOWNS {
    // unroll column < row {
    {
        var sum = (*matrix)[row * (row + 1u) / 2u + column] * (*scale)[row] * (*scale)[column];
        // unroll k < column
        sum -= (*matrix)[row * (row + 1u) / 2u + k] * (*matrix)[column * (column + 1u) / 2u + k];
        (*matrix)[row * (row + 1u) / 2u + column] = sum * (*matrix)[column * (column + 3u) / 2u];
    }
    // }
    {
        var pivot = 1.0;
        // unroll k < row
        pivot -= (*matrix)[row * (row + 1u) / 2u + k] * (*matrix)[row * (row + 1u) / 2u + k];
        good = good & (pivot > SMALLEST_PIVOT);
        (*matrix)[row * (row + 3u) / 2u] = 1.0 / sqrt(pivot);
    }
    // }
    return good;
}

/// Solves with a factor made by `factor`, in place of `b`.
fn substitute(
    matrix: ptr<function, array<f32, MATRIX>>,
    scale: ptr<function, array<f32, UNKNOWNS>>,
    b: ptr<function, array<f32, UNKNOWNS>>,
) {
    // unroll row < UNKNOWNS {
    {
        var sum = (*b)[row] * (*scale)[row];
        // unroll k < row
        sum -= (*matrix)[row * (row + 1u) / 2u + k] * (*b)[k];
        (*b)[row] = sum * (*matrix)[row * (row + 3u) / 2u];
    }
    // }
    // unroll back < UNKNOWNS {
    {
        const row = UNKNOWNS - 1u - back;
        (*b)[row] *= (*matrix)[row * (row + 3u) / 2u];
        // unroll k < UNKNOWNS
        if k < row { (*b)[k] -= (*matrix)[row * (row + 1u) / 2u + k] * (*b)[row]; }
    }
    // }
    // unroll row < UNKNOWNS
    (*b)[row] *= (*scale)[row];
}
