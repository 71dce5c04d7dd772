//! From a fit at one point to its picture.

use crate::analysis::{Analysis, Channel, DatasetFit, PointFit};
use crate::dataset::Statistic;
use crate::physics::model::Model;
use crate::plot::Role;
use crate::plot::spectrum_fit::{Component, Lower, Projection, Pull, SpectrumFit};
use crate::rates::Point;

use super::place::place_markup;

/// The pictures of all datasets at a point, in the order of the analysis; `lower` is their second row.
pub fn fit_pictures(analysis: &Analysis, point: Point, fit: &PointFit, lower: Lower) -> Vec<SpectrumFit> {
    analysis
        .channels
        .iter()
        .zip(&fit.datasets)
        .map(|(channel, dataset)| {
            let chi2 = chi2_in_words(analysis, fit, channel, dataset);
            fit_picture(analysis.model, channel, point, dataset, &chi2, lower)
        })
        .collect()
}

/// The chi2 that the shown minimum has. Where datasets share nuisance parameters, that is one of all of them together.
fn chi2_in_words(analysis: &Analysis, fit: &PointFit, channel: &Channel, dataset: &DatasetFit) -> String {
    let bins = channel.experiment.dataset.bins();
    match fit.shared {
        None => format!("$χ^2$ = {:.2} in {bins} bins", dataset.alone.chi2),
        Some(_) => {
            let all: usize = analysis.channels.iter().map(|channel| channel.experiment.dataset.bins()).sum();
            format!(
                "$χ^2$ = {:.2} in {all} bins of {}, fitted together with shared nuisance parameters",
                fit.chi2(),
                analysis.data_name()
            )
        }
    }
}

fn fit_picture(
    model: &Model,
    channel: &Channel,
    point: Point,
    fit: &DatasetFit,
    chi2: &str,
    lower: Lower,
) -> SpectrumFit {
    let dataset = &channel.experiment.dataset;
    let over_energy = |values: &[f64]| over_energy(values, dataset.time_bins());
    let over_time = |values: &[f64]| over_time(values, dataset.time_bins());
    let projection = |label: String, edges: &[f64], sum: &dyn Fn(&[f64]) -> Vec<f64>| Projection {
        label,
        edges: edges.to_vec(),
        data: sum(&dataset.observed),
        errors: match &dataset.statistic {
            Statistic::Poisson => Vec::new(),
            Statistic::Gaussian { variance, .. } => sum(variance).into_iter().map(f64::sqrt).collect(),
        },
    };
    // The steady state is the largest and the least interesting: at the bottom of the stack; the signal on top.
    let mut components: Vec<Component> = dataset
        .backgrounds
        .iter()
        .zip(&fit.processes[1..])
        .map(|(background, events)| Component {
            label: background.label.clone(),
            role: role(&background.name),
            is_signal: false,
            energy: over_energy(events),
            time: over_time(events),
        })
        .collect();
    components.sort_by(|a, b| b.energy.iter().sum::<f64>().total_cmp(&a.energy.iter().sum()));
    let signal = &fit.processes[0];
    components.push(Component {
        label: "CEvNS".to_owned(),
        role: Role::Cevns,
        is_signal: true,
        energy: over_energy(signal),
        time: over_time(signal),
    });
    let parameters = channel.experiment.fit.expectation.pull_labels();
    SpectrumFit {
        title: format!("{} data and {}", dataset.label, model.label),
        data_label: format!("{} data", dataset.label),
        energy: projection(energy_label(&dataset.energy_unit), &dataset.response.energy_edges, &over_energy),
        time: projection("time [μs]".to_owned(), &dataset.time_edges_us, &over_time),
        components,
        lower,
        log_events: false,
        pulls: parameters.zip(&fit.pulls).map(|(name, pull)| Pull { name, value: *pull, error: f64::NAN }).collect(),
        caption: caption(model, point, fit, chi2, lower),
    }
}

fn caption(model: &Model, point: Point, fit: &DatasetFit, chi2: &str, lower: Lower) -> String {
    let place = place_markup(model, point);
    format!(
        "{place}; {:.1} CEvNS events before nuisance parameters; {chi2}. Events per bin at the minimum over the nuisance parameters{}.",
        fit.events,
        match lower {
            Lower::None => "",
            Lower::Residuals => "; below, residuals over the statistical error",
            Lower::Signal => "; below, data less backgrounds, and the signal",
        }
    )
}

fn energy_label(unit: &str) -> String {
    match unit {
        "PE" => "energy [photoelectrons]".to_owned(),
        "keVee" => "energy [$\"keV\"_\"ee\"$]".to_owned(),
        unit => format!("energy [{unit}]"),
    }
}

fn over_energy(values: &[f64], time_bins: usize) -> Vec<f64> {
    values.chunks(time_bins).map(|row| row.iter().sum()).collect()
}

fn over_time(values: &[f64], time_bins: usize) -> Vec<f64> {
    (0..time_bins).map(|time| values.iter().skip(time).step_by(time_bins).sum()).collect()
}

fn role(background: &str) -> Role {
    match background {
        "ss" => Role::SteadyState,
        "brn" | "pbrn" => Role::Neutrons,
        "dbrn" => Role::DelayedNeutrons,
        "nin" => Role::InducedNeutrons,
        _ => Role::Extra,
    }
}
