//! Nuclei, mediators, cross sections, and what stands around a target: neutrinos that arrive, a detector that sees recoils.
//!
//! nuclear, model -> weak_couplings -> cross_section, muon_g2 -> flux, detector.

pub mod cross_section;
pub mod detector;
pub mod flux;
pub mod model;
pub mod muon_g2;
pub mod nuclear;
pub mod weak_couplings;
