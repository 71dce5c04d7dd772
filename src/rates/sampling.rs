//! Where recoil energies are sampled: Gauss rules that are as fine as the response needs and no finer.

use std::ops::Range;

use crate::dataset::{Dataset, Target};
use crate::detector::EnergyScale;
use crate::quadrature::Rule;

/// How finely recoil energies are sampled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolution {
    /// Nodes in every piece, in quarters of the default: 2 and 8 must give the same counts to 1e-6.
    pub quarters: usize,
}

impl Default for Resolution {
    fn default() -> Self {
        Resolution { quarters: 4 }
    }
}

/// Longest piece in ln(T').
const MAX_LOG_PIECE: f64 = 1.0;
/// Numbers of nodes that are tried in a piece; each is even, so that half of it is a rule too.
const LADDER: [usize; 8] = [8, 12, 16, 20, 24, 32, 40, 48];
/// Half the nodes may change no bin's count by more than this, relative; the contract is 1e-6.
const TOLERANCE: f64 = 1e-7;
/// Powers of T' that stand for what models put under the integral: constant to 1/T'^2 for light mediators.
const TRIAL_POWERS: [i32; 3] = [0, -1, -2];
/// Step of the scan for the lowest energy.
const SCAN_STEP: f64 = 1.02;
/// Closest two edges at kinks of a spectrum, as a ratio.
const KINK_STEP: f64 = 1.02;
/// Intervals of a piece on which an efficiency without kinks is taken.
const STEPS_OF_A_CURVE: u32 = 64;
/// Response, enhanced by 1/T'^2, that is dropped.
const NEGLIGIBLE_RESPONSE: f64 = 1e-11;
/// Points that stand for the weight function, for each node of the rule: Stieltjes' procedure loses orthogonality where
/// a measure has hardly more points than the rule.
const POINTS_PER_NODE: usize = 3;

/// Recoil energies of one target with their response, shared by the flavours.
pub(super) struct Sampled {
    /// Energies (MeV) and weights, the selection efficiency included.
    pub rule: Rule,
    /// Response of each node.
    pub response: Vec<Vec<f64>>,
}

impl Sampled {
    /// Pieces of at most [`MAX_LOG_PIECE`], with an edge at every end point of a flavour (nu_mu's line makes a kink
    /// there). In each the selection efficiency, which has kinks of its own, is the weight function of a Gauss rule.
    pub fn new(dataset: &Dataset, target: &Target, resolution: Resolution) -> Sampled {
        let components = dataset.source.components.iter();
        let mut end_points: Vec<f64> = components
            .map(|component| target.isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev()))
            .collect();
        end_points.sort_by(f64::total_cmp);
        let highest = end_points.last().copied().unwrap_or(0.0);
        end_points.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * highest);
        let mut edges = vec![lowest_energy_mev(dataset, highest)];
        edges.extend(&end_points);
        add_kinks(dataset, target, &mut edges);

        let sampler =
            Sampler { dataset, response: dataset.response.binned(), kinks: dataset.response.kinks_mev(highest) };
        let mut sampled = Sampled { rule: Rule::default(), response: Vec::new() };
        let mut below = Moments::default();
        // All flavours that end at one energy see the pieces up to it and no others.
        for flavour in edges.windows(2) {
            let pieces = split(flavour);
            let trials: Vec<Vec<Moments>> = pieces.windows(2).map(|piece| sampler.trials(piece)).collect();
            let total = trials.iter().fold(below, |sum, trials| sum.plus(trials.last()));
            for (piece, trials) in pieces.windows(2).zip(&trials) {
                let chosen = LADDER.iter().enumerate().find(|(i, _)| {
                    // Trials are made for half of each step and for the last step itself.
                    let (half, finest) = (&trials[*i], &trials[LADDER.len()]);
                    half.agrees_with(finest, &total)
                });
                let points = chosen.map_or(LADDER[LADDER.len() - 1], |(_, points)| *points);
                sampled.push(&sampler, sampler.rule(piece, points * resolution.quarters / 4));
            }
            below = total;
        }
        sampled
    }

    fn push(&mut self, sampler: &Sampler<impl Fn(f64) -> Vec<f64>>, rule: Rule) {
        self.response.extend(rule.nodes.iter().map(|t| (sampler.response)(*t)));
        self.rule.nodes.extend(rule.nodes);
        self.rule.weights.extend(rule.weights);
    }

    /// Indices of the nodes below a recoil energy (MeV).
    pub fn below(&self, recoil_energy_mev: f64) -> Range<usize> {
        0..self.rule.nodes.partition_point(|t| *t < recoil_energy_mev)
    }
}

struct Sampler<'a, F: Fn(f64) -> Vec<f64>> {
    dataset: &'a Dataset,
    response: F,
    kinks: Vec<f64>,
}

