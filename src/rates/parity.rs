//! Holds an engine against the f64 sum.

use super::{Engine, Point, cpu, plan::Plan};
use crate::Result;
use rayon::prelude::*;
use serde::Serialize;

/// The contract of an engine: in every bin, at every point of a scan, it may differ from f64 by this much of
/// max(N, N_SM), N being the f64 count and N_SM the one at g = 0. About ten times what rounding to f32 gives.
pub const COUNTS_TOLERANCE: f64 = 3e-6;

/// Where an engine is furthest from f64.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Worst {
    /// |engine - f64| / max(N, N_SM) at the worst place; NaN if the engine's count is none.
    pub deviation: f64,
    /// Mediator mass there in MeV.
    pub mass_mev: f64,
    /// Coupling there.
    pub coupling: f64,
    /// Place among the point's counts, `[set][class][bin]`.
    pub channel: usize,
    /// The engine's count there.
    pub engine: f64,
    /// The f64 count there.
    pub reference: f64,
    /// Points compared.
    pub points: usize,
    /// Points that the engine itself did in f64.
    pub redone_in_f64: usize,
}

impl Worst {
    /// Whether the contract is kept.
    pub fn within_contract(&self) -> bool {
        self.deviation <= COUNTS_TOLERANCE
    }
}

/// Compares an engine with f64 on a plan.
///
/// # Errors
/// Those of the engine. A deviation, however large, is a result.
pub fn compare(engine: &dyn Engine, plan: &Plan, points: &[Point]) -> Result<Worst> {
    compare_plans(engine, plan, plan, points)
}

/// Compares an engine on one plan with f64 on another of the same shape: shows that the comparison can fail.
///
/// # Errors
/// Those of the engine.
pub fn compare_plans(engine: &dyn Engine, plan: &Plan, reference_plan: &Plan, points: &[Point]) -> Result<Worst> {
    let counts = engine.prepare(plan)?.submit(points)?.wait()?;
    // What deformations change is held to the count that they change.
    let (channels, least) = (reference_plan.channels(), engine.least_count());
    let at_zero = |point: Point| {
        let mut counts = vec![0.0; reference_plan.signal_counts()];
        cpu::counts_at(reference_plan, point, &mut counts);
        counts
    };
    let standard_model = at_zero(Point { mass_mev: 1.0, coupling: 0.0 });
    let start = Worst {
        deviation: 0.0,
        mass_mev: 0.0,
        coupling: 0.0,
        channel: 0,
        engine: 0.0,
        reference: 0.0,
        points: points.len(),
        redone_in_f64: counts.redone_in_f64,
    };
    let worst_of = |index: usize| {
        let point = points[index];
        let reference = at_zero(point);
        let (engine, mut worst) = (counts.point(index), start.clone());
        for channel in 0..reference_plan.signal_counts() {
            let scale = standard_model[channel % channels].max(reference[channel % channels]).max(least);
            let deviation = deviation(engine[channel], reference[channel], scale);
            if further(deviation, worst.deviation) {
                worst = Worst {
                    deviation,
                    mass_mev: point.mass_mev,
                    coupling: point.coupling,
                    channel,
                    engine: engine[channel],
                    reference: reference[channel],
                    ..worst
                };
            }
        }
        worst
    };
    let pick = |a: Worst, b: Worst| if further(b.deviation, a.deviation) { b } else { a };
    Ok((0..points.len()).into_par_iter().map(worst_of).reduce(|| start.clone(), pick))
}

/// |engine - reference| / max(reference, standard_model); 0 where both are the same, NaN and infinity included.
fn deviation(engine: f64, reference: f64, standard_model: f64) -> f64 {
    if engine == reference || (engine.is_nan() && reference.is_nan()) {
        return 0.0;
    }
    (engine - reference).abs() / reference.max(standard_model)
}

/// Whether `a` is further off than `b`; NaN is furthest.
fn further(a: f64, b: f64) -> bool {
    a > b || (a.is_nan() && !b.is_nan())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_is_none_is_furthest_off() {
        assert_eq!(deviation(1.0, 1.0, 2.0), 0.0);
        assert_eq!(deviation(1.5, 1.0, 2.0), 0.25);
        assert_eq!(deviation(0.0, 0.0, 0.0), 0.0);
        assert!(deviation(1.0, 0.0, 0.0).is_infinite());
        let missing = deviation(f64::NAN, 1.0, 1.0);
        assert!(missing.is_nan() && further(missing, f64::INFINITY) && !further(1.0, missing));
    }
}
