//! Making a plan: a dataset's kinematics and a model's amplitudes on its nodes.

use std::ops::Range;

use crate::constants::HBAR_C_MEV_FM;
use crate::cross_section::{mediator_amplitude, scalar_prefactor_mev3, vector_prefactor_per_mev3, weak_charge};
use crate::dataset::{Dataset, Target};
use crate::flux::Component;
use crate::model::{Interaction, Lepton, Model};
use crate::quadrature::Rule;

use super::plan::{Amplitudes, Kinematics, Plan, Term};

/// (hbar c)^2 in MeV^2 cm^2: cross sections from MeV^-2 to cm^2.
const MEV2_CM2: f64 = HBAR_C_MEV_FM * HBAR_C_MEV_FM * 1e-26;

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

/// Longest piece in ln(T'): propagators and smearing vary on this scale.
const MAX_LOG_PIECE: f64 = 0.5;
/// Nodes in a piece.
const POINTS_PER_PIECE: usize = 12;

/// A node's isotope and flavour: what the amplitudes need to know.
#[derive(Debug, Clone, PartialEq)]
struct Site {
    target: usize,
    lepton: Lepton,
}

/// A dataset's nodes: the fixed part of the plans of all models, made once.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodes {
    kinematics: Kinematics,
    sites: Vec<Site>,
    recoil_energy_mev: Vec<f64>,
    /// The component (flavour of the source) of each node.
    components: Vec<usize>,
}

impl Nodes {
    /// Samples recoil energies, and folds flux, kinematics, exposure and response into weights (2.4).
    pub fn new(dataset: &Dataset, resolution: Resolution) -> Nodes {
        let mut nodes = Nodes {
            kinematics: Kinematics {
                q2_mev2: Vec::new(),
                weight_vector: Vec::new(),
                weight_scalar: Vec::new(),
                response: Vec::new(),
                energy_bins: dataset.energy_bins(),
                classes: Vec::new(),
            },
            sites: Vec::new(),
            recoil_energy_mev: Vec::new(),
            components: Vec::new(),
        };
        let sampled: Vec<_> = dataset.targets.iter().map(|target| Sampled::new(dataset, target, resolution)).collect();
        for class in 0..dataset.source.classes.len() {
            let first = nodes.sites.len();
            for (index, component) in dataset.source.components.iter().enumerate() {
                if component.class == class {
                    for (target, sampled) in sampled.iter().enumerate() {
                        nodes.push(dataset, target, (index, component), sampled);
                    }
                }
            }
            nodes.kinematics.classes.push(first..nodes.sites.len());
        }
        nodes
    }

    fn push(&mut self, dataset: &Dataset, index: usize, (number, component): (usize, &Component), sampled: &Sampled) {
        let target = &dataset.targets[index];
        let isotope = &target.isotope;
        let exposure = target.nuclei * dataset.fluence_per_cm2 * MEV2_CM2;
        for node in sampled.below(isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev())) {
            let t = sampled.rule.nodes[node];
            let min_energy_mev = (0.5 * isotope.mass_mev() * t).sqrt();
            let inverse_square = component.spectrum.moment(-2, min_energy_mev);
            let bracket = component.spectrum.moment(0, min_energy_mev) - 0.5 * isotope.mass_mev() * t * inverse_square;
            let weight = exposure * sampled.rule.weights[node];
            self.kinematics.q2_mev2.push(isotope.momentum_transfer_squared_mev2(t));
            // The bracket is an integral over (1 - M T/(2E^2)) >= 0; rounding at the end point must not turn its sign.
            self.kinematics.weight_vector.push(weight * vector_prefactor_per_mev3(isotope) * bracket.max(0.0));
            self.kinematics.weight_scalar.push(weight * scalar_prefactor_mev3(isotope, t) * inverse_square.max(0.0));
            self.kinematics.response.extend_from_slice(&sampled.response[node]);
            self.sites.push(Site { target: index, lepton: component.lepton });
            self.recoil_energy_mev.push(t);
            self.components.push(number);
        }
    }

    /// The plan of one model.
    pub fn plan(&self, dataset: &Dataset, model: &Model) -> Plan {
        Plan { kinematics: self.kinematics.clone(), amplitudes: self.amplitudes(dataset, model) }
    }

    /// What a model fixes at each node.
    fn amplitudes(&self, dataset: &Dataset, model: &Model) -> Amplitudes {
        let at = |node: usize| {
            let site = &self.sites[node];
            (&dataset.targets[site.target].isotope, site.lepton, self.kinematics.q2_mev2[node])
        };
        let mut amplitudes = Amplitudes {
            standard_model: (0..self.sites.len())
                .map(|node| {
                    let (isotope, lepton, q2) = at(node);
                    weak_charge(isotope, lepton, q2)
                })
                .collect(),
            vector: Vec::new(),
            scalar: Vec::new(),
        };
        for mediator in &model.mediators {
            let strength = mediator.coupling_ratio.powi(2);
            let amplitude = (0..self.sites.len()).map(|node| {
                let (isotope, lepton, q2) = at(node);
                strength * mediator_amplitude(&mediator.interaction, isotope, lepton, q2)
            });
            let term = Term { mass_ratio: mediator.mass_ratio, amplitude: amplitude.collect() };
            match mediator.interaction {
                Interaction::Vector(_) => amplitudes.vector.push(term),
                Interaction::Scalar(_) => amplitudes.scalar.push(term),
            }
        }
        amplitudes
    }

    /// The nodes of one flavour of the source, as ranges of node indices.
    pub fn of_component(&self, component: usize) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for node in (0..self.components.len()).filter(|node| self.components[*node] == component) {
            match ranges.last_mut() {
                Some(range) if range.end == node => range.end += 1,
                _ => ranges.push(node..node + 1),
            }
        }
        ranges
    }
}

