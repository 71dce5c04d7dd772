//! How toys are made.

use std::ops::Range;

use super::toy::Sidebands;
use super::truth::Nuisance;

/// Which of many toys are made here: all, or one of some parts, on as many machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Number of parts.
    pub of: u64,
    /// The part, from 0.
    pub own: Option<u64>,
}

impl Parts {
    /// All, in one.
    pub const ALL: Parts = Parts { of: 1, own: None };

    /// Whether all are there, made elsewhere.
    pub(super) fn are_put_together(self) -> bool {
        self.of > 1 && self.own.is_none()
    }

    /// Those of a part of a range.
    pub fn range(self, all: Range<u64>, part: u64) -> Range<u64> {
        let at =
            |part: u64| all.start + (u128::from(all.end - all.start) * u128::from(part) / u128::from(self.of)) as u64;
        at(part)..at(part + 1)
    }
}

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
