//! The vectorised row kernel against the reference, over the plane and beyond it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::ops::Range;
use std::sync::Arc;

use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::simd::SimdLevel;
use cevscan::dataset::Norm;
use cevscan::physics::model::Model;
use cevscan::rates::polynomial::MassSlice;
use cevscan::statistics::row::{ROW_BLOCK, RowFit};
use cevscan::statistics::{Expectation, Likelihood, Measurement, Parameter, ParameterKind, Status};

/// Stated accuracy of the row kernel in chi2.
const CHI2_TOLERANCE: f64 = 1e-8;
/// Levels of vector instructions agree to this in chi2.
const LEVEL_TOLERANCE: f64 = 1e-9;

/// chi2 and status of points.
type Values = (Vec<f64>, Vec<Status>);

fn logarithmic(from: f64, to: f64, points: usize) -> Vec<f64> {
    let step = (to / from).ln() / (points - 1) as f64;
    (0..points).map(|i| from * (step * i as f64).exp()).collect()
}

fn row(fit: &Measurement, slice: &MassSlice, couplings: &[f64], level: SimdLevel) -> Values {
    let row = RowFit::new([fit], level);
    let (mut chi2, mut status) = (vec![0.0; couplings.len()], vec![Status::Converged; couplings.len()]);
    row.profile([slice], couplings, &mut row.scratch(), &mut chi2, &mut status);
    (chi2, status)
}

/// By the row kernel, at counts `[points][channels]`.
fn row_of_counts(fit: &Measurement, counts: &[f64], level: SimdLevel) -> Values {
    let row = RowFit::new([fit], level);
    let points = counts.len() / channels(fit);
    let (mut chi2, mut status) = (vec![0.0; points], vec![Status::Converged; points]);
    row.profile_counts(&[counts], &mut row.scratch(), &mut chi2, &mut status);
    (chi2, status)
}

/// By the reference, at counts `[points][channels]`.
fn reference(fit: &Measurement, counts: &[f64]) -> Values {
    let likelihood = Likelihood::new([fit]);
    let mut work = likelihood.workspace();
    counts
        .chunks(channels(fit))
        .map(|counts| likelihood.profile(&[counts], &mut work))
        .map(|p| (p.chi2, p.status))
        .unzip()
}

fn channels(fit: &Measurement) -> usize {
    fit.expectation.time_fractions.len() / fit.expectation.time_bins * fit.expectation.energy_bins
}

fn counts_of(slice: &MassSlice, couplings: &[f64]) -> Vec<f64> {
    let channels = slice.coefficients().len() / 3;
    let mut counts = vec![0.0; channels * couplings.len()];
    for (coupling, counts) in couplings.iter().zip(counts.chunks_mut(channels)) {
        slice.counts_at(*coupling, counts);
    }
    counts
}

/// The same statuses, and chi2 within a tolerance; what is missing is missing in both.
fn assert_close(name: &str, (chi2, status): &Values, (expected, how): &Values, tolerance: f64) {
    assert_eq!(status, how, "{name}");
    for (i, (a, b)) in chi2.iter().zip(expected).enumerate() {
        let close = (a - b).abs() <= tolerance || (a.is_nan() && b.is_nan());
        assert!(close, "{name}, point {i}: {a} and {b}, {:e} apart", a - b);
    }
}

/// Every level against the reference, and all levels against each other.
fn check_counts(name: &str, fit: &Measurement, counts: &[f64]) {
    let expected = reference(fit, counts);
    let levels = SimdLevel::available();
    let best = row_of_counts(fit, counts, levels[0]);
    assert_close(name, &best, &expected, CHI2_TOLERANCE);
    for level in &levels[1..] {
        let other = row_of_counts(fit, counts, *level);
        assert_close(&format!("{name}, {level} and {}", levels[0]), &other, &best, LEVEL_TOLERANCE);
    }
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
                let name = format!("{} {} {mass_mev} MeV", experiment.dataset.name, model.name);
                let expected = reference(&experiment.measurement, &counts);
                let best = row(&experiment.measurement, &slice, &couplings, SimdLevel::detect());
                assert_close(&name, &best, &expected, CHI2_TOLERANCE);
                for level in SimdLevel::available() {
                    let values = row(&experiment.measurement, &slice, &couplings, level);
                    assert_close(&format!("{name} {level}"), &values, &best, LEVEL_TOLERANCE);
                }
                check_counts(&format!("{name}, counts"), &experiment.measurement, &counts);
            }
        }
    }
}

