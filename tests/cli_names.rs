//! Models, datasets and files by their names and paths: the same door, with the same guards, in every command.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::{Path, PathBuf};

use cevscan::analysis::Experiment;
use cevscan::dataset::Dataset;
use cli_support::{cevscan, check_failure, fail, json, run, said, succeed};

/// Commands that take a model, with what else they need.
const WITH_MODEL: [&[&str]; 12] = [
    &["scan", "--grid", "4x4", "--model"],
    &["point", "--mass", "10", "--coupling", "1e-5", "--model"],
    &["limits", "--data", "csi", "--model"],
    &["spectrum-fit", "--data", "csi", "--mass", "10", "--coupling", "1e-5", "--model"],
    &["recast", "--darkcast", "nowhere", "--model"],
    &["new-territory", "--data", "csi", "--masses", "4", "--model"],
    &["spectrum", "--data", "csi", "--model"],
    &["epsilon", "--model"],
    &["g-2", "--model"],
    &["cite", "--model"],
    &["bench", "--points", "4x4", "--model"],
    &["models", "show"],
];

fn model_file(folder: &Path, name: &str, muon: &str) -> String {
    let path = folder.join("fake.toml");
    let text = format!(
        "# a model\nname = \"{name}\"\nlabel = \"fake\"\ndescription = \"made up\"\nreference = \"none\"\n[parameters]\nz = 1\n\
         [vector]\nup = \"1/3\"\ndown = \"1/3\"\nelectron = -1\nmuon = {muon}\ntau = -1\n"
    );
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn no_file_passes_for_a_known_model() {
    let folder = tempfile::tempdir().unwrap();
    let fake = model_file(folder.path(), "b-l", "-2");
    for command in WITH_MODEL {
        let line: Vec<&str> = command.iter().copied().chain([fake.as_str()]).collect();
        fail(&line, 1, &["fake.toml:2: name is 'b-l', but must be another than those of the models"]);
    }
    fail(&["models", "check", &fake], 1, &["fake.toml:2: name is 'b-l'"]);
    for name in ["all", "dark-photon", "standard-model"] {
        let fake = model_file(folder.path(), name, "-2");
        fail(&["models", "show", &fake], 1, &["fake.toml:2: name is", name]);
    }
    // The same charges under the same name are the same model.
    let same = model_file(folder.path(), "b-l", "-1");
    succeed(&["new-territory", "--data", "csi", "--masses", "4", "--model", &same]);
}

#[test]
fn parameters_are_taken_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let own = model_file(folder.path(), "mine", "{ z = -1 }");
    for command in WITH_MODEL {
        let line: Vec<&str> = command.iter().copied().chain([own.as_str()]).collect();
        fail(&[&line[..], &["--parameter", "w=1"]].concat(), 2, &["unknown parameter 'w'"]);
        fail(&[&line[..], &["--parameter", "z=x"]].concat(), 2, &["parameter 'z=x' is not understood"]);
    }
    // Another value is another model, by its name.
    let point = ["point", "--model", &own, "--mass", "10", "--coupling", "1e-4", "--format", "json"];
    let at = |more: &[&str]| json(&succeed(&[&point[..], more].concat()));
    let (plain, same, other) = (at(&[]), at(&["--parameter", "z=1"]), at(&["--parameter", "z=-2.5"]));
    assert_eq!(plain, same);
    assert_eq!((plain["model"].as_str(), other["model"].as_str()), (Some("mine"), Some("mine_z-2.5")));
    assert_ne!(plain["chi2"], other["chi2"]);
    // The shipped model with its parameter: nuclei do not see it, heavy quarks do.
    let shipped = succeed(&["models", "show", "by+lmu+ltau", "--parameter", "y=-1"]);
    assert!(shipped.contains("by+lmu+ltau_y-1"), "{shipped}");
    let out = folder.path().join("map");
    let scan = ["scan", "--model", "by+lmu+ltau", "--parameter", "y=-1", "--grid", "12x12", "--data", "csi"];
    assert_eq!(run(&[&scan[..], &["--out", out.to_str().unwrap(), "-q"]].concat()).status, 0);
    succeed(&["plot", out.to_str().unwrap(), "--model", "by+lmu+ltau", "--parameter", "y=-1"]);
    fail(&["limits", "--parameter", "y=-1"], 2, &["parameter is 'y' of all models"]);
}

