//! Uncertainties of the response as nuisance parameters: `[[variation]]`, a response at +1 and one at -1 sigma.

use crate::Result;
use crate::base::document::Section;
use crate::dataset::{Target, Variation};
use crate::physics::flux::Source;

use super::{Binning, Part, Parts, detector};

/// What a variation may change.
const SECTIONS: [&str; 3] = ["quenching", "resolution", "efficiency"];

/// Reads each `[[variation]]`: `up` and `down` hold those sections of the response that differ.
pub(super) fn read(parts: &Parts, targets: &[Target], source: &Source, binning: &Binning) -> Result<Vec<Variation>> {
    let read = |part: &Part| {
        let section = &part.section;
        require_one_kind(section)?;
        let at = |key: &str| {
            section.section(key)?.read(|own| {
                if !SECTIONS.iter().any(|name| own.has(name)) {
                    let bound = format!("with one of {} at least", SECTIONS.join(", "));
                    return Err(section.error(key, "of nothing", bound));
                }
                let own = Part { section: own.clone(), tables: part.tables };
                let layers = std::iter::once(own).chain(parts.layers.iter().cloned()).collect();
                detector::read(&Parts { layers }, targets, source, binning)
            })
        };
        let (up, down) = (at("up")?, at("down")?);
        Ok(Variation { name: section.name("name")?, shared: section.flag("shared", false)?, up, down })
    };
    parts.sections("variation")?.iter().map(|part| part.read(read)).collect()
}

/// Refuses an `up` of other sections than `down`: the parabola through both would be of no one parameter.
fn require_one_kind(variation: &Section) -> Result<()> {
    let parts = |key: &str| -> Result<Vec<&str>> {
        let own = variation.section(key)?;
        Ok(SECTIONS.into_iter().filter(|name| own.holds(name)).collect())
    };
    let (up, down) = (parts("up")?, parts("down")?);
    if up.is_empty() || down.is_empty() || up == down {
        return Ok(());
    }
    let bound = format!("of {}, as 'up' is: one parameter varies one and the same", up.join(", "));
    Err(variation.error("down", format!("of {}", down.join(", ")), bound))
}
