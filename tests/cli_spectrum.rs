//! `cevscan spectrum` and `cevscan epsilon`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};
use serde_json::Value;

#[test]
fn help() {
    help_is_pinned(&["spectrum"]);
    help_is_pinned(&["epsilon"]);
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

/// The columns of a CSV by name.
fn column<'a>(csv: &'a str, name: &str) -> Vec<&'a str> {
    let mut rows = csv.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = rows.next().unwrap();
    let place = head.iter().position(|column| *column == name).unwrap();
    rows.map(|row| row[place]).collect()
}

/// As they are written: all digits, of which serde_json reads the last one wrongly at times.
fn assert_same(csv: &[f64], json: &[f64]) {
    assert_eq!(csv.len(), json.len());
    assert!(csv.iter().zip(json).all(|(a, b)| (a - b).abs() <= 1e-15 * a.abs()), "{csv:?} {json:?}");
}

#[test]
fn tables_csv_and_json_have_the_same_numbers() {
    let arguments = ["spectrum", "--model", "universal", "--data", "lar", "--points", "40"];
    let csv = succeed(&[&arguments[..], &["--format", "csv"]].concat());
    let record = json(&succeed(&[&arguments[..], &["--format", "json"]].concat()));
    // Not given: the point of the paper's figure 1.
    assert_eq!((record["mass_mev"].as_f64(), record["coupling"].as_f64()), (Some(10.0), Some(1e-4)));
    let lar = &record["datasets"]["lar"];
    assert_eq!(lar["response"], "none");
    let parse = |cells: Vec<&str>| cells.into_iter().map(|cell| cell.parse().unwrap()).collect::<Vec<f64>>();
    assert_same(&parse(column(&csv, "recoil_energy_kevnr")), &numbers(&lar["recoil_energy_kevnr"]));
    for (which, name) in [("sm", "standard_model"), ("model", "model")] {
        let rates = &lar["events_per_kevnr"][name];
        for flavour in ["total", "nu_mu", "nu_mu_bar", "nu_e"] {
            let cells = column(&csv, &format!("{which}_{flavour}_events_per_kevnr"));
            assert_same(&parse(cells), &numbers(&rates[flavour]));
        }
    }
    // Published (3.17): 92 keV, between nu_mu and nu_e.
    let zeros = lar["zero_rates"].as_array().unwrap();
    let at = |neutrino: &str| {
        let zero = zeros.iter().find(|zero| zero["neutrino"] == neutrino && zero["isotope"] == "40Ar").unwrap();
        zero["recoil_energy_kevnr"].as_f64().unwrap()
    };
    assert!(at("nu_mu") < 92.0 && at("nu_e") > 92.0 && at("nu_e") - at("nu_mu") < 1.5);
    let table = succeed(&arguments);
    assert!(table.contains("no scattering of nu_mu off 40Ar at 91.635 keVnr"), "{table}");
    // Regression: the Standard Model and the model in the lowest row, 1/150 of 149.987 keV.
    assert!(table.contains("0.9999       9.5532        14091"), "{table}");
}

#[test]
fn with_response_the_sum_is_what_point_counts() {
    let point = ["--model", "b-l", "--mass", "10MeV", "--coupling", "5e-5", "--format", "json"];
    let fit = json(&succeed(&[&["point"][..], &point].concat()));
    let record = json(&succeed(&[&["spectrum", "--response", "full"][..], &point].concat()));
    for data in ["csi", "lar"] {
        let dataset = &record["datasets"][data];
        assert_eq!(dataset["response"], "full");
        let bins = &dataset["bins"];
        let sum: f64 = numbers(&bins["events"]["model"]["total"]).iter().sum();
        let events = fit["datasets"][data]["events"].as_f64().unwrap();
        assert!((sum / events - 1.0).abs() < 1e-12, "{data}: {sum} {events}");
        let (edges, recoil) = (numbers(&bins["edges"]), numbers(&bins["recoil_edges_kevnr"]));
        assert!(edges.len() == recoil.len() && recoil.is_sorted());
    }
    let csv = succeed(&["spectrum", "--response", "full", "--model", "scalar", "--format", "csv"]);
    assert_eq!(column(&csv, "unit").len(), 9 + 12);
    let standard: f64 = column(&csv, "sm_total_events")[..9].iter().map(|cell| cell.parse::<f64>().unwrap()).sum();
    // Independent calculation with the same recipe: 315.29 events.
    assert!((standard - 315.29).abs() < 0.01, "{standard}");
    let table = succeed(&["spectrum", "--response", "full", "--model", "scalar"]);
    assert!(table.contains("315.29") && table.contains("131.32"), "{table}");
}

