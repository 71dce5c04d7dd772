//! Units of masses, as settings and as the words of a header have them.

use super::words::{is_mass, words};

/// For messages.
pub(super) const UNITS: &str = "eV, keV, MeV, GeV or TeV";
const UNITS_MEV: [(&str, f64); 5] = [("eV", 1e-6), ("keV", 1e-3), ("MeV", 1.0), ("GeV", 1e3), ("TeV", 1e6)];
/// Prefixes that the literature has and this reader does not: an m may stand for milli and for a mega in haste.
const NOT_TAKEN: [&str; 10] = ["meV", "mev", "µeV", "μeV", "ueV", "neV", "peV", "feV", "PeV", "EeV"];
/// Most words between a mass and its unit, as in "mass of the mediator given in units of MeV".
const FARTHEST: usize = 8;

/// What a line of words says of units.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    /// The masses are in this unit, by its name.
    Mass(&'static str),
    /// The masses are in something unknown.
    Unknown(String),
    /// A unit stands there, of what is not clear.
    Mentioned(&'static str),
}

/// A unit in MeV, by a text that holds its name and no number.
pub(super) fn unit_of(text: &str) -> Option<f64> {
    let words: Vec<&str> = words(text).collect();
    if words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()) && !["2", "²"].contains(word)) {
        return None;
    }
    let mut found = words.iter().filter(|word| looks_like_one(word)).map(|word| named(word));
    let unit = found.next()??;
    found.all(|other| other == Some(unit)).then(|| in_mev(unit))
}

/// A unit in MeV.
pub(super) fn in_mev(unit: &'static str) -> f64 {
    UNITS_MEV.iter().find(|(name, _)| *name == unit).map_or(1.0, |(_, mev)| *mev)
}

/// What a line of comment, or the name of a column, says.
pub(super) fn said(text: &str) -> Vec<Said> {
    // Names in lower case throughout, such as mass_mev, have no case to go by.
    let text = &text.replace("_mev", "_MeV");
    if let Some(inside) = bracket_after_mass(text).filter(|inside| hides_a_unit(inside)) {
        return vec![Said::Unknown(inside)];
    }
    let words: Vec<&str> = words(text).collect();
    let mut since_mass: Option<usize> = None;
    let mut all = Vec::new();
    let starts_with_digit = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    for (i, word) in words.iter().copied().enumerate() {
        let attached = since_mass.is_some_and(|since| since <= FARTHEST);
        let is_unit = i > 1 && ["unit", "units"].contains(&words[i - 2]) && words[i - 1] == "of";
        if attached && is_unit && named(word).is_none() && !starts_with_digit(word) {
            // "in units of m_mu".
            all.push(Said::Unknown(word.to_owned()));
            continue;
        }
        // "20 m" is a length.
        if is_mass(word) && !(word == "m" && i > 0 && starts_with_digit(words[i - 1])) {
            since_mass = Some(0);
            continue;
        }
        match named(word) {
            Some(unit) => all.push(if attached { Said::Mass(unit) } else { Said::Mentioned(unit) }),
            None if looks_like_one(word) && attached => all.push(Said::Unknown(word.to_owned())),
            None => {}
        }
        // A number between them belongs to the unit: "masses from 1 MeV on".
        since_mass = since_mass.map(|since| since + 1).filter(|_| !starts_with_digit(word));
    }
    if let Some(unknown) = bracket_after_mass(text).filter(|_| all.is_empty()) {
        all.push(Said::Unknown(unknown));
    }
    all
}

/// What stands in square brackets right after a mass: a unit in all cases.
fn bracket_after_mass(text: &str) -> Option<String> {
    let (before, rest) = text.split_once('[')?;
    let (inside, _) = rest.split_once(']')?;
    words(before).last().is_some_and(is_mass).then(|| inside.trim().to_owned())
}

/// Whether other words stand before the first unit in brackets, as in `M eV`.
fn hides_a_unit(inside: &str) -> bool {
    let mut own = words(inside).filter(|word| !["in", "unit", "units", "of"].contains(word));
    own.next().is_some_and(|first| !looks_like_one(first)) && own.any(looks_like_one)
}

pub(super) fn looks_like_one(word: &str) -> bool {
    named(word).is_some() || NOT_TAKEN.contains(&word)
}

/// A unit by its name, in whatever case but for the milli-electronvolt.
fn named(word: &str) -> Option<&'static str> {
    if NOT_TAKEN.contains(&word) {
        return None;
    }
    UNITS_MEV.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(word))
}
