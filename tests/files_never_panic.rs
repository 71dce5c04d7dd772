//! No file makes the program panic: model and dataset files cut, mixed and mutated end in a value or in an error of one
//! line that names a place. What is read is used, as far as a small computation goes.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::{Anomalies, Model};
use cevscan::rates::Point;
use proptest::prelude::*;
use proptest::sample::select;

const MODELS: [&str; 3] = [
    include_str!("../data/models/b-l.toml"),
    include_str!("../data/models/lmu-ltau.toml"),
    "name = \"x\"\nlabel = \"$X$\"\ndescription = \"\"\nreference = \"\"\n[scalar]\nproton = 10\n[[mediator]]\nmass_ratio = 2\ncoupling_ratio = \"1/2\"\n[mediator.vector]\nc_1 = 1\nc_2 = 1\nc_3 = 1\nc_e = 3\nc_mu = 0\nc_tau = 0\nkinetic_mixing_over_coupling = 0.1\n",
];

/// Small enough to be computed a thousand times.
const DATASET: &str = r#"name = "mine"
label = "Ge"
description = "made up"
reference = "none"
[source]
kind = "pion-decay-at-rest"
neutrinos_per_flavour_per_proton = 0.09
protons_on_target = 1e23
baseline_m = 20
[target]
active_mass_kg = 10
isotopes = [{ name = "74Ge", mass_fraction = 1 }]
[quenching]
kind = "linear"
factor = 0.2
[resolution]
kind = "gaussian"
constant_kev = 0.3
[efficiency]
kind = "logistic"
amplitude = 0.9
slope = 5
centre = 1.5
[observation]
energy_unit = "keVee"
counts = "counts.txt"
statistic = { kind = "gaussian", background = "flat", share = 0.2 }
[time]
trace = { kind = "gaussian", mean_ns = 400, sigma_ns = 150 }
efficiency = { flat_until_us = 0.5, rate_per_us = 0.05 }
normalise_to_window = true
[signal]
name = "cevns"
sigma = 0.1
norms = [{ name = "flux", sigma = 0.1, shared = true }]
[[background]]
name = "flat"
label = "flat"
flat_events = 30
sigma = 0.1
"#;

const COUNTS: &str = "# title: counts\n# source: made up\n# time_edges_us: 0 1 6\n# columns: lo hi t0 t1\n# units: keVee keVee events events\n# rows: 2\n1 3 12 25\n3 6 9 14\n";

/// What may stand in place of a word or a number.
const PIECES: [&str; 34] = [
    "0",
    "-1",
    "1",
    "nan",
    "inf",
    "-inf",
    "1e300",
    "-1e300",
    "1e-300",
    "5e-324",
    "1e999",
    "\"1/0\"",
    "\"-1/3\"",
    "\"\"",
    "\"\\u0000\"",
    "\"Ω\"",
    "true",
    "[]",
    "[[]]",
    "{}",
    "[1, 2]",
    "[2, 1]",
    "1979-05-27",
    "0x7fffffffffffffff",
    "=",
    "[",
    "]",
    "\n",
    "#",
    "\"csi\"",
    "\"table\"",
    "\"counts.txt\"",
    "\"keVnr\"",
    "\"uniform\"",
];

/// A text with a few of its words replaced, lines dropped, doubled or moved.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (0u8..5, any::<prop::sample::Index>(), any::<prop::sample::Index>(), select(&PIECES[..]));
    prop::collection::vec(edit, 0..5).prop_map(move |edits| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (kind, at, other, piece) in edits {
            let (i, j) = (at.index(lines.len()), other.index(lines.len()));
            match kind {
                0 | 1 => {
                    let line = &mut lines[i];
                    let words: Vec<&str> = line.split(' ').collect();
                    let word = words[other.index(words.len())].to_owned();
                    *line = line.replacen(&word, piece, 1);
                }
                2 if lines.len() > 1 => {
                    lines.remove(i);
                }
                3 => {
                    let line = lines[i].clone();
                    lines.insert(j, line);
                }
                _ => {
                    if let Some((key, _)) = lines[i].clone().split_once('=') {
                        lines[i] = format!("{key}= {piece}");
                    }
                }
            }
        }
        lines.join("\n") + "\n"
    })
}

