//! Kinetic mixing of Z' and photon at one loop of charged leptons (3.19-3.20).

use std::sync::LazyLock;

use crate::quadrature::Rule;

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

/// int_0^1 x(1-x) ln[(m_f^2 + x(1-x)|q|^2)/MeV^2] dx, accurate to 1e-14.
fn lepton_loop(lepton: Lepton, q2_mev2: f64) -> f64 {
    let m2 = lepton.mass_mev().powi(2);
    m2.ln() / 6.0 + loop_function(q2_mev2 / m2)
}

/// int_0^1 x(1-x) ln(1 + s x(1-x)) dx for s >= 0: s/30 at small s, ln(s)/6 - 5/18 at large s.
fn loop_function(s: f64) -> f64 {
    static SMOOTH: LazyLock<Rule> = LazyLock::new(|| Rule::piecewise(&[0.0, 1.0], &[24]));
    if s < 1.0 {
        // The closed form cancels here, while the integrand is analytic far beyond [0, 1].
        return SMOOTH.integrate(|x| x * (1.0 - x) * (s * x * (1.0 - x)).ln_1p());
    }
    let root = (1.0 + 4.0 / s).sqrt();
    // (root + 1)/(root - 1) = s (root + 1)^2 / 4
    let logarithm = (0.25 * s * (root + 1.0).powi(2)).ln();
    -5.0 / 18.0 + 2.0 / (3.0 * s) + (1.0 - 2.0 / s) * root * logarithm / 6.0
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
}