#[test]
fn figures_are_written_in_all_forms() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new").to_str().unwrap().to_owned();
    let said = run(&["spectrum", "--model", "lmu-ltau", "--out", &out]);
    assert_eq!((said.status, said.stderr.lines().count()), (0, 10), "{}", said.stderr);
    assert_eq!(run(&["spectrum", "--model", "lmu-ltau", "--out", &out, "--response", "full", "-q"]).stderr, "");
    let quiet = run(&["epsilon", "--out", &out, "--quiet"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let expected = ["epsilon", "spectrum-lmu-ltau-csi", "spectrum-lmu-ltau-csi-full", "spectrum-lmu-ltau-lar"];
    let expected = expected.into_iter().chain(["spectrum-lmu-ltau-lar-full"]);
    let mut expected: Vec<String> =
        expected.flat_map(|stem| ["csv", "pdf", "png", "py", "svg"].map(|ending| format!("{stem}.{ending}"))).collect();
    expected.sort();
    assert_eq!(names(std::path::Path::new(&out)), expected);
    let csv = std::fs::read_to_string(format!("{out}/spectrum-lmu-ltau-csi.csv")).unwrap();
    assert!(csv.starts_with("recoil_energy_kevnr,sm_events_per_kevnr,lmu-ltau_events_per_kevnr,"), "{csv}");
    // The same command, the same bytes.
    let svg = std::fs::read(format!("{out}/spectrum-lmu-ltau-csi.svg")).unwrap();
    succeed(&["spectrum", "--model", "lmu-ltau", "--out", &out, "--data", "csi", "--threads", "1"]);
    assert_eq!(std::fs::read(format!("{out}/spectrum-lmu-ltau-csi.svg")).unwrap(), svg);
}

#[test]
fn epsilon_has_the_published_values() {
    let csv = succeed(&["epsilon", "--q", "45:100", "--points", "2", "--format", "csv"]);
    let value = |name: &str, row: usize| column(&csv, name)[row].parse::<f64>().unwrap();
    // Published: eps_{tau e} ~ 1.5 (4.5); eps_{tau mu} ~ ln(m_tau^2/m_mu^2)/6 (below 3.21); 1.24 at 100 MeV: independent.
    assert!((value("eps_tau_e", 0) - 1.5).abs() < 0.05 && (value("eps_tau_e", 1) - 1.24).abs() < 0.005, "{csv}");
    assert!((value("eps_tau_mu", 0) - (1776.86_f64 / 105.6583755).ln() / 3.0).abs() < 0.01, "{csv}");
    let record = json(&succeed(&["epsilon", "--q", "45MeV:0.1GeV", "--points", "2", "--format", "json"]));
    let names: Vec<&str> = record.as_array().unwrap().iter().map(|curve| curve["model"].as_str().unwrap()).collect();
    assert_eq!(names, ["le-lmu", "le-ltau", "lmu-ltau"]);
    assert_eq!((&record[1]["beta"], &record[1]["alpha"]), (&Value::from("tau"), &Value::from("e")));
    assert_same(&[value("eps_tau_e", 0), value("eps_tau_e", 1)], &numbers(&record[1]["epsilon"]));
    let table = succeed(&["epsilon", "--model", "lmu-ltau"]);
    assert_eq!(table.lines().count(), 27);
    assert!(table.contains("eps_tau_mu") && table.contains("0.940797"), "{table}");
}

#[test]
fn bad_input_is_named() {
    let spectrum = ["spectrum", "--model", "b-l"];
    fail(&["spectrum"], 2, &["--model"]);
    fail(&["spectrum", "--model", "b-x"], 2, &["unknown model 'b-x'"]);
    fail(&[&spectrum[..], &["--mass", "0"]].concat(), 2, &["mass is 0", "positive"]);
    fail(&[&spectrum[..], &["--coupling=-1"]].concat(), 2, &["coupling is -1"]);
    fail(&[&spectrum[..], &["--points", "1"]].concat(), 2, &["--points is 1", "from 2"]);
    fail(&[&spectrum[..], &["--data", "csi+csi"]].concat(), 2, &["without repetition"]);
    fail(&[&spectrum[..], &["--out", "Cargo.toml"]].concat(), 2, &["Cargo.toml", "folder"]);
    fail(&["epsilon", "--model", "b-l"], 2, &["model is b-l", "le-lmu, le-ltau, lmu-ltau"]);
    fail(&["epsilon", "--q", "0:1"], 2, &["momentum transfer is 0"]);
    fail(&["epsilon", "--q", "2:1"], 2, &["momentum transfer range", "LOW below HIGH"]);
    fail(&["epsilon", "--q", "1:2parsec"], 2, &["parsec"]);
    fail(&["epsilon", "--points", "99999999"], 2, &["--points", "1000000"]);
}
