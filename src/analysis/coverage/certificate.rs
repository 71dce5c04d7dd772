//! How far toys of a GPU are from those of the CPU.

use crate::{Error, Result};

/// Toys of a GPU held to those of the CPU.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Certificate {
    /// Toys compared, chosen at random.
    pub toys: usize,
    /// Largest difference of q, of q at fixed mass, and of chi2_min.
    pub largest_difference: f64,
    /// What is allowed.
    pub allowed: f64,
}

impl Certificate {
    /// Refuses an adapter whose toys are off.
    ///
    /// # Errors
    /// [`Error::Device`] beyond what is allowed.
    pub(super) fn require(self, adapter: &str) -> Result<()> {
        let Certificate { toys, largest_difference, allowed } = self;
        if largest_difference <= allowed {
            return Ok(());
        }
        Err(Error::Device {
            adapter: adapter.to_owned(),
            action: "certifying toys",
            reason: format!("q of one of {toys} toys is off by {largest_difference:.1e}, allowed is {allowed:.0e}"),
        })
    }
}
