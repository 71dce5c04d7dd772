//! Gaussian chi2 (2.7-2.9): a linear least-squares problem with priors.

use super::cholesky;
use super::fit::Workspace;

/// Rounds of iterative refinement: the first already brings the normal equations to the accuracy of the residuals.
const REFINEMENTS: usize = 2;

/// Smallest chi2 (and 1, the number of solves); `None` where the normal matrix is not positive definite. The parameters
/// are left in `work.values`.
pub(super) fn minimise(counts: &[f64], inverse_variance: &[f64], work: &mut Workspace) -> Option<(f64, usize)> {
    let (bins, n) = (counts.len(), work.values.len());
    for k in 0..n {
        for l in 0..=k {
            let (row, column) = (&work.columns[k * bins..(k + 1) * bins], &work.columns[l * bins..(l + 1) * bins]);
            work.matrix[k * n + l] =
                row.iter().zip(column).zip(inverse_variance).map(|((a, b), weight)| weight * a * b).sum();
        }
        work.matrix[k * n + k] += work.sigma[k].powi(-2);
    }
    if !cholesky::factor(&mut work.matrix, &mut work.scale, n) {
        return None;
    }
    // From nothing rather than from the priors' centres: residuals are then of the size of the data, however large the
    // signal, and rounding cannot leave more of it than the refinements remove.
    work.values.fill(0.0);
    let mut chi2 = residuals(counts, inverse_variance, work);
    for _ in 0..=REFINEMENTS {
        // Half the negative gradient at the present values.
        for k in 0..n {
            let column = &work.columns[k * bins..(k + 1) * bins];
            let pull = (work.central[k] - work.values[k]) / work.sigma[k].powi(2);
            let bins = column.iter().zip(&work.change).zip(inverse_variance);
            work.step[k] = pull + bins.map(|((v, residual), weight)| weight * v * residual).sum::<f64>();
        }
        cholesky::substitute(&work.matrix, &mut work.step, &work.scale);
        work.values.iter_mut().zip(&work.step).for_each(|(value, step)| *value += step);
        chi2 = residuals(counts, inverse_variance, work);
    }
    Some((chi2, 1))
}

/// Expected counts and residuals n - mu (into `work.change`) at `work.values`; returns chi2 with priors.
fn residuals(counts: &[f64], inverse_variance: &[f64], work: &mut Workspace) -> f64 {
    let bins = counts.len();
    work.expected.fill(0.0);
    for (column, value) in work.columns.chunks(bins).zip(&work.values) {
        work.expected.iter_mut().zip(column).for_each(|(mu, v)| *mu += value * v);
    }
    let mut chi2 = 0.0;
    for (bin, (n, weight)) in counts.iter().zip(inverse_variance).enumerate() {
        let residual = n - work.expected[bin];
        work.change[bin] = residual;
        chi2 += weight * residual * residual;
    }
    let priors = work.values.iter().zip(work.central.iter().zip(&work.sigma));
    chi2 + priors.map(|(p, (central, sigma))| ((p - central) / sigma).powi(2)).sum::<f64>()
}
