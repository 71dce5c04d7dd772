//! Upper limits at a fixed mass by the CLs method (A. L. Read, J. Phys. G 28 (2002) 2693), with the one-sided profile
//! statistic of G. Cowan et al., arXiv:1007.1727: observed, and the bands in which limits lie without a mediator.

use crate::analysis::coverage::search::Search;
use crate::analysis::coverage::{Device, Plan, Watch};
use crate::analysis::limits::{best_at_mass, bound};
use crate::analysis::{Analysis, Experiment};
use crate::rates::Point;
use crate::statistics::chi2_quantile;
use crate::{Error, Result};

use super::toys::{AnchorToys, Mixture, Nodes, Statistic};
use super::{MEAN_WEIGHT, require_weighable};

/// Standard deviations of the expected limits.
const BANDS: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];
/// Couplings at which CLs is calculated, from and to so many times those at which the limit is expected.
const COUPLINGS: usize = 29;
const REACH: (f64, f64) = (0.45, 2.2);
/// Toys of equal weight that a coupling needs, and points with toys of their own at most.
const LEAST_EFFECTIVE: f64 = 300.0;
const MOST_ANCHORS: usize = 10;

/// CLs at one coupling.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClsPoint {
    /// The coupling.
    pub coupling: f64,
    /// One-sided q of the data.
    pub q_observed: f64,
    /// Share of toys with the mediator whose q is at least that of the data.
    pub p_with: f64,
    /// The same of toys without.
    pub p_without: f64,
    /// Their ratio.
    pub cls: f64,
    /// Error of the ratio from the number of toys.
    pub cls_error: f64,
    /// The ratio for the toy without mediator that is -2, -1, 0, 1, 2 standard deviations from the median.
    pub cls_expected: [f64; 5],
}

/// The limit at one mass.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClsLimit {
    /// The mass (MeV).
    pub mass_mev: f64,
    /// Confidence level.
    pub confidence: f64,
    /// Couplings from here on are excluded: CLs falls below 1 - confidence; `null` where it does not.
    pub observed: Option<f64>,
    /// Relative error of it from the number of toys.
    pub observed_error: Option<f64>,
    /// Expected without a mediator: -2, -1, 0, 1, 2 standard deviations from the median.
    pub expected: [Option<f64>; 5],
    /// Toys that were drawn, of all kinds.
    pub toys: u64,
    /// Toys of which a fit failed; their q counts as infinite.
    pub failed: usize,
    /// What the limits follow from.
    pub points: Vec<ClsPoint>,
}

/// The limit at a mass (MeV); `plan.toys` are those without mediator, as many more are drawn at each of some couplings.
///
/// # Errors
/// What cannot be weighed; no coupling that would be excluded; those of the toys and of the watch.
pub fn cls_limit(
    analysis: &Analysis,
    mass_mev: f64,
    confidence: f64,
    plan: Plan,
    watch: &dyn Watch,
) -> Result<ClsLimit> {
    require_weighable(analysis, plan)?;
    let couplings = couplings(analysis, mass_mev, confidence)?;
    let at = |coupling: &f64| Point { mass_mev, coupling: *coupling };
    // The first node is the Standard Model.
    let points: Vec<Point> = [0.0].iter().chain(&couplings).map(at).collect();
    let nodes = Nodes::new(analysis, plan, Statistic::UpperAtMass, Device::Cpu, points)?;
    let each = plan.toys.1 - plan.toys.0;
    let mut anchors: Vec<AnchorToys> = Vec::new();
    let mut next = Some(0);
    while let Some(node) = next.filter(|_| anchors.len() < MOST_ANCHORS) {
        watch.anchor(anchors.len() + 1, nodes.points[node], f64::INFINITY);
        let first = plan.toys.0 + anchors.len() as u64 * each;
        anchors.push(nodes.toys(node, first..first + each, watch)?);
        let mixture = nodes.mixture(&anchors);
        let reached = (1..nodes.points.len()).map(|node| (node, mixture.at(node)));
        let unreached = reached.filter(|(_, (weighted, mean))| {
            weighted.effective() < LEAST_EFFECTIVE.min(0.5 * each as f64)
                || !(MEAN_WEIGHT.0..=MEAN_WEIGHT.1).contains(mean)
        });
        // Where toys of the anchors begin to fail, those beyond are reached next; the middle of them reaches most.
        let unreached: Vec<usize> = unreached.map(|(node, _)| node).collect();
        next = unreached.get(unreached.len() / 3).copied();
    }
    let observed = nodes.q(analysis, &Search::new(analysis, at(&0.0))?);
    let observed = observed.ok_or_else(|| Error::NotConverged {
        quantity: format!("chi2 of {} at {mass_mev} MeV", analysis.data_name()),
        reason: "a minimisation failed".to_owned(),
    })?;
    let mixture = nodes.mixture(&anchors);
    let points: Vec<ClsPoint> = couplings
        .iter()
        .enumerate()
        .map(|(index, coupling)| point(&mixture, index + 1, *coupling, f64::from(observed[index + 1])))
        .collect();
    let level = 1.0 - confidence;
    let crossing = |values: Vec<f64>| crossing(&couplings, &values, level, each);
    let observed = crossing(points.iter().map(|point| point.cls).collect());
    Ok(ClsLimit {
        mass_mev,
        confidence,
        observed: observed.map(|(coupling, ..)| coupling),
        observed_error: observed.map(|(_, index, slope)| points[index].cls_error / points[index].cls / slope),
        expected: std::array::from_fn(|band| {
            crossing(points.iter().map(|point| point.cls_expected[band]).collect()).map(|(coupling, ..)| coupling)
        }),
        toys: each * anchors.len() as u64,
        failed: anchors.iter().map(|anchor| anchor.failed).sum(),
        points,
    })
}

