//! Bounds at one mass, the global best fit, and the paper's table 2 to compare with.

mod level;
mod table2;

pub use level::{Level, Minimum};
pub use table2::{Published, Regime, published};

use rayon::prelude::*;

use crate::analysis::{Analysis, MassCurve};
use crate::grid::Axis;
use crate::search;
use crate::statistics::Workspace;
use crate::statistics::row::RowScratch;
use crate::{Error, Result};

/// Mass of the "low mass" bounds (MeV), and lower end of the plane in which the best fit is sought.
pub const LOW_MASS_MEV: f64 = 0.1;
/// Mass of the "high mass" bounds (MeV), and upper end of the plane in which the best fit is sought.
pub const HIGH_MASS_MEV: f64 = 1e5;

/// Masses per decade of the scan for the best fit; each local minimum over the mass is refined after.
const MASSES_PER_DECADE: usize = 8;
/// The coupling is scanned over this many decades on either side of the natural one. Three decades below, the mediator
/// changes the counts by less than 1e-5; three above, by 1e12: the chi2 has long saturated.
const COUPLING_DECADES: f64 = 3.0;
/// Within one decade of the natural coupling lie all strips; there the scan is finer.
const STRIP_DECADES: f64 = 1.0;
const COARSE_PER_DECADE: usize = 12;
const FINE_PER_DECADE: usize = 32;
/// Accuracy of refined couplings and masses, in the logarithm.
const SEARCH_TOLERANCE: f64 = 1e-6;
/// Accuracy of crossings, in the logarithm of the coupling.
const CROSSING_TOLERANCE: f64 = 1e-12;

/// The point of smallest chi2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BestFit {
    /// chi2 there.
    pub chi2: f64,
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling; 0 where no mediator does better than the Standard Model.
    pub coupling: f64,
}

/// One crossing of the level with growing coupling.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Coupling g.
    pub coupling: f64,
    /// Whether chi2 rises through the level there.
    pub up: bool,
}

/// All crossings at one mass.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The mass (MeV).
    pub mass_mev: f64,
    /// Crossings, by growing coupling.
    pub crossings: Vec<Crossing>,
    /// Whether g = 0 itself lies below the level.
    pub standard_model_allowed: bool,
    /// chi2 at the crossings.
    pub level: f64,
}

impl Bound {
    /// The upper edge of an allowed region, counted from g = 0: 1 is the edge of the region that contains g = 0, 2 the
    /// edge above the first strip beyond it.
    ///
    /// # Errors
    /// In words, why there is no such edge.
    pub fn edge(&self, number: usize) -> std::result::Result<f64, &'static str> {
        if !self.standard_model_allowed {
            return Err("coupling 0 is excluded itself: no allowed region contains it");
        }
        let edges = self.crossings.iter().filter(|crossing| crossing.up);
        edges.map(|crossing| crossing.coupling).nth(number.saturating_sub(1)).ok_or(match self.crossings.is_empty() {
            true => "no coupling is excluded at this mass",
            false => "there is no allowed strip beyond the first edge",
        })
    }
}

/// The global minimum of chi2 over masses from [`LOW_MASS_MEV`] to [`HIGH_MASS_MEV`] and all couplings, 0 included,
/// to 1e-3 and better: one routine and one domain, whatever a map covers.
///
/// # Errors
/// A chi2 that did not converge.
pub fn best_fit(analysis: &Analysis) -> Result<BestFit> {
    let decades = (HIGH_MASS_MEV / LOW_MASS_MEV).log10().round() as usize;
    let masses = Axis::logarithmic("mass", "MeV", (LOW_MASS_MEV, HIGH_MASS_MEV), decades * MASSES_PER_DECADE + 1)?;
    let along: Vec<BestFit> = masses
        .values
        .par_iter()
        .map_init(|| Scratch::new(analysis), |scratch, mass| best_at_mass(analysis, *mass, scratch))
        .collect::<Result<_>>()?;
    // Each local minimum over the mass is refined between its neighbours.
    let minima: Vec<usize> = (0..along.len())
        .filter(|&i| {
            let (before, after) = (&along[i.saturating_sub(1)], &along[(i + 1).min(along.len() - 1)]);
            before.chi2 >= along[i].chi2 && after.chi2 >= along[i].chi2
        })
        .collect();
    let refine = |scratch: &mut Scratch, i: usize| -> Result<BestFit> {
        let mut refined = along[i];
        let (before, after) = (&along[i.saturating_sub(1)], &along[(i + 1).min(along.len() - 1)]);
        search::minimum(before.mass_mev.ln(), after.mass_mev.ln(), SEARCH_TOLERANCE, |ln_mass| {
            let fit = best_at_mass(analysis, ln_mass.exp(), scratch)?;
            if fit.chi2 < refined.chi2 {
                refined = fit;
            }
            Ok(fit.chi2)
        })?;
        Ok(refined)
    };
    let refined: Vec<BestFit> = minima
        .into_par_iter()
        .map_init(|| Scratch::new(analysis), |scratch, i| refine(scratch, i))
        .collect::<Result<_>>()?;
    // The first of equals, whatever the threads.
    let best = refined.into_iter().fold(along[0], |best, fit| if fit.chi2 < best.chi2 { fit } else { best });
    Ok(best)
}

