//! What is not as it should be - arguments, files in the place of files, names, wild numbers - ends in one line of error,
//! at once, and nothing of it acts on the terminal.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cevscan::base::printable::acts_on_terminal;
use cli_support::{Said, cevscan, check_failure, fail, names, said, succeed};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// A small map, written by `cevscan scan --grid 3x4`.
const MAP: &[u8] = include_bytes!("../fuzz/seeds/map_file/small.npz");

/// Longest that a refusal may take on a busy machine.
const AT_ONCE: Duration = Duration::from_secs(60);

/// A model of the user's own, with some charges.
fn model(name: &str, label: &str, charge: &str) -> String {
    format!(
        "name = \"{name}\"\nlabel = \"{label}\"\ndescription = \"made up\"\nreference = \"none\"\n\
         [vector]\nup = \"1/3\"\ndown = \"1/3\"\nelectron = -1\nmuon = {charge}\ntau = -1\n"
    )
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs and looks at every line: nothing acts on the terminal.
fn run_quietly(arguments: &[&OsStr]) -> Said {
    let begun = Instant::now();
    let said = said(cevscan().args(arguments).stdin(Stdio::null()).output().unwrap());
    assert!(begun.elapsed() < AT_ONCE, "{arguments:?}: {:?}", begun.elapsed());
    for line in said.stdout.lines().chain(said.stderr.lines()) {
        assert!(!line.contains(acts_on_terminal), "{arguments:?}: {line:?}");
    }
    assert!(said.stderr.len() < 40_000, "{} bytes", said.stderr.len());
    said
}

fn words<'a>(arguments: &[&'a str]) -> Vec<&'a OsStr> {
    arguments.iter().map(|word| OsStr::new(*word)).collect()
}

#[test]
fn arguments_need_not_be_utf8() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join(OsStr::from_bytes(b"e\xff"));
    let mut arguments = words(&["scan", "--quiet", "--model", "b-l", "--grid", "10x10", "--out"]);
    arguments.push(out.as_os_str());
    assert_eq!(run_quietly(&arguments).status, 0);
    assert!(out.join("map.npz").exists());
    let mut arguments = words(&["limits", "--model", "b-l", "--nonsense"]);
    arguments.push(OsStr::from_bytes(b"\xff"));
    check_failure(&run_quietly(&arguments), "limits", 2, &["--nonsense"]);
    let odd = [OsStr::from_bytes(b"\xff\x1b[2J")];
    check_failure(&run_quietly(&odd), "no command", 2, &[]);
}

