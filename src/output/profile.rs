//! chi2 and pulls along a section of the plane, for people and for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::Level;
use crate::analysis::section::{Along, Section};
use crate::analysis::{Analysis, DatasetFit};
use crate::base::grid::number_text;
use crate::statistics::Status;

use super::digits::number;
use super::expected::{expected_column, expected_data, expected_line};

/// `profile --format json`. Lists have an entry for each point; what is missing is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProfileRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the datasets joined by `+`.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// `confidence`, `dof`, `delta_chi2`, and `minimum`, from which chi2 rises by that.
    #[serde(flatten)]
    pub level: Level,
    /// What runs: `coupling` or `mass_mev`.
    pub along: &'static str,
    /// Masses (MeV).
    pub mass_mev: Vec<f64>,
    /// Couplings.
    pub coupling: Vec<f64>,
    /// chi2 of all data together.
    pub chi2: Vec<f64>,
    /// What the rise counts from.
    pub chi2_min: Vec<f64>,
    /// chi2 less that.
    pub rise: Vec<f64>,
    /// What sharing nuisance parameters adds, where datasets share any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<Vec<f64>>,
    /// By name of the dataset.
    pub datasets: BTreeMap<String, DatasetProfileRecord>,
    /// Where chi2 crosses the level, and its direction: couplings at the mass, also beyond the points; or masses (MeV)
    /// between the points.
    pub crossings: Vec<(f64, &'static str)>,
    /// The best fit of the plane.
    pub best_fit: BestFitRecord,
}

/// What one dataset says along the section.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct DatasetProfileRecord {
    /// chi2 of this dataset alone.
    pub chi2: Vec<f64>,
    /// The same less its own minimum.
    pub rise: Vec<f64>,
    /// Signal events in all bins before nuisance parameters.
    pub events: Vec<f64>,
    /// eta/sigma by name, in the fit to all data.
    pub pulls: BTreeMap<String, Vec<f64>>,
}

/// The best fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BestFitRecord {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// chi2.
    pub chi2: f64,
}

impl ProfileRecord {
    /// The record of a section.
    pub fn new(analysis: &Analysis, section: &Section) -> ProfileRecord {
        let datasets = analysis.predictions.iter().enumerate().map(|(index, prediction)| {
            let of = |value: &dyn Fn(&DatasetFit) -> f64| -> Vec<f64> {
                section.fits.iter().map(|fit| value(&fit.datasets[index])).collect()
            };
            let names = prediction.experiment.measurement.expectation.pull_names().enumerate();
            let record = DatasetProfileRecord {
                chi2: of(&|fit| if fit.alone.status == Status::Converged { fit.alone.chi2 } else { f64::NAN }),
                rise: section.rise(index + 1),
                events: of(&|fit| fit.events),
                pulls: names.map(|(k, name)| (name.to_owned(), of(&|fit| fit.pulls[k]))).collect(),
            };
            (prediction.experiment.dataset.name.clone(), record)
        });
        let rise = section.rise(0);
        let best = section.best_fit;
        ProfileRecord {
            model: analysis.model.name.clone(),
            data: analysis.data_name(),
            expected_data: expected_data(analysis.experiments()),
            level: section.level,
            along: match section.along {
                Along::Coupling => "coupling",
                Along::Mass => "mass_mev",
            },
            mass_mev: section.points.iter().map(|point| point.mass_mev).collect(),
            coupling: section.points.iter().map(|point| point.coupling).collect(),
            chi2: rise.iter().zip(&section.minima[0]).map(|(rise, minimum)| rise + minimum).collect(),
            chi2_min: section.minima[0].clone(),
            rise,
            shared: section.fits.iter().map(|fit| fit.shared).collect(),
            datasets: datasets.collect(),
            crossings: section.crossings.iter().map(|(at, up)| (*at, if *up { "up" } else { "down" })).collect(),
            best_fit: BestFitRecord { mass_mev: best.mass_mev, coupling: best.coupling, chi2: best.chi2 },
        }
    }
}

