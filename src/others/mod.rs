//! Limits of other experiments that follow from first principles: beside our own region in a figure, and on the other side
//! of what is new.
//!
//! At a fixed mass what an experiment counts is a polynomial in x = g^2 (or a ratio of two), because the amplitude is linear
//! in x. So every limit is two steps: coefficients by quadrature ([`mod@computed`], a file for each family), and one solver
//! ([`polynomial`]) that keeps intervals, because a strip may be allowed above an excluded one. What an experiment measured,
//! how it is read ([`setting`]) and how well the limit is known stand in its file ([`catalogue`], `data/others/*.toml`).
//!
//! Data flows one way here too: [`polynomial`], [`couplings`], [`flux`], [`setting`] -> [`mod@computed`] and [`rescale`] ->
//! [`catalogue`] -> [`limit`] -> [`selection`], with [`outline`] for figures. Searches for dark photons are recast in [`crate::others::recast`].

pub mod catalogue;
#[doc(hidden)]
pub mod computed;
#[doc(hidden)]
pub mod couplings;
#[doc(hidden)]
pub mod flux;
pub mod limit;
pub mod new_territory;
#[doc(hidden)]
pub mod outline;
#[doc(hidden)]
pub mod polynomial;
pub mod recast;
#[doc(hidden)]
pub mod rescale;
pub mod selection;
#[doc(hidden)]
pub mod setting;

pub use catalogue::Experiment;
pub use limit::{Choice, ComputedLimit, Outcome, computed, curve_masses_mev};
pub use polynomial::Intervals;
pub use selection::Selection;
