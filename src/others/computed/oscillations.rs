//! Neutrinos in matter: a bound on non-standard interactions, eps, is one on g/M.
//!
//! eps_ll = g^2/(sqrt2 G_F M^2) Q'_l [Q'_e + Q_p + Y Q_n] per electron, Y neutrons an electron; only differences between
//! flavours count. Contact interactions: mediators much heavier than the inverse size of the matter, here all.

use std::f64::consts::SQRT_2;

use crate::Result;
use crate::base::constants::FERMI_CONSTANT_PER_MEV2;
use crate::base::document::{Bound, Section};
use crate::others::couplings::{Exchange, vectors};
use crate::physics::model::{Lepton, Model, VectorCouplings};

/// A difference of eps between two flavours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Matter {
    flavours: [Lepton; 2],
    neutrons_per_electron: f64,
}

impl Matter {
    /// Reads `flavour`, `less` and `neutrons_per_electron`.
    ///
    /// # Errors
    /// Keys that are missing or out of bounds.
    pub(crate) fn read(section: &Section) -> Result<Matter> {
        let flavour = |key: &str| {
            let name = section.choice(key, &["e", "mu", "tau"])?;
            Ok(Lepton::ALL.into_iter().find(|lepton| lepton.name() == name).unwrap_or(Lepton::Electron))
        };
        Ok(Matter {
            flavours: [flavour("flavour")?, flavour("less")?],
            neutrons_per_electron: section.number("neutrons_per_electron", Bound::NotNegativeUpTo(10.0))?,
        })
    }

    /// The difference at g/M = 1 over all, [MeV^2]: times g^2/M^2.
    ///
    /// # Errors
    /// In words: a model that has none.
    pub fn per_coupling_mev2(&self, model: &Model) -> Result<f64, String> {
        let of = |exchange: &Exchange<VectorCouplings>| {
            let vector = exchange.couplings;
            let [one, other] = self.flavours.map(|lepton| vector.charges.lepton(lepton));
            let nucleons = vector.nucleon_charges(0.0);
            let matter = vector.electron_charge(0.0) + nucleons.proton + self.neutrons_per_electron * nucleons.neutron;
            (exchange.coupling_ratio / exchange.mass_ratio).powi(2) * (one - other) * matter
                / (SQRT_2 * FERMI_CONSTANT_PER_MEV2)
        };
        let sum: f64 = vectors(model)?.iter().map(of).sum();
        let [one, other] = self.flavours.map(Lepton::name);
        if sum == 0.0 { Err(format!("nu_{one} and nu_{other} feel matter alike")) } else { Ok(sum) }
    }
}
