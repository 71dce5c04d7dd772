//! Rows that are done to a map.

use rayon::prelude::*;

use super::rows::Rows;
use super::{EngineRecord, Map, Plane};
use crate::Result;
use crate::analysis::Analysis;
use crate::base::memory::room;
use crate::statistics::Status;

/// A map of all rows; what it counts from and what made it are not known yet.
pub(super) fn assemble(analysis: &Analysis, plane: Plane, rows: Rows) -> Result<Map> {
    let mut columns = rows.chi2;
    let together = if analysis.together.is_some() { columns.pop() } else { None };
    let chi2 = match (together, columns.len()) {
        // What rests on a chi2 that is missing is missing too, so that the status says it.
        (Some(mut chi2), _) => {
            let missing = rows.status.iter().map(|status| *status != Status::Converged as u8);
            chi2.iter_mut().zip(missing).filter(|(_, missing)| *missing).for_each(|(chi2, _)| *chi2 = f64::NAN);
            chi2
        }
        (None, 1) => columns.remove(0),
        (None, _) => sum(analysis, &columns)?,
    };
    let names = analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.name.clone());
    Ok(Map {
        model: analysis.model.name.clone(),
        data: analysis.data_name(),
        is_expected: Some(analysis.predictions.iter().any(|prediction| prediction.experiment.is_expected)),
        plane,
        chi2,
        chi2_by_dataset: names.zip(columns).collect(),
        is_shared: analysis.together.is_some(),
        status: rows.status,
        chi2_sm: f64::NAN,
        best_fit: crate::analysis::limits::BestFit { chi2: f64::NAN, mass_mev: f64::NAN, coupling: f64::NAN },
        delta_chi2: f64::NAN,
        minimum_at_mass: None,
        engine: EngineRecord { redone_in_f64: rows.redone_in_f64, ..EngineRecord::default() },
        certificate: None,
        interpolation: None,
    })
}

/// chi2 of all data at each point, of the datasets' own.
fn sum(analysis: &Analysis, columns: &[Vec<f64>]) -> Result<Vec<f64>> {
    let points = columns.first().map_or(0, Vec::len);
    let mut sum = room(points, "chi2 of a map")?;
    let at = |point: usize| analysis.total(columns.iter().map(|chi2| chi2[point]));
    (0..points).into_par_iter().map(at).collect_into_vec(&mut sum);
    Ok(sum)
}
