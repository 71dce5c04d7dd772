//! Numbers of the paper and of the recipe that reproduces it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Minimum, Regime, best_fit, bound, published};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::scan::{Device, Plane, Settings, Unobserved, scan};
use cevscan::statistics::TWO_SIGMA;

fn experiments() -> Vec<Experiment> {
    Experiment::parse_list("csi+lar").unwrap()
}

/// The recipe's own reference values are quoted to this.
const QUOTED: f64 = 0.01;

#[test]
fn standard_model_totals_and_chi2() {
    // Independent calculation with the same recipe.
    let experiments = experiments();
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    let fits = analysis.fit(Point { mass_mev: 10.0, coupling: 0.0 }).datasets;
    for (fit, (events, chi2)) in fits.iter().zip([(315.29, 82.827), (131.32, 106.5005)]) {
        assert!((fit.events - events).abs() < QUOTED, "events {} {events}", fit.events);
        assert!((fit.alone.chi2 - chi2).abs() < QUOTED, "chi2 {} {chi2}", fit.alone.chi2);
    }
}

#[test]
fn two_points_of_the_plane() {
    // Independent calculation with the same recipe.
    let experiments = experiments();
    for (model, coupling, expected) in [("b-l", 5e-5, [86.991, 109.330]), ("lmu-ltau", 2e-3, [117.467, 110.199])] {
        let model = Model::named(model).unwrap();
        let fits = Analysis::new(&model, &experiments).fit(Point { mass_mev: 10.0, coupling }).datasets;
        for (fit, chi2) in fits.iter().zip(expected) {
            assert!((fit.alone.chi2 - chi2).abs() < 1e-3, "{}: {} {chi2}", model.name, fit.alone.chi2);
        }
    }
}

/// Every bound of table 2 is met to this, as |100 ln ratio| (the recipe's statement).
const WORST_DEVIATION_PERCENT: f64 = 12.0;
/// The rms over all 66 (two independent calculations with this recipe got 4.1).
const RMS_DEVIATION_PERCENT: f64 = 4.5;

#[test]
fn table_2() {
    let experiments = experiments();
    let delta = cevscan::statistics::delta_chi2(TWO_SIGMA, 2).unwrap();
    let mut squares = Vec::new();
    for model in Model::all().unwrap() {
        for (data, chosen) in [("csi", &experiments[..1]), ("lar", &experiments[1..]), ("csi+lar", &experiments[..])] {
            let analysis = Analysis::new(&model, chosen);
            let best = best_fit(&analysis).unwrap();
            for (regime, mass_mev) in [(Regime::Low, LOW_MASS_MEV), (Regime::High, HIGH_MASS_MEV)] {
                let bound = bound(&analysis, mass_mev, best.chi2 + delta).unwrap();
                let theirs = published(&model.name, data, regime).unwrap();
                let coupling = bound.edge(theirs.edge).unwrap();
                let ours = if regime == Regime::Low { coupling } else { coupling / (mass_mev / 1e3) };
                let deviation = 100.0 * (ours / theirs.value).ln();
                println!("{} {data} {regime:?}: {ours:.4e} {:.4e} {deviation:.2} % {best:?}", model.name, theirs.value);
                assert!(deviation.abs() < WORST_DEVIATION_PERCENT);
                squares.push(deviation * deviation);
            }
        }
    }
    assert_eq!(squares.len(), 66);
    let rms = (squares.iter().sum::<f64>() / 66.0).sqrt();
    println!("rms {rms:.3} %");
    assert!(rms < RMS_DEVIATION_PERCENT, "{rms}");
}

/// The best fit is found to this.
const BEST_FIT_TOLERANCE: f64 = 1e-3;

#[test]
fn no_point_of_a_dense_map_is_below_the_best_fit() {
    let experiments = experiments();
    for model in Model::all().unwrap() {
        for chosen in [&experiments[..1], &experiments[1..], &experiments[..]] {
            let analysis = Analysis::new(&model, chosen);
            let plane = Plane::new((LOW_MASS_MEV, HIGH_MASS_MEV), (1e-7, 1e2), (97, 901), chosen.len()).unwrap();
            let settings =
                Settings { device: Device::Cpu, tile_rows: None, delta_chi2: 6.18007, minimum: Minimum::Plane };
            let map = scan(&analysis, plane, settings, &Unobserved).unwrap();
            let lowest = map.chi2.iter().copied().fold(f64::INFINITY, f64::min);
            assert_eq!(map.missing(), 0);
            let (name, data, best) = (&model.name, analysis.data_name(), map.best_fit);
            assert!(best.chi2 <= lowest + BEST_FIT_TOLERANCE, "{name} {data}: {best:?}, but the map has {lowest}");
            // And the best fit is a point of the plane, by the reference.
            let there = analysis.fit(Point { mass_mev: best.mass_mev, coupling: best.coupling }).total.chi2;
            assert!((there - best.chi2).abs() < 1e-6, "{name} {data}: {best:?}, but chi2 is {there} there");
        }
    }
}
