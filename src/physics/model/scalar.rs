//! Scalar mediators.

/// A scalar phi that couples universally, by its nucleon matrix elements (3.29-3.31).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScalarCouplings {
    /// Matrix element of the scalar current in the proton, per unit of g.
    pub proton: f64,
    /// The same in the neutron.
    pub neutron: f64,
    /// Coupling to electrons, per unit of g.
    pub electron: f64,
}
