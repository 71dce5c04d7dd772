//! Pairs of muons from muon neutrinos in the field of a nucleus.
//!
//! R = (sum_k w_k [C_V + X/(T_k + M^2)]^2 + rho C_A^2)/(C_V^2 + rho C_A^2), T = -(p_nu - p_nu')^2, X = Q'_mu^2 g^2/(sqrt2
//! G_F). Vector and axial parts do not interfere once the phase space of the pair is integrated; w, the distribution of T in
//! the vector part, holds the muon's mass, the form factor of the nucleus and the phase space (arXiv:1406.2332,
//! arXiv:1902.06765).

use std::f64::consts::SQRT_2;

use crate::Result;
use crate::base::constants::FERMI_CONSTANT_PER_MEV2;
use crate::base::document::{Bound, Section};
use crate::others::couplings::Exchange;
use crate::others::polynomial::Quadratic;
use crate::others::recast::columns::Columns;
use crate::physics::model::{Lepton, VectorCouplings};

/// T in GeV^2 and weight, for 56Fe and neutrinos of 160 GeV.
const IRON_160_GEV: (&str, &str) =
    ("others/trident-fe56-160gev.txt", include_str!("../../../data/others/trident-fe56-160gev.txt"));
const MEV2_IN_GEV2: f64 = 1e6;

/// A measurement.
#[derive(Debug, Clone, PartialEq)]
pub struct Trident {
    /// T (MeV^2) and weight.
    nodes: Vec<(f64, f64)>,
    vector: f64,
    axial: f64,
    /// sigma_A/sigma_V at C_V = C_A = 1.
    axial_over_vector: f64,
}

impl Trident {
    /// Reads it from `weights`, `sin2_weak_angle`, `axial_over_vector`.
    ///
    /// # Errors
    /// Keys that are missing or out of bounds.
    pub(crate) fn read(section: &Section) -> Result<Trident> {
        section.choice("weights", &["trident-fe56-160gev"])?;
        let columns = Columns::parse(IRON_160_GEV.0, IRON_160_GEV.1)?;
        columns.require_width(2, "T [GeV^2], weight")?;
        let total: f64 = columns.rows.iter().map(|(_, row)| row[1]).sum();
        Ok(Trident {
            nodes: columns.rows.iter().map(|(_, row)| (row[0] * MEV2_IN_GEV2, row[1] / total)).collect(),
            vector: 0.5 + 2.0 * section.number("sin2_weak_angle", Bound::PositiveUpTo(1.0))?,
            axial: 0.5,
            axial_over_vector: section.number("axial_over_vector", Bound::PositiveUpTo(100.0))?,
        })
    }

    /// R = 1 + a x + b x^2 in x = g^2 at a mass (MeV).
    pub fn at(&self, vectors: &[Exchange<VectorCouplings>], mass_mev: f64) -> Quadratic {
        let charge = |vector: &VectorCouplings| {
            vector.charges.muon * vector.charged_lepton_charge(Lepton::Muon) / (SQRT_2 * FERMI_CONSTANT_PER_MEV2)
        };
        let charges: Vec<f64> = vectors.iter().map(|exchange| charge(exchange.couplings)).collect();
        let standard = self.vector.powi(2) + self.axial_over_vector * self.axial.powi(2);
        let (mut a, mut b) = (0.0, 0.0);
        for (t_mev2, weight) in &self.nodes {
            let sum: f64 =
                vectors.iter().zip(&charges).map(|(v, charge)| charge * v.propagator_per_mev2(*t_mev2, mass_mev)).sum();
            a += weight * 2.0 * self.vector * sum;
            b += weight * sum * sum;
        }
        [1.0, a / standard, b / standard]
    }
}
