//! What the program understood of a dataset, for people.

use std::fmt::Write as _;

use crate::Result;
use crate::analysis::{Analysis, Experiment};
use crate::dataset::{Dataset, Scattering, Statistic};
use crate::physics::detector;
use crate::physics::flux::Component;
use crate::physics::model::Model;
use crate::rates::cpu::counts_at;
use crate::rates::{Fineness, Nodes, Point};

/// Flavours whose fluences are nearer than this have the same.
const SAME_FLUENCE: f64 = 1e-9;

/// Exposure, bins, what a sum in place of an integral costs, events of the Standard Model by flavour, backgrounds, nuisance
/// parameters, chi2 of the Standard Model.
///
/// # Errors
/// An integral over the observable that cannot be had, to hold a declared sum against.
pub fn dataset_check(experiment: &Experiment) -> Result<String> {
    let dataset = &experiment.dataset;
    let mut text = format!("{}: {}\n\n", dataset.name, dataset.description);
    text += &exposure(dataset);
    text += &steps(experiment)?;
    text += &signal(experiment);
    text += &backgrounds(dataset);
    text += &parameters(experiment);
    let model = Model::standard();
    let analysis = Analysis::new(&model, [experiment]);
    let point = Point { mass_mev: 1.0, coupling: 0.0 };
    let fit = analysis.fit(point);
    // Writing to a String cannot fail.
    let _ = match analysis.require_converged(point, &fit) {
        Ok(()) => writeln!(text, "\nchi2 of the Standard Model {:.4}", fit.total.chi2),
        Err(error) => writeln!(text, "\nchi2 of the Standard Model: none, {error}"),
    };
    let _ = writeln!(text, "reference: {}", dataset.reference);
    Ok(text)
}

fn exposure(dataset: &Dataset) -> String {
    let mut text = String::new();
    let (energies, times) = (&dataset.response.energy_edges, &dataset.time_edges_us);
    let ends = |edges: &[f64]| format!("{} to {}", edges[0], edges[edges.len() - 1]);
    let nuclei: Vec<String> =
        dataset.targets.iter().map(|target| format!("{:.4e} {}", target.nuclei, target.isotope.name)).collect();
    let what = match (&dataset.statistic, dataset.is_forecast) {
        (statistic, true) => format!("forecast: the Standard Model's expectation stands in, {}", name(statistic)),
        (statistic, false) => {
            format!("{} events observed, {}", dataset.observed.iter().sum::<f64>(), name(statistic))
        }
    };
    // Writing to a String cannot fail.
    for (head, words) in [
        ("target", format!("{} nuclei", nuclei.join(", "))),
        ("fluence", fluence(dataset)),
        ("energy", format!("{} bins, {} {}", energies.len() - 1, ends(energies), dataset.energy_unit)),
        ("time", format!("{} bins, {} us", times.len() - 1, ends(times))),
        ("counts", what),
    ] {
        let _ = writeln!(text, "{head:<12}{words}");
    }
    text
}

/// Mass (MeV) of a mediator that is light for every detector.
const LIGHT_MEV: f64 = 0.1;

/// What a declared sum over steps of the observable changes against the integral, in the bin where it is most: events of
/// the Standard Model, and of a light mediator alone.
fn steps(experiment: &Experiment) -> Result<String> {
    let dataset = &experiment.dataset;
    let mut integrated = dataset.clone();
    let detector::Detection::Chain(chain) = &mut integrated.response.detection else { return Ok(String::new()) };
    let detector::Resolution::GammaPhotoelectrons { step_pe, .. } = &mut chain.resolution else {
        return Ok(String::new());
    };
    let Some(step) = step_pe.take() else { return Ok(String::new()) };
    let nodes = Nodes::new(&integrated, Fineness::default())?;
    let light = Model::named("universal")?;
    let mut text = String::new();
    for (what, model, point) in [
        ("Standard Model", Model::standard(), Point { mass_mev: 1.0, coupling: 0.0 }),
        // So strong that nothing else counts.
        ("light mediator", light, Point { mass_mev: LIGHT_MEV, coupling: 1.0 }),
    ] {
        let by_bin = |nodes: &Nodes, dataset: &Dataset| {
            let plan = nodes.plan(dataset, &model);
            let mut counts = vec![0.0; plan.channels()];
            counts_at(&plan, point, &mut counts);
            let bins = dataset.energy_bins();
            (0..bins).map(|bin| counts.iter().skip(bin).step_by(bins).sum::<f64>()).collect::<Vec<f64>>()
        };
        let (sums, integrals) = (by_bin(&experiment.nodes, dataset), by_bin(&nodes, &integrated));
        let change = |bin: usize| sums[bin] / integrals[bin] - 1.0;
        let seen = (0..sums.len()).filter(|bin| integrals[*bin] > 0.0);
        let Some(worst) = seen.max_by(|a, b| change(*a).abs().total_cmp(&change(*b).abs())) else { continue };
        let all = sums.iter().sum::<f64>() / integrals.iter().sum::<f64>() - 1.0;
        let head = if text.is_empty() { "step" } else { "" };
        let edges = &dataset.response.energy_edges[worst..worst + 2];
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{head:<12}{step} {}, summed for the integral: {what} {:+.1e} at most ({} to {}), {all:+.1e} in all",
            dataset.energy_unit,
            change(worst),
            edges[0],
            edges[1]
        );
    }
    Ok(text)
}

