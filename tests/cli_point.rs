//! `cevscan point`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{cevscan, fail, help_is_pinned, json, run, said, succeed};

#[test]
fn help() {
    help_is_pinned(&[]);
    help_is_pinned(&["point"]);
}

/// Keys of the pulls, DESIGN's.
const CSI_PULLS: [&str; 4] = ["brn", "cevns", "nin", "ss"];
const LAR_PULLS: [&str; 9] = [
    "cevns",
    "cevns_f90",
    "cevns_trigger_time",
    "dbrn",
    "pbrn",
    "pbrn_energy",
    "pbrn_trigger_time",
    "pbrn_trigger_width",
    "ss",
];

fn keys(value: &serde_json::Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn point(model: &str, mass: &str, coupling: &str) -> serde_json::Value {
    json(&succeed(&["point", "--model", model, "--mass", mass, "--coupling", coupling, "--format", "json"]))
}

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn json_has_the_agreed_form() {
    let record = point("b-l", "10MeV", "5e-5");
    assert_eq!(keys(&record), ["chi2", "coupling", "datasets", "mass_mev", "model"]);
    assert_eq!(record["model"], "b-l");
    assert_eq!((number(&record["mass_mev"]), number(&record["coupling"])), (10.0, 5e-5));
    for (name, pulls) in [("csi", CSI_PULLS.as_slice()), ("lar", LAR_PULLS.as_slice())] {
        let dataset = &record["datasets"][name];
        assert_eq!(keys(dataset), ["chi2", "events", "pulls"]);
        assert_eq!(keys(&dataset["pulls"]), pulls);
    }
    let sum = number(&record["datasets"]["csi"]["chi2"]) + number(&record["datasets"]["lar"]["chi2"]);
    assert!((number(&record["chi2"]) - sum).abs() < 1e-9);
}

#[test]
fn numbers_are_those_of_the_recipe() {
    // Independent calculation with the same recipe: Standard Model and two points of the plane.
    let standard = point("universal", "10", "0");
    for (name, events, chi2) in [("csi", 315.29, 82.827), ("lar", 131.32, 106.5005)] {
        assert!((number(&standard["datasets"][name]["events"]) - events).abs() < 0.01);
        assert!((number(&standard["datasets"][name]["chi2"]) - chi2).abs() < 0.01);
    }
    for (model, coupling, csi, lar) in [("b-l", "5e-5", 86.991, 109.330), ("lmu-ltau", "2e-3", 117.467, 110.199)] {
        let record = point(model, "10MeV", coupling);
        assert!((number(&record["datasets"]["csi"]["chi2"]) - csi).abs() < 1e-3);
        assert!((number(&record["datasets"]["lar"]["chi2"]) - lar).abs() < 1e-3);
    }
}

#[test]
fn units_of_mass_are_understood() {
    let expected = point("b-l", "10", "5e-5");
    for mass in ["10MeV", "0.01GeV", "1e4keV", "1e-5TeV", "10.0"] {
        let other = point("b-l", mass, "5e-5");
        assert!((number(&other["chi2"]) - number(&expected["chi2"])).abs() < 1e-9, "{mass}");
    }
}

#[test]
fn table_is_for_people() {
    let table = succeed(&["point", "--model", "b-l", "--mass", "10MeV", "--coupling", "0"]);
    for words in [
        "csi                          82.8274        315.29",
        "sum                         189.3279",
        "lar pbrn_energy",
    ] {
        assert!(table.contains(words), "{table}");
    }
}

#[test]
fn extremes_are_finite() {
    for (mass, coupling) in [("0.1MeV", "1"), ("0.1MeV", "1e6"), ("1e9GeV", "1e-30"), ("1e-6", "1e-12")] {
        let record = point("universal", mass, coupling);
        assert!(number(&record["chi2"]).is_finite(), "{mass} {coupling}");
    }
}

#[test]
fn a_signal_beyond_numbers_is_missing_and_said() {
    let mut command = cevscan();
    command.env("CEVSCAN_LARGEST_COUPLING", "1e200");
    command.args(["point", "--model", "universal", "--mass", "1", "--coupling", "1e150", "--format", "json"]);
    let said = said(command.output().unwrap());
    assert_eq!(said.status, 1);
    assert!(json(&said.stdout)["chi2"].is_null(), "{}", said.stdout);
    let line = "error: the fit to csi and lar at mass 1 MeV and coupling 1e150 did not converge: \
                the expected signal is not a finite number\n";
    // After the note on electrons.
    assert!(
        said.stderr.ends_with(line) && said.stderr.lines().filter(|line| line.starts_with("error: ")).count() == 1,
        "{}",
        said.stderr
    );
}

#[test]
fn extremes_are_short() {
    for (mass, coupling) in [("1e30", "1e6"), ("1e-30", "1e-200"), ("1e-30", "1e6"), ("1e-20", "123456.789")] {
        let table = run(&["point", "--model", "universal", "--mass", mass, "--coupling", coupling]).stdout;
        assert!(table.starts_with(&format!("universal  mass {mass} MeV  coupling {coupling}\n")), "{table}");
        assert!(table.lines().all(|line| line.len() <= 60), "{table}");
    }
}

#[test]
fn bad_input_is_named() {
    let refused = |arguments: [&str; 6], words: &[&str]| {
        let arguments: Vec<&str> = std::iter::once("point").chain(arguments).collect();
        fail(&arguments, 2, words);
    };
    refused(["--model", "b-ll", "--mass", "1", "--coupling", "0"], &["unknown model 'b-ll'", "did you mean 'b-l'?"]);
    refused(["--model", "xyzzy", "--mass", "1", "--coupling", "0"], &["known models: universal, b-l"]);
    for coupling in ["1e60", "1e200", "1000001", "-1", "inf", "nan"] {
        refused(["--model", "b-l", "--mass", "1", "--coupling", coupling], &["coupling", coupling, "at most 1e6"]);
    }
    for mass in ["0", "-5", "nan", "inf", "-inf", "1e400", "1e300", "5e-324", "1e25TeV"] {
        refused(["--model", "b-l", "--mass", mass, "--coupling", "0"], &["mass", mass, "positive"]);
    }
    for mass in ["", "MeV", "abc", "1 2", "0x10"] {
        refused(["--model", "b-l", "--mass", mass, "--coupling", "0"], &["mass"]);
    }
    refused(["--model", "b-l", "--mass", "10Mev", "--coupling", "0"], &["unit of mass 'Mev'", "did you mean 'MeV'?"]);
    for unit in ["eV", "kg", "parsec", "V"] {
        let words = [&format!("unit of mass '{unit}' is not understood: expected keV, MeV, GeV or TeV\n")];
        refused(["--model", "b-l", "--mass", &format!("10{unit}"), "--coupling", "0"], &words.map(String::as_str));
    }
    for coupling in ["-1", "nan", "inf", "x", ""] {
        refused(["--model", "b-l", "--mass", "1", "--coupling", coupling], &["coupling", coupling]);
    }
    fail(&["point", "--model", "b-l", "--mass", "1", "--coupling", "0", "--data", "cs"], 2, &["unknown dataset 'cs'"]);
    fail(&["point", "--model", "b-l", "--mass", "1", "--coupling", "0", "--data", "csi+csi"], 2, &["csi+csi"]);
    fail(&["point", "--model", "b-l"], 2, &["--mass"]);
    fail(&["point", "--modle", "b-l"], 2, &["--modle", "--model"]);
    fail(&["pont"], 2, &["pont", "point"]);
}

#[test]
fn hints_name_the_subcommand() {
    let hint = |arguments: &[&str], command: &str| {
        fail(arguments, 2, &[&format!("\nhint: 'cevscan{command} --help' lists what it takes\n")]);
    };
    hint(&["spectrum-fit", "--unheard-of"], " spectrum-fit");
    hint(&["spectrum-fit", "--model"], " spectrum-fit");
    hint(&["--threads", "many", "limits"], " limits");
    hint(&["limits", "--threads", "many"], " limits");
    hint(&["limits", "--format", "pdf"], " limits");
    hint(&["models", "show"], " models show");
    hint(&["point", "--model", "b-l", "--mass", "1x", "--coupling", "0"], " point");
    hint(&["scan", "--model", "b-l", "--grid", "1x1"], " scan");
    hint(&["--unheard-of"], "");
}
