//! Interpolated maps against maps that are minimised at each point: the contract, strips and islands, and bytes that depend
//! on the plane alone.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::contour::Field;
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Map, Plane, Settings, Unobserved, scan};

/// Where Delta chi2 < 50 a chi2 is within this of the minimised one ...
const NEAR: f64 = 1e-8;
/// ... and within this elsewhere, relative to a thousandth of chi2 above 1,000.
const FAR: f64 = 1e-6;

fn map(analysis: &Analysis, plane: &Plane, device: Device, tile_rows: Option<usize>) -> Map {
    let settings = Settings { device, tile_rows, delta_chi2: 6.18007, minimum: Minimum::Plane };
    scan(analysis, plane.clone(), settings, &Unobserved).unwrap()
}

/// Largest differences where Delta chi2 < 50 and elsewhere.
fn differences(interpolated: &Map, minimised: &Map) -> (f64, f64) {
    let pairs = interpolated.chi2.iter().zip(&minimised.chi2);
    pairs.fold((0.0, 0.0), |(near, far): (f64, f64), (own, truth)| {
        let difference = (own - truth).abs();
        match truth - minimised.best_fit.chi2 < 50.0 {
            true => (near.max(difference), far),
            false => (near, far.max(difference / (truth / 1e3).max(1.0))),
        }
    })
}

/// Lines of the contour by what they are: closed ones (islands and holes) and open ones, each with its number of points.
fn lines(map: &Map) -> Vec<(bool, usize)> {
    let field = Field::new(&map.plane.mass.values, &map.plane.coupling.values, &map.chi2).unwrap();
    field.level_lines(map.level_at(0)).iter().map(|line| (line.closed, line.points.len())).collect()
}

/// All eleven models: every point of an interpolated map is within the contract, and the contour has the same lines, point
/// for point, on the default plane as on grids so coarse that a strip is a few points wide.
#[test]
fn interpolated_maps_keep_the_contract_and_every_strip() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    for model in Model::all().unwrap() {
        let analysis = Analysis::new(&model, &experiments);
        for (grid, masses, couplings) in [
            ((301, 420), (0.1, 1e4), (1e-6, 1.0)),
            ((130, 517), (1.0, 1e5), (1e-5, 1e2)),
            ((517, 96), (0.1, 1e5), (1e-6, 1e-3)),
            ((200, 211), (30.0, 300.0), (1e-5, 1e-2)),
        ] {
            let plane = Plane::new(masses, couplings, grid, 2).unwrap();
            let (own, truth) =
                (map(&analysis, &plane, Device::Interpolated, None), map(&analysis, &plane, Device::Cpu, None));
            let (near, far) = differences(&own, &truth);
            let certificate = own.interpolation.as_ref().unwrap();
            println!("{:12} {grid:?}: {near:.1e} near, {far:.1e} far; {certificate:?}", model.name);
            assert!(near <= NEAR && far <= FAR, "{} {grid:?}: {near:e} {far:e}", model.name);
            assert_eq!(own.status, truth.status);
            assert_eq!(lines(&own), lines(&truth), "{} {grid:?}", model.name);
            assert!(certificate.complaint().is_none() && certificate.points >= 1000);
            assert!(certificate.next_to_contour > 0 || lines(&truth).is_empty());
        }
    }
}

/// Neither tiles nor threads change a bit.
#[test]
fn the_plane_alone_decides_every_bit() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    let plane = Plane::new((0.1, 1e4), (1e-6, 1.0), (430, 333), 2).unwrap();
    let bits = |map: &Map| -> Vec<u64> {
        let single = map.chi2_by_dataset.iter().flat_map(|(_, chi2)| chi2);
        map.chi2.iter().chain(single).map(|chi2| chi2.to_bits()).collect()
    };
    let whole = bits(&map(&analysis, &plane, Device::Interpolated, None));
    for (threads, tile_rows) in [(1, Some(100)), (2, Some(37)), (3, None)] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let own = pool.install(|| map(&analysis, &plane, Device::Interpolated, tile_rows));
        assert!(bits(&own) == whole, "{threads} threads, tiles of {tile_rows:?} rows");
    }
}
