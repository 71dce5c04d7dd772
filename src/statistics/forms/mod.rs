//! chi2_min of toys, eight side by side: chi2 of each dataset as a quadratic form in the signal's counts, all nuisance
//! parameters eliminated (`form.rs`), along the couplings of a mass a few polynomials (`curve.rs`).
//!
//! One form serves all places of the plane: a Gaussian dataset's is exact, that of Poisson counts is built again around
//! each minimum until it stands still (`descent.rs`), between the masses of the mesh too (`floor.rs`). A mesh of thousands of places is scanned for each toy with some 100
//! operations a place (`search.rs`).

#![allow(clippy::needless_range_loop, reason = "small systems of equations are written by their indices")]

mod curve;
mod descent;
mod floor;
mod form;
#[cfg(feature = "gpu")]
pub mod gpu;
mod layout;
mod mesh;
mod search;
mod toys;

pub use descent::Memory;
pub use layout::{Layout, Variance};
pub use mesh::{Lowest, Mass, Mesh, Start, Where};
pub use toys::{Drawn, SIDE_BY_SIDE};
