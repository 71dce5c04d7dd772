//! `cevscan export`. Tests that need Python are ignored without it: `hepdata-validate` of hepdata-validator
//! (`CEVSCAN_REQUIRE_HEPDATA=1` makes its absence a failure) and `python3` with numpy (`CEVSCAN_REQUIRE_NUMPY=1`).

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::OnceLock;

use cli_support::{check_failure, fail, help_is_pinned, names, run, succeed};
use libtest_mimic::{Arguments, Trial};
use ndarray::{Array0, Array1, Array2};
use ndarray_npy::NpzReader;
use tempfile::TempDir;

type Test = (&'static str, fn());

const TESTS: [Test; 8] = [
    ("help is pinned", || help_is_pinned(&["export"])),
    ("darkcast holds the excluded points and no other", darkcast_holds_the_region),
    ("AxionLimits has the same ends in eV", axion_limits_have_the_same_ends),
    ("HEPData has the same intervals and the contour", hepdata_has_intervals_and_contour),
    ("grid holds every point", grid_holds_every_point),
    ("a map without its record is exported without names", map_without_record),
    ("bad input is named", bad_input_is_named),
    ("pieces of another map are not left beside", leftovers_are_refused),
];

fn main() -> ExitCode {
    let trial = |(name, test): Test| {
        Trial::test(name, move || {
            test();
            Ok(())
        })
    };
    let gated = |test: Test, program: &str, arguments: &[&str], variable: &str| {
        let runs = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
        let required = std::env::var(variable).is_ok_and(|value| value == "1");
        trial(test).with_ignored_flag(!runs && !required)
    };
    let mut trials: Vec<Trial> = TESTS.into_iter().map(trial).collect();
    let hepdata = ("HEPData's validator takes the submission", hepdata_is_valid as fn());
    trials.push(gated(hepdata, "hepdata-validate", &["--help"], "CEVSCAN_REQUIRE_HEPDATA"));
    for test in [
        ("numpy reads the texts, and Python the note", python_reads as fn()),
        ("the README's lines read a map", readme_lines_read_a_map),
    ] {
        trials.push(gated(test, "python3", &["-c", "import numpy"], "CEVSCAN_REQUIRE_NUMPY"));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// A map with an allowed strip, made once.
fn map() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| scan(&["--model", "by+lmu+ltau", "--grid", "24x150", "--mass", "1MeV:10GeV"])).path()
}

fn scan(arguments: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = ["--quiet", "--out", folder.path().to_str().unwrap()];
    succeed(&[&["scan"][..], arguments, &out[..]].concat());
    folder
}

fn export(map: &Path, format: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (map, out) = (map.to_str().unwrap(), folder.path().to_str().unwrap());
    let written = succeed(&["export", map, "--format", format, "--out", out]);
    assert_eq!(written.lines().count(), names(folder.path()).len(), "{written}");
    assert!(written.lines().all(|line| Path::new(line).is_file()), "{written}");
    folder
}

/// Rows of numbers of a text; comments are left out.
fn rows(path: &Path) -> Vec<Vec<f64>> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_whitespace().map(|cell| cell.parse().unwrap()).collect()).collect()
}

/// Files of an ending, by name.
fn files(folder: &Path, ending: &str) -> Vec<std::path::PathBuf> {
    names(folder).iter().filter(|name| name.ends_with(ending)).map(|name| folder.join(name)).collect()
}

struct Saved {
    mass_mev: Array1<f64>,
    coupling: Array1<f64>,
    chi2: Array2<f64>,
    chi2_min: f64,
    level: f64,
}

fn saved() -> Saved {
    let mut npz = NpzReader::new(fs::File::open(map().join("map.npz")).unwrap()).unwrap();
    let mut scalar = |name: &str| -> f64 {
        let value: Array0<f64> = npz.by_name(name).unwrap();
        value.into_scalar()
    };
    let (chi2_min, level) = (scalar("chi2_min"), scalar("level"));
    Saved {
        mass_mev: npz.by_name("mass_mev").unwrap(),
        coupling: npz.by_name("coupling").unwrap(),
        chi2: npz.by_name("chi2").unwrap(),
        chi2_min,
        level,
    }
}

