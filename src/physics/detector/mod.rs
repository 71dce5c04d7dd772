//! What a detector makes of a recoil: quenching, resolution, efficiency, and their product, the response.
//! It sees no counts.

mod efficiency;
mod observable;
mod quenching;
mod resolution;
mod response;

pub use efficiency::{Curve, Efficiency, EnergyScale};
pub use quenching::Quenching;
pub use resolution::Resolution;
pub use response::Response;