fn check_message(message: &str, path: &str) -> Result<(), TestCaseError> {
    prop_assert!(!message.contains('\n') && !message.contains('\u{0}'), "{message}");
    let named =
        message.strip_prefix(path).and_then(|rest| rest.strip_prefix(':')).and_then(|rest| rest.split_once(':'));
    prop_assert!(named.is_some_and(|(line, _)| line.parse::<usize>().is_ok()), "names no line: {message}");
    Ok(())
}

fn small() -> &'static Experiment {
    static SMALL: std::sync::LazyLock<Experiment> = std::sync::LazyLock::new(|| {
        Experiment::of(Dataset::from_texts(DATASET, &[("counts.txt", COUNTS)]).unwrap()).unwrap()
    });
    &SMALL
}

const POINTS: [(f64, f64); 4] = [(0.1, 0.0), (0.1, 1e-4), (10.0, 1.0), (1e5, 1e3)];

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn model_files(text in prop::sample::select(&MODELS[..]).prop_flat_map(mutated)) {
        for anomalies in [Anomalies::Allowed, Anomalies::Refused] {
            match Model::read("mine.toml", &text, &[], anomalies) {
                Err(error) => check_message(&error.to_string(), "mine.toml")?,
                Ok(model) => {
                    let _ = (model.warnings(), model.relation());
                    let analysis = Analysis::new(&model, [small()]);
                    for (mass_mev, coupling) in POINTS {
                        analysis.fit(Point { mass_mev, coupling });
                    }
                }
            }
        }
    }

    #[test]
    fn dataset_files(text in mutated(DATASET)) {
        let path = "dataset.toml";
        match Dataset::from_texts(&text, &[("counts.txt", COUNTS)]) {
            Err(error) => {
                let message = error.to_string();
                let path = if message.starts_with("counts.txt") { "counts.txt" } else { path };
                check_message(&message, path)?;
            }
            Ok(dataset) => use_it(dataset),
        }
    }

    #[test]
    fn tables(counts in mutated(COUNTS)) {
        match Dataset::from_texts(DATASET, &[("counts.txt", &counts)]) {
            Err(error) => {
                let message = error.to_string();
                let path = if message.starts_with("counts.txt") { "counts.txt" } else { "dataset.toml" };
                check_message(&message, path)?;
            }
            Ok(dataset) => use_it(dataset),
        }
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        if let Err(error) = Model::parse("mine.toml", &text) {
            check_message(&error.to_string(), "mine.toml")?;
        }
        if let Err(error) = Dataset::from_texts(&text, &[]) {
            check_message(&error.to_string(), "dataset.toml")?;
        }
    }
}

/// Found by mutation: minutes went into integrals that no number of nodes could settle, or nothing was counted.
#[test]
fn numbers_that_cannot_be_meant_are_refused() {
    for (from, to) in [
        ("baseline_m = 20", "baseline_m = 1e-300"),
        ("baseline_m = 20", "baseline_m = 5e-324"),
        ("active_mass_kg = 10", "active_mass_kg = 5e-324"),
        ("neutrinos_per_flavour_per_proton = 0.09", "neutrinos_per_flavour_per_proton = 5e-324"),
    ] {
        let text = DATASET.replace(from, to);
        assert_ne!(text, DATASET, "{from}");
        let read = Dataset::from_texts(&text, &[("counts.txt", COUNTS)]).and_then(Experiment::of);
        let told = read.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(told.contains("above 0 (at least 1e-60)"), "{to}: {told}");
    }
}

fn use_it(dataset: Dataset) {
    let Ok(experiment) = Experiment::of(dataset) else { return };
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, [&experiment]);
    for (mass_mev, coupling) in POINTS {
        analysis.fit(Point { mass_mev, coupling });
    }
    let _ = experiment.asimov();
}
