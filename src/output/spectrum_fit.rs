//! The fit to a dataset's spectra, for programs: what its picture shows, as JSON, as a table, and as a matplotlib script.

use std::fmt::Write as _;

use serde::Serialize;

use crate::Result;
use crate::analysis::FarDeformation;
use crate::plot::spectrum_fit::{Projection, SpectrumFit};
use crate::plot::text::Rich;

use super::digits::{number, words};
use super::json;

/// The script but for its numbers, and where they go.
const TEMPLATE: &str = include_str!("fit.py");
const PLACE: &str = "# <numbers>";

/// `fit-MODEL-DATA.json`: events per bin over energy and over time, at the minimum over the nuisance parameters.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SpectrumFitRecord {
    /// Name of the model.
    pub model: String,
    /// Name of the dataset.
    pub data: String,
    /// Mass (MeV) of the mediator.
    pub mass_mev: f64,
    /// Its coupling.
    pub coupling: f64,
    /// Whether an expectation stands in for the data.
    pub is_expected: bool,
    /// Over the reconstructed energy.
    pub energy: ProjectionRecord,
    /// Over time; left out where the data know none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<ProjectionRecord>,
    /// What is stacked, from the bottom.
    pub components: Vec<ComponentRecord>,
    /// Nuisance parameters in units of their prior widths.
    pub pulls: Vec<PullRecord>,
    /// Where the fit deforms the response further than its tables tell: how far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deformed_far: Option<FarDeformation>,
}

/// The data over one axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProjectionRecord {
    /// The quantity with its unit.
    pub label: String,
    /// Edges of the bins, one more than there are bins.
    pub edges: Vec<f64>,
    /// Events per bin.
    pub data: Vec<f64>,
    /// Their errors.
    pub errors: Vec<f64>,
}

/// A part of the expectation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ComponentRecord {
    /// Its name.
    pub label: String,
    /// Whether it is what the experiment looks for.
    pub is_signal: bool,
    /// Events per bin of energy.
    pub energy: Vec<f64>,
    /// Events per bin of time; left out where the data know none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Vec<f64>>,
}

/// A nuisance parameter.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PullRecord {
    /// Its name.
    pub name: String,
    /// Its pull.
    pub value: f64,
}

impl SpectrumFitRecord {
    /// Of a picture, at a mass (MeV) and coupling.
    pub fn new((model, data): (&str, &str), [mass_mev, coupling]: [f64; 2], fit: &SpectrumFit) -> SpectrumFitRecord {
        let plain = |markup: &str| Rich::parse(markup).letters();
        let projection = |of: &Projection| ProjectionRecord {
            label: plain(&of.label),
            edges: of.edges.clone(),
            data: of.data.clone(),
            errors: of.errors(),
        };
        let component = |part: &crate::plot::spectrum_fit::Component| ComponentRecord {
            label: plain(&part.label),
            is_signal: part.is_signal,
            energy: part.energy.clone(),
            time: fit.has_time().then(|| part.time.clone()),
        };
        SpectrumFitRecord {
            model: model.to_owned(),
            data: data.to_owned(),
            mass_mev,
            coupling,
            is_expected: fit.energy.is_expected,
            energy: projection(&fit.energy),
            time: fit.has_time().then(|| projection(&fit.time)),
            components: fit.components.iter().map(component).collect(),
            pulls: fit.pulls.iter().map(|pull| PullRecord { name: plain(&pull.name), value: pull.value }).collect(),
            deformed_far: None,
        }
    }

    /// The same where the fit deforms the response further than its tables tell.
    pub fn deformed_far(self, far: Option<&FarDeformation>) -> SpectrumFitRecord {
        SpectrumFitRecord { deformed_far: far.cloned(), ..self }
    }
}

/// Rows `axis,low,high,data,error,fit` and a column for each component: events per bin.
pub fn spectrum_fit_csv(record: &SpectrumFitRecord) -> String {
    let mut text = String::from("axis,low,high,data,error,fit");
    for component in &record.components {
        // Writing to a String cannot fail, here and below.
        let _ = write!(text, ",{}", words(&component.label));
    }
    text.push('\n');
    let energies: Vec<&[f64]> = record.components.iter().map(|part| &part.energy[..]).collect();
    let times: Vec<&[f64]> = record.components.iter().filter_map(|part| part.time.as_deref()).collect();
    let axes = [("energy", Some(&record.energy), energies), ("time", record.time.as_ref(), times)];
    for (name, axis, components) in axes.into_iter().filter_map(|(name, axis, all)| Some((name, axis?, all))) {
        for (bin, edges) in axis.edges.windows(2).enumerate() {
            let parts: Vec<f64> = components.iter().map(|part| part[bin]).collect();
            let cells = [edges[0], edges[1], axis.data[bin], axis.errors[bin], parts.iter().sum()];
            let cells: Vec<String> = cells.into_iter().chain(parts).map(number).collect();
            let _ = writeln!(text, "{name},{}", cells.join(","));
        }
    }
    text
}

/// A script that draws the fit anew; needs Python 3 and matplotlib. `python3 NAME.py` writes NAME-matplotlib.pdf beside it,
/// `python3 NAME.py FILE` writes FILE.
///
/// # Errors
/// [`crate::Error::Encoding`], for what JSON cannot hold.
pub fn spectrum_fit_script(fit: &SpectrumFit) -> Result<String> {
    let mathtext = |markup: &str| Rich::parse(markup).mathtext();
    let projection = |of: &Projection| {
        serde_json::json!({
            "label": mathtext(&of.label),
            "edges": of.edges,
            "data": of.data,
            "errors": of.errors(),
            "by_unit": of.by_unit.as_deref().map(mathtext),
        })
    };
    let components = fit.components.iter().map(|part| {
        serde_json::json!({
            "label": mathtext(&part.label),
            "colour": part.role.colour(),
            "energy": part.energy,
            "time": fit.has_time().then_some(&part.time),
        })
    });
    let numbers = serde_json::json!({
        "title": mathtext(&fit.title),
        "data_label": mathtext(&fit.data_label),
        "energy": projection(&fit.energy),
        "time": fit.has_time().then(|| projection(&fit.time)),
        "components": components.collect::<Vec<_>>(),
    });
    // A string of Python without escapes of its own: JSON's stand in it as they are.
    let numbers = json(&numbers)?.replace("'''", "\\u0027\\u0027\\u0027");
    Ok(TEMPLATE.replace(PLACE, &format!("# Events per bin.\nfit = json.loads(r'''\n{}''')", numbers)))
}
