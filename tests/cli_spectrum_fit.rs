//! `cevscan spectrum-fit`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{cevscan, check_failure, fail, help_is_pinned, json, names, said, succeed};

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
    let expected = ["csi", "lar"]
        .map(|data| ["csv", "json", "pdf", "png", "py", "svg"].map(|ending| format!("fit-b-l-{data}.{ending}")));
    let expected = expected.concat();
    assert_eq!(names(folder.path()), expected);
    let svg = std::fs::read_to_string(folder.path().join("fit-b-l-lar.svg")).unwrap();
    assert!(svg.contains("steady state") && svg.contains("PBRN energy"));
    let at = ["--mass", "10MeV", "--coupling", "1e-4", "--data", "csi", "--below", "signal", "--quiet"];
    let arguments: Vec<&str> = ["spectrum-fit", "--model", "universal", "--out", out].into_iter().chain(at).collect();
    assert_eq!(succeed(&arguments), "");
    assert!(folder.path().join("fit-universal-csi.png").exists());
}

/// Numbers of the table are those of the JSON, add up to the fit, and to the data's own total (306 events: arXiv:2110.07730).
#[test]
fn numbers_stand_beside_the_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    succeed(&[
        "spectrum-fit",
        "-q",
        "--model",
        "b-l",
        "--data",
        "csi",
        "--mass",
        "10",
        "--coupling",
        "0",
        "--out",
        out,
    ]);
    let read = |ending: &str| std::fs::read_to_string(folder.path().join(format!("fit-b-l-csi.{ending}"))).unwrap();
    let (csv, record) = (read("csv"), json(&read("json")));
    let rows: Vec<Vec<&str>> = csv.lines().map(|row| row.split(',').collect()).collect();
    assert_eq!(rows[0][..6], ["axis", "low", "high", "data", "error", "fit"]);
    let sum = |axis: &str, column: usize| -> f64 {
        let own = rows.iter().filter(|row| row[0] == axis);
        own.map(|row| row[column].parse::<f64>().unwrap()).sum()
    };
    let list = |pointer: &str| -> Vec<f64> {
        record.pointer(pointer).unwrap().as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
    };
    let total = list("/energy/data").iter().sum::<f64>();
    for axis in ["energy", "time"] {
        assert!((sum(axis, 3) - total).abs() < 1e-9, "{axis}");
        let parts: f64 = (6..rows[0].len()).map(|column| sum(axis, column)).sum();
        assert!((sum(axis, 5) - parts).abs() < 1e-6 * parts && (sum(axis, 5) - sum("energy", 5)).abs() < 1e-6 * parts);
    }
    let components = record["components"].as_array().unwrap();
    assert_eq!(components.len(), rows[0].len() - 6);
    assert!(components.last().unwrap()["is_signal"] == true && record["is_expected"] == false);
    // CsI's bins of energy are of unequal widths.
    assert!(read("svg").contains("per PE"));
    succeed(&[
        "spectrum-fit",
        "-q",
        "--model",
        "b-l",
        "--data",
        "csi",
        "--mass",
        "10",
        "--coupling",
        "0",
        "--per-bin",
        "--out",
        out,
    ]);
    assert!(!read("svg").contains("per PE") && read("csv") == csv);
}

/// One bin of time shows nothing; words are no abbreviations; backgrounds that the program does not know look different.
#[test]
fn a_detector_without_time_has_one_panel() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let at = ["--mass", "10", "--coupling", "0", "--data", "xenonnt", "--out", out];
    succeed(&[&["spectrum-fit", "-q", "--model", "b-l"], &at[..]].concat());
    let svg = std::fs::read_to_string(folder.path().join("fit-b-l-xenonnt.svg")).unwrap();
    assert!(!svg.contains("time [") && svg.contains("neutrons norm") && svg.contains("AC sr0"), "{svg}");
    let colours: std::collections::BTreeSet<&str> =
        svg.match_indices("fill=\"#").map(|(at, _)| &svg[at + 6..at + 13]).collect();
    assert!(colours.len() >= 7, "{colours:?}");
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
