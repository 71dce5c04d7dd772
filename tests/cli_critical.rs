//! `--critical`: critical values from toys in the commands that make regions and bounds.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cli_support::{fail, json, names, run, succeed};
use serde_json::Value;

/// A folder with critical values of B-L on argon, and a scan of the same.
struct Given {
    folder: tempfile::TempDir,
    critical: String,
    map: String,
    unwritten: String,
}

fn given() -> &'static Given {
    static GIVEN: OnceLock<Given> = OnceLock::new();
    GIVEN.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let [coverage, map, unwritten] =
            ["coverage", "map", "unwritten"].map(|name| folder.path().join(name).display().to_string());
        let line = "coverage -q --model b-l --data lar --toys 800 --tolerance 50% --grid 20x20 --out";
        succeed(&line.split(' ').chain([coverage.as_str()]).collect::<Vec<_>>());
        let scan = "scan -q --model b-l --data lar --grid 40x40 --mass 1MeV:1GeV --engine cpu --out";
        succeed(&scan.split(' ').chain([map.as_str()]).collect::<Vec<_>>());
        Given { critical: format!("{coverage}/coverage.npz"), folder, map, unwritten }
    })
}

/// A command line with `CRITICAL` and `MAP` in the place of these files.
fn line<'a>(text: &'a str, given: &'a Given) -> Vec<&'a str> {
    let word = |word: &'a str| match word {
        "CRITICAL" => given.critical.as_str(),
        "MAP" => given.map.as_str(),
        "UNWRITTEN" => given.unwritten.as_str(),
        word => word,
    };
    text.split(' ').map(word).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[test]
fn scans_and_pictures_have_both_borders() {
    let given = given();
    let out = given.folder.path().join("scan").display().to_string();
    let scan = "scan --model b-l --data lar --grid 40x40 --mass 1MeV:1GeV --engine cpu --critical CRITICAL --out";
    let said = succeed(&[line(scan, given), vec![out.as_str()]].concat());
    assert!(said.contains("with coverage: g < ") && said.contains("against Wilks' theorem"), "{said}");
    let read = |folder: &str, name: &str| fs::read_to_string(Path::new(folder).join(name)).unwrap();
    // The map and its own contour are those of a scan without.
    assert_eq!(read(&out, "contour.csv"), read(&given.map, "contour.csv"));
    let record = json(&read(&out, "run.json"));
    let used = &record["coverage"];
    assert_eq!(used["sha256"], cevscan::base::provenance::sha256(&fs::read(&given.critical).unwrap()));
    assert!(number(&used["seed"]) == 1.0 && number(&used["critical_along_border"][0]) > 2.0, "{used}");
    assert!(record["files"].get("contour-fc.csv").is_some());
    let couplings = |name: &str| -> Vec<f64> {
        let text = read(&out, name);
        let rows = text.lines().skip(1).filter(|line| !line.starts_with('#'));
        rows.map(|row| row.split(',').nth(2).unwrap().parse().unwrap()).collect()
    };
    // B-L's border with coverage is lower.
    let lowest = |name: &str| couplings(name).into_iter().fold(f64::INFINITY, f64::min);
    let shift = (lowest("contour-fc.csv") / lowest("contour.csv")).ln();
    assert!((-0.2..-0.005).contains(&shift), "{shift}");
    assert!(read(&out, "map.svg").contains("critical values from toys"));
    // The same from the map.
    let plotted = given.folder.path().join("plot").display().to_string();
    succeed(&[line("plot -q MAP --critical CRITICAL --out", given), vec![plotted.as_str()]].concat());
    assert_eq!(
        names(Path::new(&plotted)),
        ["contour-fc.csv", "contour.csv", "map.pdf", "map.png", "map.py", "map.svg"]
    );
    for name in ["contour-fc.csv", "map.svg"] {
        assert_eq!(read(&plotted, name), read(&out, name), "{name}");
    }
}

/// A contour by critical values does not stay beside a picture that is without.
#[test]
fn the_contour_goes_with_its_critical_values() {
    let given = given();
    let out = given.folder.path().join("goes").display().to_string();
    let scan = "scan --model b-l --data lar --grid 20x20 --mass 1MeV:1GeV --engine cpu --critical CRITICAL --out";
    let with = [line(scan, given), vec![out.as_str()]].concat();
    let has_contour = || names(Path::new(&out)).iter().any(|name| name == "contour-fc.csv");
    let without: Vec<&str> = "scan --model b-l --data lar --grid 20x20 --mass 1MeV:1GeV --engine cpu --fresh --out"
        .split(' ')
        .chain([out.as_str()])
        .collect();
    for drawn in [vec!["plot", &out], without] {
        succeed(&[&with[..], &["--fresh"]].concat());
        assert!(has_contour());
        let said = run(&drawn);
        assert!(said.status == 0 && said.stderr.contains("contour-fc.csv goes"), "{drawn:?}: {}", said.stderr);
        let record = json(&fs::read_to_string(Path::new(&out).join("run.json")).unwrap());
        assert!(!has_contour() && record["coverage"].is_null(), "{drawn:?}: {record}");
        assert!(record["files"].get("contour-fc.csv").is_none(), "{drawn:?}: {record}");
        // And is not spoken of twice.
        assert!(!run(&drawn).stderr.contains("goes"));
    }
    // One that the user has changed is his.
    succeed(&[&with[..], &["--fresh"]].concat());
    fs::write(Path::new(&out).join("contour-fc.csv"), "mine").unwrap();
    fail(&["plot", &out], 1, &["contour-fc.csv", "it was changed after cevscan had written it"]);
}

