//! The vectorised row kernel against the reference, over the plane and beyond it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use cevscan::analysis::Experiment;
use cevscan::model::Model;
use cevscan::rates::polynomial::MassSlice;
use cevscan::simd::SimdLevel;
use cevscan::statistics::row::{ROW_BLOCK, RowFit};
use cevscan::statistics::{Expectation, Fit, Observation, Parameter, ParameterKind, Status};

/// Stated accuracy of the row kernel in chi2.
const CHI2_TOLERANCE: f64 = 1e-8;
/// Levels agree to this in chi2.
const LEVEL_TOLERANCE: f64 = 1e-9;

fn logarithmic(from: f64, to: f64, points: usize) -> Vec<f64> {
    let step = (to / from).ln() / (points - 1) as f64;
    (0..points).map(|i| from * (step * i as f64).exp()).collect()
}

/// chi2 and status by the row kernel.
fn row(fit: &Fit, slice: &MassSlice, couplings: &[f64], level: SimdLevel) -> (Vec<f64>, Vec<Status>) {
    let row = RowFit::new(fit, level);
    let (mut chi2, mut status) = (vec![0.0; couplings.len()], vec![Status::Converged; couplings.len()]);
    row.profile(slice, couplings, &mut row.scratch(), &mut chi2, &mut status);
    (chi2, status)
}

fn row_of_counts(fit: &Fit, counts: &[f64], points: usize, level: SimdLevel) -> (Vec<f64>, Vec<Status>) {
    let row = RowFit::new(fit, level);
    let (mut chi2, mut status) = (vec![0.0; points], vec![Status::Converged; points]);
    row.profile_counts(counts, &mut row.scratch(), &mut chi2, &mut status);
    (chi2, status)
}

/// chi2 and status by the reference, at counts `[points][channels]`.
fn reference(fit: &Fit, counts: &[f64], channels: usize) -> (Vec<f64>, Vec<Status>) {
    let mut work = fit.workspace();
    counts.chunks(channels).map(|counts| fit.profile(counts, &mut work)).map(|p| (p.chi2, p.status)).unzip()
}

fn counts_of(slice: &MassSlice, couplings: &[f64]) -> Vec<f64> {
    let channels = slice.coefficients().len() / 3;
    let mut counts = vec![0.0; channels * couplings.len()];
    for (coupling, counts) in couplings.iter().zip(counts.chunks_mut(channels)) {
        slice.counts_at(*coupling, counts);
    }
    counts
}

/// Largest difference; both missing is no difference, one missing is infinite.
fn worst(a: &[f64], b: &[f64]) -> (f64, usize) {
    assert_eq!(a.len(), b.len());
    let difference = |(a, b): (&f64, &f64)| match (a.is_nan(), b.is_nan()) {
        (true, true) => 0.0,
        (false, false) => (a - b).abs(),
        _ => f64::INFINITY,
    };
    let differences = a.iter().zip(b).map(difference).enumerate().map(|(i, difference)| (difference, i));
    differences.max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

#[test]
fn rows_agree_with_the_reference_on_every_model() {
    let couplings = logarithmic(1e-6, 1.0, 301);
    for experiment in Experiment::parse_list("csi+lar").unwrap() {
        for model in Model::all().unwrap() {
            let plan = experiment.nodes.plan(&experiment.dataset, &model);
            for mass_mev in [0.1, 3.0, 27.0, 150.0, 1e3, 1e4] {
                let slice = MassSlice::new(&plan, mass_mev);
                let counts = counts_of(&slice, &couplings);
                let (expected, how) = reference(&experiment.fit, &counts, plan.channels());
                for level in SimdLevel::available() {
                    let name = format!("{} {} {mass_mev} MeV {level}", experiment.dataset.name, model.name);
                    let (chi2, status) = row(&experiment.fit, &slice, &couplings, level);
                    let (difference, at) = worst(&chi2, &expected);
                    assert!(difference < CHI2_TOLERANCE, "{name}: {difference:e} at {:e}", couplings[at]);
                    assert_eq!(status, how, "{name}");
                    let (of_counts, status) = row_of_counts(&experiment.fit, &counts, couplings.len(), level);
                    let (difference, at) = worst(&of_counts, &expected);
                    assert!(difference < CHI2_TOLERANCE, "{name}, counts: {difference:e} at {:e}", couplings[at]);
                    assert_eq!(status, how, "{name}");
                }
            }
        }
    }
}