/// All rows (mass in MeV, lower, upper) of the darkcast files.
fn intervals() -> Vec<[f64; 3]> {
    let folder = export(map(), "darkcast");
    let all = files(folder.path(), ".lmt").iter().flat_map(|path| rows(path)).collect::<Vec<_>>();
    all.iter().map(|row| [row[0] * 1e3, row[1], row[2]]).collect()
}

fn near(a: f64, b: f64) -> bool {
    (a / b - 1.0).abs() < 1e-12
}

fn darkcast_holds_the_region() {
    let folder = export(map(), "darkcast");
    // One piece left of the strip's beginning, and one on either side of the strip.
    let stem = "cevscan_by-lmu-ltau_csi-lar_";
    let expected: Vec<String> = (1..=3).flat_map(|n| ["lmt", "py"].map(|end| format!("{stem}{n}.{end}"))).collect();
    assert_eq!(names(folder.path()), expected);
    let text = fs::read_to_string(folder.path().join(format!("{stem}2.lmt"))).unwrap();
    assert_eq!(text.lines().next().unwrap().split_whitespace().collect::<Vec<_>>(), ["#", "mass", "lower", "upper"]);
    let note = fs::read_to_string(folder.path().join(format!("{stem}2.py"))).unwrap();
    for words in ["Piece 2 of 3", "by+lmu+ltau", "95.45 % CL, 2 dof", "2202.11002", "_2.lmt", "cannot be recast"] {
        assert!(note.contains(words), "{note}");
    }
    let (saved, intervals) = (saved(), intervals());
    let mut masses_with_strip = 0;
    for (i, mass) in saved.mass_mev.iter().enumerate() {
        let here: Vec<&[f64; 3]> = intervals.iter().filter(|row| near(row[0], *mass)).collect();
        masses_with_strip += usize::from(here.len() == 2);
        for (j, coupling) in saved.coupling.iter().enumerate() {
            let inside = here.iter().any(|[_, low, high]| (low..=high).contains(&coupling));
            assert_eq!(inside, saved.chi2[(i, j)] > saved.level, "mass {mass} coupling {coupling}");
        }
    }
    assert!(masses_with_strip > 5, "{masses_with_strip}");
}

fn axion_limits_have_the_same_ends() {
    let folder = export(map(), "axionlimits");
    let texts = files(folder.path(), ".txt");
    assert_eq!(texts.len(), 3);
    let top = 1.0;
    let mut ends: Vec<[f64; 2]> = Vec::new();
    for path in &texts {
        let points = rows(path);
        let text = fs::read_to_string(path).unwrap();
        // Where nothing bounds a piece from above it is a curve to fill above, else an outline.
        let closed = points.first() == points.last();
        assert_eq!(text.contains("closed outline"), closed, "{text}");
        assert_eq!(text.contains("all above is excluded"), !closed, "{text}");
        ends.extend(points.iter().skip(usize::from(closed)).map(|row| [row[0] * 1e-6, row[1]]));
    }
    let expected: Vec<[f64; 2]> =
        intervals().iter().flat_map(|[mass, low, high]| [[*mass, *low], [*mass, *high]]).collect();
    let is_in = |point: &[f64; 2], others: &[[f64; 2]]| {
        others.iter().any(|other| near(other[0], point[0]) && near(other[1], point[1]))
    };
    assert!(ends.iter().all(|end| is_in(end, &expected)));
    assert!(expected.iter().filter(|end| end[1] < top).all(|end| is_in(end, &ends)));
}

/// The numbers of one column of a table, each a number to readers of YAML 1.1: with a point and a signed exponent.
fn column(yaml: &str, name: &str) -> Vec<f64> {
    let after = yaml.split_once(&format!("name: \"{name}")).unwrap().1.split_once("  values:\n").unwrap().1;
    let values = after.lines().map_while(|line| line.strip_prefix("  - value: "));
    let number = |text: &str| {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "+0"));
        assert!(mantissa.contains('.') && exponent.starts_with(['+', '-']), "{text} is a text to YAML 1.1");
        text.parse().unwrap()
    };
    values.map(number).collect()
}

