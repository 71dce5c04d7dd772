//! One pseudo-experiment: counts, centres of the priors, measured templates.

use crate::analysis::{Analysis, Experiment};
use crate::dataset::{Background, Dataset, Statistic};
use crate::statistics::forms::Drawn;
use crate::statistics::toys::{PoissonTable, Stream};
use crate::statistics::{Observation, ParameterKind};

use super::truth::{DatasetTruth, Nuisance, Truth, expected};

/// Slots of the random numbers of one toy and dataset: bins first, then what begins here.
const CENTRES: u32 = 1 << 24;
const SIDEBANDS: u32 = 2 << 24;
const PARAMETERS: u32 = 3 << 24;
/// Rows that a background's sideband may have.
const ROWS: u32 = 1 << 12;

/// Whether templates that were measured are drawn anew for each toy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sidebands {
    /// From the statistics of the sideband.
    Redraw,
    /// They are the truth.
    Fixed,
}

/// The toy of a number: the analysis with another observation.
pub fn draw_toy(analysis: &Analysis, truth: &Truth, number: u64, sidebands: Sidebands) -> Analysis {
    let predictions = analysis.predictions.iter().zip(&truth.datasets);
    analysis.observing(predictions.map(|(prediction, own)| {
        let draw = Draw { experiment: &prediction.experiment, own, nuisance: truth.nuisance, number };
        let mut drawn = Drawn::default();
        draw.draw(sidebands, &mut drawn);
        draw.observation(sidebands, drawn)
    }))
}

/// The numbers of a toy, those of each dataset into `drawn`.
pub(super) fn draw_numbers(analysis: &Analysis, truth: &Truth, number: u64, sidebands: Sidebands, drawn: &mut [Drawn]) {
    for ((prediction, own), drawn) in analysis.predictions.iter().zip(&truth.datasets).zip(drawn) {
        let draw = Draw { experiment: &prediction.experiment, own, nuisance: truth.nuisance, number };
        draw.draw(sidebands, drawn);
    }
}

/// Which of a dataset's backgrounds are drawn anew.
pub(super) fn measured(dataset: &Dataset, sidebands: Sidebands) -> Vec<bool> {
    let is_drawn = |background: &Background| sidebands == Sidebands::Redraw && background.sideband.is_some();
    dataset.backgrounds.iter().map(is_drawn).collect()
}

struct Draw<'a> {
    experiment: &'a Experiment,
    own: &'a DatasetTruth,
    nuisance: Nuisance,
    number: u64,
}

