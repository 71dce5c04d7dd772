//! How many more bosons than dark photons an experiment makes, at equal couplings g.

use crate::Result;

use super::columns::{Columns, Interpolation};
use super::couplings::Couplings;
use super::hadrons::trace;
use super::particles::{VectorMeson, generator};

/// A way to make a vector boson X. Cross sections at one mass go as g^2 times its couplings squared.
#[derive(Debug, Clone, PartialEq)]
pub enum Mechanism {
    /// Bremsstrahlung off protons.
    ProtonBremsstrahlung,
    /// Off a fermion, or from a pair: e bremsstrahlung, e+e- -> gamma X, Drell-Yan. Its place in
    /// [`Couplings`]: (what, which).
    Fermion(FermionKind, usize),
    /// Mixing with a vector meson.
    Mixing(VectorMeson),
    /// A -> B X, by the flavour generators of both.
    Decay([f64; 3], [f64; 3]),
}

/// A row of [`Couplings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FermionKind {
    /// u, d, s.
    LightQuark,
    /// c, b, t.
    HeavyQuark,
    /// e, mu, tau.
    Lepton,
}

/// All that an experiment makes X by.
#[derive(Debug, Clone, PartialEq)]
pub enum Production {
    /// One mechanism.
    Single(Mechanism),
    /// Several; their shares of the dark photons depend on the mass.
    Fractions(Vec<(Mechanism, Interpolation)>),
}

/// Names of the fermions in `e_brem`, `e_e`, `u_u`.
const FERMIONS: [(&str, FermionKind, usize); 9] = [
    ("u", FermionKind::LightQuark, 0),
    ("d", FermionKind::LightQuark, 1),
    ("s", FermionKind::LightQuark, 2),
    ("c", FermionKind::HeavyQuark, 0),
    ("b", FermionKind::HeavyQuark, 1),
    ("t", FermionKind::HeavyQuark, 2),
    ("e", FermionKind::Lepton, 0),
    ("mu", FermionKind::Lepton, 1),
    ("tau", FermionKind::Lepton, 2),
];

impl Mechanism {
    /// By its name: `p_brem`, `e_brem`, `mu_brem`, a pair such as `e_e` or `u_u`, a vector meson (`rho0`, `omega`, `phi`),
    /// or a decay `A_B` of A to B X such as `pi0_gamma`.
    pub fn named(name: &str) -> Option<Mechanism> {
        if name == "p_brem" {
            return Some(Mechanism::ProtonBremsstrahlung);
        }
        if let Some(meson) = VectorMeson::named(name) {
            return Some(Mechanism::Mixing(meson));
        }
        let (first, second) = name.split_once('_')?;
        let fermion = FERMIONS.iter().find(|(fermion, ..)| *fermion == first && (second == "brem" || second == first));
        match fermion {
            Some((_, kind, which)) => Some(Mechanism::Fermion(*kind, *which)),
            None => Some(Mechanism::Decay(generator(first)?, generator(second)?)),
        }
    }

    /// What a boson lacks that is not produced, in words.
    pub fn without(&self) -> String {
        match self {
            Mechanism::ProtonBremsstrahlung => "no coupling to protons".to_owned(),
            Mechanism::Fermion(kind, which) => {
                let name = FERMIONS.iter().find(|(_, k, w)| (k, w) == (kind, which)).map_or("fermions", |f| f.0);
                format!("no coupling to {}", if name == "e" { "electrons" } else { name })
            }
            Mechanism::Mixing(_) => "no mixing with the vector meson".to_owned(),
            Mechanism::Decay(..) => "no such decay of mesons with these quark charges".to_owned(),
        }
    }

