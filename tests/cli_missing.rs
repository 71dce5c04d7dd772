//! Points without a chi2 are gaps in everything that is made from a map, and said to be.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use cevscan::analysis::limits::Level;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::output::matplotlib_script;
use cevscan::physics::model::Model;
use cevscan::plot::Figure;
use cevscan::plot::chart::Chart;
use cevscan::plot::exclusion::{Companions, exclusion_chart};
use cevscan::scan::{Device, Plane, Settings, Unobserved, dataset_levels, scan};
use cli_support::{check_failure, json, names, run};
use tempfile::TempDir;

/// A map of which many points are missing, made once: from a coupling of about 1e77 on the signal is beyond f64. Its file
/// says so, and the program ended with status 1.
fn map() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let out = folder.path().to_str().unwrap();
            let arguments = ["scan", "--model", "b-l", "--data", "csi", "--grid", "12x40", "--coupling", "1e-6:1e120"];
            let said = run(&[&arguments[..], &["--out", out, "--dof", "1"]].concat());
            assert_eq!(said.status, 1, "{}", said.stderr);
            assert!(said.stderr.contains("of 480 points did not converge") && said.stderr.contains("at masses"));
            folder
        })
        .path()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// Missing points and all points, as `run.json` and every text count them.
fn count() -> String {
    let record = json(&read(map().join("run.json")));
    assert_eq!(record["complete"], false);
    format!("{} of 480 points are missing", record["missing_points"])
}

#[test]
fn exports_of_gaps_are_refused_or_say_so_in_every_file() {
    for format in ["hepdata", "darkcast", "axionlimits", "grid"] {
        let folder = tempfile::tempdir().unwrap();
        let arguments =
            ["export", map().to_str().unwrap(), "--format", format, "--out", folder.path().to_str().unwrap()];
        check_failure(&run(&arguments), format, 1, &["the map is incomplete", &count(), "hint: --allow-missing"]);
        assert!(names(folder.path()).is_empty());
        let said = run(&[&arguments[..], &["--allow-missing"]].concat());
        assert_eq!(said.status, 0, "{}", said.stderr);
        assert!(said.stderr.contains(&count()), "{}", said.stderr);
        for name in names(folder.path()) {
            let text = read(folder.path().join(&name));
            assert!(text.contains(&count()), "{format}/{name} does not say it");
        }
    }
}

/// Numbers of one column of a table for HEPData.
fn column(text: &str, name: &str) -> Vec<f64> {
    let part = text.split("- header:").find(|part| part.contains(&format!("name: \"{name}\""))).unwrap();
    let values = part.split_once("values:").unwrap().1;
    values
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- value: "))
        .map(|value| value.parse().unwrap())
        .collect()
}

#[test]
fn no_interval_reaches_into_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let said = run(&["export", map().to_str().unwrap(), "--format", "hepdata", "--out", out, "--allow-missing", "-q"]);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    let gaps = read(folder.path().join("gaps.yaml"));
    let gaps: Vec<[f64; 3]> = column(&gaps, "Mediator mass")
        .into_iter()
        .zip(column(&gaps, "Lower end of the gap in g"))
        .zip(column(&gaps, "Upper end of the gap in g"))
        .map(|((mass, low), high)| [mass, low, high])
        .collect();
    assert_eq!(gaps.len(), 12, "one at each mass: {gaps:?}");
    let intervals = read(folder.path().join("excluded_intervals.yaml"));
    let masses = column(&intervals, "Mediator mass");
    let ends = column(&intervals, "Upper end of the excluded interval of g");
    for (mass, high) in masses.into_iter().zip(ends) {
        let gap = gaps.iter().find(|gap| gap[0] == mass).unwrap();
        assert!(high <= gap[1], "{mass} MeV: excluded up to {high:e}, unknown from {:e}", gap[1]);
    }
    assert!(read(folder.path().join("submission.yaml")).contains("gaps.yaml"));
}

#[test]
fn contour_and_pictures_say_it() {
    let contour = read(map().join("contour.csv"));
    let mut lines = contour.lines();
    assert!(lines.next().unwrap().starts_with(&format!("# {}", count())), "{contour}");
    assert_eq!(lines.next(), Some("line,mass_mev,coupling"));
    let drawn = tempfile::tempdir().unwrap();
    let said = run(&["plot", map().to_str().unwrap(), "--out", drawn.path().to_str().unwrap()]);
    assert!(said.status == 0 && said.stderr.contains(&count()) && said.stderr.contains("hatched"), "{}", said.stderr);
    for folder in [map(), drawn.path()] {
        let svg = read(folder.join("map.svg"));
        assert!(svg.contains("missing: no fit") && svg.contains("95.45 % CL, 1 dof, at fixed mass"));
    }
    assert_eq!(read(map().join("map.svg")), read(drawn.path().join("map.svg")));
}

#[test]
fn a_complete_map_says_nothing_of_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let said = run(&["scan", "--model", "b-l", "--data", "csi", "--grid", "12x40", "--out", out]);
    assert!(said.status == 0 && !said.stderr.contains("missing"), "{}", said.stderr);
    let said = run(&["export", out, "--format", "hepdata", "--allow-missing"]);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert_eq!(names(&folder.path().join("hepdata")), ["contour.yaml", "excluded_intervals.yaml", "submission.yaml"]);
    for name in ["contour.csv", "map.svg", "hepdata/contour.yaml", "hepdata/submission.yaml"] {
        let text = read(folder.path().join(name));
        assert!(!text.contains("missing") && !text.contains("Gaps"), "{name}");
    }
}

#[test]
fn figures_of_the_report_are_hatched_too() {
    let (model, experiments) = (Model::named("b-l").unwrap(), Experiment::parse_list("csi").unwrap());
    let analysis = Analysis::new(&model, &experiments);
    let level = Level::of_table2().unwrap();
    let chart = |highest: f64| {
        let plane = Plane::new((1.0, 1e3), (1e-6, highest), (4, 30), 1).unwrap();
        let settings =
            Settings { device: Device::Cpu, tile_rows: None, delta_chi2: level.delta_chi2, minimum: level.minimum };
        let map = scan(&analysis, plane, settings, &Unobserved).unwrap();
        let levels = dataset_levels(&analysis, &map).unwrap();
        exclusion_chart(&model, &map, &levels, &Companions::default(), "").unwrap()
    };
    let hatching =
        |chart: &Chart| chart.curves.iter().find(|curve| curve.name == "missing").map(|curve| curve.pieces.len());
    let (with, without) = (chart(1e120), chart(1.0));
    assert!(hatching(&with).unwrap() > 10 && hatching(&without).is_none());
    assert!(with.to_svg().contains("missing: no fit") && matplotlib_script(&with).contains("missing: no fit"));
}
