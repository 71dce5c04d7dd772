//! A section through the plane: chi2 and pulls against the coupling at one mass, or against the mass at one coupling.

use rayon::prelude::*;

use crate::analysis::limits::{BestFit, Level, Minimum, best_at_mass, best_fit, minima_at_masses};
use crate::base::search;
use crate::rates::Point;
use crate::statistics::Status;
use crate::{Error, Result};

use super::{Analysis, Fit};

/// Accuracy of crossings, in the logarithm of the mass.
const CROSSING_TOLERANCE: f64 = 1e-9;

/// Which quantity runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// The coupling, at one mass.
    Coupling,
    /// The mass (MeV), at one coupling.
    Mass,
}

/// Fits along a line of the plane, and where they cross a level.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Section {
    /// What runs.
    pub along: Along,
    /// Where the fits stand, with growing mass or coupling.
    pub points: Vec<Point>,
    /// The fit to all data at each point.
    pub fits: Vec<Fit>,
    /// The best fit of the plane.
    pub best_fit: BestFit,
    /// What the rise of chi2 counts from, at each point: of all data, then of each dataset alone.
    pub minima: Vec<Vec<f64>>,
    /// The level.
    pub level: Level,
    /// Where chi2 of all data crosses it, and whether it rises there: couplings at the mass, also beyond the points; or
    /// masses (MeV) between the points.
    pub crossings: Vec<(f64, bool)>,
}

impl Section {
    /// Fits at points that differ in what runs alone.
    ///
    /// # Errors
    /// A minimum of chi2 or a crossing that is not found; a point without a fit is no error here.
    pub fn new(analysis: &Analysis, along: Along, points: Vec<Point>, level: Level) -> Result<Section> {
        let alone = analysis.predictions.iter().filter(|_| analysis.predictions.len() > 1);
        let alone: Vec<Analysis> =
            alone.map(|prediction| Analysis::new(&analysis.model, [&prediction.experiment])).collect();
        let best = best_fit(analysis)?;
        let mut minima = vec![minima_along(analysis, &best, &points, level)?];
        for one in &alone {
            minima.push(minima_along(one, &best_fit(one)?, &points, level)?);
        }
        if alone.is_empty() {
            minima.push(minima[0].clone());
        }
        let fits: Vec<Fit> = points.par_iter().map(|point| analysis.fit(*point)).collect();
        let crossings = match (along, points.first()) {
            (Along::Coupling, Some(first)) => {
                let bound = level.bound(analysis, &best, first.mass_mev)?;
                bound.crossings.into_iter().map(|crossing| (crossing.coupling, crossing.up)).collect()
            }
            (Along::Mass, _) => crossings_in_mass(analysis, &points, &fits, &minima[0], level)?,
            (Along::Coupling, None) => Vec::new(),
        };
        Ok(Section { along, points, fits, best_fit: best, minima, level, crossings })
    }

    /// chi2 less the minimum from which its rise counts, of all data (0) or of the dataset before that number alone.
    pub fn rise(&self, which: usize) -> Vec<f64> {
        let chi2 = |fit: &Fit| match which.checked_sub(1) {
            None => converged(fit.total.chi2, fit.total.status),
            Some(dataset) => {
                let alone = &fit.datasets[dataset].alone;
                converged(alone.chi2, alone.status)
            }
        };
        self.fits.iter().zip(&self.minima[which]).map(|(fit, minimum)| chi2(fit) - minimum).collect()
    }

    /// What runs, at each point.
    pub fn values(&self) -> Vec<f64> {
        let value = |point: &Point| match self.along {
            Along::Coupling => point.coupling,
            Along::Mass => point.mass_mev,
        };
        self.points.iter().map(value).collect()
    }

    /// That each fit reached its minimum.
    ///
    /// # Errors
    /// [`Error::NotConverged`] at the first point where one did not.
    pub fn require_converged(&self, analysis: &Analysis) -> Result<()> {
        self.points.iter().zip(&self.fits).try_for_each(|(point, fit)| analysis.require_converged(*point, fit))
    }
}

/// A number that is missing where its minimisation failed.
fn converged(chi2: f64, status: Status) -> f64 {
    if status == Status::Converged { chi2 } else { f64::NAN }
}

fn minima_along(analysis: &Analysis, best: &BestFit, points: &[Point], level: Level) -> Result<Vec<f64>> {
    match (level.minimum, points) {
        (Minimum::Plane, _) => Ok(vec![best.chi2; points.len()]),
        (Minimum::Mass, [first, .., last]) if first.mass_mev == last.mass_mev => {
            Ok(vec![best_at_mass(analysis, first.mass_mev)?.chi2; points.len()])
        }
        (Minimum::Mass, _) => {
            minima_at_masses(analysis, &points.iter().map(|point| point.mass_mev).collect::<Vec<f64>>())
        }
    }
}

/// The masses between points at which chi2 crosses the level, to [`CROSSING_TOLERANCE`].
fn crossings_in_mass(
    analysis: &Analysis,
    points: &[Point],
    fits: &[Fit],
    minima: &[f64],
    level: Level,
) -> Result<Vec<(f64, bool)>> {
    let above = |chi2: f64, minimum: f64| chi2 - minimum - level.delta_chi2;
    let excess: Vec<f64> = fits
        .iter()
        .zip(minima)
        .map(|(fit, minimum)| above(converged(fit.total.chi2, fit.total.status), *minimum))
        .collect();
    let Some(first) = points.first() else { return Ok(Vec::new()) };
    let at = |ln_mass: f64| -> Result<(Point, Fit, f64)> {
        let point = Point { mass_mev: ln_mass.exp(), ..*first };
        let minimum = match level.minimum {
            Minimum::Plane => minima[0],
            Minimum::Mass => best_at_mass(analysis, point.mass_mev)?.chi2,
        };
        Ok((point, analysis.fit(point), minimum))
    };
    let samples = points.iter().zip(excess).map(|(point, excess)| (point.mass_mev.ln(), excess)).collect();
    let samples = search::refined(samples, |ln_mass| {
        let (_, fit, minimum) = at(ln_mass)?;
        Ok(above(converged(fit.total.chi2, fit.total.status), minimum))
    })?;
    let mut crossings = Vec::new();
    for pair in samples.windows(2) {
        let [low, high] = [pair[0].1, pair[1].1];
        if low.is_nan() || high.is_nan() || (low <= 0.0) == (high <= 0.0) {
            continue;
        }
        let at = search::root(pair[0], pair[1], CROSSING_TOLERANCE, |ln_mass| {
            let (point, fit, minimum) = at(ln_mass)?;
            analysis.require_converged(point, &fit)?;
            Ok::<f64, Error>(above(fit.total.chi2, minimum))
        })?;
        crossings.push((at.exp(), high > 0.0));
    }
    Ok(crossings)
}
