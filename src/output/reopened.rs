//! A map that a scan has written, with all that stands beside it: what pictures are drawn from.

use serde::Deserialize;

use crate::analysis::SHARED_TERM;
use crate::grid::Axis;
use crate::limits::{BestFit, Level};
use crate::scan::{Certificate, EngineRecord, Interpolation, Map, Plane};
use crate::{Error, Result};

use super::SavedMap;
use super::export::Origin;

/// A map as a scan had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reopened {
    /// The map.
    pub map: Map,
    /// Level of its excluded region.
    pub level: Level,
}

/// The part of [`super::RunRecord`] that is in no array of the map.
#[derive(Deserialize)]
struct Evaluation {
    engine: EngineRecord,
    certificate: Option<Certificate>,
    interpolation: Option<Interpolation>,
    inputs: Inputs,
}

#[derive(Deserialize)]
struct Inputs {
    /// Whether an expectation stood in for the data.
    #[serde(default)]
    asimov: bool,
}

/// Puts a map and the text of its `run.json` together; `path` names that in errors.
///
/// # Errors
/// [`Error::NotOfForm`] for a text that is no record of a run, one of another map, and one of a scan of something else
/// than data.
pub fn reopen(saved: SavedMap, path: &str, text: &str) -> Result<Reopened> {
    let refused = |form, reason| Error::NotOfForm { path: path.to_owned(), form, reason };
    let Origin { model, data, level, .. } = Origin::parse(path, text, &saved)?;
    let evaluation: Evaluation =
        serde_json::from_str(text).map_err(|error| refused("record of a run", error.to_string()))?;
    if evaluation.inputs.asimov {
        return Err(refused("record of a scan of data", "an expectation stood in for them (asimov)".to_owned()));
    }
    let found: Vec<&str> = saved.chi2_by_dataset.iter().map(|(name, _)| name.as_str()).collect();
    // The term of shared nuisance parameters comes after the datasets, where they share any.
    let datasets = found.strip_suffix(&[SHARED_TERM]).unwrap_or(&found);
    if data.split('+').ne(datasets.iter().copied()) {
        return Err(refused("record of this map", format!("its datasets are {data}, the map's {}", found.join("+"))));
    }
    let [mass_mev, coupling] = saved.best_fit;
    let axis =
        |quantity: &str, unit: &str, values| Axis { quantity: quantity.to_owned(), unit: unit.to_owned(), values };
    let chi2_by_dataset = if found.len() > 1 { saved.chi2_by_dataset } else { Vec::new() };
    let map = Map {
        model,
        data,
        plane: Plane { mass: axis("mass", "MeV", saved.mass_mev), coupling: axis("coupling", "", saved.coupling) },
        chi2: saved.chi2,
        chi2_by_dataset,
        status: saved.status,
        chi2_sm: saved.chi2_sm,
        best_fit: BestFit { chi2: saved.chi2_min, mass_mev, coupling },
        delta_chi2: saved.delta_chi2,
        minimum_at_mass: saved.minimum_at_mass,
        engine: evaluation.engine,
        certificate: evaluation.certificate,
        interpolation: evaluation.interpolation,
    };
    Ok(Reopened { map, level })
}
