//! Toys of the anchors: q of each at every node, and how probable it is there.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::coverage::blocks::Blocks;
use crate::analysis::coverage::maker::{Device, EngineRecord, make};
use crate::analysis::coverage::search::{Minimum, Search};
use crate::analysis::coverage::templates::Row;
use crate::analysis::coverage::toy::draw_toy;
use crate::analysis::coverage::truth::Truth;
use crate::analysis::coverage::{Plan, Watch};
use crate::base::memory;
use crate::rates::Point;

use super::density::Densities;
use super::weighted::Weighted;

/// Toys between two looks at whether anybody still wants them.
const BATCH: usize = 128;
/// What a toy takes at each node, once in its batch and once with all.
const BYTES: f64 = 2.0 * 2.0 * size_of::<f32>() as f64;

/// What q is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Statistic {
    /// chi2 less its minimum over the plane.
    Plane,
    /// chi2 less its minimum over couplings at the mass, that of all nodes.
    AtMass,
    /// The same, but 0 where that is at a larger coupling, which speaks for no upper
    /// limit (G. Cowan et al., arXiv:1007.1727).
    UpperAtMass,
}

/// The nodes at which something is calculated, ready for toys.
pub(super) struct Nodes<'a> {
    analysis: &'a Analysis,
    plan: Plan,
    statistic: Statistic,
    device: Device<'a>,
    /// Of each: its mass and coupling.
    pub points: Vec<Point>,
    /// Counts of each dataset at all of them.
    counts: Vec<Vec<f64>>,
    densities: Densities,
    /// What found the minima of the anchors' toys.
    pub engines: Mutex<Vec<EngineRecord>>,
}

/// The toys of one anchor.
pub(super) struct AnchorToys {
    /// The node that they were drawn at.
    pub node: usize,
    /// The number of the first.
    pub first: u64,
    /// Toys of which a fit failed.
    pub failed: usize,
    /// q at each node, `[toys][nodes]`.
    pub q: Vec<f32>,
    /// ln p at each node less that at the anchor, `[toys][nodes]`.
    pub logarithms: Vec<f32>,
}

