//! The distribution of q over toys, beside what Wilks' theorem expects.

use crate::analysis::Analysis;
use crate::analysis::coverage::Ensemble;
use crate::base::grid::number_text;
use crate::plot::Role;
use crate::plot::chart::{Chart, ChartAxis, Curve, Direction, Marker, Scale};
use crate::statistics::chi2_tail;

/// Right end of the axis, and width of a bin.
const HIGHEST_Q: f64 = 15.0;
const BIN: f64 = 0.25;
/// Where the distribution itself is a step: its values are drawn a little above 0.
const POINTS: usize = 301;

/// Share of toys above q, with the tails of the chi2 distributions of one and two parameters.
pub fn toys_chart(analysis: &Analysis, ensemble: &Ensemble) -> Chart {
    let point = ensemble.truth.point;
    let toys = ensemble.outcomes.len().max(1) as f64;
    let tail = |f: fn(&crate::analysis::coverage::Outcome) -> f64| -> Vec<[f64; 2]> {
        let mut q: Vec<f64> = ensemble.outcomes.iter().map(f).collect();
        q.sort_by(f64::total_cmp);
        let steps = (HIGHEST_Q / BIN * 4.0) as usize;
        (0..=steps)
            .map(|i| {
                let at = i as f64 * BIN / 4.0;
                [at, (q.len() - q.partition_point(|q| *q < at)) as f64 / toys]
            })
            .collect()
    };
    let wilks = |parameters: u32| -> Vec<[f64; 2]> {
        let places = (0..POINTS).map(|i| HIGHEST_Q * i as f64 / (POINTS - 1) as f64);
        places.map(|q| [q, chi2_tail(q, parameters)]).collect()
    };
    let is_expected = analysis.predictions.iter().any(|prediction| prediction.experiment.is_expected);
    let (mass, coupling) = (number_text(point.mass_mev), number_text(point.coupling));
    let curve = |name: &str, label: &str, series: u8, points| Curve::line(name, label, Role::Series(series), points);
    Chart {
        title: format!("{}: {} toys", analysis.model.label, ensemble.outcomes.len()),
        heading: format!("$M$ = {mass} MeV, $g$ = {coupling}"),
        x: ChartAxis { name: "q".to_owned(), label: "$q$".to_owned(), low: 0.0, high: HIGHEST_Q, scale: Scale::Linear },
        y: ChartAxis {
            name: "share_above".to_owned(),
            label: "share of toys above $q$".to_owned(),
            low: 1e-3,
            high: 1.0,
            scale: Scale::Log,
        },
        curves: vec![
            curve("toys_plane", "toys, plane", 0, tail(|toy| toy.q)),
            curve("toys_fixed_mass", "toys, fixed mass", 1, tail(|toy| toy.q_fixed_mass)),
            curve("wilks_2", "$χ^2$, 2 dof", 2, wilks(2)),
            curve("wilks_1", "$χ^2$, 1 dof", 3, wilks(1)),
        ],
        markers: vec![Marker {
            direction: Direction::Vertical,
            at: ensemble.observed.q.clamp(0.0, HIGHEST_Q),
            label: if is_expected { "expectation" } else { "data" }.to_owned(),
        }],
        ..Chart::default()
    }
}
