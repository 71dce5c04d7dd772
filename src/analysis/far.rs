//! Responses that a fit deforms further than their tables tell.

use serde::Serialize;

use crate::base::grid::{number_text, rounded};
use crate::physics::detector::Detection;
use crate::statistics::ParameterKind;

use super::{Analysis, Fit};

/// Standard deviations up to which the parabola through three tables is taken at its word.
pub const FAR_SIGMA: f64 = 5.0;
/// What probabilities may be outside of 0 and 1 without a word: less changes no count that matters.
const SLACK: f64 = 1e-3;
/// Events that a bin's signal may be below 0 without a word, over all events of the signal and at least.
const NEGATIVE: (f64, f64) = (1e-3, 0.1);

/// A dataset whose response a fit deforms far.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FarDeformation {
    /// Name of the dataset.
    pub dataset: String,
    /// The parameters that are pulled beyond [`FAR_SIGMA`], and their pulls.
    pub pulls: Vec<(String, f64)>,
    /// The smallest probability in the deformed matrix, where it is below 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_probability: Option<f64>,
    /// The largest sum of a row's probabilities, where it is above 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_sum: Option<f64>,
    /// The smallest signal of a bin (events), where it is below 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest_signal: Option<f64>,
}

impl FarDeformation {
    /// In words, without an end.
    pub fn words(&self) -> String {
        let mut said = Vec::new();
        if !self.pulls.is_empty() {
            let pulls: Vec<String> =
                self.pulls.iter().map(|(name, pull)| format!("{name} by {pull:+.1} sigma")).collect();
            said.push(format!("pulls {}, beyond {FAR_SIGMA} where three tables say little", pulls.join(", ")));
        }
        if let Some(least) = self.smallest_probability {
            said.push(format!("makes probabilities of its matrix as low as {least:.2e}"));
        }
        if let Some(sum) = self.largest_sum {
            said.push(format!("makes those of a recoil add up to {sum:.4}"));
        }
        if let Some(least) = self.smallest_signal {
            said.push(format!("makes the signal of a bin negative, down to {} events", number_text(rounded(least, 3))));
        }
        format!("the response of {} is deformed far: the fit {}", self.dataset, said.join(" and "))
    }
}

impl Analysis {
    /// The datasets whose response a fit deforms further than its tables tell.
    pub fn far_deformations(&self, fit: &Fit) -> Vec<FarDeformation> {
        let of_dataset = |(prediction, own): (&super::Prediction, &super::DatasetFit)| {
            let experiment = &prediction.experiment;
            let shown = experiment.measurement.expectation.shown().zip(&own.pulls);
            let of_response = shown.filter(|(own, _)| matches!(own.kind, ParameterKind::SignalDeformation(_)));
            let all: Vec<(String, f64)> = of_response.map(|(own, pull)| (own.name.clone(), *pull)).collect();
            let (mut smallest_probability, mut largest_sum) = (None, None);
            if let Detection::Matrix(matrix) = &experiment.dataset.response.detection {
                let values: Vec<f64> = all.iter().map(|(_, pull)| *pull).collect();
                let deformed = matrix.deformed(&values);
                let least = deformed.iter().copied().fold(0.0, f64::min);
                let sums = deformed.chunks(matrix.bins()).map(|row| row.iter().sum::<f64>());
                let sum = sums.fold(0.0, f64::max);
                (smallest_probability, largest_sum) =
                    ((least < -SLACK).then_some(least), (sum > 1.0 + SLACK).then_some(sum));
            }
            // Shapes of a signal may do so too, as their tables have it: it is no matter of the response.
            let signal = own.processes.first().filter(|_| !all.is_empty()).map_or(&[][..], Vec::as_slice);
            let least = signal.iter().copied().fold(0.0, f64::min);
            let slack = (NEGATIVE.0 * signal.iter().sum::<f64>()).max(NEGATIVE.1);
            let smallest_signal = (least < -slack).then_some(least);
            let pulls: Vec<(String, f64)> = all.into_iter().filter(|(_, pull)| pull.abs() > FAR_SIGMA).collect();
            let is_far = !pulls.is_empty()
                || smallest_probability.is_some()
                || largest_sum.is_some()
                || smallest_signal.is_some();
            is_far.then(|| FarDeformation {
                dataset: experiment.dataset.name.clone(),
                pulls,
                smallest_probability,
                largest_sum,
                smallest_signal,
            })
        };
        self.predictions.iter().zip(&fit.datasets).filter_map(of_dataset).collect()
    }
}
