//! What the region of each dataset on its own counts from, beside that of all together.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::{Minimum, best_fit, minima_at_masses};

use super::{Map, Minima};

/// One dataset's own excluded region.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DatasetLevel {
    /// Name of the dataset in the map.
    pub name: String,
    /// Its name in the legend.
    pub label: String,
    /// What its own chi2 rises from: its own global minimum, or its own at each mass.
    pub minima: Minima,
}

/// The levels of a map's datasets, in the order of the analysis that made it.
///
/// # Errors
/// A best fit that did not converge.
pub fn dataset_levels(together: &Analysis, map: &Map) -> Result<Vec<DatasetLevel>> {
    let predictions = &together.predictions;
    let level = |dataset: &crate::dataset::Dataset, minima: Minima| DatasetLevel {
        name: dataset.name.clone(),
        label: dataset.label.clone(),
        minima,
    };
    if let [prediction] = predictions.as_slice() {
        return Ok(vec![level(&prediction.experiment.dataset, map.minima())]);
    }
    let alone = predictions.par_iter().map(|prediction| {
        let analysis = Analysis::new(&together.model, [&prediction.experiment]);
        let minima = match map.minimum() {
            Minimum::Plane => Minima::Plane(best_fit(&analysis)?.chi2),
            Minimum::Mass => Minima::AtMass(minima_at_masses(&analysis, &map.plane.mass.values)?),
        };
        Ok(level(&prediction.experiment.dataset, minima))
    });
    alone.collect()
}
