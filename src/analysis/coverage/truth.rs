//! What toys are drawn from: a point of the plane with nuisance parameters.

use crate::analysis::{Analysis, Channel};
use crate::rates::Point;
use crate::statistics::toys::{PoissonTable, Stream};
use crate::statistics::{Expectation, ParameterKind};
use crate::{Error, Result};

/// Where the nuisance parameters of the truth stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Nuisance {
    /// At their minimum on the observed data at the point (profile construction); the priors' centres of a toy are drawn
    /// around these.
    Profile,
    /// Drawn from their priors for each toy, whose centres stay where they are.
    Prior,
    /// At the priors' centres; the centres of a toy are drawn around these.
    Nominal,
}

/// A point and its nuisance parameters, for each dataset of an analysis.
#[derive(Debug, Clone)]
pub struct Truth {
    /// The point.
    pub point: Point,
    /// Where the nuisance parameters stand.
    pub nuisance: Nuisance,
    pub(super) datasets: Vec<DatasetTruth>,
    /// Bins in which nothing or less was expected, over all datasets: they are drawn as 0.
    pub negative_bins: usize,
}

/// The same for one dataset.
#[derive(Debug, Clone)]
pub(super) struct DatasetTruth {
    pub stream: Stream,
    /// Signal of the point in each bin at eta = 0.
    pub signal: Vec<f64>,
    /// eta/sigma of each parameter of the expectation.
    pub pulls: Vec<f64>,
    /// Expected counts.
    pub expected: Vec<f64>,
    /// Their distributions.
    pub tables: Vec<PoissonTable>,
}

impl Truth {
    /// The truth of a point.
    ///
    /// # Errors
    /// Datasets that share nuisance parameters; a fit that did not converge.
    pub fn new(analysis: &Analysis, point: Point, nuisance: Nuisance, seed: u64) -> Result<Truth> {
        if analysis.together.is_some() {
            return Err(Error::out_of_range(
                "list of datasets",
                analysis.data_name(),
                "of datasets that share no nuisance parameters: their toys are not drawn yet",
            ));
        }
        let mut datasets = analysis.channels.iter().map(|channel| channel.experiment);
        if let Some(own) = datasets.find(|own| own.measurement.expectation.deformations() > 0) {
            return Err(Error::out_of_range(
                "list of datasets",
                analysis.data_name(),
                format!(
                    "without {}, whose response nuisance parameters deform: its toys are not drawn yet",
                    own.dataset.name
                ),
            ));
        }
        let fit = analysis.fit(point);
        analysis.require_converged(point, &fit)?;
        let datasets: Vec<DatasetTruth> = analysis
            .channels
            .iter()
            .zip(&fit.datasets)
            .map(|(channel, own)| DatasetTruth::new(channel, point, nuisance, &own.pulls, seed))
            .collect();
        let negative_bins = datasets.iter().flat_map(|truth| &truth.expected).filter(|mu| **mu < 0.0).count();
        Ok(Truth { point, nuisance, datasets, negative_bins })
    }
}

impl DatasetTruth {
    fn new(channel: &Channel, point: Point, nuisance: Nuisance, pulls: &[f64], seed: u64) -> DatasetTruth {
        let expectation = &channel.experiment.measurement.expectation;
        let mut counts = vec![0.0; channel.plan.channels()];
        crate::rates::cpu::counts_at(&channel.plan, point, &mut counts);
        let mut signal = vec![0.0; expectation.bins()];
        expectation.spread_over_time(&counts, &mut signal);
        let pulls = match nuisance {
            Nuisance::Profile => of_parameters(expectation, pulls),
            Nuisance::Prior | Nuisance::Nominal => vec![0.0; expectation.parameters.len()],
        };
        let expected = expected(expectation, &signal, &pulls);
        let tables = expected.iter().map(|mu| PoissonTable::new(*mu)).collect();
        DatasetTruth { stream: Stream::new(seed, &channel.experiment.dataset.name), signal, pulls, expected, tables }
    }
}

/// The pulls of the parameters from those that are shown: where the signal's norm has parts, the first is their sum.
fn of_parameters(expectation: &Expectation, shown: &[f64]) -> Vec<f64> {
    let mut pulls = shown[..expectation.parameters.len()].to_vec();
    if let [own, _, ..] = expectation.norms.as_slice() {
        // A part is pulled by its sigma times what the sum is pulled by over its own.
        pulls[0] *= expectation.parameters[0].sigma / own.sigma;
    }
    pulls
}

/// Expected counts with a signal `[bins]` at eta = 0 and pulls eta/sigma.
pub(super) fn expected(expectation: &Expectation, signal: &[f64], pulls: &[f64]) -> Vec<f64> {
    let mut expected = vec![0.0; signal.len()];
    for ((parameter, column), pull) in expectation.parameters.iter().zip(&expectation.columns).zip(pulls) {
        let value = parameter.central + parameter.sigma * pull;
        let mut add = |bin: usize, events: f64| expected[bin] += value * events;
        match parameter.kind {
            ParameterKind::SignalNorm => signal.iter().enumerate().for_each(|(bin, s)| add(bin, *s)),
            ParameterKind::SignalShape(shape) => {
                let relative = &expectation.signal_shapes[shape];
                signal.iter().zip(relative).enumerate().for_each(|(bin, (s, r))| add(bin, s * r));
            }
            // Refused at the door ([`Truth::new`]).
            ParameterKind::SignalDeformation(_) => {}
            ParameterKind::BackgroundNorm(_) | ParameterKind::BackgroundShape(_) => {
                column.iter().enumerate().for_each(|(bin, events)| add(bin, *events));
            }
        }
    }
    expected
}
