//! One point of the plane, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::{Analysis, FarDeformation, Fit, Prediction};
use crate::base::grid::{number_text, rounded};
use crate::dataset::Scattering;
use crate::rates::Point;

use super::expected::{expected_data, expected_line};

/// `point --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PointRecord {
    /// Name of the model.
    pub model: String,
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// By name of the dataset.
    pub datasets: BTreeMap<String, DatasetRecord>,
    /// chi2 of all data together: the sum over the datasets and of `shared`.
    pub chi2: f64,
    /// What sharing nuisance parameters adds, where datasets share any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<f64>,
    /// Datasets whose response the fit deforms further than its tables tell; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deformed_far: Vec<FarDeformation>,
}

/// What one dataset says about the point.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DatasetRecord {
    /// Smallest chi2 over the nuisance parameters, of this dataset alone.
    pub chi2: f64,
    /// Signal events in all bins before nuisance parameters.
    pub events: f64,
    /// The same by process (`cevns`, `electron-scattering`), where there is more than one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_by_process: Option<BTreeMap<&'static str, f64>>,
    /// eta/sigma by name.
    pub pulls: BTreeMap<String, f64>,
}

impl PointRecord {
    /// The record of a fit made at a point.
    pub fn new(analysis: &Analysis, point: Point, fit: &Fit) -> PointRecord {
        let datasets = analysis.predictions.iter().zip(&fit.datasets).map(|(prediction, fit)| {
            let names = prediction.experiment.measurement.expectation.pull_names().map(str::to_owned);
            let pulls = names.zip(fit.pulls.iter().copied()).collect();
            let by_process = by_process(prediction, point)
                .map(|parts| parts.into_iter().map(|(scattering, events)| (scattering.name(), events)).collect());
            let record =
                DatasetRecord { chi2: fit.alone.chi2, events: fit.events, events_by_process: by_process, pulls };
            (prediction.experiment.dataset.name.clone(), record)
        });
        PointRecord {
            model: analysis.model.name.clone(),
            mass_mev: point.mass_mev,
            coupling: point.coupling,
            expected_data: expected_data(analysis.experiments()),
            datasets: datasets.collect(),
            chi2: fit.total.chi2,
            shared: fit.shared,
            deformed_far: analysis.far_deformations(fit),
        }
    }
}

/// Events of each process, where there are several.
fn by_process(prediction: &Prediction, point: Point) -> Option<Vec<(Scattering, f64)>> {
    (prediction.experiment.dataset.processes.len() > 1).then(|| prediction.events_by_process(point))
}

/// The point, in so many digits or as it is, as a table, the pulls in the order of the fit's parameters.
pub fn point_table(analysis: &Analysis, point: Point, fit: &Fit, digits: Option<usize>) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let short = |value: f64| number_text(digits.map_or(value, |digits| rounded(value, digits)));
    let (mass_mev, coupling) = (short(point.mass_mev), short(point.coupling));
    let _ = writeln!(text, "{}  mass {mass_mev} MeV  coupling {coupling}\n", analysis.model.name);
    let parts: Vec<_> = analysis.predictions.iter().map(|prediction| by_process(prediction, point)).collect();
    let events = if parts.iter().any(Option::is_some) { "signal events" } else { "CEvNS events" };
    let _ = writeln!(text, "{:<22}{:>14}{events:>14}", "dataset", "chi2");
    for ((prediction, fit), parts) in analysis.predictions.iter().zip(&fit.datasets).zip(parts) {
        let (chi2, events) = (fixed(fit.alone.chi2, 4), fixed(fit.events, 2));
        let _ = writeln!(text, "{:<22}{chi2:>14}{events:>14}", prediction.experiment.dataset.name);
        for (scattering, events) in parts.into_iter().flatten() {
            let _ = writeln!(text, "{:<22}{:>14}{:>14}", format!("  {}", scattering.label()), "", fixed(events, 2));
        }
    }
    if let Some(shared) = fit.shared {
        let _ = writeln!(text, "{:<22}{:>14}", "shared", fixed(shared, 4));
    }
    if fit.datasets.len() > 1 {
        let _ = writeln!(text, "{:<22}{:>14}", "sum", fixed(fit.total.chi2, 4));
    }
    let mut pulls: Vec<(String, f64)> = Vec::new();
    for (prediction, fit) in analysis.predictions.iter().zip(&fit.datasets) {
        let (dataset, expectation) =
            (&prediction.experiment.dataset.name, &prediction.experiment.measurement.expectation);
        pulls.extend(expectation.pull_names().zip(&fit.pulls).map(|(name, pull)| (format!("{dataset} {name}"), *pull)));
    }
    let width = pulls.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).max(22);
    let _ = writeln!(text, "\n{:<width$}{:>14}", "nuisance parameter", "pull");
    for (name, pull) in pulls {
        let _ = writeln!(text, "{name:<width$}{:>14}", signed(pull));
    }
    let expected = expected_line(&expected_data(analysis.experiments()));
    text += if expected.is_empty() { "" } else { "\n" };
    text + &expected
}

/// Largest number that is printed without an exponent.
const LONGEST_FIXED: f64 = 1e6;

/// So many decimals, or an exponent where the digits would be many. What is missing is `NaN`.
fn fixed(value: f64, decimals: usize) -> String {
    if value.abs() >= LONGEST_FIXED { format!("{value:.4e}") } else { format!("{value:.decimals$}") }
}

/// Three decimals and the sign.
fn signed(value: f64) -> String {
    if value.abs() >= LONGEST_FIXED {
        return format!("{value:+.4e}");
    }
    // "+ 0.0" turns a negative zero positive.
    format!("{:+.3}", (value * 1e3).round() / 1e3 + 0.0)
}
