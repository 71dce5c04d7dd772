//! Critical values along the border of the excluded region: toys of a few anchors, weighed to be those of the points
//! between, and more anchors until the border is known well enough.

mod cls;
mod density;
mod kept;
mod mesh;
mod surface;
mod toys;
mod weighted;

pub use cls::{ClsLimit, ClsPoint, cls_limit};
pub use kept::are_kept_toys;
pub use surface::Surface;

use std::sync::PoisonError;

use rayon::prelude::*;

use crate::analysis::Analysis;
use crate::analysis::coverage::critical::CONFIDENCES;
use crate::analysis::coverage::critical::Critical;
use crate::analysis::coverage::{Device, EngineRecord, Nuisance, Plan, Watch};
use crate::analysis::limits::best_fit;
use crate::base::provenance::{SOURCES, fingerprint};
use crate::rates::Point;
use crate::statistics::delta_chi2;
use crate::statistics::toys::RECIPE_VERSION;
use crate::{Error, Result};

use mesh::{Crossing, Mesh, error_of};
use toys::{AnchorToys, Mixture, Nodes, Statistic};
use weighted::Weighted;

/// Free parameters of the plane.
const PARAMETERS: u32 = 2;
/// The band in which the border is sought, in units of Wilks' critical value: a signal that may be 0 makes critical
/// values smaller, strips and measured backgrounds larger.
const BAND: (f64, f64) = (0.45, 1.3);
/// Where the border is expected before there are toys.
const FIRST_GUESS: f64 = 0.75;
/// Toys of equal weight that a point needs, and how far from 1 their mean weight may be: farther, the anchors do not
/// reach it.
const LEAST_EFFECTIVE: f64 = 500.0;
const MEAN_WEIGHT: (f64, f64) = (0.8, 1.25);
/// The band is made wider so many times at most.
const MOST_BANDS: usize = 3;

/// What is to be known how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Range of masses (MeV).
    pub mass_mev: (f64, f64),
    /// Confidence level of the border.
    pub confidence: f64,
    /// Error of the border in ln g, from the number of toys.
    pub tolerance: f64,
    /// Anchors at most.
    pub most_anchors: usize,
}

/// A point at which toys were drawn.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Anchor {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// Number of the first toy.
    pub first_toy: u64,
    /// Number of toys.
    pub toys: u64,
    /// Toys of which a fit failed; their q counts as infinite.
    pub failed: usize,
}

/// What a calibration is of: what else would make other toys.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Calibrated {
    /// Name of the model, and a digest of what it is.
    pub model: String,
    /// See there.
    pub model_digest: String,
    /// Names of the datasets, and a digest of what they are and of what was observed.
    pub data: String,
    /// See there.
    pub data_digest: String,
}

/// Critical values along the border.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Calibration {
    /// Model and data.
    pub of: Calibrated,
    /// How the toys of an anchor were made; `plan.toys` are those of the first.
    pub plan: Plan,
    /// What was asked for.
    pub goal: Goal,
    /// The anchors, in the order in which they were chosen.
    pub anchors: Vec<Anchor>,
    /// The critical values.
    pub surface: Surface,
    /// Largest error of the border in ln g, from the number of toys.
    pub error: f64,
    /// Whether all of the border is known as well as was asked for.
    pub is_reached: bool,
    /// What found the minima of toys, of each anchor that was not there before.
    pub engines: Vec<EngineRecord>,
}

impl Calibrated {
    /// A model on data.
    pub fn new(analysis: &Analysis) -> Calibrated {
        let channels = analysis.channels.iter();
        let data: Vec<_> =
            channels.map(|channel| (&channel.experiment.dataset, &channel.experiment.measurement)).collect();
        Calibrated {
            model: analysis.model.name.clone(),
            model_digest: fingerprint(&*analysis.model),
            data: analysis.data_name(),
            data_digest: fingerprint(&data),
        }
    }
}

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

/// Critical values along the border of the excluded region of an analysis.
///
/// # Errors
/// Datasets that share nuisance parameters, and nuisance parameters drawn from their priors: their toys cannot be weighed;
/// no border in the range of masses; those of the toys and of the watch.
pub fn calibrate(
    analysis: &Analysis,
    goal: Goal,
    plan: Plan,
    device: Device,
    watch: &dyn Watch,
) -> Result<Calibration> {
    require_weighable(analysis, plan)?;
    let wilks = delta_chi2(goal.confidence, PARAMETERS)?;
    let mesh = Mesh::new(analysis, goal.mass_mev, best_fit(analysis)?.chi2)?;
    let (mut low, mut high) = (BAND.0 * wilks, BAND.1 * wilks);
    for _ in 0..MOST_BANDS {
        let around = mesh.around(low, high);
        if around.is_empty() {
            let range = format!("{}:{} MeV", goal.mass_mev.0, goal.mass_mev.1);
            return Err(Error::out_of_range("range of masses", range, "one in which the data exclude something"));
        }
        let points = around.iter().map(|node| mesh.point(*node)).collect();
        let nodes = Nodes::new(analysis, plan, Statistic::Plane, device, points)?;
        let work = Work { mesh: &mesh, goal, plan, wilks, nodes, around };
        if let Some(found) = work.run(Calibrated::new(analysis), watch)? {
            return Ok(found);
        }
        watch.notice("the border leaves the band in which it was expected; once more with a wider one");
        (low, high) = (0.6 * low, 1.4 * high);
    }
    let bound = format!("between {low:.2} and {high:.2} along the border");
    Err(Error::out_of_range("critical value", "beyond that", bound))
}

