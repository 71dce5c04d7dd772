//! What stands in a folder of results: nothing of the user's is lost, maps and records that do not belong together are
//! refused, expectations say so, and a kill or a power failure leaves the old files or the new ones.
//!
//! `CEVSCAN_KILLS_EACH` says how often each command is killed; 4 times by itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;
mod recorded_writes;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use cevscan::base::files::{INVENTORY, Results};
use cevscan::output::open_saved;
use cli_support::{cevscan, check_failure, every_name, names, run, said, succeed};
use recorded_writes::{Cut, Disk, Operation, RECORDING, operations};

fn scan(out: &Path, more: &[&str]) -> cli_support::Said {
    let mut command = cevscan();
    command.args(["scan", "--quiet", "--model", "b-l", "--data", "lar", "--grid", "20x20", "--engine", "cpu"]);
    said(command.args(more).arg("--out").arg(out).output().unwrap())
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// All files below a folder but locks, by their paths in it.
fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for name in every_name(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(contents(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else if name != ".cevscan-lock" {
            found.insert(name, fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn folders_and_files_of_the_user_stay() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    // What was once the name of the program's own folder.
    fs::create_dir(out.join("tiles")).unwrap();
    fs::write(out.join("tiles/thesis.txt"), "words").unwrap();
    for more in [&[][..], &["--fresh"], &["--shard", "1/1"], &["--fresh", "--shard", "1/1"], &[]] {
        let said = scan(out, more);
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert_eq!(fs::read_to_string(out.join("tiles/thesis.txt")).unwrap(), "words", "{more:?}");
    }
    // A folder of the present name with anything else in it, and one that is a link.
    for link in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (out, elsewhere) = (folder.path().join("out"), folder.path().join("elsewhere"));
        fs::create_dir(&out).unwrap();
        let own = out.join(".cevscan-tiles");
        match link {
            true => {
                fs::create_dir(&elsewhere).unwrap();
                std::os::unix::fs::symlink(&elsewhere, &own).unwrap();
            }
            false => fs::create_dir(&own).unwrap(),
        }
        for name in ["thesis.txt", ".cevscan-unfinished-0123456789abcdef", "rows-000000000-000000020.tile"] {
            fs::write(own.join(name), "words").unwrap();
        }
        for more in [&[][..], &["--fresh"], &["--shard", "1/1"]] {
            check_failure(&scan(&out, more), "not ours", 1, &[".cevscan-tiles is left as it is"]);
            let expected = if link { 3 } else { 2 };
            assert!(names(&own).len() >= expected, "{more:?}: {:?}", names(&own));
            assert_eq!(fs::read_to_string(own.join("thesis.txt")).unwrap(), "words");
        }
    }
    // A file of our name that is no tile is not taken for one, nor taken away.
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join(".cevscan-tiles");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("rows-000000000-000000020.tile"), "words").unwrap();
    let said = scan(folder.path(), &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("rows-000000000-000000020.tile is left"), "{}", said.stderr);
    assert_eq!(fs::read_to_string(own.join("rows-000000000-000000020.tile")).unwrap(), "words");
    // A record of somebody else's.
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("run.json"), "{\"mine\": 1}").unwrap();
    for more in [&[][..], &["--fresh"]] {
        check_failure(&scan(folder.path(), more), "not ours", 1, &["run.json is no record of a run"]);
    }
    assert_eq!(fs::read_to_string(folder.path().join("run.json")).unwrap(), "{\"mine\": 1}");
}

#[test]
fn the_map_of_another_scan_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    assert_eq!(scan(out, &[]).status, 0);
    // The same again, and with another picture or computed in another way, is the same scan.
    for more in [
        &[][..],
        &["--engine", "reference"],
        &["--no-interpolation"],
        &["--threads", "1"],
        &["--others", "borexino", "--label-others", "none", "--shade-new"],
    ] {
        let mut arguments =
            vec!["scan", "-q", "--model", "b-l", "--data", "lar", "--grid", "20x20", "--out", text(out)];
        arguments.extend(more);
        succeed(&arguments);
    }
    let before = contents(out);
    for (more, words) in [
        (["--confidence", "0.9"], "confidence is 0.9544997361036416 there and 0.9 here"),
        (["--mass", "1:10"], "mass (MeV) is 1e-1 to 1e4 there and 1e0 to 1e1 here"),
    ] {
        check_failure(&scan(out, &more), "another scan", 1, &["the map of a scan with other inputs", words, "--fresh"]);
        assert!(contents(out) == before);
    }
    let part = out.join("part");
    assert_eq!(scan(&part, &["--shard", "1/1", "--confidence", "0.9"]).status, 0);
    check_failure(&run(&["merge", text(&part), "--out", text(out)]), "merge", 1, &["confidence is", "--fresh"]);
    succeed(&["merge", text(&part), "--out", text(out), "--fresh", "-q"]);
    assert_eq!(open_saved(out).unwrap().record.unwrap().inputs.confidence, 0.9);
    assert_eq!(scan(out, &["--fresh"]).status, 0);
}

/// A file that is not the one that the record is of: the map is refused by all that read it, pictures are noted.
#[test]
fn a_record_knows_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path();
    assert_eq!(scan(out, &[]).status, 0);
    let record = open_saved(out).unwrap().record.unwrap();
    assert_eq!(
        record.files.keys().collect::<Vec<_>>(),
        ["contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg"]
    );
    assert_eq!(record.sources.len(), 64);
    assert!(record.key.contains_key("contents of the data") && record.input_files.is_empty());
    let whole = fs::read(out.join("map.npz")).unwrap();
    // Another archive of the same arrays: only the digest can tell.
    let mut other = whole.clone();
    other.extend([0; 1]);
    fs::write(out.join("map.npz"), other).unwrap();
    let (plot, export) = (["plot", text(out)], ["export", text(out), "--format", "grid"]);
    for arguments in [&plot[..], &export[..]] {
        let said = run(arguments);
        assert_eq!(said.status, 1, "{}", said.stderr);
        assert!(
            said.stderr.contains("run.json is no record of this map") || said.stderr.contains("npz"),
            "{}",
            said.stderr
        );
    }
    fs::write(out.join("map.npz"), whole).unwrap();
    fs::write(out.join("map.svg"), "<svg/>").unwrap();
    let said = run(&export);
    assert!(said.status == 0 && said.stderr.contains("map.svg is not the file that run.json is of"), "{}", said.stderr);
    // Drawn anew, they belong to the record again.
    succeed(&[&plot[..], &["--fresh"]].concat());
    assert_eq!(run(&export).stderr, "");
    // Files of the user's own are recorded with their texts.
    let mine = out.join("mine.toml");
    fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/models/b-l.toml"), &mine).unwrap();
    let own = out.join("own");
    succeed(&["scan", "-q", "--model", text(&mine), "--data", "lar", "--grid", "8x8", "--out", text(&own)]);
    let record = open_saved(&own).unwrap().record.unwrap();
    assert_eq!(record.input_files.len(), 1);
    assert_eq!(record.input_files[0].text.as_deref(), Some(&*fs::read_to_string(&mine).unwrap()));
}

