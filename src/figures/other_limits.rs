//! Limits of other experiments on one model, without ours.

use super::overlay::{Labels, behind};
use super::plane::axes_of;
use crate::others::recast::KnownLimit;
use crate::physics::model::Model;
use crate::plot::chart::Chart;

/// Room below the strongest limit, as a factor.
const ROOM: f64 = 3.0;
/// The upper end of the couplings, and the lowest lower end that is chosen.
const HIGHEST: f64 = 1.0;
const LOWEST: f64 = 1e-9;

/// The limits over masses (MeV) and couplings, those from below the strongest to 1 where none are given.
pub fn other_limits_chart(
    model: &Model,
    limits: &[KnownLimit],
    mass_mev: (f64, f64),
    coupling: Option<(f64, f64)>,
    labels: Labels,
) -> Chart {
    let strongest = || {
        let shown = |point: &&[f64; 2]| (mass_mev.0..=mass_mev.1).contains(&point[0]);
        let points = limits.iter().flat_map(|limit| limit.outlines.iter().flatten()).filter(shown);
        let lowest = points.map(|point| point[1]).fold(HIGHEST, f64::min);
        (10f64.powf((lowest / ROOM).max(LOWEST).log10().floor()), HIGHEST)
    };
    let coupling = coupling.unwrap_or_else(strongest);
    let [x, y] = axes_of(model, mass_mev, coupling);
    let mut chart = Chart { heading: model.label.clone(), x, y, ..Chart::default() };
    chart.caption = behind(&mut chart, limits, labels);
    chart
}