/// All couplings at which chi2 crosses `level` at a mass (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn bound(analysis: &Analysis, mass_mev: f64, level: f64) -> Result<Bound> {
    let Scratch { mut work, mut rows } = Scratch::new(analysis);
    let curve = analysis.at_mass(mass_mev);
    let scanned = Scanned::new(&curve, &mut rows)?;
    // Extrema that the scan straddled: a strip may be narrower than a step.
    let mut points = vec![(scanned.ln_coupling[0], scanned.chi2[0])];
    for i in 1..scanned.chi2.len() {
        if i + 1 < scanned.chi2.len() {
            let (before, here, after) = (scanned.chi2[i - 1], scanned.chi2[i], scanned.chi2[i + 1]);
            let sign = if here <= before && here <= after && here > level {
                1.0
            } else if here >= before && here >= after && here <= level {
                -1.0
            } else {
                0.0
            };
            if sign != 0.0 {
                let (low, high) = (scanned.ln_coupling[i - 1], scanned.ln_coupling[i + 1]);
                let (at, value) =
                    search::minimum(low, high, SEARCH_TOLERANCE, |u| Ok(sign * curve.chi2(u.exp(), &mut work)?))?;
                points.push((at, sign * value));
            }
        }
        points.push((scanned.ln_coupling[i], scanned.chi2[i]));
    }
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut crossings = Vec::new();
    for pair in points.windows(2) {
        let ((low, f_low), (high, f_high)) = (pair[0], pair[1]);
        if (f_low <= level) != (f_high <= level) {
            let at = search::root((low, f_low - level), (high, f_high - level), CROSSING_TOLERANCE, |u| {
                Ok(curve.chi2(u.exp(), &mut work)? - level)
            })?;
            crossings.push(Crossing { coupling: at.exp(), up: f_high > level });
        }
    }
    let standard_model_allowed = curve.chi2(0.0, &mut work)? <= level;
    Ok(Bound { mass_mev, crossings, standard_model_allowed, level })
}

/// The smallest chi2 over all couplings, 0 included, at a mass (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn minimum_at_mass(analysis: &Analysis, mass_mev: f64) -> Result<BestFit> {
    best_at_mass(analysis, mass_mev, &mut Scratch::new(analysis))
}

/// The smallest chi2 over all couplings, 0 included, at each of some masses (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn minima_at_masses(analysis: &Analysis, masses_mev: &[f64]) -> Result<Vec<f64>> {
    let minimum = |scratch: &mut Scratch, mass_mev: &f64| Ok(best_at_mass(analysis, *mass_mev, scratch)?.chi2);
    masses_mev.par_iter().map_init(|| Scratch::new(analysis), minimum).collect()
}

/// The best coupling at one mass.
fn best_at_mass(analysis: &Analysis, mass_mev: f64, scratch: &mut Scratch) -> Result<BestFit> {
    let curve = analysis.at_mass(mass_mev);
    let Scratch { work, rows } = scratch;
    let scanned = Scanned::new(&curve, rows)?;
    let mut best = BestFit { chi2: curve.chi2(0.0, work)?, mass_mev, coupling: 0.0 };
    for i in 1..scanned.chi2.len() - 1 {
        let here = scanned.chi2[i];
        // A local minimum that could still become the best: a step near a minimum hides less than its depth.
        let depth = (scanned.chi2[i - 1] - here).max(scanned.chi2[i + 1] - here);
        if here > scanned.chi2[i - 1] || here > scanned.chi2[i + 1] || here - depth > best.chi2 {
            continue;
        }
        let (low, high) = (scanned.ln_coupling[i - 1], scanned.ln_coupling[i + 1]);
        let (at, chi2) = search::minimum(low, high, SEARCH_TOLERANCE, |u| curve.chi2(u.exp(), work))?;
        if chi2 < best.chi2 {
            best = BestFit { chi2, mass_mev, coupling: at.exp() };
        }
    }
    Ok(best)
}

/// Memory for single points and for rows.
struct Scratch {
    work: Vec<Workspace>,
    rows: Vec<RowScratch>,
}

impl Scratch {
    fn new(analysis: &Analysis) -> Scratch {
        Scratch { work: analysis.workspaces(), rows: analysis.row_scratch() }
    }
}

/// chi2 on a grid of couplings that no strip escapes.
struct Scanned {
    ln_coupling: Vec<f64>,
    chi2: Vec<f64>,
}

impl Scanned {
    fn new(curve: &MassCurve, rows: &mut [RowScratch]) -> Result<Scanned> {
        let natural = curve.natural_coupling();
        if !(natural > 0.0 && natural.is_finite()) {
            return Err(Error::NotConverged {
                quantity: "scale of the coupling".to_owned(),
                reason: "the mediator does not change the counts at all".to_owned(),
            });
        }
        let coarse = ((COUPLING_DECADES - STRIP_DECADES) * COARSE_PER_DECADE as f64) as usize;
        let fine = (2.0 * STRIP_DECADES * FINE_PER_DECADE as f64) as usize;
        let section =
            |from: f64, to: f64, steps: usize| (0..steps).map(move |i| from + (to - from) * i as f64 / steps as f64);
        let decades = section(-COUPLING_DECADES, -STRIP_DECADES, coarse)
            .chain(section(-STRIP_DECADES, STRIP_DECADES, fine))
            .chain(section(STRIP_DECADES, COUPLING_DECADES, coarse))
            .chain([COUPLING_DECADES]);
        let ln_coupling: Vec<f64> = decades.map(|d| natural.ln() + d * std::f64::consts::LN_10).collect();
        let couplings: Vec<f64> = ln_coupling.iter().map(|u| u.exp()).collect();
        let chi2 = curve.chi2_row(&couplings, rows)?;
        Ok(Scanned { ln_coupling, chi2 })
    }
}