/// That toys of one truth can be weighed to be those of another.
///
/// # Errors
/// Datasets that share nuisance parameters, and nuisance parameters drawn from their priors.
fn require_weighable(analysis: &Analysis, plan: Plan) -> Result<()> {
    if analysis.together.is_some() {
        let bound = "without nuisance parameters that datasets share: their toys cannot be weighed yet";
        return Err(Error::out_of_range("list of datasets", analysis.data_name(), bound));
    }
    if plan.nuisance == Nuisance::Prior {
        let bound = "profile or nominal: toys of parameters drawn from their priors cannot be weighed";
        return Err(Error::out_of_range("construction of the nuisance parameters", "prior", bound));
    }
    Ok(())
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
    /// None where the border leaves the band.
    fn run(&self, of: Calibrated, watch: &dyn Watch) -> Result<Option<Calibration>> {
        let each = self.plan.toys.1 - self.plan.toys.0;
        let key = self.key(&of);
        let mut anchors: Vec<AnchorToys> = Vec::new();
        let (mut error, mut is_reached) = (f64::INFINITY, false);
        while anchors.len() < self.goal.most_anchors {
            let (next, found) = self.next(&anchors);
            error = found;
            match next {
                Next::Wider => return Ok(None),
                Next::Done => {
                    is_reached = true;
                    break;
                }
                Next::Anchor(node) => {
                    watch.anchor(anchors.len() + 1, self.nodes.points[node], error);
                    // Anchors have different toys, or they would know the same.
                    let first = self.plan.toys.0 + anchors.len() as u64 * each;
                    let name = format!("anchor-{:04}", anchors.len() + 1);
                    let nodes = self.nodes.points.len();
                    let kept =
                        watch.take(&name)?.and_then(|bytes| kept::decode(&bytes, nodes, &key, (node, first, each)));
                    let toys = match kept {
                        Some(toys) => {
                            watch.done(each as usize)?;
                            toys
                        }
                        None => {
                            let toys = self.nodes.toys(node, first..first + each, watch)?;
                            watch.keep(&name, &kept::encode(&toys, nodes, &key))?;
                            toys
                        }
                    };
                    anchors.push(toys);
                }
            }
        }
        if !is_reached {
            let (next, found) = self.next(&anchors);
            (error, is_reached) = (found, matches!(next, Next::Done));
        }
        let record = |anchor: &AnchorToys| {
            let Point { mass_mev, coupling } = self.nodes.points[anchor.node];
            Anchor { mass_mev, coupling, first_toy: anchor.first, toys: each, failed: anchor.failed }
        };
        Ok(Some(Calibration {
            of,
            plan: self.plan,
            goal: self.goal,
            anchors: anchors.iter().map(record).collect(),
            surface: self.surface(&self.nodes.mixture(&anchors))?,
            error,
            is_reached,
            engines: self.nodes.engines.lock().unwrap_or_else(PoisonError::into_inner).clone(),
        }))
    }

    /// What the toys of an anchor follow from: not how many anchors there are to be, nor why.
    fn key(&self, of: &Calibrated) -> [u8; 32] {
        let simd = self.nodes.simd();
        kept::key(&format!(
            "{RECIPE_VERSION} {SOURCES} {simd} {} {of:?} {:?} {:?}",
            self.nodes.device(),
            self.plan,
            self.nodes.points
        ))
    }

    fn known(&self, mixture: &Mixture) -> Known {
        let of_node = |(place, node): (usize, &usize)| {
            let (weighted, mean) = mixture.at(place);
            (*node, weighted.critical(self.goal.confidence), reaches(&weighted, mean), weighted.effective())
        };
        Known { nodes: self.around.par_iter().enumerate().map(of_node).collect() }
    }

    /// What is needed most, and the largest error of the border in ln g.
    fn next(&self, anchors: &[AnchorToys]) -> (Next, f64) {
        let mixture = self.nodes.mixture(anchors);
        let known = self.known(&mixture);
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
            let error = error_of(crossing, width(crossing, known.nodes[below].1, known.nodes[above].1));
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
        let surface = self.empty();
        surface.filled(&values).unwrap_or_else(|| vec![FIRST_GUESS * self.wilks; self.mesh.len()])
    }

    fn empty(&self) -> Surface {
        let mut confidences: Vec<f64> = CONFIDENCES.iter().map(|(_, confidence)| *confidence).collect();
        if confidences.iter().all(|known| (known - self.goal.confidence).abs() > 1e-5) {
            confidences.push(self.goal.confidence);
        }
        let nothing = || vec![f64::NAN; self.mesh.len()];
        let levels = || vec![nothing(); confidences.len()];
        Surface {
            mass_mev: self.mesh.mass_mev.clone(),
            natural: self.mesh.natural.clone(),
            ratios: self.mesh.ratios.clone(),
            critical: levels(),
            low: levels(),
            high: levels(),
            effective: nothing(),
            wilks_covers: levels(),
            p_value: nothing(),
            confidences,
        }
    }

    fn surface(&self, mixture: &Mixture) -> Result<Surface> {
        let mut surface = self.empty();
        let confidences = surface.confidences.clone();
        let wilks = confidences.iter().map(|confidence| delta_chi2(*confidence, PARAMETERS));
        let wilks = wilks.collect::<Result<Vec<f64>>>()?;
        let of_node = |(place, node): (usize, &usize)| {
            let (weighted, mean) = mixture.at(place);
            let is_reached = reaches(&weighted, mean);
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

fn reaches(weighted: &Weighted, mean: f64) -> bool {
    weighted.effective() >= LEAST_EFFECTIVE && (MEAN_WEIGHT.0..=MEAN_WEIGHT.1).contains(&mean)
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
