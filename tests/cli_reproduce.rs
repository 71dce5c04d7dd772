//! `cevscan reproduce`: what it writes, and what a second run does.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::collections::BTreeMap;
use std::path::Path;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};

/// Coarse maps: what is tested here does not depend on them.
const GRID: &str = "24x20";
const FIGURES: [&str; 18] = [
    "fig1a-spectrum",
    "fig1b-spectrum",
    "fig1c-spectrum",
    "fig1d-spectrum",
    "fig2-mixing",
    "fig3a-spectrum",
    "fig3b-spectrum",
    "fig4-universal",
    "fig5a-b-l",
    "fig5b-by+lmu+ltau",
    "fig6a-b-3le",
    "fig6b-b-3lmu",
    "fig7a-b-2le-lmu",
    "fig7b-b-le-2lmu",
    "fig8a-le-lmu",
    "fig8b-le-ltau",
    "fig8c-lmu-ltau",
    "fig8d-scalar",
];
const TABLES: [&str; 7] = [
    "best-fits",
    "degeneracies",
    "goodness-of-fit",
    "standard-model-events",
    "standard-model-events-by-bin",
    "table2",
    "table2-deviations",
];

#[test]
fn help() {
    help_is_pinned(&["reproduce"]);
}

/// Runs it; the first line of what it says.
fn reproduce(folder: &Path, more: &[&str]) -> String {
    let folder = folder.to_str().unwrap();
    let all: Vec<&str> = ["reproduce", "--out", folder, "--grid", GRID].iter().chain(more).copied().collect();
    succeed(&all).lines().next().unwrap().split(" in ").next().unwrap().to_owned()
}

/// All files of a folder with their contents.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(contents(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn a_second_run_makes_only_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert_eq!(reproduce(folder, &[]), "made        15 of 15 products");
    let first = contents(folder);
    let figures = FIGURES
        .iter()
        .flat_map(|stem| ["csv", "json", "pdf", "png", "py", "svg"].map(|ending| format!("figures/{stem}.{ending}")));
    let tables = TABLES.iter().flat_map(|stem| ["csv", "json"].map(|ending| format!("tables/{stem}.{ending}")));
    let mut expected: Vec<String> =
        figures.chain(tables).chain(["index.html", "manifest.json"].map(str::to_owned)).collect();
    expected.sort();
    assert_eq!(first.keys().cloned().collect::<Vec<_>>(), expected);
    check_contents(&first);

    assert_eq!(reproduce(folder, &[]), "made        0 of 15 products");
    assert!(contents(folder) == first);

    // Deleted files come back as they were; altered ones are somebody's, until he says otherwise. The report, made of the
    // same files, is kept.
    std::fs::remove_file(folder.join("figures/fig8d-scalar.csv")).unwrap();
    std::fs::write(folder.join("tables/table2.csv"), "altered").unwrap();
    let again = ["reproduce", "--quiet", "--grid", GRID, "--out", folder.to_str().unwrap()];
    fail(&again, 1, &["table2.csv is in the way", "changed", "--fresh"]);
    assert_eq!(reproduce(folder, &["--fresh"]), "made        2 of 15 products");
    assert!(contents(folder) == first);

    // Another band changes figures 4 to 8 and the report, but no table and no spectrum.
    assert_eq!(reproduce(folder, &["--delta-a-mu", "20e-10,5e-10"]), "made        12 of 15 products");
    let other = contents(folder);
    let changed: Vec<&String> = first.keys().filter(|name| first[*name] != other[*name]).collect();
    assert!(changed.contains(&&"figures/fig4-universal.svg".to_owned()));
    assert!(changed.iter().all(|name| !name.starts_with("tables") && !name.contains("spectrum")), "{changed:?}");

    // A manifest that is none makes all anew.
    std::fs::write(folder.join("manifest.json"), "{").unwrap();
    assert_eq!(reproduce(folder, &["--fresh"]), "made        15 of 15 products");
    // The report names the command, which had no band of its own at first.
    assert!(contents(folder) == first);
}

fn check_contents(files: &BTreeMap<String, Vec<u8>>) {
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    // 33 rows, 6 columns of which two are published: 66 bounds.
    let table2 = text("tables/table2.csv");
    assert_eq!(table2.lines().count(), 34);
    assert!(table2.lines().skip(1).all(|line| line.split(',').count() == 8 && !line.contains(",,")), "{table2}");
    // This recipe's own totals: 315.29 events in CsI, 119.67 of nu_e before the time efficiency; 131.32 in Ar.
    let events = text("tables/standard-model-events.csv");
    let number = |start: &str, column: usize| -> f64 {
        events.lines().find(|line| line.starts_with(start)).unwrap().split(',').nth(column).unwrap().parse().unwrap()
    };
    for (start, column, expected) in [("csi,all,", 5, 315.29), ("lar,all,", 5, 131.32), ("lar,all,", 2, 41.30)] {
        assert!((number(start, column) - expected).abs() < 0.006, "{start} {column}");
    }
    let at_any_time = events.lines().find(|line| line.starts_with("csi,\"all, at any time\"")).unwrap();
    let nu_e: f64 = at_any_time.split(',').nth(3).unwrap().parse().unwrap();
    assert!((nu_e - 119.67).abs() < 0.006, "{at_any_time}");
    // Models without a charged muon have no band, and say so.
    for (stem, has_band) in [("fig6a-b-3le", false), ("fig8b-le-ltau", false), ("fig8c-lmu-ltau", true)] {
        assert_eq!(text(&format!("figures/{stem}.csv")).contains("muon g-2"), has_band, "{stem}");
        let caption = json(&text(&format!("figures/{stem}.json")))["caption"].as_str().unwrap().to_owned();
        assert_eq!(caption.contains("The muon has no charge in this model"), !has_band, "{caption}");
    }
}

#[test]
fn nothing_depends_on_the_number_of_threads() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    reproduce(one.path(), &["--threads", "1"]);
    reproduce(two.path(), &["--threads", "2"]);
    let without_report = |folder: &Path| {
        let mut files = contents(folder);
        // They name the command.
        files.retain(|name, _| name != "index.html" && name != "manifest.json");
        files
    };
    assert!(without_report(one.path()) == without_report(two.path()));
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let out = out.to_str().unwrap();
    fail(&["reproduce"], 2, &["--out"]);
    fail(&["reproduce", "--out", out, "--grid", "300"], 2, &["grid '300'"]);
    fail(&["reproduce", "--out", out, "--grid", "1x300"], 2, &["at least 2"]);
    fail(&["reproduce", "--out", out, "--grid", "1000000x1000000"], 2, &["GiB"]);
    fail(&["reproduce", "--out", out, "--delta-a-mu", "25.1e-10"], 2, &["deviation of a_mu '25.1e-10'"]);
    fail(&["reproduce", "--out", out, "--engine", "tpu"], 2, &["tpu"]);
    std::fs::write(folder.path().join("file"), "").unwrap();
    let file = folder.path().join("file");
    fail(&["reproduce", "--out", file.to_str().unwrap(), "--grid", GRID], 2, &["folder for the results"]);
    let said = run(&["reproduce", "--out", out, "--grid", "1x1"]);
    assert_eq!((said.status, names(folder.path())), (2, vec!["file".to_owned()]), "what is refused leaves nothing");
}
