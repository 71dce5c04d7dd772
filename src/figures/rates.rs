//! Charts of event rates against the recoil energy.

use crate::dataset::Dataset;
use crate::model::Model;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Scale};
use crate::plot::place::place_markup;
use crate::rates::Point;
use crate::rates::spectrum::{Abscissa, Spectrum};

/// Rates are drawn over so many decades at most.
const MOST_DECADES: i32 = 9;
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
    chart(dataset, standard, std::iter::once(standard_model_curve(standard)).chain(models).collect())
}

/// The Standard Model, a model at a point, and its flavours; both spectra on the same energies.
pub fn spectrum_chart(
    dataset: &Dataset,
    (model, point): (&Model, Point),
    standard: &Spectrum,
    spectrum: &Spectrum,
) -> Chart {
    let mut curves = vec![standard_model_curve(standard), model_curve(model, spectrum)];
    for (flavour, role) in spectrum.flavours.iter().zip(flavour_roles(model)) {
        let (name, label) = (format!("{}_{}", model.name, flavour.name), format!("{}, {}", model.label, flavour.label));
        curves.push(Curve::line(name, label, role, spectrum.line(&flavour.values)));
    }
    Chart { note: place_markup(model, point), ..chart(dataset, standard, curves) }
}

fn standard_model_curve(standard: &Spectrum) -> Curve {
    Curve::line("sm", "Standard Model", Role::StandardModel, standard.line(&standard.total()))
}

fn model_curve(model: &Model, spectrum: &Spectrum) -> Curve {
    let role = Role::of_model(&model.name);
    Curve::line(model.name.as_str(), model.label.as_str(), role, spectrum.line(&spectrum.total()))
}

/// The looks of the flavours of a model.
fn flavour_roles(model: &Model) -> impl Iterator<Item = Role> {
    let own = Role::of_model(&model.name);
    FLAVOURS.into_iter().map(Role::Series).filter(move |role| role.colour() != own.colour()).cycle()
}

fn chart(dataset: &Dataset, standard: &Spectrum, curves: Vec<Curve>) -> Chart {
    // Bins may begin at zero.
    let (scale, caption) = match &standard.abscissa {
        Abscissa::Recoils { .. } => (Scale::Log, String::new()),
        Abscissa::Bins { edges, .. } => (
            Scale::Linear,
            format!(
                "Events in the {} energy bins of the analysis, up to {} {}, efficiency and time window included, over the widths of the bins in recoil energy.",
                edges.len().saturating_sub(1),
                edges.last().copied().unwrap_or(0.0),
                dataset.energy_unit
            ),
        ),
    };
    let ends = curves.first().map(|curve| &curve.pieces[0]).and_then(|line| Some((line.first()?[0], line.last()?[0])));
    let (low, high) = ends.unwrap_or((f64::NAN, f64::NAN));
    let (bottom, top) = decades(&curves);
    Chart {
        heading: dataset.label.clone(),
        caption,
        x: ChartAxis {
            name: "recoil_energy_kevnr".to_owned(),
            label: r#"$T_"nr"$ [$"keV"_"nr"$]"#.to_owned(),
            low,
            high,
            scale,
        },
        y: ChartAxis {
            name: "events_per_kevnr".to_owned(),
            label: r#"$"d"N/"d"T_"nr"$ [events/$"keV"_"nr"$]"#.to_owned(),
            low: bottom,
            high: top,
            scale: Scale::Log,
        },
        curves,
        ..Default::default()
    }
}

/// Powers of ten around the curves: all of their heights, what they reach again after a dip, and what they have left
/// near their end.
fn decades(curves: &[Curve]) -> (f64, f64) {
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
    let bottom = (lowest.log10().floor() as i32).clamp(top - MOST_DECADES, top - 2);
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
