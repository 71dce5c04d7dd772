//! Toys: their global minimum against the library's own search, closed forms, and values calculated independently.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::coverage::critical::{coverage, critical, p_value};
use cevscan::analysis::coverage::{Blocks, Ensemble, Minimum, Nuisance, Plan, Search, Sidebands, Truth, draw_toy};
use cevscan::analysis::limits::{best_at_mass, best_fit};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;

const SEED: u64 = 1;

fn plan(toys: u64, sidebands: Sidebands) -> Plan {
    Plan { toys: (0, toys), seed: SEED, nuisance: Nuisance::Profile, sidebands }
}

/// What the fast searches may lie above or below the lowest that the library finds: well below the contract of q, 1e-3.
const MINIMUM_TOLERANCE: f64 = 2e-4;

/// Toys of each model between masses.
const TOYS_OF_MODEL: u64 = 60;

/// The lowest that the library finds, by its own search or at the mass at which the fast one found its minimum.
fn lowest(toy: &Analysis, found: &Minimum) -> f64 {
    best_fit(toy).unwrap().chi2.min(best_at_mass(toy, found.point.mass_mev).unwrap().chi2)
}

#[test]
fn the_search_finds_the_minimum_of_the_library() {
    let mut worst = [(0.0f64, 0.0f64); 2];
    let mut most_off = 0.0f64;
    for (name, data, point) in [
        ("b-l", "csi+lar", Point { mass_mev: 7.0, coupling: 2.72e-5 }),
        ("universal", "csi", Point { mass_mev: 40.0, coupling: 3e-5 }),
        ("lmu-ltau", "csi+lar", Point { mass_mev: 0.1, coupling: 0.0 }),
        ("by+lmu+ltau", "lar", Point { mass_mev: 1e3, coupling: 1e-3 }),
        ("scalar", "csi+lar", Point { mass_mev: 0.1, coupling: 1e-5 }),
        ("b-l", "csi", Point { mass_mev: 10.0, coupling: 0.0 }),
    ] {
        let model = Model::named(name).unwrap();
        let experiments = Experiment::parse_list(data).unwrap();
        let analysis = Analysis::new(&model, &experiments);
        let truth = Truth::new(&analysis, point, Nuisance::Profile, SEED).unwrap();
        let search = Search::new(&analysis, point).unwrap();
        let blocks = Blocks::new(&analysis, &truth, &search, plan(0, Sidebands::Redraw));
        let mesh = blocks.mesh().unwrap();
        assert!(mesh.places() > 2000, "{}", mesh.places());
        let numbers: Vec<u64> = (0..6).collect();
        let side_by_side = blocks.minima(&numbers, &mut blocks.memory());
        for (number, side_by_side) in side_by_side.into_iter().enumerate() {
            let own = draw_toy(&analysis, &truth, number as u64, Sidebands::Redraw);
            for (found, worst) in [search.minimum(&own), side_by_side].into_iter().zip(&mut worst) {
                let found = found.unwrap();
                // The place is where the minimum is.
                most_off = most_off.max((own.fit(found.point).total.chi2 - found.chi2).abs());
                let expected = lowest(&own, &found);
                let difference = found.chi2 - expected;
                *worst = (worst.0.min(difference), worst.1.max(difference));
                assert!(difference.abs() < MINIMUM_TOLERANCE, "{name} {data} toy {number}: {found:?} {expected:?}");
                let at = own.fit(point).total.chi2;
                assert!((found.chi2_truth - at).abs() < 1e-6, "{name} {data} toy {number}: {} {at}", found.chi2_truth);
                let at_mass = best_at_mass(&own, point.mass_mev).unwrap().chi2;
                let difference = (found.chi2_at_mass - at_mass).abs();
                assert!(difference < MINIMUM_TOLERANCE, "{name} {data} toy {number}: {found:?} {at_mass:?}");
            }
        }
    }
    eprintln!("chi2 at the best fit is off by {most_off} at most");
    assert!(most_off < MINIMUM_TOLERANCE, "{most_off}");
    eprintln!("difference of chi2_min from the library's, alone and side by side: {worst:?}");
}

