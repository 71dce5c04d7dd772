//! Charts of event rates against the recoil energy.

use crate::dataset::Dataset;
use crate::model::Model;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Scale};
use crate::rates::spectrum::{BinnedSpectrum, FlavourRate, RecoilSpectrum};

/// Rates are drawn over so many decades at most.
const MOST_DECADES: i32 = 9;
/// A figure reaches down to the rates at this fraction of its highest recoil energy; above it they fall to nothing.
const BOTTOM_AT: f64 = 0.85;
/// Between what a curve reaches after a dip and the bottom of the figure, at least.
const BELOW_A_DIP: f64 = 3.0;

/// One curve of rates.
#[derive(Debug, Clone, PartialEq)]
pub struct RateCurve {
    /// Its name in tables.
    pub name: String,
    /// Its name in the legend, in the markup of figures.
    pub label: String,
    /// Its look.
    pub role: Role,
    /// Events per keV.
    pub per_kev: Vec<f64>,
}

impl RateCurve {
    /// All flavours of the Standard Model together.
    pub fn standard_model(per_kev: Vec<f64>) -> RateCurve {
        RateCurve { name: "sm".to_owned(), label: "Standard Model".to_owned(), role: Role::StandardModel, per_kev }
    }

    /// All flavours together in a model.
    pub fn model(model: &Model, per_kev: Vec<f64>) -> RateCurve {
        RateCurve { name: model.name.clone(), label: model.label.clone(), role: Role::of_model(&model.name), per_kev }
    }

    /// The flavours of a model, one curve each; `per_kev` turns a flavour's values into events per keV.
    pub fn flavours(
        model: &Model,
        flavours: &[FlavourRate],
        per_kev: impl Fn(&FlavourRate) -> Vec<f64>,
    ) -> Vec<RateCurve> {
        let curve = |(flavour, role): (&FlavourRate, Role)| RateCurve {
            name: format!("{}_{}", model.name, flavour.name),
            label: format!("{}, {}", model.label, flavour.label),
            role,
            per_kev: per_kev(flavour),
        };
        flavours.iter().zip(flavour_roles(model)).map(curve).collect()
    }
}

/// Numbers of the flavours' looks, the first three that are not the model's own.
const FLAVOURS: [u8; 4] = [2, 3, 4, 0];

/// The looks of the flavours of a model.
fn flavour_roles(model: &Model) -> impl Iterator<Item = Role> {
    let own = Role::of_model(&model.name);
    FLAVOURS.into_iter().map(Role::Series).filter(move |role| role.colour() != own.colour()).cycle()
}

/// The curves of a model at one point as nuclei recoil: Standard Model, model, and the model's flavours.
pub(super) fn with_flavours(model: &Model, standard: &RecoilSpectrum, spectrum: &RecoilSpectrum) -> Vec<RateCurve> {
    let flavours = RateCurve::flavours(model, &spectrum.flavours, |flavour| flavour.values.clone());
    let totals = [RateCurve::standard_model(standard.total()), RateCurve::model(model, spectrum.total())];
    totals.into_iter().chain(flavours).collect()
}

/// dN/dT' of `curves` at the recoil energies (keV), without response.
pub fn recoil_chart(dataset: &Dataset, recoil_energy_kev: &[f64], curves: &[RateCurve]) -> Chart {
    let points = |values: &[f64]| recoil_energy_kev.iter().zip(values).map(|(x, y)| [*x, *y]).collect();
    chart(dataset, curves, points)
}

/// Events per keV in the bins of `spectrum`, whose own values are not looked at: those of `curves` are drawn as steps.
pub fn binned_chart(dataset: &Dataset, spectrum: &BinnedSpectrum, curves: &[RateCurve]) -> Chart {
    let steps = |values: &[f64]| {
        let bins = spectrum.recoil_edges_kev.windows(2).zip(values);
        bins.flat_map(|(edges, value)| [[edges[0], *value], [edges[1], *value]]).collect()
    };
    let mut chart = chart(dataset, curves, steps);
    // The lowest edge is zero.
    (chart.x.scale, chart.x.low) = (Scale::Linear, spectrum.recoil_edges_kev.first().copied().unwrap_or(0.0));
    let unit = &dataset.energy_unit;
    chart.caption = format!(
        "Events in the {} energy bins of the analysis, {} to {} {unit}, efficiency and time window included, over their widths in recoil energy.",
        values_len(spectrum),
        spectrum.edges.first().copied().unwrap_or(0.0),
        spectrum.edges.last().copied().unwrap_or(0.0),
    );
    chart
}

fn values_len(spectrum: &BinnedSpectrum) -> usize {
    spectrum.edges.len().saturating_sub(1)
}

fn chart(dataset: &Dataset, curves: &[RateCurve], points: impl Fn(&[f64]) -> Vec<[f64; 2]>) -> Chart {
    let curves: Vec<Curve> = curves
        .iter()
        .map(|curve| Curve::line(curve.name.as_str(), curve.label.as_str(), curve.role, points(&curve.per_kev)))
        .collect();
    let energies = curves.first().map_or(Vec::new(), |curve| curve.pieces[0].iter().map(|point| point[0]).collect());
    let (bottom, top) = decades(&curves);
    Chart {
        heading: dataset.label.clone(),
        x: ChartAxis {
            name: "recoil_energy_kevnr".to_owned(),
            label: r#"$T_"nr"$ [$"keV"_"nr"$]"#.to_owned(),
            low: energies.first().copied().unwrap_or(f64::NAN),
            high: energies.last().copied().unwrap_or(f64::NAN),
            scale: Scale::Log,
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
