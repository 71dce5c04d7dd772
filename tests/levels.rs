//! Bounds count from the minimum that the level names: that of the plane, or at each mass its own.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::{
    HIGH_MASS_MEV, LOW_MASS_MEV, Level, Minimum, Regime, best_at_mass, best_fit, minima_at_masses, published,
};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::grid::Axis;
use cevscan::physics::model::Model;
use cevscan::scan::{Device, Map, Plane, Settings, Unobserved, dataset_levels, scan};

/// The bound that `limits` prints at 0.1 MeV.
fn low(model: &str, data: &str, level: &Level) -> f64 {
    let (model, experiments) = (Model::named(model).unwrap(), Experiment::parse_list(data).unwrap());
    let analysis = Analysis::new(&model, &experiments);
    let best = best_fit(&analysis).unwrap();
    let edge = published(&model.name, data, Regime::Low).map_or(1, |row| row.edge);
    level.bound(&analysis, &best, LOW_MASS_MEV).unwrap().edge(edge).unwrap()
}

/// Bounds from the minimum at 0.1 MeV and from that of the plane, by an independent calculation with the same recipe. The
/// minimum of the plane is the smaller one, so that its bounds are the stronger.
const CASES: [(&str, &str, f64, f64); 4] = [
    ("universal", "csi+lar", 1.740e-5, 1.343e-5),
    ("by+lmu+ltau", "csi+lar", 3.671e-5, 3.099e-5),
    ("lmu-ltau", "csi", 9.765e-4, 8.01e-4),
    ("universal", "csi", 1.987e-5, 1.418e-5),
];
/// They are quoted to three or four digits.
const QUOTED: f64 = 1e-3;

#[test]
fn one_parameter_counts_from_the_minimum_at_its_mass() {
    let (at_mass, in_plane) = (Level::new(0.9, 1, None).unwrap(), Level::new(0.9, 1, Some(Minimum::Plane)).unwrap());
    assert_eq!(at_mass.minimum, Minimum::Mass);
    for (model, data, own, plane) in CASES {
        let found = [low(model, data, &at_mass), low(model, data, &in_plane)];
        for (found, expected) in found.into_iter().zip([own, plane]) {
            assert!((found / expected - 1.0).abs() < QUOTED, "{model} {data}: {found:e}, expected {expected:e}");
        }
    }
}

#[test]
fn minima_at_a_mass_are_below_all_couplings_and_the_standard_model() {
    for name in ["universal", "by+lmu+ltau", "lmu-ltau", "scalar"] {
        let (model, experiments) = (Model::named(name).unwrap(), Experiment::parse_list("csi+lar").unwrap());
        let analysis = Analysis::new(&model, &experiments);
        let masses = [0.1, 3.0, 50.0, 1e3, 1e5];
        let minima = minima_at_masses(&analysis, &masses).unwrap();
        let best = best_fit(&analysis).unwrap();
        for (mass_mev, minimum) in masses.into_iter().zip(minima) {
            let found = best_at_mass(&analysis, mass_mev).unwrap();
            assert_eq!((found.chi2, found.mass_mev), (minimum, mass_mev));
            assert!(minimum >= best.chi2 - 1e-3, "{name}: {minimum} is below the plane's {}", best.chi2);
            let curve = analysis.at_mass(mass_mev);
            let mut work = analysis.scratch();
            let standard = curve.chi2(0.0, &mut work).unwrap();
            assert!(minimum <= standard, "{name} {mass_mev}: g = 0 counts");
            // A grid a hundred times finer than a map's around the natural coupling.
            let natural = curve.natural_coupling();
            let couplings: Vec<f64> = (0..4000).map(|i| natural * 10f64.powf(f64::from(i) / 1000.0 - 2.0)).collect();
            let row = curve.chi2_row(&couplings, &mut analysis.scratch()).unwrap();
            let lowest = row.into_iter().fold(f64::INFINITY, f64::min);
            assert!(minimum <= lowest + 1e-6, "{name} {mass_mev}: {minimum}, but {lowest} on a fine grid");
            // A step across a strip changes the counts by 1 %, and hides a few thousandths of chi2.
            assert!(minimum >= lowest.min(standard) - 1e-2, "{name} {mass_mev}: {minimum} far below {lowest}");
        }
    }
}

fn map(analysis: &Analysis, level: &Level, grid: (usize, usize)) -> Map {
    let plane = Plane {
        mass: Axis::logarithmic("mass", "MeV", (LOW_MASS_MEV, HIGH_MASS_MEV), grid.0).unwrap(),
        coupling: Axis::logarithmic("coupling", "", (1e-6, 10.0), grid.1).unwrap(),
    };
    let settings =
        Settings { device: Device::Cpu, tile_rows: None, delta_chi2: level.delta_chi2, minimum: level.minimum };
    scan(analysis, plane, settings, &Unobserved).unwrap()
}

#[test]
fn the_border_of_a_map_is_where_the_bounds_are() {
    // Valleys and the plane's best fit lie between the points of so coarse a grid: its own minima would be too high.
    let level = Level::new(0.9, 1, None).unwrap();
    let (model, experiments) = (Model::named("universal").unwrap(), Experiment::parse_list("csi+lar").unwrap());
    let analysis = Analysis::new(&model, &experiments);
    let map = map(&analysis, &level, (7, 500));
    let spans = map.border().spans().unwrap();
    for (row, (mass_mev, spans)) in map.plane.mass.values.iter().zip(&spans).enumerate() {
        let bound = level.bound(&analysis, &map.best_fit, *mass_mev).unwrap();
        assert!((map.level_at(row) - bound.level).abs() < 1e-9, "{} {}", map.level_at(row), bound.level);
        let (ours, theirs) = (spans[0].low, bound.edge(1).unwrap());
        // Linear between couplings 3.2 % apart.
        assert!((ours / theirs - 1.0).abs() < 3e-3, "{mass_mev} MeV: {ours:e} in the map, {theirs:e} by its chi2");
    }
    // Each dataset counts from its own.
    for dataset in dataset_levels(&analysis, &map).unwrap() {
        let alone = Experiment::parse_list(&dataset.name).unwrap();
        let alone = Analysis::new(&model, &alone);
        for row in [0, 3, 6] {
            let own = best_at_mass(&alone, map.plane.mass.values[row]).unwrap().chi2;
            assert_eq!(dataset.minima.at(row), own, "{} {row}", dataset.name);
        }
    }
}

#[test]
fn another_minimum_changes_no_chi2() {
    let (model, experiments) = (Model::named("b-l").unwrap(), Experiment::parse_list("lar").unwrap());
    let analysis = Analysis::new(&model, &experiments);
    let levels = [Minimum::Plane, Minimum::Mass].map(|minimum| Level::new(0.9, 1, Some(minimum)).unwrap());
    let [mut plane, own] = levels.map(|level| map(&analysis, &level, (5, 60)));
    assert_eq!((&plane.chi2, plane.best_fit), (&own.chi2, own.best_fit));
    plane.count_from(Minimum::Mass, &analysis).unwrap();
    assert_eq!(plane, own);
    plane.count_from(Minimum::Plane, &analysis).unwrap();
    assert_eq!(plane.minimum_at_mass, None);
}
