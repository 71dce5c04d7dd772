//! One model confronted with one or more datasets: plans and fits side by side, and the chi2 at any point.

pub mod coverage;
pub mod limits;
mod point;
pub mod processes;
pub mod strips;

pub use point::{DatasetFit, PointFit, sum_of_terms};

use std::cell::OnceCell;

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
use crate::statistics::{Expectation, Fit, JointFit, JointWorkspace, Observation, Profile, Status, Workspace};
use crate::{Error, Result};

/// Expected events below this are none: a count so small says nothing, but has a logarithm.
const EMPTY: f64 = 1e-12;

/// A dataset made ready for any model: nodes, response and templates are made once.
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
    /// What it is.
    pub dataset: Dataset,
    /// Its kinematics.
    pub nodes: Nodes,
    /// Its expectation and observation.
    pub fit: Fit,
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
        let fit = Fit { expectation: Expectation::new(&dataset), observation: Observation::new(&dataset) };
        let rows = RowFit::new(&fit, SimdLevel::detect());
        Ok(Experiment { dataset, nodes, fit, rows, is_expected: false })
    }

    /// The same on a level of vector instructions.
    pub fn with_simd(mut self, simd: SimdLevel) -> Experiment {
        self.rows = RowFit::new(&self.fit, simd);
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
        let mut expected = self.fit.expectation.central(&counts);
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
        self.fit.observation = Observation::new(&self.dataset);
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

/// A model on some experiments; their chi2 are summed.
///
/// ```
/// use cevscan::{Analysis, Experiment, Model, Point};
///
/// let (model, data) = (Model::named("b-l")?, Experiment::parse_list("csi+lar")?);
/// let analysis = Analysis::new(&model, &data);
/// let chi2 = |coupling| analysis.fit(Point { mass_mev: 10.0, coupling }).chi2();
/// assert!(chi2(1e-3) > chi2(0.0) + 100.0);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The model.
    pub model: &'a Model,
    /// The experiments, in the order of the sum.
    pub channels: Vec<Channel<'a>>,
    /// The fit to all of them where they share nuisance parameters.
    pub joint: Option<JointFit>,
}

/// Name of the term that [`Analysis::terms`] has after those of the datasets where they share nuisance parameters.
pub const SHARED_TERM: &str = "shared";

/// A model on one experiment.
#[derive(Debug)]
pub struct Channel<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its plan for the model.
    pub plan: Plan,
}

impl<'a> Analysis<'a> {
    /// Plans for `model` on `experiments`.
    pub fn new(model: &'a Model, experiments: impl IntoIterator<Item = &'a Experiment>) -> Analysis<'a> {
        let channels: Vec<Channel> = experiments
            .into_iter()
            .map(|experiment| Channel { experiment, plan: experiment.nodes.plan(&experiment.dataset, model) })
            .collect();
        let joint = JointFit::new(channels.iter().map(|channel| &channel.experiment.fit));
        Analysis { model, channels, joint }
    }

    /// Names of the terms of chi2, in the order of the sum: each dataset on its own, and the difference that sharing
    /// nuisance parameters makes ([`SHARED_TERM`]), where they share any: one value that fits none of them best costs, one
    /// prior in place of several gains.
    pub fn terms(&self) -> Vec<String> {
        let datasets = self.channels.iter().map(|channel| channel.experiment.dataset.name.clone());
        datasets.chain(self.joint.iter().map(|_| SHARED_TERM.to_owned())).collect()
    }

    /// Names of the datasets joined by `+`.
    pub fn data_name(&self) -> String {
        let names: Vec<&str> = self.channels.iter().map(|channel| channel.experiment.dataset.name.as_str()).collect();
        names.join("+")
    }

    /// Memory for [`MassCurve::chi2`].
    pub fn workspaces(&self) -> Vec<Workspace> {
        self.channels.iter().map(|channel| channel.experiment.fit.workspace()).collect()
    }

    /// Memory for [`MassCurve::row`].
    pub fn row_scratch(&self) -> Vec<RowScratch> {
        self.channels.iter().map(|channel| channel.experiment.rows.scratch()).collect()
    }

    /// The chi2 as a function of the coupling at one mass (MeV).
    pub fn at_mass(&self, mass_mev: f64) -> MassCurve<'_> {
        MassCurve { analysis: self, mass_mev, slices: self.channels.iter().map(|_| OnceCell::new()).collect() }
    }

    /// Memory for [`MassCurve::term`].
    pub fn row_work(&self) -> RowWork {
        RowWork { rows: self.row_scratch(), joint: self.joint.as_ref().map(JointFit::workspace) }
    }

    /// Turns the last of the terms that [`MassCurve::term`] gives, where nuisance parameters are shared the fit to all,
    /// into what [`Analysis::terms`] says: the difference that sharing makes.
    pub fn share(&self, chi2: &mut [&mut [f64]]) {
        if self.joint.is_none() {
            return;
        }
        let Some((shared, alone)) = chi2.split_last_mut() else { return };
        for (point, shared) in shared.iter_mut().enumerate() {
            *shared -= alone.iter().map(|chi2| chi2[point]).sum::<f64>();
        }
    }
}

/// chi2 against the coupling at one mass.
pub struct MassCurve<'a> {
    analysis: &'a Analysis<'a>,
    mass_mev: f64,
    /// Made when one is needed.
    slices: Vec<OnceCell<MassSlice>>,
}

/// Memory for [`MassCurve::term`].
pub struct RowWork {
    rows: Vec<RowScratch>,
    joint: Option<JointWorkspace>,
}

