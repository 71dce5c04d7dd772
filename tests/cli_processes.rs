//! Signals of several processes, and datasets beside COHERENT's, as a user sees them.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::fs;
use std::path::Path;

mod cli_support;

use cli_support::{fail, json, names, run, succeed};

fn number(value: &serde_json::Value) -> f64 {
    value.as_f64().unwrap()
}

const POINT: [&str; 7] = ["point", "--model", "b-l", "--mass", "0.05", "--coupling", "2e-5"];

fn at_point(data: &str, more: &[&str]) -> Vec<String> {
    POINT.iter().chain(&["--data", data]).chain(more).map(|word| (*word).to_owned()).collect()
}

fn words(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

#[test]
fn point_shows_the_processes_apart() {
    let record = json(&succeed(&words(&at_point("csi-es+lar", &["--format", "json"]))));
    let es = &record["datasets"]["csi-es"];
    let parts = es["events_by_process"].as_object().unwrap();
    assert_eq!(parts.keys().collect::<Vec<_>>(), ["cevns", "electron-scattering"]);
    let sum: f64 = parts.values().map(number).sum();
    assert!((sum / number(&es["events"]) - 1.0).abs() < 1e-12);
    assert!(number(&parts["electron-scattering"]) > 3000.0);
    // One process: as before.
    assert!(record["datasets"]["lar"].get("events_by_process").is_none());
    let table = succeed(&words(&at_point("csi-es", &[])));
    for word in ["signal events", "  CEvNS", "  electron scattering"] {
        assert!(table.contains(word), "{word}: {table}");
    }
}

#[test]
fn what_leaves_electrons_out_says_so_below_10_mev() {
    let said = |arguments: &[String]| run(&words(arguments)).stderr;
    let note = said(&at_point("csi+lar", &[]));
    assert!(note.contains("note: csi is of nuclear recoils alone") && note.contains("--data csi-es"), "{note}");
    assert_eq!(note.lines().count(), 1, "argon's selection rejects electrons: {note}");
    assert_eq!(said(&at_point("csi+lar", &["--quiet"])), "");
    assert_eq!(said(&at_point("csi-es+lar", &[])), "");
    let heavy = ["point", "--model", "b-l", "--mass", "50", "--coupling", "2e-5"];
    assert_eq!(run(&heavy).stderr, "");
    let neutral = ["point", "--model", "b-3lmu", "--mass", "0.05", "--coupling", "2e-5"];
    assert_eq!(run(&neutral).stderr, "");
}

/// The same where a parameter is varied, a source is not known as far down as electrons see, or noise passes the threshold.
#[test]
fn what_is_left_out_of_other_parameters_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let germanium = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/conus-plus");
    let text = fs::read_to_string(germanium.join("dataset.toml")).unwrap();
    for table in ["counts.txt", "variance.txt"] {
        fs::copy(germanium.join(table), folder.path().join(table)).unwrap();
    }
    let dataset = |name: &str, changed: String| {
        let file = folder.path().join(format!("{name}.toml"));
        fs::write(&file, changed).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let process = "\n[[process]]\nkind = \"electron-scattering\"\n";
    let plain = dataset("plain", text.clone());
    let electrons = dataset("electrons", text.clone() + process);
    // 0.16 keV stand 7.8 standard deviations above zero, then two: 2.3 % of what has no energy passes.
    let noisy = dataset("noisy", text.replace("constant_kev = 0.0205", "constant_kev = 0.08"));
    let out = folder.path().join("out").to_str().unwrap().to_owned();
    let said = |parameter: &str, data: &str| {
        let range = format!("{parameter}=0:1e-9");
        run(&["scan", "--x", &range, "--data", data, "--grid", "40", "--out", &out, "--fresh"]).stderr
    };
    let moment = said("magnetic-moment.e", &plain);
    assert!(moment.contains("a magnetic moment acts on electrons more: [[process]]"), "{moment}");
    assert!(!moment.contains("warning"), "{moment}");
    let radius = said("charge-radius.e", &plain);
    assert!(!radius.contains("note"), "{radius}");
    let with = said("magnetic-moment.e", &electrons);
    assert!(with.contains("begin at 1.8 MeV") && !with.contains("acts on electrons more"), "{with}");
    // Bins that begin at zero, of a selection that takes nothing there.
    let built_in = said("magnetic-moment.mu", "lar");
    assert!(!built_in.contains("warning"), "{built_in}");
    let threshold = said("magnetic-moment.e", &noisy);
    assert!(threshold.contains("warning: a part 0.0228 of recoils of no energy passes the threshold"), "{threshold}");
    let point = run(&words(&at_point(&electrons, &[]))).stderr;
    assert!(point.contains("begin at 1.8 MeV"), "{point}");
}

#[test]
fn energies_of_electrons_are_not_those_of_nuclei() {
    let table = succeed(&["spectrum", "--model", "b-l", "--data", "csi-es+lar"]);
    let (es, lar) = table.split_once("\nlar: ").unwrap();
    assert!(es.contains("of electrons in their column") && !es.contains("T_nr"), "{es}");
    assert!(lar.contains("events per keVnr") && lar.contains("T_nr"), "{lar}");
}

#[test]
fn models_check_says_which_process_dominates_where() {
    for (model, expected) in [
        ("b-l", "in csi-es the mediator gives more events on electrons below"),
        ("le-ltau", "on electrons below"),
        ("b-3lmu", "depends on physics at high scales"),
        ("scalar", "more events by CEvNS at all masses"),
    ] {
        let text = succeed(&["models", "check", model]);
        let line = text.lines().find(|line| line.starts_with("scattering on electrons: ")).unwrap();
        assert!(line.contains(expected), "{model}: {line}");
    }
}

#[test]
fn spectra_and_pictures_show_the_processes_apart() {
    let spectrum = ["spectrum", "--model", "b-l", "--mass", "0.05", "--coupling", "2e-5", "--data", "csi-es"];
    for response in ["none", "full"] {
        let csv: Vec<&str> = spectrum.iter().copied().chain(["--response", response, "--format", "csv"]).collect();
        let csv = succeed(&csv);
        let head = csv.lines().next().unwrap();
        assert!(head.contains("model_electrons_") && head.contains("model_nu_mu_bar_"), "{head}");
    }
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let fit =
        ["spectrum-fit", "--model", "b-l", "--mass", "0.05", "--coupling", "5e-6", "--data", "csi-es", "--out", out];
    succeed(&fit);
    let svg = std::fs::read_to_string(folder.path().join("fit-b-l-csi-es.svg")).unwrap();
    assert!(svg.contains("electron scattering"), "{:?}", names(folder.path()));
}

#[test]
fn a_spectrum_in_bins_that_are_no_energies_is_refused() {
    let spectrum = ["spectrum", "--model", "b-l", "--mass", "1", "--coupling", "2e-5", "--data", "xenonnt"];
    succeed(&spectrum);
    let full: Vec<&str> = spectrum.iter().copied().chain(["--response", "full"]).collect();
    fail(&full, 2, &["xenonnt", "bins of several observables"]);
}

#[test]
fn xenonnt_is_a_dataset_like_any_other() {
    let record = json(&succeed(&[
        "point",
        "--model",
        "b-l",
        "--mass",
        "1",
        "--coupling",
        "2e-5",
        "--data",
        "xenonnt",
        "--format",
        "json",
    ]));
    let pulls = record["datasets"]["xenonnt"]["pulls"].as_object().unwrap();
    let expected = ["ac_sr0", "ac_sr1", "ac_sr2", "cevns", "charge_yield", "er", "light_yield", "neutrons"];
    assert_eq!(pulls.keys().collect::<Vec<_>>(), expected);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let scan = ["scan", "--model", "b-l", "--data", "csi-es+lar+xenonnt", "--grid", "30x30", "--out", out];
    succeed(&scan);
    assert!(names(folder.path()).contains(&"contour.csv".to_owned()));
    assert!(succeed(&["cite", "--data", "xenonnt"]).contains("2604.06002"));
    fail(
        &["coverage", "--model", "b-l", "--at", "1MeV,2e-5", "--toys", "10", "--data", "xenonnt"],
        2,
        &["not drawn yet"],
    );
}

/// What the shader cannot hold is made by the CPU, said once, and told by `run.json`; no adapter is needed for that.
#[test]
fn an_engine_that_cannot_hold_the_data_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let scan = ["scan", "--model", "b-l", "--data", "xenonnt", "--grid", "6x6", "--out", out];
    let said = run(&[&scan[..], &["--engine", "gpu", "--profile", "cpu"]].concat());
    let engines: Vec<&str> = said.stderr.lines().filter(|line| line.starts_with("engine: ")).collect();
    assert!(said.status == 0 && engines.len() == 1, "{}", said.stderr);
    assert!(engines[0].starts_with("engine: cpu (in the place of the gpu asked for"), "{engines:?}");
    let record = std::fs::read_to_string(folder.path().join("run.json")).unwrap();
    assert_eq!(json(&record)["engine"]["name"], "cpu", "{record}");
}
