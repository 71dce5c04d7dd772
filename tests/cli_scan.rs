//! `cevscan scan`, with and without a GPU.
//!
//! Tests of a GPU run once for every adapter found; without one they are listed as ignored, and `CEVSCAN_REQUIRE_GPU=1`
//! turns that into a failure.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use cevscan::rates::gpu::{adapters, quiet_vulkan_loader};
use cli_support::{Said, cevscan, check_failure, fail, help_is_pinned, json, names, run, said, succeed};
use libtest_mimic::{Arguments, Trial};
use ndarray::{Array0, Array1, Array2};
use ndarray_npy::NpzReader;

const FILES: [&str; 5] = ["contour.csv", "map.npz", "map.png", "map.svg", "run.json"];

type Test = (&'static str, fn());
type GpuTest = (&'static str, fn(&str));

const TESTS: [Test; 11] = [
    ("help is pinned", || help_is_pinned(&["scan"])),
    ("files are complete and say the same", files_are_complete),
    ("bytes do not depend on threads, tiles or the run", bytes_are_the_same),
    ("quiet prints nothing, stderr has no control characters", quiet_is_quiet),
    ("a reader that goes away is no error", reader_goes_away),
    ("bad input is named", bad_input_is_named),
    ("a folder that cannot be written is named", unwritable_folders_are_named),
    ("a disk that fills up leaves nothing behind", full_disk_leaves_nothing),
    ("Ctrl-C leaves nothing behind", interrupt_leaves_nothing),
    ("without a driver --engine gpu is an error and auto falls back", no_driver),
    ("levels of vector instructions agree", simd_levels_agree),
];

const GPU_TESTS: [GpuTest; 1] = [("map is certified, and its contour is the CPU's", gpu_map_is_certified)];

fn main() -> ExitCode {
    // SAFETY: nothing has started a thread yet.
    #[allow(unsafe_code, reason = "the Vulkan loader takes its verbosity from the environment alone")]
    unsafe {
        quiet_vulkan_loader();
    }
    let arguments = Arguments::from_args();
    let plain = TESTS.into_iter().map(|(name, test)| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    });
    let mut trials: Vec<Trial> = plain.collect();
    let found = adapters();
    for (name, test) in GPU_TESTS {
        for adapter in &found {
            let index = adapter.index.to_string();
            trials.push(Trial::test(format!("{}: {name}", adapter.name), move || {
                test(&index);
                Ok(())
            }));
        }
        if found.is_empty() {
            let required = std::env::var("CEVSCAN_REQUIRE_GPU").is_ok_and(|value| value == "1");
            let missing = || Err("CEVSCAN_REQUIRE_GPU=1, but no adapter was found".into());
            trials.push(Trial::test(format!("no adapter: {name}"), missing).with_ignored_flag(!required));
        }
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// A small scan into a folder; `more` are further arguments.
fn scan(out: &Path, more: &[&str]) -> Said {
    let out = out.to_str().unwrap();
    let fixed = ["scan", "--model", "by+lmu+ltau", "--grid", "24x150", "--mass", "1MeV:10GeV", "--out", out];
    run(&fixed.iter().chain(more).copied().collect::<Vec<_>>())
}

fn files_are_complete() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("deep").join("er");
    let said = scan(&out, &[]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(names(&out), FILES);
    for words in ["best fit", "low mass    g < 4.39", "high mass", "map.npz", "run.json"] {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }

    let mut npz = NpzReader::new(fs::File::open(out.join("map.npz")).unwrap()).unwrap();
    let mass: Array1<f64> = npz.by_name("mass_mev").unwrap();
    let coupling: Array1<f64> = npz.by_name("coupling").unwrap();
    let chi2: Array2<f64> = npz.by_name("chi2").unwrap();
    let (csi, lar): (Array2<f64>, Array2<f64>) = (npz.by_name("chi2_csi").unwrap(), npz.by_name("chi2_lar").unwrap());
    let status: Array2<u8> = npz.by_name("status").unwrap();
    let best_fit: Array1<f64> = npz.by_name("best_fit").unwrap();
    let version: Array0<i64> = npz.by_name("format_version").unwrap();
    let mut scalar = |name: &str| -> f64 {
        let value: Array0<f64> = npz.by_name(name).unwrap();
        value.into_scalar()
    };
    let (minimum, rise, level) = (scalar("chi2_min"), scalar("delta_chi2"), scalar("level"));
    assert!((scalar("chi2_sm") - 189.328).abs() < 0.01);
    assert_eq!((mass.len(), coupling.len(), chi2.dim()), (24, 150, (24, 150)));
    assert_eq!((mass[0], mass[23], coupling[0], coupling[149]), (1.0, 1e4, 1e-6, 1.0));
    assert_eq!(chi2, csi + lar);
    assert!(status.iter().all(|status| *status == 0) && version.into_scalar() == 1);
    assert_eq!(level, minimum + rise);
    assert!((rise - 6.18007).abs() < 1e-5 && best_fit.len() == 2);
    assert!(chi2.iter().all(|chi2| *chi2 > minimum - 1e-3));

    // Each point of the contour lies on an edge of the grid, between a point above the level and one below.
    let contour = fs::read_to_string(out.join("contour.csv")).unwrap();
    let mut rows = contour.lines();
    assert_eq!(rows.next(), Some("line,mass_mev,coupling"));
    let mut points = 0;
    for row in rows {
        let cells: Vec<f64> = row.split(',').map(|cell| cell.parse().unwrap()).collect();
        let beside = |axis: &Array1<f64>, value: f64| {
            let near = |x: f64| (x / value - 1.0).abs() < 1e-9;
            match axis.iter().position(|x| near(*x)) {
                Some(at) => (at, at),
                None => {
                    (axis.iter().position(|x| *x > value).unwrap() - 1, axis.iter().position(|x| *x > value).unwrap())
                }
            }
        };
        let ((m0, m1), (g0, g1)) = (beside(&mass, cells[1]), beside(&coupling, cells[2]));
        assert!(m0 == m1 || g0 == g1, "{row}");
        assert!((chi2[(m0, g0)] - level) * (chi2[(m1, g1)] - level) <= 0.0, "{row}");
        points += 1;
    }
    assert!(points > 40, "{points}");

    let record = json(&fs::read_to_string(out.join("run.json")).unwrap());
    assert_eq!(record["complete"], true);
    assert_eq!(record["engine"]["name"], "cpu");
    assert!(record["certificate"].is_null() && record["timings"]["scan_s"].is_number());
    assert_eq!(record["inputs"]["grid"], serde_json::json!([24, 150]));
    assert_eq!(&fs::read(out.join("map.png")).unwrap()[..8], b"\x89PNG\r\n\x1a\n");
    let svg = fs::read_to_string(out.join("map.svg")).unwrap();
    assert!(svg.starts_with("<svg") || svg.starts_with("<?xml"), "{}", &svg[..40]);
    assert!(!svg.contains(folder.path().to_str().unwrap()));
}

fn bytes_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str, more: &[&str]| -> Vec<Vec<u8>> {
        let out = folder.path().join(name);
        let said = scan(&out, more);
        assert_eq!(said.status, 0, "{}", said.stderr);
        FILES[..4].iter().map(|file| fs::read(out.join(file)).unwrap()).collect()
    };
    let once = bytes("once", &["--threads", "1"]);
    for (name, more) in [
        ("again", &["--threads", "1"][..]),
        ("two", &["--threads", "2"]),
        ("tiles1", &["--tile-rows", "1"]),
        ("tiles7", &["--tile-rows", "7", "--threads", "2"]),
    ] {
        for ((one, other), file) in once.iter().zip(bytes(name, more)).zip(FILES) {
            assert!(*one == other, "{name}: {file} differs");
        }
    }
}

fn quiet_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let quiet = scan(folder.path(), &["--quiet"]);
    assert_eq!((quiet.status, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));
    let plain = scan(folder.path(), &[]);
    assert!(plain.stderr.chars().all(|c| c == '\n' || !c.is_control()), "{:?}", plain.stderr);
    assert!(plain.stderr.contains("engine: cpu"), "{}", plain.stderr);
}

fn reader_goes_away() {
    let mut child =
        cevscan().args(["limits", "--quiet"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(child.wait().unwrap().success(), "{stderr}");
    assert_eq!(stderr, "");
}

fn bad_input_is_named() {
    let refused = |more: &[&str], words: &[&str]| {
        let arguments: Vec<&str> =
            ["scan", "--model", "b-l", "--out", "/nonexistent/never"].iter().chain(more).copied().collect();
        fail(&arguments, 2, words);
    };
    for mass in ["10:1", "5:5", "0:1", "-1:1", "nan:1", "1:inf", "1", "1:", ":1", "a:b", "1:2:3", "1parsec:2"] {
        refused(&["--mass", mass], &["mass"]);
    }
    for coupling in ["1:1e-6", "0:1", "-1:1", "nan:1", "1", ":", "x:1"] {
        refused(&["--coupling", coupling], &["coupling"]);
    }
    for grid in ["0x5", "1x5", "-3x5", "axb", "5", "5x", "5.5x5", "", "x"] {
        refused(&["--grid", grid], &["grid"]);
    }
    refused(&["--grid", "1000000x1000000"], &["1000000x1000000 points", "GiB", "hint: "]);
    refused(&["--grid", "99999999999999999999999x2"], &["GiB"]);
    refused(&["--data", "cis"], &["unknown dataset 'cis'", "did you mean 'csi'?"]);
    refused(&["--engine", "tpu"], &["tpu"]);
    refused(&["--tile-rows", "0"], &["--tile-rows"]);
    fail(&["scan"], 2, &["--model"]);
    assert!(!Path::new("/nonexistent").exists());
}

fn unwritable_folders_are_named() {
    fail(&["scan", "--model", "b-l", "--out", "Cargo.toml"], 2, &["Cargo.toml", "folder"]);
    fail(&["scan", "--model", "b-l", "--out", "Cargo.toml/below"], 1, &["Cargo.toml/below"]);
    if cfg!(target_os = "linux") {
        fail(&["scan", "--model", "b-l", "--out", "/proc/cevscan"], 1, &["/proc/cevscan"]);
    }
}

/// Files limited to 64 blocks of 1024 bytes: the map's npz does not fit.
fn full_disk_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let program = env!("CARGO_BIN_EXE_cevscan");
    let script = format!(
        "trap '' XFSZ; ulimit -f 64; exec {program} scan --model b-l --grid 200x200 --quiet --out {}",
        folder.path().display()
    );
    let said = said(std::process::Command::new("bash").args(["-c", &script]).output().unwrap());
    check_failure(&said, "full disk", 1, &["cannot write", "map.npz"]);
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

fn interrupt_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    // Enough points for many seconds on any machine.
    let mut child = cevscan()
        .args(["scan", "--model", "b-l", "--grid", "8000x8000", "--engine", "cpu", "--tile-rows", "8", "--out"])
        .arg(folder.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let kill = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(kill.success());
    let begun = Instant::now();
    let status = child.wait().unwrap();
    assert!(begun.elapsed() < Duration::from_secs(20));
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("error: interrupted"), "{stderr}");
    assert_eq!(names(folder.path()), Vec::<String>::new());
}

fn no_driver() {
    if cfg!(not(target_os = "linux")) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let without_driver = |engine: &[&str]| {
        let mut command = cevscan();
        command.args(["scan", "--model", "b-l", "--grid", "8x8", "--out"]).arg(folder.path()).args(engine);
        said(command.env("VK_DRIVER_FILES", "/nonexistent.json").output().unwrap())
    };
    let asked = without_driver(&["--engine", "gpu"]);
    check_failure(&asked, "--engine gpu", 1, &["no usable GPU", "hint: "]);
    assert_eq!(names(folder.path()), Vec::<String>::new());
    // A named adapter makes auto look for one however small the map is.
    let auto = without_driver(&["--engine", "auto", "--adapter", "0"]);
    assert_eq!(auto.status, 0, "{}", auto.stderr);
    assert!(auto.stderr.contains("engine: cpu (no usable GPU"), "{}", auto.stderr);
    assert_eq!(names(folder.path()), FILES);
}

fn map(folder: &Path) -> Array2<f64> {
    let mut npz = NpzReader::new(fs::File::open(folder.join("map.npz")).unwrap()).unwrap();
    npz.by_name("chi2").unwrap()
}

fn simd_levels_agree() {
    let folder = tempfile::tempdir().unwrap();
    let mut maps = Vec::new();
    for level in cevscan::simd::SimdLevel::available() {
        let out = folder.path().join(level.name());
        let said = scan(&out, &["--simd", level.name()]);
        assert_eq!(said.status, 0, "{}", said.stderr);
        let record = json(&fs::read_to_string(out.join("run.json")).unwrap());
        assert_eq!(record["engine"]["simd"], level.name());
        maps.push(map(&out));
    }
    for other in &maps {
        // The contract between levels.
        assert!(other.iter().zip(&maps[0]).all(|(a, b)| (a - b).abs() < 1e-9));
    }
}

fn gpu_map_is_certified(adapter: &str) {
    let folder = tempfile::tempdir().unwrap();
    let (gpu, cpu) = (folder.path().join("gpu"), folder.path().join("cpu"));
    let said = scan(&gpu, &["--engine", "gpu", "--adapter", adapter]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(
        said.stderr.contains("engine: gpu") && said.stdout.contains("certificate"),
        "{}{}",
        said.stderr,
        said.stdout
    );
    let record = json(&fs::read_to_string(gpu.join("run.json")).unwrap());
    assert_eq!(record["engine"]["name"], "gpu");
    let certificate = &record["certificate"];
    assert!(certificate["points"].as_u64().unwrap() > 500 && certificate["next_to_contour"].as_u64().unwrap() > 50);
    assert!(certificate["largest_chi2_difference"].as_f64().unwrap() <= 1e-3);
    assert!(certificate["largest_count_deviation"].as_f64().unwrap() <= 3e-6);
    succeed(&[
        "scan",
        "--model",
        "by+lmu+ltau",
        "--grid",
        "24x150",
        "--mass",
        "1MeV:10GeV",
        "--engine",
        "cpu",
        "--out",
        cpu.to_str().unwrap(),
    ]);
    let contour = |folder: &Path| fs::read_to_string(folder.join("contour.csv")).unwrap();
    assert_eq!(contour(&gpu).lines().count(), contour(&cpu).lines().count());
    for (ours, theirs) in contour(&gpu).lines().zip(contour(&cpu).lines()).skip(1) {
        let numbers = |row: &str| -> Vec<f64> { row.split(',').map(|cell| cell.parse().unwrap()).collect() };
        for (a, b) in numbers(ours).iter().zip(numbers(theirs)) {
            assert!((a - b).abs() <= 1e-6 * b.abs(), "{ours} {theirs}");
        }
    }
    let level = record["level"].as_f64().unwrap();
    for (a, b) in map(&gpu).iter().zip(&map(&cpu)) {
        assert!(*b > level + 50.0 || (a - b).abs() <= 1e-3, "{a} {b}");
    }
}
