//! One pseudo-experiment: counts, centres of the priors, measured templates.

use crate::analysis::{Analysis, Experiment};
use crate::dataset::Statistic;
use crate::statistics::toys::{PoissonTable, Stream};
use crate::statistics::{Observation, Parameter, ParameterKind};

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
    let channels = analysis.channels.iter().zip(&truth.datasets);
    analysis.observing(channels.map(|(channel, own)| {
        let draw = Draw { experiment: &channel.experiment, own, nuisance: truth.nuisance, number };
        draw.observation(sidebands)
    }))
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

    fn observation(&self, sidebands: Sidebands) -> Observation {
        let expectation = &self.experiment.measurement.expectation;
        let counts = self.counts();
        let centre = |(k, parameter): (usize, &Parameter)| match self.nuisance {
            Nuisance::Prior => parameter.central,
            _ => {
                let pull = self.own.pulls[k] + self.own.noise(k, self.number, CENTRES);
                parameter.central + parameter.sigma * pull
            }
        };
        let centres = expectation.parameters.iter().enumerate().map(centre).collect();
        let factors = match sidebands {
            Sidebands::Redraw => self.sidebands(),
            Sidebands::Fixed => vec![None; self.experiment.dataset.backgrounds.len()],
        };
        let inverse_variance = self.variance(&counts, &factors);
        let columns = factors.iter().any(Option::is_some).then(|| self.columns(&factors));
        Observation { counts, inverse_variance, centres, columns }
    }

    /// The columns of the expectation with each measured background's rows of energy multiplied.
    fn columns(&self, factors: &[Option<Vec<f64>>]) -> Vec<Vec<f64>> {
        let expectation = &self.experiment.measurement.expectation;
        let mut columns = expectation.columns.clone();
        for (parameter, column) in expectation.parameters.iter().zip(&mut columns) {
            let (ParameterKind::BackgroundNorm(index) | ParameterKind::BackgroundShape(index)) = parameter.kind else {
                continue;
            };
            let rows = column.chunks_mut(expectation.time_bins).zip(factors[index].iter().flatten());
            rows.for_each(|(row, factor)| row.iter_mut().for_each(|events| *events *= factor));
        }
        columns
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
        let pulls = (0..self.own.pulls.len()).map(|k| self.own.noise(k, self.number, PARAMETERS));
        expected(&self.experiment.measurement.expectation, &self.own.signal, &pulls.collect::<Vec<_>>())
    }

    /// For each background that was measured, by what each row of energy is multiplied: counts drawn over expected.
    fn sidebands(&self) -> Vec<Option<Vec<f64>>> {
        let backgrounds = self.own.sidebands.iter().zip(0u32..);
        let factors = |(rows, index): (&Option<Vec<(f64, PoissonTable)>>, u32)| {
            let factor = |((mean, table), row): (&(f64, PoissonTable), u32)| {
                let slot = SIDEBANDS + index * ROWS + row;
                if *mean > 0.0 { table.count(self.stream().uniform(self.number, slot)) / mean } else { 1.0 }
            };
            Some(rows.as_ref()?.iter().zip(0u32..).map(factor).collect())
        };
        backgrounds.map(factors).collect()
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
