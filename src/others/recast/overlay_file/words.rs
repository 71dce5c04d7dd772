//! Words of a line, and those that mean the mass.

/// Runs of letters and digits; an underscore parts them.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty())
}

/// Whether a word means the mass: `mass`, `m`, `M_Z'`, `mzp`.
pub(super) fn is_mass(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower == "m"
        || lower.starts_with("mass")
        || ["mz", "mz'", "mzp", "mzprime", "ma", "ma'", "map", "maprime", "mv", "mx", "mphi", "mmed"]
            .contains(&lower.as_str())
}