impl Draw<'_> {
    fn stream(&self) -> &Stream {
        &self.own.stream
    }

    /// All numbers, in place of those that were there.
    fn draw(&self, sidebands: Sidebands, drawn: &mut Drawn) {
        self.counts(&mut drawn.counts);
        let parameters = self.experiment.measurement.expectation.parameters.iter().enumerate();
        drawn.centres.clear();
        drawn.centres.extend(parameters.map(|(k, parameter)| match self.nuisance {
            Nuisance::Prior => parameter.central,
            // The counts have it.
            _ if !parameter.is_shown() => parameter.central,
            _ => {
                let pull = self.own.pulls[k] + self.own.noise(k, self.number, CENTRES);
                parameter.central + parameter.sigma * pull
            }
        }));
        drawn.factors.clear();
        if sidebands == Sidebands::Redraw {
            self.sidebands(&mut drawn.factors);
        }
        self.variance(drawn);
    }

    fn observation(&self, sidebands: Sidebands, drawn: Drawn) -> Observation {
        let Drawn { counts, centres, factors, inverse_variance } = drawn;
        let is_gaussian = matches!(self.experiment.dataset.statistic, Statistic::Gaussian { .. });
        let columns =
            (!factors.is_empty()).then(|| self.columns(&measured(&self.experiment.dataset, sidebands), &factors));
        Observation { counts, inverse_variance: is_gaussian.then_some(inverse_variance), centres, columns }
    }

    /// The columns of the expectation with each measured background's rows of energy multiplied.
    fn columns(&self, measured: &[bool], factors: &[f64]) -> Vec<Vec<f64>> {
        let expectation = &self.experiment.measurement.expectation;
        let mut columns = expectation.columns.clone();
        for (parameter, column) in expectation.parameters.iter().zip(&mut columns) {
            let (ParameterKind::BackgroundNorm(index) | ParameterKind::BackgroundShape(index)) = parameter.kind else {
                continue;
            };
            if !measured[index] {
                continue;
            }
            let before = measured[..index].iter().filter(|is| **is).count();
            let own = &factors[before * expectation.energy_bins..][..expectation.energy_bins];
            let rows = column.chunks_mut(expectation.time_bins).zip(own);
            rows.for_each(|(row, factor)| row.iter_mut().for_each(|events| *events *= factor));
        }
        columns
    }

    /// Counts of each bin: Poisson, but for a Gaussian statistic whose variance is given as it is: normal with that.
    fn counts(&self, counts: &mut Vec<f64>) {
        counts.clear();
        let uniform = |bin: usize| self.stream().uniform(self.number, bin as u32);
        if let Statistic::Gaussian { variance, beyond_counts: None, covariance } = &self.experiment.dataset.statistic {
            let expected = self.expected();
            let normal = |bin: usize| self.stream().normal(self.number, bin as u32);
            match covariance {
                Some(covariance) => {
                    let normal: Vec<f64> = (0..expected.len()).map(normal).collect();
                    counts.extend(expected.iter().zip(covariance.errors(&normal)).map(|(mu, error)| mu + error));
                }
                None => {
                    let bins = expected.iter().zip(variance).enumerate();
                    counts.extend(bins.map(|(bin, (mu, variance))| mu + variance.sqrt() * normal(bin)));
                }
            }
            return;
        }
        match self.nuisance {
            Nuisance::Prior => {
                let expected = self.expected();
                let bins = expected.iter().enumerate();
                counts.extend(bins.map(|(bin, mu)| PoissonTable::new(*mu).count(uniform(bin))));
            }
            _ => counts.extend(self.own.tables.iter().enumerate().map(|(bin, table)| table.count(uniform(bin)))),
        }
    }

    fn expected(&self) -> Vec<f64> {
        if self.nuisance != Nuisance::Prior {
            return self.own.expected.clone();
        }
        let parameters = self.experiment.measurement.expectation.parameters.iter().enumerate();
        let pulls = parameters.map(|(k, parameter)| match parameter.is_shown() {
            true => self.own.noise(k, self.number, PARAMETERS),
            false => 0.0,
        });
        expected(&self.experiment.measurement.expectation, &self.own.signal, &pulls.collect::<Vec<_>>())
    }

    /// For each background that was measured, by what each row of energy is multiplied: counts drawn over expected.
    fn sidebands(&self, factors: &mut Vec<f64>) {
        for (rows, index) in self.own.sidebands.iter().zip(0u32..) {
            for ((mean, table), row) in rows.iter().flatten().zip(0u32..) {
                let slot = SIDEBANDS + index * ROWS + row;
                factors.push(match *mean > 0.0 {
                    true => table.count(self.stream().uniform(self.number, slot)) / mean,
                    false => 1.0,
                });
            }
        }
    }

    /// 1/variance, which follows the toy's counts and templates where it follows the data's.
    fn variance(&self, drawn: &mut Drawn) {
        let dataset = &self.experiment.dataset;
        drawn.inverse_variance.clear();
        match &dataset.statistic {
            Statistic::Poisson => {}
            Statistic::Gaussian { beyond_counts: None, .. } => {
                let own = dataset.statistic.uncorrelated().into_iter().flatten();
                drawn.inverse_variance.extend(own.map(|variance| 1.0 / variance));
            }
            Statistic::Gaussian { beyond_counts: Some(beyond), .. } => {
                // What is beyond the counts is a share of the one background that was measured, the first.
                let factors = &drawn.factors;
                let factor = |bin: usize| factors.get(bin / dataset.time_bins()).copied().unwrap_or(1.0);
                let bins = drawn.counts.iter().zip(beyond).enumerate();
                drawn.inverse_variance.extend(bins.map(|(bin, (n, beyond))| 1.0 / (n + beyond * factor(bin))));
            }
        }
    }
}
