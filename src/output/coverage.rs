//! What toys say about single points of the plane, for people and for programs.

use std::fmt::Write as _;
use std::io::{Seek, Write};

use serde::Serialize;

use crate::Result;
use crate::analysis::coverage::critical::Critical;
use crate::analysis::coverage::{CONFIDENCES, Ensemble, Outcome, PointCoverage, ToysRecord};
use crate::base::grid::number_text;
use crate::statistics::delta_chi2;

use super::expected::{expected_column, expected_line};
use super::npz::NewArchive;

/// `coverage --at --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CoverageRecord {
    /// Name of the model.
    pub model: String,
    /// Datasets.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// How the toys were made.
    pub toys: ToysRecord,
    /// The points.
    pub at: Vec<PointCoverage>,
}

/// The points for people.
pub fn coverage_table(record: &CoverageRecord) -> String {
    let mut text = format!("{} on {}\n{}", record.model, record.data, expected_line(&record.expected_data));
    for point in &record.at {
        let (mass_mev, coupling) = (number_text(point.mass_mev), number_text(point.coupling));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\nmass {mass_mev} MeV  coupling {coupling}  {} toys", point.toys);
        if point.failed > 0 {
            let _ = writeln!(text, "{} toys failed: their q counts as infinite", point.failed);
        }
        let _ = writeln!(
            text,
            "{:<12}{:>10}{:>20}{:>12}{:>14}{:>20}",
            "confidence", "critical", "(68 % interval)", "Wilks", "Wilks covers", "at fixed mass"
        );
        for (key, level) in CONFIDENCES {
            let Some(plane) = point.critical.get(key) else {
                let _ = writeln!(text, "{:<12}too few toys", percent(level));
                continue;
            };
            let mass = point.critical_fixed_mass.get(key).map_or(String::new(), |mass| format!("{:.3}", mass.value));
            let wilks = delta_chi2(level, 2).unwrap_or(f64::NAN);
            let [covered, error] = point.wilks_covers.get(key).copied().unwrap_or([f64::NAN; 2]);
            let interval = format!("{:.3} to {:.3}", plane.low, plane.high);
            let covers = format!("{:.2} +- {:.2} %", 100.0 * covered, 100.0 * error);
            let _ = writeln!(
                text,
                "{:<12}{:>10.3}{interval:>20}{wilks:>12.3}{covers:>18}{mass:>16}",
                percent(level),
                plane.value
            );
        }
        let error = format!(" +- {:.4}", point.p_value_error);
        let _ = writeln!(
            text,
            "q of the data {:.4}, p {}{}; at fixed mass {:.4}, p {}",
            point.q_observed,
            share(point.p_value, point.toys),
            if point.p_value_error > 0.0 { &error } else { "" },
            point.q_observed_fixed_mass,
            share(point.p_value_fixed_mass, point.toys)
        );
        let _ = writeln!(text, "goodness of fit p {}", share(point.goodness_of_fit, point.toys));
        let _ = writeln!(
            text,
            "best fits of the toys: median coupling {:.4e}, {:.1} % at the Standard Model",
            point.median_best_fit[1],
            100.0 * point.best_is_standard_model
        );
    }
    text
}

/// `= 0.0123`, a share of the toys; if it is none of them or all, what that many can tell.
fn share(p: f64, toys: usize) -> String {
    let one = 1.0 / toys as f64;
    match p {
        p if p < 0.5 * one => format!("< {one:.4}"),
        p if p > 1.0 - 0.5 * one => format!("> {:.4}", 1.0 - one),
        p => format!("= {p:.4}"),
    }
}

fn percent(level: f64) -> String {
    format!("{:.2} %", 100.0 * level)
}

/// Rows `mass_mev,coupling,statistic,confidence,critical,low,high`.
pub fn coverage_csv(record: &CoverageRecord) -> String {
    let mut text = String::from("mass_mev,coupling,statistic,confidence,critical,low,high\n");
    for point in &record.at {
        for (statistic, values) in [("plane", &point.critical), ("mass", &point.critical_fixed_mass)] {
            for (confidence, found) in values {
                let Critical { value, low, high } = found;
                // Writing to a String cannot fail.
                let _ = writeln!(
                    text,
                    "{:e},{:e},{statistic},{confidence},{value},{low},{high}",
                    point.mass_mev, point.coupling
                );
            }
        }
    }
    expected_column(text, &record.expected_data)
}

/// One number of a toy.
type Column = fn(&Outcome) -> f64;

/// Writes `q`, `q_fixed_mass`, `chi2_min`, `chi2_sm`, `best_mass_mev` and `best_coupling` of every toy, each of length N,
/// in the order of the toys' numbers. Infinite q are toys of which a fit failed.
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_toys(ensemble: &Ensemble, destination: impl Write + Seek) -> Result<()> {
    let mut archive = NewArchive::new(destination);
    let columns: [(&str, Column); 6] = [
        ("q", |toy| toy.q),
        ("q_fixed_mass", |toy| toy.q_fixed_mass),
        ("chi2_min", |toy| toy.chi2_min),
        ("chi2_sm", |toy| toy.chi2_sm),
        ("best_mass_mev", |toy| toy.best.mass_mev),
        ("best_coupling", |toy| toy.best.coupling),
    ];
    for (name, column) in columns {
        let values: Vec<f64> = ensemble.outcomes.iter().map(column).collect();
        archive.add(name, &values, &[values.len()])?;
    }
    archive.finish()
}
