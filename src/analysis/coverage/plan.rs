//! How toys are made.

use super::toy::Sidebands;
use super::truth::Nuisance;

/// How toys are made.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Plan {
    /// The first toy's number and the number after the last.
    pub toys: (u64, u64),
    /// Seed of all random numbers.
    pub seed: u64,
    /// Where the truth's nuisance parameters stand.
    pub nuisance: Nuisance,
    /// Whether measured templates are drawn anew.
    pub sidebands: Sidebands,
}
