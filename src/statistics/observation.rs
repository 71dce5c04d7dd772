//! What was observed, or what stands in for it: data, expectations, toys.

use crate::dataset::Dataset;

use super::expectation::Expectation;

/// What was observed: all that differs between data, an expectation in their place and a toy.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// Counts, `[energy_bins][time_bins]`.
    pub counts: Vec<f64>,
    /// 1/variance of each bin for a Gaussian statistic, none for Poisson; what errors have in common is in the expectation.
    pub inverse_variance: Option<Vec<f64>>,
    /// Where the priors are centred: values of the parameters, in the order of the expectation's.
    pub centres: Vec<f64>,
    /// The columns of the parameters where backgrounds were measured anew; else they are the expectation's.
    pub columns: Option<Vec<Vec<f64>>>,
}

impl Observation {
    /// Counts, with priors and backgrounds as expected.
    pub fn of_counts(expectation: &Expectation, counts: Vec<f64>, inverse_variance: Option<Vec<f64>>) -> Observation {
        let centres = expectation.parameters.iter().map(|parameter| parameter.central).collect();
        Observation { counts, inverse_variance, centres, columns: None }
    }

    /// What a dataset observed.
    pub fn new(dataset: &Dataset, expectation: &Expectation) -> Observation {
        let own = dataset.statistic.uncorrelated();
        let inverse_variance = own.map(|variance| variance.iter().map(|v| 1.0 / v).collect());
        Observation::of_counts(expectation, dataset.observed.clone(), inverse_variance)
    }

    /// Variance of each bin for a Gaussian statistic, without what errors have in common.
    pub fn variance(&self) -> Option<Vec<f64>> {
        self.inverse_variance.as_ref().map(|weights| weights.iter().map(|weight| 1.0 / weight).collect())
    }
}
