//! chi2 and pulls along a section of the plane.

use crate::analysis::Analysis;
use crate::analysis::section::{Along, Section};
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Scale};

use super::place::number_markup;
use super::role;

/// The picture of chi2 reaches up to so many times the level.
const HEIGHT: f64 = 4.0;
/// Pulls are drawn up to this at least, and at most.
const LEAST_PULL: f64 = 1.0;
const MOST_PULL: f64 = 6.0;
/// More curves than this do not get a name each: those that move the least are grey.
const MOST_NAMES: usize = 7;

/// The rise of chi2 of all data and of each dataset alone, with the level; and every pull.
pub fn section_charts(analysis: &Analysis, section: &Section) -> [Chart; 2] {
    let values = section.values();
    let curve = |name: &str, label: &str, role: Role, heights: &[f64]| {
        let points = values.iter().zip(heights).map(|(value, height)| [*value, *height]).collect();
        Curve::line(name, label, role, points)
    };
    let labels: Vec<&str> =
        analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.label.as_str()).collect();
    let total = section.rise(0);
    let roles =
        role::of_datasets(analysis.predictions.iter().map(|prediction| prediction.experiment.dataset.name.as_str()));
    let together = if let [only] = roles[..] { only } else { Role::Combined };
    let mut curves = vec![curve(&analysis.data_name(), &labels.join(" + "), together, &total)];
    for (index, prediction) in analysis.predictions.iter().enumerate().filter(|_| analysis.predictions.len() > 1) {
        let name = &prediction.experiment.dataset.name;
        curves.push(curve(name, labels[index], roles[index], &section.rise(index + 1)));
    }
    let height = HEIGHT * section.level.delta_chi2;
    let base = frame(analysis, section);
    let chi2 = Chart {
        y: axis("rise", r#"$χ^2 - χ^2_"min"$"#, 0.0, height),
        curves,
        markers: vec![Marker {
            direction: Direction::Horizontal,
            at: section.level.delta_chi2,
            label: section.level.words(),
        }],
        ..base.clone()
    };
    // Where nothing is allowed any more pulls say nothing.
    let seen: Vec<bool> = total.iter().map(|rise| *rise <= height).collect();
    let pulls = pull_curves(analysis, section, &seen, curve);
    let of_seen = pulls.iter().flat_map(|curve| curve.pieces[0].iter().zip(&seen)).filter(|(_, seen)| **seen);
    let largest = of_seen.map(|(point, _)| point[1].abs()).filter(|pull| pull.is_finite()).fold(0.0, f64::max);
    let largest = (1.15 * largest).clamp(LEAST_PULL, MOST_PULL);
    [chi2, Chart { y: axis("pull", "pull $η/σ$", -largest, largest), curves: pulls, ..base }]
}

fn axis(name: &str, label: &str, low: f64, high: f64) -> ChartAxis {
    ChartAxis { name: name.to_owned(), label: label.to_owned(), low, high, scale: Scale::Linear }
}

/// What both pictures have in common.
fn frame(analysis: &Analysis, section: &Section) -> Chart {
    let mediator = analysis.model.mediator_symbol();
    let values = section.values();
    let (name, label, fixed) = match (section.along, section.points.first()) {
        (Along::Mass, first) => {
            let coupling = number_markup(first.map_or(f64::NAN, |point| point.coupling));
            ("mass_mev", format!("$M_{{{mediator}}}$ [MeV]"), format!("$g_{{{mediator}}}$ = {coupling}"))
        }
        (Along::Coupling, first) => {
            let mass = number_markup(first.map_or(f64::NAN, |point| point.mass_mev));
            ("coupling", format!("$g_{{{mediator}}}$"), format!("$M_{{{mediator}}}$ = {mass} MeV"))
        }
    };
    let expected = analysis.predictions.iter().any(|prediction| prediction.experiment.is_expected);
    Chart {
        heading: analysis.model.label.clone(),
        note: if expected { format!("{fixed}, expected") } else { fixed },
        x: ChartAxis {
            name: name.to_owned(),
            label,
            low: values.first().copied().unwrap_or(f64::NAN),
            high: values.last().copied().unwrap_or(f64::NAN),
            scale: Scale::Log,
        },
        ..Chart::default()
    }
}

/// A curve for each nuisance parameter; those that move the most, where chi2 is `seen`, have looks and names.
fn pull_curves(
    analysis: &Analysis,
    section: &Section,
    seen: &[bool],
    curve: impl Fn(&str, &str, Role, &[f64]) -> Curve,
) -> Vec<Curve> {
    let mut all: Vec<(String, String, Vec<f64>)> = Vec::new();
    for (index, prediction) in analysis.predictions.iter().enumerate() {
        let (dataset, expectation) = (&prediction.experiment.dataset, &prediction.experiment.measurement.expectation);
        for (k, (name, label)) in expectation.pull_names().zip(expectation.pull_labels()).enumerate() {
            let pulls = section.fits.iter().map(|fit| fit.datasets[index].pulls[k]).collect();
            all.push((format!("{}_{name}", dataset.name), format!("{}: {label}", dataset.label), pulls));
        }
    }
    let range = |pulls: &[f64]| {
        let within = pulls.iter().zip(seen).filter(|(_, seen)| **seen).map(|(pull, _)| *pull);
        let (low, high) = within.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), pull| (pull.min(l), pull.max(h)));
        if high >= low { high - low } else { 0.0 }
    };
    all.sort_by(|a, b| range(&b.2).total_cmp(&range(&a.2)));
    let looks = all.iter().enumerate().map(|(number, (name, label, pulls))| match u8::try_from(number) {
        Ok(number) if usize::from(number) < MOST_NAMES => curve(name, label, Role::Series(number), pulls),
        _ => curve(name, if number == MOST_NAMES { "all others" } else { "" }, Role::Others, pulls),
    });
    looks.collect()
}
