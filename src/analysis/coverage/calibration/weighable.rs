//! Which toys can be weighed.

use crate::analysis::Analysis;
use crate::analysis::coverage::{Nuisance, Plan};
use crate::{Error, Result};

/// That toys of one truth can be weighed to be those of another.
///
/// # Errors
/// Datasets that share nuisance parameters, and nuisance parameters drawn from their priors.
pub(super) fn require_weighable(analysis: &Analysis, plan: Plan) -> Result<()> {
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
