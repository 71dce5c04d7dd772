//! Datasets that once gave wrong numbers without a word, with what is right; and what is refused now.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::Error;
use cevscan::analysis::limits::{LOW_MASS_MEV, best_fit, bound};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::cpu::counts_at;
use cevscan::rates::{Fineness, Nodes, Point};

const GERMANIUM: &str = "protons = 32\nneutrons = 42\natomic_mass_u = 73.92117776\nproton_radius_fm = 4.07\n\
                         neutron_radius_fm = 4.13";
const SILICON: &str = "protons = 14\nneutrons = 14\natomic_mass_u = 27.97692654\nproton_radius_fm = 3.12\n\
                       neutron_radius_fm = 3.15";

/// 10 kg of one nuclide at a stopped-pion source.
fn dataset(nuclide: &str, quenching: &str, resolution: &str, efficiency: &str, observation: &str) -> String {
    format!(
        r#"name = "sharp"
label = "x"
description = "x"
reference = "made up"
[source]
kind = "pion-decay-at-rest"
neutrinos_per_flavour_per_proton = 0.09
protons_on_target = 6e22
baseline_m = 20
[target]
active_mass_kg = 10
isotopes = [{{ name = "X", mass_fraction = 1 }}]
[[isotope]]
name = "X"
{nuclide}
[quenching]
{quenching}
[resolution]
kind = "gaussian"
{resolution}
[efficiency]
{efficiency}
[observation]
energy_unit = "keVee"
{observation}
statistic = {{ kind = "poisson" }}
[signal]
name = "cevns"
sigma = 0.05
"#
    )
}

const GE_QUENCHING: &str = "kind = \"lindhard\"\nk = 0.157";
const ALL_SEEN: &str = "kind = \"constant\"\nvalue = 1.0";

fn edges(first: f64, step: f64, bins: u32) -> String {
    let edges: Vec<f64> = (0..=bins).map(|i| ((first + step * f64::from(i)) * 1e3).round() / 1e3).collect();
    format!("energy_edges = {edges:?}\ntime_edges_us = [0, 6]")
}

/// The Standard Model's events in each energy bin.
fn standard_model(dataset: &Dataset) -> Vec<f64> {
    let plan = Nodes::new(dataset, Fineness::default()).unwrap().plan(dataset, &Model::standard());
    let mut counts = vec![0.0; plan.channels()];
    counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
    let bins = dataset.energy_bins();
    (0..bins).map(|bin| counts.iter().skip(bin).step_by(bins).sum()).collect()
}

#[test]
fn a_narrow_smearing_is_followed() {
    // An independent integral over 600,000 recoil energies.
    for (nuclide, k, smearing, edges, bin, expected) in [
        (GERMANIUM, 0.157, "constant_kev = 0.02", edges(1.0, 0.5, 14), 7, 5.3245),
        (SILICON, 0.146, "constant_kev = 0.0075", edges(0.05, 0.25, 40), 32, 0.4609),
    ] {
        let text = dataset(nuclide, &format!("kind = \"lindhard\"\nk = {k}"), smearing, ALL_SEEN, &edges);
        let got = standard_model(&Dataset::from_texts(&text, &[]).unwrap())[bin];
        assert!((got - expected).abs() < 0.51e-4, "{got} {expected}");
    }
}

#[test]
fn a_steep_efficiency_is_the_edge_of_a_bin() {
    let smearing = "constant_kev = 0.1\nsqrt_kev = 0.05";
    let with = |efficiency: &str, first: f64| {
        let bins = format!("energy_edges = [{first}, 2, 4, 8, 12]\ntime_edges_us = [0, 6]");
        let text = dataset(GERMANIUM, GE_QUENCHING, smearing, efficiency, &bins);
        standard_model(&Dataset::from_texts(&text, &[]).unwrap())[0]
    };
    let steep = with("kind = \"logistic\"\namplitude = 0.9\nslope = 3000\ncentre = 1.237", 0.5);
    let edge = with("kind = \"constant\"\nvalue = 0.9", 1.237);
    // The bin without the logistic, by its closed form; a logistic of width 1/3000 keV differs from a step by 1e-7.
    assert!((edge - 20.6732).abs() < 0.51e-4 && (steep / edge - 1.0).abs() < 1e-6, "{steep} {edge}");
}

