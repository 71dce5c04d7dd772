//! Critical values along the border of the excluded region: toys of a few anchors, weighed to be those of the points
//! between, and more anchors until the border is known well enough.

mod border;
mod cls;
mod cls_couplings;
mod cls_crossings;
mod density;
mod kept;
mod mesh;
mod surface;
mod toys;
mod weighable;
mod weighted;
mod work;

pub use border::{Anchor, Calibrated, Calibration, Goal};
pub use cls::{ClsLimit, ClsPoint, cls_limit};
pub use cls_crossings::Excluded;
pub use kept::are_kept_toys;
pub use surface::Surface;
pub(super) use work::LEAST_EFFECTIVE;

use crate::analysis::Analysis;
use crate::analysis::coverage::{Device, Parts, Plan, Watch};
use crate::analysis::limits::{Minimum, best_fit, minima_at_masses};
use crate::{Error, Result};

use mesh::Mesh;
use weighable::require_weighable;
use work::{Found, Watched};

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
    calibrate_parts(analysis, goal, plan, (device, Parts::ALL), watch)
}

/// The same where toys were made in parts, on several machines: with a part, what belongs to it is made and given to `watch`
/// to be kept, and what is returned is not known well; without, what `watch` kept of all is taken.
///
/// # Errors
/// Those of [`calibrate`].
pub fn calibrate_parts(
    analysis: &Analysis,
    goal: Goal,
    plan: Plan,
    (device, parts): (Device, Parts),
    watch: &dyn Watch,
) -> Result<Calibration> {
    require_weighable(analysis, plan)?;
    let masses = mesh::masses(goal.mass_mev);
    let watched = Watched { analysis, goal, plan, device, watch, of: Calibrated::new(analysis), parts };
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
