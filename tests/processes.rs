//! A plan is a sum over processes: weights of either sign, electrons beside nuclei.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::{best_at_mass, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Scattering;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::plan::{Amplitudes, Kinematics, Plan, Term};
use cevscan::rates::polynomial::MassSlice;
use cevscan::rates::synthetic::{Shape, cancellation, plan, plane, with_both_signs};

/// Rounding of a sum of some hundred terms that cancel, relative to max(N, N_SM).
const POLYNOMIAL_TOLERANCE: f64 = 1e-10;

fn counts(plan: &Plan, point: Point) -> Vec<f64> {
    let mut counts = vec![0.0; plan.channels()];
    counts_at(plan, point, &mut counts);
    counts
}

#[test]
fn counts_are_the_sum_over_processes_by_hand() {
    // Two nodes of one class, one bin: 3 (2 + x 5 P)^2 + 7 (x 4 P)^2 and -1 (1 + x 2 P)^2 - 6 (x P)^2, P = 1/(q^2 + M^2).
    let plan = Plan {
        kinematics: Kinematics {
            q2_mev2: vec![3.0, 8.0],
            weight_vector: vec![3.0, -1.0],
            weight_scalar: vec![7.0, -6.0],
            response: vec![0.5, 0.25],
            response_row: vec![0, 1],
            response_part: vec![0.0, 0.0],
            deformations: Vec::new(),
            energy_bins: 1,
            classes: std::iter::once(0..2).collect(),
        },
        amplitudes: Amplitudes {
            standard_model: vec![2.0, 1.0],
            vector: vec![Term { mass_ratio: 1.0, amplitude: vec![5.0, 2.0] }],
            scalar: vec![Term { mass_ratio: 1.0, amplitude: vec![4.0, 1.0] }],
        },
    };
    // M^2 = 1, x = 4: P = 1/4 and 1/9.
    let first = 0.5 * (3.0 * 7.0f64.powi(2) + 7.0 * 4.0f64.powi(2));
    let second = -0.25 * ((1.0 + 8.0 / 9.0f64).powi(2) + 6.0 * (4.0f64 / 9.0).powi(2));
    let found = counts(&plan, Point { mass_mev: 1.0, coupling: 2.0 })[0];
    assert!((found - first - second).abs() < 1e-13 * first, "{found}");
}

#[test]
fn weights_of_both_signs_are_polynomials_too() {
    for (vector, scalar) in [(vec![1.0], vec![]), (vec![1.0, 3.0], vec![1.0, 0.5]), (vec![], vec![1.0])] {
        let plan = with_both_signs(&plan(&Shape { vector, scalar, ..Shape::usual() }));
        assert!(plan.kinematics.weight_vector.iter().any(|weight| *weight < 0.0));
        let standard = counts(&plan, Point { mass_mev: 1.0, coupling: 0.0 });
        for point in plane((1e-3, 1e6), 10, 30).into_iter().chain(cancellation(20)) {
            let mut found = vec![0.0; plan.channels()];
            MassSlice::new(&plan, point.mass_mev).counts_at(point.coupling, &mut found);
            for ((found, expected), standard) in found.iter().zip(counts(&plan, point)).zip(&standard) {
                let scale = expected.max(*standard);
                assert!((found - expected).abs() <= POLYNOMIAL_TOLERANCE * scale, "{found} {expected} {point:?}");
            }
        }
    }
}

/// Events on electrons and of all processes, both before the cut and the efficiency in time, and chi2 of `csi-es` at points
/// of its plane (model, mass in MeV, coupling): an independent calculation, 1 % in events and 0.05 in chi2 where its rounding
/// ends.
const ELECTRON_POINTS: [(&str, f64, f64, f64, f64, f64); 4] = [
    ("b-l", 0.05, 2e-5, 3522.9, 3909.0, 231.05),
    ("le-lmu", 0.3, 5e-5, 399.92, 764.18, 163.20),
    ("le-ltau", 2.0, 3e-4, 92.36, 452.12, 94.344),
    ("lmu-ltau", 0.05, 2e-4, 448.59, 810.16, 166.66),
];

