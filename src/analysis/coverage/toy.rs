//! One pseudo-experiment: counts, centres of the priors, measured templates.

use crate::analysis::{Analysis, Experiment};
use crate::dataset::Statistic;
use crate::statistics::toys::{PoissonTable, Stream};
use crate::statistics::{Measurement, Observation, ParameterKind};

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

/// One pseudo-experiment: what a fit to it takes, for each dataset.
#[derive(Debug, Clone)]
pub struct Toy {
    /// In the order of the analysis.
    pub measurements: Vec<Measurement>,
}

impl Toy {
    /// The toy of a number.
    pub fn draw(analysis: &Analysis, truth: &Truth, number: u64, sidebands: Sidebands) -> Toy {
        let channels = analysis.channels.iter().zip(&truth.datasets);
        let draw = |experiment: &Experiment, own: &DatasetTruth| {
            Draw { experiment, own, nuisance: truth.nuisance, number }.fit(sidebands)
        };
        Toy { measurements: channels.map(|(channel, own)| draw(channel.experiment, own)).collect() }
    }

    /// What was really observed, as if it were a toy.
    pub fn observed(analysis: &Analysis) -> Toy {
        Toy { measurements: analysis.channels.iter().map(|channel| channel.experiment.measurement.clone()).collect() }
    }
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

    fn fit(&self, sidebands: Sidebands) -> Measurement {
        let mut expectation = self.experiment.measurement.expectation.clone();
        let counts = self.counts();
        let mut pulls = vec![0.0; expectation.parameters.len()];
        if self.nuisance != Nuisance::Prior {
            for (k, (pull, truth)) in pulls.iter_mut().zip(&self.own.pulls).enumerate() {
                *pull = truth + self.stream().normal(self.number, CENTRES + k as u32);
            }
        }
        let parameters = expectation.parameters.iter_mut();
        parameters.zip(pulls).for_each(|(parameter, pull)| parameter.central += parameter.sigma * pull);
        let factors = match sidebands {
            Sidebands::Redraw => self.sidebands(),
            Sidebands::Fixed => vec![None; self.experiment.dataset.backgrounds.len()],
        };
        let time_bins = expectation.time_bins;
        for (parameter, column) in expectation.parameters.iter().zip(&mut expectation.columns) {
            let (ParameterKind::BackgroundNorm(index) | ParameterKind::BackgroundShape(index)) = parameter.kind else {
                continue;
            };
            if let Some(factors) = &factors[index] {
                let rows = column.chunks_mut(time_bins).zip(factors);
                rows.for_each(|(row, factor)| row.iter_mut().for_each(|events| *events *= factor));
            }
        }
        let inverse_variance = self.variance(&counts, &factors);
        Measurement { expectation, observation: Observation { counts, inverse_variance } }
    }

    /// Counts of each bin: Poisson, but for a Gaussian statistic whose variance is given as it is: normal with that.
    fn counts(&self) -> Vec<f64> {
        let uniform = |bin: usize| self.stream().uniform(self.number, bin as u32);
        if let Statistic::Gaussian { variance, beyond_counts: None } = &self.experiment.dataset.statistic {
            let expected = self.expected();
            let bins = expected.iter().zip(variance).enumerate();
            return bins
                .map(|(bin, (mu, variance))| mu + variance.sqrt() * self.stream().normal(self.number, bin as u32))
                .collect();
        }
        match self.nuisance {
            Nuisance::Prior => {
                let expected = self.expected();
                expected.iter().enumerate().map(|(bin, mu)| PoissonTable::new(*mu).count(uniform(bin))).collect()
            }
            _ => self.own.tables.iter().enumerate().map(|(bin, table)| table.count(uniform(bin))).collect(),
        }
    }

    fn expected(&self) -> Vec<f64> {
        if self.nuisance != Nuisance::Prior {
            return self.own.expected.clone();
        }
        let pulls = (0..self.own.pulls.len()).map(|k| self.stream().normal(self.number, PARAMETERS + k as u32));
        expected(&self.experiment.measurement.expectation, &self.own.signal, &pulls.collect::<Vec<_>>())
    }

    /// For each background that was measured, by what each row of energy is multiplied: counts drawn over expected.
    fn sidebands(&self) -> Vec<Option<Vec<f64>>> {
        let dataset = &self.experiment.dataset;
        let backgrounds = dataset.backgrounds.iter().enumerate();
        backgrounds
            .map(|(index, background)| {
                let sideband = background.sideband?;
                let rows = background.events.chunks(dataset.time_bins()).enumerate();
                let factor = |(row, events): (usize, &[f64])| {
                    let mean = sideband.exposure_ratio * events.iter().sum::<f64>();
                    if mean <= 0.0 {
                        return 1.0;
                    }
                    let slot = SIDEBANDS + index as u32 * ROWS + row as u32;
                    PoissonTable::new(mean).count(self.stream().uniform(self.number, slot)) / mean
                };
                Some(rows.map(factor).collect())
            })
            .collect()
    }

    /// 1/variance, which follows the toy's counts and templates where it follows the data's.
    fn variance(&self, counts: &[f64], factors: &[Option<Vec<f64>>]) -> Option<Vec<f64>> {
        let dataset = &self.experiment.dataset;
        match &dataset.statistic {
            Statistic::Poisson => None,
            Statistic::Gaussian { variance, beyond_counts: None } => {
                Some(variance.iter().map(|variance| 1.0 / variance).collect())
            }
            Statistic::Gaussian { beyond_counts: Some(beyond), .. } => {
                // What is beyond the counts is a share of the one background that was measured.
                let measured = factors.iter().flatten().next();
                let factor = |bin: usize| measured.map_or(1.0, |factors| factors[bin / dataset.time_bins()]);
                let bins = counts.iter().zip(beyond).enumerate();
                Some(bins.map(|(bin, (n, beyond))| 1.0 / (n + beyond * factor(bin))).collect())
            }
        }
    }
}
