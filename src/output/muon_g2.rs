//! Bands of the muon's magnetic moment, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::Result;
use crate::physics::model::Model;
use crate::physics::muon_g2::{Deviation, band, why_no_band};

/// `g-2 --format json`: one model.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MuonBandRecord {
    /// Name of the model.
    pub model: String,
    /// What the couplings explain.
    pub delta_a_mu: Deviation,
    /// Why there is no band, where there is none; the lists are empty then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Masses (MeV).
    pub mass_mev: Vec<f64>,
    /// Couplings two standard deviations below the central value; 0 where the deviation is compatible with none.
    pub lower: Vec<f64>,
    /// Couplings at the central value.
    pub central: Vec<f64>,
    /// Couplings two standard deviations above it.
    pub upper: Vec<f64>,
}

impl MuonBandRecord {
    /// The band of one model at masses (MeV).
    ///
    /// # Errors
    /// A mass at which it cannot be computed.
    pub fn new(model: &Model, masses_mev: &[f64], deviation: Deviation) -> Result<MuonBandRecord> {
        let (name, delta_a_mu) = (model.name.clone(), deviation);
        Ok(match band(model, masses_mev, deviation)? {
            Some(band) => MuonBandRecord {
                model: name,
                delta_a_mu,
                reason: None,
                mass_mev: band.mass_mev,
                lower: band.lower,
                central: band.central,
                upper: band.upper,
            },
            None => MuonBandRecord {
                model: name,
                delta_a_mu,
                reason: why_no_band(model),
                mass_mev: Vec::new(),
                lower: Vec::new(),
                central: Vec::new(),
                upper: Vec::new(),
            },
        })
    }

    fn rows(&self) -> impl Iterator<Item = [f64; 4]> {
        let couplings = self.lower.iter().zip(&self.central).zip(&self.upper);
        self.mass_mev.iter().zip(couplings).map(|(mass, ((lower, central), upper))| [*mass, *lower, *central, *upper])
    }
}

/// A table for people, one block a model.
pub fn muon_bands_table(records: &[MuonBandRecord]) -> String {
    let mut text = String::new();
    for record in records {
        if !text.is_empty() {
            text.push('\n');
        }
        let [central, sigma] = record.delta_a_mu.in_1e10();
        // Writing to a String cannot fail.
        let _ = match &record.reason {
            Some(reason) => writeln!(text, "{}: no band, {reason}", record.model),
            None => writeln!(
                text,
                "{}: couplings g for Delta a_mu = ({central} +- {sigma}) 1e-10{}, band of 2 sigma\n{:>13}{:>13}{:>13}{:>13}",
                record.model,
                record.delta_a_mu.label(),
                "mass [MeV]",
                "lower",
                "central",
                "upper"
            ),
        };
        for [mass, lower, central, upper] in record.rows() {
            let _ = writeln!(text, "{mass:>13.4e}{lower:>13.4e}{central:>13.4e}{upper:>13.4e}");
        }
    }
    text
}

/// Rows `model,mass_mev,lower,central,upper`; a model without a band has one row with its columns empty.
pub fn muon_bands_csv(records: &[MuonBandRecord]) -> String {
    let mut text = String::from("model,mass_mev,lower,central,upper\n");
    for record in records {
        if record.reason.is_some() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{},,,,", record.model);
        }
        for [mass, lower, central, upper] in record.rows() {
            let _ = writeln!(text, "{},{mass:e},{lower:e},{central:e},{upper:e}", record.model);
        }
    }
    text
}
