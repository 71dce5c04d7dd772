//! Nuisance parameters that datasets share: the joint fit against brute force and against its limits.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that cannot go on must panic, and shows its figures"
)]

use std::sync::Arc;

use cevscan::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV, Minimum, best_fit, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::grid::Axis;
use cevscan::base::search;
use cevscan::dataset::Dataset;
use cevscan::output::{read_map, write_map};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::scan::{Device, Plane, Settings, Unobserved, scan};
use cevscan::statistics::{Likelihood, ParameterKind, Status};

/// csi (Poisson) or lar (Gaussian) with another signal section.
fn varied(base: &str, signal: &str) -> Experiment {
    let text = format!(
        "base = \"{base}\"\nname = \"my-{base}\"\nlabel = \"{base}\"\ndescription = \"\"\nreference = \"\"\n\n[signal]\nname = \"cevns\"\n{signal}\n"
    );
    Experiment::of(Dataset::from_texts(&text, &[]).unwrap()).unwrap()
}

/// Both, with a flux that they share or not.
fn pair(own: [f64; 2], flux: &str) -> Vec<Experiment> {
    let signal = |sigma: f64| format!("sigma = {sigma}\n{flux}");
    vec![varied("csi", &signal(own[0])), varied("lar", &signal(own[1]))]
}

fn shared_flux(sigma: f64) -> String {
    format!("norms = [{{ name = \"flux\", sigma = {sigma}, shared = true }}]")
}

/// Points from the Standard Model to 1e20 events.
const POINTS: [(f64, f64); 8] =
    [(10.0, 0.0), (0.1, 3e-5), (10.0, 5e-5), (10.0, 1e-4), (100.0, 1e-3), (1e3, 5e-2), (0.1, 1e-2), (0.1, 3.0)];

/// chi2 of both together at a point.
fn joint_chi2(analysis: &Analysis, (mass_mev, coupling): (f64, f64)) -> f64 {
    analysis.at_mass(mass_mev).chi2(coupling, &mut analysis.scratch()).unwrap()
}

/// Smallest sum of both chi2 where the norms of their signals are centred at 1 + x, plus `prior`(x); by a search in x.
fn brute_force(
    experiments: &[Experiment],
    model: &Model,
    point: (f64, f64),
    range: f64,
    prior: impl Fn(f64) -> f64,
) -> f64 {
    let analysis = Analysis::new(model, experiments);
    let chi2_at = |x: f64| -> f64 {
        let mut sum = prior(x);
        for (index, experiment) in experiments.iter().enumerate() {
            let mut fit = experiment.measurement.clone();
            fit.observation.centres[0] += x;
            let mut counts = vec![0.0; analysis.predictions[index].plan.channels()];
            cevscan::rates::cpu::counts_at(
                &analysis.predictions[index].plan,
                Point { mass_mev: point.0, coupling: point.1 },
                &mut counts,
            );
            let likelihood = Likelihood::new([&fit]);
            let profile = likelihood.profile(&[counts], &mut likelihood.workspace());
            assert_eq!(profile.status, Status::Converged);
            sum += profile.chi2;
        }
        sum
    };
    // A negative norm is none: 1 + x stays above 0.
    search::minimum((-range).max(-0.9999), range, 1e-9, |x| Ok(chi2_at(x))).unwrap().1
}

/// The fits are minimised to 1e-10 and better; the search in x adds its own.
const CHI2_TOLERANCE: f64 = 1e-7;

#[test]
fn a_shared_flux_is_the_best_common_one() {
    let own = [0.05, 0.08];
    for sigma in [0.03, 0.1, 0.5] {
        let shared = pair(own, &shared_flux(sigma));
        let alone = pair(own, "");
        for model in ["b-l", "universal", "scalar"] {
            let model = Model::named(model).unwrap();
            let analysis = Analysis::new(&model, &shared);
            for point in POINTS {
                let ours = joint_chi2(&analysis, point);
                let theirs = brute_force(&alone, &model, point, 40.0 * sigma, |x| (x / sigma).powi(2));
                assert!((ours - theirs).abs() < CHI2_TOLERANCE, "{} {sigma} {point:?}: {ours} {theirs}", model.name);
            }
        }
    }
}

#[test]
fn without_uncertainty_the_reduced_priors_are_left() {
    let own = [0.05, 0.08];
    let model = Model::named("b-l").unwrap();
    let (shared, alone) = (pair(own, &shared_flux(1e-7)), pair(own, ""));
    let (shared, alone) = (Analysis::new(&model, &shared), Analysis::new(&model, &alone));
    assert!(shared.together.is_some() && alone.together.is_none());
    for point in POINTS {
        let (ours, theirs) = (joint_chi2(&shared, point), joint_chi2(&alone, point));
        assert!((ours - theirs).abs() < 1e-8, "{point:?}: {ours} {theirs}");
    }
    let bounds = [&shared, &alone].map(|analysis| bound(analysis, LOW_MASS_MEV, 200.0).unwrap().edge(1).unwrap());
    assert!((bounds[0] / bounds[1] - 1.0).abs() < 1e-8, "{bounds:?}");
}

