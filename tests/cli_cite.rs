//! `cevscan cite` and CITATION.cff.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;

use cli_support::{fail, help_is_pinned, succeed};

#[test]
fn help() {
    help_is_pinned(&["cite"]);
}

/// Keys of the entries, and their fields: name and value without braces.
fn entries(bibtex: &str) -> Vec<(String, Vec<(String, String)>)> {
    let mut entries: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for line in bibtex.lines().filter(|line| !line.is_empty() && !line.starts_with('%') && *line != "}") {
        assert_eq!(line.matches('{').count(), line.matches('}').count() + usize::from(line.starts_with('@')), "{line}");
        match line.strip_prefix('@') {
            Some(head) => {
                let (kind, key) = head.trim_end_matches(',').split_once('{').unwrap();
                assert!(["article", "misc", "software"].contains(&kind), "{line}");
                entries.push((key.to_owned(), Vec::new()));
            }
            None => {
                let (name, value) = line.trim().trim_end_matches(',').split_once('=').unwrap();
                let value = value.trim().strip_prefix('{').unwrap().strip_suffix('}').unwrap();
                entries.last_mut().unwrap().1.push((name.trim().to_owned(), value.to_owned()));
            }
        }
    }
    entries
}

fn keys(bibtex: &str) -> Vec<String> {
    entries(bibtex).into_iter().map(|(key, _)| key).collect()
}

#[test]
fn everything_a_result_rests_on_is_cited() {
    let bibtex = succeed(&["cite"]);
    let entries = entries(&bibtex);
    let field = |key: &str, name: &str| {
        let (_, fields) = entries.iter().find(|(known, _)| known == key).unwrap();
        fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    for (key, fields) in &entries {
        for needed in ["author", "title"] {
            assert!(fields.iter().any(|(name, _)| name == needed), "{key} has no {needed}");
        }
    }
    // As published.
    assert_eq!(field("coherent2021csi", "eprint"), Some("2110.07730"));
    assert_eq!(field("coherent2020lar", "eprint"), Some("2006.12659"));
    assert_eq!(field("atzoricorona2022", "eprint"), Some("2202.11002"));
    assert_eq!(field("atzoricorona2022", "doi"), Some("10.1007/JHEP05(2022)109"));
    assert_eq!(field("helm1956", "doi"), Some("10.1103/PhysRev.104.1466"));
    assert_eq!(field("cevscan", "version"), Some(env!("CARGO_PKG_VERSION")));
    assert_eq!(bibtex.matches("\n% ").count() + 1, entries.len(), "each says what it is cited for");
}

#[test]
fn muon_g_2_is_cited_where_the_mediator_couples_to_the_muon() {
    let all = keys(&succeed(&["cite", "--format", "bibtex"]));
    let without: Vec<String> = all
        .iter()
        .filter(|key| !["muong22021", "aoyama2020", "muong22025", "aliberti2025"].contains(&key.as_str()))
        .cloned()
        .collect();
    assert_eq!(without.len() + 4, all.len());
    for model in ["b-l", "lmu-ltau", "scalar", "universal"] {
        assert_eq!(keys(&succeed(&["cite", "--model", model])), all, "{model}");
    }
    // The paper finds no band for these two.
    for model in ["b-3le", "le-ltau"] {
        assert_eq!(keys(&succeed(&["cite", "--model", model])), without, "{model}");
    }
    // A muon that couples by mixing alone has one as well.
    let folder = tempfile::tempdir().unwrap();
    let mixing = folder.path().join("mixing.toml");
    let text = "name = \"mixing\"\nlabel = \"x\"\ndescription = \"x\"\nreference = \"mine\"\n[vector]\nup = 0\ndown = 0\nelectron = 0\nmuon = 0\ntau = 0\nkinetic_mixing_over_coupling = 0.1\n";
    fs::write(&mixing, text).unwrap();
    let cited = succeed(&["cite", "--model", mixing.to_str().unwrap()]);
    assert_eq!(keys(&cited), all);
    assert!(cited.contains("% model 'mixing': mine\n"), "{cited}");
    fail(&["cite", "--model", "b-ll"], 2, &["unknown model 'b-ll'", "did you mean 'b-l'?"]);
    fail(&["cite", "--format", "ris"], 2, &["ris", "bibtex"]);
}

#[test]
fn the_citation_file_says_the_same() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("CITATION.cff")).unwrap();
    assert!(text.contains(&format!("\nversion: {}\n", env!("CARGO_PKG_VERSION"))), "{text}");
    let bibtex = succeed(&["cite"]);
    let released = text.lines().find_map(|line| line.strip_prefix("date-released: ")).unwrap();
    assert!(bibtex.contains(&format!("year    = {{{}}}", &released[..4])), "{bibtex}");
    // Where the program has an address, both say it.
    let address = env!("CARGO_PKG_REPOSITORY");
    assert_eq!(text.contains("\nurl: "), !address.is_empty());
    assert!(address.is_empty() || (text.contains(&format!("\nurl: {address}\n")) && bibtex.contains(address)));
    let dois = text.lines().filter_map(|line| line.trim().strip_prefix("doi: "));
    let dois: Vec<&str> = dois.map(|doi| doi.trim_matches('"')).collect();
    assert_eq!(dois.len(), 4);
    assert!(dois.iter().all(|doi| bibtex.contains(&format!("{{{doi}}}"))), "{dois:?}");
}

#[test]
fn only_the_data_of_a_result_are_cited() {
    let all = keys(&succeed(&["cite"]));
    assert_eq!(keys(&succeed(&["cite", "--data", "csi+lar"])), all);
    let of = |data: &str| keys(&succeed(&["cite", "--data", data]));
    let without = |unneeded: &[&str]| -> Vec<String> {
        all.iter().filter(|key| !unneeded.contains(&key.as_str())).cloned().collect()
    };
    assert_eq!(of("csi"), without(&["coherent2020argon", "coherent2020lar"]));
    assert_eq!(of("lar"), without(&["coherent2021csi"]));
    assert_eq!(of("csi-no-skin"), of("csi"));
    let own = succeed(&["cite", "--data", "examples/argon-tonne/dataset.toml"]);
    assert_eq!(keys(&own), without(&["coherent2021csi", "coherent2020argon", "coherent2020lar"]));
    assert!(own.contains("% data '"), "{own}");
    fail(&["cite", "--data", "csj"], 2, &["unknown dataset 'csj'"]);
    fail(&["cite", "--parameter", "y=1"], 2, &["unknown model ''"]);
}

/// Limits of others in a picture are cited in the words of their files.
#[test]
fn overlays_are_cited() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ccfr.txt");
    fs::write(&path, "# label: CCFR\n# reference: arXiv:1406.2332\n# mass: MeV\n1 1e-3\n10 1e-3\n").unwrap();
    let cited = succeed(&["cite", "--model", "b-l", "--overlay", path.to_str().unwrap()]);
    assert!(cited.starts_with("% limit 'CCFR': arXiv:1406.2332\n"), "{cited}");
    assert_eq!(keys(&cited), keys(&succeed(&["cite", "--model", "b-l"])));
    fail(&["cite", "--overlay", "x.txt"], 2, &["--model"]);
    fail(&["cite", "--model", "b-l", "--overlay", "/nonexistent.txt"], 1, &["/nonexistent.txt"]);
}
