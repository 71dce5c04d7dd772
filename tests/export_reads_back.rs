//! What `export` and `scan` write of an excluded region reads back as a limit of others with the same region, for every
//! model and every format, on planes of all kinds; and the lines of made-up maps read back point by point.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};

use cevscan::base::contour::pieces::pieces;
use cevscan::base::contour::statement::{Side, Statement};
use cevscan::others::recast::KnownLimit;
use cevscan::others::recast::known::{union, without};
use cevscan::others::recast::overlay_file::{parse, read};
use cevscan::output::{read_map, write_contour};
use cevscan::physics::model::Model;
use cevscan::scan::{Border, Map, Minima};
use cli_support::{json, run, succeed};
use proptest::prelude::*;

type Intervals = Vec<(f64, f64)>;

/// Ends that went through text, and lie so far beside a mass, relatively.
const ROUNDING: f64 = 1e-6;
const BESIDE: f64 = 1e-9;

/// Between the masses of a map: away from where pieces begin and end.
fn between(map: &Map) -> Vec<f64> {
    map.plane.mass.values.windows(2).map(|pair| (pair[0] * pair[1]).sqrt()).collect()
}

/// At the masses of a map, as near as outlines that end there allow: contours follow the cells between them.
fn beside(map: &Map) -> Vec<f64> {
    let last = map.plane.mass.len() - 1;
    let off = |i: usize| if i == last { 1.0 - BESIDE } else { 1.0 + BESIDE };
    map.plane.mass.values.iter().enumerate().map(|(i, mass)| mass * off(i)).collect()
}

/// What some files say.
fn limits(files: &[PathBuf], model: &Model) -> Vec<KnownLimit> {
    let read = |file: &PathBuf| {
        let curve = read(file.to_str().unwrap(), model).unwrap();
        assert!(curve.notes.iter().all(|note| note.contains("excludes nothing")), "{:?}", curve.notes);
        curve.limit
    };
    files.iter().map(read).collect()
}

/// What they exclude at some masses.
fn at(masses: &[f64], limits: &[KnownLimit]) -> Vec<Intervals> {
    masses.iter().map(|mass| union(limits.iter().flat_map(|limit| limit.excluded_at(*mass)).collect())).collect()
}

/// Decades that are in one and not in the other, and those of the first.
fn differences(a: &[Intervals], b: &[Intervals]) -> (f64, f64) {
    let decades = |intervals: &[(f64, f64)]| intervals.iter().map(|(low, high)| (high / low).log10()).sum::<f64>();
    let pairs = || a.iter().zip(b);
    let apart = pairs().map(|(a, b)| decades(&without(a, b)) + decades(&without(b, a))).sum();
    (apart, a.iter().map(|intervals| decades(intervals)).sum())
}

fn with_ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect()
}

/// What a map made by these arguments excludes, and what its files do, within the map and above it.
fn reads_back(name: &str, plane: &[&str], formats: &[&str]) -> (Statement, Map) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let scan = ["scan", "--model", name, "--out", out, "-q"];
    assert_eq!(run(&[&scan[..], plane].concat()).status, 0);
    let map = read_map(File::open(folder.path().join("map.npz")).unwrap(), "map.npz").unwrap();
    let model = Model::named(name).unwrap();
    let spans = map.border().spans().unwrap();
    let outlines = pieces(&map.plane.mass.values, &spans)
        .iter()
        .map(|piece| {
            let lower = piece.rows.iter().map(|row| [row.mass_mev, row.low]);
            lower.chain(piece.rows.iter().rev().map(|row| [row.mass_mev, row.high])).collect()
        })
        .collect();
    let own = [KnownLimit { name: "own".into(), outlines, ..KnownLimit::default() }];
    let spans: Vec<Intervals> =
        spans.iter().map(|spans| spans.iter().map(|span| (span.low, span.high)).collect()).collect();
    for format in formats {
        if !format.is_empty() {
            succeed(&["export", out, "--format", format, "-q"]);
        }
        for (of, ending, is_contour) in [
            ("darkcast", ".lmt", false),
            ("axionlimits", ".txt", false),
            ("grid", ".txt", false),
            ("hepdata", "intervals.yaml", false),
            ("hepdata", "contour.yaml", true),
            ("", "contour.csv", true),
        ] {
            if of != *format {
                continue;
            }
            let files = with_ending(&folder.path().join(format), ending);
            assert!(!files.is_empty(), "{format}{ending}");
            let read = limits(&files, &model);
            let (expected, found) = match is_contour {
                true => (spans.clone(), at(&beside(&map), &read)),
                false => (at(&between(&map), &own), at(&between(&map), &read)),
            };
            // Above the map, too, where no file says anything.
            let (apart, all) = differences(&expected, &found);
            assert!(apart <= ROUNDING * all.max(1.0), "{name} {plane:?} {format} {ending}: {apart} of {all} decades");
        }
    }
    let border = map.border();
    let statement = border.statement(&border.lines().unwrap());
    (statement, map)
}

