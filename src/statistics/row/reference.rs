//! The scalar minimiser behind the row kernels: what they do not finish is done again by it, so that statuses are its.

use crate::statistics::{Fit, Status, Workspace};

use super::signal::Signal;

/// The reference at single points of a row.
#[derive(Debug)]
pub(super) struct Reference<'a> {
    pub fit: &'a Fit,
    pub work: &'a mut Workspace,
    pub counts: &'a mut [f64],
}

impl Reference<'_> {
    pub(super) fn profile(&mut self, signal: &Signal, point: usize) -> (f64, Status) {
        signal.at(point, self.counts);
        let profile = self.fit.profile(self.counts, self.work);
        (profile.chi2, profile.status)
    }

    /// A parameter at the last minimum.
    pub(super) fn value(&self, parameter: usize) -> f64 {
        self.work.values[parameter]
    }
}
