//! Uncertainties of the response as nuisance parameters of the fit.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::{Fineness, Nodes, Point};
use cevscan::statistics::Status;

/// The contract: varied counts are within this of the total of the exact plan.
const COUNTS_TOLERANCE: f64 = 1e-6;
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
    let nodes = Nodes::new(&full, Fineness::default()).unwrap();
    let names: Vec<&str> = full.deformations().map(|(name, _)| name).collect();
    assert_eq!(names, ["quenching_a", "quenching_b", "efficiency"]);
    let models = ["b-l", "scalar", "lmu-ltau"].map(|name| Model::named(name).unwrap());
    let points = [(1.0, 0.0), (0.1, 5e-5), (30.0, 1e-3)].map(|(mass_mev, coupling)| Point { mass_mev, coupling });
    for (number, name) in names.iter().enumerate() {
        for (t, way) in [(1.0, "up"), (-1.0, "down")] {
            let varied = Dataset::find(&format!("csi-{}-{way}", name.replace('_', "-"))).unwrap();
            let exact = Nodes::new(&varied, Fineness::default()).unwrap();
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
    refused(
        &variation("brn", good, good),
        &["dataset.toml:8: 'name' of [variation] is 'brn' again", "[background] in line 48 of csi/dataset.toml"],
    );
    refused(&variation("a", &format!("{good}, more = 1"), good), &["more"]);
}

/// A detector of germanium, with sections of the response as they are given.
fn germanium(sections: [&str; 3], variation: Option<[[&str; 2]; 2]>) -> Dataset {
    let names = ["quenching", "resolution", "efficiency"];
    let mut text = HEAD_OF_GERMANIUM.to_owned();
    for (name, section) in names.iter().zip(sections) {
        text += &format!("{name} = {{ {section} }}\n");
    }
    text += BODY_OF_GERMANIUM;
    if let Some([up, down]) = variation {
        let part = |[name, section]: [&str; 2]| format!("{{ {name} = {{ {section} }} }}");
        text += &format!("[[variation]]\nname = \"v\"\nup = {}\ndown = {}\n", part(up), part(down));
    }
    let header = "# title: efficiency\n# source: made up\n# columns: energy efficiency\n# units: keVee 1\n# rows: 3\n";
    let step = |from: &str, to: &str| format!("{header}{from} 0\n{to} 0.8\n20 0.8\n");
    let tables =
        [("eff15.txt", step("1.5", "1.51")), ("eff13.txt", step("1.3", "1.31")), ("eff05.txt", step("0.5", "0.51"))];
    let tables: Vec<(&str, &str)> = tables.iter().map(|(name, text)| (*name, text.as_str())).collect();
    Dataset::from_texts(&text, &tables).unwrap()
}

const HEAD_OF_GERMANIUM: &str = "name = \"ge\"\nlabel = \"Ge\"\ndescription = \"made up\"\nreference = \"none\"\n";
const BODY_OF_GERMANIUM: &str = r#"
[source]
kind = "pion-decay-at-rest"
neutrinos_per_flavour_per_proton = 0.09
protons_on_target = 6e22
baseline_m = 20
[target]
active_mass_kg = 10
isotopes = [{ element = "Ge", mass_fraction = 1 }]
[observation]
energy_unit = "keVee"
energy_edges = [0.5, 1, 2, 4, 8]
time_edges_us = [0, 6]
statistic = { kind = "poisson" }
[time]
trace = { kind = "gaussian", mean_ns = 440, sigma_ns = 150 }
[signal]
name = "cevns"
sigma = 0.05
[[background]]
name = "ss"
label = "steady state"
flat_events = 60
sigma = 0.05
"#;

/// An efficiency whose parabola turns below 0 takes away what was expected far above the data: it is said. With the signal of
/// the Standard Model nothing is.
#[test]
fn a_signal_that_is_made_negative_is_told() {
    let sections =
        [("quenching", "kind = \"lindhard\", k = 0.157"), ("resolution", "kind = \"gaussian\", constant_kev = 0.1")];
    let mut text = HEAD_OF_GERMANIUM.to_owned();
    for (name, section) in
        sections.into_iter().chain([("efficiency", "kind = \"logistic\", amplitude = 0.9, slope = 8, centre = 0.6")])
    {
        text += &format!("{name} = {{ {section} }}\n");
    }
    let bins = "energy_edges = [0.5, 1, 2, 4, 8]\ntime_edges_us = [0, 6]\nstatistic = { kind = \"poisson\" }";
    let measured = "counts = \"counts.txt\"\nstatistic = { kind = \"gaussian\", variance = \"variance.txt\" }";
    text += &BODY_OF_GERMANIUM.replace(bins, measured);
    text += "[[variation]]\nname = \"v\"\nup = { efficiency = { kind = \"constant\", value = 0.9 } }\n\
             down = { efficiency = { kind = \"constant\", value = 0.01 } }\n";
    let table = |unit: &str, values: [f64; 3]| {
        let rows = [[0.5, 2.0], [2.0, 4.0], [4.0, 12.0]].iter().zip(values);
        let rows: String = rows.map(|([low, high], value)| format!("{low} {high} {value}\n")).collect();
        let columns = format!("# columns: lo hi t0\n# units: keVee keVee {unit}\n# rows: 3\n");
        format!("# title: made up\n# source: made up\n# time_edges_us: 0 6\n{columns}{rows}")
    };
    let (counts, variance) = (table("events", [62.5, 51.25, 48.0]), table("events^2", [90.0, 80.0, 75.0]));
    let dataset = Dataset::from_texts(&text, &[("counts.txt", &counts), ("variance.txt", &variance)]).unwrap();
    let analysis = Analysis::new(&Model::named("b-l").unwrap(), [&Experiment::of(dataset).unwrap()]);
    let far = |coupling: f64| {
        let fit = analysis.fit(Point { mass_mev: 10.0, coupling });
        (fit.datasets[0].processes[0].clone(), analysis.far_deformations(&fit))
    };
    let (signal, told) = far(3e-4);
    let least = signal.iter().copied().fold(0.0, f64::min);
    assert!(least < -0.1, "{signal:?}");
    assert_eq!(told.len(), 1, "{signal:?}");
    assert_eq!(told[0].smallest_signal, Some(least));
    assert!(told[0].words().contains("negative"), "{}", told[0].words());
    let (signal, told) = far(0.0);
    assert!(signal.iter().all(|events| *events > 0.0) && told.is_empty(), "{signal:?} {told:?}");
}

/// Regression: recoils that the nominal response does not see were no nodes, so that a lower threshold, a larger quenching
/// or a wider resolution added nothing. Derived: at t = 1 and -1 the counts are those of the response that is given there.
#[test]
fn variations_see_what_the_nominal_response_does_not() {
    let quenching = "kind = \"lindhard\", k = 0.157";
    let resolution = "kind = \"gaussian\", constant_kev = 0.1, sqrt_kev = 0.05";
    let logistic = "kind = \"logistic\", amplitude = 0.9, slope = 8, centre = 0.6";
    let table = |at: &str, name: &str| format!("kind = \"table\", at = \"{at}\", table = \"{name}.txt\"");
    let (true15, true13, true05) = (table("true", "eff15"), table("true", "eff13"), table("true", "eff05"));
    let (reconstructed15, reconstructed05) = (table("reconstructed", "eff15"), table("reconstructed", "eff05"));
    let cases: [([&str; 3], usize, [&str; 2]); 6] = [
        ([quenching, resolution, &true15], 2, [&true13, &true15]),
        ([quenching, resolution, &true15], 2, [&true05, &true15]),
        ([quenching, resolution, &reconstructed15], 2, [&reconstructed05, &reconstructed15]),
        ([quenching, resolution, logistic], 0, ["kind = \"lindhard\", k = 0.2", "kind = \"lindhard\", k = 0.05"]),
        (
            [quenching, "kind = \"gaussian\", sqrt_kev = 0.05", logistic],
            0,
            ["kind = \"lindhard\", k = 0.196", "kind = \"lindhard\", k = 0.118"],
        ),
        (
            [quenching, resolution, logistic],
            1,
            ["kind = \"gaussian\", constant_kev = 0.3, sqrt_kev = 0.1", "kind = \"gaussian\", constant_kev = 0.05"],
        ),
    ];
    let names = ["quenching", "resolution", "efficiency"];
    for (sections, which, ways) in cases {
        let varied = germanium(sections, Some(ways.map(|way| [names[which], way])));
        let nodes = Nodes::new(&varied, Fineness::default()).unwrap();
        for (t, way) in [(0.0, sections[which]), (1.0, ways[0]), (-1.0, ways[1])] {
            let mut alone = sections;
            alone[which] = way;
            let alone = germanium(alone, None);
            let exact = Nodes::new(&alone, Fineness::default()).unwrap();
            for (model, mass_mev, coupling) in [("b-l", 1.0, 0.0), ("b-l", 0.1, 5e-5), ("scalar", 0.1, 1e-5)] {
                let (model, point) = (Model::named(model).unwrap(), Point { mass_mev, coupling });
                let (plan, exact) = (nodes.plan(&varied, &model), exact.plan(&alone, &model));
                let mut sets = vec![0.0; plan.signal_counts()];
                counts_at(&plan, point, &mut sets);
                let sets: Vec<&[f64]> = sets.chunks(plan.channels()).collect();
                let mut expected = vec![0.0; exact.channels()];
                counts_at(&exact, point, &mut expected);
                let total: f64 = expected.iter().sum();
                assert!(total > 0.01, "{way}: {total}");
                for (channel, expected) in expected.iter().enumerate() {
                    let found = sets[0][channel] + t * (sets[1][channel] + t * sets[2][channel]);
                    assert!((found - expected).abs() < 2e-6 * total, "{way} {t} {channel}: {found} {expected}");
                }
            }
        }
    }
}

/// Regression: near a saddle of chi2 steps without the curvature of mu grew by 4 % each, and sixty of them led nowhere.
#[test]
fn saddles_are_left() {
    let full = Experiment::of(Dataset::named("csi-full").unwrap()).unwrap();
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, [&full]);
    let point = Point { mass_mev: 62.057_288_067_765_03, coupling: 1.230_524_004_359_263_5e-4 };
    let total = analysis.fit(point).total;
    assert_eq!(total.status, Status::Converged);
    // The saddle has 104.3642.
    assert!(total.chi2 < 104.335 && total.iterations < 60, "{total:?}");
}
