//! The chance that a boson decays where a search looks, and what coupling makes up for it.
//!
//! A boson of lifetime tau is seen if it decays between t0 and t1 after production: exp(-t0/tau) - exp(-t1/tau). As 1/tau
//! goes as g^2, the signal at a mass goes as z (exp(-z) - exp(-z t1/t0)) with z = t0/tau: it rises with g as more bosons
//! are made, and falls when they decay inside the shield. All roots are sought in ln z, to 1e-14.

use serde::Deserialize;

use crate::Result;
use crate::base::search;

use super::particles::{HBAR_GEV_S, LEPTON_MASSES_GEV, SPEED_OF_LIGHT_M_PER_S};

/// Accuracy of ln z.
const TOLERANCE: f64 = 1e-15;
/// Above this exp(x) - 1 is not yet a subnormal number.
const SMALLEST: f64 = 1e-290;

/// The end t1 of a window in proper time; as it stands in tables of limits.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Window {
    /// A length in the laboratory (m) at an energy of the boson (GeV): t1 = L m/(E c).
    AtEnergy {
        /// The length.
        length_m: f64,
        /// The energy.
        energy_gev: f64,
    },
    /// A length (m) for a boson from the decay at rest of `parent_gev` with a recoiling `recoil_gev` (0: a photon):
    /// t1 = L/(gamma c), gamma = (M^2 + m^2 - M_recoil^2)/(2 M m).
    FromDecay {
        /// The length.
        length_m: f64,
        /// M.
        parent_gev: f64,
        /// M_recoil.
        #[serde(default)]
        recoil_gev: f64,
    },
    /// t1 = a/(m - 2 m_mu) + b, a in ps GeV and b in ps.
    AboveDimuonThreshold {
        /// a.
        ps_gev: f64,
        /// b.
        ps: f64,
    },
}

impl Window {
    /// t1 (s) for a boson of a mass (GeV).
    pub(crate) fn end_s(&self, mass_gev: f64) -> f64 {
        match *self {
            Window::AtEnergy { length_m, energy_gev } => length_m * mass_gev / (energy_gev * SPEED_OF_LIGHT_M_PER_S),
            Window::FromDecay { length_m, parent_gev, recoil_gev } => {
                let energy_gev = (parent_gev.powi(2) + mass_gev.powi(2) - recoil_gev.powi(2)) / (2.0 * parent_gev);
                length_m * mass_gev / (energy_gev * SPEED_OF_LIGHT_M_PER_S)
            }
            Window::AboveDimuonThreshold { ps_gev, ps } => {
                1e-12 * (ps_gev / (mass_gev - 2.0 * LEPTON_MASSES_GEV[1]) + ps)
            }
        }
    }
}

/// How the target's boson differs from the source's at one mass and equal g.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratios {
    /// Production x branching ratio.
    pub signal: f64,
    /// Total width.
    pub width: f64,
}

/// ln of z (exp(-z) - exp(-(1 + lambda) z)), the signal behind a shield, as a function of ln z; concave. An infinite
/// lambda is a decay volume without an end.
fn ln_signal_behind(ln_z: f64, lambda: f64) -> f64 {
    let z = ln_z.exp();
    // For the smallest numbers 1 - exp(-x) is x.
    ln_z - z + if lambda * z > SMALLEST { (-(-lambda * z).exp_m1()).ln() } else { lambda.ln() + ln_z }
}

/// The same of z (1 - exp(-z)): the signal inside a window, increasing.
fn ln_signal_within(ln_z: f64) -> f64 {
    let z = ln_z.exp();
    ln_z + if z > SMALLEST { (-(-z).exp_m1()).ln() } else { ln_z }
}

/// Where a continuous function changes its sign between two places; the nearer end where it does not.
fn crossing(low: f64, high: f64, f: impl Fn(f64) -> f64) -> Result<f64> {
    let (at_low, at_high) = (f(low), f(high));
    if at_low == 0.0 || (at_low > 0.0) == (at_high > 0.0) {
        return Ok(if at_low.abs() <= at_high.abs() { low } else { high });
    }
    search::root((low, at_low), (high, at_high), TOLERANCE, |x| Ok(f(x)))
}

/// ln z of the largest signal behind a shield: z = 1 for an endless decay volume, 2 for a short one.
fn ln_z_of_most_signal(lambda: f64) -> Result<f64> {
    let slope = |ln_z: f64| {
        let z = ln_z.exp();
        1.0 - z + if lambda.is_finite() { lambda * z / (lambda * z).exp_m1() } else { 0.0 }
    };
    crossing(0.0, 2.0f64.ln(), slope)
}

