//! `cevscan limits`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, succeed};

#[test]
fn help() {
    help_is_pinned(&["limits"]);
}

#[test]
fn json_has_the_agreed_form_for_all_66_bounds() {
    let records = json(&succeed(&["limits", "--model", "all", "--data", "all", "--format", "json", "--quiet"]));
    let records = records.as_array().unwrap();
    assert_eq!(records.len(), 33);
    let mut squares = 0.0;
    for record in records {
        let keys: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["best_fit", "chi2_min", "data", "high", "low", "model"]);
        assert!(record["best_fit"]["mass_mev"].is_number() && record["best_fit"]["coupling"].is_number());
        for (regime, unit) in [("low", "coupling"), ("high", "coupling_per_gev")] {
            let bound = &record[regime];
            let (ours, theirs) = (bound[unit].as_f64().unwrap(), bound["table2"].as_f64().unwrap());
            let deviation = bound["deviation_percent"].as_f64().unwrap();
            assert!((deviation - 100.0 * (ours / theirs).ln()).abs() < 1e-9);
            assert!(deviation.abs() < 12.0, "{record}");
            squares += deviation * deviation;
            let crossings = bound["crossings"].as_array().unwrap();
            let up: Vec<f64> = crossings
                .iter()
                .filter(|crossing| crossing[1] == "up")
                .map(|crossing| crossing[0].as_f64().unwrap())
                .collect();
            assert!(up.contains(&ours), "{record}");
            assert_eq!(crossings[0][1], "up");
            assert!(crossings.windows(2).all(|pair| pair[0][1] != pair[1][1]), "directions alternate: {record}");
        }
    }
    assert!((squares / 66.0).sqrt() < 4.5);
}

fn low(arguments: &[&str]) -> f64 {
    let all: Vec<&str> = ["limits", "--model", "b-l", "--data", "csi", "--format", "json", "--quiet"]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    json(&succeed(&all))[0]["low"]["coupling"].as_f64().unwrap()
}

#[test]
fn level_follows_confidence_and_parameters() {
    let default = low(&[]);
    assert!((low(&["--confidence", "0.9545"]) / default - 1.0).abs() < 1e-5);
    let ninety = low(&["--confidence", "0.9"]);
    let ninety_one = low(&["--confidence", "0.9", "--dof", "1"]);
    assert!(ninety_one < ninety && ninety < default, "{ninety_one} {ninety} {default}");
}

#[test]
fn no_bound_is_null_with_a_reason() {
    // So high a level that no coupling is excluded: chi2 saturates.
    let arguments = ["limits", "--model", "b-l", "--data", "csi", "--confidence", "0.9999999999999999", "--dof", "100"];
    let arguments: Vec<&str> = arguments.into_iter().chain(["--format", "json", "--quiet"]).collect();
    let records = json(&succeed(&arguments));
    assert!(records[0]["low"]["coupling"].is_null() && records[0]["low"]["deviation_percent"].is_null());
    assert!(records[0]["low"]["reason"].as_str().unwrap().contains("no coupling is excluded"));
}

#[test]
fn table_and_csv() {
    let table = succeed(&["limits", "--model", "b-l", "--data", "lar", "--quiet"]);
    assert!(table.contains("b-l          lar         105.830"), "{table}");
    let csv = succeed(&["limits", "--model", "b-l", "--data", "lar", "--format", "csv", "--quiet"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|line| line.split(',').count() == 11), "{csv}");
}

#[test]
fn bad_input_is_named() {
    fail(&["limits", "--model", "b-2le-lmuu"], 2, &["unknown model", "b-2le-lmu"]);
    fail(&["limits", "--data", "xenon"], 2, &["unknown dataset 'xenon'", "csi, lar"]);
    for confidence in ["0", "1", "-0.5", "nan", "abc", ""] {
        fail(&["limits", "--confidence", confidence], 2, &["confidence level", confidence]);
    }
    for dof in ["0", "-1", "1.5", "x"] {
        fail(&["limits", "--dof", dof], 2, &["degrees of freedom", dof]);
    }
    fail(&["limits", "--format", "xml"], 2, &["xml"]);
    fail(&["limits", "--threads", "0"], 2, &["--threads"]);
    fail(&["limits", "--simd", "mmx"], 2, &["SIMD level is mmx", "baseline"]);
}
