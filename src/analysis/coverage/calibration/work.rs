//! Anchors along a border: which come next, and what the toys of all of them say at each node.

use std::sync::PoisonError;

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::analysis::coverage::critical::{CONFIDENCES, Critical};
use crate::analysis::coverage::sealed::{self, Key};
use crate::analysis::coverage::watch::taken;
use crate::analysis::coverage::{Device, EngineRecord, Parts, Plan, Watch};
use crate::analysis::limits::Minimum;
use crate::base::provenance::SOURCES;
use crate::rates::Point;
use crate::statistics::delta_chi2;
use crate::statistics::toys::RECIPE_VERSION;
use crate::{Error, Result};

use super::border::{Anchor, Calibrated, Goal};
use super::kept;
use super::mesh::{Crossing, Mesh, error_of};
use super::surface::Surface;
use super::toys::{AnchorToys, Mixture, Nodes, Statistic};
use super::weighted::Weighted;

/// The band in which the border is sought, in units of Wilks' critical value: a signal that may be 0 makes critical
/// values smaller, strips and measured backgrounds larger.
const BAND: (f64, f64) = (0.45, 1.3);
/// Where the border is expected before there are toys.
const FIRST_GUESS: f64 = 0.75;
/// Toys of equal weight that a point needs, and how far from 1 their mean weight may be: farther, the anchors do not
/// reach it.
pub const LEAST_EFFECTIVE: f64 = 500.0;
pub(super) const MEAN_WEIGHT: (f64, f64) = (0.8, 1.25);
/// As many toys tell where others are needed.
const MOST_FIRST: u64 = 1000;
/// The band is made wider so many times at most.
const MOST_BANDS: usize = 3;

/// What the toys say at the nodes.
struct Known {
    /// Of each node: place on the mesh, critical value at the goal's confidence, whether the anchors reach it, effective
    /// number.
    nodes: Vec<(usize, Option<Critical>, bool, f64)>,
}

/// What is asked of the next anchor.
enum Next {
    /// Toys at this node.
    Anchor(usize),
    /// The border leaves the band.
    Wider,
    /// Nothing.
    Done,
}

/// Toys of an anchor that decide on others: an eighth, or as many as tell something.
fn first_toys(each: u64) -> u64 {
    (each / 8).max(MOST_FIRST.min(each))
}

/// What the toys of some anchors are kept by: the digest of what they follow from, a word that their names begin with, and
/// how many anchors there were before.
struct Job<'a> {
    key: Key,
    word: &'a str,
    before: usize,
    watch: &'a dyn Watch,
}

/// What was asked for, of what, and who watches.
pub(super) struct Watched<'a> {
    pub analysis: &'a Analysis,
    pub goal: Goal,
    pub plan: Plan,
    pub device: Device<'a>,
    pub watch: &'a dyn Watch,
    pub of: Calibrated,
    pub parts: Parts,
}

/// Critical values along a border, or a part of it.
pub(super) struct Found {
    pub anchors: Vec<Anchor>,
    pub surface: Surface,
    pub error: f64,
    pub is_reached: bool,
    pub engines: Vec<EngineRecord>,
}

impl Found {
    /// Both, the other at larger masses.
    pub(super) fn with(mut self, other: Found) -> Found {
        self.anchors.extend(other.anchors);
        self.surface.append(other.surface);
        self.error = self.error.max(other.error);
        self.is_reached &= other.is_reached;
        self.engines.extend(other.engines);
        self
    }
}