/// g_t/g_s of a single-sided limit inside a window.
///
/// # Errors
/// None in practice.
pub fn within(end_s: f64, source_width_gev: f64, source_coupling: f64, ratios: Ratios) -> Result<f64> {
    let ln_z_source = (end_s * source_width_gev / HBAR_GEV_S).ln() + 2.0 * source_coupling.ln();
    let wanted = ln_signal_within(ln_z_source) + (ratios.width / ratios.signal).ln();
    // The signal is below both z and z^2, and above 0.6 times the smaller one.
    let low = wanted.max(0.5 * wanted);
    let high = (wanted + 0.5).max(0.5 * wanted + 0.25);
    let ln_z = crossing(low, high, |ln_z| ln_signal_within(ln_z) - wanted)?;
    Ok((0.5 * (ln_z - ln_z_source - ratios.width.ln())).exp())
}

/// (lower, upper) of a two-sided limit behind a shield, of the target over the source's lower end; none where even the
/// most signal is too little.
///
/// # Errors
/// None in practice.
pub fn behind(lambda: f64, upper_over_lower: f64, ratios: Ratios) -> Result<Option<(f64, f64)>> {
    let ln_rho = 2.0 * upper_over_lower.ln();
    let ln_top = ln_z_of_most_signal(lambda)?;
    // At both ends of the source's limit there is the same signal.
    let difference = |ln_z: f64| ln_signal_behind(ln_z + ln_rho, lambda) - ln_signal_behind(ln_z, lambda);
    let ln_z_lower = crossing(ln_top - ln_rho, ln_top, difference)?;
    let wanted = ln_signal_behind(ln_z_lower, lambda) + (ratios.width / ratios.signal).ln();
    let Some((low, high)) = behind_levels(lambda, ln_top, wanted)? else { return Ok(None) };
    let coupling = |ln_z: f64| (0.5 * (ln_z - ln_z_lower - ratios.width.ln())).exp();
    Ok(Some((coupling(low), coupling(high))))
}

/// ln z on both sides of the maximum where the signal behind a shield has a given logarithm.
fn behind_levels(lambda: f64, ln_top: f64, wanted: f64) -> Result<Option<(f64, f64)>> {
    let excess = |ln_z: f64| ln_signal_behind(ln_z, lambda) - wanted;
    let at_top = excess(ln_top);
    // What misses by rounding touches: at the tip of the source's own limit both ends are one.
    if at_top < 0.0 {
        return Ok((at_top > -1e-12).then_some((ln_top, ln_top)));
    }
    // The signal is below both lambda z^2 and z.
    let low = wanted.max(0.5 * (wanted - lambda.ln()));
    let mut high = ln_top + 1.0;
    while excess(high) > 0.0 {
        high += 1.0;
    }
    Ok(Some((crossing(low.min(ln_top), ln_top, excess)?, crossing(ln_top, high, excess)?)))
}

/// g/g_edge below the grid of r-values where r becomes 1: few bosons of long lifetimes decay in time, the signal goes as
/// x (1 - exp(-x)), x = (g/g_edge)^2.
///
/// # Errors
/// None in practice.
pub(crate) fn below_grid(r_at_edge: f64) -> Result<f64> {
    let wanted = r_at_edge.ln() + ln_signal_within(0.0);
    let ln_x = crossing(0.5 * wanted, 0.0, |ln_x| ln_signal_within(ln_x) - wanted)?;
    Ok((0.5 * ln_x).exp())
}