impl<'a> Nodes<'a> {
    /// At some points; those of one mass should follow each other.
    ///
    /// # Errors
    /// A fit of the data that did not converge.
    pub(super) fn new(
        analysis: &'a Analysis,
        plan: Plan,
        statistic: Statistic,
        device: Device<'a>,
        points: Vec<Point>,
    ) -> Result<Nodes<'a>> {
        let mut counts = vec![Vec::new(); analysis.predictions.len()];
        let mut row: Option<Row> = None;
        for point in &points {
            let known = row.take().filter(|row| row.mass_mev == point.mass_mev);
            let own = known.map_or_else(|| Row::new(analysis, point.mass_mev), Ok)?;
            own.push_counts(point.coupling, &mut counts);
            row = Some(own);
        }
        let truths = points.par_iter().map(|point| Truth::new(analysis, *point, plan.nuisance, plan.seed));
        let densities = Densities::new(analysis, &truths.collect::<Result<Vec<_>>>()?);
        Ok(Nodes { analysis, plan, statistic, device, points, counts, densities, engines: Mutex::default() })
    }

    /// Vector instructions of the fits.
    pub(super) fn simd(&self) -> String {
        self.analysis.simd().to_string()
    }

    /// What finds the minima of toys.
    pub(super) fn device(&self) -> String {
        match self.device {
            Device::Cpu => "cpu".to_owned(),
            Device::Gpu { engine, .. } => format!("{:?}", engine.adapter()),
        }
    }

    /// Enters what made toys that were kept: what is at hand, or they would be others ([`Nodes::device`] is in their key).
    pub(super) fn took(&self) {
        let record = match self.device {
            Device::Cpu => EngineRecord::cpu(),
            Device::Gpu { engine, .. } => EngineRecord::gpu(engine),
        };
        self.engines.lock().unwrap_or_else(PoisonError::into_inner).push(record);
    }

    /// Draws and fits toys of a node, whose place among the nodes is given.
    ///
    /// # Errors
    /// Those of the truth, and of the watch.
    pub(super) fn toys(&self, node: usize, numbers: std::ops::Range<u64>, watch: &dyn Watch) -> Result<AnchorToys> {
        let point = self.points[node];
        memory::require_units("number of toys", numbers.end - numbers.start, BYTES * self.points.len() as f64)?;
        let truth = Truth::new(self.analysis, point, self.plan.nuisance, self.plan.seed)?;
        let search = Search::new(self.analysis, point)?;
        let blocks = Blocks::new(self.analysis, &truth, &search, self.plan);
        let made = make(&blocks, numbers.clone(), self.device, &|_| watch.done(0), &|text| watch.notice(text))?;
        self.engines.lock().unwrap_or_else(PoisonError::into_inner).push(made.engine);
        let pieces: Vec<(u64, &[Option<Minimum>])> =
            numbers.clone().step_by(BATCH).zip(made.minima.chunks(BATCH)).collect();
        let batches = pieces.into_par_iter().map(|(start, minima)| {
            let (mut q, mut logarithms) = (
                Vec::with_capacity(minima.len() * self.points.len()),
                Vec::with_capacity(minima.len() * self.points.len()),
            );
            let mut failed = 0;
            for (number, found) in (start..).zip(minima) {
                let toy = draw_toy(self.analysis, &truth, number, self.plan.sidebands);
                let found = found.and_then(|found| self.q_of(&toy, &found));
                failed += usize::from(found.is_none());
                match found {
                    Some(found) => q.extend(found),
                    None => q.extend(std::iter::repeat_n(f32::INFINITY, self.points.len())),
                }
                let here = self.densities.logarithms(&toy);
                logarithms.extend(here.iter().map(|logarithm| (logarithm - here[node]) as f32));
            }
            watch.done(minima.len())?;
            Ok((q, logarithms, failed))
        });
        let mut toys = AnchorToys::none(node, numbers.start);
        for (q, logarithms, failed) in batches.collect::<Result<Vec<_>>>()? {
            toys.q.extend(q);
            toys.logarithms.extend(logarithms);
            toys.failed += failed;
        }
        Ok(toys)
    }

    /// q of an observation at all nodes, `search` being that of their mass where it matters; none where the fits that it
    /// rests on failed.
    pub(super) fn q(&self, toy: &Analysis, search: &Search) -> Option<Vec<f32>> {
        self.q_of(toy, &search.minimum(toy)?)
    }

    /// The same, the minimum known.
    fn q_of(&self, toy: &Analysis, found: &Minimum) -> Option<Vec<f32>> {
        let chi2 = toy.chi2_of_counts(&self.counts, &mut toy.scratch());
        let lowest = (0..chi2.len()).min_by(|a, b| chi2[*a].total_cmp(&chi2[*b]))?;
        // The finest search is that which everything takes part in.
        let (minimum, coupling) = match self.statistic {
            Statistic::Plane => (found.chi2, found.point.coupling),
            Statistic::AtMass | Statistic::UpperAtMass => (found.chi2_at_mass, found.coupling_at_mass),
        };
        let (minimum, coupling) = match chi2[lowest] < minimum {
            true => (chi2[lowest], self.points[lowest].coupling),
            false => (minimum, coupling),
        };
        let q = |(chi2, point): (f64, &Point)| match self.statistic {
            Statistic::UpperAtMass if coupling > point.coupling => 0.0,
            _ => (chi2 - minimum) as f32,
        };
        Some(chi2.into_iter().zip(&self.points).map(q).collect())
    }

    /// Toys of all anchors, as those of each node.
    pub(super) fn mixture<'b>(&self, anchors: &'b [AnchorToys]) -> Mixture<'b> {
        let nodes = self.points.len();
        let all: f64 = anchors.iter().map(|anchor| anchor.len(nodes) as f64).sum();
        let places: Vec<(usize, f64)> =
            anchors.iter().map(|anchor| (anchor.node, anchor.len(nodes) as f64 / all)).collect();
        let of_anchor = |anchor: &AnchorToys| -> Vec<f64> {
            let toys = anchor.logarithms.par_chunks(nodes);
            toys.map(|toy| {
                let largest = places.iter().map(|(node, _)| toy[*node]).fold(f32::NEG_INFINITY, f32::max);
                let sum: f64 = places.iter().map(|(node, share)| share * f64::from(toy[*node] - largest).exp()).sum();
                f64::from(largest) + sum.ln()
            })
            .collect()
        };
        Mixture { anchors, nodes, together: anchors.iter().map(of_anchor).collect(), toys: all }
    }
}

impl AnchorToys {
    /// None yet; the number of the first is that.
    pub(super) fn none(node: usize, first: u64) -> AnchorToys {
        AnchorToys { node, first, failed: 0, q: Vec::new(), logarithms: Vec::new() }
    }

    /// Adds those that follow.
    pub(super) fn append(&mut self, other: AnchorToys) {
        self.failed += other.failed;
        self.q.extend(other.q);
        self.logarithms.extend(other.logarithms);
    }

    pub(super) fn len(&self, nodes: usize) -> usize {
        self.q.len() / nodes.max(1)
    }
}

/// Toys of all anchors together.
pub(super) struct Mixture<'a> {
    anchors: &'a [AnchorToys],
    nodes: usize,
    /// ln of the probability of each toy in the mixture, less that at its anchor.
    together: Vec<Vec<f64>>,
    toys: f64,
}

impl Mixture<'_> {
    /// The toys weighed to be those of a node (balance heuristic: E. Veach and L. J. Guibas, SIGGRAPH 1995), and the mean
    /// weight, which is 1 but for its error where the anchors reach the node.
    pub(super) fn at(&self, node: usize) -> (Weighted, f64) {
        self.toys_of(node, node)
    }

    /// The toys of one node with their q at another.
    pub(super) fn toys_of(&self, node: usize, q_at: usize) -> (Weighted, f64) {
        let pairs = self.anchors.iter().zip(&self.together).flat_map(|(anchor, together)| {
            let toys = anchor.q.chunks(self.nodes).zip(anchor.logarithms.chunks(self.nodes)).zip(together);
            toys.map(|((q, logarithms), together)| (f64::from(q[q_at]), (f64::from(logarithms[node]) - together).exp()))
        });
        let weighted = Weighted::new(pairs);
        let mean = weighted.sum() / self.toys;
        (weighted, mean)
    }
}
