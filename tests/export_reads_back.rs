//! What `export` and `scan` write of an excluded region reads back as a limit of others with the same region, for every
//! model and every format.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::fs;
use std::fs::File;
use std::path::{Path, PathBuf};

use cevscan::base::contour::Field;
use cevscan::base::contour::pieces::pieces;
use cevscan::others::recast::KnownLimit;
use cevscan::others::recast::known::{union, without};
use cevscan::others::recast::overlay_file::read;
use cevscan::output::{SavedMap, read_map};
use cevscan::physics::model::Model;
use cli_support::{run, succeed};

type Intervals = Vec<(f64, f64)>;

/// Ends that went through text.
const ROUNDING: f64 = 1e-6;
/// Contours follow the cells of the map, pieces its masses: so far apart in all, relatively, on a coarse grid.
const CELLS: f64 = 0.02;

/// Between the masses of a map: away from where pieces begin and end.
fn masses(map: &SavedMap) -> Vec<f64> {
    map.mass_mev.windows(2).map(|pair| (pair[0] * pair[1]).sqrt()).collect()
}

/// What some files exclude at some masses, within the couplings of the map.
fn excluded(files: &[PathBuf], model: &Model, map: &SavedMap) -> Vec<Intervals> {
    let limits: Vec<KnownLimit> = files
        .iter()
        .map(|file| {
            let curve = read(file.to_str().unwrap(), model).unwrap();
            assert!(
                curve.notes.iter().all(|note| note.contains("excludes nothing") || note.contains("contour")),
                "{:?}",
                curve.notes
            );
            curve.limit
        })
        .collect();
    at_masses(&limits, map)
}

fn at_masses(limits: &[KnownLimit], map: &SavedMap) -> Vec<Intervals> {
    let ends = (map.coupling[0], *map.coupling.last().unwrap());
    let at = |mass: &f64| {
        let all = limits.iter().flat_map(|limit| limit.excluded_at(*mass));
        union(all.map(|(low, high)| (low.max(ends.0), high.min(ends.1))).collect())
    };
    masses(map).iter().map(at).collect()
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

#[test]
fn every_format_for_every_model() {
    for name in Model::names() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        // Masses at which models with strips have them.
        let scan = ["scan", "--model", name, "--grid", "60x120", "--mass", "1MeV:10GeV", "--out", out, "-q"];
        assert_eq!(run(&scan).status, 0);
        let map = read_map(File::open(folder.path().join("map.npz")).unwrap(), "map.npz").unwrap();
        let model = Model::named(name).unwrap();
        let spans = Field::new(&map.mass_mev, &map.coupling, &map.chi2).unwrap().spans_above(map.level.unwrap());
        let outlines = pieces(&map.mass_mev, &spans)
            .iter()
            .map(|piece| {
                let lower = piece.rows.iter().map(|row| [row.mass_mev, row.low]);
                lower.chain(piece.rows.iter().rev().map(|row| [row.mass_mev, row.high])).collect()
            })
            .collect();
        let own = KnownLimit {
            name: "own".into(),
            label: "own".into(),
            reference: "own".into(),
            outlines,
            ..KnownLimit::default()
        };
        let expected = at_masses(&[own], &map);
        for (format, ending, tolerance) in [
            ("darkcast", ".lmt", ROUNDING),
            ("axionlimits", ".txt", ROUNDING),
            ("grid", ".txt", ROUNDING),
            ("hepdata", "intervals.yaml", ROUNDING),
            ("hepdata", "contour.yaml", CELLS),
            ("", "contour.csv", CELLS),
        ] {
            let below = folder.path().join(format);
            if !format.is_empty() && !below.exists() {
                succeed(&["export", out, "--format", format, "-q"]);
            }
            let files = with_ending(&below, ending);
            assert!(!files.is_empty(), "{format}{ending}");
            let found = excluded(&files, &model, &map);
            let (apart, all) = differences(&expected, &found);
            assert!(all > 10.0 && apart <= tolerance * all, "{name} {format} {ending}: {apart} of {all} decades");
        }
    }
}
