//! Measured constants and those the paper fixes, unit in the name, source beside the number.
//!
//! "PDG" is the Review of Particle Physics, "CODATA" the 2018 adjustment; "(3.3)" and the like are equations of the paper.

/// Fermi constant [MeV^-2] (PDG: 1.1663787e-5 GeV^-2).
pub const FERMI_CONSTANT_PER_MEV2: f64 = 1.1663787e-11;
/// hbar c [MeV fm] (CODATA).
pub const HBAR_C_MEV_FM: f64 = 197.3269804;
/// Electron mass (MeV) (CODATA).
pub const ELECTRON_MASS_MEV: f64 = 0.51099895;
/// Muon mass (MeV) (PDG).
pub const MUON_MASS_MEV: f64 = 105.6583755;
/// Tau mass (MeV) (PDG).
pub const TAU_MASS_MEV: f64 = 1776.86;
/// Charged-pion mass (MeV) (PDG).
pub const PION_MASS_MEV: f64 = 139.57039;
/// Fine-structure constant at zero momentum transfer (CODATA).
pub const FINE_STRUCTURE: f64 = 1.0 / 137.035999084;
/// Atomic mass unit (MeV) (CODATA).
pub const ATOMIC_MASS_UNIT_MEV: f64 = 931.49410242;
/// Avogadro's number [1/mol] (SI).
pub const AVOGADRO_PER_MOL: f64 = 6.02214076e23;
/// Charged-pion lifetime (ns) (PDG).
pub const PION_LIFETIME_NS: f64 = 26.033;
/// Muon lifetime (ns) (PDG).
pub const MUON_LIFETIME_NS: f64 = 2196.9811;

/// Neutral-current vector coupling of the proton to nu_e, radiative corrections included (3.3).
pub const PROTON_COUPLING_NU_E: f64 = 0.0401;
/// Neutral-current vector coupling of the proton to nu_mu, radiative corrections included (3.3).
pub const PROTON_COUPLING_NU_MU: f64 = 0.0318;
/// Neutral-current vector coupling of the neutron (3.3).
pub const NEUTRON_COUPLING: f64 = -0.5094;
/// sin^2 theta_W at low momentum transfer, MS-bar (PDG): that of neutrinos on electrons.
pub const WEAK_ANGLE_SIN2: f64 = 0.23863;
/// Nucleon matrix element of the scalar current, (sigma_piN / m_ud)_ref (3.31).
pub const SCALAR_NUCLEON_MATRIX_ELEMENT: f64 = 17.3;
/// Surface thickness of the Helm form factor (fm) (text above 3.4).
pub const HELM_SURFACE_THICKNESS_FM: f64 = 0.9;

/// 1 GeV in MeV.
pub const GEV_IN_MEV: f64 = 1e3;
/// 1 keV in MeV.
pub const KEV_IN_MEV: f64 = 1e-3;
/// 1 MeV (eV).
pub const MEV_IN_EV: f64 = 1e6;
