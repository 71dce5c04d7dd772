//! Small dense symmetric systems.

/// Solves A x = b in place of `b` for a positive definite A, row-major `n x n` with its lower triangle filled.
///
/// A is scaled to a unit diagonal first, so that parameters of very different size do no harm. `false` where A is not
/// positive definite to working precision; `a` is overwritten by the factor.
pub(crate) fn solve(a: &mut [f64], b: &mut [f64], scale: &mut [f64]) -> bool {
    factor(a, scale, b.len()).is_ok() && {
        substitute(a, b, scale);
        true
    }
}

/// L with A = D L L^T D, D the roots of the diagonal of A.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Factor {
    /// L, in the lower triangle.
    lower: Vec<f64>,
    /// 1/D.
    scale: Vec<f64>,
}

impl Factor {
    /// Of A, row-major `n x n` with its lower triangle filled.
    ///
    /// # Errors
    /// The row in which A shows that it is not positive definite.
    pub(crate) fn new(mut matrix: Vec<f64>, n: usize) -> Result<Factor, usize> {
        let mut scale = vec![0.0; n];
        factor(&mut matrix, &mut scale, n)?;
        Ok(Factor { lower: matrix, scale })
    }

    /// Of the normal matrix B^T W B + P of columns, the widths of their priors, and a weight for each row. `None` where it is
    /// not positive definite.
    pub(crate) fn of_columns(columns: &[&[f64]], sigmas: &[f64], weights: &[f64]) -> Option<Factor> {
        let n = columns.len();
        let mut matrix = vec![0.0; n * n];
        for k in 0..n {
            for l in 0..=k {
                let products = columns[k].iter().zip(columns[l]).zip(weights);
                matrix[k * n + l] = products.map(|((a, b), weight)| weight * a * b).sum();
            }
            matrix[k * n + k] += sigmas[k].powi(-2);
        }
        Factor::new(matrix, n).ok()
    }

    /// The element of D L, whose product with its transpose is A, in the lower triangle.
    pub(crate) fn element(&self, row: usize, column: usize) -> f64 {
        self.lower[row * self.scale.len() + column] / self.scale[row]
    }

    /// L^-1 of the scaled `b`.
    pub(crate) fn forward(&self, b: &mut [f64]) {
        forward(&self.lower, b, &self.scale);
    }

    /// The solution in place of `b`.
    pub(crate) fn solve(&self, b: &mut [f64]) {
        substitute(&self.lower, b, &self.scale);
    }
}

/// Factors the scaled matrix; the row in which it shows that it is not positive definite.
fn factor(a: &mut [f64], scale: &mut [f64], n: usize) -> Result<(), usize> {
    for (i, scale) in scale.iter_mut().enumerate().take(n) {
        let diagonal = a[i * n + i];
        if !(diagonal > 0.0 && diagonal.is_finite()) {
            return Err(i);
        }
        *scale = 1.0 / diagonal.sqrt();
    }
    for i in 0..n {
        for j in 0..=i {
            let mut sum = a[i * n + j] * scale[i] * scale[j];
            for k in 0..j {
                sum -= a[i * n + k] * a[j * n + k];
            }
            if i != j {
                a[i * n + j] = sum / a[j * n + j];
            } else if sum > 0.0 {
                a[i * n + i] = sum.sqrt();
            } else {
                return Err(i);
            }
        }
    }
    Ok(())
}

/// Solves with a factor made by [`factor`].
fn substitute(factor: &[f64], b: &mut [f64], scale: &[f64]) {
    let n = b.len();
    forward(factor, b, scale);
    for i in (0..n).rev() {
        let mut sum = b[i];
        for k in i + 1..n {
            sum -= factor[k * n + i] * b[k];
        }
        b[i] = sum / factor[i * n + i];
    }
    for (value, scale) in b.iter_mut().zip(scale) {
        *value *= scale;
    }
}

/// The first half of [`substitute`]: L^-1 of the scaled `b`.
fn forward(factor: &[f64], b: &mut [f64], scale: &[f64]) {
    let n = b.len();
    for i in 0..n {
        let mut sum = b[i] * scale[i];
        for k in 0..i {
            sum -= factor[i * n + k] * b[k];
        }
        b[i] = sum / factor[i * n + i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solves_badly_scaled_systems() {
        // A = D B D with B = [[2,1],[1,2]] and D = diag(1e12, 1e-9); x = (1e-12, 1e9) gives b by hand.
        let mut a = [2e24, 0.0, 1e3, 2e-18];
        let mut b = [3e12, 3e-9];
        assert!(solve(&mut a, &mut b, &mut [0.0; 2]));
        assert!((b[0] * 1e12 - 1.0).abs() < 1e-14 && (b[1] * 1e-9 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn refuses_an_indefinite_matrix() {
        assert!(!solve(&mut [1.0, 0.0, 2.0, 1.0], &mut [1.0, 1.0], &mut [0.0; 2]));
    }
}
