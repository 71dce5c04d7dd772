//! Properties that hold whatever the data: the polynomial in g^2, convergence of the quadrature, limits of the plane.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::dataset::Dataset;
use cevscan::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::plan::Plan;
use cevscan::rates::polynomial::MassSlice;
use cevscan::rates::{Nodes, Point, Resolution};

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
    for dataset in Dataset::names() {
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
    let differences = plane().into_iter().map(|point| {
        let bins = counts(plan, point).into_iter().zip(other(point)).zip(&standard);
        let worst = bins.map(|((n, other), sm)| (n - other).abs() / n.max(*sm).max(COUNT_FLOOR)).fold(0.0, f64::max);
        (worst, point)
    });
    differences.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

/// Rounding of a sum of some hundred terms that cancel.
const POLYNOMIAL_TOLERANCE: f64 = 1e-10;
/// The contract on the quadrature.
const QUADRATURE_TOLERANCE: f64 = 1e-6;

#[test]
fn counts_are_a_polynomial_in_the_squared_coupling() {
    each_model_and_dataset(|dataset, model| {
        let plan = Nodes::new(dataset, Resolution::default()).plan(dataset, model);
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
        let plan = Nodes::new(dataset, Resolution::default()).plan(dataset, model);
        for quarters in [2, 8] {
            let other = Nodes::new(dataset, Resolution { quarters }).plan(dataset, model);
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
