//! `cevscan coverage`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};
use ndarray::{Array2, Array3};
use ndarray_npy::NpzReader;

const LINE: [&str; 8] = ["coverage", "--model", "b-l", "--data", "lar", "--toys", "60", "--quiet"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    LINE.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn help() {
    help_is_pinned(&["coverage"]);
}

#[test]
fn json_has_the_agreed_keys_and_threads_do_not_show() {
    let line = with(&["--at", "7MeV,2.72e-5", "--format", "json"]);
    let text = succeed(&line);
    let record = json(&text);
    let at = &record["at"][0];
    assert!(at["mass_mev"] == 7.0 && at["coupling"] == 2.72e-5 && at["toys"] == 60 && at["failed"] == 0, "{at}");
    for key in ["critical", "critical_fixed_mass"] {
        let found = &at[key]["0.9545"];
        let [value, low, high] = ["value", "low", "high"].map(|key| found[key].as_f64().unwrap());
        assert!(0.0 < low && low <= value && value <= high, "{found}");
        // 60 toys know nothing of 99.73 %.
        assert!(at[key].get("0.9973").is_none());
    }
    assert_eq!(at["engine"]["name"], "cpu");
    assert!((0.0..=1.0).contains(&at["p_value"].as_f64().unwrap()) && at["q_observed"].as_f64().unwrap() >= 0.0);
    let line: Vec<&str> = line.iter().copied().chain(["--threads", "1"]).collect();
    assert_eq!(succeed(&line), text);
    let other = with(&["--at", "7MeV,2.72e-5", "--format", "json", "--seed", "2"]);
    assert_ne!(json(&succeed(&other))["at"][0]["critical"], at["critical"]);
}

#[test]
fn a_folder_holds_toys_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    succeed(&with(&["--at", "10,0", "--at", "1GeV,1e-3", "--out", folder.path().to_str().unwrap()]));
    let found = names(folder.path());
    for name in ["coverage.json", "toys-1.npz", "toys-1.svg", "toys-1.png", "toys-1.csv", "toys-1.py", "toys-2.npz"] {
        assert!(found.iter().any(|found| found == name), "{name}: {found:?}");
    }
}

/// A map of a short range of masses.
const MAP: [&str; 15] = [
    "coverage",
    "--model",
    "b-l",
    "--data",
    "lar",
    "--toys",
    "800",
    "--mass",
    "1GeV:3GeV",
    "--coupling",
    "1e-4:1e-1",
    "--grid",
    "30x40",
    "--tolerance",
    "20%",
];