/// In every format, every file by its text.
#[test]
fn an_expectation_says_so_in_every_file() {
    let folder = tempfile::tempdir().unwrap();
    let forecast = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/argon-tonne");
    let own = ["scan", "-q", "--model", "b-3le", "--grid", "30x40", "--out"];
    for (name, more) in [("asimov", vec!["--asimov"]), ("forecast", vec!["--data", text(&forecast)])] {
        let out = folder.path().join(name);
        succeed(&[&own[..], &[text(&out)], &more].concat());
        let svg = fs::read_to_string(out.join("map.svg")).unwrap();
        assert!(svg.contains("expected"), "{name}");
        let alone = folder.path().join(format!("{name}.npz"));
        fs::copy(out.join("map.npz"), &alone).unwrap();
        for format in ["hepdata", "darkcast", "axionlimits", "grid"] {
            for (map, kind) in [(&out, "with"), (&alone, "without")] {
                let to = folder.path().join(format!("{name}-{format}-{kind}"));
                succeed(&["export", text(map), "--format", format, "-q", "--out", text(&to)]);
                for (file, bytes) in contents(&to) {
                    let words = String::from_utf8(bytes).unwrap().to_lowercase();
                    assert!(words.contains("expected"), "{name} {format} {kind}: {file}");
                    assert!(
                        !words.contains("coherent csi") && !words.contains("coherent argon"),
                        "{file}: {words:.400}"
                    );
                }
            }
        }
    }
    // Data do not.
    let out = folder.path().join("data");
    succeed(&[&own[..], &[text(&out)]].concat());
    succeed(&["export", text(&out), "--format", "grid", "-q"]);
    let files = contents(&out.join("grid"));
    assert!(files.values().all(|bytes| !String::from_utf8_lossy(bytes).to_lowercase().contains("expected to")));
}

