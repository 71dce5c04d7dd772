//! Limits computed from first principles, a file for each family of experiments.
//!
//! Each family gives, for a model, what the experiment counts at a mass as a ratio of polynomials in x = g^2
//! ([`super::polynomial::Observable`]); what its bounds leave out is solved for in one place.

mod double_beta;
pub mod early_universe;
pub mod electrons;
mod mesons;
mod moments;
mod neutrons;
mod nuclear_recoils;
mod oscillations;
mod physics;
mod trident;

pub use double_beta::phase_space;
pub use electrons::Rate;
pub use mesons::Decay;
pub use moments::electron_moment;
pub use nuclear_recoils::Recoils;
pub use oscillations::Matter;
pub use physics::{Physics, Unusable};
pub use trident::Trident;
