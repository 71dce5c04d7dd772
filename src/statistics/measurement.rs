//! What is expected and what was observed, side by side.

use std::sync::Arc;

use super::expectation::{Expectation, Parameter};
use super::observation::Observation;

/// An expectation and an observation to compare. The expectation is made once and shared by all observations.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    /// What is expected, signal apart.
    pub expectation: Arc<Expectation>,
    /// What was seen.
    pub observation: Observation,
}

impl Measurement {
    /// Counts against an expectation, with priors and backgrounds as expected.
    pub fn of_counts(expectation: Expectation, counts: Vec<f64>, inverse_variance: Option<Vec<f64>>) -> Measurement {
        let observation = Observation::of_counts(&expectation, counts, inverse_variance);
        Measurement { expectation: Arc::new(expectation), observation }
    }

    /// The parameters with the centres of their priors and their columns, which are empty for those of the signal.
    pub fn parameters(&self) -> impl Iterator<Item = (&Parameter, f64, &[f64])> {
        let columns = self.observation.columns.as_ref().unwrap_or(&self.expectation.columns);
        let centred = self.expectation.parameters.iter().zip(&self.observation.centres);
        centred.zip(columns).map(|((parameter, centre), column)| (parameter, *centre, column.as_slice()))
    }

    /// The column of a parameter.
    pub fn column(&self, index: usize) -> &[f64] {
        &self.observation.columns.as_ref().unwrap_or(&self.expectation.columns)[index]
    }
}