/// Germanium near a reactor, with a falling flux to 12 MeV and rows of zeros after it, or none.
fn reactor(zeros: &str) -> Experiment {
    let rows: String =
        (0..=240).map(|i| f64::from(i) * 0.05).map(|e| format!("{e:.2} {:.10e}\n", 1e12 * (-e).exp())).collect();
    let count = 241 + zeros.lines().count();
    let flux = format!(
        "# title: falling flux\n# source: made up\n# columns: energy nu_e_bar\n# units: MeV 1/(MeV*cm^2*s)\n\
         # rows: {count}\n{rows}{zeros}"
    );
    let text = r#"name = "reactor"
label = "Ge"
description = "germanium near a reactor"
reference = "made up"
[source]
kind = "table"
table = "flux.txt"
live_time_days = 100
[target]
active_mass_kg = 10
isotopes = [{ name = "74Ge", mass_fraction = 1 }]
[quenching]
kind = "lindhard"
k = 0.157
[resolution]
kind = "gaussian"
constant_kev = 0.07
[efficiency]
kind = "constant"
value = 1.0
[observation]
energy_unit = "keVee"
energy_edges = [0.3, 0.45, 0.6, 0.9, 1.5]
time_edges_us = [0, 6]
statistic = { kind = "poisson" }
[signal]
name = "cevns"
sigma = 0.05
[[background]]
name = "bg"
label = "background"
flat_events = 2000
sigma = 0.05
"#;
    Experiment::of(Dataset::from_texts(text, &[("flux.txt", &flux)]).unwrap()).unwrap()
}

#[test]
fn recoils_count_down_to_where_the_response_ends() {
    // An integral over all recoils. With those below 1e-5 of the largest left out it was 5.226e-6, and 1.7 times that
    // where rows of zeros stood at the end of the flux.
    let model = Model::named("b-l").unwrap();
    for zeros in ["", "12.05 0\n50 0\n"] {
        let experiment = reactor(zeros);
        let analysis = Analysis::new(&model, [&experiment]);
        let best = best_fit(&analysis).unwrap();
        let got = bound(&analysis, LOW_MASS_MEV, best.chi2 + 6.18007).unwrap().edge(1).unwrap();
        assert!((got / 4.616e-6 - 1.0).abs() < 2e-4, "{zeros:?}: {got}");
    }
}

#[test]
fn what_takes_too_much_is_refused_with_its_reason() {
    // 9,000 bins, each with edges that are nearly steps.
    let text = dataset(GERMANIUM, GE_QUENCHING, "linear = 1e-6", ALL_SEEN, &edges(1.0, 0.001, 9000));
    let error = Experiment::new(Dataset::from_texts(&text, &[]).unwrap()).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::NotConverged { .. }), "{message}");
    for word in ["sharp on X", "9000 energy bins", "keVee", "nodes"] {
        assert!(message.contains(word), "{message}");
    }
}

/// The error of a dataset with this quenching and efficiency.
fn refused(quenching: &str, efficiency: &str, tables: &[(&str, &str)]) -> String {
    let observation = "energy_edges = [0.5, 2, 4, 8, 12]\ntime_edges_us = [0, 6]";
    let text = dataset(GERMANIUM, quenching, "constant_kev = 0.1", efficiency, observation);
    Dataset::from_texts(&text, tables).unwrap_err().to_string()
}

