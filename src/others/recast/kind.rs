//! What an experiment does, by which crowded figures group limits.

use crate::{Error, Result};

/// A kind of limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[non_exhaustive]
pub enum LimitKind {
    /// Dumps of electrons or protons with a detector behind.
    BeamDump,
    /// Thin targets: bumps or missing energy.
    FixedTarget,
    /// Colliders.
    Collider,
    /// Decays of mesons.
    MesonDecay,
    /// Neutrinos on electrons.
    NeutrinoElectron,
    /// Coherent scattering of neutrinos on nuclei.
    NuclearRecoil,
    /// Pairs of muons from neutrinos in the field of a nucleus.
    Trident,
    /// Magnetic moments.
    MagneticMoment,
    /// Forces between nucleons, and nuclear decays.
    Nuclear,
    /// Oscillations of neutrinos in matter.
    Oscillation,
    /// The early Universe.
    Cosmology,
    /// Anything else.
    #[default]
    Other,
}

/// Name in files, and label in figures.
const KINDS: [(LimitKind, &str, &str); 12] = [
    (LimitKind::BeamDump, "beam-dump", "beam dumps"),
    (LimitKind::FixedTarget, "fixed-target", "fixed targets"),
    (LimitKind::Collider, "collider", "colliders"),
    (LimitKind::MesonDecay, "meson-decay", "meson decays"),
    (LimitKind::NeutrinoElectron, "neutrino-electron", "$ν$ on $e$"),
    (LimitKind::NuclearRecoil, "nuclear-recoil", "reactor CE$ν$NS"),
    (LimitKind::Trident, "trident", "$ν$ tridents"),
    (LimitKind::MagneticMoment, "magnetic-moment", "$(g-2)_e$"),
    (LimitKind::Nuclear, "nuclear", "nuclei"),
    (LimitKind::Oscillation, "oscillation", "oscillations"),
    (LimitKind::Cosmology, "cosmology", "$N_\"eff\"$"),
    (LimitKind::Other, "other", "others"),
];

impl LimitKind {
    /// Names in files.
    pub fn names() -> [&'static str; 12] {
        KINDS.map(|(_, name, _)| name)
    }

    /// The kind of a name.
    ///
    /// # Errors
    /// [`Error::UnknownName`].
    pub fn named(name: &str) -> Result<LimitKind> {
        let found = KINDS.iter().find(|(_, known, _)| *known == name);
        found.map(|(kind, ..)| *kind).ok_or_else(|| Error::unknown_name("kind of limit", name, LimitKind::names()))
    }

    /// Its name in files.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// Its label in figures, in their markup.
    pub fn label(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> &'static (LimitKind, &'static str, &'static str) {
        KINDS.iter().find(|(kind, ..)| *kind == self).unwrap_or(&KINDS[KINDS.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_names() {
        for (kind, name, label) in KINDS {
            assert_eq!((LimitKind::named(name).unwrap(), kind.name(), kind.label()), (kind, name, label));
        }
        assert!(LimitKind::named("beam-dumps").is_err());
    }
}
