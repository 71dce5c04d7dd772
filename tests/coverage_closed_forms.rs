//! Toys of one bin, whose critical values are known in closed form: the whole chain from a dataset's file to the interval.
//!
//! One bin makes the plane one parameter, the signal beyond the Standard Model's, s >= 0. `CEVSCAN_TOYS` says how many
//! toys; 3,000 by themselves.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod dataset_texts;

use cevscan::analysis::coverage::critical::critical;
use cevscan::analysis::coverage::{Ensemble, Nuisance, Plan, Sidebands};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::cpu::counts_at;
use dataset_texts::{FLAT, changed};

const SEEDS: [u64; 2] = [1, 2];
/// Errors of a critical value that chance may take.
const SIGMA: f64 = 4.0;
const MASS_MEV: f64 = 10.0;

fn toys() -> u64 {
    std::env::var("CEVSCAN_TOYS").map_or(3000, |toys| toys.parse().unwrap())
}

/// A bin with so many events of the Standard Model for 1e23 protons, and the rest of the file.
fn text(protons: f64, statistic: &str, background: f64) -> String {
    let own = format!("name = \"flat\"\nlabel = \"flat\"\nflat_events = {background}\nsigma = 1e-4");
    let without = format!("[[background]]\n{FLAT}\n");
    let (found, background) = if background > 0.0 { (FLAT, own.as_str()) } else { (without.as_str(), "") };
    changed(&[
        ("name = \"mine\"", "name = \"one-bin\""),
        ("protons_on_target = 1e23", &format!("protons_on_target = {protons:e}")),
        ("{ kind = \"poisson\" }", statistic),
        ("sigma = 0.1\nshapes = [{ name = \"tilt\", table = \"tilt.txt\" }]", "sigma = 1e-4"),
        (found, background),
    ])
}

fn table(content: &str, unit: &str) -> String {
    let head = "# title: counts\n# source: made up\n# time_edges_us: 0 6\n# columns: lo hi t0\n";
    format!("{head}# units: keVee keVee {unit}\n# rows: 1\n1 12 {content}\n")
}

/// One bin with so many events of the Standard Model, so many of background, and what was counted; the scalar model adds
/// events to them and never takes any away.
fn one_bin(standard: f64, background: f64, counted: f64, variance: Option<f64>) -> Analysis {
    let build = |protons: f64| {
        let counts = table(&counted.to_string(), "events");
        let variance_table = table(&variance.unwrap_or(1.0).to_string(), "events^2");
        let statistic = match variance {
            None => "{ kind = \"poisson\" }",
            Some(_) => "{ kind = \"gaussian\", variance = \"variance.txt\" }",
        };
        let tables = [("counts.txt", counts.as_str()), ("variance.txt", variance_table.as_str())];
        let dataset = Dataset::from_texts(&text(protons, statistic, background), &tables).unwrap();
        let experiment = Experiment::of(dataset).unwrap();
        Analysis::new(&Model::named("scalar").unwrap(), [&experiment])
    };
    let first = build(1e23);
    build(1e23 * standard / events(&first, 0.0))
}

fn events(analysis: &Analysis, coupling: f64) -> f64 {
    let plan = &analysis.predictions[0].plan;
    let mut counts = vec![0.0; plan.channels()];
    counts_at(plan, Point { mass_mev: MASS_MEV, coupling }, &mut counts);
    let expectation = &analysis.predictions[0].experiment.measurement.expectation;
    let mut signal = vec![0.0; expectation.bins()];
    expectation.spread_over_time(&counts, &mut signal);
    signal.iter().sum()
}

/// The point with so many events beyond the Standard Model's: they grow as g^4.
fn point(analysis: &Analysis, beyond: f64) -> Point {
    let at = |coupling: f64| events(analysis, coupling) - events(analysis, 0.0);
    let coupling = if beyond > 0.0 { 1e-5 * (beyond / at(1e-5)).powf(0.25) } else { 0.0 };
    assert!((at(coupling) - beyond).abs() < 1e-6 * beyond.max(1.0), "{} {beyond}", at(coupling));
    Point { mass_mev: MASS_MEV, coupling }
}

fn ensemble(analysis: &Analysis, point: Point, seed: u64) -> Ensemble {
    let plan = Plan { toys: (0, toys()), seed, nuisance: Nuisance::Nominal, sidebands: Sidebands::Fixed };
    Ensemble::run(analysis, point, plan, |_| Ok(())).unwrap()
}

fn q(ensemble: &Ensemble) -> Vec<f64> {
    assert_eq!(ensemble.failed(), 0);
    ensemble.outcomes.iter().map(|toy| toy.q).collect()
}