#[test]
fn one_bound_holds_for_all_forms_of_an_efficiency() {
    let logistic = |numbers: &str| format!("kind = \"logistic\"\n{numbers}\nslope = 8\ncentre = 0.6");
    for efficiency in [
        logistic("amplitude = 90"),
        logistic("amplitude = -0.9"),
        logistic("amplitude = 0.6\noffset = 0.5"),
        logistic("amplitude = 0.5\noffset = -0.5"),
        "kind = \"constant\"\nvalue = 1.5".to_owned(),
        "kind = \"logistic\"\ntable = \"abcd.txt\"".to_owned(),
        "kind = \"table\"\nat = \"true\"\ntable = \"zero.txt\"".to_owned(),
    ] {
        let abcd = "# title: x\n# source: x\n# columns: a b c d\n# units: 1 1/keVee keVee 1\n# rows: 1\n90 8 0.6 0\n";
        let zero = "# title: x\n# source: x\n# columns: energy efficiency\n# units: keVee 1\n# rows: 2\n1 0\n2 0\n";
        let message = refused(GE_QUENCHING, &efficiency, &[("abcd.txt", abcd), ("zero.txt", zero)]);
        assert!(message.starts_with("dataset.toml:") && message.contains("[efficiency]"), "{efficiency}: {message}");
    }
}

#[test]
fn one_bound_holds_for_all_forms_of_quenching() {
    let table = |rows: &str| {
        let count = rows.lines().count();
        format!(
            "# title: q\n# source: x\n# columns: power coefficient\n# units: 1 MeVee/MeVnr^power\n# rows: {count}\n{rows}"
        )
    };
    for (quenching, rows, words) in [
        ("kind = \"polynomial\"\ncoefficients_kev = [0, -0.2]", "", "[quenching]"),
        ("kind = \"linear\"\nfactor = -0.2", "", "[quenching]"),
        ("kind = \"polynomial\"\ncoefficients_kev = [0, 0.2, -0.01]", "", "[quenching]"),
        ("kind = \"polynomial\"\ncoefficients_kev = [0, 2000]", "", "[quenching]"),
        ("kind = \"polynomial-table\"\ntable = \"q.txt\"", "1 -0.2\n", "[quenching]"),
        ("kind = \"polynomial-table\"\ntable = \"q.txt\"", "1 0.2\n1 0.05\n", "q.txt:7: power is 1"),
    ] {
        let message = refused(quenching, ALL_SEEN, &[("q.txt", &table(rows))]);
        assert!(message.contains(words), "{quenching}: {message}");
    }
}

#[test]
fn an_isotope_given_twice_is_refused() {
    let observation = "energy_edges = [0.5, 2]\ntime_edges_us = [0, 6]";
    let twice = format!("{GERMANIUM}\n[[isotope]]\nname = \"X\"\n{SILICON}");
    let text = dataset(&twice, GE_QUENCHING, "constant_kev = 0.1", ALL_SEEN, observation);
    let message = Dataset::from_texts(&text, &[]).unwrap_err().to_string();
    assert!(message.contains("'X' again") && message.contains("[isotope] in line"), "{message}");
}

#[test]
fn counts_where_nothing_is_expected_name_their_bin() {
    let counts = "# title: x\n# source: made up\n# time_edges_us: 0 6\n# columns: lo hi t0\n# units: keVee keVee events\n\
                  # rows: 4\n0.5 2 44\n2 12 90\n12 1000 0\n1000 10000 3\n";
    let smearing = "constant_kev = 0.1\nsqrt_kev = 0.05";
    let text = dataset(GERMANIUM, GE_QUENCHING, smearing, ALL_SEEN, "counts = \"counts.txt\"");
    let message =
        Experiment::new(Dataset::from_texts(&text, &[("counts.txt", counts)]).unwrap()).unwrap_err().to_string();
    for word in ["'sharp'", "energy bin 3 (1000 to 10000 keVee)", "time bin 0 (0 to 6 us)", "3 events"] {
        assert!(message.contains(word), "{message}");
    }
}
