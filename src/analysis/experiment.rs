//! A dataset made ready, and what was observed.

use std::sync::Arc;

use rayon::prelude::*;

use crate::base::grid::{number_text, rounded};
use crate::base::simd::SimdLevel;
use crate::dataset::{Dataset, Statistic};
use crate::physics::model::{Edition, Model};
use crate::rates::cpu::counts_at;
use crate::rates::{Fineness, Nodes, Point};
use crate::statistics::row::RowFit;
use crate::statistics::{Expectation, Measurement, Observation};
use crate::{Error, Result};

/// Expected events below this are none: a count so small says nothing, but has a logarithm.
const EMPTY: f64 = 1e-12;

/// A dataset made ready for any model and any observation: nodes, response and templates are made once.
#[derive(Debug)]
pub struct Prepared {
    /// What it is.
    pub dataset: Dataset,
    /// Its kinematics.
    pub nodes: Nodes,
}

/// What is prepared and one observation of it: data, an expectation in their place, a toy. Copies share what is prepared.
///
/// ```
/// use cevscan::{Dataset, Experiment};
///
/// let experiments = Experiment::parse_list("csi+lar")?;
/// // What is expected to be found with the same data, were there no mediator.
/// let expected = Experiment::of(Dataset::named("csi")?)?.asimov()?;
/// assert!(expected.is_expected && !experiments[0].is_expected);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Experiment {
    /// What all its observations have in common.
    pub prepared: Arc<Prepared>,
    /// Its expectation and observation.
    pub measurement: Measurement,
    /// The same ready for rows of points.
    pub rows: Arc<RowFit>,
    /// Whether the Standard Model's expectation stands in for an observation.
    pub is_expected: bool,
}

impl Experiment {
    /// A dataset with the default quadrature, on the best vector instructions of this CPU.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a count would be off by more than 1e-6 of it; a bin in which something was observed
    /// though nothing can be expected.
    pub fn new(mut dataset: Dataset) -> Result<Experiment> {
        let nodes = Nodes::new(&dataset, Fineness::default())?;
        require_explicable(&dataset, &nodes)?;
        dataset.doubts.extend(doubts_of_signal(&dataset, &nodes));
        let expectation = Arc::new(Expectation::new(&dataset));
        let observation = Observation::new(&dataset, &expectation);
        let measurement = Measurement { expectation, observation };
        let rows = Arc::new(RowFit::new([&measurement], SimdLevel::detect()));
        Ok(Experiment { prepared: Arc::new(Prepared { dataset, nodes }), measurement, rows, is_expected: false })
    }

    /// The same on a level of vector instructions.
    pub fn with_simd(mut self, simd: SimdLevel) -> Experiment {
        self.rows = Arc::new(RowFit::new([&self.measurement], simd));
        self
    }

    /// The same with another observation.
    pub fn observing(&self, observation: Observation) -> Experiment {
        let measurement = Measurement { expectation: self.measurement.expectation.clone(), observation };
        let rows = Arc::new(RowFit::new([&measurement], self.rows.simd()));
        Experiment { prepared: self.prepared.clone(), measurement, rows, is_expected: self.is_expected }
    }

