//! From a fit at one point to its picture.

use crate::analysis::{Analysis, Channel, PointFit};
use crate::dataset::Statistic;
use crate::model::Model;
use crate::rates::Point;

use super::Role;
use super::place::place_markup;
use super::spectrum_fit::{Component, Lower, Projection, Pull, SpectrumFit};

/// The pictures of all datasets at a point, in the order of the analysis; `lower` is their second row.
pub fn fit_pictures(analysis: &Analysis, point: Point, fits: &[PointFit], lower: Lower) -> Vec<SpectrumFit> {
    analysis
        .channels
        .iter()
        .zip(fits)
        .map(|(channel, fit)| fit_picture(analysis.model, channel, point, fit, lower))
        .collect()
}

fn fit_picture(model: &Model, channel: &Channel, point: Point, fit: &PointFit, lower: Lower) -> SpectrumFit {
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
        caption: caption(model, point, fit, dataset.bins(), lower),
    }
}

fn caption(model: &Model, point: Point, fit: &PointFit, bins: usize, lower: Lower) -> String {
    let place = place_markup(model, point);
    format!(
        "{place}; {:.1} CEvNS events before nuisance parameters; $χ^2$ = {:.2} in {bins} bins. Events per bin at the minimum over the nuisance parameters{}.",
        fit.events,
        fit.profile.chi2,
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