#[test]
fn two_reproductions_on_one_folder_the_second_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = cevscan();
    command.args(["reproduce", "--quiet", "--grid", "60x60", "--engine", "reference", "--out"]).arg(folder.path());
    let mut first = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while !folder.path().join("figures").exists() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    let second = run(&["reproduce", "--quiet", "--grid", "8x8", "--out", text(folder.path())]);
    let holder = format!("is in use by process {} on ", first.id());
    first.kill().unwrap();
    first.wait().unwrap();
    check_failure(&second, "a second one", 1, &[&holder]);
}

/// Two commands into one folder, and what the second did, step by step.
struct Replaced {
    guard: tempfile::TempDir,
    old: BTreeMap<String, Vec<u8>>,
    new: BTreeMap<String, Vec<u8>>,
    recording: String,
}

impl Replaced {
    /// `commands` are the words of both, for a folder.
    fn new(commands: impl Fn(&Path) -> [Vec<String>; 2]) -> Replaced {
        let guard = tempfile::tempdir().unwrap();
        let (out, recording) = (guard.path().join("out"), guard.path().join("recording"));
        let [first, second] = commands(&out);
        let run = |command: &mut std::process::Command| {
            let said = said(command.output().unwrap());
            assert_eq!(said.status, 0, "{}", said.stderr);
            contents(&out)
        };
        let old = run(cevscan().args(first));
        let new = run(cevscan().args(second).env(RECORDING, &recording));
        Replaced { old, new, recording: fs::read_to_string(recording).unwrap(), guard }
    }

    fn out(&self) -> PathBuf {
        self.guard.path().join("out")
    }
}

fn words(line: &str, out: &Path) -> Vec<String> {
    line.split(' ').map(|word| word.replace("OUT", text(out))).collect()
}

const SCAN: &str =
    "scan --quiet --model b-l --data lar --grid 20x20 --engine cpu --tile-seconds 0 --tile-rows 8 --fresh";
/// Levels of the first map and of the second: all files differ by them.
const LEVELS: [f64; 2] = [0.9, 0.95];
const SET: [&str; 8] = [INVENTORY, "contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg", "run.json"];

fn scans(out: &Path) -> [Vec<String>; 2] {
    LEVELS.map(|level| words(&format!("{SCAN} --confidence {level} --out OUT"), out))
}

fn set(files: &BTreeMap<String, Vec<u8>>) -> Vec<&Vec<u8>> {
    SET.iter().filter_map(|name| files.get(*name)).collect()
}

/// Each cut of what was recorded, as a kill and as two kinds of power failure leave it: a reader finds one set, the next
/// process to write finds one set, and nothing else is left. How many different states there were.
fn every_cut_leaves_one_map(replaced: &Replaced) -> usize {
    let Replaced { old, new, recording, .. } = replaced;
    let steps = operations(recording);
    assert!(steps.len() > 20, "{}", steps.len());
    assert!(SET.iter().all(|name| old[*name] != new[*name]));
    let (mut states, mut seen) = (BTreeSet::new(), [0, 0]);
    for cut in 0..=steps.len() {
        for kind in Cut::ALL {
            let disk = Disk::after(&replaced.out(), old, &steps[..cut], kind);
            if !states.insert(disk.files()) {
                continue;
            }
            let place = tempfile::tempdir().unwrap();
            disk.write(place.path());
            let read = open_saved(place.path()).map(|saved| saved.record.unwrap().inputs.confidence);
            drop(Results::open(place.path()).unwrap());
            let found = contents(place.path());
            let which = [old, new].iter().position(|files| set(files) == set(&found));
            assert!(which.is_some(), "cut {cut} {kind:?}: {:?}", found.keys());
            let which = which.unwrap();
            seen[which] += 1;
            assert_eq!(read.unwrap(), LEVELS[which], "cut {cut} {kind:?}");
            let is_known = |name: &String| SET.contains(&name.as_str()) || name.starts_with(".cevscan-tiles/");
            assert!(found.keys().all(is_known), "cut {cut} {kind:?}: {:?}", found.keys());
        }
    }
    assert!(seen[0] > 3 && seen[1] > 3, "{seen:?}");
    states.len()
}

