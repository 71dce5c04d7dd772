//! Bounds at one mass, the global best fit, and the paper's table 2 to compare with.

mod best_fit;
mod level;
mod scanned;
mod table2;

pub use best_fit::{BestFit, best_at_mass, best_fit, minima_at_masses};
pub use level::{Level, Minimum};
pub use table2::{Published, Regime, published};

use crate::Result;
use crate::analysis::{Analysis, Scratch};
use crate::base::search;

use scanned::Scanned;

/// Mass of the "low mass" bounds (MeV), and lower end of the plane in which the best fit is sought.
pub const LOW_MASS_MEV: f64 = 0.1;
/// Mass of the "high mass" bounds (MeV), and upper end of the plane in which the best fit is sought.
pub const HIGH_MASS_MEV: f64 = 1e5;

/// Accuracy of extrema that a scan straddled, in the logarithm of the coupling.
const EXTREMUM_TOLERANCE: f64 = 1e-6;
/// Accuracy of crossings, in the logarithm of the coupling.
const CROSSING_TOLERANCE: f64 = 1e-12;

/// One crossing of the level with growing coupling.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Crossing {
    /// Coupling g.
    pub coupling: f64,
    /// Whether chi2 rises through the level there.
    pub up: bool,
}

/// All crossings at one mass.
///
/// ```
/// use cevscan::{Analysis, Experiment, Level, Limit, Model, best_fit};
///
/// let (model, data) = (Model::named("b-l")?, Experiment::parse_list("csi+lar")?);
/// let analysis = Analysis::new(&model, &data);
/// let limit: Limit = Level::default().bound(&analysis, &best_fit(&analysis)?, 10.0)?;
/// // Below the first edge all couplings are allowed, down to none.
/// assert!(limit.edge(1).is_ok_and(|coupling| (1e-5..1e-4).contains(&coupling)));
/// # Ok::<(), cevscan::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
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

/// All couplings at which chi2 crosses `level` at a mass (MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn bound(analysis: &Analysis, mass_mev: f64, level: f64) -> Result<Bound> {
    bound_above(analysis, mass_mev, level, &|_| 0.0)
}

/// All couplings at which chi2 crosses `level` and what it may rise by at each coupling (mass in MeV).
///
/// # Errors
/// A chi2 that did not converge.
pub fn bound_above(analysis: &Analysis, mass_mev: f64, level: f64, rise: &dyn Fn(f64) -> f64) -> Result<Bound> {
    let mut scratch = analysis.scratch();
    let curve = analysis.at_mass(mass_mev);
    let mut scanned = Scanned::new(&curve, &mut scratch)?;
    scanned.chi2.iter_mut().zip(&scanned.ln_coupling).for_each(|(chi2, u)| *chi2 -= rise(u.exp()));
    let excess = |u: f64, scratch: &mut Scratch| Ok(curve.chi2(u.exp(), scratch)? - rise(u.exp()));
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
                    search::minimum(low, high, EXTREMUM_TOLERANCE, |u| Ok(sign * excess(u, &mut scratch)?))?;
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
                Ok(excess(u, &mut scratch)? - level)
            })?;
            crossings.push(Crossing { coupling: at.exp(), up: f_high > level });
        }
    }
    let standard_model_allowed = curve.chi2(0.0, &mut scratch)? - rise(scanned.ln_coupling[0].exp()) <= level;
    Ok(Bound { mass_mev, crossings, standard_model_allowed, level })
}
