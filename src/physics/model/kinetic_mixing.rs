//! Kinetic mixing of Z' and photon at one loop of charged leptons (3.19-3.20).

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::base::quadrature::Rule;

use super::{Charges, Lepton};

/// eps_{beta alpha}(|q|) = int_0^1 x(1-x) ln[(m_beta^2 + x(1-x)|q|^2)/(m_alpha^2 + x(1-x)|q|^2)] dx  (3.20).
pub fn mixing_integral(beta: Lepton, alpha: Lepton, q2_mev2: f64) -> f64 {
    lepton_loop(beta, q2_mev2) - lepton_loop(alpha, q2_mev2)
}

/// The mixing of all charged leptons, - sum_f Q'_f int_0^1 x(1-x) ln(m_f^2 + x(1-x)|q|^2) dx.
///
/// For L_alpha - L_beta this is eps_{beta alpha}; a neutrino l couples to protons with Q'_l times it. The logarithmic
/// divergence of the loop drops out only where the lepton charges add up to zero, which the caller has checked.
pub fn one_loop_mixing(charges: &Charges, q2_mev2: f64) -> f64 {
    -Lepton::ALL.iter().map(|&f| charges.lepton(f) * lepton_loop(f, q2_mev2)).sum::<f64>()
}

/// The same for a Z' on its mass shell, |q|^2 = -M^2: the modulus, since above the thresholds 2 m_f the loop has an
/// imaginary part, with the sign of the real part. Masses are given, in MeV, in the order of [`Lepton::ALL`].
pub fn time_like_mixing(charges: &Charges, lepton_masses_mev: [f64; 3], mass2_mev2: f64) -> f64 {
    let mut sum = [0.0; 2];
    for (lepton, mass_mev) in Lepton::ALL.into_iter().zip(lepton_masses_mev) {
        let m2 = mass_mev.powi(2);
        let [real, imaginary] = time_like_loop_function(mass2_mev2 / m2);
        sum[0] -= charges.lepton(lepton) * (m2.ln() / 6.0 + real);
        sum[1] -= charges.lepton(lepton) * imaginary;
    }
    sum[0].hypot(sum[1]).copysign(sum[0])
}

/// int_0^1 x(1-x) ln[(m_f^2 + x(1-x)|q|^2)/MeV^2] dx, accurate to 1e-14.
fn lepton_loop(lepton: Lepton, q2_mev2: f64) -> f64 {
    let m2 = lepton.mass_mev().powi(2);
    m2.ln() / 6.0 + loop_function(q2_mev2 / m2)
}

/// int_0^1 x(1-x) ln(1 + s x(1-x)) dx for s >= 0: s/30 at small s, ln(s)/6 - 5/18 at large s.
fn loop_function(s: f64) -> f64 {
    if s < 1.0 {
        return smooth_loop_function(s);
    }
    let root = (1.0 + 4.0 / s).sqrt();
    // (root + 1)/(root - 1) = s (root + 1)^2 / 4
    let logarithm = (0.25 * s * (root + 1.0).powi(2)).ln();
    -5.0 / 18.0 + 2.0 / (3.0 * s) + (1.0 - 2.0 / s) * root * logarithm / 6.0
}

/// The real and the imaginary part of the same at s = -r, approached from below the cut: -r/30 at small r,
/// ln(r)/6 - 5/18 - i pi/6 at large r; the imaginary part starts at r = 4.
fn time_like_loop_function(r: f64) -> [f64; 2] {
    if r < 1.0 {
        return [smooth_loop_function(-r), 0.0];
    }
    let root = (1.0 - 4.0 / r).abs().sqrt();
    let weight = (1.0 + 2.0 / r) * root / 6.0;
    // (1 + root)/(1 - root) = r (1 + root)^2 / 4 above the threshold; below it, root is imaginary.
    let logarithm = if r < 4.0 { 2.0 * root.recip().atan() } else { (0.25 * r * (1.0 + root).powi(2)).ln() };
    [-5.0 / 18.0 - 2.0 / (3.0 * r) + weight * logarithm, if r > 4.0 { -PI * weight } else { 0.0 }]
}

/// The same by quadrature for |s| < 1, where the closed forms cancel, while the integrand is analytic far beyond [0, 1].
fn smooth_loop_function(s: f64) -> f64 {
    static SMOOTH: LazyLock<Rule> = LazyLock::new(|| Rule::piecewise(&[0.0, 1.0], &[24]));
    SMOOTH.integrate(|x| x * (1.0 - x) * (s * x * (1.0 - x)).ln_1p())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_form_meets_quadrature() {
        let rule = Rule::piecewise(&[0.0, 1e-3, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0], &[40; 8]);
        for s in [1e-6, 1e-2, 0.5, 0.999, 1.0, 1.001, 3.0, 1e2, 1e4, 4e4] {
            let direct = rule.integrate(|x| x * (1.0 - x) * (s * x * (1.0 - x)).ln_1p());
            assert!((loop_function(s) - direct).abs() < 1e-14, "{s}: {} {direct}", loop_function(s));
        }
    }

    #[test]
    fn time_like_closed_form_meets_quadrature() {
        for r in [1e-6, 0.5, 0.999, 1.0, 1.001, 2.0, 3.9, 3.999_999, 4.000_001, 4.1, 10.0, 1e3, 1e6] {
            // By symmetry twice [0, 1/2]; x = (1 - u)/2 makes 1 - r x(1-x) = 1 - r (1 - u^2)/4, which vanishes at u = root.
            let root = (1.0f64 - 4.0 / r).max(0.0).sqrt();
            let towards = |end: f64| (0..20).map(move |k| root + (end - root) * 0.5f64.powi(k));
            let mut edges: Vec<f64> = towards(0.0).chain([root]).chain(towards(1.0)).collect();
            edges.sort_by(f64::total_cmp);
            edges.dedup();
            let rule = Rule::piecewise(&edges, &vec![20; edges.len() - 1]);
            let argument =
                |u: f64| if r > 4.0 { 0.25 * r * (u - root) * (u + root) } else { 1.0 - 0.25 * r * (1.0 - u * u) };
            let real = rule.integrate(|u| 0.25 * (1.0 - u * u) * argument(u).abs().ln());
            // -pi times the part of the weight inside the root.
            let imaginary = -PI * 0.25 * (root - root.powi(3) / 3.0);
            let got = time_like_loop_function(r);
            assert!((got[0] - real).abs() < 2e-9 && (got[1] - imaginary).abs() < 1e-14, "{r}: {got:?} {real}");
        }
    }

    #[test]
    fn the_threshold_is_met_from_both_sides() {
        // By hand: root = 0 leaves -5/18 - 2/12.
        for r in [4.0 - 1e-12, 4.0, 4.0 + 1e-12] {
            let [real, imaginary] = time_like_loop_function(r);
            assert!((real + 4.0 / 9.0).abs() < 1e-5 && imaginary.abs() < 1e-5, "{r}: {real} {imaginary}");
        }
    }

    #[test]
    fn the_mixing_is_continuous_from_space_like_to_time_like() {
        let charges = Charges { electron: 1.0, muon: -1.0, ..Default::default() };
        let masses = Lepton::ALL.map(Lepton::mass_mev);
        let (before, behind) = (one_loop_mixing(&charges, 1e-9), time_like_mixing(&charges, masses, 1e-9));
        assert!((before / behind - 1.0).abs() < 1e-8, "{before} {behind}");
    }
}
