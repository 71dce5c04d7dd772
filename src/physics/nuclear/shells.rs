//! Electrons of atoms by binding energy: how many a neutrino can set free with a given energy.
//!
//! Binding energies (keV) of Cs and I: arXiv:2202.10829; of Xe, Ge and Ar: X-ray data booklet (LBNL/PUB-490 Rev. 3, table
//! 1.1), the outermost shells of germanium, which it leaves out, from free atoms.

/// Electrons with one binding energy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shell {
    /// Binding energy (MeV).
    pub binding_mev: f64,
    /// How many: of one atom, or of all in a target.
    pub electrons: f64,
}

macro_rules! shells {
    ($($kev:literal $electrons:literal),+ $(,)?) => {
        &[$(Shell { binding_mev: 1e-3 * $kev, electrons: $electrons as f64 }),+]
    };
}

/// By Z, the most tightly bound first.
const SHELLS: [(u32, &[Shell]); 5] = [
    (18, shells![3.2059 2, 0.3263 2, 0.2506 2, 0.2484 4, 0.0293 2, 0.0159 2, 0.0157 4]),
    (
        32,
        shells![
            11.1031 2, 1.4146 2, 1.2481 2, 1.2170 4, 0.1801 2, 0.1249 2, 0.1208 4, 0.0298 4, 0.0292 6, 0.0143 2, 0.0079 2,
        ],
    ),
    (
        53,
        shells![
            33.169 2, 5.188 2, 4.852 2, 4.557 4, 1.072 2, 0.931 2, 0.875 4, 0.631 4, 0.620 6, 0.186 2, 0.123 2, 0.123 4,
            0.0505 4, 0.0487 6, 0.0201 2, 0.0113 5,
        ],
    ),
    (
        54,
        shells![
            34.561 2, 5.453 2, 5.107 2, 4.786 4, 1.1487 2, 1.0021 2, 0.9406 4, 0.6890 4, 0.6764 6, 0.2132 2, 0.1467 2,
            0.1455 4, 0.0695 4, 0.0675 6, 0.0233 2, 0.0134 2, 0.0121 4,
        ],
    ),
    (
        55,
        shells![
            35.985 2, 5.714 2, 5.359 2, 5.012 4, 1.211 2, 1.071 2, 1.003 4, 0.7405 4, 0.7266 6, 0.2323 2, 0.1724 2,
            0.1613 4, 0.0788 4, 0.0765 6, 0.0227 2, 0.0131 2, 0.0114 4, 0.0039 1,
        ],
    ),
];

/// The shells of an element; none where they are not known here.
pub(super) fn shells(protons: u32) -> Option<&'static [Shell]> {
    SHELLS.iter().find(|(z, _)| *z == protons).map(|(_, shells)| *shells)
}

#[cfg(test)]
mod tests {
    use super::SHELLS;

    #[test]
    fn atoms_are_neutral_and_their_shells_in_order() {
        for (protons, shells) in SHELLS {
            let electrons: f64 = shells.iter().map(|shell| shell.electrons).sum();
            assert_eq!(electrons, f64::from(protons), "Z = {protons}");
            assert!(shells.is_sorted_by(|inner, outer| inner.binding_mev >= outer.binding_mev), "Z = {protons}");
        }
    }
}
