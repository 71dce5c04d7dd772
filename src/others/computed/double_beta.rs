//! Double beta decay with a scalar in place of neutrinos: g_ee of a massless scalar, weakened by the phase space that a mass
//! takes (arXiv:1802.08019 computes the spectra too; this is a guide within 30 % of g below 1.5 MeV).

use std::sync::LazyLock;

use crate::base::constants::ELECTRON_MASS_MEV;
use crate::base::quadrature::Rule;

const POINTS: usize = 64;

/// I(M)/I(0), I = int_0^(Q-M) dT f(T) sqrt((Q-T)^2 - M^2), for the energy Q (MeV) that the decay sets free; T is the kinetic
/// energy of both electrons. 0 where the scalar is too heavy.
pub fn phase_space(q_mev: f64, mass_mev: f64) -> f64 {
    if mass_mev >= q_mev {
        return 0.0;
    }
    integral(q_mev, mass_mev) / integral(q_mev, 0.0)
}

fn integral(q_mev: f64, mass_mev: f64) -> f64 {
    // T = (Q - M)(1 - u^2) takes the root away that the momentum has at the end.
    let end = q_mev - mass_mev;
    static RULE: LazyLock<Rule> = LazyLock::new(|| Rule::piecewise(&[0.0, 1.0], &[POINTS]));
    RULE.integrate(|u| {
        let t = end * (1.0 - u * u);
        2.0 * u * end * electrons(t / ELECTRON_MASS_MEV) * ((q_mev - t).powi(2) - mass_mev.powi(2)).max(0.0).sqrt()
    })
}

/// The phase space of two electrons that share the kinetic energy t (m_e), up to a constant.
fn electrons(t: f64) -> f64 {
    t * (t.powi(4) + 10.0 * t.powi(3) + 40.0 * t * t + 60.0 * t + 30.0) / 30.0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 136Xe, an independent calculation.
    #[test]
    fn masses_take_phase_space() {
        for (mass, expected) in [(0.1, 0.9535), (0.5, 0.5574), (1.0, 0.1892), (1.5, 0.0395), (2.0, 0.0031)] {
            let got = phase_space(2.4578, mass);
            assert!((got - expected).abs() < 6e-5, "{mass}: {got} {expected}");
        }
        assert_eq!((phase_space(2.4578, 0.0), phase_space(2.4578, 2.5)), (1.0, 0.0));
    }
}
