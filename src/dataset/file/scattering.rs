//! How neutrinos scatter: CEvNS, and what `[[process]]` adds.

use crate::Result;
use crate::base::document::Distinct;
use crate::dataset::{Scattering, Target};

use super::Parts;

/// Reads `electron_recoils`: whether the selection rejects them, which it does not where nothing is said.
pub(super) fn rejects_electrons(parts: &Parts) -> Result<bool> {
    let section = &parts.with("electron_recoils").section;
    Ok(section.has("electron_recoils") && section.choice("electron_recoils", &["rejected", "accepted"])? == "rejected")
}

/// Reads each `[[process]]`; CEvNS is always among them and first.
pub(super) fn read(
    parts: &Parts,
    targets: &[Target],
    energy_unit: &str,
    rejects_electrons: bool,
) -> Result<Vec<Scattering>> {
    let mut processes = vec![Scattering::Cevns];
    let mut kinds = Distinct::default();
    for part in parts.sections("process")? {
        part.read(|part| {
            let section = &part.section;
            section.choice("kind", &[Scattering::Electrons.name()])?;
            kinds.add(section, "kind")?;
            let refuse = |found: &str, bound: &str| {
                Err(section.error("kind", format!("'{}'{found}", Scattering::Electrons.name()), bound))
            };
            if rejects_electrons {
                return refuse(" with electron_recoils = 'rejected'", "absent where electrons are rejected");
            }
            if !matches!(energy_unit, "PE" | "keVee") {
                return refuse("", "given where energies are those of electrons, in PE or keVee");
            }
            if let Some(target) = targets.iter().find(|target| target.isotope.shells().is_none()) {
                let found = format!(" on {}", target.isotope.name);
                return refuse(&found, "for targets of Ar, Ge, I, Xe, Cs, whose electrons the program knows");
            }
            processes.push(Scattering::Electrons);
            Ok(())
        })?;
    }
    Ok(processes)
}
