//! The response: from a true recoil energy to probabilities in bins of reconstructed energy.

use super::observable::ObservableBin;
use super::{Curve, Efficiency, EnergyScale, Quenching, Resolution};

/// Step of the search through recoil energies, and where it begins, as a part of the highest.
const SEARCH_STEP: f64 = 1.02;
const SEARCH_FROM: f64 = 1e-12;

/// Recoils of more than this (keV) are not looked at.
const HIGHEST_RECOIL_KEV: f64 = 1e4;

/// A point of an analysis that sums over steps of the observable.
struct Midpoint {
    at: f64,
    ln_at: f64,
    /// Step x efficiency.
    weight: f64,
}

/// How the share of each bin follows from a true energy.
enum Shares {
    /// By the distribution function, times a constant efficiency.
    ClosedForm(f64),
    /// By sums over steps, where an analysis does so.
    Steps(Vec<Vec<Midpoint>>),
    /// By quadrature.
    Integral(Vec<ObservableBin>),
}

/// A detector: what becomes of a recoil.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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
        let shares = self.shares();
        move |recoil_energy_mev| {
            let true_kev = self.quenching.electron_equivalent_kev(1e3 * recoil_energy_mev);
            if true_kev <= 0.0 {
                return vec![0.0; self.energy_bins()];
            }
            match &shares {
                Shares::ClosedForm(factor) => {
                    let share = |bin: &[f64]| self.resolution.probability(true_kev, bin[0], bin[1]).unwrap_or(0.0);
                    self.energy_edges.windows(2).map(|bin| share(bin) * factor).collect()
                }
                Shares::Steps(bins) => {
                    let density = self.resolution.density(true_kev);
                    let sum = |bin: &Vec<Midpoint>| bin.iter().map(|at| at.weight * density(at.at, at.ln_at)).sum();
                    bins.iter().map(sum).collect()
                }
                Shares::Integral(bins) => {
                    bins.iter().map(|bin| bin.share(&self.efficiency, &self.resolution, true_kev)).collect()
                }
            }
        }
    }

    /// How the shares of the bins are found.
    fn shares(&self) -> Shares {
        let bins = self.energy_edges.windows(2);
        match (&self.resolution, &self.efficiency) {
            (Resolution::GammaPhotoelectrons { step_pe: Some(step), .. }, _) => {
                Shares::Steps(bins.map(|bin| self.midpoints(bin, *step)).collect())
            }
            (Resolution::GammaPhotoelectrons { .. }, efficiency) => {
                Shares::Integral(bins.map(|bin| ObservableBin::new(bin, efficiency)).collect())
            }
            (_, Efficiency { at: EnergyScale::True, .. }) => Shares::ClosedForm(1.0),
            (_, Efficiency { curve: Curve::Constant { value }, .. }) => Shares::ClosedForm(*value),
            (_, efficiency) => Shares::Integral(bins.map(|bin| ObservableBin::new(bin, efficiency)).collect()),
        }
    }

    /// Probability to pass the selection at a recoil energy (MeV), where that depends on the true energy; else 1.
    pub fn selected(&self, recoil_energy_mev: f64) -> f64 {
        self.efficiency.at_true(self.quenching.electron_equivalent_kev(1e3 * recoil_energy_mev))
    }

    /// Recoil energies (MeV) up to `max_recoil_energy_mev` at which the response has a kink.
    pub fn kinks_mev(&self, max_recoil_energy_mev: f64) -> Vec<f64> {
        self.recoils_mev(&self.efficiency.breaks_true_kev(), max_recoil_energy_mev)
    }

    /// All recoil energies (MeV), increasing, up to `highest_mev` at which one of these electron-equivalent energies (keVee,
    /// increasing) is reached; a quenching that turns reaches some more than once.
    pub fn recoils_mev(&self, wanted_kev: &[f64], highest_mev: f64) -> Vec<f64> {
        let mut found = Vec::new();
        if wanted_kev.is_empty() {
            return found;
        }
        let kev = |t_mev: f64| self.quenching.electron_equivalent_kev(1e3 * t_mev);
        let (mut t, mut e) = (SEARCH_FROM * highest_mev, kev(SEARCH_FROM * highest_mev));
        while t < highest_mev {
            let next = (t * SEARCH_STEP).min(highest_mev);
            let e_next = kev(next);
            let (low, high) = (e.min(e_next), e.max(e_next));
            let between = wanted_kev.partition_point(|kev| *kev < low)..wanted_kev.partition_point(|kev| *kev < high);
            found
                .extend(wanted_kev[between].iter().map(|wanted| bisect(|t| (kev(t) - wanted) * (e_next - e), t, next)));
            (t, e) = (next, e_next);
        }
        found.sort_by(f64::total_cmp);
        found
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

    /// Centres of the steps of a bin with step x efficiency as weight.
    fn midpoints(&self, bin: &[f64], step: f64) -> Vec<Midpoint> {
        let steps = ((bin[1] - bin[0]) / step).round().max(1.0) as usize;
        let step = (bin[1] - bin[0]) / steps as f64;
        (0..steps)
            .map(|i| bin[0] + (i as f64 + 0.5) * step)
            .map(|at| Midpoint { at, ln_at: at.ln(), weight: step * self.efficiency.at_reconstructed(at) })
            .filter(|midpoint| midpoint.weight > 0.0)
            .collect()
    }
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
