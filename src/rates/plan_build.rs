//! Making a plan: a dataset's kinematics and a model's amplitudes on its nodes.

use std::ops::Range;

use rayon::prelude::*;

use crate::Result;

use super::Point;
use super::cpu::add_counts;
use super::deformations;
use super::plan::{Amplitudes, Kinematics, Plan, Term};
use super::process::{Process, SquareRole};
use super::sampling::{Fineness, Sampled};
use crate::dataset::{Dataset, Scattering};
use crate::physics::flux::Component;
use crate::physics::model::{Interaction, Lepton, Model};
use crate::physics::weak_couplings::WeakCouplings;

/// What a node stands for: all that amplitudes need to know, and sums over a part of the nodes.
#[derive(Debug, Clone, PartialEq)]
struct Site {
    /// Index of its process, in the order of the dataset.
    process: usize,
    scattering: Scattering,
    /// The component (flavour of the source).
    component: usize,
    lepton: Lepton,
    /// What its amplitude is made of.
    role: SquareRole,
}

/// A dataset's nodes: the fixed part of the plans of all models, made once.
#[derive(Debug, Clone, PartialEq)]
pub struct Nodes {
    kinematics: Kinematics,
    /// The Standard Model's amplitude of each node.
    standard_model: Vec<f64>,
    sites: Vec<Site>,
}

impl Nodes {
    /// Samples recoil energies, and folds flux, kinematics, exposure and response into weights (2.4).
    ///
    /// # Errors
    /// [`crate::Error::NotConverged`] where a count would be off by more than 1e-6 of it: response or flux are too sharp.
    pub fn new(dataset: &Dataset, fineness: Fineness) -> Result<Nodes> {
        Nodes::sampled(dataset, fineness, false)
    }

    /// The same with nodes on which magnetic moments of neutrinos act.
    ///
    /// # Errors
    /// Those of [`Nodes::new`].
    pub fn with_magnetic_moments(dataset: &Dataset, fineness: Fineness) -> Result<Nodes> {
        Nodes::sampled(dataset, fineness, true)
    }

    fn sampled(dataset: &Dataset, fineness: Fineness, magnetic: bool) -> Result<Nodes> {
        let mut nodes = Nodes {
            kinematics: Kinematics {
                q2_mev2: Vec::new(),
                weight_vector: Vec::new(),
                weight_scalar: Vec::new(),
                response: Vec::new(),
                response_row: Vec::new(),
                response_part: Vec::new(),
                deformations: Vec::new(),
                energy_bins: dataset.energy_bins(),
                classes: Vec::new(),
            },
            standard_model: Vec::new(),
            sites: Vec::new(),
        };
        let processes = Process::all(dataset);
        let sampled: Vec<Result<Sampled>> =
            processes.par_iter().map(|process| Sampled::new(dataset, process, fineness)).collect();
        // The first fault in the order of the file, whatever the threads.
        let sampled = sampled.into_iter().collect::<Result<Vec<_>>>()?;
        let mut first_rows = Vec::new();
        let mut of_matrix = None;
        for (process, sampled) in processes.iter().zip(&sampled) {
            let responses = &mut nodes.kinematics.response;
            let next = responses.len() / nodes.kinematics.energy_bins;
            first_rows.push(match process.response.matrix() {
                // All nuclei have the rows of one table.
                Some(matrix) => *of_matrix.get_or_insert_with(|| {
                    responses.extend(&matrix.probabilities);
                    next
                }),
                None => {
                    responses.extend(sampled.rows.iter().flatten());
                    next
                }
            });
        }
        nodes.kinematics.deformations = deformations::tables(dataset, &sampled);
        for class in 0..dataset.source.classes.len() {
            let first = nodes.sites.len();
            for (component, flavour) in dataset.source.components.iter().enumerate() {
                if flavour.class == class {
                    for (process, sampled) in sampled.iter().enumerate() {
                        let first_row = first_rows[process];
                        let process = (process, &processes[process]);
                        nodes.push(process, (component, flavour), (sampled, first_row), magnetic);
                    }
                }
            }
            nodes.kinematics.classes.push(first..nodes.sites.len());
        }
        Ok(nodes)
    }

    fn push(
        &mut self,
        (number, process): (usize, &Process),
        (component, flavour): (usize, &Component),
        (sampled, first_row): (&Sampled, usize),
        magnetic: bool,
    ) {
        for node in sampled.below(process.end_point_mev(flavour)) {
            let (t, weight) = (sampled.rule.nodes[node], sampled.rule.weights[node]);
            let moment = magnetic.then(|| process.magnetic_square(flavour, t));
            for square in process.squares(flavour, t).into_iter().chain(moment) {
                self.kinematics.q2_mev2.push(process.q2_mev2(t));
                self.kinematics.weight_vector.push(weight * square.weight_vector);
                self.kinematics.weight_scalar.push(weight * square.weight_scalar);
                let (row, part) = sampled.places[node];
                self.kinematics.response_row.push(first_row + row);
                self.kinematics.response_part.push(part);
                self.standard_model.push(square.standard_model);
                self.sites.push(Site {
                    process: number,
                    scattering: process.kind(),
                    component,
                    lepton: flavour.lepton,
                    role: square.role,
                });
            }
        }
    }