impl Watched<'_> {
    /// Along the border on a mesh, anchors kept under names that begin with a word, so many others before them; without
    /// anchors where there is no border.
    ///
    /// # Errors
    /// A border that no band holds; those of the toys and of the watch.
    pub(super) fn along(&self, mesh: &Mesh, (word, before): (&str, usize)) -> Result<Found> {
        let Watched { analysis, goal, plan, device, watch, .. } = *self;
        let wilks = delta_chi2(goal.confidence, goal.dof())?;
        let (mut low, mut high) = (BAND.0 * wilks, BAND.1 * wilks);
        for _ in 0..MOST_BANDS {
            let around = mesh.around(low, high);
            if around.is_empty() {
                let surface = empty(mesh, goal);
                return Ok(Found { anchors: Vec::new(), surface, error: 0.0, is_reached: true, engines: Vec::new() });
            }
            let points = around.iter().map(|node| mesh.point(*node)).collect();
            let statistic = match goal.minimum {
                Minimum::Plane => Statistic::Plane,
                Minimum::Mass => Statistic::AtMass,
            };
            let nodes = Nodes::new(analysis, plan, statistic, device, points)?;
            let work = Work { mesh, goal, plan, wilks, nodes, around };
            let job = Job { key: work.key(&self.of), word, before, watch };
            if let Some(found) = work.run(&job, self.parts)? {
                return Ok(found);
            }
            watch.notice("the border leaves the band in which it was expected; once more with a wider one");
            (low, high) = (0.6 * low, 1.4 * high);
        }
        let bound = format!("between {low:.2} and {high:.2} along the border");
        Err(Error::out_of_range("critical value", "beyond that", bound))
    }
}

struct Work<'a> {
    mesh: &'a Mesh,
    goal: Goal,
    plan: Plan,
    wilks: f64,
    nodes: Nodes<'a>,
    around: Vec<usize>,
}

