//! Fits of deformed signals have several minima: the lowest counts, for the scalar minimiser, along rows and in dense maps.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::limits::Minimum;
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::cpu::counts_at;
use cevscan::scan::{Device, Map, Plane, Settings, Unobserved, scan};
use cevscan::statistics::{Profile, Status};

/// Datasets whose signal is deformed, and the number of parameters that deform it.
const DATA: [(&str, usize); 2] = [("csi-full", 3), ("xenonnt", 2)];
/// Where Delta chi2 < 50 a chi2 along a row or interpolated is within this of the scalar minimiser's ...
const NEAR: f64 = 1e-8;
/// ... and within this elsewhere, relative to a thousandth of chi2 above 1,000, or below it: a minimum that ends with growing
/// coupling is found from its neighbours up to its end, and from afar not quite.
const FAR: f64 = 1e-6;
const GRID: (usize, usize) = (60, 300);
/// Points of a map that are compared: half of them anywhere, half where Delta chi2 is between 2 and 1,000.
const POINTS: usize = 120;

/// Random starts, far and near, lead to no lower minimum than the scalar minimiser finds; and to others, so that it could be
/// missed. csi-full with L_e-L_tau at 2.753 MeV and 2.9663e-3 is one at which the centres of the priors lead to 87.7121 and
/// the lowest is 82.6750 (our own search with 40 starts).
#[test]
fn the_scalar_minimiser_finds_the_lowest_minimum() {
    let mut random = fastrand::Rng::with_seed(24);
    for ((data, deformations), models, least) in [
        (DATA[0], ["le-ltau", "b-3le", "universal", "scalar"], 20),
        (DATA[1], ["b-l", "le-ltau", "lmu-ltau", "scalar"], 3),
    ] {
        let experiments = Experiment::parse_list(data).unwrap();
        let mut with_others = 0;
        for model in models {
            let analysis = Analysis::new(&Model::named(model).unwrap(), &experiments);
            let fit = &analysis.predictions[0].experiment.rows;
            let mut work = fit.likelihood().workspace();
            let mut points: Vec<(f64, f64)> =
                (0..60).map(|_| (10f64.powf(4.0 * random.f64() - 1.0), 10f64.powf(-6.0 * random.f64()))).collect();
            if (data, model) == ("csi-full", "le-ltau") {
                points.push((2.753, 2.9663e-3));
            }
            for (mass_mev, coupling) in points {
                let plan = &analysis.predictions[0].plan;
                let mut counts = vec![0.0; plan.signal_counts()];
                counts_at(plan, Point { mass_mev, coupling }, &mut counts);
                let Profile { chi2: lowest, status, .. } = fit.likelihood().profile(&[&counts], &mut work);
                assert_eq!(status, Status::Converged, "{data} {model} {mass_mev} {coupling}");
                if (data, model, mass_mev) == ("csi-full", "le-ltau", 2.753) {
                    assert!((lowest - 82.6750).abs() < 1e-4, "{lowest}");
                }
                let mut is_one = true;
                for _ in 0..25 {
                    let norm = 0.01f64.powf(random.f64()) * 1.5;
                    let t: Vec<f64> = (0..deformations).map(|_| 8.0 * random.f64() - 4.0).collect();
                    let other = fit.likelihood().profile_from(&[&counts], &mut work, norm, &t).chi2;
                    // NaN: steps from there led nowhere.
                    let is_lower = other < lowest - 1e-6 * (lowest / 1e3).max(1.0);
                    assert!(!is_lower, "{data} {model} {mass_mev} MeV {coupling}: {other} is below {lowest}");
                    is_one &= other.is_nan() || other <= lowest + 1e-3;
                }
                with_others += usize::from(!is_one);
            }
        }
        assert!(with_others >= least, "{data}: {with_others} points have other minima");
    }
}

fn map(analysis: &Analysis, device: Device) -> Map {
    let plane = Plane::new((2.0, 200.0), (1e-6, 1.0), GRID, 2).unwrap();
    let settings = Settings { device, tile_rows: None, delta_chi2: 6.18007, minimum: Minimum::Plane };
    scan(analysis, plane, settings, &Unobserved).unwrap()
}

/// Points to compare, chosen by a generator of their own.
fn chosen(map: &Map, random: &mut fastrand::Rng) -> Vec<usize> {
    let steep: Vec<usize> =
        (0..map.chi2.len()).filter(|point| (2.0..1e3).contains(&(map.chi2[*point] - map.best_fit.chi2))).collect();
    let mut points: Vec<usize> = (0..POINTS / 2).map(|_| random.usize(..map.chi2.len())).collect();
    points.extend((0..POINTS / 2).map(|_| steep[random.usize(..steep.len())]));
    points
}

/// What is out of contract, one line a point.
fn broken(map: &Map, analysis: &Analysis, random: &mut fastrand::Rng) -> Vec<String> {
    let mut scratch = analysis.scratch();
    let mut broken = Vec::new();
    for point in chosen(map, random) {
        let (row, column) = (point / GRID.1, point % GRID.1);
        let (mass_mev, coupling) = (map.plane.mass.values[row], map.plane.coupling.values[column]);
        let profiles = analysis.at_mass(mass_mev).profiles(coupling, &mut scratch);
        let reference = analysis.total(profiles.iter().map(|profile| profile.chi2));
        let difference = map.chi2[point] - reference;
        let is_within = match reference.min(map.chi2[point]) - map.best_fit.chi2 < 50.0 {
            true => difference.abs() <= NEAR,
            false => difference <= FAR * (reference / 1e3).max(1.0),
        };
        if !is_within {
            broken.push(format!("{mass_mev} MeV {coupling}: {} {reference}", map.chi2[point]));
        }
    }
    broken
}

