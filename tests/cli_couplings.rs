//! `--couplings`: what stands for the Standard Model, on every command that computes events.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cevscan::physics::model::{Edition, Model};
use cevscan::physics::weak_couplings::WeakCouplings;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::spectrum::Spectrum;
use cevscan::rates::{Fineness, Nodes, Point};
use cevscan::{Analysis, Dataset, Experiment, ScanRequest};
use cli_support::{fail, json, succeed};

/// Commands that say their result on stdout, with few words; toys are those of one seed.
const COMMANDS: [&str; 9] = [
    "point --model b-l --mass 10 --coupling 5e-5 --format json",
    "limits --model b-l --format csv",
    "limits --model b-l --mass 1MeV,10MeV --format csv",
    "limits --model b-l --asimov --format csv",
    "profile --model b-l --mass 10MeV --format csv",
    "spectrum --model b-l --format csv",
    "spectrum --model b-l --response full --format csv",
    "impact --model b-l --mass 10MeV --format csv",
    "coverage --model b-l --at 10MeV,5e-5 --toys 100 --engine cpu",
];

fn said(command: &str, more: &[&str]) -> String {
    let words: Vec<&str> = command.split(' ').chain(["--data", "lar", "--quiet"]).chain(more.iter().copied()).collect();
    succeed(&words)
}

#[test]
fn every_command_that_computes_events_takes_them() {
    for command in COMMANDS {
        let usual = said(command, &[]);
        assert_eq!(said(command, &["--couplings", "2022"]), usual, "{command}");
        let other = said(command, &["--couplings", "2024"]);
        // Not the name of the model alone.
        assert_ne!(other.replace("_couplings2024", ""), usual, "{command}");
    }
    // What takes a model and data, by its help: records say what maps were made with, and citations hold no events.
    let all = succeed(&["--help"]);
    let names =
        all.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|name| !name.is_empty());
    let mut with = Vec::new();
    for name in names.filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || "-2".contains(c))) {
        if name.starts_with('-') || name == "help" {
            continue;
        }
        let help = succeed(&[name, "--help"]);
        if help.contains("--model <") && help.contains("--data <") && !["plot", "view", "cite"].contains(&name) {
            assert!(help.contains("--couplings <"), "{name}");
            with.push(name);
        }
    }
    assert!(with.len() >= 9 && with.contains(&"scan") && with.contains(&"bench"), "{with:?}");
}

#[test]
fn maps_of_unlike_couplings_are_of_unlike_scans() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let scan = |out: &str, more: &[&str]| -> Vec<String> {
        let words =
            ["scan", "--model", "b-l", "--data", "lar", "--grid", "12x12", "--engine", "cpu", "--quiet", "--out", out];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect()
    };
    let words = |all: &[String]| -> Vec<String> { all.to_vec() };
    let run = |all: Vec<String>| succeed(&words(&all).iter().map(String::as_str).collect::<Vec<_>>());
    let refused = |all: Vec<String>| fail(&all.iter().map(String::as_str).collect::<Vec<_>>(), 1, &["--couplings is"]);
    let new = ["--couplings", "2024"];
    // Shards of both do not merge; those of one do, to the bytes of the single map.
    let parts = [path("one"), path("two"), path("two-of-2024")];
    run(scan(&parts[0], &["--shard", "1/2"]));
    run(scan(&parts[1], &["--shard", "2/2"]));
    run(scan(&parts[2], &["--shard", "2/2", "--couplings", "2024"]));
    let merge = |second: &str, out: &str| -> Vec<String> {
        ["merge", &parts[0], second, "--quiet", "--out", out].iter().map(|word| (*word).to_owned()).collect()
    };
    refused(merge(&parts[2], &path("mixed")));
    run(merge(&parts[1], &path("merged")));
    run(scan(&path("old"), &[]));
    let map = |name: &str| std::fs::read(folder.path().join(name).join("map.npz")).unwrap();
    assert_eq!(map("merged"), map("old"));
    // A folder keeps to its own; the record has both names, and is asked again by them.
    run(scan(&path("new"), &new));
    refused(scan(&path("new"), &[]));
    refused(scan(&path("old"), &new));
    let record = |name: &str| json(&std::fs::read_to_string(folder.path().join(name).join("run.json")).unwrap());
    let (old, new) = (record("old"), record("new"));
    assert_eq!((new["request"]["couplings"].as_str(), old["request"].get("couplings")), (Some("2024"), None));
    assert_eq!(new["inputs"]["model"], "b-l_couplings2024");
    assert_ne!(new["chi2_sm"], old["chi2_sm"]);
    let request: ScanRequest = serde_json::from_value(new["request"].clone()).unwrap();
    assert_eq!(request.model().unwrap(), Model::named("b-l").unwrap().with_couplings(Edition::Of2024));
    run(["plot", &path("new"), "--quiet", "--out", &path("drawn")].map(str::to_owned).to_vec());
}

