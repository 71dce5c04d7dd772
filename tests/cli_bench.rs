//! `cevscan bench`, and what `--engine auto` makes of measurements.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::path::Path;

use cli_support::{Said, cevscan, fail, help_is_pinned, json, run, said, succeed};

#[test]
fn help() {
    help_is_pinned(&["bench"]);
}

#[test]
fn every_part_is_measured_after_a_check() {
    let parts = ["--part", "rates,minimisation,rows,map", "--points", "1e4,40x10", "--runs", "2"];
    let report = json(&succeed(&[&["bench", "--engine", "cpu", "--format", "json"][..], &parts].concat()));
    let checks = report["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 1);
    assert_eq!((&checks[0]["engine"], &checks[0]["passed"]), (&"cpu".into(), &true.into()));
    assert!(checks[0]["points"].as_u64().unwrap() >= 10_000);
    assert!(checks[0]["largest_chi2_difference"].as_f64().unwrap() <= 1e-6);
    let measurements = report["measurements"].as_array().unwrap();
    let threads = report["machine"]["hardware_threads"].as_u64().unwrap();
    for part in ["rates", "minimisation", "rows", "map"] {
        for points in [400, 10_000] {
            for threads in [1, threads] {
                let own = measurements.iter().filter(|m| {
                    m["part"] == part && m["points"] == points && m["threads"] == threads && m["engine"] == "cpu"
                });
                let own: Vec<_> = own.collect();
                assert_eq!(own.len(), 1, "{part} {points} {threads}");
                let (seconds, rate) = (own[0]["seconds"].as_f64().unwrap(), own[0]["points_per_second"].as_f64());
                assert!(seconds > 0.0 && (rate.unwrap() * seconds / f64::from(points) - 1.0).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn toys_are_measured_as_many_as_points() {
    let line = ["bench", "--engine", "cpu", "--part", "toys", "--points", "20x10", "--runs", "1"];
    let report = json(&succeed(&[&line[..], &["--format", "json"]].concat()));
    let measurements = report["measurements"].as_array().unwrap();
    assert!(!measurements.is_empty() && measurements.iter().all(|m| m["part"] == "toys" && m["points"] == 200));
    assert!(report["places_of_a_toy"].as_u64().unwrap() > 1000);
    let table = succeed(&line);
    assert!(table.contains("[ktoy/s]") && !table.contains("[Mpoint/s]"), "{table}");
}

#[test]
fn the_table_names_machine_check_and_baseline() {
    let table = succeed(&["bench", "--engine", "reference,cpu", "--points", "100", "--runs", "1", "--data", "lar"]);
    for words in ["machine ", "work        b-l on lar", "check       cpu: right", "Rates only [Mpoint/s]", "10x10"] {
        assert!(table.contains(words), "{words}: {table}");
    }
    assert!(table.lines().any(|line| line.starts_with("reference ")), "{table}");
}

/// Where Python has numpy and iminuit the same chi2 comes out of a script that shares no code; CI requires it.
#[test]
fn the_peer_in_python_calculates_the_same() {
    let arguments = ["bench", "--engine", "cpu,peer", "--points", "100", "--runs", "1", "--format", "json"];
    let said = run(&arguments);
    let report = json(&said.stdout);
    let peer = &report["peer"];
    if peer.is_null() && std::env::var_os("CEVSCAN_REQUIRE_IMINUIT").is_none() {
        assert!(said.stderr.contains("the peer in Python is left out"), "{}", said.stderr);
        return;
    }
    assert!(peer["points_per_second"].as_f64().unwrap() > 0.0 && peer["points"] == 24, "{peer}");
    let difference = peer["largest_chi2_difference"].as_f64().unwrap();
    // A difference of exactly nothing would mean that the two are not independent.
    assert!(difference > 0.0 && difference <= 0.01, "{peer}");
    let table = succeed(&["bench", "--engine", "peer", "--points", "100", "--runs", "1", "--model", "universal"]);
    assert!(!table.contains("peer  "), "{table}");
}

#[test]
fn what_would_take_too_long_is_left_out_and_named() {
    let arguments = ["bench", "--engine", "reference", "--points", "100,1e8", "--runs", "1", "--longest", "0.5"];
    let report = json(&succeed(&[&arguments[..], &["--data", "lar", "--format", "json"]].concat()));
    let skipped = report["skipped"].as_array().unwrap();
    let parts: Vec<&str> = skipped.iter().map(|skipped| skipped["part"].as_str().unwrap()).collect();
    for part in ["rates", "minimisation", "rows", "map"] {
        assert!(parts.contains(&part), "{parts:?}");
    }
}

#[test]
fn nonsense_is_refused() {
    fail(&["bench", "--points", "many"], 2, &["number of points", "many"]);
    fail(&["bench", "--points", "3"], 2, &["number of points", "3"]);
    fail(&["bench", "--runs", "0"], 2, &["--runs", "0"]);
    fail(&["bench", "--longest=-1"], 2, &["--longest", "-1"]);
    fail(&["bench", "--model", "b-q"], 2, &["unknown model", "b-q"]);
    fail(&["bench", "--engine", "tpu"], 2, &["tpu"]);
}

/// A scan with `--engine auto` that is long enough for a GPU to be considered, with what was measured before.
fn large_scan(cache: &Path, out: &Path) -> Said {
    let mut command = cevscan();
    command.env("CEVSCAN_CACHE", cache).env("VK_DRIVER_FILES", "/nonexistent.json");
    command
        .args([
            "scan",
            "--model",
            "b-l",
            "--data",
            "csi",
            "--grid",
            "2400x2400",
            "--threads",
            "1",
            "--no-interpolation",
            "--out",
        ])
        .arg(out);
    said(command.output().unwrap())
}

#[test]
fn auto_on_a_large_map_without_a_gpu_takes_the_cpu_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let said = large_scan(folder.path(), &folder.path().join("map"));
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("engine: cpu (no usable GPU"), "{}", said.stderr);
}

#[test]
fn a_cache_that_is_none_costs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("engines.json"), "{\"not\": [\"a cache\"").unwrap();
    let said = large_scan(folder.path(), &folder.path().join("map"));
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.contains("engine: cpu (no usable GPU"), "{}", said.stderr);
}

#[test]
fn a_small_map_opens_no_adapter() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("map");
    let said = run(&["scan", "--model", "b-l", "--grid", "20x20", "--out", out.to_str().unwrap()]);
    let words = ["engine: cpu (400 points take it", "sooner than a GPU starts"];
    assert!(words.iter().all(|words| said.stderr.contains(words)), "{}", said.stderr);
}

