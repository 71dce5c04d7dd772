//! The level of each dataset on its own, beside that of all together.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::limits::best_fit;

use super::Map;

/// The level of one dataset's own excluded region.
#[derive(Debug, Clone, PartialEq)]
pub struct DatasetLevel {
    /// Name of the dataset in the map.
    pub name: String,
    /// Its name in the legend.
    pub label: String,
    /// chi2 at the border: its own global minimum and the rise.
    pub level: f64,
}

/// The levels of a map's datasets, in the order of the analysis that made it.
///
/// # Errors
/// A best fit that did not converge.
pub fn dataset_levels(together: &Analysis, map: &Map) -> Result<Vec<DatasetLevel>> {
    let channels = &together.channels;
    let level = |dataset: &crate::dataset::Dataset, minimum: f64| DatasetLevel {
        name: dataset.name.clone(),
        label: dataset.label.clone(),
        level: minimum + map.delta_chi2,
    };
    if let [channel] = channels.as_slice() {
        return Ok(vec![level(&channel.experiment.dataset, map.best_fit.chi2)]);
    }
    let alone = channels.par_iter().map(|channel| {
        let minimum = best_fit(&Analysis::new(together.model, [channel.experiment]))?.chi2;
        Ok(level(&channel.experiment.dataset, minimum))
    });
    alone.collect()
}