    /// The experiments of a list such as `csi+lar`.
    ///
    /// # Errors
    /// An unknown dataset, or one named twice.
    pub fn parse_list(text: &str) -> Result<Vec<Experiment>> {
        let names = Dataset::split_list(text);
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(Error::out_of_range("list of datasets", text, "without repetition"));
            }
        }
        let experiments: Vec<Experiment> =
            names.par_iter().map(|name| Experiment::of(Dataset::find(name)?)).collect::<Result<_>>()?;
        for (i, experiment) in experiments.iter().enumerate() {
            let name = &experiment.dataset.name;
            if experiments[..i].iter().any(|other| other.dataset.name == *name) {
                let found = format!("{text}, in which two are named {name}");
                return Err(Error::out_of_range("list of datasets", found, "of datasets with different names"));
            }
        }
        Ok(experiments)
    }

    /// A dataset made ready; in a forecast the Standard Model's expectation stands in for what is not observed yet.
    ///
    /// # Errors
    /// Those of [`Experiment::new`] and [`Experiment::asimov`].
    pub fn of(dataset: Dataset) -> Result<Experiment> {
        let experiment = Experiment::new(dataset)?;
        if experiment.dataset.is_forecast { experiment.asimov() } else { Ok(experiment) }
    }

    /// The same with the expectation of the Standard Model in place of the observed counts, all nuisance parameters at
    /// their centres (the Asimov data): its bounds are the expected ones.
    ///
    /// # Errors
    /// An expectation that is not finite, or a Gaussian variance that is 0 in some bin.
    pub fn asimov(self) -> Result<Experiment> {
        self.asimov_of(Edition::default())
    }

    /// The same where the expectation that stands in for data that are not there is that of these constants.
    ///
    /// # Errors
    /// Those of [`Experiment::asimov`].
    pub fn with_couplings(self, edition: Edition) -> Result<Experiment> {
        if self.is_expected && !edition.is_usual() { self.asimov_of(edition) } else { Ok(self) }
    }

    /// [`Experiment::asimov`] of the Standard Model by these constants.
    ///
    /// # Errors
    /// The same.
    pub fn asimov_of(self, edition: Edition) -> Result<Experiment> {
        let expectation = &self.measurement.expectation;
        let plan = self.nodes.plan(&self.dataset, &Model::standard().with_couplings(edition));
        let mut counts = vec![0.0; plan.channels()];
        counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
        let mut expected = expectation.central(&counts);
        expected.iter_mut().filter(|mu| **mu < EMPTY).for_each(|mu| *mu = 0.0);
        let quantity = |what: &str, bin: usize| format!("{what} in bin {bin} of {}", self.dataset.name);
        if let Some(bin) = expected.iter().position(|mu| !mu.is_finite()) {
            return Err(Error::out_of_range(quantity("expected count", bin), expected[bin], "finite"));
        }
        let mut inverse_variance = self.measurement.observation.inverse_variance.clone();
        if let Statistic::Gaussian { beyond_counts: Some(beyond), .. } = &self.dataset.statistic {
            let variance: Vec<f64> = expected.iter().zip(beyond).map(|(mu, beyond)| mu + *beyond).collect();
            if let Some(bin) = variance.iter().position(|variance| *variance <= 0.0) {
                return Err(Error::out_of_range(quantity("variance", bin), variance[bin], "positive"));
            }
            inverse_variance = Some(variance.iter().map(|variance| 1.0 / variance).collect());
        }
        let observation = Observation::of_counts(expectation, expected, inverse_variance);
        Ok(Experiment { is_expected: true, ..self.observing(observation) })
    }
}

impl std::ops::Deref for Experiment {
    type Target = Prepared;

    fn deref(&self) -> &Prepared {
        &self.prepared
    }
}

/// Events of the Standard Model that a dataset has as a rule, in all bins; below, and above, its file is another unit's.
const USUAL_SIGNAL: (f64, f64) = (0.05, 1e10);

/// Standard deviations, of counts and norms, by which an observation is off the Standard Model's expectation as a rule at most.
const USUAL_DISTANCE: f64 = 5.0;