impl Work<'_> {
    /// None where the border leaves the band. The first toys of each anchor decide where anchors are, so that machines that
    /// share the others agree on it; what those leave open all of them decide.
    fn run(&self, job: &Job, parts: Parts) -> Result<Option<Found>> {
        let each = self.plan.toys.1 - self.plan.toys.0;
        let first = first_toys(each);
        let mut anchors: Vec<AnchorToys> = Vec::new();
        while anchors.len() < self.goal.most_anchors {
            let (next, error) = self.next(&anchors, first as f64 / each as f64);
            match next {
                Next::Wider => return Ok(None),
                Next::Done => break,
                Next::Anchor(node) => {
                    job.watch.anchor(job.before + anchors.len() + 1, self.nodes.points[node], error);
                    anchors.push(self.kept_toys(job, (anchors.len(), node), 0..first, parts.are_put_together())?);
                }
            }
        }
        if let Some(own) = parts.own {
            for (number, anchor) in anchors.iter().enumerate() {
                self.kept_toys(job, (number, anchor.node), parts.range(first..each, own), false)?;
            }
            return Ok(Some(self.found(&anchors, (f64::INFINITY, false))?));
        }
        for (number, anchor) in anchors.iter_mut().enumerate() {
            self.add_rest(job, number, anchor, (parts, parts.are_put_together()))?;
        }
        loop {
            let (next, error) = self.next(&anchors, 1.0);
            match next {
                Next::Wider => return Ok(None),
                Next::Anchor(node) if anchors.len() < self.goal.most_anchors => {
                    job.watch.anchor(job.before + anchors.len() + 1, self.nodes.points[node], error);
                    let mut anchor = self.kept_toys(job, (anchors.len(), node), 0..first, false)?;
                    self.add_rest(job, anchors.len(), &mut anchor, (parts, false))?;
                    anchors.push(anchor);
                }
                end => return Ok(Some(self.found(&anchors, (error, matches!(end, Next::Done)))?)),
            }
        }
    }

    /// All but the first toys of an anchor, part by part.
    fn add_rest(&self, job: &Job, number: usize, anchor: &mut AnchorToys, (parts, must): (Parts, bool)) -> Result<()> {
        let each = self.plan.toys.1 - self.plan.toys.0;
        for part in 0..parts.of {
            let range = parts.range(first_toys(each)..each, part);
            anchor.append(self.kept_toys(job, (number, anchor.node), range, must)?);
        }
        Ok(())
    }

    /// Toys of an anchor, given by its number and node, from and to so many of its own: those that were kept, as they `must`
    /// have been, or new ones, which are.
    fn kept_toys(
        &self,
        job: &Job,
        (number, node): (usize, usize),
        range: std::ops::Range<u64>,
        must: bool,
    ) -> Result<AnchorToys> {
        // Anchors have different toys, or they would know the same.
        let each = self.plan.toys.1 - self.plan.toys.0;
        let before = self.plan.toys.0 + number as u64 * each;
        let numbers = before + range.start..before + range.end;
        if range.is_empty() {
            return Ok(AnchorToys::none(node, numbers.start));
        }
        let name = format!("{}anchor-{:04}-{}", job.word, number + 1, range.start);
        let nodes = self.nodes.points.len();
        let wanted = (node, numbers.start, range.end - range.start);
        if let Some(toys) = taken(job.watch, &name, must, |bytes| kept::decode(bytes, nodes, &job.key, wanted))? {
            self.nodes.took();
            job.watch.done(wanted.2 as usize)?;
            return Ok(toys);
        }
        let toys = self.nodes.toys(node, numbers, job.watch)?;
        job.watch.keep(&name, &kept::encode(&toys, nodes, &job.key))?;
        Ok(toys)
    }

    fn found(&self, anchors: &[AnchorToys], (error, is_reached): (f64, bool)) -> Result<Found> {
        let nodes = self.nodes.points.len();
        let record = |anchor: &AnchorToys| {
            let Point { mass_mev, coupling } = self.nodes.points[anchor.node];
            let toys = anchor.len(nodes) as u64;
            Anchor { mass_mev, coupling, first_toy: anchor.first, toys, failed: anchor.failed }
        };
        Ok(Found {
            anchors: anchors.iter().map(record).collect(),
            surface: self.surface(&self.nodes.mixture(anchors))?,
            error,
            is_reached,
            engines: self.nodes.engines.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        })
    }

    /// What the toys of an anchor follow from: not how many anchors there are to be, nor why.
    fn key(&self, of: &Calibrated) -> Key {
        let simd = self.nodes.simd();
        sealed::key(&format!(
            "{RECIPE_VERSION} {SOURCES} {simd} {} {of:?} {:?} {:?} {:?}",
            self.nodes.device(),
            self.goal.minimum,
            self.plan,
            self.nodes.points
        ))
    }

    fn known(&self, mixture: &Mixture, share: f64) -> Known {
        let of_node = |(place, node): (usize, &usize)| {
            let (weighted, mean) = mixture.at(place);
            let is_reached = reaches(&weighted, mean, share);
            (*node, weighted.critical(self.goal.confidence), is_reached, weighted.effective())
        };
        Known { nodes: self.around.par_iter().enumerate().map(of_node).collect() }
    }

    /// What is needed most, and the largest error of the border in ln g, if the toys are that share of those that there will
    /// be.
    fn next(&self, anchors: &[AnchorToys], share: f64) -> (Next, f64) {
        let mixture = self.nodes.mixture(anchors);
        let known = self.known(&mixture, share);
        // Which of the nodes a place on the mesh is.
        let mut index = vec![None; self.mesh.len()];
        known.nodes.iter().enumerate().for_each(|(place, (node, ..))| index[*node] = Some(place));
        let crossings = self.mesh.crossings(&self.levels(&known));
        let ratios = self.mesh.ratios.len();
        let mut least: Option<(f64, usize)> = None;
        let mut worst: Option<(f64, usize)> = None;
        for crossing in &crossings {
            let corners = [0, 1].map(|up| crossing.mass * ratios + crossing.ratio + up);
            let [Some(below), Some(above)] = corners.map(|node| index[node]) else { return (Next::Wider, f64::NAN) };
            for place in [below, above] {
                let (_, _, is_reached, effective) = known.nodes[place];
                if !is_reached && least.is_none_or(|(smallest, _)| effective < smallest) {
                    least = Some((effective, place));
                }
            }
            let error = share.sqrt() * error_of(crossing, width(crossing, known.nodes[below].1, known.nodes[above].1));
            if worst.is_none_or(|(largest, _)| error.is_nan() || error > largest) {
                worst = Some((error, if crossing.share < 0.5 { below } else { above }));
            }
        }
        let error = worst.map_or(0.0, |(error, _)| error);
        match (least, worst) {
            (Some((_, place)), _) => (Next::Anchor(place), f64::INFINITY),
            (None, Some((error, place))) if error.is_nan() || error > self.goal.tolerance => {
                (Next::Anchor(place), error)
            }
            // The border is outside of all that is shown: what is known of the band is enough.
            _ if anchors.is_empty() => (Next::Anchor(self.around.len() / 2), f64::INFINITY),
            _ => (Next::Done, error),
        }
    }

    /// The critical value at all places of the mesh as far as it is known; elsewhere the nearest, or a guess.
    fn levels(&self, known: &Known) -> Vec<f64> {
        let mut values = vec![f64::NAN; self.mesh.len()];
        for (node, critical, is_reached, _) in &known.nodes {
            if let (Some(critical), true) = (critical, is_reached) {
                values[*node] = critical.value;
            }
        }
        let surface = empty(self.mesh, self.goal);
        surface.filled(&values).unwrap_or_else(|| vec![FIRST_GUESS * self.wilks; self.mesh.len()])
    }

    fn surface(&self, mixture: &Mixture) -> Result<Surface> {
        let mut surface = empty(self.mesh, self.goal);
        let confidences = surface.confidences.clone();
        let wilks = confidences.iter().map(|confidence| delta_chi2(*confidence, self.goal.dof()));
        let wilks = wilks.collect::<Result<Vec<f64>>>()?;
        let of_node = |(place, node): (usize, &usize)| {
            let (weighted, mean) = mixture.at(place);
            let is_reached = reaches(&weighted, mean, 1.0);
            let levels = confidences.iter().zip(&wilks).filter(|_| is_reached);
            let levels = levels.map(|(level, wilks)| (weighted.critical(*level), weighted.coverage(*wilks).0));
            let p_value = if is_reached { weighted.p_value(self.mesh.q(*node)).0 } else { f64::NAN };
            (weighted.effective(), p_value, levels.collect::<Vec<_>>())
        };
        let found: Vec<_> = self.around.par_iter().enumerate().map(of_node).collect();
        for (node, (effective, p_value, levels)) in self.around.iter().zip(found) {
            (surface.effective[*node], surface.p_value[*node]) = (effective, p_value);
            for (level, (critical, covers)) in levels.into_iter().enumerate() {
                surface.wilks_covers[level][*node] = covers;
                if let Some(Critical { value, low, high }) = critical {
                    surface.critical[level][*node] = value;
                    (surface.low[level][*node], surface.high[level][*node]) = (low, high);
                }
            }
        }
        Ok(surface)
    }
}

