//! One model confronted with one or more datasets: plans and fits side by side, and the chi2 at any point.

pub mod coverage;
pub mod limits;
mod point;
pub mod processes;
pub mod strips;

pub use point::{DatasetFit, Fit};

use std::cell::OnceCell;
use std::ops::Range;

use rayon::prelude::*;

use crate::base::grid::number_text;
use crate::base::simd::SimdLevel;
use crate::dataset::{Dataset, Statistic};
use crate::physics::model::Model;
use crate::rates::cpu::counts_at;
use crate::rates::plan::Plan;
use crate::rates::polynomial::MassSlice;
use crate::rates::{Nodes, Point, Resolution};
use crate::statistics::row::{RowFit, RowScratch};
use crate::statistics::{Expectation, Likelihood, Measurement, Observation, Profile, Status};
use crate::{Error, Result};

/// Expected events below this are none: a count so small says nothing, but has a logarithm.
const EMPTY: f64 = 1e-12;

/// A dataset made ready for any model: nodes, response and templates are made once.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// What it is.
    pub dataset: Dataset,
    /// Its kinematics.
    pub nodes: Nodes,
    /// Its expectation and observation.
    pub measurement: Measurement,
    /// The same prepared for rows of points.
    pub rows: RowFit,
    /// Whether the Standard Model's expectation stands in for an observation.
    pub is_expected: bool,
}

impl Experiment {
    /// A dataset with the default quadrature, on the best vector instructions of this CPU.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a count would be off by more than 1e-6 of it; a bin in which something was observed
    /// though nothing can be expected.
    pub fn new(dataset: Dataset) -> Result<Experiment> {
        let nodes = Nodes::new(&dataset, Resolution::default())?;
        require_explicable(&dataset, &nodes)?;
        let measurement =
            Measurement { expectation: Expectation::new(&dataset), observation: Observation::new(&dataset) };
        let rows = RowFit::new([&measurement], SimdLevel::detect());
        Ok(Experiment { dataset, nodes, measurement, rows, is_expected: false })
    }

    /// The same on a level of vector instructions.
    pub fn with_simd(mut self, simd: SimdLevel) -> Experiment {
        self.rows = RowFit::new([&self.measurement], simd);
        self
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
    pub fn asimov(mut self) -> Result<Experiment> {
        let plan = self.nodes.plan(&self.dataset, &Model::standard());
        let mut counts = vec![0.0; plan.channels()];
        counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
        let mut expected = self.measurement.expectation.central(&counts);
        expected.iter_mut().filter(|mu| **mu < EMPTY).for_each(|mu| *mu = 0.0);
        let quantity = |what: &str, bin: usize| format!("{what} in bin {bin} of {}", self.dataset.name);
        if let Some(bin) = expected.iter().position(|mu| !mu.is_finite()) {
            return Err(Error::out_of_range(quantity("expected count", bin), expected[bin], "finite"));
        }
        if let Statistic::Gaussian { variance, beyond_counts: Some(beyond) } = &mut self.dataset.statistic {
            *variance = expected.iter().zip(beyond).map(|(mu, beyond)| mu + *beyond).collect();
            if let Some(bin) = variance.iter().position(|variance| *variance <= 0.0) {
                return Err(Error::out_of_range(quantity("variance", bin), variance[bin], "positive"));
            }
        }
        self.is_expected = true;
        self.dataset.observed = expected;
        let simd = self.rows.simd();
        self.measurement.observation = Observation::new(&self.dataset);
        Ok(self.with_simd(simd))
    }
}

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

/// A model on some experiments: one fit to all of them.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The model.
    pub model: &'a Model,
    /// The experiments, in the order of the sum.
    pub channels: Vec<Channel<'a>>,
    /// The fit to all of them where they share nuisance parameters; else it is the sum of theirs.
    pub together: Option<RowFit>,
}

/// A model on one experiment.
#[derive(Debug)]
pub struct Channel<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its plan for the model.
    pub plan: Plan,
}

/// Memory for minimisations, reused from point to point and from row to row: one entry for each of
/// [`Analysis::minimised`].
#[derive(Debug, Clone)]
pub struct Scratch(Vec<RowScratch>);

