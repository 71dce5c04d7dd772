//! Limits of other experiments, recast from a dark photon to any vector mediator.
//!
//! Searches for a dark photon A' constrain every vector boson: what a search counts goes as production x branching ratio
//! x the chance to decay where the search looks. All three follow from the charges of the fermions, so that the limit on
//! the other boson's coupling solves an equation with the dark photon's limit in it, mass by mass (the method of
//! arXiv:1801.04847, "darkcast").
//!
//! Data flows one way here too: [`particles`] -> [`couplings`] -> [`hadrons`], [`widths`] -> [`production`] ->
//! [`efficiency`] -> [`limit`] (what an experiment searched for) and [`checkout`] (the numbers that it published, from
//! files that the user has) -> [`curve`], the result.
//!
//! Nothing here knows of COHERENT. Charges and the loop of leptons are those of [`crate::physics::model`]. Unlike in the rest of
//! the program masses are in GeV and times in s, as in the files of the experiments' limits.

#[doc(hidden)]
pub mod checkout;
#[doc(hidden)]
pub mod columns;
pub mod couplings;
pub mod curve;
#[doc(hidden)]
pub mod efficiency;
#[doc(hidden)]
pub mod hadrons;
pub mod kind;
pub mod known;
pub mod limit;
#[doc(hidden)]
pub mod overlay_file;
#[doc(hidden)]
pub mod particles;
#[doc(hidden)]
pub mod production;
#[doc(hidden)]
pub mod solve;
#[doc(hidden)]
pub mod widths;

pub use checkout::{Checkout, Outcome};
pub use couplings::{Couplings, Vector};
pub use curve::{Curve, Exclusion, NoLimit, Row};
pub use kind::LimitKind;
pub use known::KnownLimit;
pub use limit::{Limit, LimitTable};
pub use widths::Settings;