fn reaches(weighted: &Weighted, mean: f64, share: f64) -> bool {
    weighted.effective() >= LEAST_EFFECTIVE * share && (MEAN_WEIGHT.0..=MEAN_WEIGHT.1).contains(&mean)
}

/// Half the width of the critical value's interval at a crossing; infinite where it is not known.
fn width(crossing: &Crossing, below: Option<Critical>, above: Option<Critical>) -> f64 {
    let half = |critical: Option<Critical>| critical.map_or(f64::INFINITY, |found| 0.5 * (found.high - found.low));
    let (below, above) = (half(below), half(above));
    if below.is_finite() && above.is_finite() {
        below * (1.0 - crossing.share) + above * crossing.share
    } else {
        f64::INFINITY
    }
}

/// Nothing known yet.
fn empty(mesh: &Mesh, goal: Goal) -> Surface {
    let mut confidences: Vec<f64> = CONFIDENCES.iter().map(|(_, confidence)| *confidence).collect();
    if confidences.iter().all(|known| (known - goal.confidence).abs() > 1e-5) {
        confidences.push(goal.confidence);
    }
    let nothing = || vec![f64::NAN; mesh.len()];
    let levels = || vec![nothing(); confidences.len()];
    Surface {
        minimum: goal.minimum,
        mass_mev: mesh.mass_mev.clone(),
        natural: mesh.natural.clone(),
        ratios: mesh.ratios.clone(),
        critical: levels(),
        low: levels(),
        high: levels(),
        effective: nothing(),
        wilks_covers: levels(),
        p_value: nothing(),
        confidences,
    }
}
