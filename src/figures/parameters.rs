//! Charts of chi2 against other parameters than mass and coupling.

use crate::analysis::parameters::{Allowed, ParameterCurve, ParameterSurface, Spread, Varied};
use crate::base::contour::Line;
use crate::dataset::Dataset;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Region, Scale, Star};

use super::role::of_datasets;

/// Upper end of the axis of Delta chi2.
const HIGHEST_RISE: f64 = 10.0;

fn axis(varied: &Varied) -> ChartAxis {
    ChartAxis {
        name: varied.parameter.name(),
        label: varied.parameter.label(),
        low: varied.low,
        high: varied.high,
        scale: match varied.spread {
            Spread::Linear => Scale::Linear,
            Spread::Logarithmic => Scale::Log,
        },
    }
}

/// The datasets whose own chi2 is drawn beside that of all.
fn beside<'a>(datasets: &'a [&'a Dataset]) -> impl Iterator<Item = &'a Dataset> {
    datasets.iter().filter(|_| datasets.len() > 1).copied()
}

/// The rise of chi2 from its minimum along one parameter, of all data and of each dataset.
pub fn parameter_curve_chart(curve: &ParameterCurve, datasets: &[&Dataset], title: &str) -> Chart {
    let rise = |lowest: f64| move |[value, chi2]: [f64; 2]| [value, (chi2 - lowest).min(1e3)];
    let all = if datasets.len() > 1 { "all" } else { datasets.first().map_or("", |one| one.label.as_str()) };
    let line = curve.closely().map(rise(curve.best.1)).collect();
    let mut curves = vec![Curve::line("all", all, Role::Combined, line)];
    let roles = of_datasets(datasets.iter().map(|dataset| dataset.name.as_str()));
    for ((dataset, role), chi2) in beside(datasets).zip(roles).zip(curve.chi2.iter().skip(1)) {
        let lowest = chi2.iter().copied().fold(f64::INFINITY, f64::min);
        let line = curve.values.iter().zip(chi2).map(|(value, chi2)| [*value, *chi2]).map(rise(lowest)).collect();
        curves.push(Curve::line(&dataset.name, &dataset.label, role, line));
    }
    let level = |at: f64, label: &str| Marker { direction: Direction::Horizontal, at, label: label.to_owned() };
    Chart {
        title: title.to_owned(),
        x: axis(&curve.varied),
        y: ChartAxis {
            name: "delta_chi2".to_owned(),
            label: "$Δχ^2$".to_owned(),
            low: 0.0,
            high: HIGHEST_RISE,
            scale: Scale::Linear,
        },
        curves,
        markers: vec![level(1.0, "1 $σ$"), level(4.0, "2 $σ$")],
        ..Chart::default()
    }
}

/// The region of two parameters that is allowed at a level, each dataset's own border, and the best fit; `allowed` is of
/// all data, then of each dataset.
pub fn parameter_surface_chart(
    surface: &ParameterSurface,
    allowed: &[Allowed],
    datasets: &[&Dataset],
    title: &str,
    level: &str,
) -> Chart {
    let closed = |points: &[[f64; 2]]| points.iter().chain(points.first()).copied().collect::<Vec<_>>();
    let lines = |allowed: &Allowed| -> Vec<Vec<[f64; 2]>> {
        let line = |line: &Line| if line.closed { closed(&line.points) } else { line.points.clone() };
        allowed.lines.iter().map(line).collect()
    };
    let border = |term: usize| allowed.get(term).map(lines).unwrap_or_default();
    let all = if datasets.len() > 1 { "all" } else { datasets.first().map_or("", |one| one.label.as_str()) };
    let region = Region {
        name: "allowed".to_owned(),
        label: all.to_owned(),
        role: Role::Combined,
        outlines: allowed.iter().take(1).flat_map(|own| &own.rings).map(|ring| closed(&ring.points)).collect(),
        has_edge: false,
    };
    let curve = |name: &str, label: &str, role: Role, pieces| Curve {
        name: name.to_owned(),
        label: label.to_owned(),
        role,
        pieces,
    };
    let mut curves = vec![curve("all", all, Role::Combined, border(0))];
    let roles = of_datasets(datasets.iter().map(|dataset| dataset.name.as_str()));
    for (i, (dataset, role)) in beside(datasets).zip(roles).enumerate() {
        curves.push(curve(&dataset.name, &dataset.label, role, border(i + 1)));
    }
    let best = surface.best[0];
    Chart {
        title: title.to_owned(),
        note: level.to_owned(),
        x: axis(&surface.varied[0]),
        y: axis(&surface.varied[1]),
        regions: vec![region],
        curves,
        stars: vec![match surface.flat().is_some() || surface.is_level(0) != [false, false] {
            false => Star { at: [best.x, best.y], label: "best fit".to_owned(), is_open: false },
            true => Star { at: [best.x, best.y], label: "best fit, one of many".to_owned(), is_open: true },
        }],
        ..Chart::default()
    }
}
