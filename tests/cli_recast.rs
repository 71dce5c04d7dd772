//! `cevscan recast`.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;
mod synthetic_checkout;

use cli_support::{Said, cevscan, check_failure, fail, help_is_pinned, json, names, run, said, succeed};
use synthetic_checkout::{MASSES_GEV, SyntheticCheckout};

const LIMITS: [(&str, bool); 3] =
    [("A1_Merkel2014avp", false), ("E137_Andreas2012mt", true), ("KLOE_Anastasi2016ktq", false)];

/// `recast` of the made-up limits.
fn arguments<'a>(checkout: &'a SyntheticCheckout, more: &[&'a str]) -> Vec<&'a str> {
    let limits = LIMITS.map(|(name, _)| name);
    let fixed = ["recast", "--model", "b-l", "--darkcast", checkout.text()];
    fixed.into_iter().chain(more.iter().copied()).chain(["--limit"]).chain(limits).collect()
}

#[test]
fn help() {
    help_is_pinned(&["recast"]);
}

#[test]
fn csv_has_the_agreed_columns() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    let Said { status, stdout, stderr } = run(&arguments(&checkout, &["--format", "csv"]));
    assert_eq!(status, 0, "{stderr}");
    let mut lines = stdout.lines();
    assert_eq!(lines.next(), Some("limit,mass_gev,lower,upper"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 4));
    let single: Vec<_> = rows.iter().filter(|row| row[0] == "A1_Merkel2014avp").collect();
    assert_eq!(single.iter().map(|row| row[1].parse().unwrap()).collect::<Vec<f64>>(), MASSES_GEV);
    assert!(single.iter().all(|row| row[3].is_empty() && row[2].parse::<f64>().unwrap() > 0.0));
    for row in rows.iter().filter(|row| row[0] == "E137_Andreas2012mt") {
        assert!(row[3].parse::<f64>().unwrap() >= row[2].parse::<f64>().unwrap(), "{row:?}");
    }
    // What has no curve says why.
    assert!(!stdout.contains("KLOE") && stderr.contains("KLOE_Anastasi2016ktq: no curve: "), "{stderr}");
    assert!(stderr.contains("isoscalar"), "{stderr}");
    assert_eq!(run(&arguments(&checkout, &["--format", "csv", "--quiet"])).stderr, "");
}

#[test]
fn json_table_and_lmt_hold_the_same() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    let csv = succeed(&arguments(&checkout, &["--format", "csv", "-q"]));
    let records = json(&succeed(&arguments(&checkout, &["--format", "json"])));
    let [single, double, none] = &records.as_array().unwrap()[..] else { panic!("{records}") };
    assert_eq!((single["limit"].as_str(), single["label"].as_str()), (Some("A1_Merkel2014avp"), Some("A1")));
    assert!(single["reference"].as_str().unwrap().contains("arXiv:1404.5502") && single["model"] == "b-l");
    assert!(single["curve"][0][0]["upper"].is_null() && single["reason"].is_null());
    assert!(none["reason"].as_str().unwrap().contains("isoscalar") && none["curve"].as_array().unwrap().is_empty());
    let points: Vec<[f64; 2]> = [single, double]
        .into_iter()
        .flat_map(|record| record["curve"].as_array().unwrap().iter().flat_map(|piece| piece.as_array().unwrap()))
        .map(|point| [point["mass_gev"].as_f64().unwrap(), point["lower"].as_f64().unwrap()])
        .collect();
    let in_csv = csv.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        [cells[1].parse::<f64>().unwrap(), cells[2].parse::<f64>().unwrap()]
    });
    assert_eq!(points.len(), in_csv.clone().count());
    for (a, b) in points.iter().zip(in_csv) {
        assert!((0..2).all(|i| (a[i] / b[i] - 1.0).abs() < 1e-14), "{a:?} {b:?}");
    }
    let table = succeed(&arguments(&checkout, &[]));
    assert_eq!(table.lines().count(), 4);
    assert!(table.contains("isoscalar") && table.contains("A1_Merkel2014avp                   9"), "{table}");
    // Files of the form that was read: recast from the dark photon to itself they are what was read.
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("new");
    succeed(&[
        "recast",
        "--model",
        "dark-photon",
        "--darkcast",
        checkout.text(),
        "--format",
        "lmt",
        "--limit",
        "A1_Merkel2014avp",
        "--limit",
        "E137_Andreas2012mt",
        "--out",
        folder.to_str().unwrap(),
    ]);
    assert_eq!(names(&folder), ["A1_Merkel2014avp.lmt", "E137_Andreas2012mt.lmt"]);
    let lmt = std::fs::read_to_string(folder.join("A1_Merkel2014avp.lmt")).unwrap();
    let rows: Vec<&str> = lmt.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rows[0], "1.2e-3 1e-3");
    assert_eq!(rows.len(), 9);
}