#[test]
fn with_endless_uncertainty_the_common_norm_is_free() {
    let own = [0.05, 0.08];
    let model = Model::named("b-l").unwrap();
    let (shared, alone) = (pair(own, &shared_flux(1e5)), pair(own, ""));
    let shared = Analysis::new(&model, &shared);
    for point in &POINTS[..5] {
        let ours = joint_chi2(&shared, *point);
        let theirs = brute_force(&alone, &model, *point, 3.0, |_| 0.0);
        assert!((ours - theirs).abs() < 1e-6, "{point:?}: {ours} {theirs}");
    }
}

#[test]
fn parts_of_a_norm_that_nobody_shares_add_in_quadrature() {
    let model = Model::named("b-l").unwrap();
    let parts = "sigma = 0.03\nnorms = [{ name = \"flux\", sigma = 0.04 }]";
    let (parts, whole) = (varied("csi", parts), varied("csi", "sigma = 0.05"));
    let (parts, whole) = (Analysis::new(&model, [&parts]), Analysis::new(&model, [&whole]));
    for (mass_mev, coupling) in POINTS {
        let [parts, whole] =
            [&parts, &whole].map(|analysis| analysis.fit(Point { mass_mev, coupling }).datasets.remove(0));
        assert!((parts.alone.chi2 - whole.alone.chi2).abs() < 1e-9);
        // Pulls: cevns first, flux last. By hand: eta falls to its parts as their variances, 9 to 16.
        let (eta, own, flux) =
            (0.05 * whole.pulls[0], 0.03 * parts.pulls[0], 0.04 * parts.pulls[parts.pulls.len() - 1]);
        assert!(
            (own - 0.36 * eta).abs() < 1e-9 * eta.abs().max(1.0)
                && (flux - 0.64 * eta).abs() < 1e-9 * eta.abs().max(1.0)
        );
    }
    // Shared by name in one dataset alone is not shared.
    let one = varied("csi", &format!("sigma = 0.03\n{}", shared_flux(0.04)));
    assert!(Analysis::new(&model, [&one]).together.is_none());
}

#[test]
fn pulls_are_those_of_the_joint_fit() {
    let model = Model::named("universal").unwrap();
    let experiments = pair([0.05, 0.08], &shared_flux(0.1));
    let analysis = Analysis::new(&model, &experiments);
    let point = Point { mass_mev: 10.0, coupling: 6e-5 };
    let fit = analysis.fit(point);
    let flux: Vec<f64> = fit.datasets.iter().map(|fit| *fit.pulls.last().unwrap()).collect();
    assert_eq!(flux[0], flux[1], "one parameter");
    assert!(flux[0].abs() > 0.1);
    // chi2 once more, from the processes and the pulls that are shown.
    let mut sum = flux[0] * flux[0];
    for (fit, prediction) in fit.datasets.iter().zip(&analysis.predictions) {
        let observation = &prediction.experiment.measurement.observation;
        for (bin, &n) in observation.counts.iter().enumerate() {
            let mu: f64 = fit.processes.iter().map(|process| process[bin]).sum();
            sum += match &observation.inverse_variance {
                Some(weights) => weights[bin] * (n - mu).powi(2),
                None if n > 0.0 => 2.0 * (mu - n + n * (n / mu).ln()),
                None => 2.0 * mu,
            };
        }
        sum += fit.pulls[..fit.pulls.len() - 1].iter().map(|pull| pull * pull).sum::<f64>();
    }
    let total = fit.total.chi2;
    assert!((sum - total).abs() < 1e-8, "{sum} {total}");
    assert!(fit.shared.unwrap().abs() > 1e-3, "sharing matters");
}

#[test]
fn backgrounds_and_shapes_are_shared_as_well() {
    // csi and its double share the neutrons' norm: the same as one dataset twice, with twice the prior's weight less one.
    let text = |name: &str| {
        let base = "base = \"csi\"\nlabel = \"CsI\"\ndescription = \"\"\nreference = \"\"\n";
        let flat = |name: &str, sigma: f64, shared: bool| {
            format!(
                "[[background]]\nname = \"{name}\"\nlabel = \"flat\"\nflat_events = 1300\nsigma = {sigma}\nshared = {shared}\n"
            )
        };
        format!("{base}name = \"{name}\"\n{}{}", flat("ss", 0.2, true), flat("other", 0.1, false))
    };
    let read = |name: &str| Experiment::of(Dataset::from_texts(&text(name), &[]).unwrap()).unwrap();
    let experiments = [read("one"), read("two")];
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    assert_eq!(analysis.together.as_ref().unwrap().likelihood().shared(), ["ss"]);
    for (mass_mev, coupling) in &POINTS[..5] {
        // By symmetry both fits are equal, each with half the shared prior: sigma times sqrt 2.
        let mut fit = experiments[0].measurement.clone();
        let ss = Arc::make_mut(&mut fit.expectation)
            .parameters
            .iter_mut()
            .find(|p| p.kind == ParameterKind::BackgroundNorm(0))
            .unwrap();
        ss.sigma *= 2f64.sqrt();
        let mut counts = vec![0.0; analysis.predictions[0].plan.channels()];
        let point = Point { mass_mev: *mass_mev, coupling: *coupling };
        cevscan::rates::cpu::counts_at(&analysis.predictions[0].plan, point, &mut counts);
        let likelihood = Likelihood::new([&fit]);
        let half = likelihood.profile(&[counts], &mut likelihood.workspace()).chi2;
        let ours = joint_chi2(&analysis, (*mass_mev, *coupling));
        assert!((ours - 2.0 * half).abs() < 1e-8, "{ours} {half}");
    }
}

