//! What knows no physics: numbers (quadrature, search, axes, contours), documents and files, and what guards them.
//!
//! printable -> error, cholesky, constants, quadrature, search, simd -> reading, markup, memory, provenance -> document, grid -> contour, files.

pub(crate) mod cholesky;
pub mod constants;
pub mod contour;
pub(crate) mod document;
pub mod error;
#[doc(hidden)]
pub mod files;
pub mod grid;
pub(crate) mod markup;
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod printable;
#[doc(hidden)]
pub mod provenance;
#[doc(hidden)]
pub mod quadrature;
#[doc(hidden)]
pub mod reading;
#[doc(hidden)]
pub mod search;
pub mod simd;
