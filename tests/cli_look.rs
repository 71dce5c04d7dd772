//! How pictures of maps are printed, several maps in one picture, and maps as overlays.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cli_support::{fail, names, run, succeed};

struct Maps {
    _folder: tempfile::TempDir,
    both: PathBuf,
    csi: PathBuf,
    expected: PathBuf,
}

fn maps() -> &'static Maps {
    static MAPS: OnceLock<Maps> = OnceLock::new();
    MAPS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, more: &[&str]| {
            let out = folder.path().join(name);
            let scan = ["scan", "-q", "--model", "by+lmu+ltau", "--grid", "40x40", "--engine", "cpu", "--out"];
            succeed(&[&scan[..], &[out.to_str().unwrap()], more].concat());
            out
        };
        let both = make("both", &[]);
        let csi = make("csi", &["--data", "csi", "--coupling", "1e-5:1e-1"]);
        let expected = make("expected", &["--data", "csi", "--asimov"]);
        Maps { both, csi, expected, _folder: folder }
    })
}

/// The picture of a map with flags, and its script.
fn plot(map: &Path, more: &[&str]) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    succeed(&[&["plot", "-q", map.to_str().unwrap(), "--out", folder.path().to_str().unwrap()], more].concat());
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    (read("map.svg"), read("map.py"))
}

/// An attribute of the whole drawing.
fn attribute(svg: &str, name: &str) -> f64 {
    let head = &svg[..svg.find('>').unwrap()];
    let value = head.split(&format!(" {name}=\"")).nth(1).unwrap();
    value.split('"').next().unwrap().parse().unwrap()
}

#[test]
fn pictures_have_the_width_and_the_letters_that_were_asked_for() {
    let map = &maps().both;
    let (usual, _) = plot(map, &[]);
    // Two and a half screen pixels are a point of print.
    assert!((attribute(&usual, "width") / 2.5 / 72.0 * 25.4 - 85.0).abs() < 0.05);
    for (width, mm) in [("86mm", 86.0), ("17.2cm", 172.0), ("5in", 127.0), ("250pt", 250.0 / 72.0 * 25.4)] {
        let (svg, script) = plot(map, &["--width", width]);
        assert!((attribute(&svg, "width") / 2.5 / 72.0 * 25.4 - mm).abs() < 0.02, "{width}");
        assert!(script.contains("size, scale = ("), "{script}");
    }
    // Twice the letters in the same width: the layout has half the width.
    let (large, script) = plot(map, &["--width", "120mm", "--font-size", "16"]);
    let box_width: f64 = large.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((box_width * 2.0 / 72.0 * 25.4 - 120.0).abs() < 0.1, "{box_width}");
    assert!(script.contains("), 2  # in inches"), "{script}");
    for (flags, words) in [
        (["--width", "86"], "its unit"),
        (["--width", "1mm"], "from 3cm to 1m"),
        (["--width", "heavy"], "'heavy'"),
        (["--font-size", "0"], "from 3 to 72 points"),
        (["--axis", "mas=1:10"], "did you mean 'mass'?"),
        (["--axis", "mass=10:1"], "LOW below HIGH"),
        (["--palette", "rainbow"], "okabe-ito"),
    ] {
        fail(&[&["plot", map.to_str().unwrap()], &flags[..]].concat(), 2, &[words]);
    }
}

#[test]
fn palettes_captions_stars_and_axes() {
    let map = &maps().both;
    let colours = |svg: &str| -> Vec<String> {
        svg.split("\"#").skip(1).map(|rest| rest[..6].to_owned()).filter(|colour| colour.is_ascii()).collect()
    };
    let (usual, _) = plot(map, &[]);
    assert!(colours(&usual).iter().any(|colour| colour == "0072b2") && usual.contains("best fit"));
    let (grey, script) = plot(map, &["--palette", "grey"]);
    assert!(colours(&grey).iter().all(|colour| colour[..2] == colour[2..4] && colour[..2] == colour[4..]), "{grey}");
    assert!(!script.contains("#0072b2"));
    let (bright, _) = plot(map, &["--palette", "bright"]);
    assert!(colours(&bright).iter().any(|colour| colour == "4477aa"));
    let (bare, _) = plot(map, &["--no-best-fit", "--others", "computed", "--no-caption"]);
    assert!(!bare.contains("best fit") && !bare.contains("Limits of"), "{bare}");
    let (captioned, _) = plot(map, &["--others", "computed"]);
    assert!(captioned.len() > bare.len());
    let (_, script) = plot(map, &["--axis", "mass=1:1GeV", "--axis", "coupling=1e-5:1e-2"]);
    assert!(script.contains("x_range = ") && script.contains("\"log\", (1, 1000)"), "{script}");
    assert!(script.contains("(1e-5, 0.01)"), "{script}");
    let (named, _) = plot(map, &["--label", "this work"]);
    assert!(named.contains("this work") && !named.contains("CsI + Ar"), "{named}");
    let (muon, _) = plot(map, &["--g-2"]);
    let (other, _) = plot(map, &["--g-2=2025"]);
    assert!(muon.contains("Band: ") && !usual.contains("Band: ") && muon != other, "{muon}");
}

