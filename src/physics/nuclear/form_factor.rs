//! The Helm form factor.

use crate::base::constants::{HBAR_C_MEV_FM, HELM_SURFACE_THICKNESS_FM};

/// Rms radii (fm) that the form factor is for: the box within is real from sqrt(3) s on.
pub const HELM_RADII_FM: (f64, f64) = (1.6, 20.0);

/// Helm form factor F(q) = 3 j1(q R0)/(q R0) exp(-q^2 s^2/2), with R0^2 = 5/3 (R^2 - 3 s^2).
///
/// `momentum_transfer_mev` is |q| (MeV), `rms_radius_fm` the rms radius R (fm); F(0) = 1.
/// R. H. Helm, Phys. Rev. 104 (1956) 1466; the text above (3.4).
pub fn helm(momentum_transfer_mev: f64, rms_radius_fm: f64) -> f64 {
    let q_per_fm = momentum_transfer_mev / HBAR_C_MEV_FM;
    let s = HELM_SURFACE_THICKNESS_FM;
    let box_radius_fm = (5.0 / 3.0 * (rms_radius_fm * rms_radius_fm - 3.0 * s * s)).sqrt();
    three_j1_over(q_per_fm * box_radius_fm) * (-0.5 * (q_per_fm * s).powi(2)).exp()
}

/// 3 j1(x)/x = 3 (sin x - x cos x)/x^3.
fn three_j1_over(x: f64) -> f64 {
    if x.abs() < 0.1 {
        // The closed form cancels here; the next term of the series is x^8/3991680, below 1e-14.
        let x2 = x * x;
        return 1.0 - x2 / 10.0 * (1.0 - x2 / 28.0 * (1.0 - x2 / 54.0));
    }
    let (sin, cos) = x.sin_cos();
    3.0 * (sin - x * cos) / (x * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_one_and_falls_with_the_radius() {
        assert_eq!(helm(0.0, 5.0), 1.0);
        // By hand: F = 1 - q^2 R^2/6 to first order, R the rms radius (the definition of the latter).
        let q_mev = 0.5;
        let slope = (1.0 - helm(q_mev, 5.0)) / (q_mev / HBAR_C_MEV_FM).powi(2);
        assert!((slope - 25.0 / 6.0).abs() < 1e-4, "{slope}");
    }

    #[test]
    fn series_meets_closed_form() {
        let closed = |x: f64| 3.0 * (x.sin() - x * x.cos()) / x.powi(3);
        assert!((three_j1_over(0.1 - 1e-12) - closed(0.1)).abs() < 1e-12);
    }
}
