//! A bound at one end of the mass axis, for programs.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::analysis::FarDeformation;
use crate::analysis::limits::{Bound, Level, Published, Regime};
use crate::base::constants::GEV_IN_MEV;

/// A bound at one end of the mass axis; either `coupling` or `coupling_per_gev` is there, and the crossings are in the
/// same unit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BoundRecord {
    /// The bound in g, `null` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupling: Option<Option<f64>>,
    /// The bound in g/M [GeV^-1], `null` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coupling_per_gev: Option<Option<f64>>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// All crossings of the level with growing coupling, and their direction.
    pub crossings: Vec<(f64, &'static str)>,
    /// Signal events at the bound by dataset and process (`cevns`, `electron-scattering`), of datasets with more than one.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub events_by_process: BTreeMap<String, BTreeMap<&'static str, f64>>,
    /// Datasets whose response the fit at the bound deforms further than its tables tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deformed_far: Vec<FarDeformation>,
    /// chi2 at the crossings.
    pub level: f64,
    /// The published bound.
    pub table2: Option<f64>,
    /// 100 ln(ours/published); `null` at another level than that of table 2, where it means nothing.
    pub deviation_percent: Option<f64>,
}

impl BoundRecord {
    pub(super) fn new(theirs: Option<&Published>, level: &Level, regime: Regime, bound: &Bound) -> BoundRecord {
        let unit = match regime {
            Regime::Low => 1.0,
            Regime::High => GEV_IN_MEV / bound.mass_mev,
        };
        let edge = bound.edge(theirs.map_or(1, |row| row.edge)).map(|coupling| coupling * unit);
        let value = edge.ok();
        BoundRecord {
            coupling: (regime == Regime::Low).then_some(value),
            coupling_per_gev: (regime == Regime::High).then_some(value),
            reason: edge.err().map(str::to_owned),
            crossings: bound
                .crossings
                .iter()
                .map(|crossing| (crossing.coupling * unit, if crossing.up { "up" } else { "down" }))
                .collect(),
            events_by_process: BTreeMap::new(),
            deformed_far: Vec::new(),
            level: bound.level,
            table2: theirs.map(|row| row.value),
            deviation_percent: value
                .zip(theirs.filter(|_| level.is_that_of_table2()))
                .map(|(ours, theirs)| 100.0 * (ours / theirs.value).ln()),
        }
    }

    /// The coupling that is 1 in its unit.
    pub(super) fn unit_coupling(&self, bound: &Bound) -> f64 {
        if self.coupling_per_gev.is_some() { bound.mass_mev / GEV_IN_MEV } else { 1.0 }
    }

    /// The bound in its unit.
    pub fn value(&self) -> Option<f64> {
        self.coupling.or(self.coupling_per_gev).flatten()
    }
}
