//! The response: from a true recoil energy to probabilities in bins of reconstructed energy.

use super::{Curve, Efficiency, EnergyScale, Quenching, Resolution};

/// Step of the midpoint rule inside a bin of the observable, where the smearing has no closed form.
const MIDPOINT_STEP: f64 = 0.05;
/// Fewest and most steps in a bin: efficiencies turn on within a narrow one, and no file may ask for all memory.
const MIDPOINT_STEPS: (usize, usize) = (64, 20_000);

/// Recoils of more than this (keV) are not looked at.
const HIGHEST_RECOIL_KEV: f64 = 1e4;

/// A point of the midpoint rule over the observable.
struct Midpoint {
    at: f64,
    ln_at: f64,
    /// Step x efficiency.
    weight: f64,
    /// Half the step.
    half: f64,
}

/// A detector: what becomes of a recoil.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Recoil energy to electron-equivalent energy.
    pub quenching: Quenching,
    /// Electron-equivalent energy to the observable.
    pub resolution: Resolution,
    /// Selection.
    pub efficiency: Efficiency,
    /// Edges of the energy bins, in units of the observable; increasing.
    pub energy_edges: Vec<f64>,
}

impl Response {
    /// Number of energy bins.
    pub fn energy_bins(&self) -> usize {
        self.energy_edges.len() - 1
    }

    /// A function that gives, for a recoil energy (MeV), the probabilities to be reconstructed in each bin, the
    /// efficiency at the reconstructed energy included. That at the true energy, [`Response::selected`], is apart:
    /// it has kinks, this has none.
    ///
    /// Tables over the observable are made once, so ask for it once per plan.
    pub fn binned(&self) -> impl Fn(f64) -> Vec<f64> + '_ {
        let midpoints: Vec<Vec<Midpoint>> = self.energy_edges.windows(2).map(|bin| self.midpoints(bin)).collect();
        move |recoil_energy_mev| {
            let true_kev = self.quenching.electron_equivalent_kev(1e3 * recoil_energy_mev);
            if true_kev <= 0.0 {
                return vec![0.0; self.energy_bins()];
            }
            let density = self.resolution.density(true_kev);
            let bins = self.energy_edges.windows(2).zip(&midpoints);
            bins.map(|(bin, midpoints)| {
                self.exact_probability(true_kev, bin).unwrap_or_else(|| match self.resolution {
                    Resolution::GammaPhotoelectrons { .. } => {
                        midpoints.iter().map(|midpoint| midpoint.weight * density(midpoint.at, midpoint.ln_at)).sum()
                    }
                    // A width below the step does no harm: only the efficiency is taken at the midpoint.
                    _ => midpoints.iter().map(|midpoint| self.cell(true_kev, midpoint)).sum(),
                })
            })
            .collect()
        }
    }

    /// Probability to pass the selection at a recoil energy (MeV), where that depends on the true energy; else 1.
    pub fn selected(&self, recoil_energy_mev: f64) -> f64 {
        self.efficiency.at_true(self.quenching.electron_equivalent_kev(1e3 * recoil_energy_mev))
    }

    /// Recoil energies (MeV) up to `max_recoil_energy_mev` at which the response has a kink.
    pub fn kinks_mev(&self, max_recoil_energy_mev: f64) -> Vec<f64> {
        let range_kev = (0.0, 1e3 * max_recoil_energy_mev);
        let kinks = self.efficiency.kinks_true_kev().iter();
        kinks.filter_map(|&kev| self.quenching.invert(kev, range_kev)).map(|kev| 1e-3 * kev).collect()
    }

    /// The recoil energies (keV) whose mean reconstructed energies are the edges of the bins.
    ///
    /// NaN for an edge that the quenching reaches nowhere below 10 MeV, far beyond coherent scattering.
    pub fn recoil_edges_kev(&self) -> Vec<f64> {
        let recoil = |edge: &f64| {
            let true_kev = self.resolution.electron_equivalent_kev(*edge);
            // From below, so that the lowest of several solutions is found.
            let ends =
                std::iter::successors(Some(1.0), |end| Some(2.0 * end)).take_while(|end| *end < HIGHEST_RECOIL_KEV);
            ends.into_iter().find_map(|end| self.quenching.invert(true_kev, (0.0, end))).unwrap_or(f64::NAN)
        };
        self.energy_edges.iter().map(recoil).collect()
    }

    /// The share of a bin in closed form; not available where the efficiency varies over the observable.
    fn exact_probability(&self, true_kev: f64, bin: &[f64]) -> Option<f64> {
        match (self.efficiency.at, &self.efficiency.curve) {
            (EnergyScale::True, _) => self.resolution.probability(true_kev, bin[0], bin[1]),
            (EnergyScale::Reconstructed, Curve::Constant { value }) => {
                self.resolution.probability(true_kev, bin[0], bin[1]).map(|share| share * value)
            }
            _ => None,
        }
    }

    /// The share of a step around a midpoint, its efficiency included, where the smearing has a closed form.
    fn cell(&self, true_kev: f64, midpoint: &Midpoint) -> f64 {
        let share = self.resolution.probability(true_kev, midpoint.at - midpoint.half, midpoint.at + midpoint.half);
        share.unwrap_or(0.0) * midpoint.weight / (2.0 * midpoint.half)
    }

    /// Midpoints of a bin with step x efficiency as weight.
    fn midpoints(&self, bin: &[f64]) -> Vec<Midpoint> {
        let (fewest, most) = MIDPOINT_STEPS;
        let steps = (((bin[1] - bin[0]) / MIDPOINT_STEP).round() as usize).clamp(fewest, most);
        let step = (bin[1] - bin[0]) / steps as f64;
        (0..steps)
            .map(|i| bin[0] + (i as f64 + 0.5) * step)
            .map(|at| Midpoint {
                at,
                ln_at: at.ln(),
                weight: step * self.efficiency.at_reconstructed(at),
                half: 0.5 * step,
            })
            .filter(|midpoint| midpoint.weight > 0.0)
            .collect()
    }
}
