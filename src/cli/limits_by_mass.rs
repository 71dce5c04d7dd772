//! `cevscan limits --mass`: bounds against the mass.

use rayon::prelude::*;

use crate::Result;
use crate::analysis::limits::{BestFit, Bound, Level, best_fit};
use crate::analysis::{Analysis, Experiment};
use crate::output::{BoundsRecord, bounds_csv, bounds_latex, bounds_table, expected_data, json};
use crate::physics::model::Model;
use crate::plot::text::Rich;

use super::args::{LimitsArgs, LimitsFormat};

/// Bounds of each model on each list of data, with the expected ones where there is such a list beside.
pub fn bounds_by_mass(
    models: &[Model],
    lists: &[(&Vec<Experiment>, &Option<Vec<Experiment>>)],
    masses_mev: &[f64],
    level: Level,
    args: &LimitsArgs,
) -> Result<String> {
    let cases: Vec<_> = models.iter().flat_map(|model| lists.iter().map(move |list| (model, list))).collect();
    let records = cases
        .par_iter()
        .map(|(model, (observed, expected))| {
            let analysis = Analysis::new(model, observed.iter());
            let (best, bounds, data) = at_masses(&analysis, masses_mev, level)?;
            let beside =
                expected.as_ref().map(|list| at_masses(&Analysis::new(model, list), masses_mev, level)).transpose()?;
            let beside = beside.as_ref().map(|(_, bounds, _)| bounds.as_slice());
            let record = BoundsRecord::new((&model.name, &data), level, best, &bounds, beside);
            let record = record.of_expectation(expected_data(*observed));
            let Some(critical) = args.critical.read(&analysis, &level)? else { return Ok(record) };
            let covered = masses_mev.par_iter().map(|mass_mev| critical.level.bound(&analysis, &best, *mass_mev));
            let covered = covered.collect::<Result<Vec<_>>>()?;
            let used = critical.used(None);
            Ok(record.with_coverage(&covered, |mass_mev, coupling| critical.level.at(mass_mev, coupling), used))
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(match args.format {
        LimitsFormat::Table => bounds_table(&records),
        LimitsFormat::Json => json(&records)?,
        LimitsFormat::Csv => bounds_csv(&records),
        LimitsFormat::Latex => bounds_latex(&records, &latex_labels(models)),
    })
}

/// Models by name with their names in LaTeX.
pub fn latex_labels(models: &[Model]) -> Vec<(String, String)> {
    models.iter().map(|model| (model.name.clone(), Rich::parse(&model.label).mathtext())).collect()
}

fn at_masses(analysis: &Analysis, masses_mev: &[f64], level: Level) -> Result<(BestFit, Vec<Bound>, String)> {
    let best = best_fit(analysis)?;
    let bounds = masses_mev.par_iter().map(|mass_mev| level.bound(analysis, &best, *mass_mev));
    Ok((best, bounds.collect::<Result<_>>()?, analysis.data_name()))
}
