//! The smallest chi2: one scan of couplings at a ladder of masses, and the valleys it shows followed over the mass.
//!
//! Over the coupling, chi2 has few minima: near none (g = 0), where the mediator adds, and the strips where it cancels. In
//! units of the natural coupling each changes slowly with the mass, so that it forms a valley. The scan places each to the
//! vertex of a parabola; the valleys that may hold the best fit are followed by Brent's method in ln M, each step two
//! rows of eight couplings from where the valley was last.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::base::grid::Axis;
use crate::base::search;

use super::scanned::{Minimum, Scanned, Scratch, refine};
use super::{HIGH_MASS_MEV, LOW_MASS_MEV};

/// Masses per decade of the scan.
const MASSES_PER_DECADE: usize = 8;
/// A valley is the same at the next mass if it moved by less than this, in ln g over the natural coupling.
const SAME_VALLEY: f64 = 0.6;
/// A valley falls by less than this between two masses of the scan.
const HIDDEN_BETWEEN_MASSES: f64 = 0.5;
/// A minimum of the scan that stands lower than its neighbours by more than this is refined before it is compared: its
/// parabola may be wrong by some part of that.
const LARGEST_TRUSTED_DEPTH: f64 = 0.5;
/// A valley that falls by less over two masses is level: there is nothing to follow.
const LEVEL: f64 = 1e-7;
/// Accuracy of the mass, in the logarithm: chi2 is parabolic there, so this leaves some 1e-7 of it.
const MASS_TOLERANCE: f64 = 1e-4;

/// The point of smallest chi2.
///
/// ```
/// use cevscan::{Analysis, Experiment, Model, best_fit};
///
/// let (model, data) = (Model::named("universal")?, Experiment::parse_list("lar")?);
/// let best = best_fit(&Analysis::new(&model, &data))?;
/// assert!(best.chi2 > 0.0 && best.coupling >= 0.0);
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct BestFit {
    /// chi2 there.
    pub chi2: f64,
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling; 0 where no mediator does better than the Standard Model.
    pub coupling: f64,
}

/// The minima over the coupling at a mass.
struct AtMass {
    mass_mev: f64,
    ln_natural: f64,
    minima: Vec<Minimum>,
}

/// The global minimum of chi2 over masses from [`LOW_MASS_MEV`] to [`HIGH_MASS_MEV`] and all couplings, 0 included,
/// to 1e-3 and better: one routine and one domain, whatever a map covers.
///
/// # Errors
/// A chi2 that did not converge.
pub fn best_fit(analysis: &Analysis) -> Result<BestFit> {
    let decades = (HIGH_MASS_MEV / LOW_MASS_MEV).log10().round() as usize;
    let masses = Axis::logarithmic("mass", "MeV", (LOW_MASS_MEV, HIGH_MASS_MEV), decades * MASSES_PER_DECADE + 1)?;
    let scanned = masses
        .values
        .par_iter()
        .map_init(|| Scratch::new(analysis), |scratch, mass_mev| scan(analysis, *mass_mev, scratch))
        .collect::<Result<Vec<AtMass>>>()?;
    // Without a mediator no mass matters.
    let standard = analysis.at_mass(LOW_MASS_MEV).chi2(0.0, &mut analysis.workspaces())?;
    let least = scanned.iter().flat_map(|at| &at.minima).map(|minimum| minimum.chi2).fold(standard, f64::min);
    let scanned = scanned
        .into_par_iter()
        .map_init(|| Scratch::new(analysis), |scratch, at| sharpened(analysis, at, least, scratch))
        .collect::<Result<Vec<AtMass>>>()?;
    let least = scanned.iter().flat_map(|at| &at.minima).map(|minimum| minimum.chi2).fold(standard, f64::min);
    let all = scanned.iter().enumerate().flat_map(|(i, at)| at.minima.iter().map(move |minimum| (i, minimum)));
    let candidates: Vec<(usize, &Minimum)> = all
        .filter(|(_, minimum)| minimum.chi2 < least + HIDDEN_BETWEEN_MASSES)
        .filter(|(i, minimum)| neighbours(&scanned, *i, minimum).iter().flatten().all(|chi2| minimum.chi2 <= *chi2))
        .collect();
    let found = candidates
        .into_par_iter()
        .map_init(|| Scratch::new(analysis), |scratch, (i, minimum)| follow(analysis, &scanned, i, minimum, scratch))
        .collect::<Result<Vec<BestFit>>>()?;
    // The first of equals, whatever the threads.
    let best = BestFit { chi2: standard, mass_mev: LOW_MASS_MEV, coupling: 0.0 };
    Ok(found.into_iter().fold(best, |best, fit| if fit.chi2 < best.chi2 { fit } else { best }))
}

