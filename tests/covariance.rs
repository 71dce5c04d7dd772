//! Counts with a covariance matrix, against plain linear algebra.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod dataset_texts;

use std::sync::LazyLock;

use cevscan::Level;
use cevscan::analysis::coverage::{Nuisance, Sidebands, Truth, draw_toy};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::scan::{Map, Plane};
use dataset_texts::{FLAT, changed};

/// What fits differ by from plain linear algebra, for matrices of moderate condition.
const SAME: f64 = 1e-9;
/// Stated accuracy of the row kernel in chi2.
const ROW: f64 = 1e-8;

/// Counts that are measured, with a covariance matrix.
static DATASET: LazyLock<String> = LazyLock::new(|| {
    changed(&[
        ("name = \"mine\"", "name = \"measured\""),
        ("kind = \"logistic\"\namplitude = 0.9\nslope = 5\ncentre = 1.5", "kind = \"constant\"\nvalue = 0.9"),
        ("kind = \"poisson\"", "kind = \"gaussian\", covariance = \"covariance.txt\""),
        (FLAT, "name = \"beam\"\nlabel = \"beam\"\nflat_events = 40\nsigma = 0.3"),
    ])
});

/// Energy by time.
const BINS: usize = 6;
const COUNTS: [f64; BINS] = [62.5, 41.0, 30.25, -3.5, 8.0, 4.5];
const TILT: [f64; BINS] = [0.1, 0.1, 0.0, 0.0, -0.2, -0.1];

fn binned(unit: &str, values: &[f64; BINS]) -> String {
    let head = "# title: a table\n# source: made up\n# time_edges_us: 0 1 6\n# columns: lo hi t0 t1\n";
    let [a, b, c, d, e, f] = values;
    format!("{head}# units: keVee keVee {unit} {unit}\n# rows: 3\n1 3 {a} {b}\n3 6 {c} {d}\n6 12 {e} {f}\n")
}

fn matrix(elements: &[f64], bins: usize) -> String {
    let words = |word: &dyn Fn(usize) -> String| (0..bins).map(word).collect::<Vec<_>>().join(" ");
    let (names, units) = (words(&|bin| format!("c{bin}")), words(&|_| "events^2".to_owned()));
    let mut text =
        format!("# title: a matrix\n# source: made up\n# columns: {names}\n# units: {units}\n# rows: {bins}\n");
    for row in elements.chunks(bins) {
        text += &(row.iter().map(f64::to_string).collect::<Vec<_>>().join(" ") + "\n");
    }
    text
}

fn read(text: &str, covariance: &str) -> cevscan::Result<Dataset> {
    let variance = binned("events^2", &std::array::from_fn(|bin| 20.0 + 7.0 * bin as f64));
    let (counts, tilt) = (binned("events", &COUNTS), binned("1", &TILT));
    let tables = [
        ("counts.txt", counts.as_str()),
        ("tilt.txt", &tilt),
        ("covariance.txt", covariance),
        ("variance.txt", &variance),
    ];
    Dataset::from_texts(text, &tables)
}

fn experiment(elements: &[f64]) -> Experiment {
    Experiment::of(read(&DATASET, &matrix(elements, BINS)).unwrap()).unwrap()
}

fn diagonal() -> Vec<f64> {
    (0..BINS * BINS).map(|i| if i / BINS == i % BINS { 20.0 + 7.0 * (i % BINS) as f64 } else { 0.0 }).collect()
}

/// Positive definite: A A^T + 2 with elements of A between -4 and 4 from a small generator, odd strides of 2^64.
fn random(seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        8.0 * (state >> 11) as f64 / (1u64 << 53) as f64 - 4.0
    };
    let a: Vec<f64> = (0..BINS * BINS).map(|_| next()).collect();
    let element = |i: usize, j: usize| (0..BINS).map(|k| a[i * BINS + k] * a[j * BINS + k]).sum::<f64>();
    (0..BINS * BINS).map(|i| element(i / BINS, i % BINS) + if i / BINS == i % BINS { 2.0 } else { 0.0 }).collect()
}

/// x with A x = b, by Gaussian elimination with pivots.
fn solve(mut a: Vec<f64>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for column in 0..n {
        let pivot = (column..n).max_by(|i, j| a[i * n + column].abs().total_cmp(&a[j * n + column].abs())).unwrap();
        (0..n).for_each(|k| a.swap(column * n + k, pivot * n + k));
        b.swap(column, pivot);
        for row in column + 1..n {
            let factor = a[row * n + column] / a[column * n + column];
            (column..n).for_each(|k| a[row * n + k] -= factor * a[column * n + k]);
            b[row] -= factor * b[column];
        }
    }
    for row in (0..n).rev() {
        let known: f64 = (row + 1..n).map(|k| a[row * n + k] * b[k]).sum();
        b[row] = (b[row] - known) / a[row * n + row];
    }
    b
}

