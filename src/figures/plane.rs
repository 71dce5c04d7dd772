//! The plane that limits are drawn on.

use crate::physics::model::Model;
use crate::plot::chart::{ChartAxis, Scale};

/// A plane with logarithmic axes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    /// Ends of the horizontal axis.
    pub x: (f64, f64),
    /// Ends of the vertical axis.
    pub y: (f64, f64),
}

impl Plane {
    /// Across and up, from 0 to 1 on the plane.
    pub(super) fn unit(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let share = |value: f64, (low, high): (f64, f64)| (value / low).ln() / (high / low).ln();
        [share(x, self.x), share(y, self.y)]
    }

    pub(super) fn value(&self, [across, up]: [f64; 2]) -> [f64; 2] {
        let at = |share: f64, (low, high): (f64, f64)| low * (high / low).powf(share);
        [at(across, self.x), at(up, self.y)]
    }
}

/// The axes of a chart over masses (MeV) and couplings, both logarithmic.
pub(super) fn axes([mass, coupling]: [&str; 2], mass_mev: (f64, f64), couplings: (f64, f64)) -> [ChartAxis; 2] {
    let axis = |name: &str, label: String, (low, high): (f64, f64)| ChartAxis {
        name: name.to_owned(),
        label,
        low,
        high,
        scale: Scale::Log,
    };
    [axis("mass_mev", format!("{mass} [MeV]"), mass_mev), axis("coupling", coupling.to_owned(), couplings)]
}

/// The same with the symbols of a model's mediator.
pub(super) fn axes_of(model: &Model, mass_mev: (f64, f64), couplings: (f64, f64)) -> [ChartAxis; 2] {
    let mediator = model.mediator_symbol();
    axes([&format!("$M_{{{mediator}}}$"), &format!("$g_{{{mediator}}}$")], mass_mev, couplings)
}