/// The smallest chi2 over all couplings, 0 included, at one mass (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn best_at_mass(analysis: &Analysis, mass_mev: f64) -> Result<BestFit> {
    best_with(analysis, mass_mev, &mut Scratch::new(analysis))
}

/// The smallest chi2 over all couplings, 0 included, at each of some masses (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn minima_at_masses(analysis: &Analysis, masses_mev: &[f64]) -> Result<Vec<f64>> {
    let minimum = |scratch: &mut Scratch, mass_mev: &f64| Ok(best_with(analysis, *mass_mev, scratch)?.chi2);
    masses_mev.par_iter().map_init(|| Scratch::new(analysis), minimum).collect()
}

fn best_with(analysis: &Analysis, mass_mev: f64, scratch: &mut Scratch) -> Result<BestFit> {
    let curve = analysis.at_mass(mass_mev);
    let mut best = BestFit { chi2: curve.chi2(0.0, &mut scratch.work)?, mass_mev, coupling: 0.0 };
    for minimum in Scanned::new(&curve, &mut scratch.rows)?.minima() {
        if minimum.chi2 - minimum.hidden >= best.chi2 {
            continue;
        }
        let coupling = refine(&curve, minimum.ln_coupling, &mut scratch.rows)?.ln_coupling.exp();
        let chi2 = curve.chi2(coupling, &mut scratch.work)?;
        if chi2 < best.chi2 {
            best = BestFit { chi2, mass_mev, coupling };
        }
    }
    Ok(best)
}

fn scan(analysis: &Analysis, mass_mev: f64, scratch: &mut Scratch) -> Result<AtMass> {
    let curve = analysis.at_mass(mass_mev);
    let minima = Scanned::new(&curve, &mut scratch.rows)?.minima();
    Ok(AtMass { mass_mev, ln_natural: curve.natural_coupling().ln(), minima })
}

/// The minima whose parabola is doubtful, and that may be the lowest, refined.
fn sharpened(analysis: &Analysis, mut at: AtMass, least: f64, scratch: &mut Scratch) -> Result<AtMass> {
    let doubtful = |minimum: &Minimum| {
        minimum.hidden > LARGEST_TRUSTED_DEPTH && minimum.chi2 - minimum.hidden < least + HIDDEN_BETWEEN_MASSES
    };
    if at.minima.iter().any(doubtful) {
        let curve = analysis.at_mass(at.mass_mev);
        for minimum in at.minima.iter_mut().filter(|minimum| doubtful(minimum)) {
            *minimum = refine(&curve, minimum.ln_coupling, &mut scratch.rows)?;
        }
    }
    Ok(at)
}

/// chi2 of the same valley at the mass before and at the mass after.
fn neighbours(scanned: &[AtMass], i: usize, minimum: &Minimum) -> [Option<f64>; 2] {
    let place = minimum.ln_coupling - scanned[i].ln_natural;
    [i.checked_sub(1), Some(i + 1)].map(|next| {
        let at = scanned.get(next?)?;
        let distance = |other: &Minimum| (other.ln_coupling - at.ln_natural - place).abs();
        let nearest = at.minima.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
        (distance(nearest) < SAME_VALLEY).then_some(nearest.chi2)
    })
}

/// The lowest point of a valley between the masses before and after that at which it was seen.
fn follow(
    analysis: &Analysis,
    scanned: &[AtMass],
    i: usize,
    minimum: &Minimum,
    scratch: &mut Scratch,
) -> Result<BestFit> {
    let here = &scanned[i];
    let ends = [i.saturating_sub(1), (i + 1).min(scanned.len() - 1)].map(|end| scanned[end].mass_mev.ln());
    let mut place = minimum.ln_coupling - here.ln_natural;
    let mut lowest = (f64::INFINITY, here.mass_mev, minimum.ln_coupling);
    let mut at = |ln_mass: f64| -> Result<f64> {
        let mass_mev = ln_mass.exp().clamp(LOW_MASS_MEV, HIGH_MASS_MEV);
        let curve = analysis.at_mass(mass_mev);
        let ln_natural = curve.natural_coupling().ln();
        let found = refine(&curve, ln_natural + place, &mut scratch.rows)?;
        place = found.ln_coupling - ln_natural;
        if found.chi2 < lowest.0 {
            lowest = (found.chi2, mass_mev, found.ln_coupling);
        }
        Ok(found.chi2)
    };
    at(here.mass_mev.ln())?;
    let level = neighbours(scanned, i, minimum).iter().all(|chi2| chi2.is_some_and(|chi2| chi2 - minimum.chi2 < LEVEL));
    if !level {
        search::minimum(ends[0], ends[1], MASS_TOLERANCE, at)?;
    }
    let (_, mass_mev, ln_coupling) = lowest;
    let coupling = ln_coupling.exp();
    let chi2 = analysis.at_mass(mass_mev).chi2(coupling, &mut scratch.work)?;
    Ok(BestFit { chi2, mass_mev, coupling })
}
