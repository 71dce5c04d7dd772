//! `cevscan` turns the data of the COHERENT experiment into limits on light new particles.
//!
//! Over a scan of the (mass, coupling) plane only the weak charge of the nucleus changes. Everything else - neutrino
//! flux, kinematics, quenching, resolution, efficiency, exposure - is folded once, in f64, into a [`rates::plan::Plan`].
//! A rates engine takes a plan and a batch of points and returns events per (energy bin, time class). Time bins,
//! backgrounds and nuisance parameters come after, on the CPU in f64.
//!
//! # A first map
//!
//! ```
#![doc = include_str!("../examples/first_map.rs")]
//! ```
//!
//! The names below are all that this takes; each has an example. What the command line does beyond it stands in the rooms:
//! limits of others, pictures, files, and the paper made anew. A name that is hidden here belongs to the command line and
//! to the tests, and may change with any version.
//!
//! Features: `gpu` (scans by wgpu), `pictures` (SVG, PNG, matplotlib), `cli` (the program, which draws). Without any of
//! them the library computes the same numbers on the CPU.
//!
//! # How it is built
//!
//! Data flows one way; a module uses only what stands before it on this line, and `tests/layering.rs` keeps it so:
//!
//! base -> plot -> physics -> dataset -> rates -> statistics -> analysis -> scan -> others, benchmark -> output ->
//! figures -> reproduce -> cli -> (binary) main.
//!
//! A point of a map passes each room once. [`scan`] is asked for a map ([`ScanRequest`]): [`dataset`] reads what an
//! experiment has and saw, [`physics`] what a model changes, [`rates`] folds both into plans, [`statistics`] prepares the
//! fit, and an [`Analysis`] holds plans and fits side by side. All that is done once. Then `scan` takes the plane row by
//! row, and each row goes down the line alone: at its mass [`analysis::MassCurve`] has [`rates`] turn a plan into
//! polynomials in the coupling, from which [`statistics::row`] makes the counts of a point and minimises its chi2. What comes
//! back is the point's chi2 in a [`Map`], which [`output`] and `figures` write and draw, and `cli` puts in a folder.
//!
//! The recipe is that of arXiv:2202.11002 ("the paper" in all comments below); equation numbers are its own.
//! Natural units, energies in MeV, unless a name says otherwise.

pub mod analysis;
pub mod base;
#[doc(hidden)]
pub mod benchmark;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod dataset;
#[cfg(feature = "pictures")]
#[doc(hidden)]
pub mod figures;
pub mod others;
pub mod output;
pub mod physics;
#[cfg(feature = "pictures")]
pub mod plot;
pub mod rates;
#[cfg(feature = "pictures")]
#[doc(hidden)]
pub mod reproduce;
pub mod scan;
pub mod statistics;

#[doc(inline)]
pub use analysis::limits::{BestFit, Bound as Limit, Level, best_fit};
#[doc(inline)]
pub use analysis::{Analysis, Experiment};
#[doc(inline)]
pub use base::error::{Error, Result};
#[doc(inline)]
pub use dataset::Dataset;
#[doc(inline)]
pub use physics::model::Model;
#[doc(inline)]
pub use rates::Point;
#[doc(inline)]
pub use scan::{Map, Plane, ScanRequest};
