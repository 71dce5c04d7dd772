//! Uncertainties of the response as nuisance parameters of the fit.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::{Nodes, Point, Resolution};
use cevscan::statistics::Status;

/// Nodes are those of the nominal response: varied counts are within this of the total of the exact plan.
const COUNTS_TOLERANCE: f64 = 1e-4;
const HEAD: &str = r#"
base = "csi"
name = "mine"
label = "CsI"
description = "-"
reference = "-"
"#;

#[test]
fn at_one_sigma_counts_are_those_of_the_varied_dataset() {
    let full = Dataset::named("csi-full").unwrap();
    let nodes = Nodes::new(&full, Resolution::default()).unwrap();
    let names: Vec<&str> = full.deformations().map(|(name, _)| name).collect();
    assert_eq!(names, ["quenching_a", "quenching_b", "efficiency"]);
    let models = ["b-l", "scalar", "lmu-ltau"].map(|name| Model::named(name).unwrap());
    let points = [(1.0, 0.0), (0.1, 5e-5), (30.0, 1e-3)].map(|(mass_mev, coupling)| Point { mass_mev, coupling });
    for (number, name) in names.iter().enumerate() {
        for (t, way) in [(1.0, "up"), (-1.0, "down")] {
            let varied = Dataset::find(&format!("csi-{}-{way}", name.replace('_', "-"))).unwrap();
            let exact = Nodes::new(&varied, Resolution::default()).unwrap();
            for (model, point) in models.iter().flat_map(|model| points.iter().map(move |point| (model, *point))) {
                let (plan, exact) = (nodes.plan(&full, model), exact.plan(&varied, model));
                let mut sets = vec![0.0; plan.signal_counts()];
                counts_at(&plan, point, &mut sets);
                let sets: Vec<&[f64]> = sets.chunks(plan.channels()).collect();
                let mut expected = vec![0.0; exact.channels()];
                counts_at(&exact, point, &mut expected);
                let total: f64 = expected.iter().sum();
                for (channel, expected) in expected.iter().enumerate() {
                    let (first, second) = (sets[1 + 2 * number][channel], sets[2 + 2 * number][channel]);
                    let found = sets[0][channel] + t * (first + t * second);
                    let what = format!("{} {name} {way} {channel}: {found} {expected}", model.name);
                    assert!((found - expected).abs() < COUNTS_TOLERANCE * total, "{what}");
                }
            }
        }
    }
}

/// More parameters fit no worse, and a row is its reference.
#[test]
fn variations_are_minimised_in_rows_as_at_points() {
    let full = Experiment::of(Dataset::named("csi-full").unwrap()).unwrap();
    let couplings: Vec<f64> = (0..60).map(|i| 1e-6 * 10f64.powf(f64::from(i) / 12.0)).collect();
    for (model, mass_mev) in [("b-l", 0.1), ("universal", 20.0), ("scalar", 1e4)] {
        let model = Model::named(model).unwrap();
        let analysis = Analysis::new(&model, [&full]);
        let curve = analysis.at_mass(mass_mev);
        let (mut chi2, mut status) = ([vec![0.0; 60]], vec![Status::Converged; 60]);
        curve.row(&couplings, &mut analysis.scratch(), &mut chi2, &mut status);
        for (coupling, chi2) in couplings.iter().zip(&chi2[0]) {
            let reference = curve.chi2(*coupling, &mut analysis.scratch()).unwrap();
            let what = format!("{} {coupling}: {chi2} {reference}", model.name);
            assert!((chi2 - reference).abs() < 1e-8 * (1.0 + 1e-2 * reference), "{what}");
        }
    }
    let model = Model::standard();
    let at_zero =
        |experiment: &Experiment| Analysis::new(&model, [experiment]).fit(Point { mass_mev: 1.0, coupling: 0.0 });
    let fit = at_zero(&full);
    let plain = Dataset::from_texts(&format!("{HEAD}[signal]\nname = \"cevns\"\nsigma = 0.1\n"), &[]).unwrap();
    let without = at_zero(&Experiment::of(plain).unwrap());
    println!("{} {:?} without {}", fit.total.chi2, fit.datasets[0].pulls, without.total.chi2);
    assert_eq!(fit.datasets[0].pulls.len(), 7);
    assert!(fit.total.chi2 <= without.total.chi2 + 1e-9);
}

#[test]
fn what_varies_nothing_is_refused() {
    let refused = |more: &str, words: &[&str]| {
        let message = Dataset::from_texts(&format!("{HEAD}{more}"), &[]).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    };
    let variation = |name: &str, up: &str, down: &str| {
        format!("[[variation]]\nname = \"{name}\"\nup = {{ {up} }}\ndown = {{ {down} }}\n")
    };
    let good = "quenching = { kind = \"linear\", factor = 0.1 }";
    refused(&variation("a", "", good), &["up", "quenching, resolution, efficiency at least"]);
    refused(&variation("brn", good, good), &["twice 'brn'"]);
    refused(&variation("a", &format!("{good}, more = 1"), good), &["more"]);
}