impl MassCurve<'_> {
    fn slice(&self, experiment: usize) -> &MassSlice {
        let plan = &self.analysis.channels[experiment].plan;
        self.slices[experiment].get_or_init(|| MassSlice::new(plan, self.mass_mev))
    }

    /// One term at the couplings of a row: the chi2 of a dataset by its index, or, after those, of the fit to all where
    /// nuisance parameters are shared ([`Analysis::share`] makes the difference of it). Raises `status`.
    pub fn term(&self, index: usize, couplings: &[f64], work: &mut RowWork, chi2: &mut [f64], status: &mut [Status]) {
        if let (Some(channel), Some(scratch)) = (self.analysis.channels.get(index), work.rows.get_mut(index)) {
            return channel.experiment.rows.profile(self.slice(index), couplings, scratch, chi2, status);
        }
        let (Some(joint), Some(work)) = (&self.analysis.joint, &mut work.joint) else { return };
        for ((coupling, chi2), status) in couplings.iter().zip(chi2).zip(status) {
            let profile = self.joint(joint, *coupling, work);
            (*chi2, *status) = (profile.chi2, profile.status.max(*status));
        }
    }

    /// One experiment (by its index) at a coupling.
    pub fn profile(&self, experiment: usize, coupling: f64, work: &mut Workspace) -> Profile {
        let channel = &self.analysis.channels[experiment];
        let mut counts = vec![0.0; channel.plan.channels()];
        self.slice(experiment).counts_at(coupling, &mut counts);
        channel.experiment.fit.profile(&counts, work)
    }

    /// All experiments at the couplings of a row: each of [`Analysis::terms`] (NaN where it is missing), and the worst
    /// status over them. Agrees with [`MassCurve::profile`] to 1e-8, and is a hundred times faster where neighbours are near.
    pub fn row<Values: AsMut<[f64]>>(
        &self,
        couplings: &[f64],
        scratch: &mut [RowScratch],
        chi2: &mut [Values],
        status: &mut [Status],
    ) {
        status.fill(Status::Converged);
        let channels = self.analysis.channels.iter().enumerate();
        for (((index, channel), scratch), chi2) in channels.zip(scratch).zip(&mut *chi2) {
            channel.experiment.rows.profile(self.slice(index), couplings, scratch, chi2.as_mut(), status);
        }
        let Some(joint) = &self.analysis.joint else { return };
        let Some((shared, alone)) = chi2.split_last_mut() else { return };
        let mut work = joint.workspace();
        for (point, (coupling, status)) in couplings.iter().zip(status).enumerate() {
            let profile = self.joint(joint, *coupling, &mut work);
            let profile = profile.less(alone.iter_mut().map(|chi2| chi2.as_mut()[point]));
            (shared.as_mut()[point], *status) = (profile.chi2, profile.status.max(*status));
        }
    }

    fn joint(&self, joint: &JointFit, coupling: f64, work: &mut JointWorkspace) -> Profile {
        let channels = self.analysis.channels.iter().enumerate();
        let counts: Vec<Vec<f64>> = channels
            .map(|(index, channel)| {
                let mut counts = vec![0.0; channel.plan.channels()];
                self.slice(index).counts_at(coupling, &mut counts);
                counts
            })
            .collect();
        joint.profile(&counts, work)
    }

    /// chi2 of all data at each coupling of a row.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2_row(&self, couplings: &[f64], scratch: &mut [RowScratch]) -> Result<Vec<f64>> {
        let mut chi2 = vec![vec![0.0; couplings.len()]; self.analysis.terms().len()];
        let mut status = vec![Status::Converged; couplings.len()];
        self.row(couplings, scratch, &mut chi2, &mut status);
        if let Some(point) = status.iter().position(|status| *status != Status::Converged) {
            return Err(Error::NotConverged {
                quantity: format!(
                    "chi2 of {} at coupling {}",
                    self.analysis.data_name(),
                    number_text(couplings[point])
                ),
                reason: status[point].to_string(),
            });
        }
        Ok((0..couplings.len()).map(|point| sum_of_terms(chi2.iter().map(|chi2| chi2[point]))).collect())
    }

    /// chi2 of all data at a coupling: the minimum over all nuisance parameters at once, which is the sum of all terms.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2(&self, coupling: f64, work: &mut [Workspace]) -> Result<f64> {
        if let Some(joint) = &self.analysis.joint {
            let profile = self.joint(joint, coupling, &mut joint.workspace());
            return match profile.status {
                Status::Converged => Ok(profile.chi2),
                status => Err(Error::NotConverged {
                    quantity: format!("chi2 of {} at coupling {coupling}", self.analysis.data_name()),
                    reason: format!("{status:?}"),
                }),
            };
        }
        let mut alone = Vec::with_capacity(work.len());
        for (index, work) in work.iter_mut().enumerate() {
            let profile = self.profile(index, coupling, work);
            if profile.status != Status::Converged {
                return Err(Error::NotConverged {
                    quantity: format!(
                        "chi2 of {} at coupling {}",
                        self.analysis.channels[index].experiment.dataset.name,
                        number_text(coupling)
                    ),
                    reason: profile.status.to_string(),
                });
            }
            alone.push(profile.chi2);
        }
        Ok(sum_of_terms(alone))
    }

    /// The coupling at which the mediator's events equal the Standard Model's, c_2 x^2 = c_0: the scale of the curve.
    pub fn natural_coupling(&self) -> f64 {
        let totals: Vec<[f64; 3]> = (0..self.slices.len()).map(|index| self.slice(index).totals()).collect();
        let sum = |i: usize| totals.iter().map(|total| total[i]).sum::<f64>();
        (sum(0) / sum(2)).sqrt().sqrt()
    }
}