/// A best fit that nothing prefers is drawn open and says so: that of data in which the expectation stands in is left out.
#[test]
fn best_fits_that_mean_nothing_are_open() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = [0, 0];
    for model in ["b-l", "universal", "by+lmu+ltau", "scalar"] {
        let out = folder.path().join(model);
        let out = out.to_str().unwrap();
        let scan = ["scan", "-q", "--model", model, "--mass", "0.1:1e5", "--coupling", "1e-7:1", "--grid", "12x12"];
        succeed(&[&scan[..], &["--engine", "cpu", "--out", out]].concat());
        let svg = fs::read_to_string(format!("{out}/map.svg")).unwrap();
        let limits =
            cli_support::json(&succeed(&["limits", "-q", "--model", model, "--data", "csi+lar", "--format", "json"]));
        let standard = ["point", "--model", model, "--mass", "1", "--coupling", "0", "--format", "json"];
        let standard = cli_support::json(&succeed(&standard))["chi2"].as_f64().unwrap();
        let means_nothing = standard - limits[0]["chi2_min"].as_f64().unwrap() < 1.0;
        if svg.contains("best fit") {
            assert_eq!(svg.contains("no preference"), means_nothing, "{model}");
            seen[usize::from(means_nothing)] += 1;
        }
    }
    assert!(seen[0] + seen[1] > 0, "{seen:?}");
}

#[test]
fn several_maps_share_a_picture() {
    let Maps { both, csi, expected, .. } = maps();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().to_str().unwrap();
    let paths = [both, csi, expected].map(|map| map.to_str().unwrap());
    let said = succeed(&[&["plot"], &paths[..], &["--out", out]].concat());
    assert!(said.starts_with("written     ") && said.lines().count() == 5, "{said}");
    assert_eq!(names(folder.path()), ["csv", "pdf", "png", "py", "svg"].map(|ending| format!("maps.{ending}")));
    let svg = fs::read_to_string(folder.path().join("maps.svg")).unwrap();
    // Named by what tells them apart.
    assert!(svg.contains("CsI + Ar") && svg.contains("CsI, expected"), "{svg}");
    // Each has a look of its own.
    for look in ["#0072b2", "#d55e00", "#009e73"] {
        assert!(svg.contains(&format!("stroke=\"{look}\"")), "{look}");
    }
    // The lines are those of the maps.
    let csv = fs::read_to_string(folder.path().join("maps.csv")).unwrap();
    let contour = fs::read_to_string(csi.join("contour.csv")).unwrap();
    let first = contour.lines().find(|line| line.starts_with("0,")).unwrap();
    let [mass, coupling] = [1, 2].map(|k| first.split(',').nth(k).unwrap().parse::<f64>().unwrap());
    let is_it = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let number = |cell: &str| cell.parse::<f64>().unwrap_or(f64::NAN);
        cells[1].starts_with("2 ") && number(cells[3]) == mass && number(cells[4]) == coupling
    };
    assert!(csv.lines().skip(1).any(is_it), "{csv}");
    let labels = ["--label", "one", "--label", "two", "--label", "three", "--palette", "grey"];
    succeed(&[&["plot", "-q"], &paths[..], &["--out", out], &labels].concat());
    let named = fs::read_to_string(folder.path().join("maps.svg")).unwrap();
    assert!(["one", "two", "three"].iter().all(|label| named.contains(&format!(">{label}<"))), "{named}");
    let level = ["--confidence", "0.9", "--dof", "1"];
    succeed(&[&["plot", "-q"], &paths[..], &["--out", out], &level].concat());
    assert_ne!(fs::read_to_string(folder.path().join("maps.svg")).unwrap(), svg);

    fail(&[&["plot"], &paths[..]].concat(), 2, &["--out is not given"]);
    fail(
        &[&["plot"], &paths[..], &["--out", out, "--label", "one"]].concat(),
        2,
        &["number of --label is 1", "3, one"],
    );
    fail(&[&["plot"], &paths[..], &["--out", out, "--g-2"]].concat(), 2, &["--g-2", "of one map"]);
}

/// A map is an overlay as its contour is.
#[test]
fn maps_are_overlays() {
    let Maps { both, csi, .. } = maps();
    let contour = csi.join("contour.csv");
    let pictures = [csi.to_path_buf(), csi.join("map.npz"), contour].map(|path| {
        let overlay = format!("{},label=before,reference=ours", path.display());
        plot(both, &["--overlay", &overlay, "--shade-new"]).1
    });
    assert!(pictures[0].contains("before"), "{}", pictures[0]);
    assert!(pictures[0] == pictures[1] && pictures[0] == pictures[2]);
    let none = run(&["plot", both.to_str().unwrap(), "--overlay", "/nonexistent/map.npz"]);
    assert!(none.status != 0 && none.stderr.contains("/nonexistent"), "{}", none.stderr);
}
