//! What a vector boson couples to: every fermion of the Standard Model, at g = 1.

use crate::base::constants::GEV_IN_MEV;
use crate::physics::model::{Interaction, Lepton, Model, VectorCouplings, time_like_mixing};
use crate::{Error, Result};

use super::particles::{ELECTROMAGNETIC_COUPLING, LEPTON_MASSES_GEV};

/// Electric charges of up-type and down-type quarks.
const QUARK_CHARGES: (f64, f64) = (2.0 / 3.0, -1.0 / 3.0);

/// The vector boson of a model.
#[derive(Debug, Clone, PartialEq)]
pub enum Vector {
    /// The dark photon, which couples to charges e Q; its g is the kinetic mixing epsilon.
    DarkPhoton,
    /// A gauge boson by its charges.
    Gauge(VectorCouplings),
}

/// Vector couplings of the fermions over g.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Couplings {
    /// x_u, x_d, x_s.
    pub light_quarks: [f64; 3],
    /// x_c, x_b, x_t.
    pub heavy_quarks: [f64; 3],
    /// x_e, x_mu, x_tau.
    pub leptons: [f64; 3],
    /// Those of the neutrinos of each generation.
    pub neutrinos: [f64; 3],
}

impl Vector {
    /// The boson of a model.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for a model without exactly one vector boson of the scanned mass and coupling.
    pub fn of(model: &Model) -> Result<Vector> {
        match &model.mediators[..] {
            [only] if only.mass_ratio == 1.0 && only.coupling_ratio == 1.0 => match &only.interaction {
                Interaction::Vector(vector) => Ok(Vector::Gauge(*vector)),
                Interaction::Scalar(_) => Err(not_one_vector(model, "a scalar")),
            },
            several => Err(not_one_vector(model, &format!("{} mediators with masses of their own", several.len()))),
        }
    }

    /// The couplings of a boson of this mass (GeV), on its mass shell.
    ///
    /// Where the loop of leptons mixes the boson with the photon, quarks couple with eta times their electric charge and
    /// a lepton without a charge of its own with -eta, eta = e^2/(2 pi^2) x the loop integral (modulus).
    pub fn couplings(&self, mass_gev: f64) -> Couplings {
        match self {
            Vector::DarkPhoton => {
                let (up, down) = QUARK_CHARGES;
                let e = ELECTROMAGNETIC_COUPLING;
                Couplings {
                    light_quarks: [up * e, down * e, down * e],
                    heavy_quarks: [up * e, down * e, up * e],
                    leptons: [-e; 3],
                    neutrinos: [0.0; 3],
                }
            }
            Vector::Gauge(vector) => gauge_couplings(vector, mass_gev),
        }
    }
}

fn not_one_vector(model: &Model, found: &str) -> Error {
    Error::out_of_range(format!("mediator of '{}'", model.name), found, "one vector boson: only its limits are recast")
}

fn gauge_couplings(vector: &VectorCouplings, mass_gev: f64) -> Couplings {
    let (charges, heavy) = (&vector.charges, &vector.heavy_quarks);
    let eta = if vector.one_loop_mixing {
        let masses_mev = LEPTON_MASSES_GEV.map(|mass| mass * GEV_IN_MEV);
        ELECTROMAGNETIC_COUPLING.powi(2) / (2.0 * std::f64::consts::PI.powi(2))
            * time_like_mixing(charges, masses_mev, (mass_gev * GEV_IN_MEV).powi(2))
    } else {
        0.0
    };
    let (up, down) = (QUARK_CHARGES.0 * eta, QUARK_CHARGES.1 * eta);
    let own = Lepton::ALL.map(|lepton| charges.lepton(lepton));
    Couplings {
        light_quarks: [charges.up + up, charges.down + down, heavy.strange + down],
        heavy_quarks: [heavy.charm + up, heavy.bottom + down, heavy.top + up],
        leptons: own.map(|charge| if charge == 0.0 { -eta } else { charge }),
        neutrinos: own,
    }
}
