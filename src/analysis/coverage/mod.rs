//! Regions that cover what they claim: pseudo-experiments ("toys") at points of the plane, and the critical values of
//! q = chi2(point) - chi2_min that they give in place of Wilks' theorem (G. J. Feldman and R. D. Cousins,
//! Phys. Rev. D 57 (1998) 3873; nuisance parameters by the profile construction, as in arXiv:2207.14353).
//!
//! A [`Truth`] is a point with the nuisance parameters that toys are drawn with; a toy ([`draw_toy`]) is one
//! observation of it: counts, centres of the priors, and the templates of backgrounds that were measured. [`Search`] finds chi2_min of any
//! observation over the plane by an exact scan of fixed templates and refinement; [`Ensemble`] runs many toys, and
//! [`critical`] reads them. [`calibrate`] has the critical values along the border of the excluded region.

mod blocks;
mod calibration;
mod certificate;
mod covered_level;
pub mod critical;
#[cfg(feature = "gpu")]
mod device;
mod ensemble;
mod floor;
mod kept_outcomes;
mod maker;
#[cfg(not(feature = "gpu"))]
mod no_device;
mod outcome;
mod plan;
mod sealed;
mod search;
mod summary;
mod templates;
mod toy;
mod truth;
mod watch;

pub use blocks::{BlockMemory, Blocks};
pub use calibration::{
    Anchor, Calibrated, Calibration, ClsLimit, ClsPoint, Excluded, Goal, Surface, are_kept_toys, calibrate,
    calibrate_parts, cls_limit,
};
pub use certificate::Certificate;
pub use covered_level::{BorderPoint, CoveredLevel};
pub use critical::CONFIDENCES;
pub use ensemble::Ensemble;
pub use kept_outcomes::are_kept_outcomes;
pub use maker::{Device, EngineRecord, Q_TOLERANCE};
pub use outcome::Outcome;
pub use plan::{Parts, Plan};
pub use search::{Minimum, Search};
pub use summary::{PointCoverage, ToysRecord};
pub use toy::{Sidebands, draw_toy};
pub use truth::{Nuisance, Truth};
pub use watch::{Unwatched, Watch};