    /// Cross section over g^2, in a unit that depends on the mechanism and the mass only.
    fn strength(&self, couplings: &Couplings, mass_gev: f64) -> f64 {
        let [up, down, _] = couplings.light_quarks;
        match self {
            Mechanism::ProtonBremsstrahlung => (2.0 * up + down).powi(2),
            Mechanism::Fermion(FermionKind::LightQuark, i) => couplings.light_quarks[*i].powi(2),
            Mechanism::Fermion(FermionKind::HeavyQuark, i) => couplings.heavy_quarks[*i].powi(2),
            Mechanism::Fermion(FermionKind::Lepton, i) => couplings.leptons[*i].powi(2),
            Mechanism::Mixing(meson) => trace(*meson, couplings).powi(2),
            Mechanism::Decay(from, to) => {
                let mut amplitude = [0.0; 2];
                for meson in VectorMeson::ALL {
                    let flavour: f64 = from.iter().zip(to).zip(meson.generator()).map(|((a, b), v)| a * b * v).sum();
                    let [real, imaginary] = breit_wigner(meson, mass_gev);
                    let factor = flavour * trace(meson, couplings);
                    amplitude[0] += factor * real;
                    amplitude[1] += factor * imaginary;
                }
                amplitude[0].powi(2) + amplitude[1].powi(2)
            }
        }
    }
}

impl Production {
    /// From a file with a column of fractions for each mechanism, `# mass NAME NAME ...`.
    ///
    /// # Errors
    /// [`crate::Error::InFile`] for a header that does not name the columns, unknown mechanisms, and fractions below 0.
    pub(crate) fn from_columns(columns: &Columns) -> Result<Production> {
        let header_line = 1;
        let names = columns.header.get(1..).unwrap_or_default();
        if names.is_empty() || names.len() + 1 != columns.width() {
            let bound = format!("a comment 'mass NAME ...' of {} words, one for each column", columns.width());
            return Err(columns.error(header_line, "header", format!("{} words", columns.header.len()), &bound));
        }
        columns.require_positive(0, "mass [GeV]")?;
        let mut fractions = Vec::new();
        for (i, name) in names.iter().enumerate() {
            let mechanism = Mechanism::named(name).ok_or_else(|| {
                columns.error(header_line, "production mechanism", format!("'{name}'"), MECHANISM_NAMES)
            })?;
            if let Some((line, row)) = columns.rows.iter().find(|(_, row)| row[i + 1] < 0.0) {
                return Err(columns.error(*line, &format!("fraction of {name}"), row[i + 1], "zero or positive"));
            }
            fractions.push((mechanism, Interpolation::of(columns, i + 1)));
        }
        Ok(Production::Fractions(fractions))
    }

    /// Production of the target's boson over that of the source's at equal couplings g; zero where neither is made.
    pub fn ratio(&self, target: &Couplings, source: &Couplings, mass_gev: f64) -> f64 {
        let ratio = |mechanism: &Mechanism| {
            let made = mechanism.strength(source, mass_gev);
            if made > 0.0 { mechanism.strength(target, mass_gev) / made } else { 0.0 }
        };
        match self {
            Production::Single(mechanism) => ratio(mechanism),
            Production::Fractions(fractions) => {
                fractions.iter().map(|(mechanism, share)| share.at(mass_gev) * ratio(mechanism)).sum()
            }
        }
    }
}

/// What may stand for a mechanism, for messages.
pub(crate) const MECHANISM_NAMES: &str = "p_brem, e_brem, a pair such as e_e, a meson (rho0, omega, phi), or a decay A_B such as pi0_gamma of pi0, eta, eta', \
     rho0, omega, phi, gamma";

/// M^2/(M^2 - m^2 - i M^2 Gamma k/m), real and imaginary part; k is the phase space of the open channels over that at M.
fn breit_wigner(meson: VectorMeson, mass_gev: f64) -> [f64; 2] {
    let (pole, width) = meson.mass_and_width_gev();
    let momentum_squared = |mass: f64, [m1, m2]: [f64; 2]| {
        let s = mass * mass;
        (s - (m1 + m2).powi(2)) * (s - (m1 - m2).powi(2)) / (4.0 * s)
    };
    let open = meson.channels().iter().filter(|channel| mass_gev > channel.masses_gev.iter().sum());
    let phase_space: f64 = open
        .map(|channel| {
            let ratio = momentum_squared(mass_gev, channel.masses_gev) / momentum_squared(pole, channel.masses_gev);
            channel.branching * ratio.max(0.0).powf(1.5)
        })
        .sum();
    let pole2 = pole * pole;
    let (real, imaginary) = (pole2 - mass_gev * mass_gev, -pole2 * width * phase_space / mass_gev);
    let norm = pole2 / (real * real + imaginary * imaginary);
    [real * norm, -imaginary * norm]
}
