//! What was observed.

use crate::dataset::{Dataset, Statistic};

/// What was observed.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Counts, `[energy_bins][time_bins]`.
    pub counts: Vec<f64>,
    /// 1/variance of each bin for a Gaussian statistic, none for Poisson.
    pub inverse_variance: Option<Vec<f64>>,
}

impl Observation {
    /// What a dataset observed.
    pub fn new(dataset: &Dataset) -> Observation {
        Observation {
            counts: dataset.observed.clone(),
            inverse_variance: match &dataset.statistic {
                Statistic::Poisson => None,
                Statistic::Gaussian { variance, .. } => Some(variance.iter().map(|v| 1.0 / v).collect()),
            },
        }
    }
}