#[test]
fn a_bad_limit_does_not_stop_the_others() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    checkout.write("E137_Andreas2012mt.lmt", "0.01 1e-5 1e-4\n0.02 1e-5 zero\n");
    let Said { status, stdout, stderr } = run(&arguments(&checkout, &["--format", "csv"]));
    assert_eq!(status, 1);
    assert!(stderr.contains("error: ") && stderr.contains("E137_Andreas2012mt.lmt:2: column 3 is 'zero'"), "{stderr}");
    assert_eq!(stdout.lines().count(), 1 + MASSES_GEV.len());
    // Missing files likewise, by name.
    let said = run(&["recast", "--model", "b-l", "--darkcast", checkout.text(), "--limit", "A1", "--format", "csv"]);
    assert_eq!(said.status, 1);
    assert!(said.stderr.contains("A1_Merkel2011ze.lmt") && said.stderr.lines().count() == 1, "{}", said.stderr);
    assert_eq!(said.stdout.lines().count(), 1 + MASSES_GEV.len());
}

#[test]
fn the_checkout_may_be_named_by_the_environment() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    let line = ["recast", "--model", "b-l", "--limit", "E137_Andreas2012mt"];
    let with = |value: &str| said(cevscan().args(line).env("DARKCAST_PATH", value).output().unwrap());
    assert_eq!(with(checkout.text()).status, 0);
    check_failure(&with(""), "no folder", 2, &["--darkcast", "DARKCAST_PATH"]);
    check_failure(&with("/nonexistent"), "nothing there", 2, &["/nonexistent", "limits"]);
}

#[test]
fn models_are_named_or_files() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let text = "name = \"mine\"\nlabel = \"m\"\ndescription = \"d\"\nreference = \"r\"\n\
                [parameters]\nz = 1\n[vector]\nup = 0\ndown = 0\nelectron = { z = 2 }\nmuon = { z = -2 }\ntau = 0\n";
    std::fs::write(&path, text).unwrap();
    let coupling = |more: &[&str]| -> f64 {
        let line = ["recast", "--model", path.to_str().unwrap(), "--darkcast", checkout.text()];
        let rest = ["--limit", "A1_Merkel2014avp", "--format", "csv"];
        let csv = succeed(&line.into_iter().chain(rest).chain(more.iter().copied()).collect::<Vec<_>>());
        csv.lines().last().unwrap().split(',').nth(2).unwrap().parse().unwrap()
    };
    // By hand: all couplings go as z.
    assert!((coupling(&[]) / coupling(&["--parameter", "z=4"]) - 4.0).abs() < 1e-12);
    for (parameter, words) in [("w=1", "unknown parameter 'w'"), ("z", "NAME=VALUE"), ("z=x", "NAME=VALUE")] {
        let line = ["recast", "--model", path.to_str().unwrap(), "--darkcast", checkout.text()];
        fail(&line.into_iter().chain(["--parameter", parameter]).collect::<Vec<_>>(), 2, &[words]);
    }
}

#[test]
fn bad_input_is_named() {
    let checkout = SyntheticCheckout::new(&LIMITS);
    fail(&["recast"], 2, &["--model"]);
    let with = |more: &[&str], status: i32, words: &[&str]| {
        let line: Vec<&str> = ["recast", "--darkcast", checkout.text()].iter().chain(more).copied().collect();
        fail(&line, status, words);
    };
    with(&["--model", "b-ll"], 2, &["unknown model 'b-ll'", "did you mean 'b-l'"]);
    with(&["--model", "scalar"], 2, &["mediator of 'scalar' is a scalar"]);
    with(&["--model", "./none.toml"], 1, &["cannot read ./none.toml"]);
    with(&["--model", "b-l", "--limit", "A1_Merkel2014av"], 2, &["unknown limit", "A1_Merkel2014avp"]);
    with(&["--model", "b-l", "--format", "xml"], 2, &["xml"]);
    for share in ["1", "-0.1", "nan", "x"] {
        with(&["--model", "b-l", "--invisible-fraction", share], 2, &["share of invisible decays", share]);
    }
    with(&["--model", "dark-photon", "--parameter", "y=1"], 2, &["unknown parameter 'y'"]);
    with(&["--model", "b-l", "--limits-table", "/nonexistent.toml"], 1, &["/nonexistent.toml"]);
    with(&["--model", "b-l", "--limit", "A1_Merkel2014avp", "--out", checkout.text()], 2, &["--out", "a file"]);
}
