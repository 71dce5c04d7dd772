//! Critical values along the border of the excluded region: toys of a few anchors, weighed to be those of the points
//! between, and more anchors until the border is known well enough.

mod cls;
mod cls_couplings;
mod cls_crossings;
mod density;
mod kept;
mod mesh;
mod surface;
mod toys;
mod weighted;
mod work;

pub use cls::{ClsLimit, ClsPoint, Excluded, cls_limit};
pub use kept::are_kept_toys;
pub use surface::Surface;

use crate::analysis::Analysis;
use crate::analysis::coverage::{Device, EngineRecord, Nuisance, Plan, Watch};
use crate::analysis::limits::{Minimum, best_fit, minima_at_masses};
use crate::base::provenance::fingerprint;
use crate::{Error, Result};

use mesh::Mesh;
use work::{Found, Watched};

/// What is to be known how well.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Goal {
    /// Range of masses (MeV).
    pub mass_mev: (f64, f64),
    /// Confidence level of the border.
    pub confidence: f64,
    /// What q counts from: the minimum of the plane, two parameters, or that of each mass, one.
    pub minimum: Minimum,
    /// Error of the border in ln g, from the number of toys.
    pub tolerance: f64,
    /// Anchors at most; with the minimum of each mass, at each.
    pub most_anchors: usize,
}

impl Goal {
    /// The free parameters that Wilks' critical value counts.
    pub fn dof(&self) -> u32 {
        self.minimum.dof()
    }

    /// Parts of the border that have anchors of their own: masses, where each has its own minimum.
    pub fn parts(&self) -> usize {
        match self.minimum {
            Minimum::Plane => 1,
            Minimum::Mass => mesh::masses(self.mass_mev).len(),
        }
    }
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
    let masses = mesh::masses(goal.mass_mev);
    let watched = Watched { analysis, goal, plan, device, watch, of: Calibrated::new(analysis) };
    let found = match goal.minimum {
        Minimum::Plane => {
            let chi2_min = vec![best_fit(analysis)?.chi2; masses.len()];
            watched.along(&Mesh::new(analysis, masses, &chi2_min)?, ("", 0))?
        }
        Minimum::Mass => {
            let chi2_min = minima_at_masses(analysis, &masses)?;
            let mut all: Option<Found> = None;
            for (number, (mass_mev, chi2_min)) in masses.into_iter().zip(chi2_min).enumerate() {
                let mesh = Mesh::new(analysis, vec![mass_mev], &[chi2_min])?;
                let before = all.as_ref().map_or(0, |found| found.anchors.len());
                let own = watched.along(&mesh, (&format!("mass-{number:04}-"), before))?;
                all = Some(match all {
                    Some(all) => all.with(own),
                    None => own,
                });
            }
            all.ok_or_else(|| Error::out_of_range("range of masses", "empty", "one with masses"))?
        }
    };
    if found.anchors.is_empty() {
        let range = format!("{}:{} MeV", goal.mass_mev.0, goal.mass_mev.1);
        return Err(Error::out_of_range("range of masses", range, "one in which the data exclude something"));
    }
    let Found { anchors, surface, error, is_reached, engines } = found;
    Ok(Calibration { of: watched.of, plan, goal, anchors, surface, error, is_reached, engines })
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
