//! Other parameters than the mediator's mass and coupling: chi2 against one of them, or over the plane of two.
//!
//! parameter -> varied -> landscape -> scale -> curve; regions -> mesh, valleys -> surface; level -> curve, surface.

mod curve;
mod landscape;
mod level;
mod mesh;
mod parameter;
mod regions;
mod scale;
mod surface;
mod valleys;
mod varied;

pub use curve::{Interval, ParameterCurve};
pub use landscape::{Landscape, Setting};
pub use parameter::Parameter;
pub use surface::{Allowed, FINE_BORDER, ParameterSurface, Place};
pub use varied::{Spread, Varied};