impl<F: Fn(f64) -> Vec<f64>> Sampler<'_, F> {
    /// Gauss rule of `points` nodes over a piece, with the selection efficiency as weight function.
    fn rule(&self, piece: &[f64], points: usize) -> Rule {
        let efficiency = &self.dataset.response.efficiency;
        if efficiency.at == EnergyScale::Reconstructed {
            return Rule::piecewise(piece, &[points]);
        }
        let mut edges = vec![piece[0]];
        if self.kinks.is_empty() {
            // A smooth curve may still be steep.
            let step = (piece[1] / piece[0]).ln() / f64::from(STEPS_OF_A_CURVE);
            edges.extend((1..STEPS_OF_A_CURVE).map(|i| piece[0] * (step * f64::from(i)).exp()));
        }
        edges.extend(self.kinks.iter().filter(|kink| piece[0] < **kink && **kink < piece[1]));
        edges.push(piece[1]);
        // Between kinks the weight is linear in E_ee: `points + 2` make the measure exact for what the rule is exact for.
        let intervals = edges.len() - 1;
        let between_kinks = (points + 2).max((POINTS_PER_NODE * points).div_ceil(intervals));
        let mut fine = Rule::piecewise(&edges, &vec![between_kinks; intervals]);
        for (weight, t) in fine.weights.iter_mut().zip(&fine.nodes) {
            *weight *= self.dataset.response.selected(*t);
        }
        // A piece in which nothing is selected has no measure and needs no nodes.
        if fine.weights.iter().all(|weight| *weight == 0.0) { Rule::default() } else { fine.compress(points) }
    }

    /// Trial integrals over a piece with half the nodes of each step of the ladder, and with all of the last.
    fn trials(&self, piece: &[f64]) -> Vec<Moments> {
        let steps = LADDER.iter().map(|points| points / 2).chain(LADDER.last().copied());
        steps.map(|points| self.moments(&self.rule(piece, points))).collect()
    }

    fn moments(&self, rule: &Rule) -> Moments {
        let mut sums = vec![0.0; TRIAL_POWERS.len() * self.dataset.energy_bins()];
        for (t, weight) in rule.nodes.iter().zip(&rule.weights) {
            let response = (self.response)(*t);
            for (sums, power) in sums.chunks_mut(response.len()).zip(TRIAL_POWERS) {
                let factor = weight * t.powi(power);
                sums.iter_mut().zip(&response).for_each(|(sum, r)| *sum += factor * r);
            }
        }
        Moments(sums)
    }
}

/// int R_bin(T') T'^power dT', by power and bin.
#[derive(Clone, Default)]
struct Moments(Vec<f64>);

impl Moments {
    fn plus(&self, other: Option<&Moments>) -> Moments {
        let Some(other) = other else { return self.clone() };
        Moments((0..other.0.len()).map(|i| self.0.get(i).unwrap_or(&0.0) + other.0[i]).collect())
    }

    /// Whether no bin of the `total` depends on which of the two is taken.
    fn agrees_with(&self, other: &Moments, total: &Moments) -> bool {
        self.0.iter().zip(&other.0).zip(&total.0).all(|((a, b), total)| (a - b).abs() <= TOLERANCE * total)
    }
}

/// The energy (MeV) below which no recoil is seen, by scanning up from 1e-5 of the largest: the response is a rounding
/// error there, even where a light mediator enhances it.
fn lowest_energy_mev(dataset: &Dataset, highest: f64) -> f64 {
    let binned = dataset.response.binned();
    let unseen = |t: f64| {
        let seen: f64 = binned(t).iter().sum();
        seen * dataset.response.selected(t) * (highest / t).powi(2) < NEGLIGIBLE_RESPONSE
    };
    let mut energy = 1e-5 * highest;
    while energy < 0.5 * highest && unseen(energy * SCAN_STEP) {
        energy *= SCAN_STEP;
    }
    energy
}

/// Puts an edge where a tabulated spectrum has a kink, but none within [`KINK_STEP`] of another: kinks that follow each
/// other so closely are those of a smooth curve.
fn add_kinks(dataset: &Dataset, target: &Target, edges: &mut Vec<f64>) {
    let spectra = dataset.source.components.iter().flat_map(|component| component.spectrum.kinks_mev());
    let mut kinks: Vec<f64> = spectra.map(|energy_mev| target.isotope.max_recoil_energy_mev(*energy_mev)).collect();
    kinks.sort_by(f64::total_cmp);
    let own = edges.clone();
    for kink in kinks {
        let inside = own.first().is_some_and(|low| kink > low * KINK_STEP);
        if inside && edges.iter().all(|edge| kink > edge * KINK_STEP || edge / KINK_STEP > kink) {
            edges.push(kink);
        }
    }
    edges.sort_by(f64::total_cmp);
}

/// Edges of equal pieces in ln(T') that are not longer than [`MAX_LOG_PIECE`].
fn split(interval: &[f64]) -> Vec<f64> {
    let length = (interval[1] / interval[0]).ln();
    let parts = (length / MAX_LOG_PIECE).ceil().max(1.0) as usize;
    let inner = (1..parts).map(|i| interval[0] * (length * i as f64 / parts as f64).exp());
    std::iter::once(interval[0]).chain(inner).chain([interval[1]]).collect()
}