/// Where a mediator interferes valleys bend and are flat, and the minimum lies between the masses of the mesh.
#[test]
fn minima_lie_between_masses_too() {
    for (name, point) in [
        ("universal", Point { mass_mev: 40.0, coupling: 3e-5 }),
        ("lmu-ltau", Point { mass_mev: 40.0, coupling: 1.5e-3 }),
        ("by+lmu+ltau", Point { mass_mev: 20.0, coupling: 5e-5 }),
        ("le-ltau", Point { mass_mev: 40.0, coupling: 1.5e-3 }),
        ("b-l", Point { mass_mev: 7.0, coupling: 2.72e-5 }),
    ] {
        let model = Model::named(name).unwrap();
        let experiments = Experiment::parse_list("csi+lar").unwrap();
        let analysis = Analysis::new(&model, &experiments);
        let truth = Truth::new(&analysis, point, Nuisance::Profile, SEED).unwrap();
        let search = Search::new(&analysis, point).unwrap();
        let blocks = Blocks::new(&analysis, &truth, &search, plan(0, Sidebands::Redraw));
        let numbers: Vec<u64> = (0..TOYS_OF_MODEL).collect();
        let (mut worst, mut most_off) = ((0.0f64, 0.0f64), 0.0f64);
        for (number, found) in numbers.iter().zip(blocks.minima(&numbers, &mut blocks.memory())) {
            let (own, found) = (draw_toy(&analysis, &truth, *number, Sidebands::Redraw), found.unwrap());
            let difference = found.chi2 - lowest(&own, &found);
            worst = (worst.0.min(difference), worst.1.max(difference));
            most_off = most_off.max((own.fit(found.point).total.chi2 - found.chi2).abs());
            assert!(difference.abs() < MINIMUM_TOLERANCE, "{name} toy {number}: {difference} {found:?}");
        }
        let side_by_side = blocks.side_by_side(&numbers, &mut blocks.memory());
        let alone = side_by_side.iter().filter(|found| found.is_none()).count();
        assert!(alone * 10 <= numbers.len(), "{name}: {alone} toys are left to the search of single ones");
        eprintln!("{name}: {alone} toys alone");
        eprintln!("{name}: chi2_min from the library's {worst:?}, chi2 at the best fit off by {most_off} at most");
        assert!(most_off < MINIMUM_TOLERANCE, "{name}: {most_off}");
    }
}

#[test]
fn toys_do_not_depend_on_company_or_order() {
    let model = Model::named("b-l").unwrap();
    let both = Experiment::parse_list("csi+lar").unwrap();
    let alone = Experiment::parse_list("lar").unwrap();
    let point = Point { mass_mev: 10.0, coupling: 3e-5 };
    let (both, alone) = (Analysis::new(&model, &both), Analysis::new(&model, &alone));
    let draw = |analysis: &Analysis, number| {
        let truth = Truth::new(analysis, point, Nuisance::Profile, SEED).unwrap();
        draw_toy(analysis, &truth, number, Sidebands::Redraw)
    };
    assert_eq!(
        draw(&both, 5).predictions[1].experiment.measurement,
        draw(&alone, 5).predictions[0].experiment.measurement
    );
    assert_ne!(
        draw(&both, 6).predictions[1].experiment.measurement,
        draw(&alone, 5).predictions[0].experiment.measurement
    );
    let whole = Ensemble::run(&both, point, plan(40, Sidebands::Redraw), |_| Ok(())).unwrap();
    let part = Plan { toys: (13, 40), ..plan(40, Sidebands::Redraw) };
    let part = Ensemble::run(&both, point, part, |_| Ok(())).unwrap();
    assert_eq!(whole.outcomes[13..], part.outcomes);
}

/// csi and lar with a flux uncertainty that they share.
fn sharing_a_flux() -> Vec<Experiment> {
    let signal =
        "[signal]\nname = \"cevns\"\nsigma = 0.05\nnorms = [{ name = \"flux\", sigma = 0.1, shared = true }]\n";
    let read = |base: &str| {
        let head = "label = \"Ar\"\ndescription = \"\"\nreference = \"\"\n\n";
        let text = format!("base = \"{base}\"\nname = \"my-{base}\"\n{head}{signal}");
        Experiment::of(Dataset::from_texts(&text, &[]).unwrap()).unwrap()
    };
    vec![read("csi"), read("lar")]
}

