//! `cevscan plot`, and the shading of what is new in the pictures of `scan` and `plot`.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cli_support::{fail, help_is_pinned, json, names, run, succeed};
use tempfile::TempDir;

const PLANE: [&str; 4] = ["--grid", "60x80", "--mass", "1MeV:1GeV"];

/// A map of two datasets, made once.
fn map() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| scan(&["--model", "b-l"])).path()
}

fn scan(arguments: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = ["--quiet", "--out", folder.path().to_str().unwrap()];
    succeed(&[&["scan"][..], &PLANE, arguments, &out].concat());
    folder
}

/// The pictures that `plot` makes of a map, and what it prints.
fn plot(map: &Path, arguments: &[&str]) -> (TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let fixed = ["plot", map.to_str().unwrap(), "--out", folder.path().to_str().unwrap()];
    let said = succeed(&[&fixed[..], arguments].concat());
    assert_eq!(names(folder.path()), ["contour.csv", "map.pdf", "map.png", "map.py", "map.svg"]);
    (folder, said)
}

fn same_pictures(one: &Path, other: &Path) -> bool {
    ["map.svg", "map.png", "map.pdf", "map.py"]
        .iter()
        .all(|name| fs::read(one.join(name)).unwrap() == fs::read(other.join(name)).unwrap())
}

fn svg(folder: &Path) -> String {
    fs::read_to_string(folder.join("map.svg")).unwrap()
}

/// A limit on all couplings above 1e-3 from 0.5 to 2000 MeV.
fn overlay(folder: &Path) -> String {
    let path = folder.join("top.txt");
    fs::write(&path, "# label: CCFR\n# reference: arXiv:1406.2332\n# mass: MeV\n0.5 1e-3\n2000 1e-3\n").unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn help() {
    help_is_pinned(&["plot"]);
}

#[test]
fn pictures_are_those_of_the_scan() {
    let (drawn, said) = plot(map(), &[]);
    assert!(same_pictures(drawn.path(), map()));
    assert_eq!(said.lines().count(), 5, "{said}");
    // Also of one dataset, at another level, and with a limit behind.
    let inputs = tempfile::tempdir().unwrap();
    let limit = overlay(inputs.path());
    let more = ["--overlay", limit.as_str(), "--shade-new", "--confidence", "0.9", "--dof", "1"];
    let lar = scan(&[&["--model", "lmu-ltau", "--data", "lar"], &more[..]].concat());
    assert!(same_pictures(plot(lar.path(), &more).0.path(), lar.path()));
    let recorded = plot(lar.path(), &more[..3]);
    assert!(same_pictures(recorded.0.path(), lar.path()));
    assert!(!same_pictures(plot(lar.path(), &[]).0.path(), lar.path()));
}

#[test]
fn users_own_models_and_datasets_are_those_of_the_record() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.toml");
    let text = "name = \"mine\"\nlabel = \"mine\"\ndescription = \"2 L_e - L_mu - L_tau\"\nreference = \"none\"\n\
                [vector]\nup = 1\ndown = 1\nelectron = 2\nmuon = -1\ntau = -1\n";
    fs::write(&file, text).unwrap();
    let dataset = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argon-tonne/dataset.toml");
    let (file, data) = (file.to_str().unwrap(), format!("csi+{}", dataset.display()));
    let mine = scan(&["--model", file, "--data", &data]);
    let path = mine.path().to_str().unwrap();
    assert!(same_pictures(plot(mine.path(), &[]).0.path(), mine.path()));
    // Files that stand elsewhere now are named anew.
    let moved = folder.path().join("moved.toml");
    fs::rename(file, &moved).unwrap();
    let file = moved.to_str().unwrap();
    fail(&["plot", path], 1, &["mine.toml", "--model and --data name the scan's files where they stand now"]);
    let given = ["--model", file, "--data", &data];
    assert!(same_pictures(plot(mine.path(), &given).0.path(), mine.path()));
    // So is a record of old, which knows names alone.
    let record = mine.path().join("run.json");
    let text = fs::read_to_string(&record).unwrap();
    let mut older = json(&text);
    let entries = older.as_object_mut().unwrap();
    entries.retain(|name, _| !["request", "record_sha256"].contains(&name.as_str()));
    fs::write(&record, older.to_string()).unwrap();
    fail(&["plot", path], 2, &["unknown model 'mine'"]);
    fail(&["plot", path, "--model", file], 2, &["unknown dataset", "--data name the scan's files"]);
    assert!(same_pictures(plot(mine.path(), &given).0.path(), mine.path()));
    fs::write(&record, text).unwrap();
    // Files that are not those of the scan.
    fail(&["plot", path, "--model", "b-l", "--data", &data], 1, &["the chi2 of b-l and csi+", "the map's"]);
    fail(&["plot", path, "--model", file, "--data", "csi"], 1, &["its datasets are csi+", "not csi"]);
}

#[test]
fn values_of_parameters_are_those_of_the_record() {
    let mine = scan(&["--model", "by+lmu+ltau", "--parameter", "y=-1"]);
    assert!(same_pictures(plot(mine.path(), &[]).0.path(), mine.path()));
    // Of this one the charges of what COHERENT sees do not depend on y: the label does.
    assert!(!same_pictures(plot(mine.path(), &["--parameter", "y=2"]).0.path(), mine.path()));
}

#[test]
fn the_level_moves_as_in_a_scan() {
    let level = ["--confidence", "0.68", "--dof", "1"];
    let anew = scan(&[&["--model", "b-l"], &level[..]].concat());
    let (drawn, _) = plot(map(), &level);
    assert!(same_pictures(drawn.path(), anew.path()));
    assert!(svg(drawn.path()).contains("68 % CL, 1 dof, at fixed mass"));
}