#[test]
fn maps_without_their_record_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    assert_eq!(run(&["scan", "--model", "b-l", "--grid", "40x60", "--out", out, "-q"]).status, 0);
    // What nobody else excludes, of all that the map does.
    let new = |overlay: &str| {
        let fixed = ["new-territory", "--model", "b-l", "--others", "none", "--masses", "30", "--format", "json"];
        let found = json(&succeed(&[&fixed[..], &["--overlay", overlay]].concat()))[0].clone();
        found["new_decades2"].as_f64().unwrap() / found["excluded_decades2"].as_f64().unwrap()
    };
    assert!(new(out) < 1e-3);
    fs::remove_file(folder.path().join("run.json")).unwrap();
    for (format, ending) in [("darkcast", ".lmt"), ("axionlimits", ".txt"), ("grid", ".txt"), ("hepdata", "s.yaml")] {
        succeed(&["export", out, "--format", format, "-q"]);
        let files = with_ending(&folder.path().join(format), ending);
        let [file] = &files[..] else { panic!("{format}: {files:?}") };
        let found = new(file.to_str().unwrap());
        assert!(found < 1e-3, "{format}: {found} of what the map excludes is missing");
    }
}

#[test]
fn expectations_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let scan = ["scan", "--model", "b-l", "--data", "lar", "--grid", "40x60", "--asimov", "--out", out, "-q"];
    assert_eq!(run(&scan).status, 0);
    succeed(&["export", out, "--format", "hepdata", "-q"]);
    for name in ["contour", "excluded_intervals"] {
        let path = folder.path().join(format!("hepdata/{name}.yaml"));
        let read = read(path.to_str().unwrap(), &Model::named("b-l").unwrap()).unwrap();
        assert!(!read.limit.outlines.is_empty());
        assert!(read.notes.iter().any(|note| note.contains("its limits are expected ones")), "{:?}", read.notes);
    }
}

const FORMATS: [&str; 5] = ["", "hepdata", "darkcast", "axionlimits", "grid"];

#[test]
fn every_format_for_every_model() {
    for name in Model::names() {
        // Masses at which models with strips have them.
        let plane = ["--grid", "60x120", "--mass", "1MeV:10GeV"];
        let (statement, _) = reads_back(name, &plane, &FORMATS);
        assert_eq!(statement.side, Side::RightOfLines);
    }
    // Each mass counts from its own minimum, far above the plane's at some.
    reads_back("universal", &["--grid", "60x120", "--data", "csi", "--dof", "1"], &FORMATS);
}

#[test]
fn every_format_where_the_smallest_couplings_are_excluded() {
    for (name, mass, coupling) in [
        // Excluded at every mass, with a strip that crosses.
        ("universal", "300:400", "3e-4:1e-1"),
        ("universal", "1000:1300", "1.2e-3:1e-1"),
        ("by+lmu+ltau", "300:400", "5e-4:1e-1"),
        ("lmu-ltau", "1000:1300", "4e-2:1"),
        // At the light masses only, and where a strip leaves through the border.
        ("universal", "10:1000", "2e-4:1e-2"),
        ("b-l", "1:1000", "1e-4:1e-1"),
        ("by+lmu+ltau", "10:3000", "1e-3:1e-2"),
        ("scalar", "1:1000", "1e-4:1e-1"),
    ] {
        let plane = ["--grid", "60x120", "--mass", mass, "--coupling", coupling];
        let (_, map) = reads_back(name, &plane, &FORMATS);
        let level = map.level_at(0);
        assert!(map.chi2.chunks(map.plane.coupling.len()).any(|row| row[0] > level), "{name} {plane:?}: no such plane");
    }
}

#[test]
fn every_model_on_many_planes() {
    for name in Model::names() {
        for mass in ["1:30", "100:3000"] {
            for coupling in ["1e-6:1e-4", "1e-4:1e-2", "3e-3:1"] {
                reads_back(name, &["--grid", "30x50", "--mass", mass, "--coupling", coupling], &[""]);
            }
        }
    }
}

#[test]
fn maps_without_lines_say_so() {
    let plane = ["--grid", "20x20", "--mass", "1:10", "--coupling", "1e-2:1e-1"];
    let (statement, _) = reads_back("b-l", &plane, &FORMATS);
    assert_eq!(statement.side, Side::Everything);
    let plane = ["--grid", "20x20", "--mass", "1:10", "--coupling", "1e-9:1e-8"];
    let (statement, _) = reads_back("b-l", &plane, &["", "grid"]);
    assert_eq!(statement.side, Side::Nothing);
}

