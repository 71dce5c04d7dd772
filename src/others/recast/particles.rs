//! Masses, widths and flavour content of what produces the boson and of what it decays to.
//!
//! The values are those with which the limits were derived and are recast elsewhere (arXiv:1801.04847, tables and code),
//! not the newest: a limit recast to the boson that it was set for must come out as it was published.

/// Reduced Planck constant (GeV s).
pub(crate) const HBAR_GEV_S: f64 = 6.58211951e-25;
/// Speed of light (m/s) (SI).
pub(crate) const SPEED_OF_LIGHT_M_PER_S: f64 = 299_792_458.0;
/// Electromagnetic coupling e of the dark photon, whose charges are e Q.
pub(crate) const ELECTROMAGNETIC_COUPLING: f64 = 0.302822;

/// Charged lepton masses (GeV): e, mu, tau.
pub(crate) const LEPTON_MASSES_GEV: [f64; 3] = [5.110e-4, 0.10566, 1.77682];
/// Masses (GeV) of the quarks that a boson decays to as quarks: c, b, t.
pub(crate) const HEAVY_QUARK_MASSES_GEV: [f64; 3] = [1.5, 4.8, 171.0];

const CHARGED_PION_GEV: f64 = 0.13957;
const NEUTRAL_PION_GEV: f64 = 0.13498;
const CHARGED_KAON_GEV: f64 = 0.49368;
const NEUTRAL_KAON_GEV: f64 = 0.49761;
const ETA_GEV: f64 = 0.54785;

/// A vector meson that a boson mixes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VectorMeson {
    /// rho(770)
    Rho,
    /// omega(782)
    Omega,
    /// phi(1020)
    Phi,
}

/// Two-body decay of a vector meson, for the mass dependence of its width.
pub struct MesonChannel {
    /// Branching ratio.
    pub branching: f64,
    /// Masses (GeV); two pions count as one body in three-body decays.
    pub masses_gev: [f64; 2],
}

impl VectorMeson {
    /// All of them.
    pub const ALL: [VectorMeson; 3] = [VectorMeson::Rho, VectorMeson::Omega, VectorMeson::Phi];

    /// By the name that files use.
    pub fn named(name: &str) -> Option<VectorMeson> {
        match name {
            "rho0" | "rho" => Some(VectorMeson::Rho),
            "omega" => Some(VectorMeson::Omega),
            "phi" => Some(VectorMeson::Phi),
            _ => None,
        }
    }

    /// Diagonal of its flavour generator (u, d, s).
    pub fn generator(self) -> [f64; 3] {
        match self {
            VectorMeson::Rho => [0.5, -0.5, 0.0],
            VectorMeson::Omega => [0.5, 0.5, 0.0],
            VectorMeson::Phi => [0.0, 0.0, std::f64::consts::FRAC_1_SQRT_2],
        }
    }

    /// Normalisation of its amplitude: the photon's is 1.
    pub fn normalisation(self) -> f64 {
        match self {
            VectorMeson::Rho => 2.0,
            VectorMeson::Omega => 6.0,
            VectorMeson::Phi => 3.0 * std::f64::consts::SQRT_2,
        }
    }

    /// Mass and width (GeV).
    pub(crate) fn mass_and_width_gev(self) -> (f64, f64) {
        match self {
            VectorMeson::Rho => (0.77549, 0.1491),
            VectorMeson::Omega => (0.78265, 0.00849),
            VectorMeson::Phi => (1.01946, 0.00426),
        }
    }

    /// Its main decays.
    pub fn channels(self) -> &'static [MesonChannel] {
        const fn channel(branching: f64, m1: f64, m2: f64) -> MesonChannel {
            MesonChannel { branching, masses_gev: [m1, m2] }
        }
        const RHO: &[MesonChannel] = &[channel(0.9988447, CHARGED_PION_GEV, CHARGED_PION_GEV)];
        const OMEGA: &[MesonChannel] = &[
            channel(0.8994773, 2.0 * CHARGED_PION_GEV, NEUTRAL_PION_GEV),
            channel(0.0834941, NEUTRAL_PION_GEV, 0.0),
            channel(0.0154283, CHARGED_PION_GEV, CHARGED_PION_GEV),
        ];
        const PHI: &[MesonChannel] = &[
            channel(0.4893042, CHARGED_KAON_GEV, CHARGED_KAON_GEV),
            channel(0.3422127, NEUTRAL_KAON_GEV, NEUTRAL_KAON_GEV),
            channel(0.0130981, ETA_GEV, 0.0),
        ];
        match self {
            VectorMeson::Rho => RHO,
            VectorMeson::Omega => OMEGA,
            VectorMeson::Phi => PHI,
        }
    }
}

/// Diagonal of the flavour generator (u, d, s) of what takes part in a decay A -> B X, by the name that files use.
pub fn generator(name: &str) -> Option<[f64; 3]> {
    let scaled = |diagonal: [f64; 3], norm: f64| Some(diagonal.map(|entry| entry / norm));
    match name {
        "gamma" | "photon" => scaled([2.0, -1.0, -1.0], 3.0),
        "pi0" => scaled([1.0, -1.0, 0.0], 2.0),
        "eta" => scaled([1.0, 1.0, -1.0], 6f64.sqrt()),
        "eta'" => scaled([1.0, 1.0, 2.0], 2.0 * 3f64.sqrt()),
        _ => VectorMeson::named(name).map(VectorMeson::generator),
    }
}
