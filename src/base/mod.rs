//! What knows no physics: numbers (quadrature, search, axes, contours), documents and files, and what guards them.
//!
//! printable -> error, constants, quadrature, search, simd -> reading, memory, provenance -> document, grid -> contour, files.

pub mod constants;
pub mod contour;
pub(crate) mod document;
pub mod error;
pub mod files;
pub mod grid;
pub mod memory;
pub mod printable;
pub mod provenance;
pub mod quadrature;
pub mod reading;
pub mod search;
pub mod simd;
