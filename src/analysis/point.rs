//! Everything that the data say about one point, and the one place where the terms of a chi2 are added up.

use crate::base::grid::number_text;
use crate::rates::Point;
use crate::rates::cpu::counts_at;
use crate::statistics::{Profile, Share, Status};
use crate::{Error, Result};

use super::{Analysis, Channel};

/// The fit to all data at one point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PointFit {
    /// Each dataset, in the order of the analysis.
    pub datasets: Vec<DatasetFit>,
    /// What sharing nuisance parameters adds to the sum of the datasets' own chi2; none where nothing is shared.
    pub shared: Option<Profile>,
}

/// What one dataset says about a point.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DatasetFit {
    /// The fit to this dataset alone: its chi2 is a term of the sum, never the sum.
    pub alone: Profile,
    /// CEvNS events in all bins before nuisance parameters.
    pub events: f64,
    /// Pulls eta/sigma in the fit to all, in the order of the fit's parameters.
    pub pulls: Vec<f64>,
    /// Expected events of signal and backgrounds at the minimum of the fit to all, `[processes][bins]`.
    pub processes: Vec<Vec<f64>>,
}

/// chi2 of all data from its terms ([`Analysis::terms`]) in their order; what is missing in one is missing in the sum.
pub fn sum_of_terms(terms: impl IntoIterator<Item = f64>) -> f64 {
    terms.into_iter().sum()
}

impl PointFit {
    /// Values of [`Analysis::terms`].
    pub fn terms(&self) -> Vec<f64> {
        let profiles = self.datasets.iter().map(|dataset| &dataset.alone).chain(&self.shared);
        profiles.map(|profile| profile.chi2).collect()
    }

    /// chi2 of all data together; NaN where a minimisation failed.
    pub fn chi2(&self) -> f64 {
        sum_of_terms(self.terms())
    }
}

impl Analysis<'_> {
    /// The fit to all data at a point, by the direct sum in f64.
    pub fn fit(&self, point: Point) -> PointFit {
        let mut datasets: Vec<DatasetFit> = self.channels.iter().map(|channel| channel.fit(point)).collect();
        let shared = self.joint_at(point).map(|(joint, shares)| {
            for ((fit, channel), share) in datasets.iter_mut().zip(&self.channels).zip(shares) {
                fit.processes = channel.experiment.fit.processes(&share.work);
                fit.pulls = share.pulls;
            }
            joint.less(datasets.iter().map(|dataset| dataset.alone.chi2))
        });
        PointFit { datasets, shared }
    }

    /// The fit to all at a point, and each dataset's share of it.
    fn joint_at(&self, point: Point) -> Option<(Profile, Vec<Share>)> {
        let joint = self.joint.as_ref()?;
        let mut work = joint.workspace();
        let counts: Vec<Vec<f64>> = self.channels.iter().map(|channel| channel.counts_at(point)).collect();
        let profile = joint.profile(&counts, &mut work);
        Some((profile, joint.shares(&work)))
    }

    /// That all minimisations of [`Analysis::fit`] reached their minimum.
    ///
    /// # Errors
    /// [`Error::NotConverged`], one for all that did not.
    pub fn require_converged(&self, point: Point, fit: &PointFit) -> Result<()> {
        let profiles = fit.datasets.iter().map(|dataset| &dataset.alone).chain(&fit.shared);
        let terms = self.terms();
        let failed: Vec<(&str, Status)> = terms
            .iter()
            .zip(profiles)
            .map(|(name, profile)| (name.as_str(), profile.status))
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
}

impl Profile {
    /// A fit to all as the term that is left when each dataset's own chi2 is taken off.
    pub(super) fn less(self, alone: impl IntoIterator<Item = f64>) -> Profile {
        Profile { chi2: self.chi2 - sum_of_terms(alone), ..self }
    }
}

impl Channel<'_> {
    /// CEvNS counts at a point, `[classes][energy_bins]`.
    fn counts_at(&self, point: Point) -> Vec<f64> {
        let mut counts = vec![0.0; self.plan.channels()];
        counts_at(&self.plan, point, &mut counts);
        counts
    }

    fn fit(&self, point: Point) -> DatasetFit {
        let fit = &self.experiment.fit;
        let counts = self.counts_at(point);
        let mut work = fit.workspace();
        let alone = fit.profile(&counts, &mut work);
        DatasetFit { events: fit.signal_events(&work), pulls: fit.pulls(&work), processes: fit.processes(&work), alone }
    }
}