#[test]
fn names_and_paths_do_not_act_on_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let wild = folder.path().join("a\nwritten     b\u{1b}[2J\u{9b}0m\u{202e}");
    let out = wild.as_os_str();
    let mut scan = words(&["scan", "--model", "b-l", "--engine", "cpu", "--grid", "10x10", "--out"]);
    scan.push(out);
    let said = run_quietly(&scan);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stdout.contains(r"a\nwritten     b\u001b[2J\u009b0m\u202e/map.npz"), "{}", said.stdout);
    // The number of lines is not the path's to choose.
    assert_eq!(said.stdout.matches("\nwritten ").count(), 1, "{}", said.stdout);
    for command in [&["plot"][..], &["export", "--format", "hepdata"], &["export", "--format", "grid"]] {
        let mut arguments = words(command);
        arguments.push(out);
        assert_eq!(run_quietly(&arguments).status, 0, "{command:?}");
    }
    let wild_text = text(&wild);
    for arguments in [
        &["point", "--model", wild_text, "--mass", "1", "--coupling", "1"][..],
        &["point", "--model", "b-l", "--mass", wild_text, "--coupling", "1"],
        &["point", "--model", "b-l", "--mass", "1", "--coupling", "1", "--data", wild_text],
        &["limits", "--confidence", wild_text],
        &["datasets", "check", wild_text],
        &["plot", wild_text, "--overlay", &format!("{wild_text}/none.txt")],
        &["new-territory", "--model", "b-l", "--darkcast", wild_text],
        &["import", "csi2021", wild_text],
        &["merge", wild_text, "--out", "x"],
        &[wild_text],
    ] {
        let said = run_quietly(&words(arguments));
        assert_ne!(said.status, 0, "{arguments:?}");
    }
    for (file, contents) in [
        ("limits.toml", "[[limit]]\nname = \"a\\u001b[2Jb\\nc\"\nlabel = \"\\u001b[31m\"\nfile = \"x\\u0007.lmt\"\n"),
        ("x.lmt", "# label: \u{1b}]0;x\u{7}\n1 \u{1b}[2J\n"),
        ("model.toml", "name = \"\u{1b}[2J\"\n"),
        ("escaped.toml", "name = \"a\\u001b\"\nlabel=\"\\u001b\"\n[parameters]\n\"\\u001b\\n\" = 1\n"),
    ] {
        let path = folder.path().join(file);
        fs::write(&path, contents).unwrap();
        for arguments in [
            &["models", "check", text(&path)][..],
            &["datasets", "check", text(&path)],
            &["scan", "--model", "b-l", "--grid", "4x4", "--overlay", text(&path), "--out", text(folder.path())],
            &["recast", "--model", "b-l", "--darkcast", text(folder.path()), "--limits", text(&path)],
        ] {
            run_quietly(&words(arguments));
        }
    }
    // What names a file, or stands in a script.
    for (table, said) in [
        ("[[limit]]\nname = \"a\\u001b[2J\"\nreference = \"x\"\nmodel = \"b-l\"\n", "name of a limit"),
        ("[[limit]]\nname = \"a\"\nlabel = \"Q\\u0000Z\"\nreference = \"x\"\nmodel = \"b-l\"\n", "'label' of 'a'"),
        ("[[limit]]\nname = \"a\"\nreference = \"\\u0007\"\nmodel = \"b-l\"\n", "'reference' of 'a'"),
    ] {
        let told = cevscan::others::recast::LimitTable::parse("mine.toml", table).unwrap_err().to_string();
        assert!(told.contains("mine.toml:1") && told.contains(said) && told.contains("control characters"), "{told}");
    }
    // The lock of another process, and the key of tiles.
    let locked = folder.path().join("locked");
    fs::create_dir_all(locked.join(".cevscan-tiles")).unwrap();
    fs::write(
        locked.join(".cevscan-tiles/key.json"),
        "{\"inputs\":{\"\\u001b[2J\":\"\\n\"},\"arguments\":[],\"shard\":null}",
    )
    .unwrap();
    run_quietly(&words(&["merge", text(&locked), "--out", text(&folder.path().join("m"))]));
    run_quietly(&words(&["scan", "--model", "b-l", "--grid", "4x4", "--out", text(&locked)]));
}

#[test]
fn messages_end() {
    let long = "x".repeat(100_000);
    let said = run_quietly(&words(&["point", "--model", &long, "--mass", "1", "--coupling", "1"]));
    assert!(said.stderr.contains("(100000 characters)") && said.stderr.len() < 3000, "{}", said.stderr.len());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.toml");
    fs::write(&path, format!("name = \"{}\"\n", "y".repeat(700_000))).unwrap();
    let said = run_quietly(&words(&["models", "check", text(&path)]));
    assert_eq!(said.status, 1);
    assert!(said.stderr.len() < 3000, "{}", said.stderr.len());
}

/// Every place of a file, held by something that is none.
#[test]
fn pipes_devices_and_folders_are_no_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let map = at("map");
    succeed(&["scan", "--quiet", "--model", "b-l", "--grid", "6x6", "--out", text(&map)]);
    for (kind, word) in [("pipe", "it is a pipe"), ("device", "it is a device"), ("folder", "it is a folder")] {
        let odd = at(&format!("{kind}.toml"));
        match kind {
            "pipe" => assert!(Command::new("mkfifo").arg(&odd).status().unwrap().success()),
            "device" => std::os::unix::fs::symlink("/dev/zero", &odd).unwrap(),
            _ => fs::create_dir(&odd).unwrap(),
        }
        let refused = |arguments: &[&str]| {
            let said = run_quietly(&words(arguments));
            check_failure(&said, &format!("{arguments:?}"), 1, &[word]);
        };
        refused(&["models", "check", text(&odd)]);
        refused(&["plot", text(&map), "--overlay", text(&odd)]);
        if kind != "folder" {
            refused(&["datasets", "check", text(&odd)]);
            refused(&["export", text(&odd), "--format", "grid"]);
        }
        let beside = at(&format!("map-{kind}"));
        fs::create_dir(&beside).unwrap();
        fs::copy(map.join("map.npz"), beside.join("map.npz")).unwrap();
        fs::rename(&odd, beside.join("run.json")).unwrap();
        refused(&["plot", text(&beside)]);
        refused(&["export", text(&beside), "--format", "grid"]);
    }
}

fn with_map(folder: &Path, bytes: &[u8]) -> PathBuf {
    fs::write(folder.join("map.npz"), bytes).unwrap();
    folder.to_owned()
}

