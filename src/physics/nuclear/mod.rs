//! Nuclei: what is known of an isotope, and how its charge is spread.

mod form_factor;
mod isotope;
mod shells;
mod table;

pub use form_factor::{HELM_RADII_FM, helm};
pub use isotope::Isotope;
pub use shells::Shell;
