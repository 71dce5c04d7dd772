//! `cevscan spectrum-fit`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{cevscan, check_failure, fail, help_is_pinned, names, said, succeed};

#[test]
fn help() {
    help_is_pinned(&["spectrum-fit"]);
}

#[test]
fn pictures_are_made_at_the_best_fit_and_at_a_point() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let best = succeed(&["spectrum-fit", "--model", "b-l", "--out", out]);
    assert!(best.contains("189.13"), "{best}");
    let expected = ["csi", "lar"].map(|data| ["pdf", "png", "svg"].map(|ending| format!("fit-b-l-{data}.{ending}")));
    let expected = expected.concat();
    assert_eq!(names(folder.path()), expected);
    let svg = std::fs::read_to_string(folder.path().join("fit-b-l-lar.svg")).unwrap();
    assert!(svg.contains("steady state") && svg.contains("PBRN energy"));
    let at = ["--mass", "10MeV", "--coupling", "1e-4", "--data", "csi", "--below", "signal", "--quiet"];
    let arguments: Vec<&str> = ["spectrum-fit", "--model", "universal", "--out", out].into_iter().chain(at).collect();
    assert_eq!(succeed(&arguments), "");
    assert!(folder.path().join("fit-universal-csi.png").exists());
}

#[test]
fn a_fit_that_failed_is_not_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    // g^4 times the counts is beyond f64: there is no signal to fit.
    let words = ["csi and lar", "mass 1 MeV", "coupling 1e150", "did not converge", "not a finite number"];
    let mut command = cevscan();
    command.env("CEVSCAN_LARGEST_COUPLING", "1e200");
    command.args(["spectrum-fit", "--model", "b-l", "--mass", "1", "--coupling", "1e150", "--out", out]);
    check_failure(&said(command.output().unwrap()), "1e150", 1, &words);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn bad_input_is_named() {
    fail(&["spectrum-fit", "--model", "b-l", "--mass", "10"], 2, &["--coupling"]);
    fail(&["spectrum-fit", "--model", "b-l", "--out", "Cargo.toml"], 2, &["Cargo.toml", "folder"]);
}