#[test]
fn without_out_the_pictures_of_the_scan_are_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for name in names(map()) {
        fs::copy(map().join(&name), folder.path().join(&name)).unwrap();
    }
    let before = names(folder.path());
    let limit = overlay(folder.path());
    succeed(&["plot", folder.path().to_str().unwrap(), "--overlay", &limit, "--quiet"]);
    assert!(svg(folder.path()).contains("CCFR") && svg(folder.path()).contains("arXiv:1406.2332"));
    fs::remove_file(limit).unwrap();
    assert_eq!(names(folder.path()), before);
    assert_eq!(fs::read(folder.path().join("map.npz")).unwrap(), fs::read(map().join("map.npz")).unwrap());
}

#[test]
fn what_is_new_is_shaded_and_its_area_said() {
    let inputs = tempfile::tempdir().unwrap();
    let limit = overlay(inputs.path());
    let (drawn, said) = plot(map(), &["--overlay", &limit, "--shade-new"]);
    let line = said.lines().find(|line| line.starts_with("new ")).unwrap();
    let mut numbers = line.split_whitespace().filter_map(|word| word.parse::<f64>().ok());
    let (new, all) = (numbers.next().unwrap(), numbers.next().unwrap());
    // Others have three decades of coupling over three of mass.
    assert!((all - new - 9.0).abs() < 2e-3, "{line}");
    // The same as from the bounds themselves, but for the interpolation of the map.
    let words = ["new-territory", "--model", "b-l", "--mass", "1MeV:1GeV", "--masses", "60", "--format", "json"];
    let exact = json(&succeed(&[&words[..], &["--overlay", &limit, "--others", "none"]].concat()));
    let exact = exact[0]["new_decades2"].as_f64().unwrap();
    assert!((new / exact - 1.0).abs() < 0.01, "{new} {exact}");
    let text = svg(drawn.path());
    assert!(text.contains(">new<") && text.contains("New (yellow)") && text.contains("#fff1ad"));
    // Without it nothing is.
    let (plain, said) = plot(map(), &["--overlay", &limit]);
    assert!(!svg(plain.path()).contains("#fff1ad") && !said.contains("new"));
}

#[test]
fn expectations_are_drawn_without_the_observed_contour() {
    let expected = scan(&["--model", "b-l", "--asimov", "--data", "lar"]);
    let said = run(&["plot", expected.path().to_str().unwrap()]);
    assert!(said.status == 0 && said.stderr.contains("note: the observed contour"), "{}", said.stderr);
    let svg = fs::read_to_string(expected.path().join("map.svg")).unwrap();
    assert!(svg.contains("expected"));
}

#[test]
fn the_folder_of_another_scan_keeps_its_pictures() {
    let (one, other) =
        (scan(&["--model", "b-l", "--data", "lar"]), scan(&["--model", "b-l", "--data", "lar", "--confidence", "0.9"]));
    let (one, other) = (one.path().to_str().unwrap(), other.path().to_str().unwrap());
    fail(&["plot", one, "--out", other], 2, &["--out", "another scan", "--fresh"]);
    succeed(&["plot", one, "--out", other, "--fresh", "-q"]);
}

#[test]
fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let refused = |status: i32, words: &[&str]| fail(&["plot", path], status, words);
    let put = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    fail(&["plot", "/nonexistent"], 1, &["cannot read", "/nonexistent/map.npz"]);
    fail(&["plot"], 2, &["<DIR>"]);
    refused(1, &["cannot read", "map.npz"]);
    let whole = fs::read(map().join("map.npz")).unwrap();
    put("map.npz", &whole[..whole.len() / 2]);
    refused(1, &["map.npz is no npz file"]);
    put("map.npz", &whole);
    refused(1, &["cannot read", "run.json"]);
    put("run.json", b"{\"level\": 1}");
    refused(1, &["run.json is no record of a run", "program"]);
    // As records of before, which have no digest of their own: tests/cli_in_the_way.rs edits those that do.
    let record = fs::read_to_string(map().join("run.json")).unwrap();
    let mut older = cli_support::json(&record);
    for newer in ["record_sha256", "key"] {
        older.as_object_mut().unwrap().remove(newer).unwrap();
    }
    let record = serde_json::to_string_pretty(&older).unwrap();
    let with = |from: &str, to: &str| {
        assert!(record.contains(from), "{record}");
        put("run.json", record.replace(from, to).as_bytes());
    };
    with("\"level\": 1", "\"level\": 2");
    refused(1, &["run.json is no record of this map", "its level is 2"]);
    // Of another model, of which the level says nothing.
    with("\"model\": \"b-l\"", "\"model\": \"b-3le\"");
    refused(1, &["run.json is no record of this map", "the chi2 of b-3le and csi+lar is", "the map's"]);
    with("\"model\": \"b-l\"", "\"model\": \"b-k\"");
    refused(2, &["unknown model 'b-k'"]);
    with("\"data\": \"csi+lar\"", "\"data\": \"csi\"");
    refused(1, &["run.json is no record of this map", "its datasets are csi, the map's csi+lar"]);
    with("\"asimov\": false", "\"asimov\": true");
    refused(1, &["run.json is no record of this map", "it is of a scan of an expectation, the map of data"]);
    put("run.json", record.as_bytes());
    fail(&["plot", path, "--confidence", "2"], 2, &["confidence"]);
    fail(&["plot", path, "--shade-new"], 2, &["--overlay", "--darkcast"]);
    fail(&["plot", path, "--overlay", "/nonexistent.txt"], 1, &["/nonexistent.txt"]);
    // Nothing was drawn.
    assert_eq!(names(folder.path()), ["map.npz", "run.json"]);
    assert_eq!(run(&["plot", path, "-q"]).stdout, "");
}