const POINTS: [(f64, f64); 4] = [(10.0, 0.0), (10.0, 5e-5), (0.5, 3e-5), (1e3, 2e-3)];

/// The smallest (n - mu)^T C^-1 (n - mu) + pulls^2 over norm, tilt and background: linear parameters add their own
/// covariance sigma^2 v v^T to C.
fn by_hand(analysis: &Analysis, covariance: &[f64], point: Point) -> f64 {
    let signal = &analysis.predictions[0].signal_by_process(point)[0].1;
    // Flat: by the share of the area of each bin, 11 keVee by 6 us.
    let share = |bin: usize| [2.0, 3.0, 6.0][bin / 2] * [1.0, 5.0][bin % 2] / (11.0 * 6.0);
    let background: Vec<f64> = (0..BINS).map(|bin| 40.0 * share(bin)).collect();
    let columns: [Vec<f64>; 3] = [
        signal.iter().map(|s| 0.1 * s).collect(),
        signal.iter().zip(TILT).map(|(s, tilt)| s * tilt).collect(),
        background.iter().map(|events| 0.3 * events).collect(),
    ];
    let mut all = covariance.to_vec();
    for column in &columns {
        (0..BINS * BINS).for_each(|i| all[i] += column[i / BINS] * column[i % BINS]);
    }
    let rest: Vec<f64> = (0..BINS).map(|bin| COUNTS[bin] - signal[bin] - background[bin]).collect();
    solve(all, rest.clone()).iter().zip(&rest).map(|(x, r)| x * r).sum()
}

#[test]
fn a_diagonal_covariance_is_a_variance() {
    let model = Model::named("b-l").unwrap();
    let text = DATASET.replace("covariance = \"covariance.txt\"", "variance = \"variance.txt\"");
    let variance = Experiment::of(read(&text, "").unwrap()).unwrap();
    let covariance = experiment(&diagonal());
    for (mass_mev, coupling) in POINTS {
        let of = |own: &Experiment| Analysis::new(&model, [own]).fit(Point { mass_mev, coupling }).total.chi2;
        let (one, other) = (of(&variance), of(&covariance));
        assert!((one - other).abs() <= 1e-12 * one.max(1.0), "{one} {other}");
    }
}

#[test]
fn chi2_is_that_of_plain_linear_algebra() {
    let model = Model::named("b-l").unwrap();
    for seed in 0..8 {
        let elements = random(seed);
        let own = experiment(&elements);
        let analysis = Analysis::new(&model, [&own]);
        for (mass_mev, coupling) in POINTS {
            let point = Point { mass_mev, coupling };
            let (fit, expected) = (analysis.fit(point), by_hand(&analysis, &elements, point));
            println!("{seed} {point:?}: {} {:+.1e}", fit.total.chi2, fit.total.chi2 - expected);
            assert!((fit.total.chi2 - expected).abs() < SAME * expected.max(1.0), "{fit:?} {expected}");
            // Nothing but what people know has a pull, and processes are in events.
            assert_eq!((fit.datasets[0].pulls.len(), fit.datasets[0].processes.len()), (3, 2));
        }
    }
}

/// For a residual (x, y), standard deviations 2 and 1 and a correlation of 0.6, without norms to speak of:
/// chi2 = [x^2/4 - 0.6 x y + y^2]/(1 - 0.36), by the inverse of [[4, 1.2], [1.2, 1]].
#[test]
fn two_bins_are_what_they_are_by_hand() {
    let text = DATASET.replace("sigma = 0.1\nshapes = [{ name = \"tilt\", table = \"tilt.txt\" }]", "sigma = 1e-6");
    let text = text.split("[[background]]").next().unwrap();
    let mut elements = diagonal();
    let far = 1e12;
    (2..BINS).for_each(|bin| elements[bin * (BINS + 1)] = far);
    (elements[0], elements[1], elements[BINS], elements[BINS + 1]) = (4.0, 1.2, 1.2, 1.0);
    let own = Experiment::of(read(text, &matrix(&elements, BINS)).unwrap()).unwrap();
    let model = Model::standard();
    let analysis = Analysis::new(&model, [&own]);
    let point = Point { mass_mev: 10.0, coupling: 0.0 };
    let signal = &analysis.predictions[0].signal_by_process(point)[0].1;
    let (x, y) = (COUNTS[0] - signal[0], COUNTS[1] - signal[1]);
    let expected = (0.25 * x * x - 0.6 * x * y + y * y) / 0.64;
    let chi2 = analysis.fit(point).total.chi2;
    // The norm of 1e-6 and bins of 1e6 events' error are worth some 1e-6.
    assert!((chi2 / expected - 1.0).abs() < 1e-6, "{chi2} {expected}");
}