#[test]
fn a_scan_cut_after_any_write_leaves_the_old_map_or_the_new() {
    let replaced = Replaced::new(scans);
    println!("scan: {} states", every_cut_leaves_one_map(&replaced));
    // The scan itself goes on from any of them.
    let steps = operations(&replaced.recording);
    for cut in (0..steps.len()).step_by(steps.len() / 5) {
        let place = tempfile::tempdir().unwrap();
        Disk::after(&replaced.out(), &replaced.old, &steps[..cut], Cut::Power).write(place.path());
        let [_, again] = scans(place.path());
        let said = said(cevscan().args(again).output().unwrap());
        assert_eq!(said.status, 0, "{}", said.stderr);
        let found = contents(place.path());
        assert!(
            set(&found)[1..6] == set(&replaced.new)[1..6] && found.len() == SET.len(),
            "cut {cut}: {:?}",
            found.keys()
        );
    }
}

#[test]
fn a_merge_cut_after_any_write_leaves_the_old_map_or_the_new() {
    let guard = tempfile::tempdir().unwrap();
    let shard = |level: f64| {
        let shard = guard.path().join(level.to_string());
        let scan = words(&format!("{SCAN} --confidence {level} --shard 1/1 --out OUT"), &shard);
        assert_eq!(said(cevscan().args(scan).output().unwrap()).status, 0);
        shard
    };
    let shards = LEVELS.map(shard);
    let merges = |out: &Path| {
        shards.each_ref().map(|shard| words(&format!("merge --quiet --fresh {} --out OUT", shard.display()), out))
    };
    println!("merge: {} states", every_cut_leaves_one_map(&Replaced::new(merges)));
}

/// Products and manifest are one set each: whatever is in the manifest stands there as it says.
#[test]
fn a_reproduction_cut_after_any_write_has_every_product_of_its_manifest() {
    let reproductions =
        |out: &Path| ["9x8", "8x9"].map(|grid| words(&format!("reproduce --quiet --grid {grid} --out OUT"), out));
    let replaced = Replaced::new(reproductions);
    let steps = operations(&replaced.recording);
    let (mut checked, mut differing) = (0, BTreeSet::new());
    for cut in 0..=steps.len() {
        // One kind after the other: a state takes a hundred files.
        let kind = Cut::ALL[cut % Cut::ALL.len()];
        // Only names and commits change what a product is; the steps between differ in unfinished files alone.
        if cut % 7 != 0
            && !matches!(steps.get(cut.max(1) - 1), Some(Operation::Rename { .. } | Operation::Remove { .. }))
        {
            continue;
        }
        let place = tempfile::tempdir().unwrap();
        Disk::after(&replaced.out(), &replaced.old, &steps[..cut], kind).write(place.path());
        drop(Results::open(place.path()).unwrap().with_folders(&["figures", "tables"]).unwrap());
        let found = contents(place.path());
        let manifest: serde_json::Value = serde_json::from_slice(&found["manifest.json"]).unwrap();
        for (product, entry) in manifest["products"].as_object().unwrap() {
            for (path, digest) in entry["files"].as_object().unwrap() {
                let whole = found.get(path).map(|bytes| sha256(bytes));
                assert_eq!(whole.as_deref(), digest.as_str(), "cut {cut} {kind:?}: {path} of {product}");
            }
        }
        let is_left = |name: &String| name.contains(".cevscan-") && name != INVENTORY;
        assert!(!found.keys().any(is_left), "cut {cut} {kind:?}: {:?}", found.keys());
        differing.insert(found["manifest.json"].clone());
        checked += 1;
    }
    assert!(differing.len() > 10, "{}", differing.len());
    println!("reproduce: {checked} states, {} manifests", differing.len());
}

