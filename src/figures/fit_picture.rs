//! From a fit at one point to its picture.

use crate::analysis::{Analysis, DatasetFit, Fit, Prediction};
use crate::dataset::Scattering;
use crate::physics::model::Model;
use crate::plot::Role;
use crate::plot::spectrum_fit::{Component, Lower, Projection, Pull, SpectrumFit};
use crate::rates::Point;

use super::place::place_markup;
use super::role::OTHERS;

/// The pictures of all datasets at a point, in the order of the analysis, with their second row, and whether events of
/// unequal bins are shown per bin.
pub fn fit_pictures(analysis: &Analysis, point: Point, fit: &Fit, look: (Lower, bool)) -> Vec<SpectrumFit> {
    analysis
        .predictions
        .iter()
        .zip(&fit.datasets)
        .map(|(prediction, dataset)| {
            let chi2 = chi2_in_words(analysis, fit, prediction, dataset);
            fit_picture(&analysis.model, prediction, point, dataset, &chi2, look)
        })
        .collect()
}

/// The chi2 that the shown minimum has. Where datasets share nuisance parameters, that is one of all of them together.
fn chi2_in_words(analysis: &Analysis, fit: &Fit, prediction: &Prediction, dataset: &DatasetFit) -> String {
    let bins = prediction.experiment.dataset.bins();
    match fit.shared {
        None => format!("$χ^2$ = {:.2} in {bins} bins", dataset.alone.chi2),
        Some(_) => {
            let all: usize = analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.bins()).sum();
            format!(
                "$χ^2$ = {:.2} in {all} bins of {}, fitted together with shared nuisance parameters",
                fit.total.chi2,
                analysis.data_name()
            )
        }
    }
}

fn fit_picture(
    model: &Model,
    prediction: &Prediction,
    point: Point,
    fit: &DatasetFit,
    chi2: &str,
    (lower, per_bin): (Lower, bool),
) -> SpectrumFit {
    let (dataset, measurement) = (&prediction.experiment.dataset, &prediction.experiment.measurement);
    let (expectation, observation) = (&measurement.expectation, &measurement.observation);
    let over_energy = |values: &[f64]| over_energy(values, dataset.time_bins());
    let over_time = |values: &[f64]| over_time(values, dataset.time_bins());
    let is_expected = prediction.experiment.is_expected;
    let projection =
        |(label, unit): (String, Option<&str>), edges: &[f64], sum: &dyn Fn(&[f64]) -> Vec<f64>| Projection {
            label,
            edges: edges.to_vec(),
            data: sum(&observation.counts),
            errors: observation.variance().map_or(Vec::new(), |variance| {
                let mut variance = sum(&variance);
                for error in expectation.correlated_errors() {
                    variance.iter_mut().zip(sum(error)).for_each(|(own, common)| *own += common * common);
                }
                variance.into_iter().map(f64::sqrt).collect()
            }),
            is_expected,
            by_unit: unit.filter(|_| !per_bin && are_unequal(edges)).map(str::to_owned),
        };
    // The steady state is the largest and the least interesting: at the bottom of the stack; the signal on top.
    let mut others = OTHERS.into_iter().cycle();
    let mut role = |name: &str| role(name).or_else(|| others.next()).unwrap_or(Role::Extra);
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
    components = by_size(components);
    for (scattering, events) in signals(prediction, point, &fit.processes[0]) {
        components.push(Component {
            label: scattering.label().to_owned(),
            role: match scattering {
                Scattering::Cevns => Role::Cevns,
                Scattering::Electrons => Role::Electrons,
            },
            is_signal: true,
            energy: over_energy(&events),
            time: over_time(&events),
        });
    }
    let parameters = prediction.experiment.measurement.expectation.pull_labels();
    let seen = if is_expected { "expectation" } else { "data" };
    SpectrumFit {
        title: format!("{} {seen} and {}", dataset.label, model.label),
        data_label: format!("{} {seen}", dataset.label),
        energy: projection(energy_label(&dataset.energy_unit), &dataset.response.energy_edges, &over_energy),
        time: projection(("time [μs]".to_owned(), Some("μs")), &dataset.time_edges_us, &over_time),
        components,
        lower,
        log_events: false,
        pulls: parameters.zip(&fit.pulls).map(|(name, pull)| Pull { name, value: *pull, error: f64::NAN }).collect(),
        caption: caption(model, prediction, point, fit, chi2, lower),
    }
}