impl<'a> Analysis<'a> {
    /// Plans for `model` on `experiments`.
    pub fn new(model: &'a Model, experiments: impl IntoIterator<Item = &'a Experiment>) -> Analysis<'a> {
        let channels: Vec<Channel> = experiments
            .into_iter()
            .map(|experiment| Channel { experiment, plan: experiment.nodes.plan(&experiment.dataset, model) })
            .collect();
        let measurements: Vec<&Measurement> = channels.iter().map(|channel| &channel.experiment.measurement).collect();
        let is_shared = Likelihood::new(measurements.iter().copied()).shared().is_empty();
        let simd = channels.first().map_or(SimdLevel::Baseline, |channel| channel.experiment.rows.simd());
        let together = (!is_shared).then(|| RowFit::new(measurements, simd));
        Analysis { model, channels, together }
    }

    /// Names of the datasets joined by `+`.
    pub fn data_name(&self) -> String {
        let names: Vec<&str> = self.channels.iter().map(|channel| channel.experiment.dataset.name.as_str()).collect();
        names.join("+")
    }

    /// Vector instructions of the CPU's kernels.
    pub fn simd(&self) -> SimdLevel {
        self.channels.first().map_or(SimdLevel::Baseline, |channel| channel.experiment.rows.simd())
    }

    /// Number of chi2 that are minimised for each point: that of each dataset alone, and, where nuisance parameters are
    /// shared, that of all together.
    pub fn minimised(&self) -> usize {
        self.channels.len() + usize::from(self.together.is_some())
    }

    /// chi2 of all data from those that are minimised; what is missing in one that it rests on is missing in it.
    pub fn total(&self, minimised: impl IntoIterator<Item = f64>) -> f64 {
        let minimised = minimised.into_iter();
        if self.together.is_none() {
            return minimised.sum();
        }
        minimised.reduce(|missing, last| if missing.is_nan() { missing } else { last }).unwrap_or(f64::NAN)
    }

    /// The fits behind the chi2 that are minimised.
    fn fits(&self) -> impl Iterator<Item = &RowFit> {
        self.channels.iter().map(|channel| &channel.experiment.rows).chain(&self.together)
    }

    /// Those that [`Analysis::total`] rests on.
    fn parts_of_total(&self) -> Range<usize> {
        if self.together.is_some() { self.channels.len()..self.minimised() } else { 0..self.channels.len() }
    }

    /// The datasets of one of the chi2 that are minimised.
    fn datasets(&self, index: usize) -> Range<usize> {
        if index < self.channels.len() { index..index + 1 } else { 0..self.channels.len() }
    }

    /// All that are minimised at a point, by direct sums and the reference.
    pub fn profiles(&self, point: Point, scratch: &mut Scratch) -> Vec<Profile> {
        self.profiles_of(0..self.minimised(), &self.counts_at(point), scratch)
    }

    fn profiles_of(&self, indices: Range<usize>, counts: &[Vec<f64>], scratch: &mut Scratch) -> Vec<Profile> {
        let fits = self.fits().zip(&mut scratch.0).enumerate().filter(|(index, _)| indices.contains(index));
        fits.map(|(index, (fit, scratch))| fit.reference(&counts[self.datasets(index)], scratch)).collect()
    }

    /// All that are minimised at a row of points, given each dataset's counts `[points][classes][energy_bins]`. Raises
    /// `status`.
    pub fn row_of_counts(
        &self,
        counts: &[&[f64]],
        scratch: &mut Scratch,
        chi2: &mut [Vec<f64>],
        status: &mut [Status],
    ) {
        for (index, ((fit, scratch), chi2)) in self.fits().zip(&mut scratch.0).zip(chi2).enumerate() {
            fit.profile_counts(&counts[self.datasets(index)], scratch, chi2, status);
        }
    }

    /// Counts of each dataset at a point, `[classes][energy_bins]`.
    fn counts_at(&self, point: Point) -> Vec<Vec<f64>> {
        let counts = |channel: &Channel| {
            let mut counts = vec![0.0; channel.plan.signal_counts()];
            counts_at(&channel.plan, point, &mut counts);
            counts
        };
        self.channels.iter().map(counts).collect()
    }

    /// Memory for minimisations.
    pub fn scratch(&self) -> Scratch {
        Scratch(self.fits().map(RowFit::scratch).collect())
    }

    /// The chi2 as a function of the coupling at one mass (MeV).
    pub fn at_mass(&self, mass_mev: f64) -> MassCurve<'_> {
        MassCurve { analysis: self, mass_mev, slices: self.channels.iter().map(|_| OnceCell::new()).collect() }
    }
}