/// A dataset of this name in a folder; its file.
fn dataset(folder: &Path, name: &str) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    for entry in fs::read_dir("examples/argon-tonne").unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let text = text.lines().map(|line| {
            if line.starts_with("name = \"argon") { format!("name = \"{name}\"\n") } else { format!("{line}\n") }
        });
        fs::write(folder.join(entry.file_name()), text.collect::<String>()).unwrap();
    }
    folder.join("dataset.toml")
}

#[test]
fn names_that_mean_something_else_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["sm", "min", "shared", "all", "a+b"] {
        let file = dataset(folder.path(), name);
        let file = file.to_str().unwrap();
        let words = format!(
            "'name' of the file is '{name}', but must be without '+', which joins datasets, and none of all, min, shared, sm"
        );
        fail(&["datasets", "check", file], 1, &["dataset.toml:", &words]);
        fail(&["point", "--model", "b-l", "--mass", "1", "--coupling", "1e-5", "--data", file], 1, &[&words]);
    }
    for name in ["csi", "csi-no-skin"] {
        let file = dataset(folder.path(), name);
        for path in [file.to_str().unwrap(), folder.path().to_str().unwrap()] {
            fail(&["datasets", "check", path], 1, &["dataset.toml:", "another than those of the datasets"]);
        }
    }
}

#[test]
fn a_path_that_exists_is_one() {
    let folder = tempfile::tempdir().unwrap();
    dataset(&folder.path().join("a+b+c"), "first");
    dataset(&folder.path().join("d+e"), "second");
    let point = |data: &str| {
        let line = ["point", "--model", "b-l", "--mass", "1", "--coupling", "1e-5", "--format", "json", "--data", data];
        said(cevscan().args(line).current_dir(folder.path()).output().unwrap())
    };
    for (data, names) in [
        ("a+b+c/dataset.toml", vec!["first"]),
        ("a+b+c/dataset.toml+d+e/dataset.toml", vec!["first", "second"]),
        ("csi+a+b+c/dataset.toml+lar", vec!["csi", "first", "lar"]),
        ("./d+e+csi", vec!["second", "csi"]),
        ("csi+lar", vec!["csi", "lar"]),
    ] {
        let said = point(data);
        assert_eq!(said.status, 0, "{data}: {}", said.stderr);
        let record = json(&said.stdout);
        let found = record["datasets"].as_object().unwrap();
        assert!(found.len() == names.len() && names.iter().all(|name| found.contains_key(*name)), "{data}: {record}");
    }
    check_failure(&point("a+b/dataset.toml"), "no such folder", 2, &["unknown dataset 'a'"]);
    // The same for what follows a limit's path.
    let curve = folder.path().join("x,label=y.txt");
    fs::write(&curve, "# mass: MeV\n1 1e-4\n10 1e-4\n").unwrap();
    let overlay = curve.to_str().unwrap();
    let line = ["new-territory", "--model", "b-l", "--masses", "9", "--overlay", overlay, "--others", "none"];
    let line: Vec<&str> = line.into_iter().chain(["--format", "json"]).collect();
    assert_eq!(json(&succeed(&line))[0]["others"][0], "x,label=y");
}

#[test]
fn what_was_taken_for_granted_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let with = |text: &str, more: &[&str]| {
        let curve = folder.path().join("curve.txt");
        fs::write(&curve, text).unwrap();
        let line = ["new-territory", "--model", "b-l", "--masses", "9", "--overlay", curve.to_str().unwrap()];
        let said = run(&[&line[..], more].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        said.stderr
    };
    let notes = |text: &str, words: &[&str]| {
        let stderr = with(text, &[]);
        let lines: Vec<&str> = stderr.lines().collect();
        assert_eq!(lines.len(), words.len(), "{stderr}");
        for (line, word) in lines.iter().zip(words) {
            assert!(line.starts_with("note: ") && line.contains(word), "{line}");
        }
        assert_eq!(with(text, &["--quiet"]), "");
    };
    notes("# mass: MeV\n1 1e-4\n10 1e-4\n", &[]);
    notes("1 1e-4\n10 1e-4\n", &["masses are taken in GeV"]);
    notes("# mass: MeV\n1 1e-4\n", &["encloses nothing and excludes nothing"]);
    notes(
        "# mass: GeV\n20 1e-4\n30 1e-4\n",
        &["nothing of it is on the map: it has masses from 2.000e4 to 3.000e4 MeV"],
    );
    // Once for all models.
    let curve = folder.path().join("curve.txt");
    fs::write(&curve, "1 1e-4\n10 1e-4\n").unwrap();
    let all =
        ["new-territory", "--model", "all", "--data", "csi", "--masses", "3", "--overlay", curve.to_str().unwrap()];
    assert_eq!(run(&all).stderr.lines().filter(|line| line.starts_with("note: ")).count(), 1);
}

