//! Numbers of the paper and of the recipe that reproduces it.

use cevscan::analysis::{Analysis, Experiment};
use cevscan::model::Model;
use cevscan::rates::Point;

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
    let fits = analysis.at(Point { mass_mev: 10.0, coupling: 0.0 });
    for (fit, (events, chi2)) in fits.iter().zip([(315.29, 82.827), (131.32, 106.5005)]) {
        assert!((fit.events - events).abs() < QUOTED, "events {} {events}", fit.events);
        assert!((fit.profile.chi2 - chi2).abs() < QUOTED, "chi2 {} {chi2}", fit.profile.chi2);
    }
}

#[test]
fn two_points_of_the_plane() {
    // Independent calculation with the same recipe.
    let experiments = experiments();
    for (model, coupling, expected) in [("b-l", 5e-5, [86.991, 109.330]), ("lmu-ltau", 2e-3, [117.467, 110.199])] {
        let model = Model::named(model).unwrap();
        let fits = Analysis::new(&model, &experiments).at(Point { mass_mev: 10.0, coupling });
        for (fit, chi2) in fits.iter().zip(expected) {
            assert!((fit.profile.chi2 - chi2).abs() < 1e-3, "{}: {} {chi2}", model.name, fit.profile.chi2);
        }
    }
}
