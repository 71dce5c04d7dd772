//! `cevscan coverage`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, succeed};

const LINE: [&str; 8] = ["coverage", "--model", "b-l", "--data", "lar", "--toys", "60", "--quiet"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    LINE.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn help() {
    help_is_pinned(&["coverage"]);
}

#[test]
fn json_has_the_agreed_keys_and_threads_do_not_show() {
    let line = with(&["--at", "7MeV,2.72e-5", "--format", "json"]);
    let text = succeed(&line);
    let record = json(&text);
    let at = &record["at"][0];
    assert!(at["mass_mev"] == 7.0 && at["coupling"] == 2.72e-5 && at["toys"] == 60 && at["failed"] == 0, "{at}");
    for key in ["critical", "critical_fixed_mass"] {
        let found = &at[key]["0.9545"];
        let [value, low, high] = ["value", "low", "high"].map(|key| found[key].as_f64().unwrap());
        assert!(0.0 < low && low <= value && value <= high, "{found}");
        // 60 toys know nothing of 99.73 %.
        assert!(at[key].get("0.9973").is_none());
    }
    assert!((0.0..=1.0).contains(&at["p_value"].as_f64().unwrap()) && at["q_observed"].as_f64().unwrap() >= 0.0);
    let line: Vec<&str> = line.iter().copied().chain(["--threads", "1"]).collect();
    assert_eq!(succeed(&line), text);
    let other = with(&["--at", "7MeV,2.72e-5", "--format", "json", "--seed", "2"]);
    assert_ne!(json(&succeed(&other))["at"][0]["critical"], at["critical"]);
}

#[test]
fn a_folder_holds_toys_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&with(&["--at", "10,0", "--at", "1GeV,1e-3", "--out", folder.path().to_str().unwrap()]));
    let found = names(folder.path());
    for name in ["coverage.json", "toys-1.npz", "toys-1.svg", "toys-1.png", "toys-1.csv", "toys-1.py", "toys-2.npz"] {
        assert!(found.iter().any(|found| found == name), "{name}: {found:?}");
    }
}

#[test]
fn bad_input_is_named() {
    for (more, words) in [
        (&["--at", "7MeV"][..], "'7MeV' is not understood: expected MASS,COUPLING"),
        (&["--at", "7,1e-5", "--toys", "0"], "number of toys is 0"),
        (&["--at", "7,1e-5", "--seed", "-1"], "seed '-1' is not understood"),
        (&["--at", "7,x"], "'x'"),
    ] {
        let line: Vec<&str> = ["coverage", "--model", "b-l"].into_iter().chain(more.iter().copied()).collect();
        fail(&line, 2, &[words]);
    }
}
