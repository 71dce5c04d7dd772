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
    /// Multiplies the points in every piece by this over 4; 4 is the default, 2 and 8 must give the same counts to 1e-6.
    pub quarters: usize,
}

impl Default for Resolution {
    fn default() -> Self {
        Resolution { quarters: 4 }
    }
}

/// Longest piece in ln(T'): propagators and smearing vary on this scale.
const MAX_LOG_PIECE: f64 = 0.35;
/// Below this fraction of the end point no recoil is seen by a detector with any threshold; the response decides.
const LOWEST_FRACTION: f64 = 1e-4;

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
    /// Piecewise Gauss-Legendre up to the largest recoil, with an edge at every end point of a flavour (nu_mu's line makes
    /// a kink there) and at every kink of the response.
    fn new(dataset: &Dataset, target: &Target, resolution: Resolution) -> Sampled {
        let components = &dataset.source.components;
        let end_points = components
            .iter()
            .map(|component| target.isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev()));
        let mut edges: Vec<f64> = end_points.collect();
        let highest = edges.iter().copied().fold(0.0, f64::max);
        edges.extend(dataset.response.kinks_mev(highest));
        edges.push(LOWEST_FRACTION * highest);
        edges.sort_by(f64::total_cmp);
        edges.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * highest);
        let edges = split_long_pieces(&edges);
        let points: Vec<usize> =
            edges.windows(2).map(|piece| points_in_piece((piece[1] / piece[0]).ln(), resolution)).collect();
        let fine = Rule::piecewise(&edges, &points);
        let binned = dataset.response.binned();
        let mut sampled = Sampled { rule: Rule::default(), response: Vec::new() };
        for (t, weight) in fine.nodes.iter().zip(&fine.weights) {
            let response = binned(*t);
            // Nodes that no bin can see (below threshold) cost time and add nothing.
            if response.iter().any(|r| *r > NEGLIGIBLE_RESPONSE) {
                sampled.rule.nodes.push(*t);
                sampled.rule.weights.push(*weight);
                sampled.response.push(response);
            }
        }
        sampled
    }

    /// Indices of the nodes below a recoil energy.
    fn below(&self, recoil_energy_mev: f64) -> Range<usize> {
        0..self.rule.nodes.partition_point(|t| *t < recoil_energy_mev)
    }
}

/// A probability this small is dropped: even a 1/T'^4 enhancement at low mass leaves it below 1e-9 of the counts.
const NEGLIGIBLE_RESPONSE: f64 = 1e-18;

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

/// Points for a piece by its length in ln(T').
fn points_in_piece(log_length: f64, resolution: Resolution) -> usize {
    let default = match log_length {
        length if length < 0.02 => 2,
        length if length < 0.1 => 4,
        _ => 8,
    };
    (default * resolution.quarters).div_ceil(4)
}