/// What a scan may differ from the engine of direct sums, polynomials included.
const SCAN_TOLERANCE: f64 = 1e-6;

/// Numbers that are the same everywhere.
struct Random(fastrand::Rng);

impl Random {
    fn new(seed: u64) -> Random {
        Random(fastrand::Rng::with_seed(seed))
    }

    fn next(&mut self) -> f64 {
        self.0.f64()
    }

    fn between(&mut self, range: Range<f64>) -> f64 {
        range.start + (range.end - range.start) * self.next()
    }

    fn poisson(&mut self, mean: f64) -> f64 {
        let (mut product, mut count) = (self.next(), 0.0);
        while product > (-mean).exp() {
            product *= self.next();
            count += 1.0;
        }
        count
    }
}

#[test]
fn a_default_map_agrees_with_direct_sums_at_random_points() {
    const ROWS: usize = 12;
    const POINTS_OF_A_ROW: usize = 12;
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let couplings = logarithmic(1e-6, 1.0, 400);
    let masses = logarithmic(0.1, 1e4, 400);
    let mut random = Random::new(1);
    for model in Model::all().unwrap() {
        let analysis = Analysis::new(&model, &experiments);
        let mut scratch = analysis.scratch();
        for _ in 0..ROWS {
            let mass_mev = masses[(random.next() * 400.0) as usize];
            let mut chi2 = vec![vec![0.0; couplings.len()]; 2];
            let mut status = vec![Status::Converged; couplings.len()];
            analysis.at_mass(mass_mev).row(&couplings, &mut scratch, &mut chi2, &mut status);
            assert!(status.iter().all(|status| *status == Status::Converged));
            for _ in 0..POINTS_OF_A_ROW {
                let i = (random.next() * 400.0) as usize;
                let fits = analysis.fit(cevscan::rates::Point { mass_mev, coupling: couplings[i] }).datasets;
                for (chi2, fit) in chi2.iter().zip(fits) {
                    let difference = (chi2[i] - fit.alone.chi2).abs();
                    assert!(difference < SCAN_TOLERANCE, "{} {mass_mev} {i}: {difference:e}", model.name);
                }
            }
        }
    }
}

#[test]
fn a_row_in_pieces_gives_the_same_bits() {
    let couplings = logarithmic(1e-6, 1.0, 2 * ROW_BLOCK + 77);
    let model = Model::named("universal").unwrap();
    for experiment in Experiment::parse_list("csi+lar").unwrap() {
        let plan = experiment.nodes.plan(&experiment.dataset, &model);
        let slice = MassSlice::new(&plan, 10.0);
        for level in SimdLevel::available() {
            let whole = row(&experiment.measurement, &slice, &couplings, level);
            let pieces = couplings.chunks(ROW_BLOCK).map(|piece| row(&experiment.measurement, &slice, piece, level));
            let (chi2, status): (Vec<_>, Vec<_>) = pieces.unzip();
            assert_eq!(whole, (chi2.concat(), status.concat()), "{} {level}", experiment.dataset.name);
            // Scratch memory carries nothing from row to row.
            let rows = RowFit::new([&experiment.measurement], level);
            let mut scratch = rows.scratch();
            let mut again = (vec![0.0; couplings.len()], vec![Status::Converged; couplings.len()]);
            for _ in 0..2 {
                rows.profile([&slice], &couplings, &mut scratch, &mut again.0, &mut again.1);
            }
            assert_eq!(whole, again);
        }
    }
}

