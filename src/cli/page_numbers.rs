//! What a map's page says beyond its chi2: events everywhere, pulls at grid points.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::output::{PageEvents, PagePulls};
use crate::scan::Map;
use crate::statistics::Status;

/// Fits along an axis at most: as many as the usual map has points; each takes a tenth of a millisecond or more.
const MOST_ALONG: usize = 400;

/// The rows or columns that are fitted: all, or evenly spaced ones with both ends.
fn fitted(points: usize) -> Vec<usize> {
    let count = points.min(MOST_ALONG);
    if count < 2 {
        return (0..points).collect();
    }
    (0..count).map(|k| (k * (points - 1) + (count - 1) / 2) / (count - 1)).collect()
}

/// The number of fits that [`pulls`] makes.
pub fn fits(map: &Map) -> usize {
    fitted(map.plane.mass.len()).len() * fitted(map.plane.coupling.len()).len()
}

/// The pulls at as many grid points as take seconds; `advance` is told of the fits that are done, and may end them.
///
/// # Errors
/// Those of `advance`.
pub fn pulls(analysis: &Analysis, map: &Map, advance: impl Fn(usize) -> Result<()> + Sync) -> Result<PagePulls> {
    let (rows, columns) = (fitted(map.plane.mass.len()), fitted(map.plane.coupling.len()));
    let mut names = Vec::new();
    for prediction in &analysis.predictions {
        let label = &prediction.experiment.dataset.label;
        let of_dataset = prediction.experiment.measurement.expectation.pull_labels();
        names.extend(of_dataset.map(|name| format!("{label}: {name}")));
    }
    let of_rows = rows.par_iter().map(|row| -> Result<Vec<Vec<f64>>> {
        let curve = analysis.at_mass(map.plane.mass.values[*row]);
        let fit = |column: &usize| {
            let fit = curve.fit(map.plane.coupling.values[*column]);
            let is_found = fit.total.status == Status::Converged;
            let pulls = fit.datasets.iter().flat_map(|dataset| &dataset.pulls);
            pulls.map(|pull| if is_found { *pull } else { f64::NAN }).collect()
        };
        let pulls = columns.iter().map(fit).collect();
        advance(columns.len())?;
        Ok(pulls)
    });
    let of_rows = of_rows.collect::<Result<Vec<_>>>()?;
    let of_parameter = |k: usize| of_rows.iter().flatten().map(move |pulls: &Vec<f64>| pulls[k]);
    let values = (0..names.len()).flat_map(of_parameter).collect();
    Ok(PagePulls { rows, columns, names, values })
}

/// The signal of each dataset at each mass.
pub fn events(analysis: &Analysis, map: &Map) -> Vec<PageEvents> {
    let of_prediction = |(index, prediction): (usize, &crate::analysis::Prediction)| PageEvents {
        name: prediction.experiment.dataset.name.clone(),
        label: prediction.experiment.dataset.label.clone(),
        coefficients: map
            .plane
            .mass
            .values
            .par_iter()
            .map(|mass_mev| analysis.at_mass(*mass_mev).signal_events(index))
            .collect(),
    };
    analysis.predictions.iter().enumerate().map(of_prediction).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_maps_are_fitted_everywhere_and_large_ones_evenly() {
        assert_eq!(fitted(5), [0, 1, 2, 3, 4]);
        assert_eq!(fitted(MOST_ALONG).len(), MOST_ALONG);
        let large = fitted(1000);
        assert_eq!((large.len(), large[0], large[MOST_ALONG - 1]), (MOST_ALONG, 0, 999));
        assert!(large.windows(2).all(|pair| (2..=3).contains(&(pair[1] - pair[0]))));
    }
}