/// g/g_edge above the grid, where short lifetimes make the signal go as x exp(1 - x).
///
/// # Errors
/// None in practice.
pub(crate) fn above_grid(r_at_edge: f64) -> Result<f64> {
    // Without an end of the decay volume the signal is z exp(-z).
    let levels = behind_levels(f64::INFINITY, 0.0, r_at_edge.ln() - 1.0)?;
    Ok(levels.map_or(1.0, |(_, ln_x)| (0.5 * ln_x).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAME: Ratios = Ratios { signal: 1.0, width: 1.0 };

    #[test]
    fn the_same_boson_has_the_same_limit() {
        for lambda in [1.1e-3, 0.02, 1.14, 6.7, 64.0] {
            for rho in [1.0, 1.0 + 1e-9, 1.001, 2.0, 17.0, 1e3, 1e6, 1e12] {
                let (low, high) = behind(lambda, rho, SAME).unwrap().unwrap();
                // At the tip, where both ends are one, the signal is flat: a rounding error of it moves g by its root.
                let tolerance = if rho < 1.0 + 1e-6 { 1e-7 } else { 1e-9 };
                let deviation = (low - 1.0).abs().max((high / rho - 1.0).abs());
                assert!(deviation < tolerance, "{lambda} {rho}: {low} {high}");
            }
        }
        for (end_s, width) in [(1e-20, 1e-9), (1e-12, 1e-3), (1.0, 1.0), (1e-12, 1e-40)] {
            let same = within(end_s, width, 1e-3, SAME).unwrap();
            assert!((same - 1.0).abs() < 1e-12, "{end_s} {width}: {same}");
        }
    }

    #[test]
    fn the_limits_solve_their_equation() {
        // Straight from the definition, with tau = 1/g^2 for the source and 1/(w g^2) for the target.
        for (lambda, rho, signal, width) in [(0.1, 30.0, 0.3, 5.0), (60.0, 500.0, 2.0, 0.01), (2.0, 3.0, 1.7, 0.9)] {
            let (low, high) = behind(lambda, rho, Ratios { signal, width }).unwrap().unwrap();
            let t0 = {
                let seen = |t0: f64, g: f64| (-t0 * g * g).exp() - (-t0 * (1.0 + lambda) * g * g).exp();
                let f = |ln_t0: f64| rho * rho * seen(ln_t0.exp(), rho) - seen(ln_t0.exp(), 1.0);
                let (mut a, mut b) = (-2.0 * f64::ln(rho) - 1.0, 1.0);
                for _ in 0..200 {
                    let middle = 0.5 * (a + b);
                    if f(middle) > 0.0 { a = middle } else { b = middle }
                }
                a.exp()
            };
            let count = |g: f64, width: f64| {
                g * g * ((-t0 * width * g * g).exp() - (-t0 * (1.0 + lambda) * width * g * g).exp())
            };
            for g in [low, high] {
                assert!((signal * count(g, width) / count(1.0, 1.0) - 1.0).abs() < 1e-9, "{lambda}: {g}");
            }
        }
        // By hand: z (1 - exp(-z)) is z^2 for z -> 0, so g^4 goes as width/(signal width^2).
        let ratios = Ratios { signal: 4.0, width: 16.0 };
        let got = within(1e-20, 1e-20, 1e-6, ratios).unwrap();
        assert!((got - (1.0f64 / 64.0).powf(0.25)).abs() < 1e-12, "{got}");
        // and z for z -> infinity: the closed form of prompt decays.
        let got = within(1.0, 1.0, 1.0, ratios).unwrap();
        assert!((got - 0.5).abs() < 1e-12, "{got}");
    }

    #[test]
    fn too_little_signal_is_no_limit() {
        assert_eq!(behind(1.0, 2.0, Ratios { signal: 1e-3, width: 1.0 }).unwrap(), None);
        // The maximum over that at the ends, a hair less and more.
        let top = ln_z_of_most_signal(1.0).unwrap();
        let (low, _) = behind(1.0, 4.0, SAME).unwrap().unwrap();
        assert!((low - 1.0).abs() < 1e-12 && top > 0.0 && top < 2.0f64.ln());
    }

    #[test]
    fn edges_of_the_grid_are_extrapolated() {
        // By hand: x (1 - exp(-x)) = r (1 - 1/e) at x = 1 for r = 1; r = (1 - exp(-1/4))/4/(1 - 1/e) at x = 1/4.
        assert!((below_grid(1.0).unwrap() - 1.0).abs() < 1e-12);
        let r = 0.25 * (1.0 - (-0.25f64).exp()) / (1.0 - (-1f64).exp());
        assert!((below_grid(r).unwrap() - 0.5).abs() < 1e-12);
        // x exp(1 - x) at x = 9, and what lies below the smallest r.
        assert!((above_grid(9.0 * (-8f64).exp()).unwrap() - 3.0).abs() < 1e-12);
        assert!((above_grid(1.0).unwrap() - 1.0).abs() < 1e-6);
        for r in [1e-300, 1e-100, 1e-10, 0.5, 0.999_999] {
            let (below, above) = (below_grid(r).unwrap(), above_grid(r).unwrap());
            assert!(below > 0.0 && below < 1.0 && above > 1.0 && above.is_finite(), "{r}: {below} {above}");
        }
    }
}