/// An error of which all bins have the same share is a norm: f^2 s s^T beside variances is what a norm of width f of the
/// signal s is, at the signal of the Standard Model.
#[test]
fn a_common_error_is_a_norm() {
    let model = Model::standard();
    let point = Point { mass_mev: 10.0, coupling: 0.0 };
    let norm = DATASET.replace("shapes =", "norms = [{ name = \"flux\", sigma = 0.3 }]\nshapes =");
    let text = norm.replace("covariance = \"covariance.txt\"", "variance = \"variance.txt\"");
    let norm = Experiment::of(read(&text, "").unwrap()).unwrap();
    let norm = Analysis::new(&model, [&norm]);
    let signal = norm.predictions[0].signal_by_process(point)[0].1.clone();
    let mut elements = diagonal();
    (0..BINS * BINS).for_each(|i| elements[i] += 0.09 * signal[i / BINS] * signal[i % BINS]);
    let own = experiment(&elements);
    let (one, other) = (norm.fit(point).total.chi2, Analysis::new(&model, [&own]).fit(point).total.chi2);
    assert!((one - other).abs() < SAME, "{one} {other}");
}

#[test]
fn rows_are_the_reference() {
    let model = Model::named("universal").unwrap();
    for seed in 0..3 {
        let own = experiment(&random(seed));
        let analysis = Analysis::new(&model, [&own]);
        let plane = Plane::new((0.1, 1e3), (1e-6, 1e-2), (5, 41), 1).unwrap();
        let map = Map::of(&analysis, plane, Level::default()).unwrap();
        let masses = map.plane.mass.values.iter().zip(map.chi2.chunks(map.plane.coupling.values.len()));
        for (mass_mev, row) in masses {
            for (coupling, chi2) in map.plane.coupling.values.iter().zip(row) {
                let fit = analysis.fit(Point { mass_mev: *mass_mev, coupling: *coupling }).total.chi2;
                assert!((fit - chi2).abs() < ROW * fit.max(1.0), "{mass_mev} {coupling}: {fit} {chi2}");
            }
        }
    }
}

/// Toys have the covariance: of 20,000 each element is known to sqrt((C_ij^2 + C_ii C_jj)/20000), and within five of these.
#[test]
fn toys_have_the_covariance() {
    const TOYS: usize = 20_000;
    let (model, elements) = (Model::standard(), random(1));
    let own = experiment(&elements);
    let analysis = Analysis::new(&model, [&own]);
    let point = Point { mass_mev: 10.0, coupling: 0.0 };
    let truth = Truth::new(&analysis, point, Nuisance::Nominal, 7).unwrap();
    let expected = own.clone().asimov().unwrap().measurement.observation.counts;
    let (mut mean, mut squares) = (vec![0.0; BINS], vec![0.0; BINS * BINS]);
    for number in 0..TOYS as u64 {
        let toy = draw_toy(&analysis, &truth, number, Sidebands::Fixed);
        let observation = &toy.predictions[0].experiment.measurement.observation;
        // All of it is in the counts: errors that bins have in common are not drawn a second time.
        assert!(observation.centres[3..].iter().all(|centre| *centre == 0.0), "{observation:?}");
        let rest: Vec<f64> = observation.counts.iter().zip(&expected).map(|(n, mu)| n - mu).collect();
        (0..BINS).for_each(|i| mean[i] += rest[i] / TOYS as f64);
        (0..BINS * BINS).for_each(|i| squares[i] += rest[i / BINS] * rest[i % BINS] / TOYS as f64);
    }
    for (i, square) in squares.iter().enumerate() {
        let (row, column) = (i / BINS, i % BINS);
        let size = elements[row * (BINS + 1)] * elements[column * (BINS + 1)];
        let error = ((elements[i].powi(2) + size) / TOYS as f64).sqrt();
        let found = square - mean[row] * mean[column];
        assert!((found - elements[i]).abs() < 5.0 * error, "{row} {column}: {found} {}", elements[i]);
    }
}

/// Expected data keep the covariance, and bins are of events.
#[test]
fn the_expectation_stands_in_with_the_covariance() {
    let model = Model::standard();
    let own = experiment(&random(2)).asimov().unwrap();
    let analysis = Analysis::new(&model, [&own]);
    let point = Point { mass_mev: 10.0, coupling: 0.0 };
    assert!(analysis.fit(point).total.chi2.abs() < 1e-12);
    let signal: f64 = analysis.predictions[0].signal_by_process(point)[0].1.iter().sum();
    let counts: f64 = own.measurement.observation.counts.iter().sum();
    assert!((counts - signal - 40.0).abs() < 1e-9, "{counts} {signal}");
}

