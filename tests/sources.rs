//! Neutrinos of reactors, and counts that are measured rather than counted.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;

/// A germanium detector at a reactor, on less off.
const REACTOR: &str = r#"
name = "reactor"
label = "Ge"
description = "made up for this test"
reference = "none"

[source]
kind = "reactor"
thermal_power_gw = 3.6
baseline_m = 20.7
fission_fractions = [0.53, 0.08, 0.32, 0.07]
highest_mev = 9
live_time_days = 100
duty = 0.9

[target]
active_mass_kg = 3
isotopes = [{ element = "Ge", mass_fraction = 1 }]

[quenching]
kind = "lindhard"
k = 0.162

[resolution]
kind = "gaussian"
constant_kev = 0.02

[efficiency]
kind = "constant"
value = 1

[observation]
energy_unit = "keVee"
counts = "counts.txt"
statistic = { kind = "gaussian", variance = "variance.txt" }

[signal]
name = "cevns"
sigma = 0.1
"#;

fn table(unit: &str, values: [f64; 2]) -> String {
    let [first, second] = values;
    format!(
        "# title: counts\n# source: made up\n# time_edges_us: 0 1\n# columns: lo hi t0\n# units: keVee keVee {unit}\n\
         # rows: 2\n0.2 0.3 {first}\n0.3 0.6 {second}\n"
    )
}

fn read(text: &str, counts: [f64; 2]) -> cevscan::Result<Dataset> {
    let (counts, variance) = (table("events", counts), table("events^2", [900.0, 400.0]));
    Dataset::from_texts(text, &[("counts.txt", &counts), ("variance.txt", &variance)])
}

#[test]
fn a_reactor_is_a_source() {
    let dataset = read(REACTOR, [70.5, -3.25]).unwrap();
    // 3.6 GW, 205.9 MeV a fission, 1.9 antineutrinos above 1.8 MeV each, at 20.7 m: some 4e12 /(cm^2 s) there.
    let flux = dataset.source.components[0].spectrum.moment(0, 0.0);
    assert!((3e12..5e12).contains(&flux), "{flux:e}");
    assert!((dataset.fluence_per_cm2 / (0.9 * 100.0 * 86_400.0) - 1.0).abs() < 1e-12);
    let experiment = Experiment::of(dataset).unwrap();
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, [&experiment]);
    let fit = analysis.fit(Point { mass_mev: 1.0, coupling: 0.0 });
    // One Gaussian parameter by hand: chi2 = sum (n - (1 + eta) s)^2/v + (eta/0.1)^2.
    let signal = analysis.predictions[0].signal_by_process(Point { mass_mev: 1.0, coupling: 0.0 }).remove(0).1;
    let weights = [1.0 / 900.0, 1.0 / 400.0];
    let (mut norm, mut slope) = (100.0, 100.0);
    let counts = [70.5, -3.25];
    for bin in 0..2 {
        norm += weights[bin] * signal[bin] * signal[bin];
        slope += weights[bin] * signal[bin] * counts[bin];
    }
    let factor = slope / norm;
    let by_hand: f64 = (0..2).map(|bin| weights[bin] * (counts[bin] - factor * signal[bin]).powi(2)).sum();
    let by_hand = by_hand + ((factor - 1.0) / 0.1).powi(2);
    assert!((fit.total.chi2 - by_hand).abs() < 1e-9, "{} {by_hand}", fit.total.chi2);
}

#[test]
fn what_is_no_reactor_or_no_count_is_refused() {
    let refused = |from: &str, to: &str, words: &[&str]| {
        let message = read(&REACTOR.replacen(from, to, 1), [1.0, 2.0]).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
    };
    refused("0.53, 0.08", "0.53, 0.18", &["dataset.toml:", "add up to 1"]);
    refused("0.53, 0.08, 0.32, 0.07", "0.6, 0.4", &["4 numbers: 235U"]);
    refused("highest_mev = 9", "highest_mev = 1.5", &["above 1.8 MeV"]);
    refused("duty = 0.9", "duty = 1.9", &["duty"]);
    refused("baseline_m = 20.7\n", "", &["baseline_m"]);
    // Without a variance of their own counts are counts.
    let poisson = REACTOR.replace("{ kind = \"gaussian\", variance = \"variance.txt\" }", "{ kind = \"poisson\" }");
    let message = read(&poisson, [1.0, -2.0]).unwrap_err().to_string();
    assert!(message.contains("counts.txt:8") && message.contains("whole number"), "{message}");
}

/// Published: 347 +- 59 events are expected where 395 +- 106 were seen.
#[test]
fn conus_plus_expects_what_was_published() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/conus-plus");
    let experiment = Experiment::of(Dataset::open(&folder).unwrap()).unwrap();
    let model = Model::standard();
    let analysis = Analysis::new(&model, [&experiment]);
    let events = analysis.predictions[0].events_by_process(Point { mass_mev: 1.0, coupling: 0.0 })[0].1;
    println!("{events}");
    assert!((events - 347.0).abs() < 59.0, "{events}");
}
