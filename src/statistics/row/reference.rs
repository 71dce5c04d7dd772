//! The scalar minimiser behind the row kernels: what they do not finish is done again by it, so that statuses are its.

use crate::statistics::Status;
use crate::statistics::likelihood::{Likelihood, Workspace};

use super::signal::Signal;

/// The reference at single points of a row.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    pub likelihood: &'a Likelihood,
    pub work: &'a mut Workspace,
    /// Counts of each dataset.
    pub counts: &'a mut [Vec<f64>],
}

impl Reference<'_> {
    pub(super) fn profile(&mut self, signals: &[Signal], point: usize) -> (f64, Status) {
        for (signal, counts) in signals.iter().zip(&mut *self.counts) {
            signal.at(point, counts);
        }
        let profile = self.likelihood.profile(self.counts, self.work);
        (profile.chi2, profile.status)
    }

    /// A parameter of a dataset at the last minimum.
    pub(super) fn value(&self, dataset: usize, parameter: usize) -> f64 {
        self.work.datasets[dataset].values[parameter]
    }

    /// A shared parameter at the last minimum: its pull.
    pub(super) fn pull(&self, shared: usize) -> f64 {
        self.likelihood.shared_pull(shared, self.work)
    }
}