/// Upper edge of the allowed region around g = 0 at 0.01, 0.1, 1 and 10 MeV, nuclear recoils alone and with electrons: the
/// same calculation. Minimum over couplings at that mass, 2 dof, 2 sigma.
type Edges = (&'static str, [[f64; 2]; 4]);
const ELECTRON_BOUNDS: [Edges; 4] = [
    ("universal", [[2.479e-5, 5.00e-6], [2.479e-5, 1.031e-5], [2.479e-5, 2.476e-5], [2.541e-5, 2.541e-5]]),
    ("b-l", [[5.405e-5, 5.00e-6], [5.405e-5, 1.051e-5], [5.407e-5, 5.297e-5], [5.535e-5, 5.534e-5]]),
    ("le-lmu", [[1.702e-3, 5.02e-6], [1.702e-3, 1.052e-5], [1.703e-3, 9.14e-5], [1.751e-3, 8.99e-4]]),
    ("lmu-ltau", [[1.203e-3, 7.76e-5], [1.203e-3, 1.668e-4], [1.204e-3, 1.103e-3], [1.233e-3, 1.233e-3]]),
];
const EVENTS_TOLERANCE: f64 = 0.01;
const CHI2_TOLERANCE: f64 = 0.05;
const BOUND_TOLERANCE: f64 = 0.015;

fn experiment(name: &str) -> Vec<Experiment> {
    Experiment::parse_list(name).unwrap()
}

#[test]
fn electrons_in_csi_are_those_of_an_independent_calculation() {
    let experiments = experiment("csi-es");
    for (name, mass_mev, coupling, electrons, all, chi2) in ELECTRON_POINTS {
        let model = Model::named(name).unwrap();
        let analysis = Analysis::new(&model, &experiments);
        let point = Point { mass_mev, coupling };
        let by_process = analysis.predictions[0].events_by_process(point);
        assert_eq!(
            by_process.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [Scattering::Cevns, Scattering::Electrons]
        );
        let fit = analysis.fit(point);
        let sum = by_process[0].1 + by_process[1].1;
        assert!((sum / fit.datasets[0].events - 1.0).abs() < 1e-12, "{name}");
        let at_all_times =
            |kind| experiments[0].nodes.counts_of(kind, &analysis.predictions[0].plan, point).iter().sum();
        let [nuclei, on_electrons]: [f64; 2] = [Scattering::Cevns, Scattering::Electrons].map(at_all_times);
        println!("{name}: {on_electrons} electrons, {} in all, chi2 {}", nuclei + on_electrons, fit.total.chi2);
        assert!((on_electrons / electrons - 1.0).abs() < EVENTS_TOLERANCE, "{name}");
        assert!(((nuclei + on_electrons) / all - 1.0).abs() < EVENTS_TOLERANCE, "{name}");
        assert!((fit.total.chi2 - chi2).abs() < CHI2_TOLERANCE, "{name}");
    }
    // The Standard Model: 8.7e-5 events at all times.
    let model = Model::standard();
    let plan = experiments[0].nodes.plan(&experiments[0].dataset, &model);
    let standard = Point { mass_mev: 1.0, coupling: 0.0 };
    let events: f64 = experiments[0].nodes.counts_of(Scattering::Electrons, &plan, standard).iter().sum();
    assert!((events / 8.7e-5 - 1.0).abs() < EVENTS_TOLERANCE, "{events}");
}

#[test]
fn bounds_with_electrons_are_those_of_an_independent_calculation() {
    let (without, with) = (experiment("csi"), experiment("csi-es"));
    for (name, bounds) in ELECTRON_BOUNDS {
        let model = Model::named(name).unwrap();
        for (mass_mev, expected) in [0.01, 0.1, 1.0, 10.0].into_iter().zip(bounds) {
            for (experiments, expected) in [&without, &with].into_iter().zip(expected) {
                let analysis = Analysis::new(&model, experiments);
                let best = best_at_mass(&analysis, mass_mev).unwrap();
                let found = bound(&analysis, mass_mev, best.chi2 + DELTA_CHI2).unwrap().edge(1).unwrap();
                println!("{name} {mass_mev} MeV {}: {found:.4e} {expected:.4e}", analysis.data_name());
                assert!(
                    (found / expected).ln().abs() < BOUND_TOLERANCE,
                    "{name} {mass_mev} MeV {}",
                    analysis.data_name()
                );
            }
        }
    }
}

/// Two parameters, 95.45 %.
const DELTA_CHI2: f64 = 6.18007;

#[test]
fn models_without_charged_electrons_have_no_more_than_the_standard_models() {
    let experiments = experiment("csi-es");
    for name in ["b-3lmu", "by+lmu+ltau"] {
        let model = Model::named(name).unwrap();
        assert!(!model.couples_to_electrons());
        let analysis = Analysis::new(&model, &experiments);
        let events = |coupling| analysis.predictions[0].events_by_process(Point { mass_mev: 0.1, coupling })[1].1;
        assert_eq!(events(1e-3), events(0.0));
    }
    assert!(
        ["universal", "lmu-ltau", "le-ltau", "scalar"].iter().all(|m| Model::named(m).unwrap().couples_to_electrons())
    );
}

/// With the process off nothing changes: nuclear recoils of `csi-es` are those of `csi`.
#[test]
fn nuclear_recoils_are_the_same_with_and_without_electrons() {
    let (with, without) = (experiment("csi-es"), experiment("csi"));
    let model = Model::named("b-l").unwrap();
    for coupling in [0.0, 1e-5, 1e-3] {
        let point = Point { mass_mev: 3.0, coupling };
        let events = |experiments: &[Experiment]| {
            Analysis::new(&model, experiments).predictions[0].events_by_process(point)[0].1
        };
        assert!((events(&with) / events(&without) - 1.0).abs() < 1e-13);
    }
}

/// Electron events by brute force: fine sums over energies of neutrinos and electrons, the cross section as it is written.
#[test]
fn electrons_are_those_of_plain_sums() {
    const STEPS: usize = 4000;
    let experiments = experiment("csi-es");
    let dataset = &experiments[0].dataset;
    let (m_e, g_f, hbar_c) = (0.51099895, 1.1663787e-11, 197.3269804);
    let response = dataset.response.of_electrons().unwrap();
    let binned = response.binned();
    let model = Model::named("b-l").unwrap();
    let point = Point { mass_mev: 0.2, coupling: 3e-5 };
    let spectrum = |name: &str, e: f64| match name {
        "nu_mu_bar" => 64.0 * e * e / 105.6583755f64.powi(3) * (0.75 - e / 105.6583755),
        _ => 192.0 * e * e / 105.6583755f64.powi(3) * (0.5 - e / 105.6583755),
    };
    let mut sum = 0.0;
    for component in &dataset.source.components {
        let share: f64 = dataset.time_fractions[component.class * 11..(component.class + 1) * 11].iter().sum();
        let is_e = component.name == "nu_e";
        let (v, a) = if is_e { (2.0 * 0.23863 + 0.5, 0.5) } else { (2.0 * 0.23863 - 0.5, -0.5) };
        let a = if component.name.ends_with("_bar") { -a } else { a };
        for i in 0..STEPS {
            // Electrons from 0.05 to 20 keV in equal steps of the logarithm; beyond, nothing is seen.
            let step = (20.0f64 / 0.05).ln() / STEPS as f64;
            let t = 5e-5 * (step * (i as f64 + 0.5)).exp();
            let added = point.coupling.powi(2) / (std::f64::consts::SQRT_2 * g_f * (2.0 * m_e * t + 0.04));
            let bracket = |e: f64| {
                let v = v + added;
                (v + a).powi(2) + ((v - a) * (1.0 - t / e)).powi(2) - (v * v - a * a) * m_e * t / (e * e)
            };
            let least = 0.5 * (t + (t * t + 2.0 * m_e * t).sqrt());
            let per_neutrino = if component.name == "nu_mu" {
                bracket(29.791_9)
            } else {
                let (end, steps) = (0.5 * 105.6583755, 200);
                let width = (end - least) / steps as f64;
                let at = |k: usize| least + width * (k as f64 + 0.5);
                (0..steps).map(|k| spectrum(component.name, at(k)) * bracket(at(k)) * width).sum()
            };
            let free: f64 = dataset
                .targets
                .iter()
                .map(|target| {
                    let shells = target.isotope.shells().unwrap().iter().filter(|shell| shell.binding_mev < t);
                    target.nuclei * shells.map(|shell| shell.electrons).sum::<f64>()
                })
                .sum();
            let seen: f64 = binned(t).iter().sum();
            let factor = g_f * g_f * m_e / (2.0 * std::f64::consts::PI) * hbar_c * hbar_c * 1e-26;
            sum += share * dataset.fluence_per_cm2 * free * factor * per_neutrino * seen * t * step;
        }
    }
    let found = Analysis::new(&model, &experiments).predictions[0].events_by_process(point)[1].1;
    // Steps of the shells are blurred by the grid.
    assert!((found / sum - 1.0).abs() < 1e-3, "{found} {sum}");
}
