//! What ends the program from outside: signals, a hang-up, a limit on the size of files.

#![cfg(unix)]
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cli_support::{Said, check_failure, names, said, send};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cevscan");
/// Longest wait for an end that was asked for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A scan of so many masses (in tiles of `tile_rows`) by 4000 couplings, and its stderr, once it computes. `launcher` is
/// put before the program. Signals that the tests' own parent may ignore are the default again.
fn computing(launcher: &[&str], masses: usize, tile_rows: usize, out: &Path) -> (Child, BufReader<impl Read + use<>>) {
    let (grid, tile_rows) = (format!("{masses}x4000"), tile_rows.to_string());
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP,INT").args(launcher).arg(PROGRAM);
    command.args(["scan", "--model", "b-l", "--engine", "cpu", "--threads", "1", "--grid", &grid]);
    command.args(["--tile-rows", &tile_rows, "--out"]).arg(out);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    // The notice comes after the handlers are in place.
    while !line.starts_with("engine: cpu") {
        line.clear();
        assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended before it began");
    }
    (child, stderr)
}

/// As shells have it.
fn status_after(signal: &str) -> i32 {
    128 + match signal {
        "HUP" => 1,
        "INT" => 2,
        _ => 15,
    }
}

/// Waits for the end; `stderr` is what is left of it.
fn ended(mut child: Child, mut stderr: impl Read) -> Said {
    let begun = Instant::now();
    let mut said = Said { status: -1, stdout: String::new(), stderr: String::new() };
    stderr.read_to_string(&mut said.stderr).unwrap();
    child.stdout.take().unwrap().read_to_string(&mut said.stdout).unwrap();
    said.status = child.wait().unwrap().code().unwrap_or(-1);
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    said
}

#[test]
fn one_signal_ends_the_work_and_leaves_nothing() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = tempfile::tempdir().unwrap();
        // Some 20 s of work in tiles of some ms.
        let (child, stderr) = computing(&[], 8000, 8, folder.path());
        send(signal, child.id());
        check_failure(&ended(child, stderr), signal, status_after(signal), &["error: interrupted"]);
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{signal}");
    }
}

/// Whether the work asks or not: rows of a single tile, and a row of a million couplings by direct sums, minutes long.
#[test]
fn the_first_signal_ends_the_process_within_a_second() {
    for (engine, grid) in [("cpu", "40000x4000"), ("reference", "2x1000000")] {
        for signal in ["TERM", "INT"] {
            let folder = tempfile::tempdir().unwrap();
            let mut command = Command::new("env");
            command.args(["--default-signal=INT,TERM", PROGRAM, "scan", "--model", "b-l", "--engine", engine]);
            command.args(["--threads", "1", "--tile-rows", "40000", "--grid", grid, "--out"]).arg(folder.path());
            let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            let mut stderr = BufReader::new(child.stderr.take().unwrap());
            let mut line = String::new();
            while !line.starts_with("engine: ") {
                line.clear();
                assert!(stderr.read_line(&mut line).unwrap() > 0, "it ended before it began");
            }
            std::thread::sleep(Duration::from_millis(300));
            let begun = Instant::now();
            send(signal, child.id());
            let said = ended(child, stderr);
            // 0.8 s at most, and what a busy machine adds; the work would take minutes.
            assert!(begun.elapsed() < Duration::from_secs(10), "{engine} {signal}: {:?}", begun.elapsed());
            check_failure(&said, engine, status_after(signal), &["error: interrupted"]);
            // The file of its lock may stay behind; it locks nothing.
            assert!(names(folder.path()).iter().all(|name| name == ".cevscan-lock"), "{:?}", names(folder.path()));
        }
    }
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let (child, stderr) = computing(&[], 40_000, 40_000, folder.path());
    std::thread::sleep(Duration::from_millis(300));
    send("INT", child.id());
    // Signals of one kind that wait for delivery are one; the other kind is told apart.
    send("TERM", child.id());
    let said = ended(child, stderr);
    assert!([130, 143].contains(&said.status), "{} {}", said.status, said.stderr);
}

#[test]
fn nohup_outlives_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let (child, stderr) = computing(&["nohup"], 400, 8, folder.path());
    send("HUP", child.id());
    let said = ended(child, stderr);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(names(folder.path()), ["contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg", "run.json"]);
}

/// The picture of a fit takes some hundredths of a second and more on busy machines; wherever the signal meets it, all files are
/// there or none.
#[test]
fn an_interrupted_picture_leaves_nothing() {
    let mut interrupted = 0;
    let delays = std::iter::successors(Some(0), |delay| Some(delay + delay / 8 + 1));
    for delay in delays.map(Duration::from_millis) {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", PROGRAM, "spectrum-fit", "--model", "b-l", "--quiet", "--out"]);
        let child = command.arg(folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        std::thread::sleep(delay);
        send("INT", child.id());
        let output = child.wait_with_output().unwrap();
        // Before the handlers are in place, the signal itself ends it.
        let ended_by_signal = output.status.code().is_none();
        let said = said(output);
        match said.status {
            0 => {
                assert_eq!(names(folder.path()).len(), 12, "{delay:?}");
                break;
            }
            130 => {
                check_failure(&said, "spectrum-fit", 130, &["error: interrupted"]);
                interrupted += 1;
            }
            _ => assert!(ended_by_signal, "{delay:?}: {}", said.stderr),
        }
        assert_eq!(names(folder.path()), Vec::<String>::new(), "{delay:?}");
    }
    assert!(interrupted > 0);
}

/// A write that fails is an error as any other, also where the system would end the process (SIGXFSZ).
#[test]
fn a_file_size_limit_leaves_nothing() {
    for (blocks, words, file) in [
        (64, &["scan", "--model", "b-l", "--grid", "200x200"][..], "map.npz"),
        (64, &["spectrum-fit", "--model", "b-l"], "fit-b-l-csi."),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("ulimit -f {blocks}; exec \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &script, "bash", PROGRAM]).args(words).args(["--quiet", "--out"]).arg(folder.path());
        let said = said(command.output().unwrap());
        check_failure(&said, "file-size limit", 1, &["cannot write", file, "File too large"]);
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }
}
