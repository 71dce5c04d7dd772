//! What to cite for a result, as BibTeX.

use std::fmt::Write as _;

use crate::physics::model::Model;
use crate::physics::muon_g2::why_no_band;

/// Every publication that a table or a result rests on.
const REFERENCES: &str = include_str!("../../data/references.bib");

/// A publication and what it is cited for.
struct Source {
    key: &'static str,
    what: &'static str,
    of: Of,
}

/// What needs a publication.
#[derive(PartialEq)]
enum Of {
    /// Every result.
    Any,
    /// Results of a dataset, or of a variation of it.
    Dataset(&'static str),
    /// Results of models that change the muon's magnetic moment.
    MuonG2,
}

/// In the order of their use.
const SOURCES: [Source; 13] = [
    Source { key: "coherent2021csi", what: "CsI data", of: Of::Dataset("csi") },
    Source { key: "coherent2020argon", what: "liquid-argon data", of: Of::Dataset("lar") },
    Source { key: "coherent2020lar", what: "liquid-argon data, the release", of: Of::Dataset("lar") },
    Source { key: "coloma2022", what: "neutrinos on electrons in CsI, binding energies", of: Of::Dataset("csi-es") },
    Source { key: "xenonnt2026", what: "XENONnT data", of: Of::Dataset("xenonnt") },
    Source { key: "bahcall1996", what: "spectrum of solar 8B neutrinos", of: Of::Dataset("xenonnt") },
    Source { key: "sno2013", what: "flux of solar 8B neutrinos", of: Of::Dataset("xenonnt") },
    Source { key: "atzoricorona2022", what: "analysis, models and their limits", of: Of::Any },
    Source { key: "helm1956", what: "nuclear form factor", of: Of::Any },
    Source { key: "muong22021", what: "muon g-2, the measurement", of: Of::MuonG2 },
    Source { key: "aoyama2020", what: "muon g-2, the prediction of the Standard Model", of: Of::MuonG2 },
    Source {
        key: "muong22025",
        what: "muon g-2, the final measurement, where the comparison of 2025 is drawn",
        of: Of::MuonG2,
    },
    Source {
        key: "aliberti2025",
        what: "muon g-2, the prediction of the Standard Model in 2025, likewise",
        of: Of::MuonG2,
    },
];

/// A dataset of a result.
#[derive(Debug, Clone, PartialEq)]
pub struct CitedData {
    /// Its name.
    pub name: String,
    /// Its reference in words, where it is known.
    pub reference: Option<String>,
}

impl CitedData {
    /// The datasets of a list of names, such as `csi+lar`.
    pub fn of_names(list: &str) -> Vec<CitedData> {
        list.split('+').map(|name| CitedData { name: name.to_owned(), reference: None }).collect()
    }

    /// Whether it is this dataset, or a variation of it.
    fn is(&self, known: &str) -> bool {
        self.name == known || self.name.split('-').next() == Some(known)
    }
}

/// The entries that a result of `model`, or of any if there is none, and of `data` rests on, each after a line that says for
/// what; last the program itself. What a user's own file refers to stands in a comment.
pub fn bibtex(model: Option<&Model>, data: &[CitedData]) -> String {
    let mut text = String::new();
    for source in &SOURCES {
        let is_needed = match source.of {
            Of::Any => true,
            Of::Dataset(known) => data.iter().any(|dataset| dataset.is(known)),
            Of::MuonG2 => model.is_none_or(|model| why_no_band(model).is_none()),
        };
        if is_needed {
            // Writing to a String cannot fail, here and below.
            let _ = writeln!(text, "% {}\n{}\n", source.what, entry(source.key).unwrap_or_default());
        }
    }
    let is_cited = |dataset: &&CitedData| {
        SOURCES.iter().any(|source| matches!(source.of, Of::Dataset(known) if dataset.name == known))
    };
    for dataset in data.iter().filter(|dataset| !is_cited(dataset)) {
        let reference = dataset.reference.as_deref().unwrap_or("no reference recorded");
        let _ = writeln!(text, "% data '{}': {}\n", dataset.name, reference.replace(char::is_control, " "));
    }
    let own = model.filter(|model| !Model::names().any(|known| known == model.name));
    if let Some(model) = own {
        let _ = writeln!(text, "% model '{}': {}\n", model.name, model.reference);
    }
    text + &program()
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

/// Year of this version, as in CITATION.cff.
const YEAR: u16 = 2026;

fn program() -> String {
    let url = match env!("CARGO_PKG_REPOSITORY") {
        "" => String::new(),
        url => format!("  url     = {{{url}}},\n"),
    };
    format!(
        "% program\n@software{{cevscan,\n  author  = {{{{The cevscan developers}}}},\n  title   = {{cevscan: {}}},\n  version = {{{}}},\n  year    = {{{YEAR}}},\n{url}}}\n",
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
