//! Charts of event rates against the recoil energy.

use super::place::place_markup;
use super::role;
use crate::dataset::{Dataset, Scattering};
use crate::physics::model::Model;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Scale};
use crate::rates::Point;
use crate::rates::spectrum::{Abscissa, Spectrum};

/// Rates are drawn over so many decades at most: dips without response, and the tails of the resolution with it.
const MOST_DECADES: i32 = 9;
const MOST_DECADES_IN_BINS: i32 = 4;
/// A figure reaches down to the rates at this fraction of its highest recoil energy; above it they fall to nothing.
const BOTTOM_AT: f64 = 0.85;
/// Between what a curve reaches after a dip and the bottom of the figure, at least.
const BELOW_A_DIP: f64 = 3.0;

/// Numbers of the flavours' looks, of which those of other colours than the model's own are taken.
const FLAVOURS: [u8; 4] = [2, 3, 4, 0];

/// The Standard Model and several models, all flavours together.
pub fn models_chart<'a>(
    dataset: &Dataset,
    standard: &Spectrum,
    models: impl IntoIterator<Item = (&'a Model, &'a Spectrum)>,
) -> Chart {
    let models = models.into_iter().map(|(model, spectrum)| model_curve(model, spectrum));
    chart(dataset, standard, std::iter::once(standard_model_curve(standard)).chain(models).collect(), Vec::new())
}

/// The Standard Model, a model at a point, and its flavours; both spectra on the same energies.
pub fn spectrum_chart(
    dataset: &Dataset,
    (model, point): (&Model, Point),
    standard: &Spectrum,
    spectrum: &Spectrum,
) -> Chart {
    let totals = vec![standard_model_curve(standard), model_curve(model, spectrum)];
    let flavours = spectrum.flavours.iter().zip(flavour_roles(model)).map(|(flavour, role)| {
        let (name, label) = (format!("{}_{}", model.name, flavour.name), format!("{}, {}", model.label, flavour.label));
        Curve::line(name, label, role, spectrum.line(&flavour.values))
    });
    Chart { note: place_markup(model, point), ..chart(dataset, standard, totals, flavours.collect()) }
}

fn standard_model_curve(standard: &Spectrum) -> Curve {
    Curve::line("sm", "Standard Model", Role::StandardModel, standard.line(&standard.total()))
}

fn model_curve(model: &Model, spectrum: &Spectrum) -> Curve {
    let role = role::of_model(model.mediator_name());
    Curve::line(model.name.as_str(), model.label.as_str(), role, spectrum.line(&spectrum.total()))
}

/// The looks of the flavours of a model.
fn flavour_roles(model: &Model) -> impl Iterator<Item = Role> {
    let own = role::of_model(model.mediator_name());
    FLAVOURS.into_iter().map(Role::Series).filter(move |role| role.colour() != own.colour()).cycle()
}

/// `totals`, whose heights the figure shows, and `parts` of them.
fn chart(dataset: &Dataset, standard: &Spectrum, totals: Vec<Curve>, parts: Vec<Curve>) -> Chart {
    // Bins may begin at zero.
    let (scale, decades, caption) = match &standard.abscissa {
        Abscissa::Recoils { .. } => (Scale::Log, MOST_DECADES, String::new()),
        Abscissa::Bins { edges, .. } => (Scale::Linear, MOST_DECADES_IN_BINS, bins_caption(dataset, edges)),
    };
    let (bottom, top) = heights(&totals, decades);
    let points = || totals.iter().flat_map(|curve| &curve.pieces[0]);
    let low = points().map(|point| point[0]).fold(f64::INFINITY, f64::min);
    let high = points().filter(|point| point[1] >= bottom).map(|point| point[0]).fold(low, f64::max);
    // Without response the end point itself belongs to the figure, though the rate is zero there.
    let last = points().map(|point| point[0]).fold(low, f64::max);
    let high = if scale == Scale::Log { last } else { high };
    // Without response an electron's energy is its own.
    let (energy, rate) = match (scale, dataset.processes.contains(&Scattering::Electrons)) {
        (Scale::Log, true) => (r#"$T$ [$"keV"$]"#, r#"$"d"N/"d"T$ [events/$"keV"$]"#),
        _ => (r#"$T_"nr"$ [$"keV"_"nr"$]"#, r#"$"d"N/"d"T_"nr"$ [events/$"keV"_"nr"$]"#),
    };
    Chart {
        heading: dataset.label.clone(),
        caption,
        x: ChartAxis { name: "recoil_energy_kevnr".to_owned(), label: energy.to_owned(), low, high, scale },
        y: ChartAxis {
            name: "events_per_kevnr".to_owned(),
            label: rate.to_owned(),
            low: bottom,
            high: top,
            scale: Scale::Log,
        },
        curves: totals.into_iter().chain(parts).collect(),
        ..Default::default()
    }
}

fn bins_caption(dataset: &Dataset, edges: &[f64]) -> String {
    let (bins, last) = (edges.len().saturating_sub(1), edges.last().copied().unwrap_or(0.0));
    format!(
        "Events in the {bins} energy bins of the analysis (up to {last} {}), efficiency and time window included, over the \
         widths of the bins in recoil energy.",
        dataset.energy_unit
    )
}

/// Powers of ten around the curves: all of their heights, what they reach again after a dip, and what they have left
/// near their end.
fn heights(curves: &[Curve], most_decades: i32) -> (f64, f64) {
    let highest = curves.iter().map(|curve| maximum(&curve.pieces[0])).fold(f64::MIN_POSITIVE, f64::max);
    let lowest = curves.iter().flat_map(|curve| {
        let points = &curve.pieces[0];
        let end = points.last().map_or(0.0, |point| BOTTOM_AT * point[0]);
        let near_end = points.iter().find(|point| point[0] >= end).map(|point| point[1]);
        let after_dip = dip(points).map(|dip| maximum(&points[dip..]) / BELOW_A_DIP);
        [near_end, after_dip].into_iter().flatten().filter(|value| *value > 0.0)
    });
    let lowest = lowest.fold(highest, f64::min);
    let top = (highest * 1.2).log10().ceil() as i32;
    let bottom = (lowest.log10().floor() as i32).clamp(top - most_decades, top - 2);
    (10_f64.powi(bottom), 10_f64.powi(top))
}

fn maximum(points: &[[f64; 2]]) -> f64 {
    points.iter().map(|point| point[1]).fold(0.0, f64::max)
}

/// The last local minimum between two higher values.
fn dip(points: &[[f64; 2]]) -> Option<usize> {
    (1..points.len().saturating_sub(1))
        .rev()
        .find(|i| points[*i][1] < points[i - 1][1] && points[*i][1] < points[i + 1][1])
}