/// chi2 against the coupling at one mass.
pub struct MassCurve<'a> {
    analysis: &'a Analysis<'a>,
    mass_mev: f64,
    /// Made when one is needed.
    slices: Vec<OnceCell<MassSlice>>,
}

impl MassCurve<'_> {
    fn slice(&self, experiment: usize) -> &MassSlice {
        let plan = &self.analysis.channels[experiment].plan;
        self.slices[experiment].get_or_init(|| MassSlice::new(plan, self.mass_mev))
    }

    /// One of the chi2 that are minimised ([`Analysis::minimised`]) at the couplings of a row. Raises `status`.
    pub fn chi2_of(
        &self,
        index: usize,
        couplings: &[f64],
        scratch: &mut Scratch,
        chi2: &mut [f64],
        status: &mut [Status],
    ) {
        if let (Some(fit), Some(scratch)) = (self.analysis.fits().nth(index), scratch.0.get_mut(index)) {
            let slices = self.analysis.datasets(index).map(|dataset| self.slice(dataset));
            fit.profile(slices, couplings, scratch, chi2, status);
        }
    }

    /// All that are minimised at one coupling, by the reference.
    pub fn profiles(&self, coupling: f64, scratch: &mut Scratch) -> Vec<Profile> {
        self.analysis.profiles_of(0..self.analysis.minimised(), &self.counts(coupling), scratch)
    }

    /// Counts of each dataset.
    fn counts(&self, coupling: f64) -> Vec<Vec<f64>> {
        let datasets = self.analysis.channels.iter().enumerate();
        datasets
            .map(|(dataset, channel)| {
                let mut counts = vec![0.0; channel.plan.signal_counts()];
                self.slice(dataset).counts_at(coupling, &mut counts);
                counts
            })
            .collect()
    }

    /// All that are minimised at the couplings of a row (NaN where one is missing), and the worst status over them. Agrees
    /// with [`MassCurve::profiles`] to 1e-8, and is a hundred times faster where neighbours are near.
    pub fn row<Values: AsMut<[f64]>>(
        &self,
        couplings: &[f64],
        scratch: &mut Scratch,
        chi2: &mut [Values],
        status: &mut [Status],
    ) {
        status.fill(Status::Converged);
        for (index, chi2) in chi2.iter_mut().enumerate() {
            self.chi2_of(index, couplings, scratch, chi2.as_mut(), status);
        }
    }

    /// chi2 of all data at each coupling of a row.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2_row(&self, couplings: &[f64], scratch: &mut Scratch) -> Result<Vec<f64>> {
        let mut sum = vec![0.0; couplings.len()];
        let (mut chi2, mut status) = (sum.clone(), vec![Status::Converged; couplings.len()]);
        for index in self.analysis.parts_of_total() {
            self.chi2_of(index, couplings, scratch, &mut chi2, &mut status);
            sum.iter_mut().zip(&chi2).for_each(|(sum, chi2)| *sum += chi2);
        }
        match status.iter().position(|status| *status != Status::Converged) {
            Some(point) => Err(self.not_converged(self.analysis.data_name(), couplings[point], status[point])),
            None => Ok(sum),
        }
    }

    /// chi2 of all data at a coupling, by the reference: the minimum over all nuisance parameters at once.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2(&self, coupling: f64, scratch: &mut Scratch) -> Result<f64> {
        let parts = self.analysis.parts_of_total();
        let mut sum = 0.0;
        for (index, profile) in parts.clone().zip(self.analysis.profiles_of(parts, &self.counts(coupling), scratch)) {
            if profile.status != Status::Converged {
                let alone = self.analysis.channels.get(index);
                let data = alone.map_or(self.analysis.data_name(), |channel| channel.experiment.dataset.name.clone());
                return Err(self.not_converged(data, coupling, profile.status));
            }
            sum += profile.chi2;
        }
        Ok(sum)
    }

    fn not_converged(&self, data: String, coupling: f64, status: Status) -> Error {
        let quantity = format!("chi2 of {data} at coupling {}", number_text(coupling));
        Error::NotConverged { quantity, reason: status.to_string() }
    }

    /// The coupling at which the mediator's events equal the Standard Model's, c_2 x^2 = c_0: the scale of the curve.
    pub fn natural_coupling(&self) -> f64 {
        let totals: Vec<[f64; 3]> = (0..self.slices.len()).map(|index| self.slice(index).totals()).collect();
        let sum = |i: usize| totals.iter().map(|total| total[i]).sum::<f64>();
        (sum(0) / sum(2)).sqrt().sqrt()
    }
}
