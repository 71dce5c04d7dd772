//! Recoil energies at which a sharp response changes: edges of bins, steps of an efficiency, smeared by the resolution.
//!
//! A rule that has no node near a narrow bin sees nothing of it, at any number of nodes that it is compared with. So what
//! is narrow gets edges of its own before anything is compared.

use crate::physics::detector::Response;

/// How far the smearing reaches from a feature, in its standard deviation.
const REACH: f64 = 7.0;
/// Features nearer than this to each other, in the same unit, are one.
const BLURRED: f64 = 0.5;
/// A smearing, or a feature with its smearing, that is narrower than these parts of its energy needs edges.
const SHARP_SMEARING: f64 = 0.015;
const NARROW_FEATURE: f64 = 0.12;

/// The edges (MeV), increasing, up to the highest recoil energy.
pub(super) fn sharp_features_mev(response: &Response, highest_mev: f64) -> Vec<f64> {
    // A table is as sharp as its rows, which are edges already.
    let Some(chain) = response.chain() else { return Vec::new() };
    let resolution = &chain.resolution;
    let width_at = |x: f64| resolution.width(resolution.electron_equivalent_kev(x));
    let mut observables = response.energy_edges.clone();
    let (first, last) = (observables[0], observables[observables.len() - 1]);
    observables.extend(chain.efficiency.breaks_reconstructed().into_iter().filter(|x| first < *x && *x < last));
    observables.retain(|x| *x > 0.0);
    observables.sort_by(f64::total_cmp);
    let mut apart: Vec<f64> = Vec::new();
    for x in observables {
        if apart.last().is_none_or(|before| x - before > BLURRED * width_at(x)) {
            apart.push(x);
        }
    }
    let mut wanted_kev = Vec::new();
    for (i, &x) in apart.iter().enumerate() {
        let (width, before) = (width_at(x), if i == 0 { 0.0 } else { apart[i - 1] });
        let gap = (x - before).min(apart.get(i + 1).map_or(x, |after| after - x));
        if width < SHARP_SMEARING * x || gap + 2.0 * width < NARROW_FEATURE * x {
            let around = [x - REACH * width, x, x + REACH * width].into_iter().filter(|x| *x > 0.0);
            wanted_kev.extend(around.map(|x| resolution.electron_equivalent_kev(x)));
        }
    }
    wanted_kev.sort_by(f64::total_cmp);
    chain.recoils_mev(&wanted_kev, highest_mev)
}
