//! What a detector makes of a recoil: quenching, resolution, efficiency, and their product, the response.
//! It sees no counts.

mod chain;
mod efficiency;
mod matrix;
mod observable;
mod quenching;
mod resolution;
mod response;

pub use chain::Chain;
pub use efficiency::{Curve, Efficiency, EnergyScale};
pub use matrix::{Matrix, Variation};
pub use quenching::Quenching;
pub use resolution::Resolution;
pub use response::{Detection, Response};