/// The largest first; those that share no bin, such as one background of several runs, stay together as the file has them.
fn by_size(components: Vec<Component>) -> Vec<Component> {
    let are_apart = |a: &Component, b: &Component| a.energy.iter().zip(&b.energy).all(|(a, b)| *a == 0.0 || *b == 0.0);
    let size = |own: &Component| own.energy.iter().sum::<f64>();
    let largest =
        |own: &Component| components.iter().filter(|other| are_apart(own, other)).map(size).fold(size(own), f64::max);
    let mut sized: Vec<(f64, Component)> = components.iter().map(|own| (largest(own), own.clone())).collect();
    sized.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    sized.into_iter().map(|(_, own)| own).collect()
}

/// The fitted signal by its processes: each bin is shared as it is before nuisance parameters.
fn signals(prediction: &Prediction, point: Point, fitted: &[f64]) -> Vec<(Scattering, Vec<f64>)> {
    let mut parts = prediction.signal_by_process(point);
    let sums: Vec<f64> = (0..fitted.len()).map(|bin| parts.iter().map(|(_, events)| events[bin]).sum()).collect();
    for (_, events) in &mut parts {
        for ((events, sum), fitted) in events.iter_mut().zip(&sums).zip(fitted) {
            *events = if *sum > 0.0 { fitted * (*events / sum) } else { 0.0 };
        }
    }
    parts
}

fn caption(model: &Model, prediction: &Prediction, point: Point, fit: &DatasetFit, chi2: &str, lower: Lower) -> String {
    let place = place_markup(model, point);
    let events = match &prediction.events_by_process(point)[..] {
        [_] => format!("{:.1} CEvNS events", fit.events),
        parts => {
            let part = |(scattering, events): &(Scattering, f64)| format!("{events:.1} of {}", scattering.label());
            let parts: Vec<String> = parts.iter().map(part).collect();
            format!("{:.1} signal events ({})", fit.events, parts.join(", "))
        }
    };
    format!(
        "{place}; {events} before nuisance parameters; {chi2}. Events at the minimum over the nuisance parameters{}.",
        match lower {
            Lower::None => "",
            Lower::Residuals => "; below, residuals over the statistical error",
            Lower::Signal if prediction.experiment.is_expected =>
                "; below, the expectation less backgrounds, and the signal",
            Lower::Signal => "; below, data less backgrounds, and the signal",
        }
    ) + if prediction.experiment.is_expected { " The Standard Model's expectation stands in for data." } else { "" }
}

/// The label of an axis of energy, and its unit.
fn energy_label(unit: &str) -> (String, Option<&str>) {
    match unit {
        "PE" => ("energy [photoelectrons]".to_owned(), Some(unit)),
        "keVee" => (format!("energy [{KEV_EE}]"), Some(KEV_EE)),
        "bin" => ("bin".to_owned(), None),
        unit => (format!("energy [{unit}]"), Some(unit)),
    }
}

/// keV_ee in the markup of figures.
const KEV_EE: &str = "$\"keV\"_\"ee\"$";
/// Widths of bins that differ by less than this, relatively, are equal.
const EQUAL: f64 = 1e-9;

fn are_unequal(edges: &[f64]) -> bool {
    let widths = || edges.windows(2).map(|pair| pair[1] - pair[0]);
    let (low, high) = widths().fold((f64::INFINITY, 0.0f64), |(low, high), width| (low.min(width), high.max(width)));
    high - low > EQUAL * high
}

fn over_energy(values: &[f64], time_bins: usize) -> Vec<f64> {
    values.chunks(time_bins).map(|row| row.iter().sum()).collect()
}

fn over_time(values: &[f64], time_bins: usize) -> Vec<f64> {
    (0..time_bins).map(|time| values.iter().skip(time).step_by(time_bins).sum()).collect()
}

fn role(background: &str) -> Option<Role> {
    Some(match background {
        "ss" => Role::SteadyState,
        "brn" | "pbrn" => Role::Neutrons,
        "dbrn" => Role::DelayedNeutrons,
        "nin" => Role::InducedNeutrons,
        _ => return None,
    })
}
