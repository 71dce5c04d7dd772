//! How neutrinos scatter: CEvNS, and what `[[process]]` adds.

use crate::Result;
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
    for part in parts.sections("process")? {
        part.read(|part| {
            let section = &part.section;
            section.choice("kind", &[Scattering::Electrons.name()])?;
            let refuse = |found: &str, bound: &str| {
                Err(section.error("kind", format!("'{}'{found}", Scattering::Electrons.name()), bound))
            };
            if processes.contains(&Scattering::Electrons) {
                return refuse(" again", "one that is not given twice");
            }
            if rejects_electrons {
                return refuse(" with electron_recoils = 'rejected'", "absent where electrons are rejected");
            }
            if energy_unit == "keVnr" {
                return refuse("", "given where energies are those of electrons; here they are in keVnr");
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