fn hepdata_has_intervals_and_contour() {
    let folder = export(map(), "hepdata");
    assert_eq!(names(folder.path()), ["contour.yaml", "excluded_intervals.yaml", "submission.yaml"]);
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let table = read("excluded_intervals.yaml");
    for words in ["\"Confidence level\"\n    value: 9.54499736103641", "by+lmu+ltau: ", "COHERENT csi+lar"] {
        assert!(table.contains(words), "{}", &table[..2000]);
    }
    let (masses, low, high) = (column(&table, "Mediator mass"), column(&table, "Lower"), column(&table, "Upper"));
    assert!(masses.len() == low.len() && low.len() == high.len());
    // The intervals of the map itself: as many as runs of excluded points, and all among darkcast's, which cuts some.
    let saved = saved();
    let runs = saved.chi2.rows().into_iter().map(|row| {
        let excluded: Vec<bool> = row.iter().map(|chi2| *chi2 > saved.level).collect();
        (0..excluded.len()).filter(|j| excluded[*j] && (*j == 0 || !excluded[j - 1])).count()
    });
    assert_eq!(masses.len(), runs.sum::<usize>());
    let intervals = intervals();
    for ((mass, low), high) in masses.iter().zip(&low).zip(&high) {
        let is = |row: &&[f64; 3]| near(row[0], *mass) && row[1] == *low && row[2] == *high;
        assert!(intervals.iter().any(|row| is(&row)), "{mass} {low} {high}");
    }
    let contour = read("contour.yaml");
    let ours = column(&contour, "Line").into_iter().zip(column(&contour, "Mediator mass"));
    let ours: Vec<_> = ours.zip(column(&contour, "Coupling g")).map(|((line, mass), g)| [line, mass, g]).collect();
    let csv = fs::read_to_string(map().join("contour.csv")).unwrap();
    let numbers = |row: &str| -> Vec<f64> { row.split(',').map(|cell| cell.parse().unwrap()).collect() };
    let theirs: Vec<_> = csv.lines().skip(1).filter(|row| !row.starts_with('#')).map(numbers).collect();
    assert_eq!(ours.iter().map(|point| point.to_vec()).collect::<Vec<_>>(), theirs);
}

fn hepdata_is_valid() {
    let folder = export(map(), "hepdata");
    let check = || Command::new("hepdata-validate").arg("-d").arg(folder.path()).output().unwrap();
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let good = check();
    assert!(good.status.success() && said(&good).contains(" is valid."), "{}", said(&good));
    assert_eq!(said(&good).matches("is valid HEPData").count(), 3, "{}", said(&good));
    // It can refuse.
    fs::write(folder.path().join("contour.yaml"), "independent_variables: 1\n").unwrap();
    let bad = check();
    assert!(!said(&bad).contains(" is valid.\n") || !bad.status.success(), "{}", said(&bad));
}

fn grid_holds_every_point() {
    let folder = export(map(), "grid");
    assert_eq!(names(folder.path()), ["cevscan_by-lmu-ltau_csi-lar_delta_chi2.txt"]);
    let path = folder.path().join("cevscan_by-lmu-ltau_csi-lar_delta_chi2.txt");
    let (points, saved) = (rows(&path), saved());
    assert_eq!(points.len(), 24 * 150);
    // A blank line after each mass.
    assert_eq!(fs::read_to_string(&path).unwrap().matches("\n\n").count(), 24);
    for (point, ((i, j), chi2)) in points.iter().zip(saved.chi2.indexed_iter()) {
        assert_eq!(point[..], [saved.mass_mev[i], saved.coupling[j], chi2 - saved.chi2_min]);
    }
}

fn map_without_record() {
    let folder = tempfile::tempdir().unwrap();
    let npz = folder.path().join("mine.npz");
    fs::copy(map().join("map.npz"), &npz).unwrap();
    let said = run(&["export", npz.to_str().unwrap(), "--format", "hepdata"]);
    assert_eq!((said.status, said.stderr.lines().count()), (0, 1), "{}", said.stderr);
    assert!(said.stderr.starts_with("note: no run.json"), "{}", said.stderr);
    // Beside the map, in a folder that is named after the format.
    assert_eq!(names(&folder.path().join("hepdata")).len(), 3);
    let text = fs::read_to_string(folder.path().join("hepdata/submission.yaml")).unwrap();
    assert!(text.contains("model not recorded"), "{text}");
    let quiet = run(&["export", npz.to_str().unwrap(), "--format", "darkcast", "--quiet"]);
    assert_eq!((quiet.status, quiet.stdout.as_str(), quiet.stderr.as_str()), (0, "", ""));
    assert!(names(&folder.path().join("darkcast")).contains(&"cevscan_map_1.lmt".to_owned()));
}