/// Tables for people: chi2 and its rise, the pulls in the order of the fit's parameters, and the crossings.
pub fn profile_table(analysis: &Analysis, section: &Section) -> String {
    let record = ProfileRecord::new(analysis, section);
    let (head, fixed) = match (section.along, section.points.first()) {
        (_, None) => return String::new(),
        (Along::Coupling, Some(point)) => ("coupling", format!("mass {} MeV", number_text(point.mass_mev))),
        (Along::Mass, Some(point)) => ("mass [MeV]", format!("coupling {}", number_text(point.coupling))),
    };
    let words = record.level.words();
    let expected = expected_line(&record.expected_data);
    let mut text = format!("{}  {fixed}  {}  {words}\n{expected}\n", record.model, record.data);
    let names: Vec<&str> =
        analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.name.as_str()).collect();
    let several: &[&str] = if names.len() > 1 { &names } else { &[] };
    // Writing to a String cannot fail.
    let _ = write!(text, "{head:>12}{:>14}{:>14}", "chi2", "rise");
    several.iter().for_each(|name| _ = write!(text, "{:>16}", format!("chi2 {name}")));
    names.iter().for_each(|name| _ = write!(text, "{:>18}", format!("events {name}")));
    text.push('\n');
    let values = section.values();
    for (row, value) in values.iter().enumerate() {
        let _ = write!(text, "{value:>12.4e}{:>14}{:>14}", decimals(record.chi2[row]), decimals(record.rise[row]));
        several.iter().for_each(|name| _ = write!(text, "{:>16}", decimals(record.datasets[*name].chi2[row])));
        names.iter().for_each(|name| _ = write!(text, "{:>18}", decimals(record.datasets[*name].events[row])));
        text.push('\n');
    }
    for (index, prediction) in analysis.predictions.iter().enumerate() {
        let pulls: Vec<&str> = prediction.experiment.measurement.expectation.pull_names().collect();
        let wide = |name: &&str| (name.chars().count() + 2).max(10);
        let _ = write!(text, "\npulls of {}\n{head:>12}", names[index]);
        pulls.iter().for_each(|name| _ = write!(text, "{name:>width$}", width = wide(name)));
        text.push('\n');
        for (value, fit) in values.iter().zip(&section.fits) {
            let _ = write!(text, "{value:>12.4e}");
            let of_fit = pulls.iter().zip(&fit.datasets[index].pulls);
            of_fit.for_each(|(name, pull)| _ = write!(text, "{pull:>+width$.3}", width = wide(name)));
            text.push('\n');
        }
    }
    text.push('\n');
    if record.crossings.is_empty() {
        text += "chi2 crosses the level nowhere";
        text += if section.along == Along::Mass { " between these masses\n" } else { "\n" };
    }
    for (at, way) in &record.crossings {
        let place = if section.along == Along::Mass { "mass [MeV]" } else { "coupling" };
        let _ = writeln!(
            text,
            "{place} {at:.5e}: chi2 {} the level",
            if *way == "up" { "rises above" } else { "falls below" }
        );
    }
    text
}

fn decimals(value: f64) -> String {
    if value.abs() >= 1e6 { format!("{value:.4e}") } else { format!("{value:.4}") }
}

/// One row a point: `mass_mev,coupling,chi2,chi2_min,rise`, then of each dataset `chi2_<dataset>`, `rise_<dataset>`,
/// `events_<dataset>`, `pull_<dataset>_<name>`.
pub fn profile_csv(analysis: &Analysis, section: &Section) -> String {
    let record = ProfileRecord::new(analysis, section);
    let mut columns: Vec<(String, &[f64])> = vec![
        ("mass_mev".to_owned(), &record.mass_mev),
        ("coupling".to_owned(), &record.coupling),
        ("chi2".to_owned(), &record.chi2),
        ("chi2_min".to_owned(), &record.chi2_min),
        ("rise".to_owned(), &record.rise),
    ];
    if let Some(shared) = &record.shared {
        columns.push(("chi2_shared".to_owned(), shared));
    }
    for prediction in &analysis.predictions {
        let name = &prediction.experiment.dataset.name;
        let dataset = &record.datasets[name];
        columns.push((format!("chi2_{name}"), &dataset.chi2));
        columns.push((format!("rise_{name}"), &dataset.rise));
        columns.push((format!("events_{name}"), &dataset.events));
        for pull in prediction.experiment.measurement.expectation.pull_names() {
            columns.push((format!("pull_{name}_{pull}"), &dataset.pulls[pull]));
        }
    }
    let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = names.join(",") + "\n";
    for row in 0..record.mass_mev.len() {
        let cells: Vec<String> = columns.iter().map(|(_, values)| number(values[row])).collect();
        let _ = writeln!(text, "{}", cells.join(","));
    }
    expected_column(text, &record.expected_data)
}
