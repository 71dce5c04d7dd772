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

use cevscan::rates::gpu::{adapters, quiet_vulkan_loader};
use cli_support::{Said, cevscan, check_failure, fail, help_is_pinned, json, names, run, said, succeed};
use libtest_mimic::{Arguments, Trial};
use ndarray::{Array0, Array1, Array2};
use ndarray_npy::NpzReader;
use resvg::usvg::roxmltree;

const FILES: [&str; 7] = ["contour.csv", "map.npz", "map.pdf", "map.png", "map.py", "map.svg", "run.json"];

type Test = (&'static str, fn());
type GpuTest = (&'static str, fn(&str));

const TESTS: [Test; 10] = [
    ("help is pinned", || help_is_pinned(&["scan"])),
    ("files are complete and say the same", files_are_complete),
    ("bytes do not depend on threads, tiles or the run", bytes_are_the_same),
    ("quiet prints nothing, stderr has no control characters", quiet_is_quiet),
    ("a reader that goes away is no error", reader_goes_away),
    ("bad input is named", bad_input_is_named),
    ("a folder that cannot be written is named", unwritable_folders_are_named),
    ("points without a fit are missing, counted and said", missing_points_are_said),
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
    for row in rows.filter(|row| !row.starts_with('#')) {
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
        let (before, after) = (chi2[(m0, g0)], chi2[(m1, g1)]);
        assert!((before - level) * (after - level) <= 0.0, "{row}");
        // chi2 interpolated along the edge, linear in the logarithm, is the level. A contour that follows the map but
        // for a millionth of an edge (where it is kept off the grid points) is as near.
        let along = |low: f64, high: f64, at: f64| (at / low).ln() / (high / low).ln();
        let t =
            if m0 == m1 { along(coupling[g0], coupling[g1], cells[2]) } else { along(mass[m0], mass[m1], cells[1]) };
        let interpolated = before + t * (after - before);
        assert!((interpolated - level).abs() <= 2e-6 * (after - before).abs(), "{row}: {interpolated} is not {level}");
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
    let picture = roxmltree::Document::parse(&svg).unwrap();
    assert!(picture.root_element().has_tag_name("svg") && picture.descendants().any(|node| node.has_tag_name("text")));
    assert!(!svg.contains(folder.path().to_str().unwrap()));
}

fn bytes_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = |name: &str, more: &[&str]| -> Vec<Vec<u8>> {
        let out = folder.path().join(name);
        let said = scan(&out, more);
        assert_eq!(said.status, 0, "{}", said.stderr);
        FILES[..5].iter().map(|file| fs::read(out.join(file)).unwrap()).collect()
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
        // The folder itself, not the temporary file in it.
        fail(&["scan", "--model", "b-l", "--out", "/proc"], 1, &["cannot write into /proc: "]);
    }
}

/// From a coupling of about 1e77 on, g^4 times the counts is beyond f64: there is no signal to fit.
fn missing_points_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let mut command = cevscan();
    command.env("CEVSCAN_LARGEST_COUPLING", "1e200");
    command.args(["scan", "--model", "b-l", "--coupling", "1e-6:1e150", "--grid", "4x20", "--out", out]);
    let said = said(command.output().unwrap());
    assert_eq!(said.status, 1, "{}", said.stderr);
    assert_eq!(names(folder.path()), FILES);
    let mut npz = NpzReader::new(fs::File::open(folder.path().join("map.npz")).unwrap()).unwrap();
    let status: Array2<u8> = npz.by_name("status").unwrap();
    let missing = status.iter().filter(|status| **status != 0).count();
    let chi2 = map(folder.path());
    assert!(chi2.iter().zip(&status).all(|(chi2, status)| chi2.is_nan() == (*status != 0)));
    assert!((1..chi2.len()).contains(&missing), "{missing}");
    assert!(said.stderr.contains(&format!("error: {missing} of 80 points did not converge")), "{}", said.stderr);
    let record = json(&fs::read_to_string(folder.path().join("run.json")).unwrap());
    assert_eq!((&record["complete"], &record["missing_points"]), (&false.into(), &missing.into()));
    // The rest of the plane is what it is without them: the low couplings hold the contour.
    assert!(fs::read_to_string(folder.path().join("contour.csv")).unwrap().lines().count() > 4);
    roxmltree::Document::parse(&fs::read_to_string(folder.path().join("map.svg")).unwrap()).unwrap();
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
    for level in cevscan::base::simd::SimdLevel::available() {
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
    let rows =
        |text: String| text.lines().skip(1).filter(|row| !row.starts_with('#')).map(str::to_owned).collect::<Vec<_>>();
    for (ours, theirs) in rows(contour(&gpu)).iter().zip(&rows(contour(&cpu))) {
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
