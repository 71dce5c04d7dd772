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
        let level = ["confidence", "delta_chi2", "dof", "minimum"];
        assert!(
            keys.iter().all(
                |key| ["best_fit", "chi2_min", "data", "high", "low", "model"].contains(key) || level.contains(key)
            )
        );
        assert_eq!((keys.len(), &record["dof"], &record["minimum"]), (10, &2.into(), &"plane".into()));
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

/// Deviations from table 2 mean nothing at another level than its own.
#[test]
fn only_the_level_of_table_2_is_compared_with_it() {
    let fixed = ["limits", "--model", "universal", "--data", "csi+lar"];
    let with = |more: &[&str]| succeed(&[&fixed[..], more].concat());
    let percent = |table: &str| table.lines().find(|line| line.starts_with("universal")).unwrap().matches(" %").count();
    for more in [&[][..], &["--confidence", "0.9545"], &["--dof", "2", "--minimum", "plane"]] {
        assert_eq!(percent(&with(more)), 2, "{more:?}");
    }
    for more in
        [&["--confidence", "0.9"][..], &["--dof", "1"], &["--minimum", "mass"], &["--dof", "1", "--minimum", "plane"]]
    {
        assert_eq!(percent(&with(more)), 0, "{more:?}");
        let record = json(&with(&[more, &["--format", "json"]].concat()));
        let low = &record[0]["low"];
        assert!(
            low["deviation_percent"].is_null() && low["table2"].is_number() && low["coupling"].is_number(),
            "{low}"
        );
    }
}

/// An independent calculation: 1.740e-5 from the minimum at 0.1 MeV, 1.343e-5 from that of the plane.
#[test]
fn the_minimum_is_said_and_counted_from() {
    let fixed = ["limits", "--model", "universal", "--data", "csi+lar", "--confidence", "0.9", "--dof", "1"];
    let table = succeed(&fixed);
    assert!(table.contains("1.740e-5"), "{table}");
    assert!(table.contains("bounds at 90 % CL, 1 dof, at fixed mass: chi2 is 2.70554 above"), "{table}");
    let plane = succeed(&[&fixed[..], &["--minimum", "plane"]].concat());
    assert!(plane.contains("1.343e-5") && plane.contains("90 % CL, 1 dof, from the plane's minimum"), "{plane}");
    let record = json(&succeed(&[&fixed[..], &["--format", "json"]].concat()));
    assert_eq!((&record[0]["minimum"], &record[0]["confidence"]), (&"mass".into(), &0.9.into()));
    assert!(record[0]["low"]["level"].as_f64().unwrap() > record[0]["chi2_min"].as_f64().unwrap() + 2.70554);
    let csv = succeed(&[&fixed[..], &["--format", "csv"]].concat());
    assert!(csv.lines().next().unwrap().ends_with(",confidence,dof,minimum"), "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.ends_with(",0.9,1,mass")), "{csv}");
    fail(&["limits", "--minimum", "global"], 2, &["unknown minimum 'global'", "plane, mass"]);
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
    assert!(lines.iter().all(|line| line.split(',').count() == 14), "{csv}");
}

#[test]
fn bad_input_is_named() {
    fail(&["limits", "--model", "b-2le-lmuu"], 2, &["unknown model", "b-2le-lmu"]);
    fail(&["limits", "--data", "nowhere"], 2, &["unknown dataset 'nowhere'", "csi, lar"]);
    for confidence in ["0", "1", "-0.5", "nan", "abc", ""] {
        fail(&["limits", "--confidence", confidence], 2, &["confidence level", confidence]);
    }
    // A rise of chi2 by nothing has no region.
    for confidence in ["1e-17", "1e-300"] {
        fail(&["limits", "--confidence", confidence], 2, &["confidence level", "chi2 rises by 1e-6"]);
    }
    for dof in ["0", "-1", "1.5", "x"] {
        fail(&["limits", "--dof", dof], 2, &["degrees of freedom", dof]);
    }
    fail(&["limits", "--format", "xml"], 2, &["xml"]);
    fail(&["limits", "--threads", "0"], 2, &["--threads"]);
    fail(&["limits", "--simd", "mmx"], 2, &["SIMD level is mmx", "baseline"]);
}
