//! Critical values of one confidence level over the plane, in place of Wilks' one value: what bounds and regions take.

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::analysis::limits::{BestFit, Bound, Crossing, Minimum, best_at_mass, bound_above};
use crate::base::contour::Line;
use crate::{Error, Result};

use super::Surface;
use super::calibration::LEAST_EFFECTIVE;

/// Critical values of q = chi2 - chi2_min at one confidence level; where they were not calculated, far from the border of
/// the excluded region, the nearest hold.
#[derive(Debug, Clone, PartialEq)]
pub struct CoveredLevel {
    /// Confidence level.
    pub confidence: f64,
    surface: Surface,
    level: usize,
    critical: Vec<f64>,
    low: Vec<f64>,
    high: Vec<f64>,
}

/// A point of the border of the excluded region.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct BorderPoint {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// Whether what lies above is excluded.
    pub up: bool,
    /// Critical value.
    pub critical: f64,
    /// Ends of its interval from the number of toys.
    pub low: f64,
    /// See there.
    pub high: f64,
    /// Effective number of toys; NaN, in JSON `null`, where the nearest value stands.
    pub effective: f64,
    /// What Wilks' critical value covers there; likewise.
    pub wilks_covers: f64,
}

impl CoveredLevel {
    /// Of a surface.
    ///
    /// # Errors
    /// A confidence level that it does not have, or for which its toys were too few.
    pub fn new(surface: &Surface, confidence: f64) -> Result<CoveredLevel> {
        let known: Vec<String> = surface.confidences.iter().map(f64::to_string).collect();
        let unknown = || {
            Error::out_of_range(
                "confidence level",
                confidence,
                format!("one with critical values: {}", known.join(", ")),
            )
        };
        let level = surface.level(confidence).ok_or_else(unknown)?;
        let too_few = || {
            // The critical value is the toy number ceil(CL (N + 1)).
            let least = (confidence / (1.0 - confidence)).ceil().max(LEAST_EFFECTIVE);
            let bound = format!("at least {least} of equal weight at one point, for confidence {confidence}");
            let most = surface.effective.iter().copied().fold(0.0, f64::max);
            Error::out_of_range("number of toys", format!("{most:.0} at most"), bound)
        };
        let filled = |values: &[Vec<f64>]| surface.filled(&values[level]).ok_or_else(too_few);
        Ok(CoveredLevel {
            confidence,
            critical: filled(&surface.critical)?,
            low: filled(&surface.low)?,
            high: filled(&surface.high)?,
            level,
            surface: surface.clone(),
        })
    }

    /// That a mass (MeV) lies where there are critical values.
    ///
    /// # Errors
    /// [`Error::OutOfRange`], naming where there are.
    pub fn require_mass(&self, mass_mev: f64) -> Result<()> {
        if self.surface.has_mass(mass_mev) {
            return Ok(());
        }
        let masses = &self.surface.mass_mev;
        let bound = format!("from {} to {} MeV, where there are critical values", masses[0], masses[masses.len() - 1]);
        Err(Error::out_of_range("mass (MeV)", mass_mev, bound))
    }

    /// The critical value at a mass (MeV) and a coupling.
    pub fn at(&self, mass_mev: f64, coupling: f64) -> f64 {
        self.surface.at(&self.critical, mass_mev, coupling)
    }

    /// The ends of its interval from the number of toys.
    pub fn ends_at(&self, mass_mev: f64, coupling: f64) -> [f64; 2] {
        [&self.low, &self.high].map(|values| self.surface.at(values, mass_mev, coupling))
    }

    /// The smallest and the largest critical value on some lines of points (mass in MeV, coupling); none without points.
    pub fn along<'a>(&self, lines: impl IntoIterator<Item = &'a Line>) -> Option<[f64; 2]> {
        let points = lines.into_iter().flat_map(|line| &line.points);
        let values = points.map(|[mass_mev, coupling]| self.at(*mass_mev, *coupling));
        values.fold(None, |ends, value| {
            let [low, high] = ends.unwrap_or([value; 2]);
            Some([low.min(value), high.max(value)])
        })
    }

    /// Whether it was calculated there.
    pub fn is_calculated(&self, mass_mev: f64, coupling: f64) -> bool {
        !self.surface.at(&self.surface.critical[self.level], mass_mev, coupling).is_nan()
    }

    /// The border at some masses (MeV), by growing coupling at each.
    ///
    /// # Errors
    /// Those of [`CoveredLevel::bound`].
    pub fn border(&self, analysis: &Analysis, best: &BestFit, masses_mev: &[f64]) -> Result<Vec<BorderPoint>> {
        let bounds = masses_mev.par_iter().map(|mass_mev| self.bound(analysis, best, *mass_mev));
        let bounds = bounds.collect::<Result<Vec<Bound>>>()?;
        let point = |mass_mev: f64, crossing: Crossing| {
            let coupling = crossing.coupling;
            let [low, high] = self.ends_at(mass_mev, coupling);
            BorderPoint {
                mass_mev,
                coupling,
                up: crossing.up,
                critical: self.at(mass_mev, coupling),
                low,
                high,
                effective: self.surface.at(&self.surface.effective, mass_mev, coupling),
                wilks_covers: self.surface.at(&self.surface.wilks_covers[self.level], mass_mev, coupling),
            }
        };
        Ok(bounds
            .iter()
            .flat_map(|bound| bound.crossings.iter().map(move |crossing| point(bound.mass_mev, *crossing)))
            .collect())
    }

    /// What q counts from.
    pub fn minimum(&self) -> Minimum {
        self.surface.minimum
    }

    /// All couplings at which q of the data crosses the critical value at a mass (MeV); the `level` of the result is the
    /// chi2 from which q counts: that of the best fit, or the smallest at the mass.
    ///
    /// # Errors
    /// A mass without critical values, a chi2 that did not converge.
    pub fn bound(&self, analysis: &Analysis, best: &BestFit, mass_mev: f64) -> Result<Bound> {
        self.require_mass(mass_mev)?;
        let chi2_min = match self.minimum() {
            Minimum::Plane => best.chi2,
            Minimum::Mass => best_at_mass(analysis, mass_mev)?.chi2,
        };
        bound_above(analysis, mass_mev, chi2_min, &|coupling| self.at(mass_mev, coupling))
    }
}
