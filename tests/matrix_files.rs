//! Responses by a table: what is understood, and what is refused with its file and line.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;

const DATASET: &str = r#"
name = "xenon"
label = "Xe"
description = "two bins of a made-up detector"
reference = "none"

[source]
kind = "solar-8b"
flux_per_cm2_s = 5e6
survival = 0.33
muon_share = 0.5
table = "b8.txt"
live_time_days = 365

[target]
active_mass_kg = 1000
isotopes = [{ name = "132Xe", mass_fraction = 1 }]

[response]
kind = "matrix"
table = "response.txt"
variation = [{ name = "yield", up = "up.txt", down = "down.txt" }]

[observation]
energy_unit = "bin"
counts = "counts.txt"
statistic = { kind = "poisson" }

[signal]
name = "cevns"
sigma = 0.1

[[background]]
name = "flat"
label = "flat"
flat_events = 3
sigma = 0.2
"#;

const COUNTS: &str = "# title: counts\n# source: made up\n# time_edges_us: 0 1\n# columns: lo hi t0\n# units: bin bin events\n# rows: 2\n0 1 3\n1 2 2\n";
const SPECTRUM: &str = "# title: spectrum\n# source: made up\n# columns: energy density\n# units: MeV 1/MeV\n# rows: 3\n0 0\n8 0.125\n16 0\n";

fn matrix(rows: &[[f64; 3]]) -> String {
    let head = "# title: response\n# source: made up\n# columns: recoil_energy p0 p1\n# units: keVnr 1 1\n";
    let lines: Vec<String> = rows.iter().map(|[t, a, b]| format!("{t} {a} {b}\n")).collect();
    format!("{head}# rows: {}\n{}", rows.len(), lines.concat())
}

const NOMINAL: [[f64; 3]; 3] = [[0.5, 0.0, 0.0], [2.0, 0.4, 0.2], [5.0, 0.3, 0.5]];
const UP: [[f64; 3]; 3] = [[0.5, 0.0, 0.0], [2.0, 0.5, 0.2], [5.0, 0.3, 0.6]];
const DOWN: [[f64; 3]; 3] = [[0.5, 0.0, 0.0], [2.0, 0.35, 0.2], [5.0, 0.3, 0.45]];

fn read(dataset: &str, response: &str, up: &str, counts: &str, spectrum: &str) -> cevscan::Result<Dataset> {
    let tables = [
        ("response.txt", response),
        ("up.txt", up),
        ("down.txt", &matrix(&DOWN)),
        ("counts.txt", counts),
        ("b8.txt", spectrum),
    ];
    Dataset::from_texts(dataset, &tables)
}

fn good() -> Dataset {
    read(DATASET, &matrix(&NOMINAL), &matrix(&UP), COUNTS, SPECTRUM).unwrap()
}

#[test]
fn a_table_is_a_response() {
    let experiment = Experiment::of(good()).unwrap();
    let model = Model::named("b-l").unwrap();
    let analysis = Analysis::new(&model, [&experiment]);
    let fit = analysis.fit(Point { mass_mev: 1.0, coupling: 1e-5 });
    assert!(fit.total.chi2.is_finite() && fit.datasets[0].events > 0.0);
    let names: Vec<&str> = experiment.measurement.expectation.pull_names().collect();
    assert_eq!(names, ["cevns", "flat", "yield"]);
    // The parabola through the three tables gives them back.
    let at = |name: &str| {
        let with = DATASET.replace("variation = [{ name = \"yield\", up = \"up.txt\", down = \"down.txt\" }]\n", "");
        let experiment = Experiment::of(read(&with, name, "", COUNTS, SPECTRUM).unwrap()).unwrap();
        Analysis::new(&model, [&experiment]).predictions[0].events_by_process(Point { mass_mev: 1.0, coupling: 0.0 })[0]
            .1
    };
    let mut counts = vec![0.0; analysis.predictions[0].plan.signal_counts()];
    cevscan::rates::cpu::counts_at(&analysis.predictions[0].plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut counts);
    let sums: Vec<f64> = counts.chunks(2).map(|set| set.iter().sum()).collect();
    for (t, table) in [(0.0, &NOMINAL), (1.0, &UP), (-1.0, &DOWN)] {
        let found = sums[0] + t * (sums[1] + t * sums[2]);
        let expected = at(&matrix(table));
        assert!((found / expected - 1.0).abs() < 1e-6, "{t}: {found} {expected}");
    }
}

