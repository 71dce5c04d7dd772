//! Test statistics: chi2 minimised over nuisance parameters, in f64.
//!
//! Expectation (templates and widths of the priors) and observation (counts, variances) are apart, so that many
//! observations can share one expectation. The expected counts are linear in the parameters,
//! mu = sum_k p_k V_k, with p = 1 + eta for norms (column N^z) and p = eps for shapes (column N^z r).

mod expectation;
#[doc(hidden)]
pub mod forms;
#[doc(hidden)]
pub mod gpu;
mod likelihood;
mod measurement;
mod newton;
mod observation;
#[doc(hidden)]
pub mod row;
mod status;
mod terms;
mod threshold;
#[doc(hidden)]
pub mod toys;

pub use expectation::{Expectation, Parameter, ParameterKind};
pub use likelihood::{Likelihood, Workspace};
pub use measurement::Measurement;
pub use newton::Profile;
pub use observation::Observation;
pub use status::Status;
pub use terms::Terms;
pub use threshold::{TWO_SIGMA, chi2_quantile, chi2_tail, delta_chi2};
