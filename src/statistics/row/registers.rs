//! The minimum of a small Gaussian fit with all of it in registers: the number of signal parameters is known to the
//! compiler. The same operations in the same order as the general form in [`super::gaussian`], hence the same bits.

use fearless_simd::f64x8;
use fearless_simd::prelude::*;

use super::signal::{LARGEST_TERMS, LARGEST_TOTAL};

/// A fit to eight points: the signal's slopes h and form A (lower triangle by rows) in units of its total, whose inverse
/// is `inverse_unit`; priors by centre and inverse width.
pub(super) struct Fit<'a, S: Simd, const M: usize> {
    pub slopes: [f64x8<S>; M],
    pub form: [[f64x8<S>; M]; M],
    pub inverse_unit: f64x8<S>,
    pub central: &'a [f64; M],
    pub inverse_sigma: &'a [f64; M],
    pub without_signal: f64,
}

impl<S: Simd, const M: usize> Fit<'_, S, M> {
    /// chi2 at the minimum; NaN where this form cannot give it.
    #[inline(always)]
    #[allow(clippy::needless_range_loop, reason = "indices are those of the algebra")]
    pub(super) fn minimum(&self, simd: S) -> f64x8<S> {
        let Fit { slopes, form, inverse_unit, central, inverse_sigma, without_signal } = self;
        let (zero, inverse_unit) = (f64x8::splat(simd, 0.0), *inverse_unit);
        let mut matrix = [[zero; M]; M];
        let mut values = [zero; M];
        let mut inverse = [zero; M];
        for i in 0..M {
            let width = inverse_unit * inverse_sigma[i];
            values[i] = width.mul_add(central[i] * inverse_sigma[i], slopes[i]);
            matrix[i][..=i].copy_from_slice(&form[i][..=i]);
            matrix[i][i] = width.mul_add(width, matrix[i][i]);
        }
        // L D L^T, as in `ldl::solve`: L below the diagonal, (L D) transposed above.
        let mut positive = fearless_simd::mask64x8::splat(simd, true);
        for j in 0..M {
            for i in j..M {
                let mut sum = matrix[i][j];
                for k in 0..j {
                    sum = (-matrix[i][k]).mul_add(matrix[k][j], sum);
                }
                if i == j {
                    positive &= sum.simd_gt(0.0);
                    inverse[j] = f64x8::splat(simd, 1.0) / sum;
                } else {
                    matrix[j][i] = sum;
                    matrix[i][j] = sum * inverse[j];
                }
            }
            for k in 0..j {
                values[j] = (-matrix[j][k]).mul_add(values[k], values[j]);
            }
        }
        for j in (0..M).rev() {
            values[j] *= inverse[j];
            for k in j + 1..M {
                values[j] = (-matrix[k][j]).mul_add(values[k], values[j]);
            }
        }
        let mut chi2 = f64x8::splat(simd, *without_signal);
        let mut terms = zero;
        for i in 0..M {
            let mut sum = slopes[i] * -2.0;
            for j in 0..i {
                sum = (values[j] * 2.0).mul_add(form[i][j], sum);
            }
            let diagonal = values[i] * form[i][i];
            terms = diagonal.mul_add(values[i], terms);
            sum += diagonal;
            chi2 = values[i].mul_add(sum, chi2);
            let pull = values[i].mul_sub(inverse_unit, central[i]) * inverse_sigma[i];
            chi2 = pull.mul_add(pull, chi2);
        }
        let sound = positive & terms.simd_le(LARGEST_TERMS) & inverse_unit.simd_ge(1.0 / LARGEST_TOTAL);
        sound.select(chi2, f64x8::splat(simd, f64::NAN))
    }
}
