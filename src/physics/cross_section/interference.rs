//! Where a mediator cancels the Standard Model, and where it doubles back to it: the strip of (4.1)-(4.6).

use crate::base::constants::GEV_IN_MEV;
use crate::physics::model::{Interaction, Lepton, Model, NucleonCouplings};
use crate::physics::nuclear::Isotope;
use crate::physics::weak_couplings::WeakCouplings;

/// Momentum transfer (MeV) at which couplings that depend on it are quoted, typical of pions that decay at rest.
pub const TYPICAL_MOMENTUM_MEV: f64 = 45.0;

/// How vector exchanges add to the Standard Model's amplitude, form factors left out.
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

impl Couplings {
    /// Where exchanges at g = 1 add -`multiple` of a weak charge: g^2 = -multiple Q/B; none where they have its sign.
    fn undoing(multiple: f64, weak_charge: f64, exchange: Exchange) -> Option<Couplings> {
        let coupling = |of_exchange: f64| {
            let square = -multiple * weak_charge / of_exchange;
            Some(square.sqrt()).filter(|coupling| *coupling > 0.0 && coupling.is_finite())
        };
        Some(Couplings { light: coupling(exchange.light)?, heavy_per_gev: coupling(exchange.heavy_mev2)? * GEV_IN_MEV })
    }
}

/// What the vector exchanges of a model at g = 1 add to a weak charge, form factors left out: B of (4.1-4.6). Sums over
/// nuclei and flavours are sums of it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Exchange {
    /// For masses far below the momentum transfer.
    pub light: f64,
    /// For masses far above it, times M^2 [MeV^2].
    pub heavy_mev2: f64,
}

impl Exchange {
    /// On one nucleus for one flavour, what depends on the momentum transfer taken at one. Scalars add nothing: they do
    /// not interfere.
    pub fn new(model: &Model, isotope: &Isotope, lepton: Lepton, q2_mev2: f64) -> Exchange {
        let mut exchange = Exchange::default();
        for mediator in &model.mediators {
            let Interaction::Vector(vector) = &mediator.interaction else { continue };
            let NucleonCouplings { proton, neutron } = vector.nucleon_couplings_mev2(lepton, q2_mev2);
            let amplitude = proton * f64::from(isotope.protons) + neutron * f64::from(isotope.neutrons);
            let amplitude = mediator.coupling_ratio.powi(2) * amplitude;
            exchange.light += amplitude / q2_mev2;
            exchange.heavy_mev2 += amplitude / mediator.mass_ratio.powi(2);
        }
        exchange
    }
}

impl Interference {
    /// Between a weak charge and what is exchanged beside it.
    pub fn new(weak_charge: f64, exchange: Exchange) -> Interference {
        let relative = exchange.heavy_mev2 / weak_charge;
        Interference {
            sign: if relative > 0.0 { 1 } else { -i8::from(relative < 0.0) },
            cancellation: Couplings::undoing(1.0, weak_charge, exchange),
            strip: Couplings::undoing(2.0, weak_charge, exchange),
        }
    }
}

/// The interference on one nucleus for one flavour.
pub fn interference(model: &Model, isotope: &Isotope, lepton: Lepton) -> Interference {
    // Without form factors: at |q| = 0 they are 1, while mixing is taken at the typical momentum.
    let weak = WeakCouplings::of(model.standard).charge(isotope, lepton, 0.0);
    Interference::new(weak, Exchange::new(model, isotope, lepton, TYPICAL_MOMENTUM_MEV.powi(2)))
}