#[test]
fn extremes_of_the_plane_are_finite_and_saturated() {
    let experiments = Experiment::parse_list("csi+lar").unwrap();
    let model = Model::named("universal").unwrap();
    let analysis = Analysis::new(&model, &experiments);
    let couplings = [1e-2, 1e-1, 1.0];
    let mut chi2 = vec![vec![0.0; 3]; 2];
    let mut status = [Status::NotConverged; 3];
    analysis.at_mass(0.1).row(&couplings, &mut analysis.scratch(), &mut chi2, &mut status);
    assert_eq!(status, [Status::Converged; 3]);
    for ((chi2, experiment), slice) in chi2.iter().zip(&experiments).zip(&analysis.predictions) {
        let slice = MassSlice::new(&slice.plan, 0.1);
        let (expected, _) = reference(&experiment.measurement, &counts_of(&slice, &couplings));
        assert!(chi2.iter().zip(&expected).all(|(a, b)| (a - b).abs() < CHI2_TOLERANCE), "{chi2:?} {expected:?}");
        assert!((chi2[2] - chi2[1]).abs() < 1e-4, "not saturated: {chi2:?}");
    }
}

/// Rows that rise from 1e-12 to 1e20 events, and rows of nothing.
#[test]
fn signals_from_nothing_to_1e20_events() {
    for experiment in Experiment::parse_list("csi+lar").unwrap() {
        let (fit, channels) = (&experiment.measurement, channels(&experiment.measurement));
        let mut random = Random::new(2);
        for row in 0..6 {
            let shape: Vec<f64> = (0..channels).map(|_| random.next()).collect();
            let total: f64 = shape.iter().sum();
            let counts: Vec<f64> = logarithmic(1e-12, 1e20, 700)
                .iter()
                .flat_map(|events| shape.iter().map(move |share| share / total * events))
                .collect();
            check_counts(&format!("{} row {row}", experiment.dataset.name), fit, &counts);
        }
        // No signal at all, and neighbours that have nothing in common.
        let mut jumps = vec![0.0; channels * 20];
        for (point, counts) in jumps.chunks_mut(channels).enumerate().skip(3) {
            let scale = 10f64.powf(random.between(-12.0..20.0));
            counts.fill_with(|| scale * random.next());
            if point % 4 == 0 {
                counts[1..].fill(0.0);
            }
        }
        check_counts(&format!("{}, jumps", experiment.dataset.name), fit, &jumps);
    }
}

#[test]
fn a_signal_that_is_no_number_is_missing_with_its_reason() {
    for experiment in Experiment::parse_list("csi+lar").unwrap() {
        let channels = channels(&experiment.measurement);
        let mut counts = vec![1.0; channels * 20];
        counts[3 * channels] = f64::NAN;
        counts[7 * channels + 1] = f64::INFINITY;
        counts[16 * channels + 2] = f64::MAX;
        for level in SimdLevel::available() {
            let values = row_of_counts(&experiment.measurement, &counts, level);
            assert_close("not finite", &values, &reference(&experiment.measurement, &counts), CHI2_TOLERANCE);
            assert_eq!([values.1[3], values.1[7]], [Status::SignalNotFinite; 2]);
        }
    }
}

/// A dataset of any size, with shapes on signal and backgrounds.
struct Synthetic {
    energy_bins: usize,
    time_bins: usize,
    classes: usize,
    signal_shapes: usize,
    backgrounds: usize,
    background_shapes: usize,
    /// Background events per bin.
    level: f64,
    gaussian: bool,
}

