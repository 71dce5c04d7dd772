//! What to cite for a result, as BibTeX.

use std::fmt::Write as _;

use crate::model::{Interaction, Model};

/// Every publication that a table or a result rests on.
const REFERENCES: &str = include_str!("../../data/references.bib");

/// A publication and what it is cited for.
struct Source {
    key: &'static str,
    what: &'static str,
}

/// In the order of their use. The last two count for models that couple to the muon.
const SOURCES: [Source; 7] = [
    Source { key: "coherent2021csi", what: "CsI data" },
    Source { key: "coherent2020argon", what: "liquid-argon data" },
    Source { key: "coherent2020lar", what: "liquid-argon data, the release" },
    Source { key: "atzoricorona2022", what: "analysis, models and their limits" },
    Source { key: "helm1956", what: "nuclear form factor" },
    Source { key: "muong22021", what: "muon g-2, the measurement" },
    Source { key: "aoyama2020", what: "muon g-2, the prediction of the Standard Model" },
];
/// Keys of muon g-2.
const MUON_G2: [&str; 2] = ["muong22021", "aoyama2020"];

/// The entries that a result of `model`, or of any if there is none, rests on, each after a line that says for what; last
/// the program itself.
pub fn bibtex(model: Option<&Model>) -> String {
    let mut text = String::new();
    for source in &SOURCES {
        if MUON_G2.contains(&source.key) && !model.is_none_or(couples_to_the_muon) {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "% {}\n{}\n", source.what, entry(source.key).unwrap_or_default());
    }
    text + &program()
}

/// A Z' without charge of the muon leaves its magnetic moment alone; a scalar couples to all.
fn couples_to_the_muon(model: &Model) -> bool {
    model.mediators.iter().any(|mediator| match &mediator.interaction {
        Interaction::Vector(vector) => vector.charges.muon != 0.0,
        Interaction::Scalar(_) => true,
    })
}

/// An entry of [`REFERENCES`], from its `@` to the brace in the first column that ends it.
fn entry(key: &str) -> Option<&'static str> {
    entry_in(REFERENCES, key)
}

/// The same of any such file.
pub(super) fn entry_in<'a>(references: &'a str, key: &str) -> Option<&'a str> {
    let start = references.match_indices('@').find(|(at, _)| {
        let head = &references[*at..];
        head.split_once('{').is_some_and(|(_, rest)| rest.split_once(',').is_some_and(|(found, _)| found == key))
    })?;
    let text = &references[start.0..];
    Some(&text[..text.find("\n}")? + 2])
}

fn program() -> String {
    format!(
        "% program\n@software{{cevscan,\n  author  = {{{{The cevscan developers}}}},\n  title   = {{cevscan: {}}},\n  version = {{{}}},\n}}\n",
        env!("CARGO_PKG_DESCRIPTION"),
        env!("CARGO_PKG_VERSION")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_is_in_the_file_once() {
        for source in &SOURCES {
            assert!(entry(source.key).is_some(), "{}", source.key);
            assert_eq!(REFERENCES.matches(&format!("{{{},", source.key)).count(), 1, "{}", source.key);
        }
        assert_eq!(REFERENCES.matches("\n@").count(), SOURCES.len(), "an entry that is cited for nothing");
    }
}
