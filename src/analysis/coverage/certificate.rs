//! How far toys of a GPU are from those of the CPU.

/// Toys of a GPU held to those of the CPU.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Certificate {
    /// Toys compared, chosen at random.
    pub toys: usize,
    /// Largest difference of q, of q at fixed mass, and of chi2_min.
    pub largest_difference: f64,
    /// What is allowed.
    pub allowed: f64,
}