#[test]
fn bounds_with_coverage_stand_beside() {
    let given = given();
    let text = succeed(&line("limits -q --model b-l --data lar --critical CRITICAL --format json", given));
    let record = &json(&text)[0];
    let covered = &record["with_coverage"];
    for (regime, key) in [("low", "coupling"), ("high", "coupling_per_gev")] {
        let (ours, wilks) = (number(&covered[regime][key]), number(&record[regime][key]));
        assert!((-0.2..-0.005).contains(&(ours / wilks).ln()), "{regime}: {ours} {wilks}");
    }
    assert!((2.5..6.0).contains(&number(&covered["critical"][0])), "{covered}");
    let said = run(&line("limits --model b-l --data lar --critical CRITICAL --asimov", given));
    assert!(said.status == 0 && said.stderr.contains("expected bounds stay those of Wilks"), "{}", said.stderr);
    let table = succeed(&line("limits -q --model b-l --data lar --critical CRITICAL", given));
    assert!(table.contains("b-l lar low mass with coverage: g "), "{table}");
    let csv = succeed(&line("limits -q --model b-l --data lar --critical CRITICAL --format csv", given));
    assert!(csv.lines().next().unwrap().contains(",with_coverage,"), "{csv}");
    let territory =
        "new-territory -q --model b-l --data lar --masses 9 --mass 1MeV:1GeV --critical CRITICAL --format json";
    let records = json(&succeed(&line(territory, given)));
    assert_eq!(records.as_array().unwrap().len(), 2);
    assert!(number(&records[1]["excluded_decades2"]) > number(&records[0]["excluded_decades2"]), "{records}");
    assert!(records[1]["critical_values"]["sha256"].is_string() && records[0].get("critical_values").is_none());
}

#[test]
fn exports_say_what_their_region_is() {
    let given = given();
    for format in ["hepdata", "darkcast", "axionlimits", "grid"] {
        let out = given.folder.path().join(format);
        let out = out.to_str().unwrap();
        succeed(&[line("export -q MAP --critical CRITICAL --format", given), vec![format, "--out", out]].concat());
        let texts: String =
            names(Path::new(out)).iter().map(|name| fs::read_to_string(Path::new(out).join(name)).unwrap()).collect();
        assert!(texts.contains("critical values from toys"), "{format}");
    }
}

#[test]
fn others_are_refused() {
    let given = given();
    let broken = given.folder.path().join("broken.npz").display().to_string();
    fs::write(&broken, "words").unwrap();
    for (text, status, words) in [
        (
            "limits -q --model universal --data lar --critical CRITICAL",
            1,
            "they are of b-l on lar, not universal on lar",
        ),
        ("limits -q --model b-l --data csi --critical CRITICAL", 1, "they are of b-l on lar, not b-l on csi"),
        ("limits -q --model b-l --data lar --critical CRITICAL --dof 1", 2, "two parameters"),
        ("limits -q --model b-l --data lar --critical CRITICAL --confidence 0.5", 2, "with critical values"),
        (
            "new-territory -q --model b-l --data lar --mass 0.01:1 --critical CRITICAL",
            2,
            "where there are critical values",
        ),
        ("scan -q --model b-l --data lar --mass 0.01:1 --critical CRITICAL --out UNWRITTEN", 2, "0.1 to 100000 MeV"),
        ("scan -q --model b-l --data lar --asimov --critical CRITICAL --out UNWRITTEN", 1, "other data"),
    ] {
        fail(&line(text, given), status, &[words]);
    }
    fail(&["limits", "-q", "--model", "b-l", "--data", "lar", "--critical", &broken], 1, &["is no npz file"]);
    assert!(!Path::new(&given.unwritten).join("map.npz").exists());
}

#[test]
fn bounds_against_the_mass_have_coverage_beside() {
    let given = given();
    let csv = succeed(&line("limits --model b-l --data lar --mass 0.1,10 --critical CRITICAL --format csv -q", given));
    let rows: Vec<Vec<&str>> = csv.lines().map(|row| row.split(',').collect()).collect();
    let column = |name: &str| rows[0].iter().position(|known| *known == name).unwrap();
    let cell = |row: usize, name: &str| rows[row][column(name)].parse::<f64>().unwrap();
    let both = json(&succeed(&line("limits --model b-l --data lar --critical CRITICAL --format json -q", given)));
    let (low, wilks) = (&both[0]["with_coverage"]["low"], number(&both[0]["low"]["coupling"]));
    assert!((cell(1, "with_coverage") / number(&low["coupling"]) - 1.0).abs() < 1e-6);
    assert!((cell(1, "coupling") / wilks - 1.0).abs() < 1e-9 && cell(1, "with_coverage") < wilks);
    // chi2 at the bound is its critical value above the best fit.
    let rise = number(&low["level"]) - number(&both[0]["chi2_min"]);
    assert!((rise - cell(1, "critical")).abs() < 1e-6 && (2.0..6.0).contains(&rise), "{rise}");
    let table = succeed(&line("limits --model b-l --data lar --mass 0.1,10 --critical CRITICAL -q", given));
    assert!(table.contains("with coverage") && table.contains("critical"), "{table}");
}
