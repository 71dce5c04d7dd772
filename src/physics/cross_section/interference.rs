//! Where a mediator cancels the Standard Model, and where it doubles back to it: the strip of (4.1)-(4.6).

use crate::base::constants::GEV_IN_MEV;
use crate::physics::model::{Interaction, Lepton, Mediator, Model};
use crate::physics::nuclear::Isotope;

use super::weak_charge;

/// Momentum transfer (MeV) at which couplings that depend on it are quoted, typical of pions that decay at rest.
pub const TYPICAL_MOMENTUM_MEV: f64 = 45.0;

/// How the vector exchanges of a model add to the Standard Model's amplitude on a nucleus, form factors left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interference {
    /// Sign of the exchange relative to the Standard Model's: -1 destructive, 1 constructive, 0 none.
    pub sign: i8,
    /// Couplings where the total weak charge vanishes; none where nothing cancels.
    pub cancellation: Option<Couplings>,
    /// Couplings where it is the Standard Model's with the other sign: counts are the same there, the strip is allowed.
    pub strip: Option<Couplings>,
}

/// A place in the plane, at either end of the mass axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Couplings {
    /// g for masses far below [`TYPICAL_MOMENTUM_MEV`], at that momentum.
    pub light: f64,
    /// g/M [GeV^-1] for masses far above it.
    pub heavy_per_gev: f64,
}

/// The interference on one nucleus for one flavour.
pub fn interference(model: &Model, isotope: &Isotope, lepton: Lepton) -> Interference {
    // Without form factors: at |q| = 0 they are 1, while mixing is taken at the typical momentum.
    let weak = weak_charge(isotope, lepton, 0.0);
    let q2 = TYPICAL_MOMENTUM_MEV.powi(2);
    let (mut light, mut heavy) = (0.0, 0.0);
    for mediator in &model.mediators {
        let amplitude = mediator.coupling_ratio.powi(2) * point_like_amplitude(mediator, isotope, lepton, q2);
        light += amplitude / q2;
        heavy += amplitude / mediator.mass_ratio.powi(2);
    }
    let relative = heavy / weak;
    let couplings = |multiple: f64| {
        let square =
            |exchange: f64| Some(-multiple * weak / exchange).filter(|square| *square > 0.0 && square.is_finite());
        Some(Couplings { light: square(light)?.sqrt(), heavy_per_gev: square(heavy)?.sqrt() * GEV_IN_MEV })
    };
    Interference {
        sign: if relative > 0.0 { 1 } else { -i8::from(relative < 0.0) },
        cancellation: couplings(1.0),
        strip: couplings(2.0),
    }
}

/// The amplitude of a vector exchange on a nucleus without extent; 0 for scalars, which do not interfere.
fn point_like_amplitude(mediator: &Mediator, isotope: &Isotope, lepton: Lepton, q2_mev2: f64) -> f64 {
    match &mediator.interaction {
        Interaction::Scalar(_) => 0.0,
        Interaction::Vector(vector) => {
            let couplings = vector.nucleon_couplings_mev2(lepton, q2_mev2);
            couplings.proton * f64::from(isotope.protons) + couplings.neutron * f64::from(isotope.neutrons)
        }
    }
}
