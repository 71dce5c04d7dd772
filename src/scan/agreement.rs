//! What is found when a map is held against f64: how far it is off, and what is out of contract.

use serde::{Deserialize, Serialize};

/// How far a map's GPU values are from f64.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Certificate {
    /// Points recomputed.
    pub points: usize,
    /// Those of them next to the contour; their f64 values are the map's.
    pub next_to_contour: usize,
    /// Largest difference of Delta chi2 among the points in the contract, Delta chi2 < 50.
    pub largest_chi2_difference: f64,
    /// What the contract allows.
    pub allowed_chi2_difference: f64,
    /// Largest difference of a count, relative to max(N, N_SM), in any bin of any dataset; none where the GPU was lost,
    /// or the map was put together elsewhere.
    pub largest_count_deviation: Option<f64>,
    /// What the contract allows.
    pub allowed_count_deviation: f64,
}

impl Certificate {
    /// What is out of contract, in words.
    pub fn complaint(&self) -> Option<String> {
        let (chi2, counts) = (self.largest_chi2_difference, self.largest_count_deviation.unwrap_or(0.0));
        if chi2.is_nan() || chi2 > self.allowed_chi2_difference {
            return Some(format!("chi2 is off by {chi2:e}, allowed is {:e}", self.allowed_chi2_difference));
        }
        if counts.is_nan() || counts > self.allowed_count_deviation {
            return Some(format!("a count is off by {counts:e}, allowed is {:e}", self.allowed_count_deviation));
        }
        None
    }
}

/// How far an interpolated map is from one that is minimised at each point.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Interpolation {
    /// Share of the chi2, datasets apart, that were minimised; none where some rows were made by another run.
    pub minimised: Option<f64>,
    /// Points minimised anew.
    pub points: usize,
    /// Those of them next to the contour.
    pub next_to_contour: usize,
    /// Largest difference of chi2 where Delta chi2 < 50.
    pub largest_chi2_difference: f64,
    /// What the contract allows.
    pub allowed_chi2_difference: f64,
    /// Largest difference elsewhere, relative to a thousandth of chi2 where that is above 1,000.
    pub largest_difference_far_off: f64,
    /// What the contract allows.
    pub allowed_difference_far_off: f64,
}

impl Interpolation {
    /// What is out of contract, in words.
    pub fn complaint(&self) -> Option<String> {
        let within = [
            ("", self.largest_chi2_difference, self.allowed_chi2_difference),
            (" far off the contour", self.largest_difference_far_off, self.allowed_difference_far_off),
        ];
        let broken = within.into_iter().find(|(_, found, allowed)| found.is_nan() || found > allowed);
        broken.map(|(place, found, allowed)| format!("chi2 is off by {found:e}{place}, allowed is {allowed:e}"))
    }
}

/// The larger of two; NaN counts as largest.
pub(super) fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}