impl Synthetic {
    fn fit(&self, random: &mut Random) -> Measurement {
        let bins = self.energy_bins * self.time_bins;
        let mut time_fractions = Vec::new();
        for _ in 0..self.classes {
            let shares: Vec<f64> = (0..self.time_bins).map(|_| random.between(0.1..1.0)).collect();
            let total: f64 = shares.iter().sum();
            time_fractions.extend(shares.iter().map(|share| share / total));
        }
        let mut change = |amount: f64| (0..bins).map(|_| random.between(-amount..amount)).collect::<Vec<f64>>();
        let signal_shapes: Vec<Vec<f64>> = (0..self.signal_shapes).map(|_| change(0.2)).collect();
        let parameter = |kind, central, sigma| Parameter {
            name: format!("{kind:?}"),
            label: String::new(),
            kind,
            central,
            sigma,
            shared: false,
        };
        let mut parameters = vec![parameter(ParameterKind::SignalNorm, 1.0, 0.12)];
        let mut columns = vec![Vec::new()];
        let mut shapes: Vec<_> = (0..self.signal_shapes).map(|i| (ParameterKind::SignalShape(i), Vec::new())).collect();
        for index in 0..self.backgrounds {
            let events: Vec<f64> = change(0.5).iter().map(|c| self.level * (1.0 + c)).collect();
            for _ in 0..self.background_shapes {
                let deformed = events.iter().zip(change(0.2)).map(|(n, c)| n * c).collect();
                shapes.push((ParameterKind::BackgroundShape(index), deformed));
            }
            parameters.push(parameter(ParameterKind::BackgroundNorm(index), 1.0, 0.05 + 0.3 * index as f64));
            columns.push(events);
        }
        for (kind, column) in shapes {
            parameters.push(parameter(kind, 0.0, 1.0));
            columns.push(column);
        }
        let means: Vec<f64> =
            (0..bins).map(|bin| 0.7 + columns.iter().filter_map(|c| c.get(bin)).sum::<f64>()).collect();
        let counts: Vec<f64> = means.iter().map(|mean| random.poisson(mean.max(0.0))).collect();
        let expectation = Expectation {
            energy_bins: self.energy_bins,
            time_bins: self.time_bins,
            time_fractions,
            signal_shapes,
            parameters,
            columns,
            norms: Vec::new(),
        };
        let weights = self.gaussian.then(|| means.iter().map(|mean| 1.0 / mean.max(0.5)).collect());
        Measurement::of_counts(expectation, counts, weights)
    }
}

/// Datasets that share parameters of any kind, Poisson and Gaussian together.
#[test]
fn shared_parameters_of_any_kind() {
    let mut random = Random::new(5);
    for round in 0..60 {
        let datasets = 2 + round % 2;
        let mut measurements: Vec<Measurement> = (0..datasets)
            .map(|dataset| {
                let synthetic = Synthetic {
                    energy_bins: 2 + (round + dataset) % 7,
                    time_bins: 1 + (round + 2 * dataset) % 5,
                    classes: 1 + dataset % 2,
                    signal_shapes: (round / 2 + dataset) % 3,
                    backgrounds: 1 + (round + dataset) % 3,
                    background_shapes: round % 2,
                    level: [0.3, 3.0, 30.0][(round / 3) % 3],
                    gaussian: [false, true, dataset == 0, dataset == 1][round % 4],
                };
                synthetic.fit(&mut random)
            })
            .collect();
        // What one dataset shares with none is its own.
        for measurement in &mut measurements {
            let expectation = Arc::make_mut(&mut measurement.expectation);
            for parameter in expectation.parameters.iter_mut().skip(1) {
                parameter.shared = random.next() < 0.5;
                parameter.sigma *= random.between(0.3..1.5);
            }
            expectation.norms =
                vec![Norm::new("cevns", 0.07, false), Norm::new("flux", random.between(0.02..0.3), true)];
            if round % 3 == 0 {
                expectation.norms.push(Norm::new("other", 0.1, true));
            }
            let sigmas = expectation.norms.iter().map(|norm| norm.sigma);
            expectation.parameters[0].sigma = sigmas.fold(0.0, f64::hypot);
        }
        let likelihood = Likelihood::new(&measurements);
        assert!(likelihood.shared().iter().any(|name| name == "flux"));
        let couplings = logarithmic(1e-6, 1e20, 300);
        let counts: Vec<Vec<f64>> = measurements
            .iter()
            .map(|measurement| {
                let shape: Vec<f64> = (0..channels(measurement)).map(|_| random.next()).collect();
                let of_point = |events: &f64| shape.iter().map(|share| share * events).collect::<Vec<_>>();
                couplings.iter().flat_map(of_point).collect()
            })
            .collect();
        let mut work = likelihood.workspace();
        let expected: Values = (0..couplings.len())
            .map(|point| {
                let of_point = |(counts, measurement): (&Vec<f64>, &Measurement)| {
                    let channels = channels(measurement);
                    counts[point * channels..(point + 1) * channels].to_vec()
                };
                let own: Vec<Vec<f64>> = counts.iter().zip(&measurements).map(of_point).collect();
                let profile = likelihood.profile(&own, &mut work);
                (profile.chi2, profile.status)
            })
            .unzip();
        for level in SimdLevel::available() {
            let row = RowFit::new(&measurements, level);
            let (mut chi2, mut status) = (vec![0.0; couplings.len()], vec![Status::Converged; couplings.len()]);
            row.profile_counts(&counts, &mut row.scratch(), &mut chi2, &mut status);
            assert_close(&format!("round {round} {level}"), &(chi2, status), &expected, CHI2_TOLERANCE);
        }
    }
}

