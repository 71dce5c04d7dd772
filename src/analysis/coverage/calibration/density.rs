//! How probable a toy is under many truths: what toys of one are weighed with to be toys of another.
//!
//! With Poisson counts n of means mu and centres c of the priors around eta, in units of their widths,
//! ```text
//! ln p = sum_b (n_b ln mu_b - mu_b) + sum_k (c_k eta_k - eta_k^2/2) + what no truth changes
//! ```
//! is linear in the toy. Sidebands are drawn from the same rates under every truth and cancel.

use crate::analysis::Analysis;
use crate::analysis::coverage::truth::Truth;
use crate::dataset::Statistic;

/// A mean in whose place nothing is drawn: a count there has no chance.
const NO_CHANCE: f64 = 1e-30;

/// Many truths side by side.
pub(super) struct Densities {
    truths: usize,
    /// Of each dataset, in the order of the analysis.
    datasets: Vec<Table>,
}

struct Table {
    /// By what a count of each bin is multiplied, `[bins][truths]`.
    slopes: Vec<f64>,
    /// By what the centre of each prior is multiplied, `[parameters][truths]`.
    centres: Vec<f64>,
    /// `[truths]`.
    constant: Vec<f64>,
}

impl Densities {
    /// Of truths of the analysis whose nuisance parameters stand fast (not drawn from their priors).
    pub(super) fn new(analysis: &Analysis, truths: &[Truth]) -> Densities {
        let n = truths.len();
        let table = |(index, prediction): (usize, &crate::analysis::Prediction)| {
            let measurement = &prediction.experiment.measurement;
            let (bins, parameters) = (measurement.expectation.bins(), measurement.expectation.parameters.len());
            let mut table =
                Table { slopes: vec![0.0; bins * n], centres: vec![0.0; parameters * n], constant: vec![0.0; n] };
            for (place, truth) in truths.iter().enumerate() {
                let own = &truth.datasets[index];
                let statistic = &prediction.experiment.dataset.statistic;
                let correlated = statistic.covariance().map(|covariance| covariance.solve(&own.expected));
                for (bin, mu) in own.expected.iter().enumerate() {
                    let (slope, constant) = match (statistic, &correlated) {
                        (_, Some(slopes)) => (slopes[bin], 0.5 * mu * slopes[bin]),
                        (Statistic::Gaussian { variance, beyond_counts: None, .. }, _) => {
                            (mu / variance[bin], 0.5 * mu * mu / variance[bin])
                        }
                        _ => (mu.max(NO_CHANCE).ln(), mu.max(0.0)),
                    };
                    table.slopes[bin * n + place] = slope;
                    table.constant[place] -= constant;
                }
                for (parameter, pull) in own.pulls.iter().enumerate() {
                    table.centres[parameter * n + place] = *pull;
                    table.constant[place] -= 0.5 * pull * pull;
                }
            }
            table
        };
        Densities { truths: n, datasets: analysis.predictions.iter().enumerate().map(table).collect() }
    }

    /// ln p of a toy under each truth, up to what they have in common.
    pub(super) fn logarithms(&self, toy: &Analysis) -> Vec<f64> {
        let mut sum = vec![0.0; self.truths];
        for (prediction, table) in toy.predictions.iter().zip(&self.datasets) {
            let measurement = &prediction.experiment.measurement;
            sum.iter_mut().zip(&table.constant).for_each(|(sum, constant)| *sum += constant);
            let mut add = |factor: f64, row: &[f64]| {
                if factor != 0.0 {
                    sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += factor * value);
                }
            };
            let observation = &measurement.observation;
            let counts = observation.counts.iter().zip(table.slopes.chunks(self.truths));
            counts.for_each(|(count, row)| add(*count, row));
            let parameters = measurement.expectation.parameters.iter().zip(&observation.centres);
            for ((parameter, centre), row) in parameters.zip(table.centres.chunks(self.truths)) {
                add((centre - parameter.central) / parameter.sigma, row);
            }
        }
        sum
    }
}