#[test]
fn pictures_state_their_resolution() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    assert_eq!(run(&["scan", "--model", "b-l", "--grid", "8x8", "--data", "csi", "--out", out, "-q"]).status, 0);
    succeed(&["spectrum-fit", "--model", "b-l", "--data", "csi", "--mass", "10", "--coupling", "0", "--out", out]);
    succeed(&["g-2", "--model", "b-l", "--points", "5", "--out", out]);
    let mut found = 0;
    for path in fs::read_dir(out).unwrap().map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|ending| ending == "png") {
            let bytes = fs::read(&path).unwrap();
            // PNG (third edition), 11.3.4.3: pixels per unit along both axes, unit 1 the metre. 300 per inch of 0.0254 m.
            let at = bytes.windows(4).position(|chunk| chunk == b"pHYs").unwrap();
            let number = |from: usize| u32::from_be_bytes(bytes[from..from + 4].try_into().unwrap());
            for per_metre in [number(at + 4), number(at + 8)] {
                assert!((f64::from(per_metre) * 0.0254 - 300.0).abs() < 0.3, "{}: {per_metre}", path.display());
            }
            assert_eq!(bytes[at + 12], 1);
            found += 1;
        }
    }
    assert_eq!(found, 3);
}

#[test]
fn doubts_about_a_dataset_are_said_wherever_it_is_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.toml");
    let text = "base = \"csi\"\nname = \"odd\"\nlabel = \"odd\"\ndescription = \"made up\"\nreference = \"none\"\n\
                [signal]\nname = \"cevns\"\nsigma = 5\n";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let doubt = "warning: odd: relative uncertainty of the signal is 5, as a rule 0.0001 to 1 (sigma of [signal]";
    for line in [
        &["point", "--model", "b-l", "--mass", "10", "--coupling", "1e-5", "--quiet", "--data", path][..],
        &["datasets", "check", path],
        &[
            "scan",
            "--model",
            "b-l",
            "--grid",
            "4x4",
            "--out",
            folder.path().join("map").to_str().unwrap(),
            "--data",
            path,
        ],
    ] {
        let said = run(line);
        assert!(said.status == 0 && said.stderr.matches(doubt).count() == 1, "{line:?}: {}", said.stderr);
    }
    let said = run(&["point", "--model", "b-l", "--mass", "10", "--coupling", "1e-5"]);
    assert!(!said.stderr.contains("warning"), "{}", said.stderr);
}

#[test]
fn counts_far_from_what_is_expected_are_doubted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.toml");
    let doubts = |base: &str, neutrinos: f64| {
        let head = "name = \"odd\"\nlabel = \"odd\"\ndescription = \"made up\"\nreference = \"none\"\n[source]\n";
        let source = "kind = \"pion-decay-at-rest\"\nprotons_on_target = 3.198e23\nbaseline_m = 19.3\n";
        let text = format!("base = \"{base}\"\n{head}{source}neutrinos_per_flavour_per_proton = {neutrinos}\n");
        fs::write(&path, text).unwrap();
        Experiment::of(Dataset::open(&path).unwrap()).unwrap().dataset.doubts.clone()
    };
    // That of the release (arXiv:2110.07730), ten per cent off it, and a slip of two decimals.
    assert_eq!(doubts("csi", 0.0848), Vec::<String>::new());
    assert_eq!(doubts("csi", 0.0933), Vec::<String>::new());
    let found = doubts("csi", 8.48);
    assert!(found.len() == 1 && found[0].contains("standard deviations apart: another exposure"), "{found:?}");
    for name in Dataset::names() {
        let experiment = Experiment::of(Dataset::named(name).unwrap()).unwrap();
        assert_eq!(experiment.dataset.doubts, Vec::<String>::new(), "{name}");
    }
}

