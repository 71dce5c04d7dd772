//! Properties that hold whatever the data: the polynomial in g^2, convergence of the quadrature, limits of the plane.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::plan::Plan;
use cevscan::rates::polynomial::MassSlice;
use cevscan::rates::{Fineness, Nodes, Point};

/// The default plane at its corners, edges and inside, the cancellation strips among them.
fn plane() -> Vec<Point> {
    let masses = [0.1, 1.0, 5.0, 10.0, 30.0, 100.0, 1e3, 1e4, 1e5];
    let couplings = (0..=48).map(|i| 10f64.powf(-6.0 + f64::from(i) / 8.0));
    couplings.flat_map(|coupling| masses.map(|mass_mev| Point { mass_mev, coupling })).collect()
}

fn counts(plan: &Plan, point: Point) -> Vec<f64> {
    let mut counts = vec![0.0; plan.channels()];
    counts_at(plan, point, &mut counts);
    counts
}

fn each_model_and_dataset(check: impl Fn(&Dataset, &Model)) {
    // Those of nuclear recoils in a chain of quenching, smearing and efficiency; tests/processes.rs, tests/matrix_files.rs
    // and tests/xenonnt.rs have the others, whose scales are theirs.
    for dataset in ["csi", "lar"] {
        let dataset = Dataset::named(dataset).unwrap();
        for model in Model::all().unwrap() {
            check(&dataset, &model);
        }
    }
}

/// Counts below this, in events, say nothing: tails of a Gaussian 16 sigma away go down to 1e-286.
const COUNT_FLOOR: f64 = 1e-12;

/// Largest difference in any bin at any point of the plane, relative to max(N, N_SM).
fn worst(plan: &Plan, other: impl Fn(Point) -> Vec<f64>) -> (f64, Point) {
    let standard = counts(plan, Point { mass_mev: 1.0, coupling: 0.0 });
    let differences =
        plane().into_iter().map(|point| (largest_difference(&other(point), &counts(plan, point), &standard), point));
    differences.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

/// Rounding of a sum of some hundred terms that cancel.
const POLYNOMIAL_TOLERANCE: f64 = 1e-10;
/// The contract on the quadrature.
const QUADRATURE_TOLERANCE: f64 = 1e-6;

#[test]
fn counts_are_a_polynomial_in_the_squared_coupling() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, model);
        let (difference, point) = worst(&plan, |point| {
            let mut counts = vec![0.0; plan.channels()];
            MassSlice::new(&plan, point.mass_mev).counts_at(point.coupling, &mut counts);
            counts
        });
        assert!(difference < POLYNOMIAL_TOLERANCE, "{} {}: {difference:e} at {point:?}", dataset.name, model.name);
    });
}

#[test]
fn quadrature_has_converged() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, model);
        for quarters in [2, 8] {
            let other = Nodes::new(dataset, Fineness { quarters }).unwrap().plan(dataset, model);
            let (difference, point) = worst(&plan, |point| counts(&other, point));
            println!("{} {}: {} nodes, {difference:e}", dataset.name, model.name, other.nodes());
            assert!(
                difference < QUADRATURE_TOLERANCE,
                "{} {} with {} nodes for {}: {difference:e} at {point:?}",
                dataset.name,
                model.name,
                other.nodes(),
                plan.nodes()
            );
        }
    });
}

/// What couplings so small, or masses so large, may change: their interference is some 1e-12 of the Standard Model.
const STANDARD_MODEL_TOLERANCE: f64 = 1e-11;

#[test]
fn no_coupling_or_no_reach_is_the_standard_model() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, model);
        let standard = counts(&plan, Point { mass_mev: 1.0, coupling: 0.0 });
        for (mass_mev, coupling) in [(0.1, 0.0), (1e5, 0.0), (0.1, 1e-11), (10.0, 1e-11), (1e12, 1.0), (1e14, 100.0)] {
            let got = counts(&plan, Point { mass_mev, coupling });
            let difference = largest_difference(&got, &standard, &standard);
            assert!(difference < STANDARD_MODEL_TOLERANCE, "{} {}: {difference:e}", dataset.name, model.name);
        }
    });
}

/// |q| <= 2 E_max = 105.7 MeV, so that |q|^2/M^2 <= 1.2e-6 from 100 GeV on; counts go with the square of 1/(1 + q^2/M^2).
const HEAVY_MEDIATOR_TOLERANCE: f64 = 5e-6;

#[test]
fn heavy_mediators_show_only_their_ratio() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, model);
        let standard = counts(&plan, Point { mass_mev: 1.0, coupling: 0.0 });
        let mut worst = 0.0_f64;
        for ratio_per_gev in [1e-4, 1e-3, 1.3e-3, 1.8e-3, 3e-3, 1e-2, 7e-2, 1.0] {
            let at =
                |mass_gev: f64| counts(&plan, Point { mass_mev: 1e3 * mass_gev, coupling: ratio_per_gev * mass_gev });
            let heavy = at(1e2);
            for mass_gev in [1e3, 1e6] {
                worst = worst.max(largest_difference(&at(mass_gev), &heavy, &standard));
            }
        }
        println!("{} {}: {worst:e}", dataset.name, model.name);
        assert!(worst < HEAVY_MEDIATOR_TOLERANCE, "{} {}: {worst:e}", dataset.name, model.name);
    });
}

/// Recoils that can be seen have |q|^2 above some 200 MeV^2 (1 keV in caesium): M^2 = 1e-4 MeV^2 is 5e-7 of it.
const LIGHT_MEDIATOR_TOLERANCE: f64 = 1e-6;

#[test]
fn light_mediators_do_not_show_their_mass() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, model);
        let standard = counts(&plan, Point { mass_mev: 1.0, coupling: 0.0 });
        let mut worst = 0.0_f64;
        for coupling in [1e-6, 1e-5, 2e-5, 1e-4, 1e-3, 1e-2, 1.0] {
            let massless = counts(&plan, Point { mass_mev: 1e-9, coupling });
            let light = counts(&plan, Point { mass_mev: 1e-2, coupling });
            worst = worst.max(largest_difference(&light, &massless, &standard));
            assert!(massless.iter().all(|n| n.is_finite()), "{} {}: {massless:?}", dataset.name, model.name);
        }
        println!("{} {}: {worst:e}", dataset.name, model.name);
        assert!(worst < LIGHT_MEDIATOR_TOLERANCE, "{} {}: {worst:e}", dataset.name, model.name);
    });
}

/// Largest difference in any bin, relative to max(N, N_SM).
fn largest_difference(got: &[f64], expected: &[f64], standard: &[f64]) -> f64 {
    let bins = got.iter().zip(expected).zip(standard);
    bins.map(|((a, b), standard)| (a - b).abs() / b.max(*standard).max(COUNT_FLOOR)).fold(0.0, f64::max)
}
