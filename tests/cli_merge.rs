//! Interrupted scans, shards and `cevscan merge`: faults made for real, and the bytes of the single run after them.
//!
//! `CEVSCAN_KILLS` says how often a scan is killed at a random moment; 10 times by itself.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use cli_support::{Said, cevscan, check_failure, fail, help_is_pinned, json, names, run, said};
use tempfile::TempDir;

/// Small enough for many runs, slow enough to be killed: the plain engine.
const SCAN: [&str; 9] = ["scan", "--model", "by+lmu+ltau", "--data", "lar", "--grid", "60x40", "--engine", "reference"];
const RESULTS: [&str; 7] = ["contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg", "run.json"];
const REPEATED: [&str; 6] = ["contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg"];

fn scan(out: &Path, more: &[&str]) -> Said {
    let mut command = cevscan();
    said(command.args(SCAN).args(more).arg("--out").arg(out).output().unwrap())
}

fn merge(shards: &[PathBuf], out: &Path) -> Said {
    let mut command = cevscan();
    said(command.arg("merge").args(shards).arg("--out").arg(out).output().unwrap())
}

fn start(out: &Path, more: &[&str]) -> Child {
    let mut command = cevscan();
    command.args(SCAN).args(more).args(["--tile-rows", "1", "--tile-seconds", "0", "--quiet"]).arg("--out").arg(out);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The files that must not depend on how they were made.
fn results(folder: &Path) -> Vec<Vec<u8>> {
    REPEATED.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect()
}

fn single() -> (TempDir, Vec<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let said = scan(folder.path(), &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(names(folder.path()), RESULTS, "a finished scan leaves its results only");
    let results = results(folder.path());
    (folder, results)
}

fn tiles(out: &Path) -> Vec<PathBuf> {
    let names = names(&out.join(".cevscan-tiles"));
    names.into_iter().filter(|name| name.ends_with(".tile")).map(|name| out.join(".cevscan-tiles").join(name)).collect()
}

/// All parts of a scan, each in a folder of its own.
fn shards(folder: &Path, of: usize) -> Vec<PathBuf> {
    (1..=of)
        .map(|part| {
            let out = folder.join(format!("{part}"));
            let said = scan(&out, &["--shard", &format!("{part}/{of}")]);
            assert_eq!(said.status, 0, "{}", said.stderr);
            out
        })
        .collect()
}

#[test]
fn help() {
    help_is_pinned(&["merge"]);
}

#[test]
fn any_number_of_shards_in_any_order_gives_the_bytes_of_the_single_run() {
    let (_single, expected) = single();
    for of in [1, 2, 7, 64] {
        let folder = tempfile::tempdir().unwrap();
        let mut parts = shards(folder.path(), of);
        parts.reverse();
        // One of them twice, and one of another cut that overlaps.
        parts.push(parts[0].clone());
        let other = folder.path().join("other");
        assert_eq!(scan(&other, &["--shard", "2/3"]).status, 0);
        // Shards without rows, of more than there are rows, are among them.
        parts.push(other);
        let out = folder.path().join("merged");
        let said = merge(&parts, &out);
        assert_eq!(said.status, 0, "{of} shards: {}", said.stderr);
        assert!(results(&out) == expected, "{of} shards");
        assert_eq!(json(&fs::read_to_string(out.join("run.json")).unwrap())["engine"]["name"], "reference");
    }
}

#[test]
fn killed_at_random_moments_it_goes_on_and_loses_nothing() {
    let (_single, expected) = single();
    let kills: usize = std::env::var("CEVSCAN_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("map");
    let mut seed = 1_u64;
    let (mut killed, mut most_kept) = (0, 0);
    while killed < kills {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let before: Vec<PathBuf> = tiles(&out);
        let mut child = start(&out, &[]);
        std::thread::sleep(Duration::from_millis(10 + (seed >> 33) % 250));
        let ended = child.try_wait().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        if ended.is_some() {
            assert!(results(&out) == expected, "after {killed} kills");
            fs::remove_dir_all(&out).unwrap();
            continue;
        }
        killed += 1;
        // What was there is still there, whatever the moment; but where the kill hit the very end.
        let after = tiles(&out);
        most_kept = most_kept.max(after.len());
        assert!(out.join("map.npz").exists() || before.iter().all(|tile| after.contains(tile)), "{before:?} {after:?}");
    }
    assert!(most_kept > 0, "no kill hit a scan that had kept a tile");
    let said = scan(&out, &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(results(&out) == expected);
    assert_eq!(names(&out), RESULTS, "nothing half written is left");
}

/// A folder in which a scan was interrupted after some tiles.
fn interrupted() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut child = start(folder.path(), &[]);
    let begun = Instant::now();
    while tiles(folder.path()).len() < 3 {
        assert!(begun.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    folder
}

#[test]
fn other_inputs_are_refused_and_named_and_fresh_starts_over() {
    let (_single, expected) = single();
    let folder = interrupted();
    let out = folder.path().to_str().unwrap();
    let kept = tiles(folder.path());
    let with = |changes: &[&str]| {
        let mut arguments = vec!["scan", "--data", "lar", "--grid", "60x40", "--engine", "reference", "--out", out];
        arguments.extend(changes);
        run(&arguments)
    };
    check_failure(&with(&["--model", "b-l"]), "model", 1, &["model is by+lmu+ltau there and b-l here", "--fresh"]);
    let other = with(&["--model", "by+lmu+ltau", "--mass", "1MeV:1GeV"]);
    check_failure(&other, "mass", 1, &["mass (MeV) is 1e-1 to 1e4 there and 1e0 to 1e3 here"]);
    assert_eq!(tiles(folder.path()), kept, "what is refused touches nothing");
    // Nor may anything else differ that the files show.
    let other = with(&["--model", "by+lmu+ltau", "--confidence", "0.68"]);
    check_failure(&other, "level", 1, &["confidence is 0.9544997361036416 there and 0.68 here"]);
    let other = with(&["--model", "by+lmu+ltau", "--asimov"]);
    check_failure(&other, "asimov", 1, &["--asimov is nothing there and true here"]);
    let said = scan(folder.path(), &["--fresh"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(!said.stderr.contains("continuing") && results(folder.path()) == expected);
}

#[test]
fn a_rerun_continues_and_says_so() {
    let (_single, expected) = single();
    let folder = interrupted();
    let said = scan(folder.path(), &[]);
    assert!(said.stderr.contains("continuing with the tiles"), "{}", said.stderr);
    assert!(results(folder.path()) == expected);
}

#[test]
fn a_damaged_tile_is_named_never_used_and_made_anew() {
    let (_single, expected) = single();
    type Damage = fn(&mut Vec<u8>);
    let damages: [(&str, Damage); 4] = [
        ("damaged", |bytes| bytes[200] ^= 0x10),
        ("cut short", |bytes| bytes.truncate(40)),
        ("no tile of this version", |bytes| bytes[7] = 9),
        ("damaged", |bytes| bytes.truncate(bytes.len() - 9)),
    ];
    for (word, damage) in damages {
        let folder = interrupted();
        let tile = &tiles(folder.path())[1];
        let mut bytes = fs::read(tile).unwrap();
        damage(&mut bytes);
        fs::write(tile, bytes).unwrap();
        let said = scan(folder.path(), &[]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(said.stderr.contains(word) && said.stderr.contains("not used"), "{word}: {}", said.stderr);
        assert!(results(folder.path()) == expected, "{word}");
    }
}

#[test]
fn merge_names_missing_rows_and_the_command_that_makes_them() {
    let (_single, expected) = single();
    let folder = tempfile::tempdir().unwrap();
    let parts = shards(folder.path(), 4);
    let out = folder.path().join("merged");
    let said = merge(&parts[..3], &out);
    check_failure(&said, "a shard is missing", 1, &["rows 45 to 59 of 60 are in no tile", "--shard 4/4 --out shard-4"]);
    assert_eq!(names(&out), Vec::<String>::new());

    // A damaged tile of a shard: named, and the command runs that shard again.
    let tile = &tiles(&parts[1])[0];
    let mut bytes = fs::read(tile).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(tile, bytes).unwrap();
    let said = merge(&parts, &out);
    assert_eq!(said.status, 1);
    let words = ["is damaged", "rows 15 to 29 of 60", "--shard 2/4 --out", parts[1].to_str().unwrap()];
    assert!(words.iter().all(|words| said.stderr.contains(words)), "{}", said.stderr);
    let hint = said.stderr.lines().find_map(|line| line.strip_prefix("hint: cevscan ")).unwrap();
    let again: Vec<&str> = hint.split(' ').collect();
    assert_eq!(run(&again).status, 0, "{hint}");
    let said = merge(&parts, &out);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(results(&out) == expected);
}

#[test]
fn shards_of_different_scans_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let parts = shards(folder.path(), 2);
    let other = folder.path().join("other");
    let mut command = cevscan();
    command.args(["scan", "--model", "b-l", "--data", "lar", "--grid", "60x40", "--shard", "2/2", "--out"]).arg(&other);
    assert_eq!(said(command.output().unwrap()).status, 0);
    let said = merge(&[parts[0].clone(), other], &folder.path().join("merged"));
    check_failure(&said, "unlike shards", 1, &["model is b-l there and by+lmu+ltau here", "engine is cpu"]);
    let absent = folder.path().join("absent");
    let out = folder.path().join("merged");
    fail(&["merge", absent.to_str().unwrap(), "--out", out.to_str().unwrap()], 2, &["folder of a shard", "absent"]);
}

/// What was asked for goes with the shards, pictures included; the record of the map asks for the same map again.
#[test]
fn a_request_goes_from_shard_to_map_to_another_map() {
    let asked = ["--parameter", "y=-1", "--dof", "1", "--axis", "mass=1:100", "--palette", "grey", "--shade-new"];
    let asked = [&asked[..], &["--others", "borexino=strict", "--grid", "20x30", "--engine", "cpu"]].concat();
    let folder = tempfile::tempdir().unwrap();
    let [single, part, out] = ["single", "part", "out"].map(|name| folder.path().join(name));
    let scan = |out: &Path, more: &[&str]| {
        let mut command = cevscan();
        command.args(["scan", "--model", "by+lmu+ltau", "--data", "lar"]).args(&asked).args(more);
        assert_eq!(said(command.arg("--out").arg(out).output().unwrap()).status, 0);
    };
    scan(&single, &[]);
    scan(&part, &["--shard", "1/1"]);
    let said = merge(&[part], &out);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(results(&out) == results(&single));
    let request = |folder: &Path| json(&fs::read_to_string(folder.join("run.json")).unwrap())["request"].clone();
    assert_eq!(request(&out), request(&single));
    let request: cevscan::ScanRequest = serde_json::from_value(request(&out)).unwrap();
    assert_eq!((request.parameters["y"], request.dof), (-1.0, 1));
    let map = request.run().unwrap();
    let mut again = std::io::Cursor::new(Vec::new());
    cevscan::output::write_map(&map, &mut again).unwrap();
    assert!(again.into_inner() == fs::read(single.join("map.npz")).unwrap());
}

/// Shards of versions that kept a command line, for which there is nothing to be run again.
#[test]
fn shards_without_a_request_are_refused_plainly() {
    let folder = tempfile::tempdir().unwrap();
    let parts = shards(folder.path(), 2);
    for part in &parts {
        let key = part.join(".cevscan-tiles/key.json");
        let mut older = json(&fs::read_to_string(&key).unwrap());
        let entries = older.as_object_mut().unwrap();
        entries.retain(|name, _| name != "request" && name != "drawing");
        entries.insert("arguments".to_owned(), serde_json::json!(["--model", "b-l"]));
        fs::write(&key, older.to_string()).unwrap();
    }
    let said = merge(&parts, &folder.path().join("merged"));
    check_failure(&said, "older shards", 2, &["version of the shard", "scan it again"]);
}

/// Whatever their order: the level would be that of the first.
#[test]
fn shards_with_other_options_are_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        assert_eq!(scan(&out, more).status, 0);
        out
    };
    let first = part("first", &["--shard", "1/2", "--confidence", "0.68"]);
    let out = folder.path().join("merged");
    let others: [(&[&str], &str); 3] = [
        (&["--confidence", "0.95"], "confidence is 0."),
        (&["--confidence", "0.68", "--dof", "1"], "degrees of freedom is "),
        (&["--confidence", "0.68", "--asimov"], "--asimov is "),
    ];
    for (number, (more, words)) in others.into_iter().enumerate() {
        let second = part(&number.to_string(), &[&["--shard", "2/2"], more].concat());
        for order in [[&first, &second], [&second, &first]] {
            let said = merge(&order.map(Clone::clone), &out);
            check_failure(&said, "other options", 1, &[words, "there and"]);
        }
    }
    // Of another build: the key of its tiles says so.
    let second = part("second", &["--shard", "2/2", "--confidence", "0.68"]);
    let key = second.join(".cevscan-tiles/key.json");
    let text = fs::read_to_string(&key).unwrap();
    let sources = json(&text)["inputs"]["sources"].as_str().unwrap().to_owned();
    fs::write(&key, text.replace(&sources, &"0".repeat(64))).unwrap();
    check_failure(
        &merge(&[first.clone(), second.clone()], &out),
        "another build",
        1,
        &["sources is 000000000000 there"],
    );
    fs::write(&key, text).unwrap();
    assert_eq!(merge(&[first, second], &out).status, 0);
}

#[test]
fn two_processes_on_one_folder_the_second_says_who_holds_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = start(folder.path(), &[]);
    let begun = Instant::now();
    while !folder.path().join(".cevscan-lock").exists() || tiles(folder.path()).is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(2));
    }
    let said = scan(folder.path(), &[]);
    let holder = format!("is in use by process {}", first.id());
    first.kill().unwrap();
    first.wait().unwrap();
    check_failure(&said, "a second process", 1, &[&holder]);
    // The lock of a process that was killed is none.
    assert_eq!(scan(folder.path(), &[]).status, 0);
}

#[test]
fn a_full_disk_in_the_middle_of_a_tile_or_a_merge_loses_nothing() {
    let (_single, expected) = single();
    let folder = tempfile::tempdir().unwrap();
    let parts = shards(folder.path(), 2);
    // The shell's limit on the size of files, in KiB, stands for a disk that is full.
    let limited = |kib: usize, arguments: &str| {
        let program = env!("CARGO_BIN_EXE_cevscan");
        let script = format!("ulimit -f {kib}; exec {program} {arguments}");
        said(std::process::Command::new("bash").args(["-c", &script]).output().unwrap())
    };
    let out = folder.path().join("merged");
    let merging = format!("merge {} {} --out {}", parts[0].display(), parts[1].display(), out.display());
    let failed = limited(8, &merging);
    check_failure(&failed, "a merge", 1, &["cannot write", "map.npz"]);
    assert_eq!(names(&out), Vec::<String>::new());
    assert_eq!(merge(&parts, &out).status, 0);
    assert!(results(&out) == expected);

    let third = folder.path().join("third");
    let scanning = format!("{} --shard 1/1 --out {}", SCAN.join(" "), third.display());
    let failed = limited(8, &scanning);
    check_failure(&failed, "a tile", 1, &["cannot write", ".tile"]);
    assert_eq!(tiles(&third), Vec::<PathBuf>::new());
    assert_eq!(names(&third.join(".cevscan-tiles")), ["key.json"]);
    assert_eq!(scan(&third, &["--shard", "1/1"]).status, 0);
    assert_eq!(merge(&[third], &out).status, 0);
    assert!(results(&out) == expected);
}

#[test]
fn a_clock_that_jumps_changes_nothing() {
    let (_single, expected) = single();
    let folder = interrupted();
    // Files from the future, as after a clock that was set back.
    for tile in tiles(folder.path()) {
        let future = std::time::SystemTime::now() + Duration::from_secs(400 * 86_400);
        fs::File::options().write(true).open(tile).unwrap().set_modified(future).unwrap();
    }
    assert_eq!(scan(folder.path(), &[]).status, 0);
    assert!(results(folder.path()) == expected);
}

#[test]
fn nonsense_is_refused() {
    fail(&["scan", "--model", "b-l", "--shard", "3"], 2, &["shard", "'3'", "K/N"]);
    fail(&["scan", "--model", "b-l", "--shard", "5/4"], 2, &["--shard is 5/4"]);
    fail(&["merge", "--out", "x"], 2, &["DIR"]);
}