#[test]
fn what_is_no_covariance_is_refused() {
    let (good, key) = (matrix(&diagonal(), BINS), "covariance = \"covariance.txt\"");
    let changed = |changes: &[(usize, usize, f64)]| {
        let mut elements = diagonal();
        changes.iter().for_each(|(row, column, value)| elements[row * BINS + column] = *value);
        matrix(&elements, BINS)
    };
    let cases: Vec<(&str, String, &[&str])> = vec![
        (
            key,
            changed(&[(0, 1, 3.0), (1, 0, 2.0)]),
            &["covariance.txt:6", "c1 of row 0", "is 3", "2, as c0 of row 1 (line 7)"],
        ),
        (key, changed(&[(2, 2, -3.0)]), &["covariance.txt:8", "c2", "-3", "positive"]),
        (key, changed(&[(2, 2, 0.0)]), &["covariance.txt:8", "c2", "positive"]),
        (key, changed(&[(2, 2, 1e-300)]), &["covariance.txt:8", "c2", "1e-300", "from 9.15063e-10 to 1e30"]),
        (key, changed(&[(0, 1, 25.0), (1, 0, 25.0)]), &["covariance.txt:6", "c1 of row 0", "25", "23.2379"]),
        (
            key,
            // Correlations of -0.6 among three: the determinant is 1 - 3 0.36 - 2 0.216 < 0.
            changed(
                &[0, 1, 2]
                    .map(|i| (i, (i + 1) % 3, -0.6 * f64::sqrt((20 + 7 * i) as f64 * (20 + 7 * ((i + 1) % 3)) as f64)))
                    .into_iter()
                    .flat_map(|(i, j, value)| [(i, j, value), (j, i, value)])
                    .collect::<Vec<_>>(),
            ),
            &["covariance.txt:8", "not positive definite in its first 3 bins"],
        ),
        (key, good.replace("20 0 0 0 0 0", "20 0 0 0 0 nan"), &["covariance.txt:6"]),
        (
            key,
            matrix(&diagonal()[..25], 5),
            &["covariance.txt:", "number of columns", "5", "6, one for each of the 3 x 2 bins"],
        ),
        (key, good.replace("events^2", "events"), &["covariance.txt:4", "events^2"]),
        ("covariance = \"none.txt\"", good.clone(), &["dataset.toml:", "none.txt"]),
        (
            "covariance = \"covariance.txt\", variance = \"variance.txt\"",
            good.clone(),
            &["dataset.toml:", "'covariance' of [observation.statistic]", "one of them"],
        ),
        ("covariance = \"covariance.txt\", share = 0.2", good.clone(), &["dataset.toml:", "'share'"]),
    ];
    read(&DATASET, &good).unwrap();
    for (keys, table, words) in cases {
        let message = read(&DATASET.replace(key, keys), &table).unwrap_err().to_string();
        println!("{message}");
        assert!(words.iter().all(|word| message.contains(word)) && !message.contains('\n'), "{message}: {words:?}");
    }
    // A variance has the same bounds.
    let text = DATASET.replace(key, "variance = \"covariance.txt\"");
    let message = read(&text, &binned("events^2", &[20.0, 1e-300, 1.0, 1.0, 1.0, 1.0])).unwrap_err().to_string();
    assert!(message.contains("covariance.txt:7") && message.contains("1e-300"), "{message}");
}

/// Counts that are measured may have any sign and sum; what is doubted is a variance far below them.
#[test]
fn measured_counts_are_doubted_by_their_variances() {
    let measured = DATASET.replace("covariance = \"covariance.txt\"", "variance = \"variance.txt\"");
    let doubts = |text: &str, counts: &[f64; BINS], variance: f64| {
        let (counts, tilt) = (binned("events", counts), binned("1", &TILT));
        let variance = binned("events^2", &[variance; BINS]);
        let tables = [("counts.txt", counts.as_str()), ("tilt.txt", &tilt), ("variance.txt", &variance)];
        Dataset::from_texts(text, &tables).unwrap().doubts
    };
    assert_eq!(doubts(&measured, &COUNTS, 50.0), Vec::<String>::new());
    assert_eq!(doubts(&measured, &COUNTS.map(|count| -count), 50.0), Vec::<String>::new());
    assert_eq!(doubts(&measured, &[1.0, -1.0, 2.0, -3.5, 0.5, 1.25], 2000.0), Vec::<String>::new());
    // Some 150 events: 6 variances of 2 are 0.08 of them.
    let found = doubts(&measured, &COUNTS, 2.0);
    assert!(found.len() == 1 && found[0].contains("(variance or covariance of [observation.statistic])"), "{found:?}");
}