#[test]
fn datasets_of_any_size_and_statistic() {
    let mut random = Random::new(3);
    let sizes = [(1, 1, 1), (5, 1, 1), (3, 7, 2), (9, 11, 2), (20, 3, 3)];
    for (energy_bins, time_bins, classes) in sizes {
        for (signal_shapes, backgrounds, background_shapes) in [(0, 0, 0), (0, 1, 0), (1, 2, 0), (0, 3, 1), (2, 3, 2)] {
            for level in [0.05, 1.0, 30.0] {
                for gaussian in [false, true] {
                    let synthetic = Synthetic {
                        energy_bins,
                        time_bins,
                        classes,
                        signal_shapes,
                        backgrounds,
                        background_shapes,
                        level,
                        gaussian,
                    };
                    let fit = synthetic.fit(&mut random);
                    let shape: Vec<f64> = (0..channels(&fit)).map(|_| random.next()).collect();
                    let counts: Vec<f64> = logarithmic(1e-6, 1e9, 90)
                        .iter()
                        .flat_map(|events| shape.iter().map(move |share| share * events))
                        .collect();
                    let name = format!(
                        "{energy_bins}x{time_bins}x{classes}, {signal_shapes} {backgrounds} {background_shapes}, \
                         {level} a bin, gaussian {gaussian}"
                    );
                    check_counts(&name, &fit, &counts);
                }
            }
        }
    }
}

#[test]
fn counts_need_not_be_whole() {
    let mut experiment = Experiment::parse_list("csi").unwrap().remove(0);
    let couplings = logarithmic(1e-6, 1e-2, 150);
    let model = Model::named("b-l").unwrap();
    let slice = MassSlice::new(&experiment.nodes.plan(&experiment.dataset, &model), 10.0);
    // What is expected without mediator, in place of what was counted.
    let likelihood = Likelihood::new([&experiment.measurement]);
    let mut work = likelihood.workspace();
    likelihood.profile(&[counts_of(&slice, &[0.0])], &mut work);
    let processes = work.datasets[0].processes(&experiment.measurement.expectation);
    let bins = experiment.measurement.expectation.bins();
    experiment.measurement.observation.counts =
        (0..bins).map(|bin| processes.iter().map(|process| process[bin]).sum()).collect();
    check_counts("expected counts", &experiment.measurement, &counts_of(&slice, &couplings));
}
