//! One model confronted with one or more datasets: plans and fits side by side, and the chi2 at any point.

use rayon::prelude::*;

use crate::dataset::Dataset;
use crate::grid::number_text;
use crate::model::Model;
use crate::rates::cpu::counts_at;
use crate::rates::plan::Plan;
use crate::rates::polynomial::MassSlice;
use crate::rates::{Nodes, Point, Resolution};
use crate::simd::SimdLevel;
use crate::statistics::row::{RowFit, RowScratch};
use crate::statistics::{Expectation, Fit, Observation, Profile, Status, Workspace};
use crate::{Error, Result};

/// A dataset made ready for any model: nodes, response and templates are made once.
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
}

impl Experiment {
    /// A dataset with the default quadrature, on the best vector instructions of this CPU.
    pub fn new(dataset: Dataset) -> Experiment {
        let nodes = Nodes::new(&dataset, Resolution::default());
        let fit = Fit { expectation: Expectation::new(&dataset), observation: Observation::new(&dataset) };
        let rows = RowFit::new(&fit, SimdLevel::detect());
        Experiment { dataset, nodes, fit, rows }
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
        let names: Vec<&str> = text.split('+').map(str::trim).collect();
        for (i, name) in names.iter().enumerate() {
            if names[..i].contains(name) {
                return Err(Error::out_of_range("list of datasets", text, "without repetition"));
            }
        }
        names.par_iter().map(|name| Dataset::named(name).map(Experiment::new)).collect()
    }
}

/// A model on some experiments; their chi2 are summed.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// The model.
    pub model: &'a Model,
    /// The experiments, in the order of the sum.
    pub channels: Vec<Channel<'a>>,
}

/// A model on one experiment.
#[derive(Debug)]
pub struct Channel<'a> {
    /// The experiment.
    pub experiment: &'a Experiment,
    /// Its plan for the model.
    pub plan: Plan,
}

/// What one experiment says about one point.
#[derive(Debug, Clone, PartialEq)]
pub struct PointFit {
    /// chi2 and status.
    pub profile: Profile,
    /// CEvNS events in all bins before nuisance parameters.
    pub events: f64,
    /// Pulls eta/sigma, in the order of the fit's parameters.
    pub pulls: Vec<f64>,
    /// Expected events of signal and backgrounds at the minimum, `[processes][bins]`.
    pub processes: Vec<Vec<f64>>,
}

impl<'a> Analysis<'a> {
    /// Plans for `model` on `experiments`.
    pub fn new(model: &'a Model, experiments: impl IntoIterator<Item = &'a Experiment>) -> Analysis<'a> {
        let channels = experiments
            .into_iter()
            .map(|experiment| Channel { experiment, plan: experiment.nodes.plan(&experiment.dataset, model) })
            .collect();
        Analysis { model, channels }
    }

    /// Names of the datasets joined by `+`.
    pub fn data_name(&self) -> String {
        let names: Vec<&str> = self.channels.iter().map(|channel| channel.experiment.dataset.name.as_str()).collect();
        names.join("+")
    }

    /// Each experiment at one point, by the direct sum in f64.
    pub fn at(&self, point: Point) -> Vec<PointFit> {
        self.channels.iter().map(|channel| channel.at(point)).collect()
    }

    /// That the fits of [`Analysis::at`] all reached their minimum.
    ///
    /// # Errors
    /// [`Error::NotConverged`], one for all that did not.
    pub fn require_converged(&self, point: Point, fits: &[PointFit]) -> Result<()> {
        let failed: Vec<(&str, Status)> = self
            .channels
            .iter()
            .zip(fits)
            .map(|(channel, fit)| (channel.experiment.dataset.name.as_str(), fit.profile.status))
            .filter(|(_, status)| *status != Status::Converged)
            .collect();
        let Some(worst) = failed.iter().map(|(_, status)| *status).max() else { return Ok(()) };
        let names: Vec<&str> = failed.iter().map(|(name, _)| *name).collect();
        let (mass_mev, coupling) = (number_text(point.mass_mev), number_text(point.coupling));
        Err(Error::NotConverged {
            quantity: format!("the fit to {} at mass {mass_mev} MeV and coupling {coupling}", names.join(" and ")),
            reason: worst.to_string(),
        })
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
        let slices = self.channels.iter().map(|channel| MassSlice::new(&channel.plan, mass_mev)).collect();
        MassCurve { analysis: self, slices }
    }
}

impl Channel<'_> {
    fn at(&self, point: Point) -> PointFit {
        let fit = &self.experiment.fit;
        let mut counts = vec![0.0; self.plan.channels()];
        counts_at(&self.plan, point, &mut counts);
        let mut work = fit.workspace();
        let profile = fit.profile(&counts, &mut work);
        PointFit { events: fit.signal_events(&work), pulls: fit.pulls(&work), processes: fit.processes(&work), profile }
    }
}

/// chi2 against the coupling at one mass.
pub struct MassCurve<'a> {
    analysis: &'a Analysis<'a>,
    slices: Vec<MassSlice>,
}

impl MassCurve<'_> {
    /// One experiment (by its index) at a coupling.
    pub fn profile(&self, experiment: usize, coupling: f64, work: &mut Workspace) -> Profile {
        let channel = &self.analysis.channels[experiment];
        let mut counts = vec![0.0; channel.plan.channels()];
        self.slices[experiment].counts_at(coupling, &mut counts);
        channel.experiment.fit.profile(&counts, work)
    }

    /// All experiments at the couplings of a row: chi2 of each (NaN where it is missing), and the worst status over
    /// them. Agrees with [`MassCurve::profile`] to 1e-8, and is a hundred times faster where neighbours are near.
    pub fn row<Values: AsMut<[f64]>>(
        &self,
        couplings: &[f64],
        scratch: &mut [RowScratch],
        chi2: &mut [Values],
        status: &mut [Status],
    ) {
        status.fill(Status::Converged);
        let channels = self.analysis.channels.iter().zip(&self.slices);
        for (((channel, slice), scratch), chi2) in channels.zip(scratch).zip(chi2) {
            channel.experiment.rows.profile(slice, couplings, scratch, chi2.as_mut(), status);
        }
    }

    /// Sum of the experiments' chi2 at each coupling of a row.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2_row(&self, couplings: &[f64], scratch: &mut [RowScratch]) -> Result<Vec<f64>> {
        let mut chi2 = vec![vec![0.0; couplings.len()]; self.slices.len()];
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
        Ok((0..couplings.len()).map(|point| chi2.iter().map(|chi2| chi2[point]).sum()).collect())
    }

    /// Sum of the experiments' chi2 at a coupling.
    ///
    /// # Errors
    /// [`Error::NotConverged`] where a minimisation failed.
    pub fn chi2(&self, coupling: f64, work: &mut [Workspace]) -> Result<f64> {
        let mut sum = 0.0;
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
            sum += profile.chi2;
        }
        Ok(sum)
    }

    /// The coupling at which the mediator's events equal the Standard Model's, c_2 x^2 = c_0: the scale of the curve.
    pub fn natural_coupling(&self) -> f64 {
        let totals: Vec<[f64; 3]> = self.slices.iter().map(MassSlice::totals).collect();
        let sum = |i: usize| totals.iter().map(|total| total[i]).sum::<f64>();
        (sum(0) / sum(2)).sqrt().sqrt()
    }
}
