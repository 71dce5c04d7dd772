//! The ends of a picture.

/// The ends of a plane.
#[derive(Clone, Copy)]
pub struct Ends {
    /// Masses (MeV).
    pub mass_mev: (f64, f64),
    /// Couplings.
    pub coupling: (f64, f64),
}