/// It took a third of such a scan to measure what was decided before.
#[test]
fn what_the_cpu_alone_can_do_is_not_measured() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("map");
    let words = "engine: cpu (direct sums of a GPU are those of one response";
    let scan = ["scan", "--model", "b-l", "--data", "csi-full", "--profile", "cpu", "--grid", "20x20", "--out"];
    let said = run(&[&scan[..], &[out.to_str().unwrap()]].concat());
    assert!(said.stderr.contains(words), "{}", said.stderr);
}

#[test]
fn a_form_of_the_gpu_without_a_gpu_is_refused() {
    fail(&["scan", "--model", "b-l", "--engine", "cpu", "--profile", "gpu"], 2, &["--profile is gpu"]);
}

#[test]
fn rates_that_an_engine_does_not_have_are_refused() {
    for (engine, profile, rates, bound) in [
        ("cpu", "auto", "direct", "--engine is cpu"),
        ("reference", "auto", "polynomial", "--engine is reference"),
        ("gpu", "gpu", "direct", "--profile is gpu"),
        ("auto", "cpu", "polynomial", "--profile is cpu"),
    ] {
        let arguments = ["--engine", engine, "--profile", profile, "--rates", rates];
        fail(&[&["scan", "--model", "b-l"], &arguments[..]].concat(), 2, &["--rates", rates, bound]);
    }
}
