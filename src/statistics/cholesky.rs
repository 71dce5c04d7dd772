//! Small dense symmetric systems.

/// Solves A x = b in place of `b` for a positive definite A, row-major `n x n` with its lower triangle filled.
///
/// A is scaled to a unit diagonal first, so that parameters of very different size do no harm. `false` where A is not
/// positive definite to working precision; `a` is overwritten by the factor.
pub(super) fn solve(a: &mut [f64], b: &mut [f64], scale: &mut [f64]) -> bool {
    factor(a, scale, b.len()) && {
        substitute(a, b, scale);
        true
    }
}

/// Factors the scaled matrix.
pub(super) fn factor(a: &mut [f64], scale: &mut [f64], n: usize) -> bool {
    for (i, scale) in scale.iter_mut().enumerate().take(n) {
        let diagonal = a[i * n + i];
        if !(diagonal > 0.0 && diagonal.is_finite()) {
            return false;
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
                return false;
            }
        }
    }
    true
}

/// Solves with a factor made by [`factor`].
pub(super) fn substitute(factor: &[f64], b: &mut [f64], scale: &[f64]) {
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
pub(super) fn forward(factor: &[f64], b: &mut [f64], scale: &[f64]) {
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
