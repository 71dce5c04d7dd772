//! Toys of several truths weighed for another point: quantiles, shares and their errors.

use crate::analysis::coverage::critical::{Critical, EQUAL};

/// q of toys with the weights that make them toys of a point, by growing q.
#[derive(Debug, Clone)]
pub struct Weighted {
    q: Vec<f64>,
    /// Sum of the weights up to each, and of their squares.
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Weighted {
    /// Of pairs (q, weight); toys without weight say nothing and are left out.
    pub fn new(pairs: impl IntoIterator<Item = (f64, f64)>) -> Weighted {
        let mut pairs: Vec<(f64, f64)> = pairs.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
        pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let (mut sum, mut square) = (0.0, 0.0);
        let mut weighted = Weighted {
            q: Vec::with_capacity(pairs.len()),
            sums: Vec::with_capacity(pairs.len()),
            squares: Vec::with_capacity(pairs.len()),
        };
        for (q, weight) in pairs {
            sum += weight;
            square += weight * weight;
            weighted.q.push(q);
            weighted.sums.push(sum);
            weighted.squares.push(square);
        }
        weighted
    }

    /// What a function makes of each q, with its weight, by growing value.
    pub fn map(&self, of: impl Fn(f64) -> f64) -> Weighted {
        let before = std::iter::once(0.0).chain(self.sums.iter().copied());
        let weights = self.sums.iter().zip(before).map(|(sum, before)| sum - before);
        // Up to half of all toys have the same q.
        let mut known = (f64::NAN, f64::NAN);
        let pairs = self.q.iter().zip(weights).map(|(q, weight)| {
            if *q != known.0 {
                known = (*q, of(*q));
            }
            (known.1, weight)
        });
        Weighted::new(pairs.collect::<Vec<_>>())
    }

    fn total(&self) -> (f64, f64) {
        (self.sums.last().copied().unwrap_or(0.0), self.squares.last().copied().unwrap_or(0.0))
    }

    /// Sum of all weights.
    pub fn sum(&self) -> f64 {
        self.total().0
    }

    /// Number of toys of equal weight that would know as much: (sum w)^2/sum w^2.
    pub fn effective(&self) -> f64 {
        let (sum, squares) = self.total();
        if squares > 0.0 { sum * sum / squares } else { 0.0 }
    }

    /// The critical value at a confidence level, as [`crate::analysis::coverage::critical::critical`] has it for equal
    /// weights; none where the toys are too few for it. Its interval is that of the share of toys below, one standard
    /// deviation to either side.
    pub fn critical(&self, confidence: f64) -> Option<Critical> {
        let (sum, effective) = (self.sum(), self.effective());
        let at = |share: f64| self.q.get(self.sums.partition_point(|below| *below < share * sum)).copied();
        let share = confidence * (1.0 + 1.0 / effective);
        // Rounding of sums of equal weights must not skip one.
        let value = if share > 1.0 { None } else { at(share * (1.0 - 1e-12)) }?;
        let error = self.share_error(self.q.partition_point(|q| *q <= value), confidence);
        let highest = self.q.last().copied()?;
        Some(Critical {
            value,
            low: at((confidence - error).max(0.0))?.min(value),
            high: at(confidence + error).unwrap_or(highest).max(value),
        })
    }

    /// The smallest q below or at which so large a share of the toys lies; none without toys.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.sum() * (1.0 - 1e-12);
        self.q.get(self.sums.partition_point(|below| *below < wanted)).or(self.q.last()).copied()
    }

    /// Share of toys with q at least that of the observation, and its error.
    pub fn p_value(&self, observed: f64) -> (f64, f64) {
        let below = self.q.partition_point(|q| *q < observed - EQUAL);
        let share = self.share(below);
        (1.0 - share, self.share_error(below, share))
    }

    /// Share of toys with q at most `level`, and its error.
    pub fn coverage(&self, level: f64) -> (f64, f64) {
        let below = self.q.partition_point(|q| *q <= level);
        let share = self.share(below);
        (share, self.share_error(below, share))
    }

    fn share(&self, below: usize) -> f64 {
        let sum = below.checked_sub(1).map_or(0.0, |last| self.sums[last]);
        if self.sum() > 0.0 { sum / self.sum() } else { f64::NAN }
    }

    /// Error of the share of the first toys where it is `share`: that of a ratio of weighted sums.
    fn share_error(&self, below: usize, share: f64) -> f64 {
        let (sum, squares) = self.total();
        let of_below = below.checked_sub(1).map_or(0.0, |last| self.squares[last]);
        let variance = of_below * (1.0 - share).powi(2) + (squares - of_below) * share * share;
        variance.max(0.0).sqrt() / sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::coverage::critical::{coverage, critical, p_value};

    #[test]
    fn equal_weights_are_plain_toys() {
        let q: Vec<f64> = (0..5000).map(|i| (i as f64 * 0.618_033_988_749_895).fract() * 9.0).collect();
        let weighted = Weighted::new(q.iter().map(|q| (*q, 0.37)));
        assert!((weighted.effective() - 5000.0).abs() < 1e-6);
        for confidence in [0.6827, 0.9, 0.9545, 0.99] {
            let (found, expected) = (weighted.critical(confidence).unwrap(), critical(&q, confidence).unwrap());
            assert_eq!(found.value, expected.value);
            // The binomial interval rounds ranks outwards.
            assert!((found.low - expected.low).abs() < 0.01 && (found.high - expected.high).abs() < 0.01);
        }
        assert!(weighted.critical(0.99999).is_none());
        let pairs = [(weighted.coverage(6.18), coverage(&q, 6.18)), (weighted.p_value(2.0), p_value(&q, 2.0))];
        for (found, expected) in pairs {
            assert!((found.0 - expected.0).abs() < 1e-12 && (found.1 - expected.1).abs() < 1e-12);
        }
    }

    #[test]
    fn weights_count_as_often() {
        // One toy of weight 3 is three toys where the value is concerned, and knows less.
        let weighted = Weighted::new([(1.0, 3.0), (2.0, 1.0), (3.0, 0.0), (4.0, 1.0), (f64::INFINITY, 1.0)]);
        assert_eq!(weighted.effective(), 36.0 / 12.0);
        assert_eq!(weighted.coverage(1.0).0, 0.5);
        assert!((weighted.p_value(4.0).0 - 2.0 / 6.0).abs() < 1e-15);
        assert_eq!(weighted.critical(0.4).unwrap().value, 2.0);
        assert!(weighted.critical(0.9).is_none());
    }
}
