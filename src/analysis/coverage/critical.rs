//! Critical values and p-values from toys.

use crate::statistics::TWO_SIGMA;
use rayon::prelude::*;
use serde::Serialize;

/// Confidence levels that are always given, by the key they have in JSON.
pub const CONFIDENCES: [(&str, f64); 5] = [
    ("0.6827", 0.682_689_492_137_085_9),
    ("0.9", 0.9),
    ("0.9545", TWO_SIGMA),
    ("0.99", 0.99),
    ("0.9973", 0.997_300_203_936_739_8),
];

/// Part of the binomial interval's probability on either side that is left out: 68.27 % stay.
const SIGMA_TAIL: f64 = 0.158_655_253_931_457_05;
/// An observed q this much above a toy's counts as equal to it: up to half of all toys have q = 0 exactly.
pub(super) const EQUAL: f64 = 1e-6;

/// A critical value with its 68 % interval from the number of toys.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Critical {
    /// The order statistic number ceil(CL (N + 1)).
    pub value: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// The critical value of q at a confidence level; none where the toys are too few for it. `q` need not be sorted;
/// infinite values count as the largest.
pub fn critical(q: &[f64], confidence: f64) -> Option<Critical> {
    critical_of_sorted(&sorted(q), confidence)
}

/// Values by size; infinite ones last.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.par_sort_unstable_by(f64::total_cmp);
    sorted
}

/// The critical value of q that are sorted.
pub(super) fn critical_of_sorted(sorted: &[f64], confidence: f64) -> Option<Critical> {
    let n = sorted.len();
    let rank = (confidence * (n + 1) as f64).ceil() as usize;
    let value = *sorted.get(rank.checked_sub(1)?)?;
    // The number of toys below the true critical value is binomial with mean CL N.
    let (low, high) = binomial_interval(n, confidence);
    let at = |rank: usize| sorted[rank.clamp(1, n) - 1];
    Some(Critical { value, low: at(low).min(value), high: at(high).max(value) })
}

/// Share of toys with q at least that of the observation, and its binomial error.
pub fn p_value(q: &[f64], observed: f64) -> (f64, f64) {
    let n = q.len().max(1) as f64;
    let p = q.iter().filter(|toy| **toy >= observed - EQUAL).count() as f64 / n;
    (p, (p * (1.0 - p) / n).sqrt())
}

/// Share of toys with q at most `level`: what a region with that level covers; with its binomial error.
pub fn coverage(q: &[f64], level: f64) -> (f64, f64) {
    let n = q.len().max(1) as f64;
    let share = q.iter().filter(|toy| **toy <= level).count() as f64 / n;
    (share, (share * (1.0 - share) / n).sqrt())
}

/// Ranks between which a binomial number of `n` trials lies in 68.27 % of cases: by the normal quantile at large n p q,
/// summed exactly below.
fn binomial_interval(n: usize, p: f64) -> (usize, usize) {
    let (mean, variance) = (n as f64 * p, n as f64 * p * (1.0 - p));
    if variance > 100.0 {
        let sigma = variance.sqrt();
        return ((mean - sigma).floor().max(1.0) as usize, (mean + sigma).ceil() as usize + 1);
    }
    let (mut sum, mut low, mut high) = (0.0, 1, n);
    let mut found_low = false;
    for k in 0..=n {
        let (k_f, n_f) = (k as f64, n as f64);
        let choose = libm::lgamma(n_f + 1.0) - libm::lgamma(k_f + 1.0) - libm::lgamma(n_f - k_f + 1.0);
        sum += (choose + k_f * p.ln() + (n_f - k_f) * (1.0 - p).ln()).exp();
        if !found_low && sum > SIGMA_TAIL {
            (low, found_low) = (k.max(1), true);
        }
        if sum >= 1.0 - SIGMA_TAIL {
            high = k + 1;
            break;
        }
    }
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_statistics_by_hand() {
        // Of 99 toys the 90 % value is number ceil(0.9 x 100) = 90.
        let q: Vec<f64> = (1..=99).rev().map(f64::from).collect();
        let found = critical(&q, 0.9).unwrap();
        assert_eq!(found.value, 90.0);
        // Binomial(99, 0.9): mean 89.1, sigma 2.98.
        assert!((85.0..=87.0).contains(&found.low) && (92.0..=94.0).contains(&found.high), "{found:?}");
        // Nine toys know nothing of 95 %.
        assert!(critical(&q[..9], 0.95).is_none());
    }

    #[test]
    fn failed_toys_are_the_largest_and_equal_ones_count() {
        let mut q = vec![0.0; 50];
        q.extend(vec![f64::INFINITY; 50]);
        assert_eq!(critical(&q, 0.9).unwrap().value, f64::INFINITY);
        assert_eq!(p_value(&q, 0.0).0, 1.0);
        assert_eq!(coverage(&q, 6.18).0, 0.5);
    }
}