#[test]
fn a_map_is_complete_and_the_same_on_any_threads() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let line: Vec<&str> =
            MAP.iter().chain(more).copied().chain(["--format", "json", "-q", "--out", out.to_str().unwrap()]).collect();
        (json(&succeed(&line)), out)
    };
    let (record, out) = made("a", &[]);
    let found = names(&out);
    let files = ["csv", "npz", "pdf", "png", "py", "svg"].map(|ending| format!("coverage.{ending}"));
    let files: Vec<&str> =
        std::iter::once("contour-fc.csv").chain(files.iter().map(String::as_str)).chain(["run.json"]).collect();
    assert_eq!(found, files);
    assert!(record["complete"] == true && record["model"] == "b-l" && record["data"] == "lar", "{record}");
    assert!(
        record["toys"]["seed"] == 1 && record["toys"]["recipe"] == 1 && record["border_error"].as_f64().unwrap() < 0.2
    );
    let [low, high] = [0, 1].map(|end| record["critical_along_border"][end].as_f64().unwrap());
    assert!(2.0 < low && low <= high && high < 8.0, "{record}");
    assert_eq!(json(&std::fs::read_to_string(out.join("run.json")).unwrap())["anchors"], record["anchors"]);
    let contour = std::fs::read_to_string(out.join("contour-fc.csv")).unwrap();
    assert!(contour.starts_with("line,mass_mev,coupling\n0,") && contour.contains("# excluded: right of each line"));
    // Read by others, and on the axes of the map.
    let mut npz = NpzReader::new(std::fs::File::open(out.join("coverage.npz")).unwrap()).unwrap();
    let critical: Array3<f64> = npz.by_name("critical").unwrap();
    let p_value: Array2<f64> = npz.by_name("p_value").unwrap();
    assert_eq!((critical.shape(), p_value.shape()), (&[5, 30, 40][..], &[30, 40][..]));
    let known: Vec<f64> = p_value.iter().copied().filter(|p| !p.is_nan()).collect();
    assert!(!known.is_empty() && known.iter().all(|p| (0.0..=1.0).contains(p)));
    let (_, other) = made("b", &["--threads", "1"]);
    for name in ["coverage.npz", "contour-fc.csv", "coverage.svg"] {
        assert!(std::fs::read(out.join(name)).unwrap() == std::fs::read(other.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_map_that_is_not_known_well_enough_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let line: Vec<&str> = MAP[..13].iter().copied().chain(["--tolerance", "0.01%", "--anchors", "1", "-q"]).collect();
    let said = run(&line.iter().copied().chain(["--out", out]).collect::<Vec<_>>());
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert!(
        said.stderr.contains("not to 0.01 %, with 1 anchors") && names(folder.path()).len() == 8,
        "{}",
        said.stderr
    );
    // What cannot be weighed is said before any toy.
    for (more, words) in [
        (["--nuisance", "prior"], "profile or nominal"),
        (["--tolerance", "0"], "above 0"),
        (["--anchors", "0"], "1 or more"),
        (["--toys", "900000000"], "fit the memory at hand"),
    ] {
        let other = folder.path().join("other");
        let mut line = vec!["coverage", "--model", "b-l", "--data", "lar", "-q", "--out", other.to_str().unwrap()];
        line.extend(more);
        let said = run(&line);
        assert!(said.status != 0 && said.stderr.contains(words), "{more:?}: {}", said.stderr);
    }
}

/// Parts of toys put together have the bytes of a run in one piece.
#[test]
fn parts_of_toys_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let points = with(&["--at", "7MeV,4e-5", "--at", "1GeV,2e-3"]);
    let mut map: Vec<&str> = MAP.iter().copied().chain(["-q"]).collect();
    // More than those that decide on anchors.
    map[6] = "2400";
    for (name, line, files) in [
        ("at", &points, &["toys-1.npz", "toys-2.npz", "coverage.json", "toys-1.svg"][..]),
        ("map", &map, &["coverage.npz", "contour-fc.csv", "coverage.svg", "coverage.csv"]),
    ] {
        let run_with = |more: &[&str]| run(&line.iter().chain(more).copied().collect::<Vec<_>>());
        let whole = path(&format!("{name}-whole"));
        assert_eq!(run_with(&["--engine", "cpu", "--out", &whole]).status, 0);
        let parts: Vec<String> = (1..=3).map(|part| path(&format!("{name}-{part}"))).collect();
        for (number, out) in parts.iter().enumerate() {
            let shard = format!("{}/3", number + 1);
            assert_eq!(run_with(&["--shard", &shard, "--out", out]).status, 0);
            // Once more: all is there.
            assert_eq!(run_with(&["--shard", &shard, "--out", out]).status, 0);
        }
        // Toys that are damaged or gone are made again, and that is said.
        let damaged = |number: usize| {
            let toys = std::path::Path::new(&parts[number]).join(".cevscan-toys");
            let of = names(&toys).into_iter().rfind(|name| name.ends_with(".toys")).unwrap();
            toys.join(of)
        };
        let mut bytes = std::fs::read(damaged(1)).unwrap();
        bytes[90] ^= 1;
        std::fs::write(damaged(1), bytes).unwrap();
        std::fs::remove_file(damaged(2)).unwrap();
        let merged = path(&format!("{name}-merged"));
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let said = run(&[&["merge", "--out", &merged], &parts[..]].concat());
        for words in ["are damaged or of others: they are made again", "are missing: they are made again"] {
            let told =
                said.stderr.lines().filter(|line| line.starts_with("warning: kept toys '") && line.ends_with(words));
            assert!(said.status == 0 && told.count() == 1, "{name} {words}: {}", said.stderr);
        }
        if name == "map" {
            let record = json(&std::fs::read_to_string(std::path::Path::new(&merged).join("run.json")).unwrap());
            let engines = record["engines"].as_array().unwrap();
            assert!(!engines.is_empty() && engines.iter().all(|engine| engine["name"] == "cpu"), "{engines:?}");
        }
        for file in files {
            let of = |folder: &str| std::fs::read(std::path::Path::new(folder).join(file)).unwrap();
            assert_eq!(of(&whole), of(&merged), "{name} {file}");
        }
        fail(&["merge", "--out", &path("none"), parts[0], parts[2]], 2, &["2/3"]);
        fail(&["merge", "--out", &path("none"), parts[0], parts[1], parts[1]], 2, &["given once"]);
        // A part of other toys, where one is; and among others.
        let other = run_with(&["--seed", "7", "--shard", "2/3", "--out", parts[1]]);
        assert!(other.status == 2 && other.stderr.contains("--fresh"), "{}", other.stderr);
        let strange = path(&format!("{name}-strange"));
        assert_eq!(run_with(&["--seed", "7", "--shard", "2/3", "--out", &strange]).status, 0);
        let record = std::path::Path::new(&strange).join(".cevscan-toys/part.json");
        let whole = std::fs::read_to_string(&record).unwrap();
        std::fs::write(&record, &whole[..whole.len() / 2]).unwrap();
        let broken = run_with(&["--seed", "7", "--shard", "2/3", "--out", &strange]);
        assert!(broken.status == 1 && broken.stderr.contains("hint: --fresh throws"), "{}", broken.stderr);
        assert_eq!(run_with(&["--seed", "7", "--shard", "2/3", "--out", &strange, "--fresh"]).status, 0);
        fail(&["merge", "--out", &path("none"), parts[0], &strange, parts[2]], 2, &["its seed is another"]);
    }
}

/// What was asked for otherwise stays, until it is told to go; then all of it goes.
#[test]
fn results_of_another_request_are_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let out = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let cls = "limits -q --method cls --model b-l --data lar --mass 1GeV,2GeV --toys 200 --out";
    let points = [with(&["--at", "10,0", "--at", "1GeV,1e-3", "--out"])].concat();
    let map = MAP.iter().copied().chain(["-q", "--out"]).collect::<Vec<_>>();
    for (name, line, others) in [
        ("map", map, &[&["--confidence", "0.9"][..], &["--statistic", "mass"], &["--seed", "2"]][..]),
        ("points", points, &[&["--seed", "2"], &["--nuisance", "nominal"], &["--at", "5,0"]]),
        ("cls", cls.split(' ').collect(), &[&["--confidence", "0.9"], &["--seed", "2"]]),
    ] {
        let out = out(name);
        let line = [line, vec![out.as_str()]].concat();
        succeed(&line);
        // Once more: the same.
        succeed(&line);
        for other in others {
            fail(&[&line[..], other].concat(), 1, &["is in the way", "not of b-l, lar", "--fresh"]);
        }
    }
    let (points, cls) = (out("points"), out("cls"));
    succeed(&with(&["--at", "10,0", "--fresh", "--out", &points]));
    assert!(!names(points.as_ref()).iter().any(|name| name.starts_with("toys-2")), "{:?}", names(points.as_ref()));
    let one = "limits -q --method cls --model b-l --data lar --mass 1GeV --toys 200 --fresh --out";
    succeed(&[one.split(' ').collect(), vec![cls.as_str()]].concat());
    assert_eq!(names(cls.as_ref()), ["cls.json"]);
}

