//! chi2 against one parameter: its minimum and the intervals below a level.

use rayon::prelude::*;

use crate::base::search;
use crate::{Error, Result};

use super::{Landscape, Setting, Varied};

/// Accuracy of minima and crossings, as a part of the range.
const TOLERANCE: f64 = 1e-9;

/// chi2 along the range of one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct ParameterCurve {
    /// What runs.
    pub varied: Varied,
    /// Its values, increasing.
    pub values: Vec<f64>,
    /// chi2 of all data, then of each dataset alone, `[1 + datasets][values]`.
    pub chi2: Vec<Vec<f64>>,
    /// Pulls eta/sigma of each dataset's parameters in the fit to all, `[values][datasets][parameters]`.
    pub pulls: Vec<Vec<Vec<f64>>>,
    /// Where chi2 of all data is smallest, and how small.
    pub best: (f64, f64),
}

/// A stretch of the parameter on which chi2 is at most a level; an end on that of the range is none of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Whether chi2 crosses the level at the lower end, and at the upper.
    pub ends: [bool; 2],
}

impl ParameterCurve {
    /// chi2 at so many values; `advance` is told of each, and ends the work by returning an error.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`] and of `advance`; fewer than 2 values.
    pub fn new(
        landscape: &Landscape,
        varied: Varied,
        points: usize,
        advance: impl Fn(usize) -> Result<()> + Sync,
    ) -> Result<ParameterCurve> {
        if points < 2 {
            return Err(Error::out_of_range("number of values", points, "at least 2"));
        }
        let values = varied.values(points);
        let fits = values.par_iter().map(|value| {
            let fit = landscape.fit(&[Setting { parameter: varied.parameter.clone(), value: *value }])?;
            advance(1)?;
            Ok(fit)
        });
        let fits = fits.collect::<Result<Vec<_>>>()?;
        let datasets = landscape.experiments().len();
        let mut chi2 = vec![fits.iter().map(|fit| fit.total.chi2).collect::<Vec<f64>>()];
        chi2.extend((0..datasets).map(|i| fits.iter().map(|fit| fit.datasets[i].alone.chi2).collect()));
        let pulls = fits.iter().map(|fit| fit.datasets.iter().map(|one| one.pulls.clone()).collect()).collect();
        let lowest = (0..points).min_by(|a, b| chi2[0][*a].total_cmp(&chi2[0][*b])).unwrap_or_default();
        let mut curve = ParameterCurve { best: (values[lowest], chi2[0][lowest]), varied, values, chi2, pulls };
        let (low, high) = (curve.part(lowest.saturating_sub(1)), curve.part((lowest + 1).min(points - 1)));
        let (part, found) = search::minimum(low, high, TOLERANCE.sqrt(), |part| curve.chi2_at(landscape, part))?;
        if found < curve.best.1 {
            curve.best = (curve.varied.at(part), found);
        }
        Ok(curve)
    }

    /// The stretches on which chi2 is at most its minimum and `rise`, by growing values; those narrower than the distance of
    /// two values are seen only where the minimum lies in them.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`].
    pub fn intervals(&self, landscape: &Landscape, rise: f64) -> Result<Vec<Interval>> {
        let level = self.best.1 + rise;
        let own = |part: f64| self.varied.at(part);
        // The values and the minimum between two of them.
        let mut points: Vec<(f64, f64)> = (0..self.values.len()).map(|i| (self.part(i), self.chi2[0][i])).collect();
        let best = self.part_of(self.best.0);
        if points.iter().all(|(part, _)| own(*part) != self.best.0) {
            points.push((best, self.best.1));
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let crossing = |a: (f64, f64), b: (f64, f64)| {
            search::root((a.0, a.1 - level), (b.0, b.1 - level), TOLERANCE, |part| {
                Ok(self.chi2_at(landscape, part)? - level)
            })
        };
        let mut intervals: Vec<Interval> = Vec::new();
        let mut start = (points[0].1 <= level).then_some((self.varied.low, false));
        for pair in points.windows(2) {
            match (pair[0].1 <= level, pair[1].1 <= level) {
                (false, true) => start = Some((own(crossing(pair[0], pair[1])?), true)),
                (true, false) => {
                    let high = own(crossing(pair[0], pair[1])?);
                    intervals.extend(start.take().map(|(low, is_end)| Interval { low, high, ends: [is_end, true] }));
                }
                _ => {}
            }
        }
        let last = start.map(|(low, is_end)| Interval { low, high: self.varied.high, ends: [is_end, false] });
        intervals.extend(last);
        Ok(intervals)
    }

    fn part(&self, index: usize) -> f64 {
        index as f64 / (self.values.len() - 1) as f64
    }

    fn part_of(&self, value: f64) -> f64 {
        let Varied { low, high, spread, .. } = self.varied;
        match spread {
            super::Spread::Linear => (value - low) / (high - low),
            super::Spread::Logarithmic => (value / low).ln() / (high / low).ln(),
        }
    }

    fn chi2_at(&self, landscape: &Landscape, part: f64) -> Result<f64> {
        let setting = Setting { parameter: self.varied.parameter.clone(), value: self.varied.at(part) };
        Ok(landscape.fit(&[setting])?.total.chi2)
    }
}