fn archive(members: &[(&str, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Members of the small map.
fn members() -> Vec<(String, Vec<u8>)> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(MAP)).unwrap();
    (0..zip.len())
        .map(|index| {
            let mut member = zip.by_index(index).unwrap();
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut member, &mut bytes).unwrap();
            (member.name().to_owned(), bytes)
        })
        .collect()
}

#[test]
fn hostile_maps_are_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |bytes: &[u8], words_of_error: &[&str]| {
        let map = with_map(folder.path(), bytes);
        let said = run_quietly(&words(&["export", text(&map), "--format", "grid"]));
        check_failure(&said, "map", 1, words_of_error);
    };
    // A header of nested brackets: a parser that tries all ways takes exponentially long.
    for nest in ["[".repeat(40) + &"]".repeat(40), "{'a':".repeat(40) + "1" + &"}".repeat(40), "(".repeat(9000)] {
        let text = format!("{{'descr': {nest}, 'fortran_order': False, 'shape': (), }}\n");
        let mut npy = b"\x93NUMPY\x01\x00".to_vec();
        npy.extend(u16::try_from(text.len()).unwrap().to_le_bytes());
        npy.extend(text.as_bytes());
        refused(&archive(&[("format_version.npy", npy)], CompressionMethod::Stored), &["header of another form"]);
    }
    // A directory whose names share one member.
    let stored = archive(&[("a.npy", vec![0; 1000]), ("b.npy", vec![1; 1000])], CompressionMethod::Stored);
    let first = stored.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let second = first + 4 + stored[first + 4..].windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    let mut shared = stored;
    // Offset of the local header in the directory's record.
    shared[second + 42..second + 46].fill(0);
    refused(&shared, &["members overlap"]);
    // A small file that promises a vast axis, and one that unfolds further than its shape.
    let mut own = members();
    let vast = |shape: &str, values: usize| {
        let header = format!("{:<117}\n", format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}}}"));
        let mut npy = b"\x93NUMPY\x01\x00v\x00".to_vec();
        npy.extend(header.as_bytes());
        npy.resize(npy.len() + 8 * values, 0);
        npy
    };
    for (array, shape, values, words) in [
        ("mass_mev.npy", "(1000000000000000,)", 3, "fewer values than its shape says"),
        ("mass_mev.npy", "(99999999999999999999999,)", 3, "header of another form"),
        ("chi2.npy", "(3, 4)", 10_000_000, "more values than its shape says"),
        ("chi2.npy", "(3000000000, 4000000000)", 3, "of shape [3, 4]"),
    ] {
        let kept = own.clone();
        own.iter_mut().find(|(name, _)| name == array).unwrap().1 = vast(shape, values);
        let borrowed: Vec<(&str, Vec<u8>)> = own.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        refused(&archive(&borrowed, CompressionMethod::Deflated), &[words]);
        own = kept;
    }
    // A term that is not a number, and one that does not add up (CsI's first point, by a thousandth).
    for value in [f64::NAN, 1e-3] {
        let kept = own.clone();
        let csi = &mut own.iter_mut().find(|(name, _)| name == "chi2_csi.npy").unwrap().1;
        let first = csi.len() - 96;
        let was = f64::from_le_bytes(*csi[first..].first_chunk().unwrap());
        csi[first..first + 8].copy_from_slice(&(was + value).to_le_bytes());
        let borrowed: Vec<(&str, Vec<u8>)> = own.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
        refused(&archive(&borrowed, CompressionMethod::Stored), &["array 'chi2'", "the sum of its terms"]);
        own = kept;
    }
}

#[test]
fn a_compressed_map_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let own = members();
    let borrowed: Vec<(&str, Vec<u8>)> = own.iter().map(|(name, bytes)| (name.as_str(), bytes.clone())).collect();
    for (name, bytes) in [("plain", MAP.to_vec()), ("deflated", archive(&borrowed, CompressionMethod::Deflated))] {
        fs::create_dir(folder.path().join(name)).unwrap();
        let map = with_map(&folder.path().join(name), &bytes);
        succeed(&["export", text(&map), "--format", "grid", "--quiet"]);
    }
    let read = |name: &str| {
        let grid = folder.path().join(name).join("grid");
        fs::read(grid.join(&names(&grid)[0])).unwrap()
    };
    assert!(read("plain") == read("deflated"));
}

