//! One point of the plane, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::{Analysis, PointFit, SHARED_TERM};
use crate::rates::Point;

/// `point --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PointRecord {
    /// Name of the model.
    pub model: String,
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// By name of the dataset.
    pub datasets: BTreeMap<String, DatasetRecord>,
    /// Sum over the datasets.
    pub chi2: f64,
}

/// What one dataset says about the point.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DatasetRecord {
    /// Smallest chi2 over the nuisance parameters.
    pub chi2: f64,
    /// CEvNS events in all bins before nuisance parameters.
    pub events: f64,
    /// eta/sigma by name.
    pub pulls: BTreeMap<String, f64>,
}

impl PointRecord {
    /// The record of fits made at a point.
    pub fn new(analysis: &Analysis, point: Point, fits: &[PointFit]) -> PointRecord {
        let datasets = analysis.channels.iter().zip(fits).map(|(channel, fit)| {
            let names = channel.experiment.fit.expectation.pull_names().map(str::to_owned);
            let pulls = names.zip(fit.pulls.iter().copied()).collect();
            let record = DatasetRecord { chi2: fit.profile.chi2, events: fit.events, pulls };
            (channel.experiment.dataset.name.clone(), record)
        });
        PointRecord {
            model: analysis.model.name.clone(),
            mass_mev: point.mass_mev,
            coupling: point.coupling,
            datasets: datasets.collect(),
            chi2: total(analysis, point, fits).0,
        }
    }
}

/// The sum of the datasets' chi2 and of what sharing nuisance parameters changes, and the latter alone.
fn total(analysis: &Analysis, point: Point, fits: &[PointFit]) -> (f64, Option<f64>) {
    let alone: f64 = fits.iter().map(|fit| fit.profile.chi2).sum();
    match analysis.sharing_at(point, fits) {
        Some(sharing) => (alone + sharing.chi2, Some(sharing.chi2)),
        None => (alone, None),
    }
}

/// The point as a table, the pulls in the order of the fit's parameters.
pub fn point_table(analysis: &Analysis, point: Point, fits: &[PointFit]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}  mass {} MeV  coupling {}\n", analysis.model.name, point.mass_mev, point.coupling);
    let _ = writeln!(text, "{:<22}{:>14}{:>14}", "dataset", "chi2", "CEvNS events");
    for (channel, fit) in analysis.channels.iter().zip(fits) {
        let events = number(fit.events);
        let _ = writeln!(text, "{:<22}{:>14.4}{:>14}", channel.experiment.dataset.name, fit.profile.chi2, events);
    }
    if fits.len() > 1 {
        let (sum, sharing) = total(analysis, point, fits);
        if let Some(sharing) = sharing {
            let _ = writeln!(text, "{SHARED_TERM:<22}{sharing:>14.4}");
        }
        let _ = writeln!(text, "{:<22}{:>14.4}", "sum", sum);
    }
    let _ = writeln!(text, "\n{:<22}{:>14}", "nuisance parameter", "pull");
    for (channel, fit) in analysis.channels.iter().zip(fits) {
        for (parameter, pull) in channel.experiment.fit.expectation.pull_names().zip(&fit.pulls) {
            let name = format!("{} {parameter}", channel.experiment.dataset.name);
            // "+ 0.0" turns a negative zero positive.
            let _ = writeln!(text, "{name:<22}{:>+14.3}", (pull * 1e3).round() / 1e3 + 0.0);
        }
    }
    text
}

/// Two decimals, or an exponent where that would be long.
fn number(value: f64) -> String {
    if value.abs() < 1e6 { format!("{value:.2}") } else { format!("{value:.4e}") }
}