#[test]
fn what_is_no_matrix_is_refused_with_file_and_line() {
    let refused = |dataset: &str, response: &str, up: &str, counts: &str, words: &[&str]| {
        let message = read(dataset, response, up, counts, SPECTRUM).unwrap_err().to_string();
        assert!(words.iter().all(|word| message.contains(word)), "{message}: {words:?}");
        assert_eq!(message.lines().count(), 1);
    };
    let (nominal, up) = (matrix(&NOMINAL), matrix(&UP));
    let with = |row: usize, values: [f64; 3]| {
        let mut rows = NOMINAL;
        rows[row] = values;
        matrix(&rows)
    };
    refused(DATASET, &with(1, [2.0, 0.7, 0.4]), &up, COUNTS, &["response.txt:7", "sum of the probabilities", "1.1"]);
    refused(DATASET, &with(1, [2.0, 1.5, 0.0]), &up, COUNTS, &["response.txt:7", "probability p0", "1.5"]);
    refused(DATASET, &with(1, [2.0, -0.1, 0.0]), &up, COUNTS, &["response.txt:7", "-0.1"]);
    refused(DATASET, &with(0, [0.5, 0.1, 0.1]), &up, COUNTS, &["response.txt:6", "threshold"]);
    refused(DATASET, &with(2, [3.0, 0.3, 0.5]), &up, COUNTS, &["response.txt:8", "largest recoil"]);
    refused(DATASET, &with(1, [0.4, 0.3, 0.5]), &up, COUNTS, &["response.txt:7", "larger than in the row before"]);
    let mut other = UP;
    other[1][0] = 2.5;
    refused(DATASET, &nominal, &matrix(&other), COUNTS, &["up.txt:7", "without variation"]);
    let three = COUNTS.replace("rows: 2", "rows: 3") + "2 3 1\n";
    refused(DATASET, &nominal, &up, &three, &["response.txt", "number of columns", "4: the energy"]);
    let edges = COUNTS.replace("0 1 3\n1 2 2\n", "0 1.5 3\n1.5 2 2\n");
    refused(DATASET, &nominal, &up, &edges, &["counts.txt:7", "the numbers of the bins"]);
    let kev = DATASET.replace("energy_unit = \"bin\"", "energy_unit = \"keVnr\"");
    refused(&kev, &nominal, &up, &COUNTS.replace("bin bin", "keVnr keVnr"), &["response", "that of a matrix"]);
    let electrons = DATASET.replace("[signal]", "[[process]]\nkind = \"electron-scattering\"\n\n[signal]");
    refused(&electrons, &nominal, &up, COUNTS, &["electron-scattering", "in PE or keVee"]);
    let twice = DATASET.replace("name = \"yield\"", "name = \"flat\"");
    refused(&twice, &nominal, &up, COUNTS, &["'flat' again", "[response.variation] in line 22"]);
    let message = read(DATASET, &nominal, &up, COUNTS, &SPECTRUM.replace("0.125", "0.25")).unwrap_err().to_string();
    assert!(message.contains("b8.txt:6") && message.contains("integral"), "{message}");
}

/// A variance that is none is refused with its line, in any binning.
#[test]
fn a_negative_variance_is_refused() {
    let gaussian = DATASET.replace("{ kind = \"poisson\" }", "{ kind = \"gaussian\", variance = \"up.txt\" }");
    let gaussian = gaussian.replace("variation = [{ name = \"yield\", up = \"up.txt\", down = \"down.txt\" }]\n", "");
    let variance = COUNTS.replace("bin bin events", "bin bin events^2").replace("1 2 2", "1 2 -2");
    let message = read(&gaussian, &matrix(&NOMINAL), &variance, COUNTS, SPECTRUM).unwrap_err().to_string();
    assert!(message.contains("up.txt:8") && message.contains("positive"), "{message}");
}

/// Up and down that are the nominal table are a parameter of no effect: warned of when the file is read.
#[test]
fn a_variation_that_changes_nothing_is_warned_of() {
    let same = read(DATASET, &matrix(&NOMINAL), &matrix(&NOMINAL), COUNTS, SPECTRUM).unwrap();
    let both = DATASET.replace("down = \"down.txt\"", "down = \"up.txt\"");
    assert!(same.doubts.iter().all(|doubt| !doubt.contains("changes nothing")), "down differs: {:?}", same.doubts);
    let same = read(&both, &matrix(&NOMINAL), &matrix(&NOMINAL), COUNTS, SPECTRUM).unwrap();
    assert!(same.doubts.iter().any(|doubt| doubt.contains("variation yield changes nothing")), "{:?}", same.doubts);
}

/// Far more in the first bin than the tables can give: the fit pulls their parameter beyond five sigma, and probabilities
/// beyond 1; it says so, and at a sound count it says nothing.
#[test]
fn a_response_deformed_far_is_told() {
    let model = Model::standard();
    let point = Point { mass_mev: 1.0, coupling: 0.0 };
    let told = |counts: &str| {
        let dataset =
            read(&DATASET.replace("sigma = 0.1", "sigma = 0.001"), &matrix(&NOMINAL), &matrix(&UP), counts, SPECTRUM);
        let experiment = Experiment::of(dataset.unwrap()).unwrap();
        let analysis = Analysis::new(&model, [&experiment]);
        let fit = analysis.fit(point);
        let record = serde_json::to_value(cevscan::output::PointRecord::new(&analysis, point, &fit)).unwrap();
        (analysis.far_deformations(&fit), record)
    };
    let events = {
        let experiment = Experiment::of(good()).unwrap();
        Analysis::new(&model, [&experiment]).predictions[0].signal_by_process(point)[0].1.clone()
    };
    let counts = |factors: [f64; 2]| {
        let [a, b] = [0, 1].map(|bin| (factors[bin] * events[bin]).round() + 1.0);
        COUNTS.replace("0 1 3\n1 2 2\n", &format!("0 1 {a}\n1 2 {b}\n"))
    };
    let (far, record) = told(&counts([1.0, 1.0]));
    assert!(far.is_empty() && record.get("deformed_far").is_none(), "{far:?}");
    let (far, record) = told(&counts([40.0, 40.0]));
    println!("{far:?}");
    assert!(far[0].pulls[0].0 == "yield" && far[0].pulls[0].1.abs() > 5.0, "{far:?}");
    assert!(far[0].largest_sum.unwrap() > 1.0 && far[0].words().contains("beyond 5"), "{far:?}");
    assert_eq!(record["deformed_far"][0]["dataset"], "xenon");
}