/// Interpolated maps, and one of each dataset with every point minimised; a map of another model is told apart.
#[test]
fn maps_hold_the_lowest_minimum() {
    let mut random = fastrand::Rng::with_seed(15);
    for (data, _) in DATA {
        let experiments = Experiment::parse_list(data).unwrap();
        for (i, model) in Model::all().unwrap().iter().enumerate() {
            let analysis = Analysis::new(model, &experiments);
            let device = if i == 8 { Device::Cpu } else { Device::Interpolated };
            let own = map(&analysis, device);
            let found = broken(&own, &analysis, &mut random);
            assert!(found.is_empty(), "{data} {}:\n{}", model.name, found.join("\n"));
            if i == 0 {
                let other = Analysis::new(&Model::named("b-l").unwrap(), &experiments);
                assert!(!broken(&own, &other, &mut random).is_empty());
            }
        }
    }
}

/// A dataset of three bins whose response three parameters raise by 3/5, in a bin each, up and down alike.
fn symmetric(counts: [usize; 3]) -> Experiment {
    // Probabilities of the bins by recoil energy (keV).
    const RESPONSE: [[f64; 4]; 9] = [
        [0.5, 0.0, 0.0, 0.0],
        [1.0, 0.2, 0.1, 0.025],
        [2.0, 0.15, 0.15, 0.05],
        [4.0, 0.1, 0.15, 0.1],
        [8.0, 0.05, 0.1, 0.15],
        [16.0, 0.025, 0.05, 0.15],
        [32.0, 0.01, 0.025, 0.1],
        [64.0, 0.005, 0.01, 0.05],
        [128.0, 0.0, 0.005, 0.025],
    ];
    let response = |raised: Option<usize>| {
        let row = |[energy, seen @ ..]: [f64; 4]| {
            let [a, b, c] = [0, 1, 2].map(|bin| seen[bin] * if raised == Some(bin) { 1.6 } else { 1.0 });
            format!("{energy} {a} {b} {c}\n")
        };
        let head = "# title: r\n# source: made\n# columns: recoil_energy p0 p1 p2\n# units: keVnr 1 1 1\n# rows: 9\n";
        head.to_owned() + &RESPONSE.map(row).concat()
    };
    let head =
        "# title: c\n# source: made\n# time_edges_us: 0 6\n# columns: lo hi t0\n# units: bin bin events\n# rows: 3\n";
    let [a, b, c] = counts;
    let counts = format!("{head}0 1 {a}\n1 2 {b}\n2 3 {c}\n");
    let variation = |bin: usize| format!("{{ name = \"v{bin}\", up = \"{bin}.txt\", down = \"{bin}.txt\" }}");
    let variations = [0, 1, 2].map(variation).join(", ");
    let text = format!(
        r#"
name = "symmetric"
label = "symmetric"
description = "Three bins."
reference = "none"
source = {{ kind = "pion-decay-at-rest", neutrinos_per_flavour_per_proton = 0.0848, protons_on_target = 3.198e23, baseline_m = 19.3 }}
target = {{ active_mass_kg = 14.6, isotopes = [{{ element = "Ge", mass_fraction = 1 }}] }}
observation = {{ energy_unit = "bin", counts = "counts.txt", statistic = {{ kind = "poisson" }} }}
signal = {{ name = "cevns", sigma = 0.01 }}
background = [{{ name = "ss", label = "ss", flat_events = 30, sigma = 0.05 }}]
response = {{ kind = "matrix", table = "r.txt", variation = [{variations}] }}
"#
    );
    let [nominal, first, second, third] = [None, Some(0), Some(1), Some(2)].map(response);
    let tables =
        [("counts.txt", &*counts), ("r.txt", &nominal), ("0.txt", &first), ("1.txt", &second), ("2.txt", &third)];
    Experiment::of(Dataset::from_texts(&text, &tables).unwrap()).unwrap()
}

/// Where tables up and down are alike chi2 has no slope in any deformation at 0: a saddle, 73.07, 317.08 and 1.728, is no
/// minimum. Independent calculation: a minimiser of the tester's own, from 64 starts.
#[test]
fn a_saddle_is_left() {
    let model = Model::named("b-l").unwrap();
    for (counts, lowest) in [([150, 180, 240], 3.703), ([200, 300, 400], 8.74), ([90, 200, 140], 1.537)] {
        let analysis = Analysis::new(&model, &[symmetric(counts)]);
        let mut scratch = analysis.scratch();
        let curve = analysis.at_mass(10.0);
        let [reference] = &curve.profiles(1e-6, &mut scratch)[..] else { panic!("one dataset") };
        assert!((reference.chi2 - lowest).abs() < 0.02, "{counts:?}: {}", reference.chi2);
        let couplings: Vec<f64> = (0..200).map(|k| 1e-7 * 1.08f64.powi(k)).collect();
        for (coupling, chi2) in couplings.iter().zip(curve.chi2_row(&couplings, &mut scratch).unwrap()) {
            let reference = curve.profiles(*coupling, &mut scratch)[0].chi2;
            assert!((chi2 - reference).abs() < 1e-6 * (reference / 1e3).max(1.0), "{coupling}: {chi2} {reference}");
        }
    }
}
