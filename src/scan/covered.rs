//! The excluded region of a map by critical values from toys in place of one level for all couplings.

use crate::Result;
use crate::analysis::coverage::CoveredLevel;

use super::{Border, Map};

/// Critical values at the points of a plane, row-major `[mass][coupling]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Covered {
    /// Confidence level.
    pub confidence: f64,
    /// Of q = chi2 - chi2_min, where they were not calculated the nearest.
    pub critical: Vec<f64>,
    /// Lower ends of their intervals from the number of toys.
    pub low: Vec<f64>,
    /// Upper ends.
    pub high: Vec<f64>,
}

impl Covered {
    /// Those of a level over some masses (MeV) and couplings.
    ///
    /// # Errors
    /// Masses without critical values.
    pub fn new(level: &CoveredLevel, masses_mev: &[f64], couplings: &[f64]) -> Result<Covered> {
        masses_mev.iter().try_for_each(|mass| level.require_mass(*mass))?;
        let points = || masses_mev.iter().flat_map(|mass| couplings.iter().map(move |coupling| (*mass, *coupling)));
        let ends = |end: usize| points().map(|(mass, coupling)| level.ends_at(mass, coupling)[end]).collect();
        Ok(Covered {
            confidence: level.confidence,
            critical: points().map(|(mass, coupling)| level.at(mass, coupling)).collect(),
            low: ends(0),
            high: ends(1),
        })
    }

    /// The border of what a map over these points excludes, chi2 counted from the map's minimum.
    pub fn border<'a>(&self, map: &'a Map) -> Border<'a> {
        border(map, &self.critical)
    }

    /// The same where the critical values are at the ends of their intervals.
    pub fn ends<'a>(&self, map: &'a Map) -> [Border<'a>; 2] {
        [border(map, &self.low), border(map, &self.high)]
    }
}

fn border<'a>(map: &'a Map, critical: &[f64]) -> Border<'a> {
    let excess = map.rises().zip(critical).map(|(rise, critical)| rise - critical);
    Border::of_excess(&map.plane.mass.values, &map.plane.coupling.values, excess.collect())
}
