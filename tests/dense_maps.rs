//! Dense maps, whose points are mostly interpolated, against the scalar minimiser from its own starts, dataset by dataset.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::time::Instant;

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::scan::{Device, Map, Plane, Settings, Unobserved, scan};
use cevscan::statistics::Status;

/// Where Delta chi2 < 50 a chi2 is within this of the reference ...
const NEAR: f64 = 1e-8;
/// ... and within this elsewhere, relative to a thousandth of chi2 above 1,000.
const FAR: f64 = 1e-6;
/// Two minima nearer than this in chi2 are one to the reference, which then looks for no lower one.
const GRID: (usize, usize) = (97, 500);
/// Points of a map that are compared: half of them anywhere, half where Delta chi2 is between 2 and 1,000.
const POINTS: usize = 400;

fn map(analysis: &Analysis) -> Map {
    let plane = Plane::new((2.0, 200.0), (1e-6, 1.0), GRID, 2).unwrap();
    let settings =
        Settings { device: Device::Interpolated, tile_rows: None, delta_chi2: 6.18007, minimum: Minimum::Plane };
    scan(analysis, plane, settings, &Unobserved).unwrap()
}

/// Points to compare, chosen by a generator of their own.
fn chosen(map: &Map, random: &mut fastrand::Rng) -> Vec<usize> {
    let steep: Vec<usize> =
        (0..map.chi2.len()).filter(|point| (2.0..1e3).contains(&(map.chi2[*point] - map.best_fit.chi2))).collect();
    let mut points: Vec<usize> = (0..POINTS / 2).map(|_| random.usize(..map.chi2.len())).collect();
    points.extend((0..POINTS / 2).map(|_| steep[random.usize(..steep.len())]));
    points
}

/// Compares maps of some models, each dataset alone; returns what is out of contract, one line a point.
fn compare(data: &str, models: &[Model]) -> Vec<String> {
    let experiments = Experiment::parse_list(data).unwrap();
    let mut random = fastrand::Rng::with_seed(15);
    let mut broken = Vec::new();
    for model in models {
        let analysis = Analysis::new(model, &experiments);
        let started = Instant::now();
        let map = map(&analysis);
        let made = started.elapsed();
        let mut scratch = analysis.scratch();
        let (mut near, mut far) = (0.0_f64, 0.0_f64);
        for point in chosen(&map, &mut random) {
            let (row, column) = (point / GRID.1, point % GRID.1);
            let (mass_mev, coupling) = (map.plane.mass.values[row], map.plane.coupling.values[column]);
            let reference =
                analysis.total(analysis.at_mass(mass_mev).profiles(coupling, &mut scratch).iter().map(|p| p.chi2));
            let difference = map.chi2[point] - reference;
            let is_near = reference - map.best_fit.chi2 < 50.0;
            let size = difference.abs() / if is_near { 1.0 } else { (reference / 1e3).max(1.0) };
            if size <= if is_near { NEAR } else { FAR } {
                if is_near { near = near.max(size) } else { far = far.max(size) }
            } else {
                broken.push(format!("{} {mass_mev} MeV {coupling}: {} {reference}", model.name, map.chi2[point]));
            }
        }
        println!(
            "{data} {:12}: {near:.1e} near, {far:.1e} far; {:.2} s of map, {:.2} s of reference",
            model.name,
            made.as_secs_f64(),
            (started.elapsed() - made).as_secs_f64()
        );
    }
    broken
}

#[test]
fn dense_maps_are_the_reference() {
    let all = Model::all().unwrap();
    for data in ["xenonnt", "csi-full", "csi+lar"] {
        let broken = compare(data, &all);
        assert!(broken.is_empty(), "{data}:\n{}", broken.join("\n"));
    }
}
