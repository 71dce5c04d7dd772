//! What a column holds, by its name.

use super::unit::said;
use super::words::{is_mass, words};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Mass,
    /// The coupling, or the lower one of two.
    Coupling,
    Upper,
    /// Excluded where it is below 1.
    R,
    /// A map's chi2 above its minimum.
    Rise,
    /// Number of a contour's line.
    Line,
    Skipped,
}

/// Names that the setting takes.
pub(super) const ROLE_NAMES: &str = "mass, coupling (or lower), upper, r, delta_chi2, line, -";
/// How to choose among several limits.
pub(super) const LEFT_OUT: &str = "'-' leaves a column out: of an observed and an expected limit one is meant";
/// Words of names under which limits of one curve stand side by side.
const ONE_OF_MANY: [&str; 10] =
    ["observed", "obs", "expected", "exp", "median", "asimov", "sigma", "1sigma", "2sigma", "error"];

/// Words of quantities that are no mass and no coupling as they stand.
const OTHER_QUANTITIES: [&str; 11] =
    ["alpha", "epsilon", "eps", "mixing", "kinetic", "ε", "α", "m2", "mass2", "lifetime", "branching"];

impl Role {
    /// By its name in the setting.
    pub(super) fn named(name: &str) -> Option<Role> {
        Some(match name {
            "mass" => Role::Mass,
            "coupling" | "lower" | "g" => Role::Coupling,
            "upper" => Role::Upper,
            "r" => Role::R,
            "delta_chi2" => Role::Rise,
            "line" => Role::Line,
            "-" => Role::Skipped,
            _ => return None,
        })
    }

    /// By a column's name in a file, of one word or several.
    pub(super) fn of(name: &str) -> Option<Role> {
        let lower = name.to_lowercase();
        let words: Vec<&str> = words(&lower).collect();
        let has = |known: &[&str]| words.iter().any(|word| known.contains(word));
        let is_coupling = |word: &&str| {
            ["coupling", "couplings", "limit", "bound"].contains(word)
                || (word.starts_with('g') && word.len() <= 4 && !word[1..].contains('g'))
        };
        if has(&OTHER_QUANTITIES) {
            return None;
        }
        if words.iter().any(|word| is_mass(word)) {
            return Some(Role::Mass);
        }
        if has(&ONE_OF_MANY) {
            return None;
        }
        if has(&["chi2"]) && has(&["delta"]) {
            return Some(Role::Rise);
        }
        match words.as_slice() {
            ["r"] | ["r", "value"] => return Some(Role::R),
            ["line"] => return Some(Role::Line),
            _ => {}
        }
        // A square of a coupling is none.
        if lower.contains("^2") || lower.contains('²') || has(&["g2", "squared"]) {
            return None;
        }
        if has(&["upper", "high", "max", "top"]) {
            return Some(Role::Upper);
        }
        (has(&["lower", "low", "min"]) || words.iter().any(is_coupling)).then_some(Role::Coupling)
    }
}

/// Whether observed and expected limits stand side by side in what a comment announces.
pub(super) fn announces_several(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let has = |known: &[&str]| words(&lower).any(|word| known.contains(&word));
    has(&["observed", "obs"]) && has(&["expected", "exp", "median", "asimov"])
}

/// Whether a comment names a mass beside a quantity that is no coupling.
pub(super) fn announces_another(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let has = |known: &[&str]| words(&lower).any(|word| known.contains(&word));
    has(&OTHER_QUANTITIES) && (words(&lower).any(is_mass) || has(&["m2", "mass2"]))
}

/// Whether a comment speaks of what is allowed, or of the side that is excluded.
pub(super) fn announces_a_side(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let has = |known: &[&str]| words(&lower).any(|word| known.contains(&word));
    has(&["allowed"]) || (has(&["excluded", "excludes"]) && (lower.contains(['<', '>']) || has(&["below", "inside"])))
}

/// Whether a comment speaks of a lower and an upper edge.
pub(super) fn announces_two_edges(comment: &str) -> bool {
    let lower = comment.to_lowercase();
    let has = |known: &[&str]| words(&lower).any(|word| known.contains(&word));
    has(&["lower"]) && has(&["upper"])
}

/// The names in a line, one for each of so many columns: parted by commas, tabs or blanks, units aside. None for a line that
/// is no such list.
pub(super) fn names_in(line: &str, columns: usize) -> Option<Vec<String>> {
    let part = |separator: fn(char) -> bool| -> Option<Vec<String>> {
        let bare = without_brackets(line);
        let names: Vec<String> = bare.split(separator).map(|name| name.trim().to_owned()).collect();
        let names: Vec<String> = names.into_iter().filter(|name| words(name).next().is_some() || name == "-").collect();
        let is_list = names.len() == columns && names.iter().any(|name| words(name).any(is_mass));
        is_list.then_some(names)
    };
    part(|c| c == ',').or_else(|| part(|c| c == '\t')).or_else(|| {
        // Words of prose that come to the right number are no names.
        let names = part(char::is_whitespace)?;
        let is_prose = |name: &String| ["in", "is", "of", "the", "and", "vs"].contains(&name.to_lowercase().as_str());
        let is_unit = |name: &String| !words(name).any(is_mass) && !said(name).is_empty();
        (!names.iter().any(|name| is_prose(name) || is_unit(name))).then_some(names)
    })
}

/// A line without what stands in brackets of any kind.
fn without_brackets(line: &str) -> String {
    let mut depth = 0_usize;
    let mut text = String::new();
    for c in line.chars() {
        match c {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 => text.push(c),
            _ => {}
        }
    }
    text
}