/// Of the norms' pulls, the flux is 0.1^2 of 0.1^2 + 0.05^2 of the variance, and the same in both.
#[test]
fn shared_parameters_fluctuate_together() {
    let (model, experiments) = (Model::named("b-l").unwrap(), sharing_a_flux());
    let analysis = Analysis::new(&model, &experiments);
    let point = Point { mass_mev: 10.0, coupling: 3e-5 };
    let truth = Truth::new(&analysis, point, Nuisance::Nominal, SEED).unwrap();
    let (toys, sigma) = (2000, 0.1f64.hypot(0.05));
    let (mut squares, mut product) = ([0.0; 2], 0.0);
    for number in 0..toys {
        let toy = draw_toy(&analysis, &truth, number, Sidebands::Fixed);
        let pull = |i: usize| (toy.predictions[i].experiment.measurement.observation.centres[0] - 1.0) / sigma;
        let pulls = [pull(0), pull(1)];
        squares = [squares[0] + pulls[0] * pulls[0], squares[1] + pulls[1] * pulls[1]];
        product += pulls[0] * pulls[1];
    }
    // Five standard deviations: variances of 2000 normal numbers are known to 3 %, their correlation to 2 %.
    let n = toys as f64;
    assert!(squares.iter().all(|square| (square / n - 1.0).abs() < 0.16), "{squares:?}");
    assert!((product / n - 0.8).abs() < 0.12, "{}", product / n);
    // Their minimum is that of the library, as for datasets that share nothing.
    let search = Search::new(&analysis, point).unwrap();
    for number in 0..3 {
        let toy = draw_toy(&analysis, &truth, number, Sidebands::Redraw);
        let found = search.minimum(&toy).unwrap();
        let expected = lowest(&toy, &found);
        assert!((found.chi2 - expected).abs() < MINIMUM_TOLERANCE, "toy {number}: {found:?} {expected:?}");
        assert!((found.chi2_truth - toy.fit(point).total.chi2).abs() < 1e-7, "toy {number}");
    }
}

#[test]
fn values_of_an_independent_calculation() {
    let toys = std::env::var("CEVSCAN_TOYS").map_or(400, |toys| toys.parse().unwrap());
    // c at 95.45 % at the Standard Model (independent calculation, sidebands fixed; errors 0.09).
    for (name, data, expected) in [
        ("b-l", "csi", [0.41, 2.07, 3.39, 5.99]),
        ("b-l", "lar", [0.50, 2.11, 3.47, 5.76]),
        ("b-l", "csi+lar", [0.49, 2.20, 3.57, 6.27]),
        ("universal", "csi+lar", [2.03, 4.09, 5.45, 8.42]),
    ] {
        let model = Model::named(name).unwrap();
        let experiments = Experiment::parse_list(data).unwrap();
        let analysis = Analysis::new(&model, &experiments);
        let point = Point { mass_mev: 10.0, coupling: 0.0 };
        let ensemble = Ensemble::run(&analysis, point, plan(toys, Sidebands::Fixed), |_| Ok(())).unwrap();
        let q: Vec<f64> = ensemble.outcomes.iter().map(|outcome| outcome.q).collect();
        assert_eq!(ensemble.failed(), 0, "{name} {data}");
        for (confidence, expected) in [0.6827, 0.9, 0.9545, 0.99].into_iter().zip(expected) {
            let found = critical(&q, confidence).unwrap();
            let error = 0.5 * (found.high - found.low).max(0.1);
            eprintln!("{name} {data} {confidence}: {found:?} expected {expected}");
            assert!((found.value - expected).abs() < 4.0 * error + 0.1, "{name} {data} {confidence}: {found:?}");
        }
        eprintln!("{name} {data}: 6.18 covers {:?}, p {:?}", coverage(&q, 6.18007), p_value(&q, ensemble.observed.q));
    }
}

/// The truth's form promised minima in strips that are not there, far below the one that is: found on a GPU, by the certificate.
#[test]
fn a_promise_that_fails_hides_no_minimum() {
    let model = Model::named("universal").unwrap();
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    let point = Point { mass_mev: 40.0, coupling: 3e-5 };
    let truth = Truth::new(&analysis, point, Nuisance::Profile, SEED).unwrap();
    let search = Search::new(&analysis, point).unwrap();
    let blocks = Blocks::new(&analysis, &truth, &search, plan(0, Sidebands::Redraw));
    let found = blocks.minima(&[2100], &mut blocks.memory());
    let expected = best_at_mass(&draw_toy(&analysis, &truth, 2100, Sidebands::Redraw), point.mass_mev).unwrap();
    let difference = found[0].as_ref().unwrap().chi2_at_mass - expected.chi2;
    assert!(difference.abs() < MINIMUM_TOLERANCE, "{found:?} {expected:?}");
}
