//! What to cite for limits of other experiments that are computed.

use std::fmt::Write as _;

use crate::others::Experiment;
use crate::others::recast::KnownLimit;

use super::citations::entry_in;

/// Their publications, by the keys that the experiments' files name.
const REFERENCES: &str = include_str!("../../data/others/references.bib");

/// BibTeX of what some experiments' limits rest on, each after a line that says for what; each once. What a user's own file
/// refers to stands in a comment.
pub fn others_bibtex(experiments: &[&Experiment]) -> String {
    let mut text = String::new();
    let mut cited: Vec<&str> = Vec::new();
    for experiment in experiments {
        if experiment.cite.is_empty() {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(text, "% limit '{}': {}\n", experiment.name, experiment.reference);
        }
        for key in experiment.cite.iter().filter(|key| !cited.contains(&key.as_str())).collect::<Vec<_>>() {
            cited.push(key);
            let _ = match entry_in(REFERENCES, key) {
                Some(entry) => writeln!(text, "% limit of {}\n{entry}\n", experiment.name),
                None => writeln!(text, "% limit of {}: {} ({key})\n", experiment.name, experiment.reference),
            };
        }
    }
    text
}

/// What limits from files, or recast ones, rest on: a comment for each, in the words of its source.
pub fn limits_bibtex(limits: &[KnownLimit]) -> String {
    let mut text = String::new();
    for limit in limits {
        let (label, reference) = (one_line(&limit.label), one_line(&limit.reference));
        let _ = writeln!(text, "% limit '{label}': {reference}\n");
    }
    text
}

/// Words that end no comment.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_in_the_file_and_every_entry_is_cited() {
        let experiments = Experiment::embedded().unwrap();
        let mut keys: Vec<&str> =
            experiments.iter().flat_map(|experiment| &experiment.cite).map(String::as_str).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in &keys {
            assert!(entry_in(REFERENCES, key).is_some(), "{key}");
        }
        assert!(experiments.iter().all(|experiment| !experiment.cite.is_empty()));
        assert_eq!(REFERENCES.matches("\n@").count(), keys.len(), "an entry that is cited for nothing");
        let all = others_bibtex(&experiments.iter().collect::<Vec<_>>());
        assert_eq!(all.matches("\n@").count(), keys.len());
    }
}
