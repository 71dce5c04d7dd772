//! Recoil energies at which a sharp response changes: edges of bins, steps of an efficiency, smeared by the resolution.
//!
//! A rule that has no node near a narrow bin sees nothing of it, at any number of nodes that it is compared with. So what
//! is narrow gets edges of its own before anything is compared.

use crate::detector::Response;

/// How far the smearing reaches from a feature, in its standard deviation.
const REACH: f64 = 7.0;
/// Features nearer than this to each other, in the same unit, are one.
const BLURRED: f64 = 0.5;
/// A smearing, or a feature with its smearing, that is narrower than these parts of its energy needs edges.
const SHARP_SMEARING: f64 = 0.015;
const NARROW_FEATURE: f64 = 0.12;
/// Step of the search through recoil energies, and where it begins, as a part of the highest.
const SEARCH_STEP: f64 = 1.02;
const SEARCH_FROM: f64 = 1e-12;

/// The edges (MeV), increasing, up to the highest recoil energy.
pub(super) fn sharp_features_mev(response: &Response, highest_mev: f64) -> Vec<f64> {
    let resolution = &response.resolution;
    let width_at = |x: f64| resolution.width(resolution.electron_equivalent_kev(x));
    let mut observables = response.energy_edges.clone();
    let (first, last) = (observables[0], observables[observables.len() - 1]);
    observables.extend(response.efficiency.breaks_reconstructed().into_iter().filter(|x| first < *x && *x < last));
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
    recoils_mev(response, &wanted_kev, highest_mev)
}

/// All recoil energies (MeV) at which one of these electron-equivalent energies (keVee, sorted) is reached.
fn recoils_mev(response: &Response, wanted_kev: &[f64], highest_mev: f64) -> Vec<f64> {
    let mut found = Vec::new();
    if wanted_kev.is_empty() {
        return found;
    }
    let kev = |t_mev: f64| response.quenching.electron_equivalent_kev(1e3 * t_mev);
    let (mut t, mut e) = (SEARCH_FROM * highest_mev, kev(SEARCH_FROM * highest_mev));
    while t < highest_mev {
        let next = (t * SEARCH_STEP).min(highest_mev);
        let e_next = kev(next);
        let (low, high) = (e.min(e_next), e.max(e_next));
        let between = wanted_kev.partition_point(|kev| *kev < low)..wanted_kev.partition_point(|kev| *kev < high);
        found.extend(wanted_kev[between].iter().map(|wanted| bisect(|t| (kev(t) - wanted) * (e_next - e), t, next)));
        (t, e) = (next, e_next);
    }
    found.sort_by(f64::total_cmp);
    found
}

/// Where an increasing function changes its sign.
fn bisect(f: impl Fn(f64) -> f64, mut low: f64, mut high: f64) -> f64 {
    // 50 halvings of a step of 2 % reach the last bit.
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        if f(middle) <= 0.0 { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}