/// The row kernel, whose reference is the scalar minimiser, at 10,000 points from the Standard Model to 1e20 events.
#[test]
fn rows_of_shared_parameters_are_those_of_the_reference() {
    const POINTS_OF_A_ROW: usize = 200;
    let mut random = fastrand::Rng::with_seed(13);
    let mut worst: f64 = 0.0;
    let mut points = 0;
    for sigma in [0.03, 0.1] {
        let experiments = pair([0.05, 0.08], &shared_flux(sigma));
        for model in ["universal", "b-l", "lmu-ltau", "scalar", "b-3le"] {
            let model = Model::named(model).unwrap();
            let analysis = Analysis::new(&model, &experiments);
            let mut scratch = analysis.scratch();
            for row in 0..5 {
                let mass_mev = if row == 0 { 0.1 } else { 10f64.powf(random.f64() * 6.0 - 1.0) };
                let mut couplings: Vec<f64> = (0..POINTS_OF_A_ROW).map(|_| 10f64.powf(-6.0 * random.f64())).collect();
                couplings[0] = 1.0;
                couplings.sort_by(f64::total_cmp);
                let mut chi2 = vec![vec![0.0; POINTS_OF_A_ROW]; analysis.minimised()];
                let mut status = vec![Status::Converged; POINTS_OF_A_ROW];
                let curve = analysis.at_mass(mass_mev);
                curve.row(&couplings, &mut scratch, &mut chi2, &mut status);
                for (point, coupling) in couplings.iter().enumerate() {
                    for (chi2, expected) in chi2.iter().zip(curve.profiles(*coupling, &mut scratch)) {
                        assert_eq!(status[point].max(expected.status), Status::Converged);
                        worst = worst.max((chi2[point] - expected.chi2).abs());
                    }
                    points += 1;
                }
            }
        }
    }
    println!("{points} points, largest difference {worst:e}");
    assert!(points >= 10_000 && worst < 1e-8, "{worst:e}");
}

#[test]
fn maps_and_bounds_take_the_joint_fit() {
    let model = Model::named("b-l").unwrap();
    let experiments = pair([0.05, 0.08], &shared_flux(0.1));
    let analysis = Analysis::new(&model, &experiments);
    let best = best_fit(&analysis).unwrap();
    assert!(best.chi2 <= joint_chi2(&analysis, (10.0, 0.0)));
    let high = bound(&analysis, HIGH_MASS_MEV, best.chi2 + 6.18).unwrap().edge(1).unwrap();
    assert!((joint_chi2(&analysis, (HIGH_MASS_MEV, high)) - best.chi2 - 6.18).abs() < 1e-6);
    let plane = Plane {
        mass: Axis::logarithmic("mass", "MeV", (0.1, 1e4), 4).unwrap(),
        coupling: Axis::logarithmic("coupling", "", (1e-6, 1.0), 25).unwrap(),
    };
    let settings = Settings { device: Device::Cpu, tile_rows: None, delta_chi2: 6.18, minimum: Minimum::Plane };
    let map = scan(&analysis, plane, settings, &Unobserved).unwrap();
    assert_eq!(map.missing(), 0);
    let names: Vec<&str> = map.chi2_by_dataset.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["my-csi", "my-lar"]);
    map.require_made_by(&analysis, "run.json").unwrap();
    // In map.npz the terms sum to chi2, and come back.
    let mut file = std::io::Cursor::new(Vec::new());
    write_map(&map, &mut file).unwrap();
    let saved = read_map(&mut file, "map.npz").unwrap();
    assert_eq!(saved.chi2_by_dataset, map.chi2_by_dataset);
    assert!(saved.is_shared && saved.plane == map.plane && saved.chi2 == map.chi2);
    let own = |point: usize| saved.chi2_by_dataset.iter().map(|(_, term)| term[point]).sum::<f64>();
    assert!(saved.chi2.iter().enumerate().any(|(point, chi2)| (chi2 - own(point)).abs() > 0.01), "sharing matters");
    for (i, mass) in map.plane.mass.values.iter().enumerate() {
        for (j, coupling) in map.plane.coupling.values.iter().enumerate() {
            let direct = joint_chi2(&analysis, (*mass, *coupling));
            assert!((map.chi2[i * 25 + j] - direct).abs() < 1e-7);
            let fit = analysis.fit(Point { mass_mev: *mass, coupling: *coupling });
            assert!((fit.total.chi2 - direct).abs() < 1e-7 && fit.shared.is_some());
        }
    }
}
