//! Upper limits at a fixed mass by the CLs method (A. L. Read, J. Phys. G 28 (2002) 2693), with the one-sided profile
//! statistic of G. Cowan et al., arXiv:1007.1727: observed, and the bands in which limits lie without a mediator.

use crate::analysis::Analysis;
use crate::analysis::coverage::search::Search;
use crate::analysis::coverage::{Device, Plan, Watch};
use crate::rates::Point;
use crate::{Error, Result};

use super::cls_couplings::couplings;
use super::cls_crossings::{Crossings, Excluded};
use super::toys::{AnchorToys, Mixture, Nodes, Statistic};
use super::weighable::require_weighable;
use super::weighted::Weighted;
use super::work::MEAN_WEIGHT;

/// Standard deviations of the expected limits.
const BANDS: [f64; 5] = [-2.0, -1.0, 0.0, 1.0, 2.0];
/// Toys of equal weight that a coupling needs, and couplings with toys of their own at most.
const LEAST_EFFECTIVE: f64 = 300.0;
const MOST_ANCHORS: usize = 40;
/// Toys of a coupling reach so many of its neighbours at least: next is one as far from those that are reached.
const REACHED_NEIGHBOURS: usize = 4;

/// CLs at one coupling.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct ClsPoint {
    /// The coupling.
    pub coupling: f64,
    /// One-sided q of the data.
    pub q_observed: f64,
    /// Toys of equal weight that would know as much of the coupling.
    pub effective: f64,
    /// Share of toys with the mediator whose q is at least that of the data; this and what follows is NaN (`null`) where the
    /// toys do not reach the coupling.
    pub p_with: f64,
    /// The same of toys without.
    pub p_without: f64,
    /// Their ratio; above 1 where such data are rarer without a mediator than with.
    pub cls: f64,
    /// Error of the ratio from the number of toys.
    pub cls_error: f64,
    /// The ratio for the toy without mediator that is -2, -1, 0, 1, 2 standard deviations from the median; never falls.
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
    /// All couplings from here on are excluded; none (`null`) where that is not known.
    pub observed: Option<f64>,
    /// Relative error of it from the number of toys.
    pub observed_error: Option<f64>,
    /// Expected without a mediator: -2, -1, 0, 1, 2 standard deviations from the median.
    pub expected: [Option<f64>; 5],
    /// What is excluded, the last of it from `observed` on: where a model takes events away CLs does not fall with the
    /// coupling alone.
    pub excluded: Vec<Excluded>,
    /// Why there is no limit, where there is none.
    pub why: Option<String>,
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
    require_enough(plan.toys.1 - plan.toys.0)?;
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
        let is_reached: Vec<bool> =
            (1..nodes.points.len()).map(|node| reached(&mixture, node, each).is_some()).collect();
        next = middle_of_unreached(&is_reached).map(|index| index + 1);
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
        .map(|(index, coupling)| point(&mixture, index + 1, *coupling, f64::from(observed[index + 1]), each))
        .collect();
    let level = 1.0 - confidence;
    let of = |cls: &dyn Fn(&ClsPoint) -> f64| {
        let along: Vec<[f64; 3]> =
            points.iter().map(|point| [point.coupling, cls(point), point.cls_error / point.cls]).collect();
        Crossings::new(&along, level, each)
    };
    let observed = of(&|point| point.cls);
    let limit = observed.limit();
    Ok(ClsLimit {
        mass_mev,
        confidence,
        observed: limit.as_ref().ok().map(|limit| limit.coupling),
        observed_error: limit.as_ref().ok().map(|limit| limit.error),
        expected: std::array::from_fn(|band| {
            of(&|point| point.cls_expected[band]).limit().ok().map(|limit| limit.coupling)
        }),
        excluded: observed.excluded(),
        why: limit.err(),
        toys: each * anchors.len() as u64,
        failed: anchors.iter().map(|anchor| anchor.failed).sum(),
        points,
    })
}

/// The toys of a node, where there are enough of them, whose mean weight is 1.
fn reached(mixture: &Mixture, node: usize, each: u64) -> Option<Weighted> {
    let (weighted, mean) = mixture.at(node);
    let is_enough = weighted.effective() >= LEAST_EFFECTIVE.min(0.5 * each as f64);
    (is_enough && (MEAN_WEIGHT.0..=MEAN_WEIGHT.1).contains(&mean)).then_some(weighted)
}

/// Of the longest stretch of places that are not reached its middle, or a place that reaches back to where it begins.
fn middle_of_unreached(is_reached: &[bool]) -> Option<usize> {
    let mut longest = 0..0;
    let mut start = 0;
    for end in 0..=is_reached.len() {
        if is_reached.get(end) == Some(&false) {
            continue;
        }
        if end - start > longest.len() {
            longest = start..end;
        }
        start = end + 1;
    }
    (!longest.is_empty()).then(|| longest.start + REACHED_NEIGHBOURS.min(longest.len() / 2))
}

/// The share of a normal distribution below so many standard deviations.
fn normal_share(deviations: f64) -> f64 {
    0.5 * libm::erfc(-deviations * std::f64::consts::FRAC_1_SQRT_2)
}

/// Refuses toys that are too few to have one beyond the outermost of the bands.
fn require_enough(toys: u64) -> Result<()> {
    let least = (1.0 / normal_share(BANDS[0])).ceil() as u64;
    if toys >= least {
        return Ok(());
    }
    let bound = format!("at least {least}: one experiment of so many lies beyond two standard deviations");
    Err(Error::out_of_range("number of toys", toys, bound))
}

fn point(mixture: &Mixture, node: usize, coupling: f64, q_observed: f64, each: u64) -> ClsPoint {
    let effective = mixture.at(node).0.effective();
    let nan = f64::NAN;
    let unknown = ClsPoint {
        coupling,
        q_observed,
        effective,
        p_with: nan,
        p_without: nan,
        cls: nan,
        cls_error: nan,
        cls_expected: [nan; 5],
    };
    let Some(with) = reached(mixture, node, each) else { return unknown };
    let without = mixture.toys_of(0, node).0;
    let ratio = |q: f64| {
        let (p_with, p_without) = (with.p_value(q), without.p_value(q));
        (p_with, p_without, p_with.0 / p_without.0.max(f64::MIN_POSITIVE))
    };
    let ((p_with, with_error), (p_without, without_error), cls) = ratio(q_observed);
    let relative = |error: f64, p: f64| if p > 0.0 { error / p } else { f64::INFINITY };
    ClsPoint {
        p_with,
        p_without,
        cls,
        cls_error: cls * relative(with_error, p_with).hypot(relative(without_error, p_without)),
        // A limit is weaker where CLs is larger: quantiles of the CLs of all toys, which few toys do not bring out of order
        // as they do those of their q.
        cls_expected: {
            let of_toys = without.map(|q| ratio(q).2);
            BANDS.map(|deviations| of_toys.quantile(normal_share(deviations)).unwrap_or(f64::NAN))
        },
        ..unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_stretch_that_is_not_reached_comes_next() {
        let of = |text: &str| middle_of_unreached(&text.chars().map(|c| c == '+').collect::<Vec<bool>>());
        assert_eq!(of("++++"), None);
        assert_eq!(of("+-+--+"), Some(4));
        assert_eq!(of("-------------------+"), Some(4));
        assert_eq!(of("+++--------------------"), Some(7));
    }
}
