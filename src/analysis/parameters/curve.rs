//! chi2 against one parameter: its minimum and the intervals below a level.

use rayon::prelude::*;

use crate::base::search;
use crate::{Error, Result};

use super::level::is_level;
use super::{Landscape, Setting, Varied, scale};

/// Values along the range at which minima and intervals are looked for, at least; those that are shown are among them.
const LEAST_LOOKED_AT: usize = 200;
/// The same where counts are of the data's size, and by what factor distances grow from there to the ends of the range.
const WITHIN_BOX: usize = 100;
const BEYOND_BOX: f64 = 1.5;
/// So many minima are sought between the values.
const MOST_VALLEYS: usize = 12;
/// Accuracy of crossings, as a part of the distance of the values around them.
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
    /// chi2 of all data against the part of the range, closer than the values where these are few or valleys narrow; the
    /// minimum is among them.
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
    /// chi2 at so many values; `advance` is told of each, of nothing where more is looked at, and ends
    /// the work by returning an error.
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
        let mut curve = ParameterCurve { best: (0.0, 0.0), varied, values, chi2, pulls, looked_at: Vec::new() };
        curve.look(landscape, || advance(0))?;
        Ok(curve)
    }

    /// chi2 wherever it may be low, and its minimum.
    fn look(&mut self, landscape: &Landscape, check: impl Fn() -> Result<()> + Sync) -> Result<()> {
        let chi2_at = |part: f64| {
            check()?;
            self.chi2_at(landscape, part)
        };
        let shown = self.values.len();
        // So many steps to each between two values.
        let steps = LEAST_LOOKED_AT.div_ceil(shown - 1);
        let end = ((shown - 1) * steps) as f64;
        let between = (0..(shown - 1) * steps).filter(|number| number % steps > 0).map(|number| number as f64 / end);
        let mut parts: Vec<f64> = scale::places(landscape, &[&self.varied], WITHIN_BOX, BEYOND_BOX)?.concat();
        parts.extend(between);
        let looked = parts.par_iter().map(|part| Ok((*part, chi2_at(*part)?)));
        let mut looked = looked.collect::<Result<Vec<_>>>()?;
        let all = self.chi2[0].iter().enumerate().map(|(number, chi2)| (number as f64 / (shown - 1) as f64, *chi2));
        looked.extend(all);
        let in_order = |samples: &mut Vec<(f64, f64)>| {
            samples.sort_by(|a, b| a.0.total_cmp(&b.0));
            samples.dedup_by_key(|sample| sample.0);
        };
        in_order(&mut looked);
        let mut looked = search::refined(looked, chi2_at)?;
        // What lies between samples around each of the lowest that have higher ones beside them.
        let chi2 = |place: usize| looked.get(place).map_or(f64::INFINITY, |sample| sample.1);
        let mut valleys: Vec<usize> = (0..looked.len())
            .filter(|place| {
                let before = place.checked_sub(1).map_or(f64::INFINITY, chi2);
                chi2(*place) <= before && chi2(*place) <= chi2(place + 1)
            })
            .collect();
        valleys.sort_by(|a, b| chi2(*a).total_cmp(&chi2(*b)));
        let minima = valleys.par_iter().take(MOST_VALLEYS).map(|place| {
            let low = looked[place.saturating_sub(1)].0;
            let width = looked[(place + 1).min(looked.len() - 1)].0 - low;
            // By parts of this stretch: searches are no more accurate than a part of the largest number in them.
            let (at, found) = search::minimum(0.0, 1.0, TOLERANCE.sqrt(), |at| chi2_at(low + at * width))?;
            Ok((low + at * width, found))
        });
        let minima = minima.collect::<Result<Vec<_>>>()?;
        looked.extend(minima);
        in_order(&mut looked);
        if let Some((part, lowest)) = looked.iter().min_by(|a, b| a.1.total_cmp(&b.1)) {
            self.best = (self.varied.at(*part), *lowest);
        }
        self.looked_at = looked;
        Ok(())
    }

    /// The stretches on which chi2 is at most its minimum and `rise`, by growing values; those that do not
    /// show in any value where counts are of the data's size, or in one of [`search::refined`], are not seen.
    ///
    /// # Errors
    /// Those of [`Landscape::fit`].
    pub fn intervals(&self, landscape: &Landscape, rise: f64) -> Result<Vec<Interval>> {
        let level = self.best.1 + rise;
        let own = |part: f64| self.varied.at(part);
        let points = &self.looked_at;
        // By parts of the stretch between both: an interval may be a small part of the range.
        let crossing = |a: (f64, f64), b: (f64, f64)| {
            let width = b.0 - a.0;
            let at = search::root((0.0, a.1 - level), (1.0, b.1 - level), TOLERANCE, |at| {
                Ok(self.chi2_at(landscape, a.0 + at * width)? - level)
            })?;
            Ok::<f64, Error>(a.0 + at * width)
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

    /// chi2 of all data wherever it was looked at, `[value, chi2]` by growing values: closer than the grid where it is low.
    pub fn closely(&self) -> impl Iterator<Item = [f64; 2]> {
        self.looked_at.iter().map(|(part, chi2)| [self.varied.at(*part), *chi2])
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
