//! Test statistics: chi2 minimised over nuisance parameters, in f64.
//!
//! Expectation (templates and widths of the priors) and observation (counts, variances) are apart, so that many
//! observations can share one expectation. The expected counts are linear in the parameters,
//! mu = sum_k p_k V_k, with p = 1 + eta for norms (column N^z) and p = eps for shapes (column N^z r).

mod cholesky;
mod columns;
mod damped;
mod fit;
mod gaussian;
#[doc(hidden)]
pub mod gpu;
mod joint;
mod poisson;
#[doc(hidden)]
pub mod row;
mod threshold;
#[doc(hidden)]
pub mod toys;

pub use columns::{Expectation, Observation, Parameter, ParameterKind};
pub use fit::{Fit, Profile, Workspace};
pub use joint::{JointFit, JointWorkspace, Share};
pub use threshold::{TWO_SIGMA, chi2_quantile, chi2_tail, delta_chi2};

/// How a minimisation ended; a later one is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[repr(u8)]
pub enum Status {
    /// The minimum was reached to the stated accuracy.
    #[default]
    Converged = 0,
    /// It was not; the chi2 is missing (NaN).
    NotConverged = 1,
    /// The signal itself is not a finite number.
    SignalNotFinite = 2,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Status::Converged => "converged",
            Status::NotConverged => "the minimum was not reached to the stated accuracy",
            Status::SignalNotFinite => "the expected signal is not a finite number",
        })
    }
}
