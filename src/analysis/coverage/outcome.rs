//! What a toy says.

use crate::rates::Point;

use super::search::Minimum;

/// One toy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// chi2(truth) - chi2_min over the plane; infinite where a fit failed.
    pub q: f64,
    /// chi2(truth) - chi2_min at the truth's mass; infinite where a fit failed.
    pub q_fixed_mass: f64,
    /// chi2_min over the plane.
    pub chi2_min: f64,
    /// chi2 of the Standard Model.
    pub chi2_sm: f64,
    /// Best fit.
    pub best: Point,
}

impl Outcome {
    pub(super) fn of(minimum: Option<Minimum>) -> Outcome {
        match minimum {
            Some(minimum) => Outcome {
                q: minimum.chi2_truth - minimum.chi2,
                q_fixed_mass: minimum.chi2_truth - minimum.chi2_at_mass,
                chi2_min: minimum.chi2,
                chi2_sm: minimum.chi2_sm,
                best: minimum.point,
            },
            None => Outcome {
                q: f64::INFINITY,
                q_fixed_mass: f64::INFINITY,
                chi2_min: f64::NAN,
                chi2_sm: f64::NAN,
                best: Point { mass_mev: f64::NAN, coupling: f64::NAN },
            },
        }
    }
}
