//! The ranking of nuisance parameters.

use crate::analysis::Analysis;
use crate::analysis::impact::{Impact, Impacts};
use crate::analysis::limits::Level;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Region, Scale};

use super::place::number_markup;

/// So many parameters are drawn: those that move the bound most.
const MOST: usize = 20;
/// Half the width of a bar.
const HALF: f64 = 0.34;
/// Room above the highest bar, as a factor, and the smallest shift (percent) that an axis is made for.
const ROOM: f64 = 1.6;
const LEAST_PERCENT: f64 = 0.1;

/// A bar for each parameter and direction: by how much the bound moves, in percent.
pub fn ranking_chart(analysis: &Analysis, impacts: &Impacts, level: Level) -> Chart {
    let shown = &impacts.ranking[..impacts.ranking.len().min(MOST)];
    let percent = |moved: Option<f64>| match (moved, impacts.bound) {
        (Some(moved), Some(bound)) => 100.0 * (moved / bound - 1.0),
        _ => 0.0,
    };
    let bars = |name: &str, label: &str, role: Role, side: f64, of: fn(&Impact) -> Option<f64>| {
        let bar = |(k, impact): (usize, &Impact)| {
            let (at, height) = (k as f64 + 1.0, percent(of(impact)));
            let ends = if side < 0.0 { [at - HALF, at] } else { [at, at + HALF] };
            vec![[ends[0], 0.0], [ends[1], 0.0], [ends[1], height], [ends[0], height]]
        };
        let outlines = shown.iter().enumerate().map(bar).collect();
        Region { name: name.to_owned(), label: label.to_owned(), role, outlines, has_edge: true }
    };
    let heights = shown.iter().flat_map(|impact| [percent(impact.down), percent(impact.up)]);
    let highest = heights.map(f64::abs).fold(LEAST_PERCENT, f64::max) * ROOM;
    let marker = |(k, impact): (usize, &Impact)| {
        let datasets: Vec<&str> = impact
            .nuisance
            .datasets
            .iter()
            .map(|index| analysis.predictions[*index].experiment.dataset.label.as_str())
            .collect();
        let label = format!("{}: {}", datasets.join(", "), impact.nuisance.label);
        Marker { direction: Direction::Vertical, at: k as f64 + 1.0, label }
    };
    let axis = |name: &str, label: &str, low: f64, high: f64| ChartAxis {
        name: name.to_owned(),
        label: label.to_owned(),
        low,
        high,
        scale: Scale::Linear,
    };
    let mediator = analysis.model.mediator_symbol();
    let expected = analysis.predictions.iter().any(|prediction| prediction.experiment.is_expected);
    let bound = impacts.bound.map_or("none".to_owned(), number_markup);
    let last = shown.len() as f64 + 0.75;
    Chart {
        heading: analysis.model.label.clone(),
        note: format!("$M_{{{mediator}}}$ = {} MeV", number_markup(impacts.mass_mev)),
        caption: format!(
            "Change of the {}bound on $g_{{{mediator}}}$ ({bound} at {}) with each nuisance parameter held one standard \
             deviation of its prior above and below its best fit, all others fitted anew.",
            if expected { "expected " } else { "" },
            level.words()
        ),
        x: axis("rank", "rank", 0.25, last),
        y: axis("shift_percent", "change of the bound [%]", -highest, highest),
        regions: vec![
            bars("down", "$-1σ$", Role::Series(0), -1.0, |impact| impact.down),
            bars("up", "$+1σ$", Role::Series(5), 1.0, |impact| impact.up),
        ],
        curves: vec![Curve::line("none", "", Role::Combined, vec![[0.25, 0.0], [last, 0.0]])],
        markers: shown.iter().enumerate().map(marker).collect(),
        ..Chart::default()
    }
}
