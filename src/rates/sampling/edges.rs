//! Where the pieces of the recoil integral begin and end.

use crate::dataset::Dataset;
use crate::rates::process::Process;

/// Step of the scan for the lowest energy.
const SCAN_STEP: f64 = 1.02;
/// Closest two edges at kinks of a spectrum, as a ratio.
const KINK_STEP: f64 = 1.02;
/// Response, enhanced by 1/T'^2, that is dropped at first.
const NEGLIGIBLE_RESPONSE: f64 = 1e-11;
/// Part of the largest response of a bin that is dropped above: over five decades of energy it makes less than 1e-9 of it.
const NEGLIGIBLE_SHARE: f64 = 1e-14;
/// Longest piece in ln(T').
pub(super) const MAX_LOG_PIECE: f64 = 1.0;

/// The energy (MeV) below which no recoil is seen, by scanning up from 1e-5 of the largest: the response is a rounding
/// error there, even where a light mediator enhances it. Not beyond the first sharp feature, which a step might miss.
pub(super) fn lowest_energy_mev(seen: &impl Fn(f64) -> Vec<f64>, highest: f64, first_sharp: Option<f64>) -> f64 {
    let unseen = |t: f64| seen(t).iter().sum::<f64>() * (highest / t).powi(2) < NEGLIGIBLE_RESPONSE;
    let limit = (0.5 * highest).min(first_sharp.unwrap_or(f64::INFINITY));
    let mut energy = 1e-5 * highest;
    while energy < limit && unseen(energy * SCAN_STEP) {
        energy *= SCAN_STEP;
    }
    energy.min(limit)
}

/// The energy (MeV) above which no bin sees more than a rounding error of what it sees elsewhere, by scanning down from the
/// largest; not beyond the last sharp feature. A bin that only the largest energies reach keeps them, however little it has.
pub(super) fn highest_energy_mev(seen: &impl Fn(f64) -> Vec<f64>, highest: f64, last_sharp: Option<f64>) -> f64 {
    let limit = last_sharp.unwrap_or(0.0);
    let lower = |energy: &f64| Some(energy / SCAN_STEP);
    let energies: Vec<f64> =
        std::iter::successors(Some(highest), lower).take_while(|energy| *energy > 1e-5 * highest).collect();
    let seen: Vec<Vec<f64>> = energies.iter().map(|energy| seen(*energy)).collect();
    let mut most = vec![0.0_f64; seen[0].len()];
    for row in &seen {
        most.iter_mut().zip(row).for_each(|(most, share)| *most = most.max(*share));
    }
    let counts = |row: &Vec<f64>| row.iter().zip(&most).any(|(share, most)| *share > NEGLIGIBLE_SHARE * most);
    let first = seen.iter().position(counts).unwrap_or(0);
    // A step above, and not below a feature that the steps may have missed.
    energies[first.saturating_sub(1)].max(limit).min(highest)
}

/// The largest recoil energies (MeV) of the neutrinos at the rows of tabulated spectra, increasing, below the highest.
pub(super) fn rows_mev(dataset: &Dataset, process: &Process, highest: f64) -> Vec<f64> {
    let spectra = dataset.source.components.iter().flat_map(|component| component.spectrum.kinks_mev());
    let mut rows: Vec<f64> = spectra.map(|energy_mev| process.max_recoil_energy_mev(*energy_mev)).collect();
    rows.retain(|row| *row < highest);
    rows.sort_by(f64::total_cmp);
    rows
}

pub(super) fn merged(mut one: Vec<f64>, other: Vec<f64>) -> Vec<f64> {
    one.extend(other);
    one.sort_by(f64::total_cmp);
    one
}

/// Puts an edge where a tabulated spectrum has a kink, but none within [`KINK_STEP`] of another: kinks that follow each
/// other so closely are mostly those of a smooth curve, and pieces that need more are cut there.
pub(super) fn add_kinks(rows_mev: &[f64], edges: &mut Vec<f64>) {
    let own = edges.clone();
    for &kink in rows_mev {
        let inside = own.first().is_some_and(|low| kink > low * KINK_STEP);
        if inside && edges.iter().all(|edge| kink > edge * KINK_STEP || edge / KINK_STEP > kink) {
            edges.push(kink);
        }
    }
    edges.sort_by(f64::total_cmp);
}

/// Edges of equal pieces in ln(T') that are not longer than [`MAX_LOG_PIECE`].
pub(super) fn split(interval: &[f64]) -> Vec<f64> {
    let length = (interval[1] / interval[0]).ln();
    let parts = (length / MAX_LOG_PIECE).ceil().max(1.0) as usize;
    let inner = (1..parts).map(|i| interval[0] * (length * i as f64 / parts as f64).exp());
    std::iter::once(interval[0]).chain(inner).chain([interval[1]]).collect()
}
