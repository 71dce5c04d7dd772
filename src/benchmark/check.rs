//! Whether an engine is right: its chi2 at random points against the reference's.

use serde::Serialize;

use crate::analysis::Analysis;
use crate::analysis::limits::Minimum;
use crate::base::grid::Axis;
use crate::rates::Point;
use crate::rates::parity::COUNTS_TOLERANCE;
use crate::scan::{Device, Plane, Settings, Unobserved, scan};
use crate::statistics::gpu::{CHI2_TOLERANCE, CONTRACT_BELOW};
use crate::statistics::{TWO_SIGMA, delta_chi2};
use crate::{Error, Result};

/// Points of a check: 100 random masses by 100 random couplings.
pub const CHECK_POINTS: usize = 10_000;
/// Largest difference in chi2 from the reference that is allowed to the CPU engine, anywhere.
pub const CPU_CHI2_TOLERANCE: f64 = 1e-6;
/// Masses (MeV) and couplings of the points.
const MASS_MEV: (f64, f64) = (0.1, 1e5);
const COUPLING: (f64, f64) = (1e-6, 1.0);

/// How far an engine is from the reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// Points compared.
    pub points: usize,
    /// Largest difference in chi2; for a GPU where chi2 is less than 50 above its minimum. Where signals have several minima and
    /// chi2 is more than that above, a lower one is none.
    pub largest_chi2_difference: f64,
    /// What is allowed.
    pub allowed_chi2_difference: f64,
    /// Points where one of the two found a minimum and the other did not.
    pub unlike_statuses: usize,
    /// For a GPU: largest difference of a count, relative to max(N, N_SM).
    pub largest_count_deviation: Option<f64>,
    /// What is allowed.
    pub allowed_count_deviation: f64,
}

impl Check {
    /// Whether everything is as allowed.
    pub fn passed(&self) -> bool {
        self.unlike_statuses == 0
            && self.largest_chi2_difference <= self.allowed_chi2_difference
            && self.largest_count_deviation.is_none_or(|deviation| deviation <= self.allowed_count_deviation)
    }
}

/// Compares a device with the reference at [`CHECK_POINTS`] points of the plane, random for each seed.
///
/// # Errors
/// Those of the device. A difference, however large, is a result.
pub fn check(analysis: &Analysis, device: Device, seed: u64) -> Result<Check> {
    let mut random = fastrand::Rng::with_seed(seed);
    let plane = Plane {
        mass: axis("mass", "MeV", MASS_MEV, &mut random),
        coupling: axis("coupling", "", COUPLING, &mut random),
    };
    let on = |device| {
        let settings =
            Settings { device, tile_rows: None, delta_chi2: delta_chi2(TWO_SIGMA, 2)?, minimum: Minimum::Plane };
        scan(analysis, plane.clone(), settings, &Unobserved)
    };
    let (own, reference) = (on(device)?, on(Device::Reference)?);
    let (gpu, allowed) = match device {
        Device::Gpu(gpu) => (Some(gpu), CHI2_TOLERANCE),
        Device::Cpu | Device::Interpolated | Device::Reference => (None, CPU_CHI2_TOLERANCE),
    };
    // Where a minimum ends with growing coupling, rows know it from their neighbours and the reference does not: below it is
    // no error there.
    let far = reference.best_fit.chi2 + CONTRACT_BELOW;
    let has_several_minima = (0..analysis.minimised()).any(|index| analysis.has_several_minima(index));
    let difference = |own: f64, reference: f64| {
        let is_lower = has_several_minima && own > far && own < reference;
        if is_lower { 0.0 } else { (own - reference).abs() }
    };
    let below = gpu.map_or(f64::INFINITY, |_| reference.best_fit.chi2 + CONTRACT_BELOW);
    let pairs = own.chi2.iter().zip(&reference.chi2).filter(|(_, reference)| **reference < below);
    let mut largest_count_deviation = None;
    if let Some(gpu) = gpu {
        let points: Vec<Point> = plane
            .mass
            .values
            .iter()
            .zip(&plane.coupling.values)
            .map(|(&mass_mev, &coupling)| Point { mass_mev, coupling })
            .collect();
        for prediction in &analysis.predictions {
            let worst = gpu.compare_counts(&prediction.plan, &points)?.deviation;
            // NaN is kept: it passes no bound.
            let before = largest_count_deviation.unwrap_or(0.0);
            largest_count_deviation = Some(if worst <= before { before } else { worst });
        }
    }
    Ok(Check {
        points: plane.points(),
        largest_chi2_difference: pairs.map(|(own, reference)| difference(*own, *reference)).fold(
            0.0,
            |worst, difference| {
                if difference <= worst { worst } else { difference }
            },
        ),
        allowed_chi2_difference: allowed,
        unlike_statuses: own.status.iter().zip(&reference.status).filter(|(own, reference)| own != reference).count(),
        largest_count_deviation,
        allowed_count_deviation: COUNTS_TOLERANCE,
    })
}

impl Check {
    /// An error for a check that did not pass.
    ///
    /// # Errors
    /// Names the engine, the difference and what is allowed.
    pub fn require(&self, engine: &str) -> Result<()> {
        if self.passed() {
            return Ok(());
        }
        Err(Error::NotConverged {
            quantity: format!("{engine}: agreement with the reference"),
            reason: format!(
                "chi2 within {:.1e} ({:.0e} allowed), counts within {:.1e} ({:.0e} allowed), {} unlike statuses at {} points",
                self.largest_chi2_difference,
                self.allowed_chi2_difference,
                self.largest_count_deviation.unwrap_or(0.0),
                self.allowed_count_deviation,
                self.unlike_statuses,
                self.points
            ),
        })
    }
}

/// Random values, even in the logarithm, in increasing order.
fn axis(quantity: &str, unit: &str, (low, high): (f64, f64), random: &mut fastrand::Rng) -> Axis {
    let points = CHECK_POINTS.isqrt();
    let mut values: Vec<f64> = (0..points).map(|_| low * (high / low).powf(random.f64())).collect();
    values.sort_by(f64::total_cmp);
    Axis { quantity: quantity.to_owned(), unit: unit.to_owned(), values }
}