/// Counts are those of the couplings put in by hand, in bins and as nuclei recoil.
#[test]
fn counts_are_those_of_the_couplings() {
    for name in ["lar", "csi-es"] {
        let dataset = Dataset::named(name).unwrap();
        let nodes = Nodes::new(&dataset, Fineness::default()).unwrap();
        let point = Point { mass_mev: 10.0, coupling: 5e-5 };
        let plain = Model::named("b-l").unwrap();
        let model = plain.clone().with_couplings(Edition::Of2024);
        let counts = |plan: &cevscan::rates::plan::Plan| {
            let mut counts = vec![0.0; plan.channels()];
            counts_at(plan, point, &mut counts);
            counts
        };
        let by_hand = nodes.plan_with(&dataset, &plain, &WeakCouplings::of(Edition::Of2024));
        let found = counts(&nodes.plan(&dataset, &model));
        assert_eq!(found, counts(&by_hand), "{name}");
        let usual = counts(&nodes.plan(&dataset, &plain));
        let sum = |counts: &[f64]| counts.iter().sum::<f64>();
        let ratio = sum(&found) / sum(&usual);
        assert!((ratio - 1.0).abs() > 1e-3, "{name}: {ratio}");
        // What recoils grows by as much, to what the response weighs otherwise.
        let recoils = |model: &Model| Spectrum::of_recoils(&dataset, model, point, &[20.0]).total()[0];
        let of_recoils = recoils(&model) / recoils(&plain);
        assert!((of_recoils / ratio - 1.0).abs() < 5e-3, "{name}: {of_recoils} {ratio}");
    }
}

#[test]
fn an_expectation_is_that_of_the_couplings() {
    let standard = Model::standard().with_couplings(Edition::Of2024);
    let point = Point { mass_mev: 1.0, coupling: 0.0 };
    let data = || Experiment::of(Dataset::named("lar").unwrap()).unwrap();
    let chi2 = |experiment: Experiment| Analysis::new(&standard, [&experiment]).fit(point).total.chi2;
    assert!(chi2(data().asimov_of(Edition::Of2024).unwrap()) < 1e-9);
    // The negative control, and what is observed stays so.
    assert!(chi2(data().asimov().unwrap()) > 1e-6);
    assert_eq!(chi2(data().with_couplings(Edition::Of2024).unwrap()), chi2(data()));
    // Names go back and forth.
    let model = Model::named("b-l").unwrap().with_couplings(Edition::Of2024);
    assert_eq!((model.name.as_str(), model.mediator_name()), ("b-l_couplings2024", "b-l"));
    assert_eq!(model.with_couplings(Edition::Of2022).name, "b-l");
    for edition in Edition::ALL {
        assert_eq!(Edition::named(edition.name()).unwrap(), edition);
    }
    assert!(Edition::named("2023").unwrap_err().hint().unwrap().contains("2022"));
}

/// A scan of other parameters is another one with other couplings: in its folder, its files and its picture.
#[test]
fn scans_of_parameters_tell_them_apart() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let scan = |couplings: &'static str| {
        let words =
            ["scan", "--x", "eps-u.ee=-1:1", "--data", "lar", "--grid", "9", "--quiet", "--couplings", couplings];
        words.into_iter().chain(["--out", out.to_str().unwrap()]).collect::<Vec<_>>()
    };
    succeed(&scan("2024"));
    let record = json(&std::fs::read_to_string(out.join("parameters.json")).unwrap());
    assert_eq!(record["model"], "standard-model_couplings2024");
    fail(&scan("2022"), 1, &["another", "--fresh"]);
    succeed(&scan("2024"));
}
