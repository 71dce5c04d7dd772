//! What toys are drawn from: a point of the plane with nuisance parameters.

use crate::analysis::{Analysis, Prediction};
use crate::dataset::{Background, Dataset, Norm};
use crate::rates::Point;
use crate::statistics::toys::{PoissonTable, Stream};
use crate::statistics::{Expectation, Parameter, ParameterKind};
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
    /// What each parameter's pull fluctuates by: normal numbers and their weights.
    noise: Vec<Vec<Source>>,
    /// Signal of the point in each bin at eta = 0.
    pub signal: Vec<f64>,
    /// eta/sigma of each parameter of the expectation.
    pub pulls: Vec<f64>,
    /// Expected counts.
    pub expected: Vec<f64>,
    /// Their distributions.
    pub tables: Vec<PoissonTable>,
    /// For each background that was measured, what its sideband's rows of energy were expected to count, and how.
    pub sidebands: Vec<Option<Vec<(f64, PoissonTable)>>>,
}

/// A normal number of each toy.
#[derive(Debug, Clone, Copy)]
struct Source {
    weight: f64,
    stream: Stream,
    slot: u32,
}

impl Truth {
    /// The truth of a point.
    ///
    /// # Errors
    /// A fit that did not converge.
    pub fn new(analysis: &Analysis, point: Point, nuisance: Nuisance, seed: u64) -> Result<Truth> {
        let mut datasets = analysis.predictions.iter().map(|prediction| &prediction.experiment);
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
            .predictions
            .iter()
            .zip(&fit.datasets)
            .map(|(prediction, own)| {
                let noise = noise(analysis, prediction, seed);
                DatasetTruth::new(prediction, point, nuisance, &own.pulls, noise)
            })
            .collect();
        let negative_bins = datasets.iter().flat_map(|truth| &truth.expected).filter(|mu| **mu < 0.0).count();
        Ok(Truth { point, nuisance, datasets, negative_bins })
    }
}

impl DatasetTruth {
    fn new(
        prediction: &Prediction,
        point: Point,
        nuisance: Nuisance,
        pulls: &[f64],
        (stream, noise): (Stream, Vec<Vec<Source>>),
    ) -> DatasetTruth {
        let expectation = &prediction.experiment.measurement.expectation;
        let mut counts = vec![0.0; prediction.plan.channels()];
        crate::rates::cpu::counts_at(&prediction.plan, point, &mut counts);
        let mut signal = vec![0.0; expectation.bins()];
        expectation.spread_over_time(&counts, &mut signal);
        let pulls = match nuisance {
            Nuisance::Profile => of_parameters(expectation, pulls),
            Nuisance::Prior | Nuisance::Nominal => vec![0.0; expectation.parameters.len()],
        };
        let expected = expected(expectation, &signal, &pulls);
        let tables = expected.iter().map(|mu| PoissonTable::new(*mu)).collect();
        DatasetTruth {
            stream,
            noise,
            signal,
            pulls,
            expected,
            tables,
            sidebands: sidebands(&prediction.experiment.dataset),
        }
    }

    /// The signal's part of the expected counts, its parameters where they stand.
    pub(super) fn signal_as_drawn(&self, expectation: &Expectation) -> Vec<f64> {
        let of_signal = |kind: ParameterKind| matches!(kind, ParameterKind::SignalNorm | ParameterKind::SignalShape(_));
        let mut signal = vec![0.0; self.signal.len()];
        for (parameter, pull) in expectation.parameters.iter().zip(&self.pulls).filter(|(own, _)| of_signal(own.kind)) {
            let value = parameter.central + parameter.sigma * pull;
            for (bin, (target, events)) in signal.iter_mut().zip(&self.signal).enumerate() {
                *target += value
                    * events
                    * match parameter.kind {
                        ParameterKind::SignalShape(shape) => expectation.signal_shapes[shape][bin],
                        _ => 1.0,
                    };
            }
        }
        signal
    }

    /// How far a toy's pull of a parameter is off; `first` is the first slot of the numbers that make it.
    pub(super) fn noise(&self, parameter: usize, toy: u64, first: u32) -> f64 {
        let numbers = self.noise[parameter].iter();
        numbers.map(|source| source.weight * source.stream.normal(toy, first + source.slot)).sum()
    }
}

/// Means and distributions of the sidebands' rows.
fn sidebands(dataset: &Dataset) -> Vec<Option<Vec<(f64, PoissonTable)>>> {
    let of_background = |background: &Background| {
        let sideband = background.sideband?;
        let rows = background.events.chunks(dataset.time_bins());
        let means = rows.map(|events| sideband.exposure_ratio * events.iter().sum::<f64>());
        Some(means.map(|mean| (mean, PoissonTable::new(mean))).collect())
    };
    dataset.backgrounds.iter().map(of_background).collect()
}

/// The random numbers of a dataset: its stream, and for each parameter those of its pull. A shared parameter has the
/// same in each dataset, under its own name.
fn noise(analysis: &Analysis, prediction: &Prediction, seed: u64) -> (Stream, Vec<Vec<Source>>) {
    let expectation = &prediction.experiment.measurement.expectation;
    let stream = Stream::new(seed, &prediction.experiment.dataset.name);
    let names = analysis.together.as_ref().map_or(&[][..], |fit| fit.likelihood().shared());
    let is_shared = |name: &String, shared: bool| shared && names.contains(name);
    let of_name = |name: &str, weight: f64| Source { weight, stream: Stream::new(seed, name), slot: 0 };
    let of_parameter = |(slot, parameter): (u32, &Parameter)| {
        if is_shared(&parameter.name, parameter.shared) {
            return vec![of_name(&parameter.name, 1.0)];
        }
        let own = Source { weight: 1.0, stream, slot };
        let (shared, rest): (Vec<&Norm>, Vec<&Norm>) =
            expectation.norms.iter().partition(|norm| is_shared(&norm.name, norm.shared));
        if parameter.kind != ParameterKind::SignalNorm || shared.is_empty() {
            return vec![own];
        }
        let rest = rest.iter().fold(0.0, |sum: f64, norm| sum.hypot(norm.sigma));
        let shared = shared.iter().map(|norm| of_name(&norm.name, norm.sigma / parameter.sigma));
        std::iter::once(Source { weight: rest / parameter.sigma, ..own }).chain(shared).collect()
    };
    (stream, (0..).zip(&expectation.parameters).map(of_parameter).collect())
}

/// The pulls of the parameters from those that are shown: where the signal's norm has parts, the first is their sum.
fn of_parameters(expectation: &Expectation, shown: &[f64]) -> Vec<f64> {
    let (own, parts) = shown.split_at(expectation.shown().count());
    let mut pulls = own.to_vec();
    // Errors that bins have in common are drawn with the counts.
    pulls.resize(expectation.parameters.len(), 0.0);
    if expectation.norms.len() > 1 {
        let parts = expectation.norms.iter().zip(own.iter().take(1).chain(parts));
        pulls[0] = parts.map(|(norm, pull)| norm.sigma * pull).sum::<f64>() / expectation.parameters[0].sigma;
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
            ParameterKind::BackgroundNorm(_)
            | ParameterKind::BackgroundShape(_)
            | ParameterKind::CorrelatedError(_) => {
                column.iter().enumerate().for_each(|(bin, events)| add(bin, *events));
            }
        }
    }
    expected
}