    /// The plan of one model.
    pub fn plan(&self, dataset: &Dataset, model: &Model) -> Plan {
        match model.standard.is_usual() {
            true => Plan { kinematics: self.kinematics.clone(), amplitudes: self.amplitudes(dataset, model) },
            false => self.plan_with(dataset, model, &WeakCouplings::of(model.standard)),
        }
    }

    /// The plan of one model where neutrinos couple to matter otherwise than in the paper, or nuclei have other radii than
    /// when the nodes were made; `dataset` is the nodes' own but for these.
    pub fn plan_with(&self, dataset: &Dataset, model: &Model, couplings: &WeakCouplings) -> Plan {
        let processes = Process::all(dataset);
        let mut plan = Plan { kinematics: self.kinematics.clone(), amplitudes: self.amplitudes(dataset, model) };
        let nodes = self.sites.iter().zip(&self.kinematics.q2_mev2).zip(&self.standard_model);
        let amplitude = |((site, q2), standard): ((&Site, &f64), &f64)| {
            processes[site.process].amplitude(site.role, couplings, site.lepton, *q2, *standard)
        };
        plan.amplitudes.standard_model = nodes.map(amplitude).collect();
        plan
    }

    /// What a model fixes at each node.
    fn amplitudes(&self, dataset: &Dataset, model: &Model) -> Amplitudes {
        let processes = Process::all(dataset);
        let mut amplitudes =
            Amplitudes { standard_model: self.standard_model.clone(), vector: Vec::new(), scalar: Vec::new() };
        for mediator in &model.mediators {
            let strength = mediator.coupling_ratio.powi(2);
            let amplitude = self.sites.iter().zip(&self.kinematics.q2_mev2).map(|(site, q2)| match site.role {
                SquareRole::Vector => {
                    strength * processes[site.process].exchange(&mediator.interaction, site.lepton, *q2)
                }
                SquareRole::Rest | SquareRole::MagneticMoment => 0.0,
            });
            let term = Term { mass_ratio: mediator.mass_ratio, amplitude: amplitude.collect() };
            match mediator.interaction {
                Interaction::Vector(_) => amplitudes.vector.push(term),
                Interaction::Scalar(_) => amplitudes.scalar.push(term),
            }
        }
        amplitudes
    }

    /// The Standard Model's events of one process in all energy bins by component of the source, at all times: what the
    /// detector would see were its window endless.
    pub fn standard_model_events(&self, dataset: &Dataset, scattering: Scattering) -> Vec<f64> {
        let kinematics = &self.kinematics;
        let mut events = vec![0.0; dataset.source.components.len()];
        for (node, site) in self.sites.iter().enumerate().filter(|(_, site)| site.scattering == scattering) {
            let seen: f64 = kinematics.response_of(node).sum();
            events[site.component] += kinematics.weight_vector[node] * self.standard_model[node].powi(2) * seen;
        }
        events
    }

    /// The Standard Model's counts, `[classes][energy_bins]`, at all times.
    pub fn standard_model_counts(&self) -> Vec<f64> {
        let kinematics = &self.kinematics;
        let bins = kinematics.energy_bins;
        let mut counts = vec![0.0; kinematics.classes.len() * bins];
        for (class, counts) in kinematics.classes.iter().zip(counts.chunks_mut(bins)) {
            for node in class.clone() {
                let events = kinematics.weight_vector[node] * self.standard_model[node].powi(2);
                counts.iter_mut().zip(kinematics.response_of(node)).for_each(|(count, seen)| *count += events * seen);
            }
        }
        counts
    }

    /// Whether recoils are seen in each energy bin.
    pub fn bins_seen(&self) -> Vec<bool> {
        let rows = self.kinematics.response.chunks(self.kinematics.energy_bins);
        rows.fold(vec![false; self.kinematics.energy_bins], |seen, row| {
            seen.iter().zip(row).map(|(seen, share)| *seen || *share > 0.0).collect()
        })
    }

    /// The nodes of one process and one flavour of the source, as ranges of node indices.
    pub fn of(&self, scattering: Scattering, component: usize) -> Vec<Range<usize>> {
        self.ranges(|site| site.scattering == scattering && site.component == component)
    }

    /// The nodes of one process, as ranges of node indices.
    pub fn of_process(&self, scattering: Scattering) -> Vec<Range<usize>> {
        self.ranges(|site| site.scattering == scattering)
    }

    /// The share of one process in a plan's counts at a point, `[classes][energy_bins]`.
    pub fn counts_of(&self, scattering: Scattering, plan: &Plan, point: Point) -> Vec<f64> {
        let ranges = self.of_process(scattering);
        let mut counts = vec![0.0; plan.channels()];
        let classes = plan.kinematics.classes.iter().zip(counts.chunks_mut(plan.kinematics.energy_bins));
        for (class, counts) in classes {
            for range in &ranges {
                let own = range.start.max(class.start)..range.end.min(class.end);
                add_counts(plan, point, own, counts);
            }
        }
        counts
    }

    fn ranges(&self, wanted: impl Fn(&Site) -> bool) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for node in (0..self.sites.len()).filter(|node| wanted(&self.sites[*node])) {
            match ranges.last_mut() {
                Some(range) if range.end == node => range.end += 1,
                _ => ranges.push(node..node + 1),
            }
        }
        ranges
    }
}