/// By integration of the normal distribution: for x0 = s + z, q is z^2 where x0 > 0, and s^2 + 2 s z (less s itself at
/// the border) where the best fit is 0; for s = 0 half of all q are 0.
#[test]
fn a_gaussian_bin_has_its_critical_values() {
    let sigma = 10.0;
    let analysis = one_bin(100.0, 0.0, 100.0, Some(sigma * sigma));
    for seed in SEEDS {
        for (truth, expected) in [
            (0.0, [0.2259, 1.6424, 2.8566, 5.4119]),
            (1.0, [1.0000, 2.4625, 3.4270, 5.5133]),
            (2.0, [1.0, 2.7055, 4.0, 6.4565]),
        ] {
            let q = q(&ensemble(&analysis, point(&analysis, truth * sigma), seed));
            for (confidence, expected) in [0.682_689, 0.9, 0.954_499_7, 0.99].into_iter().zip(expected) {
                let found = critical(&q, confidence).unwrap();
                let error = (0.5 * (found.high - found.low)).max(0.01);
                eprintln!("seed {seed}, truth {truth} sigma, {confidence}: {found:?}, closed form {expected}");
                assert!((found.value - expected).abs() < SIGMA * error, "{truth} {confidence}: {found:?} {expected}");
            }
        }
    }
}

/// Feldman and Cousins, Phys. Rev. D 57 (1998) 3873, table X: the ends of 90 % intervals of a mean that is not negative,
/// for a measured x0 in standard deviations.
#[test]
fn table_x_of_feldman_and_cousins() {
    let sigma = 10.0;
    for (measured, end, excluded_above) in
        [(-3.0, 0.26, true), (1.0, 2.64, true), (2.0, 3.64, true), (2.0, 0.58, false)]
    {
        let analysis = one_bin(100.0, 0.0, 100.0 + measured * sigma, Some(sigma * sigma));
        for seed in SEEDS {
            // 0.1 is more than four errors of the critical value, and of two printed digits.
            for (truth, is_excluded) in [(end - 0.1, !excluded_above), (end + 0.1, excluded_above)] {
                let found = ensemble(&analysis, point(&analysis, truth * sigma), seed);
                let critical = critical(&q(&found), 0.9).unwrap();
                let what = format!("x0 {measured}, mean {truth}: q {} {critical:?}", found.observed.q);
                assert_eq!(found.observed.q > critical.value, is_excluded, "{what}");
            }
        }
    }
}

/// The same authors' table IV: 90 % intervals of a Poisson mean beside a background of 3. The p-value of the data is a
/// sum over counts, which steps over 10 % at the printed ends; toys have that p-value on either side.
#[test]
fn table_iv_of_feldman_and_cousins() {
    let background = 3.0;
    let q = |n: f64, mean: f64| {
        let chi2 = |mu: f64| 2.0 * (mu - n + if n > 0.0 { n * (n / mu).ln() } else { 0.0 });
        chi2(mean + background) - chi2(n.max(background))
    };
    let exact = |counted: f64, mean: f64| {
        let mu = mean + background;
        let mut probability = (-mu).exp();
        let mut below = 0.0;
        for n in 0..80 {
            let n = f64::from(n);
            below += if q(n, mean) < q(counted, mean) - 1e-9 { probability } else { 0.0 };
            probability *= mu / (n + 1.0);
        }
        1.0 - below
    };
    for (counted, end) in [(3.0, 4.42), (5.0, 6.99)] {
        let analysis = one_bin(0.5, background - 0.5, counted, None);
        for (mean, is_excluded) in [(end - 0.02, false), (end + 0.02, true)] {
            let expected = exact(counted, mean);
            assert_eq!(expected < 0.1, is_excluded, "the table: n {counted}, mean {mean}: {expected}");
            for seed in SEEDS {
                let found = ensemble(&analysis, point(&analysis, mean), seed);
                let (n, q_observed) = (found.outcomes.len() as f64, found.observed.q);
                assert!((q_observed - q(counted, mean)).abs() < 5e-3, "{q_observed} {}", q(counted, mean));
                // Equal counts have an equal q but for the search's rounding.
                let p = found.outcomes.iter().filter(|toy| toy.q > q_observed - 1e-3).count() as f64 / n;
                let error = (expected * (1.0 - expected) / n).sqrt();
                eprintln!("n {counted}, mean {mean:.2}, seed {seed}: p {p:.4}, by the sum {expected:.4} +- {error:.4}");
                assert!((p - expected).abs() < SIGMA * error, "n {counted}, mean {mean}: {p} {expected}");
            }
        }
    }
}