/// What is to be said of a signal of next to nothing, beyond all counting, or far from what was observed.
fn doubts_of_signal(dataset: &Dataset, nodes: &Nodes) -> Vec<String> {
    let times = dataset.time_bins();
    let shares = dataset.time_fractions.chunks(times).map(|fractions| fractions.iter().sum::<f64>());
    let counts = nodes.standard_model_counts();
    let signal: f64 =
        counts.chunks(dataset.energy_bins()).zip(shares).map(|(own, share)| own.iter().sum::<f64>() * share).sum();
    let (from, to) = USUAL_SIGNAL;
    let name = &dataset.name;
    if !(from..=to).contains(&signal) {
        return vec![format!(
            "{name}: the Standard Model has {signal:.3e} signal events in all bins, which hardly ever lie outside of {from} \
             to {to:e}: another unit of energy, length or time somewhere?"
        )];
    }
    if dataset.is_forecast {
        return Vec::new();
    }
    let observed: f64 = dataset.observed.iter().sum();
    let counting: f64 = match &dataset.statistic {
        Statistic::Gaussian { covariance: Some(covariance), .. } => covariance.of_sum(),
        Statistic::Gaussian { variance, .. } => variance.iter().sum(),
        Statistic::Poisson => observed.max(1.0),
    };
    let norm = dataset.signal.norms.iter().map(|norm| norm.sigma).fold(dataset.signal.sigma, f64::hypot);
    let backgrounds = dataset.backgrounds.iter().map(|own| (own.events.iter().sum::<f64>(), own.sigma));
    let expected = signal + backgrounds.clone().map(|(events, _)| events).sum::<f64>();
    let variance = backgrounds.map(|(events, sigma)| (events * sigma).powi(2)).sum::<f64>() + counting;
    let distance = (observed - expected) / variance.sqrt().hypot(signal * norm);
    if distance.abs() <= USUAL_DISTANCE {
        return Vec::new();
    }
    vec![format!(
        "{name}: {} events were observed where {} are expected, {} of them the Standard Model's \
         signal: {:.0} standard deviations apart: another exposure, flux, mass or unit somewhere?",
        number_text(rounded(observed, 4)),
        number_text(rounded(expected, 4)),
        number_text(rounded(signal, 4)),
        distance.abs()
    )]
}

/// Two experiments of a list that hold the same counts: together they would count twice.
pub fn counted_twice(experiments: &[Experiment]) -> Option<(&str, &str)> {
    let counts = |experiment: &Experiment| experiment.measurement.observation.counts.clone();
    let same = |one: &Experiment, other: &Experiment| {
        // A few small numbers may agree by chance.
        let own = counts(one);
        !one.is_expected && !other.is_expected && own.len() >= FEW_BINS && own == counts(other)
    };
    experiments.iter().enumerate().find_map(|(i, one)| {
        let other = experiments[..i].iter().find(|other| same(one, other))?;
        Some((other.dataset.name.as_str(), one.dataset.name.as_str()))
    })
}

/// Counts of fewer bins may be the same by chance.
const FEW_BINS: usize = 6;

/// Refuses a bin with counts in which no signal and no background is expected, by the statistic of which that cannot be.
///
/// # Errors
/// Such a bin.
fn require_explicable(dataset: &Dataset, nodes: &Nodes) -> Result<()> {
    if dataset.statistic != Statistic::Poisson {
        return Ok(());
    }
    let seen = nodes.bins_seen();
    let times = dataset.time_bins();
    for (bin, observed) in dataset.observed.iter().enumerate().filter(|(_, observed)| **observed > 0.0) {
        let (energy, time) = (bin / times, bin % times);
        let shares = (0..dataset.source.classes.len()).map(|class| dataset.time_fractions[class * times + time]);
        let signal = seen[energy] && shares.sum::<f64>() > 0.0;
        if signal || dataset.backgrounds.iter().any(|background| background.events[bin] > 0.0) {
            continue;
        }
        let edges = |edges: &[f64], bin: usize| format!("{} to {}", edges[bin], edges[bin + 1]);
        return Err(Error::out_of_range(
            format!(
                "what '{}' expects of signal and backgrounds in energy bin {energy} ({} {}) and time bin {time} ({} us)",
                dataset.name,
                edges(&dataset.response.energy_edges, energy),
                dataset.energy_unit,
                edges(&dataset.time_edges_us, time)
            ),
            0,
            format!("positive, as {observed} events were observed there"),
        ));
    }
    Ok(())
}