fn bad_input_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let refused = |status: i32, words: &[&str]| fail(&["export", path, "--format", "grid"], status, words);
    refused(1, &["cannot read", "map.npz"]);
    fs::write(folder.path().join("map.npz"), "no archive").unwrap();
    refused(1, &["map.npz is no npz file"]);
    let whole = fs::read(map().join("map.npz")).unwrap();
    fs::write(folder.path().join("map.npz"), &whole[..whole.len() / 2]).unwrap();
    refused(1, &["map.npz is no npz file"]);
    fs::write(folder.path().join("map.npz"), &whole).unwrap();
    fs::write(folder.path().join("run.json"), "{\"level\": 1}").unwrap();
    refused(1, &["run.json is no record of a run", "program"]);
    let record = fs::read_to_string(map().join("run.json")).unwrap();
    fs::write(folder.path().join("run.json"), record.replacen("\"level\": 1", "\"level\": 2", 1)).unwrap();
    refused(1, &["run.json is no record of this map", "its level is 2"]);
    fs::write(folder.path().join("run.json"), record.replace("\"by+lmu+ltau\"", "\"../../b-l\"")).unwrap();
    refused(1, &["run.json is no record of a run", "\"../../b-l\" is no name"]);
    fail(&["export", path], 2, &["--format"]);
    fail(&["export", path, "--format", "root"], 2, &["root", "darkcast"]);
    // Couplings so small that nothing is excluded: a map, but no limit.
    let empty = scan(&["--model", "b-l", "--grid", "4x4", "--coupling", "1e-9:1e-8"]);
    let empty = empty.path().to_str().unwrap();
    for format in ["darkcast", "axionlimits", "hepdata"] {
        fail(&["export", empty, "--format", format], 2, &["excluded points"]);
    }
    succeed(&["export", empty, "--format", "grid"]);
}

fn leftovers_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let arguments = ["export", map().to_str().unwrap(), "--format", "axionlimits", "--out", out];
    succeed(&arguments);
    succeed(&arguments);
    fs::write(folder.path().join("cevscan_by-lmu-ltau_csi_9.txt"), "other data").unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    succeed(&arguments);
    fs::write(folder.path().join("cevscan_by-lmu-ltau_csi-lar_4.txt"), "1 1").unwrap();
    check_failure(&run(&arguments), "leftover", 2, &["without cevscan_by-lmu-ltau_csi-lar_4.txt"]);
}

/// What a script of Python prints, run in a folder.
fn python(folder: &Path, script: &str) -> String {
    let output = Command::new("python3").current_dir(folder).args(["-c", script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn python_reads() {
    for format in ["grid", "axionlimits", "darkcast"] {
        let folder = export(map(), format);
        let endings = if format == "darkcast" { ".lmt" } else { ".txt" };
        for path in files(folder.path(), endings) {
            let name = path.file_name().unwrap().to_str().unwrap();
            let shape = python(folder.path(), &format!("import numpy; print(*numpy.loadtxt('{name}').shape)"));
            let (rows, columns) = (rows(&path).len(), rows(&path)[0].len());
            assert_eq!(shape.trim(), format!("{rows} {columns}"), "{name}");
        }
        for path in files(folder.path(), ".py") {
            let name = path.file_name().unwrap().to_str().unwrap();
            // The note as Python: its names without darkcast, which need not be there.
            let script = format!(
                "import sys, types; sys.modules['darkcast'] = types.SimpleNamespace(Datasets=str)\n\
                 note = {{}}; exec(open('{name}').read(), note)\n\
                 print(note['bounds'], note['bibtex'].count('@'), len(note['notes']) > 200)"
            );
            let bounds = name.replace(".py", ".lmt");
            assert_eq!(python(folder.path(), &script).trim(), format!("{bounds} 10 True"));
        }
    }
}

fn readme_lines_read_a_map() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let lines = readme.split_once("```python\n").unwrap().1.split_once("```").unwrap().0;
    assert_eq!(lines.lines().count(), 3);
    let folder = tempfile::tempdir().unwrap();
    let scan = cli_support::cevscan()
        .args(["scan", "--model", "b-l", "--grid", "20x30", "--quiet"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(scan.status.success());
    let printed = python(folder.path(), &format!("{lines}\nprint(*excluded.shape, excluded.any(), excluded.all())"));
    assert_eq!(printed.trim(), "20 30 True False");
}
