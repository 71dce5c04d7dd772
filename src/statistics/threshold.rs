//! From a confidence level to a rise of chi2.

use crate::{Error, Result};

/// Probability within two standard deviations of a normal variable, quoted as 95.45 %.
pub const TWO_SIGMA: f64 = 0.954_499_736_103_641_6;

/// A region that chi2 leaves by less is none: rows of a map are known to 1e-8.
const SMALLEST_RISE: f64 = 1e-6;

/// Delta chi2 for a confidence level and a number of free parameters: 6.18007 for [`TWO_SIGMA`] and 2.
///
/// # Errors
/// A confidence that is not between 0 and 1 or so small that chi2 rises by nothing, or no parameter.
pub fn delta_chi2(confidence: f64, parameters: u32) -> Result<f64> {
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(Error::out_of_range("confidence level", confidence, "between 0 and 1, e.g. 0.9545"));
    }
    if !(1..=100).contains(&parameters) {
        return Err(Error::out_of_range("number of degrees of freedom", parameters, "from 1 to 100"));
    }
    let rise = chi2_quantile(1.0 - confidence, parameters);
    if rise.is_nan() || rise < SMALLEST_RISE {
        let bound =
            format!("so large that chi2 rises by {SMALLEST_RISE:e} at least for {parameters} degrees of freedom");
        return Err(Error::out_of_range("confidence level", confidence, bound));
    }
    Ok(rise)
}

/// The chi2 that `parameters` standard normal variables exceed with probability `tail`, by bisection to 1e-13 relative.
pub fn chi2_quantile(tail: f64, parameters: u32) -> f64 {
    if parameters == 2 {
        return -2.0 * tail.ln();
    }
    let (mut low, mut high) = (0.0, f64::from(parameters));
    while chi2_tail(high, parameters) > tail {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if chi2_tail(middle, parameters) > tail { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// Probability that `parameters` standard normal variables exceed a chi2 of `value`: the closed form for whole degrees of freedom
/// (Abramowitz and Stegun 26.4.4 and 26.4.5), built up from 1 or 2 in steps of 2.
pub fn chi2_tail(value: f64, parameters: u32) -> f64 {
    let half = 0.5 * value;
    let (mut tail, mut degrees) = if parameters % 2 == 1 { (libm::erfc(half.sqrt()), 1) } else { ((-half).exp(), 2) };
    while degrees < parameters {
        // Q(d + 2) = Q(d) + (x/2)^(d/2) exp(-x/2)/Gamma(d/2 + 1)
        let a = 0.5 * f64::from(degrees);
        tail += (a * half.ln() - half - libm::lgamma(a + 1.0)).exp();
        degrees += 2;
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_quantiles() {
        // PDG review of statistics, table 40.2.
        for (confidence, parameters, expected) in
            [(0.9545, 2, 6.18), (0.9, 2, 4.61), (0.6827, 1, 1.0), (0.9, 1, 2.71), (0.95, 3, 7.82), (0.99, 2, 9.21)]
        {
            let got = delta_chi2(confidence, parameters).unwrap();
            assert!((got - expected).abs() < 6e-3, "{confidence} {parameters}: {got}");
        }
        // The recipe's level, 6.18007, is that of exactly two sigma.
        assert!((delta_chi2(TWO_SIGMA, 2).unwrap() - 6.18007).abs() < 5e-6);
    }

    #[test]
    fn two_parameters_have_a_closed_form_and_bisection_meets_the_others() {
        for confidence in [1e-2, 0.1, 0.6827, 0.9, TWO_SIGMA, 0.9973, 1.0 - 1e-9] {
            let tail = 1.0 - confidence;
            let closed = -2.0 * tail.ln();
            assert!((delta_chi2(confidence, 2).unwrap() / closed - 1.0).abs() < 1e-14);
            // The same by the sum that every other number of parameters takes.
            assert!((chi2_tail(closed, 2) / tail - 1.0).abs() < 1e-12);
            // By hand: Q(x; 4) = exp(-x/2) (1 + x/2), and Q(x; 1) = erfc(sqrt(x/2)).
            let four = delta_chi2(confidence, 4).unwrap();
            assert!(((-0.5 * four).exp() * (1.0 + 0.5 * four) / tail - 1.0).abs() < 1e-11, "{confidence}");
            let one = delta_chi2(confidence, 1).unwrap();
            assert!((libm::erfc((0.5 * one).sqrt()) / tail - 1.0).abs() < 1e-11, "{confidence}");
        }
    }

    #[test]
    fn refuses_what_is_no_probability() {
        for confidence in [0.0, 1.0, -1.0, f64::NAN] {
            assert!(delta_chi2(confidence, 2).is_err());
        }
        for confidence in [1e-17, 1e-300, 4e-7] {
            assert!(delta_chi2(confidence, 2).is_err(), "{confidence} is no region");
        }
        assert!(delta_chi2(1e-4, 1).is_err() && delta_chi2(1e-4, 3).is_ok());
        // -2 ln 2^-53.
        assert!((delta_chi2(0.999_999_999_999_999_9, 2).unwrap() - 73.473_6).abs() < 1e-3);
        assert!(delta_chi2(0.9, 0).is_err());
    }
}
