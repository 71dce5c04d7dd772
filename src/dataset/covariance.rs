//! Errors of counts that go together: a covariance matrix C as variances and correlated errors.
//!
//! With C = D + V V^T, D diagonal and positive, for any residual r
//! ```text
//! r^T C^-1 r = min over e of  sum_i (r - V e)_i^2 / D_i + sum_k e_k^2
//! ```
//! (the Woodbury identity): each column of V is a background of no events whose parameter e_k has a unit prior around 0. So
//! all that fits variances and nuisance parameters fits a covariance, signal shapes and deformations included, and counts
//! stay in events. D is a part of the diagonal of C, half of what the smallest eigenvalue of the correlation matrix allows;
//! bins that go with no other keep their variance whole and have no column.

use crate::base::cholesky::Factor;

/// Smallest eigenvalue of a correlation matrix: with less, chi2 would keep fewer than some six digits.
pub(crate) const LEAST_EIGENVALUE: f64 = 1e-8;
/// Factor between the bounds of the smallest eigenvalue, found by halving: it needs no digits.
const EIGENVALUE_WITHIN: f64 = 1.1;
/// What of the smallest eigenvalue is the uncorrelated part.
const UNCORRELATED: f64 = 0.5;

/// A covariance matrix of the counts of all bins (events^2).
#[derive(Debug, Clone, PartialEq)]
pub struct Covariance {
    /// C, row-major `[bins][bins]`, symmetric.
    matrix: Vec<f64>,
    /// D, `[bins]`.
    uncorrelated: Vec<f64>,
    /// Columns of V, each `[bins]`.
    correlated: Vec<Vec<f64>>,
    factor: Factor,
}

impl Covariance {
    /// Of a symmetric matrix `[bins][bins]` whose diagonal is positive.
    ///
    /// # Errors
    /// One that is not positive definite: how many of its leading bins show it.
    pub(crate) fn new(matrix: Vec<f64>, bins: usize) -> Result<Covariance, usize> {
        let sigma: Vec<f64> = (0..bins).map(|i| matrix[i * bins + i].sqrt()).collect();
        let others = |i: usize| (0..bins).filter(move |j| *j != i);
        let together: Vec<usize> = (0..bins).filter(|&i| others(i).any(|j| matrix[i * bins + j] != 0.0)).collect();
        let n = together.len();
        // The correlation matrix of these, less a part of the unit matrix.
        let less = |part: f64| -> Result<Factor, usize> {
            let element = |a: usize, b: usize| matrix[a * bins + b] / (sigma[a] * sigma[b]);
            let of_pair = |(k, a): (usize, &usize)| {
                let row = together.iter().enumerate();
                row.map(|(l, b)| if k == l { 1.0 - part } else { element(*a, *b) }).collect::<Vec<_>>()
            };
            Factor::new(together.iter().enumerate().flat_map(of_pair).collect(), n)
        };
        less(LEAST_EIGENVALUE).map_err(|failed| together[failed] + 1)?;
        let (mut low, mut high) = (LEAST_EIGENVALUE, 1.0);
        while high / low > EIGENVALUE_WITHIN {
            let middle = f64::sqrt(low * high);
            *if less(middle).is_ok() { &mut low } else { &mut high } = middle;
        }
        let part = UNCORRELATED * low;
        let root = less(part).map_err(|failed| together[failed] + 1)?;
        let mut uncorrelated: Vec<f64> = sigma.iter().map(|sigma| sigma * sigma).collect();
        together.iter().for_each(|bin| uncorrelated[*bin] *= part);
        let column = |k: usize| {
            let mut column = vec![0.0; bins];
            (k..n).for_each(|row| column[together[row]] = sigma[together[row]] * root.element(row, k));
            column
        };
        let factor = Factor::new(matrix.clone(), bins).map_err(|failed| failed + 1)?;
        Ok(Covariance { uncorrelated, correlated: (0..n).map(column).collect(), factor, matrix })
    }

    /// The variance of each bin (events^2): the diagonal.
    pub fn variance(&self) -> Vec<f64> {
        self.matrix.iter().step_by(self.uncorrelated.len() + 1).copied().collect()
    }

    /// The part of each bin's variance that is its own (events^2).
    pub fn uncorrelated(&self) -> &[f64] {
        &self.uncorrelated
    }

    /// What each correlated error changes at one standard deviation (events), `[errors][bins]`.
    pub fn correlated(&self) -> &[Vec<f64>] {
        &self.correlated
    }

    /// Variance of the sum over all bins (events^2).
    pub fn of_sum(&self) -> f64 {
        self.matrix.iter().sum()
    }

    /// Errors of all bins (events) from as many independent normal numbers.
    pub fn errors(&self, normal: &[f64]) -> Vec<f64> {
        let n = normal.len();
        let row = |i: usize| (0..=i).map(|k| self.factor.element(i, k) * normal[k]).sum();
        (0..n).map(row).collect()
    }

    /// C^-1 b.
    pub fn solve(&self, b: &[f64]) -> Vec<f64> {
        let mut x = b.to_vec();
        self.factor.solve(&mut x);
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// [[4, 1.2], [1.2, 1]]: correlation 0.6, eigenvalues 1.6 and 0.4; determinant 2.56.
    const TWO: [f64; 4] = [4.0, 1.2, 1.2, 1.0];

    #[test]
    fn parts_add_up_to_the_matrix() {
        let own = Covariance::new(TWO.to_vec(), 2).unwrap();
        for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let diagonal = if i == j { own.uncorrelated[i] } else { 0.0 };
            let sum: f64 = diagonal + own.correlated.iter().map(|column| column[i] * column[j]).sum::<f64>();
            assert!((sum - TWO[2 * i + j]).abs() < 1e-14, "{i} {j}: {sum}");
        }
        assert!((0.18..=0.2).contains(&(own.uncorrelated[1])), "half of 0.4: {own:?}");
        // C^-1 (1, 0) = (1, -1.2)/2.56; errors (1, 0) are the first column of L = ((2, 0), (0.6, 0.8)).
        let solved = own.solve(&[1.0, 0.0]);
        assert!((solved[0] - 1.0 / 2.56).abs() < 1e-15 && (solved[1] + 1.2 / 2.56).abs() < 1e-15, "{solved:?}");
        assert_eq!((own.errors(&[1.0, 0.0]), own.of_sum()), (vec![2.0, 0.6], 7.4));
    }

    #[test]
    fn bins_alone_keep_their_variance() {
        let own = Covariance::new(vec![4.0, 0.0, 1.2, 0.0, 9.0, 0.0, 1.2, 0.0, 1.0], 3).unwrap();
        assert_eq!((own.uncorrelated[1], own.correlated.len()), (9.0, 2));
        assert!(own.correlated.iter().all(|column| column[1] == 0.0));
        assert_eq!(Covariance::new(vec![4.0, 0.0, 0.0, 9.0], 2).unwrap().correlated, Vec::<Vec<f64>>::new());
    }

    #[test]
    fn what_is_not_positive_definite_is_told_by_its_leading_bins() {
        assert_eq!(Covariance::new(vec![1.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], 3), Err(3));
        assert_eq!(Covariance::new(vec![1.0, 1.5, 0.0, 1.5, 1.0, 0.0, 0.0, 0.0, 1.0], 3), Err(2));
    }
}
