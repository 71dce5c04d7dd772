//! chi2 against one parameter: its minimum and the intervals below a level.

use rayon::prelude::*;

use crate::base::search;
use crate::{Error, Result};

use super::level::is_level;
use super::{Landscape, Setting, Varied};

/// Values along the range at which minima and intervals are looked for, at least; those that are shown are among them.
const LEAST_LOOKED_AT: usize = 200;
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
    /// chi2 of all data against the part of the range, closer than the values where these are few.
    looked_at: Vec<(f64, f64)>,
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
        // So many steps to each between two values.
        let steps = LEAST_LOOKED_AT.div_ceil(points - 1);
        let all = varied.values((points - 1) * steps + 1);
        let fits = all.par_iter().enumerate().map(|(number, value)| {
            let fit = landscape.fit(&[Setting { parameter: varied.parameter.clone(), value: *value }])?;
            advance(usize::from(number % steps == 0))?;
            Ok(fit)
        });
        let fits = fits.collect::<Result<Vec<_>>>()?;
        let end = (all.len() - 1) as f64;
        let looked_at: Vec<(f64, f64)> =
            fits.iter().enumerate().map(|(number, fit)| (number as f64 / end, fit.total.chi2)).collect();
        let (values, fits): (Vec<f64>, Vec<_>) = all.into_iter().zip(fits).step_by(steps).unzip();
        let datasets = landscape.experiments().len();
        let mut chi2 = vec![fits.iter().map(|fit| fit.total.chi2).collect::<Vec<f64>>()];
        chi2.extend((0..datasets).map(|i| fits.iter().map(|fit| fit.datasets[i].alone.chi2).collect()));
        let pulls = fits.iter().map(|fit| fit.datasets.iter().map(|one| one.pulls.clone()).collect()).collect();
        let mut curve = ParameterCurve { best: (0.0, 0.0), varied, values, chi2, pulls, looked_at: Vec::new() };
        let looked_at = search::refined(looked_at, |part| curve.chi2_at(landscape, part))?;
        let count = looked_at.len();
        let lowest = (0..count).min_by(|a, b| looked_at[*a].1.total_cmp(&looked_at[*b].1)).unwrap_or_default();
        curve.best = (curve.varied.at(looked_at[lowest].0), looked_at[lowest].1);
        let (low, high) = (looked_at[lowest.saturating_sub(1)].0, looked_at[(lowest + 1).min(count - 1)].0);
        curve.looked_at = looked_at;
        let (part, found) = search::minimum(low, high, TOLERANCE.sqrt(), |part| curve.chi2_at(landscape, part))?;
        if found < curve.best.1 {
            curve.best = (curve.varied.at(part), found);
        }
        Ok(curve)
    }

    /// The stretches on which chi2 is at most its minimum and `rise`, by growing values; those that do not
    /// show in any value of [`search::refined`] are not seen.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`].
    pub fn intervals(&self, landscape: &Landscape, rise: f64) -> Result<Vec<Interval>> {
        let level = self.best.1 + rise;
        let own = |part: f64| self.varied.at(part);
        // The values and the minimum between two of them.
        let mut points = self.looked_at.clone();
        let best = self.varied.part_of(self.best.0);
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

    /// Whether chi2 of all data is the same to 0.01 over the whole range.
    pub fn is_level(&self) -> bool {
        is_level(self.looked_at.iter().map(|(_, chi2)| *chi2).chain([self.best.1]))
    }

    fn chi2_at(&self, landscape: &Landscape, part: f64) -> Result<f64> {
        let setting = Setting { parameter: self.varied.parameter.clone(), value: self.varied.at(part) };
        Ok(landscape.fit(&[setting])?.total.chi2)
    }
}