/// Recoil energies of one target with their response, shared by the flavours.
struct Sampled {
    rule: Rule,
    response: Vec<Vec<f64>>,
}

impl Sampled {
    /// Pieces of at most [`MAX_LOG_PIECE`], with an edge at every end point of a flavour (nu_mu's line makes a kink
    /// there). In each the selection efficiency, which has kinks of its own, is the weight function of a Gauss rule.
    fn new(dataset: &Dataset, target: &Target, resolution: Resolution) -> Sampled {
        let components = &dataset.source.components;
        let end_points = components
            .iter()
            .map(|component| target.isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev()));
        let mut edges: Vec<f64> = end_points.collect();
        let highest = edges.iter().copied().fold(0.0, f64::max);
        let kinks = dataset.response.kinks_mev(highest);
        edges.push(lowest_energy_mev(dataset, highest));
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * highest);
        let binned = dataset.response.binned();
        let mut sampled = Sampled { rule: Rule::default(), response: Vec::new() };
        for piece in split_long_pieces(&edges).windows(2) {
            let rule = gauss_in_piece(dataset, piece, &kinks, POINTS_PER_PIECE * resolution.quarters / 4);
            sampled.response.extend(rule.nodes.iter().map(|t| binned(*t)));
            sampled.rule.nodes.extend(rule.nodes);
            sampled.rule.weights.extend(rule.weights);
        }
        sampled
    }

    /// Indices of the nodes below a recoil energy.
    fn below(&self, recoil_energy_mev: f64) -> Range<usize> {
        0..self.rule.nodes.partition_point(|t| *t < recoil_energy_mev)
    }
}

/// The energy below which no recoil is seen, by scanning up from 1e-5 of the largest: the response is a rounding error
/// there, even where a light mediator enhances it by 1/T'^2.
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

/// Step of the scan for the lowest energy.
const SCAN_STEP: f64 = 1.02;
/// Enhanced response that is dropped.
const NEGLIGIBLE_RESPONSE: f64 = 1e-11;
/// Gauss-Legendre points between two kinks that stand for the weight function, for each node of the rule: Stieltjes'
/// procedure loses orthogonality where a measure has hardly more points than the rule.
const POINTS_BETWEEN_KINKS: usize = 3;

/// Gauss rule of `points` nodes over a piece, with the selection efficiency as weight function.
fn gauss_in_piece(dataset: &Dataset, piece: &[f64], kinks: &[f64], points: usize) -> Rule {
    let mut edges = vec![piece[0]];
    edges.extend(kinks.iter().filter(|kink| piece[0] < **kink && **kink < piece[1]));
    edges.push(piece[1]);
    if edges.len() == 2 && kinks.is_empty() {
        return Rule::piecewise(&edges, &[points]);
    }
    let mut fine = Rule::piecewise(&edges, &vec![POINTS_BETWEEN_KINKS * points; edges.len() - 1]);
    for (weight, t) in fine.weights.iter_mut().zip(&fine.nodes) {
        *weight *= dataset.response.selected(*t);
    }
    // A piece in which nothing is selected has no measure and needs no nodes.
    if fine.weights.iter().all(|weight| *weight == 0.0) { Rule::default() } else { fine.compress(points) }
}

fn split_long_pieces(edges: &[f64]) -> Vec<f64> {
    let mut split = vec![edges[0]];
    for piece in edges.windows(2) {
        let length = (piece[1] / piece[0]).ln();
        let parts = (length / MAX_LOG_PIECE).ceil().max(1.0) as usize;
        split.extend((1..parts).map(|i| piece[0] * (length * i as f64 / parts as f64).exp()));
        split.push(piece[1]);
    }
    split
}