/// Couplings around those at which the limit is expected and seen, as far as chi2 tells without toys.
fn couplings(analysis: &Analysis, mass_mev: f64, confidence: f64) -> Result<Vec<f64>> {
    let rise = chi2_quantile((2.0 * (1.0 - confidence)).min(0.9), 1);
    let experiments = analysis.channels.iter().map(|channel| channel.experiment.clone());
    let expected: Vec<Experiment> = experiments.map(Experiment::asimov).collect::<Result<_>>()?;
    let expected = Analysis::new(&analysis.model, &expected);
    let edge = |analysis: &Analysis| -> Result<Option<f64>> {
        let minimum = best_at_mass(analysis, mass_mev)?.chi2;
        let bound = bound(analysis, mass_mev, minimum + rise)?;
        Ok(bound.crossings.iter().rev().find(|crossing| crossing.up).map(|crossing| crossing.coupling))
    };
    let edges: Vec<f64> = [edge(&expected)?, edge(analysis)?].into_iter().flatten().collect();
    let ends = (edges.iter().copied().reduce(f64::min), edges.iter().copied().reduce(f64::max));
    let (Some(low), Some(high)) = ends else {
        return Err(Error::out_of_range("mass (MeV)", mass_mev, "one at which some coupling would be excluded"));
    };
    let (low, high) = (REACH.0 * low, REACH.1 * high);
    let step = (high / low).ln() / (COUPLINGS - 1) as f64;
    Ok((0..COUPLINGS).map(|i| low * (step * i as f64).exp()).collect())
}

fn point(mixture: &Mixture, node: usize, coupling: f64, q_observed: f64) -> ClsPoint {
    let (with, without) = (mixture.at(node).0, mixture.toys_of(0, node).0);
    let ratio = |q: f64| {
        let (p_with, p_without) = (with.p_value(q), without.p_value(q));
        (p_with, p_without, p_with.0 / p_without.0.max(f64::MIN_POSITIVE))
    };
    let ((p_with, with_error), (p_without, without_error), cls) = ratio(q_observed);
    let relative = |error: f64, p: f64| if p > 0.0 { error / p } else { f64::INFINITY };
    ClsPoint {
        coupling,
        q_observed,
        p_with,
        p_without,
        cls,
        cls_error: cls * relative(with_error, p_with).hypot(relative(without_error, p_without)),
        // A limit that is weaker by k deviations is that of a toy whose q is exceeded by the share Phi(k).
        cls_expected: BANDS.map(|deviations| {
            let above = 0.5 * libm::erfc(-deviations * std::f64::consts::FRAC_1_SQRT_2);
            without.quantile(1.0 - above).map_or(f64::NAN, |q| ratio(q).2)
        }),
    }
}

/// Where values fall below a level for good, between which two, and -d ln value/d ln coupling there; linear in the
/// logarithms. A value of 0 is less than one of the toys.
fn crossing(couplings: &[f64], values: &[f64], level: f64, toys: u64) -> Option<(f64, usize, f64)> {
    let ln = |value: f64| value.max(0.5 / toys as f64).ln() - level.ln();
    let last = (0..values.len()).rev().find(|index| ln(values[*index]) > 0.0)?;
    let (above, below) = (ln(values[last]), ln(*values.get(last + 1)?));
    let step = (couplings[last + 1] / couplings[last]).ln();
    let share = above / (above - below);
    Some((couplings[last] * (step * share).exp(), last, (above - below) / step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crossings_by_hand() {
        // ln CLs = ln 0.2 at g = 1, ln 0.05 half-way to g = e^2 where it is ln 0.0125.
        let e = std::f64::consts::E;
        let found = crossing(&[1.0, e * e], &[0.2, 0.0125], 0.05, 1000).unwrap();
        assert!((found.0 - e).abs() < 1e-12 && found.1 == 0 && (found.2 - 4f64.ln()).abs() < 1e-12, "{found:?}");
        assert!(crossing(&[1.0, 2.0], &[0.9, 0.2], 0.05, 1000).is_none());
        assert!(crossing(&[1.0, 2.0], &[0.01, 0.001], 0.05, 1000).is_none());
    }
}
