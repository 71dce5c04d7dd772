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
    /// Whether they were calculated.
    pub is_calculated: Vec<bool>,
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
            is_calculated: points().map(|(mass, coupling)| level.is_calculated(mass, coupling)).collect(),
        })
    }

    /// The border of what a map over these points excludes, chi2 counted from the minimum of the plane.
    pub fn border<'a>(&self, map: &'a Map) -> Border<'a> {
        border(map, &self.critical)
    }

    /// The same where the critical values are at the ends of their intervals.
    pub fn ends<'a>(&self, map: &'a Map) -> [Border<'a>; 2] {
        [border(map, &self.low), border(map, &self.high)]
    }

    /// The smallest and the largest critical value along the border of a map; none without a border.
    ///
    /// # Errors
    /// Those of [`Border::points_beside`].
    pub fn along_border(&self, map: &Map) -> Result<Option<[f64; 2]>> {
        let beside = self.border(map).points_beside()?;
        let values = || beside.iter().map(|point| self.critical[*point]);
        let ends = [values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max)];
        Ok((!beside.is_empty()).then_some(ends))
    }

    /// Of the points next to the border of a map, those where critical values were not calculated, and all.
    ///
    /// # Errors
    /// Those of [`Border::points_beside`].
    pub fn not_calculated(&self, map: &Map) -> Result<(usize, usize)> {
        let beside = self.border(map).points_beside()?;
        Ok((beside.iter().filter(|point| !self.is_calculated[**point]).count(), beside.len()))
    }
}

fn border<'a>(map: &'a Map, critical: &[f64]) -> Border<'a> {
    let excess = map.chi2.iter().zip(critical).map(|(chi2, critical)| chi2 - map.best_fit.chi2 - critical);
    Border::of_excess(&map.plane.mass.values, &map.plane.coupling.values, excess.collect())
}
