//! `cevscan profile`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};
use serde_json::Value;

#[test]
fn help() {
    help_is_pinned(&["profile"]);
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn column(csv: &str, name: &str) -> Vec<f64> {
    let mut rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let place = head.iter().position(|column| *column == name).unwrap();
    rows.map(|row| row[place].parse().unwrap()).collect()
}

/// Every number of the profile is that of `point`.
#[test]
fn points_of_a_profile_are_points() {
    let csv = succeed(&["profile", "--model", "b-l", "--mass", "10MeV", "--points", "5", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 6);
    for row in 0..5 {
        let coupling = csv.lines().nth(row + 1).unwrap().split(',').nth(1).unwrap();
        let point = ["point", "--model", "b-l", "--mass", "10MeV", "--coupling", coupling, "--format", "json"];
        let point = json(&succeed(&point));
        let same = |name: &str, value: &Value| {
            let (ours, theirs) = (column(&csv, name)[row], value.as_f64().unwrap());
            assert!((ours - theirs).abs() <= 1e-12 * theirs.abs().max(1.0), "{name} {coupling}: {ours} {theirs}");
        };
        same("chi2", &point["chi2"]);
        for data in ["csi", "lar"] {
            let dataset = &point["datasets"][data];
            same(&format!("chi2_{data}"), &dataset["chi2"]);
            same(&format!("events_{data}"), &dataset["events"]);
            for (name, pull) in dataset["pulls"].as_object().unwrap() {
                same(&format!("pull_{data}_{name}"), pull);
            }
        }
    }
}

/// The crossings are those of `limits`, and of the level at a fixed mass.
#[test]
fn crossings_are_the_bounds() {
    let of_limits = ["limits", "--model", "universal", "--data", "csi+lar", "--mass", "1GeV", "--format", "json", "-q"];
    let of_profile = ["profile", "--model", "universal", "--mass", "1GeV", "--points", "40", "--format", "json", "-q"];
    for level in [&[][..], &["--dof", "1", "--confidence", "0.9"]] {
        let limits = json(&succeed(&[&of_limits, level].concat()));
        let profile = json(&succeed(&[&of_profile, level].concat()));
        assert_eq!(profile["crossings"], limits[0]["bounds"][0]["crossings"]);
        assert!(profile["crossings"].as_array().unwrap().len() > 2);
        assert_eq!(profile["delta_chi2"], limits[0]["delta_chi2"]);
        // chi2 crosses the level where it is said to.
        let (at, rise) = (numbers(&profile["coupling"]), numbers(&profile["rise"]));
        let delta = profile["delta_chi2"].as_f64().unwrap();
        for (crossing, way) in profile["crossings"].as_array().unwrap().iter().map(|it| (&it[0], &it[1])) {
            let crossing = crossing.as_f64().unwrap();
            let next = at.partition_point(|coupling| *coupling < crossing);
            if next == 0 || next == at.len() {
                continue;
            }
            // A strip may be narrower than the points are apart: then both neighbours lie above.
            let (before, after) = (rise[next - 1] > delta, rise[next] > delta);
            assert!(after == (way == "up") || (before && after), "{crossing} {way}");
        }
    }
}

/// Along the mass the crossings are where `point` finds the level.
#[test]
fn along_the_mass() {
    let arguments = ["profile", "--model", "b-l", "--coupling", "1e-4", "--data", "csi", "-q", "--format", "json"];
    let profile = json(&succeed(&[&arguments[..], &["--mass", "1MeV:1GeV", "--points", "30"]].concat()));
    assert_eq!(profile["along"], "mass_mev");
    assert_eq!(numbers(&profile["coupling"]), vec![1e-4; 30]);
    let crossings = profile["crossings"].as_array().unwrap();
    assert_eq!((crossings.len(), &crossings[0][1]), (1, &Value::from("down")));
    let mass = crossings[0][0].as_f64().unwrap().to_string();
    let point = succeed(&[
        "point",
        "--model",
        "b-l",
        "--coupling",
        "1e-4",
        "--data",
        "csi",
        "--mass",
        &mass,
        "--format",
        "json",
    ]);
    let level = profile["chi2_min"][0].as_f64().unwrap() + profile["delta_chi2"].as_f64().unwrap();
    let chi2 = json(&point)["chi2"].as_f64().unwrap();
    assert!((chi2 - level).abs() < 1e-5, "{chi2} {level}");
    // At each mass from its own minimum: never below zero.
    let of_mass = json(&succeed(&[&arguments[..], &["--points", "20", "--minimum", "mass"]].concat()));
    assert!(numbers(&of_mass["rise"]).iter().all(|rise| *rise > -1e-6), "{of_mass}");
}

#[test]
fn expected_ones_say_so() {
    let arguments = ["profile", "--model", "b-l", "--mass", "10", "--asimov", "--points", "3", "-q"];
    let record = json(&succeed(&[&arguments[..], &["--format", "json"]].concat()));
    assert_eq!(record["expected_data"], serde_json::json!(["csi", "lar"]), "{record}");
    // Data that are the Standard Model's expectation are fitted by it without a pull.
    assert!(record["best_fit"]["chi2"].as_f64().unwrap().abs() < 1e-9, "{record}");
    let table = succeed(&arguments);
    assert!(table.lines().nth(1).unwrap().starts_with("expected: "), "{table}");
}

#[test]
fn pictures_are_written_in_all_forms() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let said = run(&["profile", "--model", "b-l", "--mass", "10MeV", "--points", "50", "--out", out]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    let stems = ["profile-b-l-10MeV", "profile-b-l-10MeV-pulls"];
    let mut expected: Vec<String> = stems
        .iter()
        .flat_map(|stem| ["csv", "pdf", "png", "py", "svg"].map(|ending| format!("{stem}.{ending}")))
        .collect();
    expected.sort();
    assert_eq!(names(folder.path()), expected);
    let csv = std::fs::read_to_string(folder.path().join("profile-b-l-10MeV.csv")).unwrap();
    assert!(csv.starts_with("coupling,csi+lar_rise,csi_rise,lar_rise\n"), "{csv}");
    assert_eq!(csv.lines().count(), 51);
    let svg = std::fs::read_to_string(folder.path().join("profile-b-l-10MeV-pulls.svg")).unwrap();
    assert!(svg.contains("pull"), "{svg}");
}

#[test]
fn bad_input_is_named() {
    let profile = ["profile", "--model", "b-l"];
    fail(&profile, 2, &["line of the plane is without a value that stands", "--mass 10MeV"]);
    fail(&[&profile[..], &["--mass", "1:10"]].concat(), 2, &["without a value that stands"]);
    fail(&[&profile[..], &["--mass", "10", "--coupling", "1e-4"]].concat(), 2, &["the one point", "cevscan point"]);
    fail(&[&profile[..], &["--mass", "10", "--coupling", "0:1"]].concat(), 2, &["lower end of the coupling range"]);
    fail(&[&profile[..], &["--mass", "10parsec"]].concat(), 2, &["parsec"]);
    fail(&[&profile[..], &["--mass", "10", "--points", "1"]].concat(), 2, &["--points is 1"]);
    fail(&["profile", "--mass", "10"], 2, &["--model"]);
}
