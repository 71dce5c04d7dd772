//! Critical values along the border of the excluded region: fresh toys on it are covered as often as it claims.
//!
//! `CEVSCAN_COVERAGE_TOYS` says how many toys there are, fresh ones and those of each anchor; with 20,000 the claim is held
//! to half a per cent, with the 1,500 that are the rule to what so few tell.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::coverage::{
    Calibrated, Calibration, Ensemble, Goal, Nuisance, Plan, Sidebands, Unwatched, calibrate,
};
use cevscan::analysis::limits::best_fit;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::statistics::TWO_SIGMA;

/// Standard deviations that chance may take a share away.
const SIGMA: f64 = 4.0;

fn toys() -> u64 {
    std::env::var("CEVSCAN_COVERAGE_TOYS").map_or(1500, |toys| toys.parse().unwrap())
}

fn plan(seed: u64) -> Plan {
    Plan { toys: (0, toys()), seed, nuisance: Nuisance::Profile, sidebands: Sidebands::Redraw }
}

fn analysis(model: &str, data: &str) -> Analysis {
    Analysis::new(&Model::named(model).unwrap(), &Experiment::parse_list(data).unwrap())
}

/// The coupling at which q of the data is the critical value, above `low`.
fn on_the_border(analysis: &Analysis, found: &Calibration, mass_mev: f64, low: f64) -> (Point, f64) {
    let surface = &found.surface;
    let critical = surface.filled(&surface.critical[surface.level(TWO_SIGMA).unwrap()]).unwrap();
    let minimum = best_fit(analysis).unwrap().chi2;
    let excess = |coupling: f64| {
        let chi2 = analysis.fit(Point { mass_mev, coupling }).total.chi2;
        chi2 - minimum - surface.at(&critical, mass_mev, coupling)
    };
    let (mut inside, mut outside) = (low, low);
    while excess(outside) < 0.0 {
        (inside, outside) = (outside, outside * 1.05);
    }
    for _ in 0..40 {
        let middle = (inside * outside).sqrt();
        if excess(middle) < 0.0 { inside = middle } else { outside = middle }
    }
    (Point { mass_mev, coupling: inside }, surface.at(&critical, mass_mev, inside))
}

#[test]
fn fresh_toys_are_covered_as_often_as_is_claimed() {
    for (name, data) in [("b-l", "lar")] {
        let analysis = analysis(name, data);
        let goal = Goal { mass_mev: (0.1, 1e5), confidence: TWO_SIGMA, tolerance: 0.03, most_anchors: 12 };
        let found = calibrate(&analysis, goal, plan(1), &Unwatched).unwrap();
        assert!(found.is_reached && found.error <= 0.03, "{found:?}");
        assert_eq!(found.of, Calibrated::new(&analysis));
        for (mass_mev, low) in [(1.0, 1e-5), (40.0, 1e-5), (5e3, 1e-3)] {
            let (point, critical) = on_the_border(&analysis, &found, mass_mev, low);
            let fresh = Ensemble::run(&analysis, point, plan(2), |_| Ok(())).unwrap();
            let n = fresh.outcomes.len() as f64;
            let share = |level: f64| fresh.outcomes.iter().filter(|toy| toy.q <= level).count() as f64 / n;
            let effective = found.surface.at(&found.surface.effective, mass_mev, point.coupling);
            let error = (TWO_SIGMA * (1.0 - TWO_SIGMA) * (1.0 / n + 1.0 / effective)).sqrt();
            eprintln!(
                "{name} {data} {mass_mev} MeV {:.3e}: critical {critical:.3} covers {:.2} +- {:.2} %, 6.18 {:.2} %",
                point.coupling,
                100.0 * share(critical),
                100.0 * error,
                100.0 * share(6.18007)
            );
            let bound = if n >= 20_000.0 { 0.005 } else { SIGMA * error };
            assert!((share(critical) - TWO_SIGMA).abs() < bound, "{point:?}: {} +- {error}", share(critical));
            // Wilks' value is another: the check would see it where there are enough toys to tell.
            assert!(n < 20_000.0 || (share(6.18007) - TWO_SIGMA).abs() > 0.005, "{point:?}");
        }
    }
}

/// Toys of one point weighed for another are toys of the other: the same critical value as by toys drawn there.
#[test]
fn weighed_toys_are_toys_of_the_other_point() {
    let analysis = analysis("b-l", "csi");
    let goal = Goal { mass_mev: (0.1, 0.2), confidence: TWO_SIGMA, tolerance: 1.0, most_anchors: 1 };
    let plan = |seed| Plan { toys: (0, toys().min(4000)), ..plan(seed) };
    let found = calibrate(&analysis, goal, plan(1), &Unwatched).unwrap();
    let (surface, anchor) = (&found.surface, found.anchors[0]);
    // The calculated node that is farthest from the anchor.
    let ratios = surface.ratios.len();
    let coupling = |node: usize| surface.natural[node / ratios] * surface.ratios[node % ratios].exp();
    let away = |node: &usize| (coupling(*node) / anchor.coupling).ln().abs();
    let level = surface.level(0.9).unwrap();
    let known = (0..ratios).filter(|node| !surface.critical[level][*node].is_nan());
    let node = known.max_by(|a, b| away(a).total_cmp(&away(b))).unwrap();
    assert!(away(&node) > 0.08, "{}", away(&node));
    let point = Point { mass_mev: surface.mass_mev[0], coupling: coupling(node) };
    let fresh = Ensemble::run(&analysis, point, plan(2), |_| Ok(())).unwrap();
    let n = fresh.outcomes.len() as f64;
    for (level, confidence) in surface.confidences.iter().enumerate().filter(|(_, level)| **level < 0.96) {
        let critical = surface.critical[level][node];
        let share = fresh.outcomes.iter().filter(|toy| toy.q <= critical).count() as f64 / n;
        let error = (confidence * (1.0 - confidence) * (1.0 / n + 1.0 / surface.effective[node])).sqrt();
        eprintln!("{confidence}: {critical:.3} covers {share:.4} +- {error:.4}");
        assert!((share - confidence).abs() < SIGMA * error, "{confidence}: {share} +- {error}");
    }
}

#[test]
fn what_cannot_be_weighed_is_refused() {
    let analysis = analysis("b-l", "lar");
    let goal = Goal { mass_mev: (0.1, 1e5), confidence: TWO_SIGMA, tolerance: 0.03, most_anchors: 1 };
    let prior = Plan { nuisance: Nuisance::Prior, ..plan(1) };
    let error = calibrate(&analysis, goal, prior, &Unwatched).unwrap_err().to_string();
    assert!(error.contains("cannot be weighed"), "{error}");
}