/// A made-up map: waves over the plane, on a grid that resolves them.
fn field() -> impl Strategy<Value = (usize, usize, Vec<f64>)> {
    let wave = (-1.0..1.0, 0.0..5.0, 0.0..5.0, 0.0..std::f64::consts::TAU);
    (2usize..14, 2usize..14, proptest::collection::vec(wave, 1..5), -0.8..0.8).prop_map(|(nx, ny, waves, shift)| {
        let at = |x: f64, y: f64| {
            waves
                .iter()
                .map(|(height, a, b, phase): &(f64, f64, f64, f64)| height * (a * x + b * y + phase).sin())
                .sum::<f64>()
        };
        let place = |i: usize, n: usize| i as f64 / (n - 1) as f64;
        let values = (0..nx * ny).map(|k| shift + at(place(k / ny, nx), place(k % ny, ny)));
        (nx, ny, values.collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn made_up_maps_read_back_point_by_point((nx, ny, values) in field()) {
        let axis = |n: usize, low: f64| (0..n).map(|i| low * 1.7f64.powi(i as i32)).collect::<Vec<f64>>();
        let (masses, couplings) = (axis(nx, 3.0), axis(ny, 1e-4));
        let border = Border::new(&masses, &couplings, &values, &Minima::Plane(-1.0), 1.0);
        let text = write_contour(&border.lines().unwrap(), &border, nx % 2 == 1);
        let curve = parse("contour.csv", &text, &[], &Model::named("b-l").unwrap());
        let curve = curve.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
        for (i, mass) in masses.iter().enumerate() {
            // Beside the mass, where the map's own points have no two sides.
            let beside = mass * if i + 1 == nx { 1.0 - 1e-10 } else { 1.0 + 1e-10 };
            let excluded = curve.limit.excluded_at(beside);
            for (j, coupling) in couplings.iter().enumerate() {
                let value = values[i * ny + j];
                // A line may run through the point itself.
                if value.abs() < 1e-6 {
                    continue;
                }
                let found = excluded.iter().any(|(low, high)| low * (1.0 - 1e-9) <= *coupling && *coupling <= high * (1.0 + 1e-9));
                prop_assert_eq!(found, value > 0.0, "{} {}: {:?}\n{}", mass, coupling, excluded, text);
            }
        }
        // With the sides exchanged it does not: the test can fail.
        let everything = text.replace("right of each line", "above");
        if everything != text && values.iter().step_by(ny).any(|lowest| *lowest > 0.0) {
            let other = parse("contour.csv", &everything, &[], &Model::named("b-l").unwrap());
            prop_assert!(other.is_err() || other.unwrap().limit.outlines != curve.limit.outlines);
        }
    }
}

#[test]
fn lines_that_contradict_one_another_are_refused() {
    let b_l = Model::named("b-l").unwrap();
    let window = "# window: mass 1:100 MeV coupling 1e-5:1\n";
    let rows = |second: &str| format!("line,mass_mev,coupling\n0,1,1e-4\n0,100,1e-4\n{second}");
    let told =
        |text: String| parse("c.csv", &text, &[], &b_l).map(|curve| curve.limit.outlines).unwrap_err().to_string();
    let right = "# excluded: right of each line\n";
    let twice = rows("1,1,1e-2\n1,100,1e-2\n");
    assert!(told(format!("{right}{window}{twice}")).contains("c.csv:6: excluded side of a contour's line"));
    assert!(parse("c.csv", &format!("{right}{window}{}", rows("1,100,1e-2\n1,1,1e-2\n")), &[], &b_l).is_ok());
    assert!(told(rows("")).contains("'excluded' is missing"));
    assert!(told(format!("{right}{}", rows(""))).contains("'window' is missing"));
    assert!(told(format!("{right}{window}{}", rows("1,2,1e-3\n1,3,1e-3\n"))).contains("end of a contour's line"));
    assert!(told(format!("{right}{window}{}", rows("0,100,2\n"))).contains("in the window"));
    assert!(told("# excluded: everything\nline,mass_mev,coupling\n".to_owned()).contains("'window' is missing"));
    assert!(told(format!("# excluded: nothing\n{}", rows(""))).contains("'excluded' of a file with rows"));
    assert!(told(format!("# excluded: right of each line, but for gaps\n{window}{}", rows(""))).contains("gaps"));
    // What means nothing for the form of the file is no setting that is passed over.
    for (side, rows) in [
        ("delta_chi2 > 6", "# mass: MeV\n1 1e-4\n2 1e-4\n"),
        ("right of each line", "# mass: MeV\n1 1e-4\n2 1e-4\n"),
        ("below", "# mass: MeV\n# columns: mass lower upper\n1 1e-4 1e-3\n2 1e-4 1e-3\n"),
        ("above", "# mass: MeV\n# columns: mass coupling r\n1 1e-4 2\n1 1e-3 0.1\n"),
    ] {
        assert!(
            told(format!("# excluded: {side}\n{rows}")).contains("'excluded' is of another form of file"),
            "{side}"
        );
    }
}
