//! `cevscan` turns the data of the COHERENT experiment into limits on light new particles.
//!
//! Over a scan of the (mass, coupling) plane only the weak charge of the nucleus changes. Everything else - neutrino
//! flux, kinematics, quenching, resolution, efficiency, exposure - is folded once, in f64, into a [`rates::plan::Plan`].
//! A rates engine takes a plan and a batch of points and returns events per (energy bin, time class). Time bins,
//! backgrounds and nuisance parameters come after, on the CPU in f64.
//!
//! Data flows one way; a module uses only what stands before it on this line, and `tests/layering.rs` keeps it so:
//!
//! base -> physics -> dataset -> rates -> statistics -> analysis -> scan -> others, benchmark -> plot -> output ->
//! figures -> reproduce -> (binary) cli, main.
//!
//! The recipe is that of arXiv:2202.11002 ("the paper" in all comments below); equation numbers are its own.
//! Natural units, energies in MeV, unless a name says otherwise.

pub mod analysis;
pub mod base;
pub mod benchmark;
pub mod dataset;
pub mod figures;
pub mod others;
pub mod output;
pub mod physics;
pub mod plot;
pub mod rates;
pub mod reproduce;
pub mod scan;
pub mod statistics;

pub use base::error::{Error, Result};
