//! Upper limits against the mass beside those that are expected, with the bands of one and of two standard deviations.

use crate::analysis::coverage::ClsLimit;
use crate::physics::model::Model;
use crate::plot::Role;
use crate::plot::chart::{Chart, Curve, Region};

use super::plane::axes_of;

/// Room above and below the limits.
const MARGIN: f64 = 1.5;

/// What is said where CLs does not fall with the coupling alone.
const BELOW: &str = "Below the observed limit couplings are excluded too at some masses: cls.json has them.";

/// The chart of a model's limits, by growing mass.
pub fn brazil_chart(model: &Model, data: &str, limits: &[ClsLimit]) -> Chart {
    let line = |of: &dyn Fn(&ClsLimit) -> Option<f64>| -> Vec<[f64; 2]> {
        limits.iter().map(|limit| [limit.mass_mev, of(limit).unwrap_or(f64::NAN)]).collect()
    };
    let known = |points: Vec<[f64; 2]>| points.into_iter().filter(|[_, g]| g.is_finite()).collect::<Vec<[f64; 2]>>();
    let band = |low: usize, high: usize, label: &str, role: Role| {
        let [lower, upper] = [low, high].map(|place| known(line(&|limit| limit.expected[place])));
        Region { has_edge: false, ..Region::between(format!("expected {label}"), label, role, &lower, &upper) }
    };
    let all = limits.iter().flat_map(|limit| limit.expected.into_iter().chain([limit.observed])).flatten();
    let (low, high) = all.fold((f64::INFINITY, 0.0f64), |(low, high), g| (low.min(g), high.max(g)));
    let ends = [limits.first(), limits.last()].map(|limit| limit.map_or(1.0, |limit| limit.mass_mev));
    let confidence = limits.first().map_or(f64::NAN, |limit| 100.0 * limit.confidence);
    let [x, y] = axes_of(model, (ends[0], ends[1]), (low / MARGIN, high * MARGIN));
    Chart {
        heading: model.label.clone(),
        note: format!("{data}: CLs, {confidence:.2} % CL"),
        x,
        y,
        regions: vec![
            band(0, 4, "95 % of experiments", Role::TwoSigma),
            band(1, 3, "68 % of experiments", Role::OneSigma),
        ],
        curves: vec![
            Curve::line("observed", "observed", Role::StandardModel, line(&|limit| limit.observed)),
            Curve::line("expected", "expected, median", Role::Csi, line(&|limit| limit.expected[2])),
        ],
        caption: if limits.iter().any(|limit| limit.excluded.len() > 1) { BELOW.to_owned() } else { String::new() },
        ..Chart::default()
    }
}
