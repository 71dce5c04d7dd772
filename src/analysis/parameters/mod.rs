//! Other parameters than the mediator's mass and coupling: chi2 against one of them, or over the plane of two.
//!
//! parameter -> varied -> landscape -> scale -> curve, surface.

mod curve;
mod landscape;
mod parameter;
mod scale;
mod surface;
mod varied;

pub use curve::{Interval, ParameterCurve};
pub use landscape::{Landscape, Setting};
pub use parameter::Parameter;
pub use surface::{ParameterSurface, Place};
pub use varied::{Spread, Varied};