#[test]
fn a_map_beyond_the_memory_is_refused_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path());
    fail(
        &["scan", "--model", "b-l", "--grid", "3000000x3000000", "--out", out],
        2,
        &["a grid of 3000000x3000000 points would take", "GiB at hand", "points would fit", "--shard"],
    );
    // 100 million points of 25 bytes in an address space of 1.5 GiB.
    let script = "ulimit -v 1572864; exec \"$@\"";
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash", env!("CARGO_BIN_EXE_cevscan"), "scan", "--model", "b-l", "--threads", "1"]);
    command.args(["--engine", "cpu", "--grid", "10000x10000", "--out", out]);
    let said = said(command.output().unwrap());
    check_failure(&said, "address space", 2, &["10000x10000 points would take 2.3 GiB", "would fit"]);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

#[test]
fn wild_shards_neither_hang_nor_vanish() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let scan = ["scan", "--quiet", "--model", "b-l", "--data", "csi", "--engine", "cpu", "--grid", "5x8"];
    let shard = |shard: &str, out: &str| {
        let mut arguments = scan.to_vec();
        arguments.extend(["--shard", shard, "--out", out]);
        assert_eq!(run_quietly(&words(&arguments)).status, 0, "{shard}");
    };
    let last = format!("{0}/{0}", u64::MAX);
    shard(&last, &at("last"));
    let said = run_quietly(&words(&["merge", &at("last"), "--out", &at("m")]));
    check_failure(&said, "merge", 1, &["rows 0 to 3 of 5 are in no tile"]);
    // Seven shards of five rows: two have none, and merge all the same.
    let folders: Vec<String> = (1..=7).map(|part| at(&part.to_string())).collect();
    for (part, out) in (1..).zip(&folders) {
        shard(&format!("{part}/7"), out);
    }
    let whole = at("whole");
    let mut arguments = scan.to_vec();
    arguments.extend(["--out", &whole]);
    succeed(&arguments);
    let mut arguments = vec!["merge", "--quiet"];
    arguments.extend(folders.iter().map(String::as_str));
    let merged = at("merged");
    arguments.extend(["--out", &merged]);
    succeed(&arguments);
    let map = |folder: &str| fs::read(Path::new(folder).join("map.npz")).unwrap();
    assert!(map(&merged) == map(&whole));
}

#[test]
fn wild_numbers_are_errors() {
    let folder = tempfile::tempdir().unwrap();
    fail(
        &["spectrum", "--model", "b-l", "--mass", "1", "--coupling", "1e200"],
        2,
        &["coupling is 1e200", "at most 1e6"],
    );
    let path = folder.path().join("wild.toml");
    fs::write(&path, model("wild", "$W$", "1e-300")).unwrap();
    let said = run_quietly(&words(&["g-2", "--model", text(&path)]));
    assert!(said.status != 0 && !said.stdout.contains("inf"), "{}{}", said.stdout, said.stderr);
}

/// A model in another folder gives its name to files, not its path.
#[test]
fn a_model_file_names_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("d")).unwrap();
    let path = folder.path().join("d/x.toml");
    fs::write(&path, model("mine", "$<b>&'$", "1")).unwrap();
    let out = folder.path().join("g");
    succeed(&["g-2", "--model", text(&path), "--out", text(&out), "--quiet"]);
    assert!(names(&out).iter().all(|name| name.starts_with("g-2-mine.")), "{:?}", names(&out));
    assert!(!names(&out).is_empty());
}

#[test]
fn what_cannot_be_said_is_an_error() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    for arguments in [&["--help"][..], &["--version"], &["scan", "--help"], &["models"]] {
        let output = cevscan().args(arguments).stdout(full()).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.starts_with("error: cannot write to stdout: "), "{told}");
    }
}

#[test]
fn threads_that_are_not_to_be_had_are_done_without() {
    let begun = Instant::now();
    succeed(&["point", "--model", "b-l", "--mass", "1", "--coupling", "1e-5", "--threads", "4096"]);
    assert!(begun.elapsed() < AT_ONCE, "{:?}", begun.elapsed());
    // Only users other than root have such a limit.
    let script = "ulimit -u 1 2>/dev/null; exec \"$@\"";
    for threads in [&[][..], &["--threads", "1"], &["--threads", "3"]] {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "bash", "-c", script, "bash"]);
        command.arg(env!("CARGO_BIN_EXE_cevscan")).args([
            "point",
            "--model",
            "b-l",
            "--mass",
            "1",
            "--coupling",
            "1e-5",
        ]);
        let Ok(output) = command.args(threads).output() else { return };
        let said = said(output);
        if said.stderr.contains("setpriv") || said.stderr.contains("Permission denied") {
            return;
        }
        assert_eq!(said.status, 0, "{threads:?}: {}", said.stderr);
        assert!(said.stderr.contains("the system refuses more"), "{threads:?}: {}", said.stderr);
        assert!(said.stdout.contains("chi2"), "{threads:?}: {}", said.stdout);
    }
}