/// Kills at random steps of what each command writes: old files or new ones, nothing half there, and the command again
/// makes the new ones.
#[test]
fn commands_killed_in_the_middle_of_their_writes_leave_the_old_files_or_the_new() {
    let kills: usize = std::env::var("CEVSCAN_KILLS_EACH").ok().and_then(|text| text.parse().ok()).unwrap_or(4);
    let guard = tempfile::tempdir().unwrap();
    let map = guard.path().join("map");
    assert_eq!(scan(&map, &[]).status, 0);
    let part = |level: f64| {
        let shard = guard.path().join(format!("part-{level}"));
        let scan = words(&format!("{SCAN} --confidence {level} --shard 1/1 --out OUT"), &shard);
        assert_eq!(said(cevscan().args(scan).output().unwrap()).status, 0);
        shard.display().to_string()
    };
    let parts = LEVELS.map(part);
    let map = text(&map);
    // The first of each pair makes what the second replaces.
    let commands = [
        ("scan", format!("{SCAN} --confidence 0.9"), format!("{SCAN} --confidence 0.95")),
        ("merge", format!("merge -q --fresh {}", parts[0]), format!("merge -q --fresh {}", parts[1])),
        ("plot", format!("plot -q {map} --confidence 0.9"), format!("plot -q {map} --confidence 0.95")),
        ("export", format!("export -q {map} --format hepdata"), format!("export -q {map} --format hepdata")),
        ("spectrum", "spectrum -q --model b-l --mass 10".to_owned(), "spectrum -q --model b-l --mass 20".to_owned()),
        ("epsilon", "epsilon -q --q 1:10".to_owned(), "epsilon -q --q 1:20".to_owned()),
        ("g-2", "g-2 -q --model b-l --mass 1:10".to_owned(), "g-2 -q --model b-l --mass 1:20".to_owned()),
        (
            "spectrum-fit",
            "spectrum-fit -q --model b-l --mass 10 --coupling 1e-5".to_owned(),
            "spectrum-fit -q --model b-l --mass 10 --coupling 1e-4".to_owned(),
        ),
        ("reproduce", "reproduce -q --grid 8x9".to_owned(), "reproduce -q --grid 9x8".to_owned()),
    ];
    let mut seed = 1_u64;
    for (name, old, new) in commands {
        let commands = |out: &Path| [&old, &new].map(|line| words(&format!("{line} --out OUT"), out));
        let replaced = Replaced::new(commands);
        let out = replaced.out();
        let steps = operations(&replaced.recording).len();
        let (mut seen, mut hit) = ([0, 0], 0);
        for number in 0..kills {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 33) as usize % steps;
            fs::remove_dir_all(&out).unwrap();
            for (path, bytes) in &replaced.old {
                let path = out.join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            let recording = replaced.guard.path().join(format!("recording-{number}"));
            let [_, again] = commands(&out);
            let mut child = cevscan()
                .args(&again)
                .env(RECORDING, &recording)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let written =
                || fs::read(&recording).map_or(0, |bytes| bytes.iter().filter(|byte| **byte == b'\n').count());
            while child.try_wait().unwrap().is_none() && written() <= at {
                std::thread::yield_now();
            }
            hit += usize::from(child.try_wait().unwrap().is_none());
            child.kill().unwrap();
            child.wait().unwrap();
            let below: &[&str] = if name == "reproduce" { &["figures", "tables"] } else { &[] };
            drop(Results::open(&out).unwrap().with_folders(below).unwrap());
            let found: BTreeMap<_, _> =
                contents(&out).into_iter().filter(|(path, _)| !path.starts_with(".cevscan-tiles/")).collect();
            if name == "reproduce" {
                let manifest: serde_json::Value = serde_json::from_slice(&found["manifest.json"]).unwrap();
                let entries = manifest["products"].as_object().unwrap().values();
                let mut files = entries.flat_map(|entry| entry["files"].as_object().unwrap());
                assert!(files.all(|(path, digest)| digest.as_str() == Some(&*sha256(&found[path]))), "kill {number}");
                continue;
            }
            // The record of a run holds how long it took, and the inventory the digest of that.
            let is_of_the_run = |path: &str| path == "run.json" || path == INVENTORY;
            let same = |files: &BTreeMap<String, Vec<u8>>| {
                files.len() == found.len()
                    && files.iter().all(|(path, bytes)| is_of_the_run(path) || found.get(path) == Some(bytes))
            };
            let which = [&replaced.old, &replaced.new].iter().position(|files| same(files));
            assert!(which.is_some(), "{name}, kill {number} at step {at}: {:?}", found.keys());
            seen[which.unwrap()] += 1;
            if found.contains_key("run.json") {
                assert!(open_saved(&out).unwrap().notes.is_empty());
            }
        }
        println!(
            "{name}: {kills} kills, {hit} of them before its end, old files after {}, new after {}",
            seen[0], seen[1]
        );
    }
}

fn sha256(bytes: &[u8]) -> String {
    cevscan::base::provenance::sha256(bytes)
}
