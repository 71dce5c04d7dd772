//! Making a plan: a dataset's kinematics and a model's amplitudes on its nodes.

use std::ops::Range;

use crate::Result;

use super::plan::{Amplitudes, Kinematics, Plan, Term};
use super::recoil::recoil_weights;
use super::sampling::{Resolution, Sampled};
use crate::dataset::Dataset;
use crate::physics::cross_section::{mediator_amplitude, weak_charge};
use crate::physics::flux::Component;
use crate::physics::model::{Interaction, Lepton, Model};

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
    ///
    /// # Errors
    /// [`crate::Error::NotConverged`] where a count would be off by more than 1e-6 of it: response or flux are too sharp.
    pub fn new(dataset: &Dataset, resolution: Resolution) -> Result<Nodes> {
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
        let targets = dataset.targets.iter();
        let sampled: Vec<_> = targets.map(|target| Sampled::new(dataset, target, resolution)).collect::<Result<_>>()?;
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
        Ok(nodes)
    }

    fn push(&mut self, dataset: &Dataset, index: usize, (number, component): (usize, &Component), sampled: &Sampled) {
        let target = &dataset.targets[index];
        let isotope = &target.isotope;
        for node in sampled.below(isotope.max_recoil_energy_mev(component.spectrum.max_energy_mev())) {
            let (t, weight) = (sampled.rule.nodes[node], sampled.rule.weights[node]);
            let per_mev = recoil_weights(dataset, target, component, t);
            self.kinematics.q2_mev2.push(isotope.momentum_transfer_squared_mev2(t));
            self.kinematics.weight_vector.push(weight * per_mev.vector);
            self.kinematics.weight_scalar.push(weight * per_mev.scalar);
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

    /// The Standard Model's events in all energy bins by component of the source, at all times: what the detector would
    /// see were its window endless.
    pub fn standard_model_events(&self, dataset: &Dataset) -> Vec<f64> {
        let (kinematics, bins) = (&self.kinematics, self.kinematics.energy_bins);
        let charge = self.amplitudes(dataset, &Model::standard()).standard_model;
        let mut events = vec![0.0; dataset.source.components.len()];
        for (node, component) in self.components.iter().enumerate() {
            let seen: f64 = kinematics.response[node * bins..(node + 1) * bins].iter().sum();
            events[*component] += kinematics.weight_vector[node] * charge[node].powi(2) * seen;
        }
        events
    }

    /// Whether recoils are seen in each energy bin.
    pub fn bins_seen(&self) -> Vec<bool> {
        let rows = self.kinematics.response.chunks(self.kinematics.energy_bins);
        rows.fold(vec![false; self.kinematics.energy_bins], |seen, row| {
            seen.iter().zip(row).map(|(seen, share)| *seen || *share > 0.0).collect()
        })
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
