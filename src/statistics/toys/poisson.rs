//! Poisson numbers by inversion: a table of the cumulative probability, entered by a guide.

/// Entries of the guide.
const GUIDE: usize = 256;
/// Standard deviations around the mean that the table holds: the rest has a probability below 1e-17.
const REACH: f64 = 9.0;
/// Means below this start the table at 0.
const SMALL: f64 = 80.0;

/// The distribution of one mean.
#[derive(Debug, Clone, PartialEq)]
pub struct PoissonTable {
    /// The count of the first entry.
    first: u32,
    /// P(n <= first + i).
    cumulative: Vec<f64>,
    /// For each 256th of the interval the first entry that may be meant.
    guide: Vec<u32>,
}

impl PoissonTable {
    /// The table of a mean; one that is not above 0 gives 0 always.
    pub fn new(mean: f64) -> PoissonTable {
        if mean.is_nan() || mean <= 0.0 {
            return PoissonTable { first: 0, cumulative: vec![1.0], guide: vec![0; GUIDE] };
        }
        let reach = REACH * mean.sqrt() + REACH * REACH;
        let first = if mean < SMALL { 0.0 } else { (mean - reach).max(0.0).floor() };
        let last = (mean + reach).ceil();
        let mut n = first;
        // ln P(first), then by recurrence: P(n) = P(n-1) mean/n.
        let mut probability = (first * mean.ln() - mean - libm::lgamma(first + 1.0)).exp();
        let mut sum = probability;
        let mut cumulative = vec![sum];
        while n < last {
            n += 1.0;
            probability *= mean / n;
            sum += probability;
            cumulative.push(sum);
        }
        // What rounding and the cut tails leave is shared by all: the last is 1.
        cumulative.iter_mut().for_each(|c| *c /= sum);
        let guide = (0..GUIDE).map(|i| cumulative.partition_point(|c| *c <= i as f64 / GUIDE as f64) as u32).collect();
        PoissonTable { first: first as u32, cumulative, guide }
    }

    /// The count of a uniform number in (0, 1).
    pub fn count(&self, uniform: f64) -> f64 {
        let entry = ((uniform * GUIDE as f64) as usize).min(GUIDE - 1);
        let mut i = self.guide[entry] as usize;
        while self.cumulative.get(i).is_some_and(|c| *c <= uniform) {
            i += 1;
        }
        f64::from(self.first) + i.min(self.cumulative.len() - 1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::toys::Stream;

    #[test]
    fn small_means_by_hand() {
        let table = PoissonTable::new(1.0);
        // P(0) = 1/e, P(0 or 1) = 2/e.
        let e = std::f64::consts::E;
        for (uniform, count) in [(0.5 / e, 0.0), (1.0001 / e, 1.0), (1.9999 / e, 1.0), (2.0001 / e, 2.0)] {
            assert_eq!(table.count(uniform), count);
        }
        assert_eq!(PoissonTable::new(0.0).count(0.99), 0.0);
    }

    #[test]
    fn mean_and_variance_are_those_of_the_distribution() {
        let stream = Stream::new(3, "test");
        let n = 40_000u64;
        for (slot, mean) in [1e-3, 0.3, 3.0, 47.0, 79.9, 80.1, 1e3, 1e6].into_iter().enumerate() {
            let table = PoissonTable::new(mean);
            let counts: Vec<f64> = (0..n).map(|toy| table.count(stream.uniform(toy, slot as u32))).collect();
            let average = counts.iter().sum::<f64>() / n as f64;
            let variance = counts.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / n as f64;
            let error = (mean / n as f64).sqrt();
            assert!((average - mean).abs() < 5.0 * error, "{mean}: {average}");
            // Var((n - mean)^2) = mean + 2 mean^2.
            let error = ((mean + 2.0 * mean * mean) / n as f64).sqrt();
            assert!((variance - mean).abs() < 5.0 * error, "{mean}: {variance}");
        }
    }
}