#[test]
fn what_a_list_of_its_own_takes_from_a_base_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("odd.toml");
    let doubts = |base: &str, own: &str| {
        let head = "name = \"odd\"\nlabel = \"odd\"\ndescription = \"made up\"\nreference = \"none\"\n";
        fs::write(&path, format!("base = \"{base}\"\n{head}{own}")).unwrap();
        Dataset::open(&path).unwrap().doubts
    };
    let background = "[[background]]\nname = \"gammas\"\nlabel = \"gammas\"\nflat_events = 10\nsigma = 0.1\n";
    assert_eq!(
        doubts("csi", background),
        ["odd: its [[background]] takes the place of its base's, whose background 'brn', 'nin', 'ss' are left out"]
    );
    let signal = "[signal]\nname = \"cevns\"\nsigma = 0.1\n";
    assert_eq!(doubts("csi", signal), Vec::<String>::new());
    assert_eq!(
        doubts("lar", signal),
        [
            "odd: its [signal] takes the place of its base's, whose signal's shapes 'cevns_f90', 'cevns_trigger_time' are left \
          out"
        ]
    );
    // A list of one is one; backgrounds of the same name are looked into.
    let own = |name: &str| background.replace("gammas", name);
    let namesakes = doubts("lar", &(own("pbrn") + &own("ss")));
    assert!(namesakes[0].contains("whose background 'dbrn' is left out"), "{namesakes:?}");
    assert!(namesakes.iter().any(|doubt| doubt == "odd: its background 'ss' has no 'sideband', which its base's has"));
    assert!(
        namesakes[1].starts_with("odd: its background 'pbrn' has no 'pbrn_energy'")
            && namesakes[1].contains("its base's has"),
        "{namesakes:?}"
    );
    // One of the same name stands in for it.
    let renewed = doubts("csi", &background.replace("\"gammas\"\nl", "\"ss\"\nl"));
    assert!(renewed[0].contains("'brn', 'nin' are left out"), "{renewed:?}");
}

#[test]
fn a_declared_sum_is_held_against_the_integral() {
    // A regression value; sums over steps of 0.1, 0.025, 0.01 and 0.001 PE are off by 1.1e-3, 4.7e-5, 2.6e-6 and 3.5e-8, so
    // that the integral is what they tend to.
    let table = succeed(&["datasets", "check", "csi"]);
    assert!(
        table.contains("step        0.05 PE, summed for the integral: Standard Model -3.7e-4 at most (0 to 8)"),
        "{table}"
    );
    assert!(!succeed(&["datasets", "check", "lar"]).contains("step "));
}

#[test]
fn a_model_without_an_effect_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("idle.toml");
    let text = "name = \"idle\"\nlabel = \"idle\"\ndescription = \"made up\"\nreference = \"none\"\n\
                [vector]\nup = 1\ndown = 1\nelectron = 0\nmuon = 0\ntau = 0\n";
    fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    for line in [
        &["limits", "--data", "csi", "--model", path][..],
        &["scan", "--grid", "4x4", "--data", "csi", "--model", path],
    ] {
        let words = ["effect of the mediator of idle on the counts of csi is none at any coupling", "all zero"];
        check_failure(&said(cevscan().current_dir(folder.path()).args(line).output().unwrap()), path, 2, &words);
        // A folder that was made for results goes where there are none.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "{line:?}");
    }
}

/// Where a dataset of a list has no data, every number that rests on its expectation says so, in every form.
#[test]
fn an_expectation_is_named_by_every_command() {
    let data = ["--data", "csi+examples/argon-tonne", "-q"];
    for (line, formats) in [
        ("point --model b-l --mass 10 --coupling 1e-5", &["table", "json"][..]),
        ("limits --model b-l", &["table", "json", "csv", "latex"]),
        ("limits --model b-l --mass 1,10", &["table", "json", "csv", "latex"]),
        ("limits --model b-l --method cls --mass 10 --toys 200", &["table", "json", "csv"]),
        ("profile --model b-l --mass 10 --points 3", &["table", "json", "csv"]),
        ("impact --model b-l --mass 10", &["table", "json", "csv"]),
        ("coverage --model b-l --at 10,1e-5 --toys 40", &["table", "json", "csv"]),
        ("new-territory --model b-l --others none --masses 3", &["table", "json"]),
    ] {
        for format in formats {
            let words: Vec<&str> = line.split(' ').chain(data).chain(["--format", format]).collect();
            let text = succeed(&words);
            match *format {
                "json" => {
                    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
                    let first = if record.is_array() { &record[0] } else { &record };
                    assert_eq!(first["expected_data"], serde_json::json!(["argon-tonne"]), "{line}: {text}");
                }
                "csv" => {
                    let mut rows = text.lines();
                    assert!(rows.next().unwrap().ends_with(",expected_data"), "{line}: {text}");
                    assert!(rows.all(|row| row.ends_with(",argon-tonne")), "{line}: {text}");
                }
                "latex" => assert!(text.contains("(expected)"), "{line}: {text}"),
                _ => assert!(text.contains("stands in for the data of argon-tonne"), "{line}: {text}"),
            }
        }
    }
}
