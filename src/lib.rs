//! `cevscan` turns the data of the COHERENT experiment into limits on light new particles.
//!
//! Over a scan of the (mass, coupling) plane only the weak charge of the nucleus changes. Everything else - neutrino
//! flux, kinematics, quenching, resolution, efficiency, exposure - is folded once, in f64, into a [`rates::plan::Plan`].
//! A rates engine takes a plan and a batch of points and returns events per (energy bin, time class). Time bins,
//! backgrounds and nuisance parameters come after, on the CPU in f64.
//!
//! Data flows one way; a module uses only what stands before it on this line, and `tests/layering.rs` keeps it so:
//!
//! printable, error, reading, memory, provenance, document, constants, quadrature, search, grid, contour, files, simd ->
//! nuclear, model -> recast, muon_g2, cross_section -> others -> flux, detector, dataset -> rates -> statistics ->
//! analysis -> cancellation, limits -> coverage, new_territory, scan -> tiles, benchmark, plot, output, figures ->
//! report -> reproduce -> (binary) cli, main.
//!
//! The recipe is that of arXiv:2202.11002 ("the paper" in all comments below); equation numbers are its own.
//! Natural units, energies in MeV, unless a name says otherwise.

pub mod analysis;
pub mod benchmark;
pub mod cancellation;
pub mod constants;
pub mod contour;
pub mod coverage;
pub mod cross_section;
pub mod dataset;
pub mod detector;
mod document;
pub mod error;
pub mod figures;
pub mod files;
pub mod flux;
pub mod grid;
pub mod limits;
pub mod memory;
pub mod model;
pub mod muon_g2;
pub mod new_territory;
pub mod nuclear;
pub mod others;
pub mod output;
pub mod plot;
pub mod printable;
pub mod provenance;
pub mod quadrature;
pub mod rates;
pub mod reading;
pub mod recast;
pub mod report;
pub mod reproduce;
pub mod scan;
pub mod search;
pub mod simd;
pub mod statistics;
pub mod tiles;

pub use error::{Error, Result};