/// Neutrinos through each cm^2 in the exposure, of each flavour; what they hold in common is said once.
fn fluence(dataset: &Dataset) -> String {
    let components = &dataset.source.components;
    // A spectrum is per unit of the source: one neutrino of a pion's decay, or 1/s of a table.
    let of = |component: &Component| dataset.fluence_per_cm2 * component.spectrum.moment(0, 0.0);
    match components.first() {
        Some(first) if components.iter().any(|other| (of(other) / of(first) - 1.0).abs() > SAME_FLUENCE) => {
            let each = components.iter().map(|component| format!("{:.4e} {}", of(component), component.name));
            format!("{} / cm^2", each.collect::<Vec<_>>().join(", "))
        }
        Some(first) => format!("{:.4e} / cm^2", of(first)),
        None => "none".to_owned(),
    }
}

fn name(statistic: &Statistic) -> &'static str {
    match statistic {
        Statistic::Poisson => "Poisson",
        Statistic::Gaussian { covariance: Some(_), .. } => "Gaussian with a covariance",
        Statistic::Gaussian { .. } => "Gaussian",
    }
}

/// The Standard Model's events by flavour.
fn signal(experiment: &Experiment) -> String {
    let dataset = &experiment.dataset;
    let times = dataset.time_bins();
    let mut text = format!("\n{:<24}{:>14}{:>16}\n", "Standard Model events", "at all times", "in the window");
    let all = experiment.nodes.standard_model_events(dataset, Scattering::Cevns);
    let (mut sum, mut seen) = (0.0, 0.0);
    for (component, events) in dataset.source.components.iter().zip(all) {
        let fractions = &dataset.time_fractions[component.class * times..(component.class + 1) * times];
        let inside = events * fractions.iter().sum::<f64>();
        (sum, seen) = (sum + events, seen + inside);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<24}{:>14}{:>16}", component.name, plain(events), plain(inside));
    }
    let _ = writeln!(text, "{:<24}{:>14}{:>16}", "all", plain(sum), plain(seen));
    for scattering in dataset.processes.iter().filter(|scattering| **scattering != Scattering::Cevns) {
        let events = experiment.nodes.standard_model_events(dataset, *scattering);
        let share = |component: &Component| {
            dataset.time_fractions[component.class * times..(component.class + 1) * times].iter().sum::<f64>()
        };
        let seen: f64 = dataset.source.components.iter().zip(&events).map(|(own, events)| events * share(own)).sum();
        let all = events.iter().sum();
        let _ = writeln!(text, "{:<24}{:>14}{:>16}", scattering.label(), plain(all), plain(seen));
    }
    text
}

fn backgrounds(dataset: &Dataset) -> String {
    let mut text = String::new();
    for (i, background) in dataset.backgrounds.iter().enumerate() {
        let head = if i == 0 { format!("\n{:<24}{:>14}\n", "background", "events") } else { String::new() };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{head}{:<24}{:>14}", background.name, plain(background.events.iter().sum()));
    }
    text
}

fn parameters(experiment: &Experiment) -> String {
    let expectation = &experiment.measurement.expectation;
    let mut text = format!("\n{:<24}{:>14}\n", "nuisance parameter", "uncertainty");
    let norms = expectation.norms.iter().map(|norm| (&norm.name, norm.sigma, norm.shared));
    // The first parameter is the sum of the norms.
    let others = expectation.shown().skip(1);
    let others = others.map(|parameter| (&parameter.name, parameter.sigma, parameter.shared));
    for (name, sigma, shared) in norms.chain(others) {
        let shared = if shared { "  shared with datasets that name it too" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<24}{sigma:>14}{shared}");
    }
    text
}

/// Two decimals, or an exponent where that would be long.
fn plain(value: f64) -> String {
    if value != 0.0 && !(0.01..1e7).contains(&value) { format!("{value:.4e}") } else { format!("{value:.2}") }
}