#[test]
fn too_few_toys_are_said_with_their_number() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("few").display().to_string();
    let mut few: Vec<&str> = MAP.to_vec();
    few[6] = "100";
    few.extend(["--anchors", "1", "-q", "--out", &out]);
    fail(&few, 2, &["number of toys is 100 at most", "at least 500 of equal weight"]);
    let cls = |toys: &str| {
        let line = "limits -q --method cls --model b-l --data lar --mass 0.1,1GeV --format json --toys";
        run(&line.split(' ').chain([toys]).collect::<Vec<_>>())
    };
    let refused = cls("40");
    assert!(refused.status == 2 && refused.stderr.contains("number of toys is 40"), "{}", refused.stderr);
    assert!(refused.stderr.contains("at least 44"), "{}", refused.stderr);
    for toys in ["44", "60"] {
        let said = cls(toys);
        for at in json(&said.stdout)[0]["at"].as_array().unwrap() {
            let bands = |of: &serde_json::Value| -> Vec<f64> {
                of.as_array().unwrap().iter().filter_map(serde_json::Value::as_f64).collect()
            };
            let limits = bands(&at["expected"]);
            assert!(limits.is_sorted(), "{toys}: {limits:?}");
            for point in at["points"].as_array().unwrap() {
                let bands = bands(&point["cls_expected"]);
                assert!(bands.is_sorted(), "{toys}: {bands:?}");
            }
        }
    }
}

#[test]
fn bad_input_is_named() {
    for (more, words) in [
        (&["--at", "7MeV"][..], "'7MeV' is not understood: expected MASS,COUPLING"),
        (&["--at", "7,1e-5", "--toys", "0"], "number of toys is 0"),
        (&["--at", "7,1e-5", "--seed", "-1"], "seed '-1' is not understood"),
        (&["--at", "7,x"], "'x'"),
    ] {
        let line: Vec<&str> = ["coverage", "--model", "b-l"].into_iter().chain(more.iter().copied()).collect();
        fail(&line, 2, &[words]);
    }
}
