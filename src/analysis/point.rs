//! Everything that the data say about one point.

use crate::base::grid::number_text;
use crate::rates::Point;
use crate::statistics::row::RowFit;
use crate::statistics::{Likelihood, Profile, Status, Workspace};
use crate::{Error, Result};

use super::Analysis;

/// The fit to all data at one point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Fit {
    /// The minimum over all nuisance parameters at once.
    pub total: Profile,
    /// What sharing nuisance parameters adds to the sum of the datasets' own chi2: one value that fits none of them best
    /// costs, one prior in place of several gains. None where nothing is shared: the total is their sum.
    pub shared: Option<f64>,
    /// Each dataset, in the order of the analysis.
    pub datasets: Vec<DatasetFit>,
}

/// What one dataset says about a point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DatasetFit {
    /// The fit to this dataset alone.
    pub alone: Profile,
    /// CEvNS events in all bins before nuisance parameters.
    pub events: f64,
    /// Pulls eta/sigma in the fit to all, in the order of the fit's parameters.
    pub pulls: Vec<f64>,
    /// Expected events of signal and backgrounds at the minimum of the fit to all, `[processes][bins]`.
    pub processes: Vec<Vec<f64>>,
}

impl Analysis {
    /// The fit to all data at a point, by the direct sum in f64.
    pub fn fit(&self, point: Point) -> Fit {
        self.fit_of(&self.counts_at(point))
    }

    /// The fit to counts of each dataset, `[classes][energy_bins]`.
    pub(super) fn fit_of(&self, counts: &[Vec<f64>]) -> Fit {
        let alone = self.predictions.iter().zip(counts).map(|(prediction, counts)| {
            let likelihood = prediction.experiment.rows.likelihood();
            let mut work = likelihood.workspace();
            let alone = likelihood.profile(&[counts], &mut work);
            DatasetFit::new(alone, likelihood, 0, &work)
        });
        let mut datasets: Vec<DatasetFit> = alone.collect();
        let profiles = datasets.iter().map(|dataset| &dataset.alone);
        let sum: f64 = profiles.clone().map(|alone| alone.chi2).sum();
        let Some(together) = self.together.as_ref().map(RowFit::likelihood) else {
            let status = profiles.clone().map(|alone| alone.status).max().unwrap_or_default();
            let iterations = profiles.map(|alone| alone.iterations).sum();
            return Fit { total: Profile { chi2: sum, status, iterations }, shared: None, datasets };
        };
        let mut work = together.workspace();
        let total = together.profile(counts, &mut work);
        for (index, dataset) in datasets.iter_mut().enumerate() {
            *dataset = DatasetFit::new(dataset.alone.clone(), together, index, &work);
        }
        Fit { shared: Some(total.chi2 - sum), total, datasets }
    }

    /// That all minimisations of [`Analysis::fit`] reached their minimum.
    ///
    /// # Errors
    /// [`Error::NotConverged`], one for all that did not.
    pub fn require_converged(&self, point: Point, fit: &Fit) -> Result<()> {
        let alone = self.predictions.iter().zip(&fit.datasets);
        let alone = alone.map(|(prediction, fit)| (prediction.experiment.dataset.name.clone(), fit.alone.status));
        let all = fit.shared.map(|_| (self.data_name(), fit.total.status));
        let failed: Vec<(String, Status)> =
            alone.chain(all).filter(|(_, status)| *status != Status::Converged).collect();
        let Some(worst) = failed.iter().map(|(_, status)| *status).max() else { return Ok(()) };
        let names: Vec<&str> = failed.iter().map(|(name, _)| name.as_str()).collect();
        let (mass_mev, coupling) = (number_text(point.mass_mev), number_text(point.coupling));
        Err(Error::NotConverged {
            quantity: format!("the fit to {} at mass {mass_mev} MeV and coupling {coupling}", names.join(" and ")),
            reason: worst.to_string(),
        })
    }
}

impl DatasetFit {
    /// Of the dataset at `index` of a likelihood at its minimum.
    fn new(alone: Profile, likelihood: &Likelihood, index: usize, work: &Workspace) -> DatasetFit {
        let terms = &work.datasets[index];
        DatasetFit {
            alone,
            events: terms.signal_events(),
            pulls: likelihood.pulls(index, work),
            processes: terms.processes(&likelihood.measurements()[index].expectation),
        }
    }
}
