//! The electron's anomalous magnetic moment: a mediator adds to it as to the muon's ([`crate::physics::muon_g2`]).

use std::f64::consts::PI;

use crate::base::constants::ELECTRON_MASS_MEV;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::muon_g2::moment_integral;

/// Delta a_e at g = 1 and a mass (MeV): the charge of the electron, or that which the loop gives it at Q2 = 0; a scalar
/// couples with g itself.
pub fn electron_moment(model: &Model, mass_mev: f64) -> f64 {
    let of_mediator = |mediator: &crate::physics::model::Mediator| {
        let charge = match &mediator.interaction {
            Interaction::Vector(vector) => match vector.charged_lepton_charge(Lepton::Electron) {
                0.0 => vector.electron_charge(0.0),
                charge => charge,
            },
            Interaction::Scalar(_) => 1.0,
        };
        let ratio = mediator.mass_ratio * mass_mev / ELECTRON_MASS_MEV;
        let coupling = mediator.coupling_ratio * charge;
        coupling * coupling * moment_integral(&mediator.interaction, ratio) / (8.0 * PI * PI)
    };
    model.mediators.iter().map(of_mediator).sum()
}
