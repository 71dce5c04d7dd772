//! The bands of the muon's magnetic moment of several models.

use super::exclusion::muon_edges;
use super::plane::axes;
use crate::physics::model::{Interaction, Model};
use crate::physics::muon_g2::{Band, Deviation};
use crate::plot::Role;
use crate::plot::chart::{Chart, Curve, Region};

/// Room above and below the bands, as a factor.
const ROOM: f64 = 2.0;

/// The bands of models over one range of masses; models whose bands coincide share one. `None` where no model has any.
pub fn muon_band_chart(bands: &[(&Model, Band)], deviation: Deviation) -> Option<Chart> {
    let mut groups: Vec<(&Band, Vec<&Model>)> = Vec::new();
    for (model, band) in bands {
        match groups.iter_mut().find(|(known, _)| *known == band) {
            Some((_, models)) => models.push(model),
            None => groups.push((band, vec![model])),
        }
    }
    let couplings = || bands.iter().flat_map(|(_, band)| band.lower.iter().chain(&band.upper)).copied();
    let lowest = couplings().chain(bands.iter().flat_map(|(_, band)| band.central.iter().copied()));
    let lowest = lowest.filter(|coupling| *coupling > 0.0).fold(f64::INFINITY, f64::min);
    let (low, high) = (lowest / ROOM, couplings().fold(0.0, f64::max) * ROOM);
    let masses = &groups.first()?.0.mass_mev;
    let couplings = (power_of_ten(low, f64::floor), power_of_ten(high, f64::ceil));
    let [x, y] = axes(["$M$", "$g$"], (masses.first().copied()?, masses.last().copied()?), couplings);
    let mut chart = Chart { note: note(deviation), x, y, ..Chart::default() };
    for (number, (band, models)) in groups.iter().enumerate() {
        let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
        let (name, label) = (names.join(" "), label(models));
        let role = Role::Series(u8::try_from(number % 7).unwrap_or_default());
        let [lower, upper] = muon_edges(band, low);
        let central = band.mass_mev.iter().copied().zip(band.central.iter().copied()).map(<[f64; 2]>::from);
        chart.curves.push(Curve::line(name.clone(), label.clone(), role, central.collect()));
        chart.regions.push(Region::between(name, label, role, &lower, &upper));
    }
    Some(chart)
}

/// One model by its name, several by what they have in common.
fn label(models: &[&Model]) -> String {
    match models {
        [model] => model.label.clone(),
        _ => models
            .iter()
            .flat_map(|model| &model.mediators)
            .find_map(|mediator| match &mediator.interaction {
                Interaction::Vector(vector) => Some(format!("$|Q'_μ|$ = {}", vector.charges.muon.abs())),
                Interaction::Scalar(_) => None,
            })
            .unwrap_or_else(|| models.iter().map(|model| model.label.as_str()).collect::<Vec<_>>().join(", ")),
    }
}

fn note(deviation: Deviation) -> String {
    let [central, sigma] = deviation.in_1e10();
    format!("$Δa_μ$ = ({central} ± {sigma}) × $10^{{-10}}${}, 2$σ$", deviation.label())
}

fn power_of_ten(value: f64, round: fn(f64) -> f64) -> f64 {
    10f64.powf(round(value.log10()))
}
