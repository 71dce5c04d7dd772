//! chi2 minimised on a GPU is that of the f64 minimisation, to the contract, on every adapter.

#![allow(clippy::expect_used, reason = "a test that cannot go on must panic")]

use adapters::{Test, holds};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::grid::Axis;
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::gpu::{GpuEngine, VertexEngine};
use cevscan::rates::parity;
use cevscan::rates::plan::Plan;
use cevscan::rates::synthetic::{self, Shape, plane};
use cevscan::statistics::gpu::{GpuProfiler, MAX_PARAMETERS, Profiles, RowsBatch};
use cevscan::statistics::{Measurement, Parameter, ParameterKind};
use cevscan::{Error, Result};
use libtest_mimic::Failed;
use planes::{cancelling, default_plane};
use profiles::{Worst, compare, each_real_fit, evaluate, expectation, reference, synthetic_fit};
use std::process::ExitCode;

mod adapters;
mod planes;
mod profiles;

/// A change of one of a fit's constants that the comparison must not miss.
const PERTURBATION: f64 = 1e-3;
/// Rise of chi2 to the contour of two parameters and two sigma.
const CONTOUR: f64 = 6.18;

const TESTS: [Test; 14] = [
    ("counts as squares keep the contract on every model and dataset", counts_keep_the_contract),
    ("a count off by 1e-3 is noticed", a_wrong_count_is_noticed),
    ("every model on every dataset keeps the contract over the default plane", real_fits_keep_the_contract),
    ("every model on every dataset keeps the contract along its contour", contours_keep_the_contract),
    ("from no signal to 1e20 events", extremes_keep_the_contract),
    ("fits of every shape keep the contract", every_shape_keeps_the_contract),
    ("errors that bins have in common keep the contract", correlated_errors_keep_the_contract),
    ("a constant off by 1e-3 is noticed", a_wrong_constant_is_noticed),
    ("what f32 cannot hold is done in f64 and counted", overflow_is_done_in_f64),
    ("a minimum on the boundary is done in f64", boundaries_are_done_in_f64),
    ("runs and cuts of batches do not show", runs_and_cuts_do_not_show),
    ("results that no shader wrote are an error", unwritten_results_are_an_error),
    ("fits that the shader does not hold are refused", unsound_fits_are_refused),
    ("a device lost at work is an error, not a panic", a_lost_device_is_an_error),
];

fn main() -> ExitCode {
    adapters::quiet();
    adapters::run(&TESTS, Vec::new())
}

fn counts_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let squares = VertexEngine(engine);
    each_real_fit("csi+lar", |name, plan, _| {
        let mut points = default_plane(100, 200)?;
        points.extend(plane((1e-6, 1e12), 19, 40));
        points.extend(cancelling(plan, 40)?);
        let worst = parity::compare(&squares, plan, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))
    })?;
    for shape in [Shape::usual(), Shape { vector: vec![1.0, 3.0], scalar: vec![1.0, 0.5], ..Shape::usual() }] {
        let plan = synthetic::plan(&shape);
        let points = [plane((1e-6, 1e12), 19, 40), synthetic::cancellation(60)].concat();
        for plan in [synthetic::with_both_signs(&plan), plan] {
            let worst = parity::compare(&squares, &plan, &points)?;
            holds(worst.within_contract() && worst.redone_in_f64 == 0, (&shape, worst))?;
        }
    }
    Ok(())
}

fn a_wrong_count_is_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    let right = synthetic::plan(&Shape::usual());
    let middle = right.nodes() * 3 / 8;
    for change in [
        (|plan, node| plan.kinematics.weight_vector[node] *= 1.0 + PERTURBATION) as fn(&mut Plan, usize),
        |plan, node| plan.kinematics.q2_mev2[node] *= 1.0 + PERTURBATION,
        |plan, node| plan.amplitudes.vector[0].amplitude[node] *= 1.0 + PERTURBATION,
    ] {
        let mut wrong = right.clone();
        change(&mut wrong, middle);
        let worst = parity::compare_plans(&VertexEngine(engine), &wrong, &right, &plane((1e-3, 1e6), 20, 30))?;
        holds(!worst.within_contract(), worst)?;
    }
    Ok(())
}

fn real_fits_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi+lar", |name, plan, fit| {
        let mut points = default_plane(60, 60)?;
        points.extend(cancelling(plan, 15)?);
        let worst = compare(engine, plan, fit, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0 && worst.not_converged == 0, (name, worst))
    })
}

/// As many as the shader holds, each of some of the size of the bins' own: a tenth of C is left to each bin alone.
fn correlated_errors_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi+lar", |name, plan, fit| {
        let Some(own) = fit.observation.variance() else { return Ok(()) };
        let mut fit = fit.clone();
        let (bins, room) = (own.len(), MAX_PARAMETERS - fit.expectation.parameters.len());
        for index in 0..room {
            let turns = |bin: usize| 1.0 + (1.0 + index as f64) * (bin as f64 + 0.5) / bins as f64;
            let kind = ParameterKind::CorrelatedError(index);
            let (name, label) = (format!("correlated error {index}"), String::new());
            let parameter = Parameter { name, label, kind, central: 0.0, sigma: 1.0, shared: false };
            expectation(&mut fit).parameters.push(parameter);
            let column = (0..bins).map(|bin| 3.0 * own[bin].sqrt() * (3.0 * turns(bin)).sin());
            expectation(&mut fit).columns.push(column.collect());
            fit.observation.centres.push(0.0);
        }
        let worst = compare(engine, plan, &fit, &default_plane(40, 60)?)?;
        holds(room > 2 && worst.within_contract() && worst.not_converged == 0, (name, worst))
    })
}

fn contours_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi+lar", |name, plan, fit| {
        let grid = default_plane(15, 60)?;
        let chi2 = reference(plan, fit, &grid);
        let level = chi2.iter().copied().fold(f64::INFINITY, f64::min) + CONTOUR;
        let mut points = Vec::new();
        for (ends, chi2) in grid.windows(2).zip(chi2.windows(2)) {
            if ends[0].mass_mev == ends[1].mass_mev && (chi2[0] > level) != (chi2[1] > level) {
                let ratio = ends[1].coupling / ends[0].coupling;
                let at = |part: i32| ends[0].coupling * ratio.powf(f64::from(part) / 20.0);
                points.extend((0..=20).map(|part| Point { coupling: at(part), ..ends[0] }));
            }
        }
        let worst = compare(engine, plan, fit, &points)?;
        holds(points.len() >= 15 * 21 && worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))
    })
}

fn extremes_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi+lar", |name, plan, fit| {
        let mut points = plane((1e-6, 1e12), 19, 40);
        points.extend([1.0, 10.0].map(|coupling| Point { mass_mev: 0.1, coupling }));
        let worst = compare(engine, plan, fit, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))
    })
}

fn every_shape_keeps_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let shape = |classes, bins| Shape { classes, bins, nodes: 60, ..Shape::usual() };
    let largest = MAX_PARAMETERS - 4;
    // Classes, energy bins, time bins, shapes of the signal, backgrounds, shapes of the backgrounds. The table of the
    // last is larger than constant memory.
    let sizes = [(1, 1, 4, 0, 1, 0), (1, 5, 1, 0, 0, 0), (3, 7, 5, 2, 3, 2), (2, 17, 80, 3, largest - 3, 3)];
    for (classes, energy_bins, time_bins, signal_shapes, backgrounds, background_shapes) in sizes {
        let plan = synthetic::plan(&shape(classes, energy_bins));
        for gaussian in [false, true] {
            let fit = synthetic_fit(&plan, time_bins, signal_shapes, (backgrounds, background_shapes), gaussian);
            let worst = compare(engine, &plan, &fit, &plane((1e-1, 1e4), 12, 40))?;
            let name = (classes, energy_bins, time_bins, fit.expectation.parameters.len(), gaussian);
            holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))?;
        }
    }
    Ok(())
}

fn a_wrong_constant_is_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    type Change = fn(&mut Measurement);
    let changes: [(&str, &str, Change); 9] = [
        ("csi", "background", |fit| *largest(&mut expectation(fit).columns[3]) *= 1.0 + PERTURBATION),
        ("csi", "width of the signal", |fit| expectation(fit).parameters[0].sigma *= 1.0 + PERTURBATION),
        ("csi", "count", |fit| *largest(&mut fit.observation.counts) *= 1.0 + PERTURBATION),
        ("csi", "time fraction", |fit| *largest(&mut expectation(fit).time_fractions) *= 1.0 + PERTURBATION),
        ("lar", "background", |fit| *largest(&mut expectation(fit).columns[3]) *= 1.0 + PERTURBATION),
        ("lar", "width of a shape", |fit| expectation(fit).parameters[4].sigma *= 1.0 + PERTURBATION),
        ("lar", "count", |fit| *largest(&mut fit.observation.counts) *= 1.0 + PERTURBATION),
        ("lar", "time fraction", |fit| *largest(&mut expectation(fit).time_fractions) *= 1.0 + PERTURBATION),
        ("lar", "variance", |fit| {
            let weights = fit.observation.inverse_variance.iter_mut();
            weights.for_each(|weights| *largest(weights) *= 1.0 + PERTURBATION)
        }),
    ];
    let model = Model::named("b-l")?;
    let points = default_plane(15, 60)?;
    for (dataset, name, change) in changes {
        let experiments = Experiment::parse_list(dataset)?;
        let analysis = Analysis::new(&model, &experiments);
        let (plan, fit) = (&analysis.predictions[0].plan, &experiments[0].measurement);
        let mut wrong = fit.clone();
        change(&mut wrong);
        let profiler = GpuProfiler::with_table(engine, plan, fit, &wrong)?;
        let worst = Worst::new(&evaluate(&profiler, &points)?, &reference(plan, fit, &points));
        holds(worst.points == points.len() && !worst.within_contract(), (dataset, name, worst))?;
    }
    Ok(())
}

/// The largest of some numbers, of which there is one.
fn largest(numbers: &mut [f64]) -> &mut f64 {
    numbers.iter_mut().reduce(|a, b| if *b > *a { b } else { a }).expect("a number")
}

fn overflow_is_done_in_f64(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, fit) = usual();
    let mut points = plane((1e-3, 1e6), 5, 20);
    let large: Vec<Point> = [1.0, 1e3, 1e6].map(|mass_mev| Point { mass_mev, coupling: 1e20 }).to_vec();
    points.splice(40..40, large.clone());
    let got = evaluate(&GpuProfiler::new(engine, &plan, &fit)?, &points)?;
    holds(got.redone_in_f64 == large.len(), got.redone_in_f64)?;
    holds(got.chi2[40..43] == reference(&plan, &fit, &large), &got.chi2[40..43])
}

fn boundaries_are_done_in_f64(engine: &GpuEngine) -> Result<(), Failed> {
    // A shape that empties the bins in which nothing was counted: there the minimum lies at mu = 0, or next to it.
    let (plan, mut fit) = usual();
    let shape = fit.expectation.parameters.len() - 1;
    for bin in 0..fit.expectation.bins() {
        let empty = bin % 2 == 0;
        let background: f64 = (1..=2).map(|k| fit.expectation.columns[k][bin]).sum();
        expectation(&mut fit).columns[shape][bin] = if empty { -background } else { 0.0 };
        fit.observation.counts[bin] *= if empty { 0.0 } else { 1.0 };
    }
    let worst = compare(engine, &plan, &fit, &plane((1e-1, 1e4), 12, 40))?;
    holds(worst.within_contract() && worst.redone_in_f64 > 0 && worst.not_converged == 0, worst)
}

fn runs_and_cuts_do_not_show(engine: &GpuEngine) -> Result<(), Failed> {
    let experiments = Experiment::parse_list("csi+lar")?;
    let model = Model::named("b-l")?;
    let masses = Axis::logarithmic("mass", "MeV", (0.1, 1e4), 70)?.values;
    let couplings = Axis::logarithmic("coupling", "", (1e-6, 1.0), 333)?.values;
    for prediction in Analysis::new(&model, &experiments).predictions {
        let profiler = GpuProfiler::new(engine, &prediction.plan, &prediction.experiment.measurement)?;
        let whole = bits(&profiler.rows(&couplings)?.evaluate(&masses)?);
        let again = GpuProfiler::new(engine, &prediction.plan, &prediction.experiment.measurement)?;
        holds(bits(&again.rows(&couplings)?.evaluate(&masses)?) == whole, "runs differ")?;
        let rows = profiler.rows(&couplings)?;
        for length in [1, 3, 64, 65] {
            let mut pieces = Vec::new();
            for masses in masses.chunks(length.min(rows.most_rows())) {
                pieces.extend(bits(&rows.evaluate(masses)?));
            }
            holds(pieces == whole, length)?;
        }
        // Three launches at once, one of them dropped; then buffers that have held more before.
        let (first, second) = masses.split_at(40.min(rows.most_rows()));
        let second = &second[..second.len().min(rows.most_rows())];
        let wait = |batch: RowsBatch, masses: &[f64]| -> Result<Vec<f64>> {
            let mut chi2 = vec![0.0; masses.len() * couplings.len()];
            batch.wait(&mut chi2).map(|_| chi2)
        };
        let (a, b) = (rows.submit(first)?, rows.submit(second)?);
        drop(rows.submit(first)?);
        let mut pieces = wait(a, first)?;
        pieces.extend(wait(b, second)?);
        pieces.extend(wait(rows.submit(&first[..1])?, &first[..1])?);
        let pieces: Vec<u64> = pieces.iter().map(|chi2| chi2.to_bits()).collect();
        let points = (first.len() + second.len()) * couplings.len();
        holds(pieces[..points] == whole[..points], "overlapping launches differ")?;
        holds(pieces[points..] == whole[..couplings.len()], "buffers that were used before")?;
        holds(rows.evaluate(&[])? == Profiles::default(), "results without points")?;
        holds(rows.submit(&[]).is_err(), "a launch without rows")?;
        holds(rows.submit(&first[..1])?.wait(&mut [0.0]).is_err(), "room for one point")?;
    }
    Ok(())
}

/// Neither a whole launch nor its last strips may be missing.
fn unwritten_results_are_an_error(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, fit) = usual();
    let couplings = Axis::logarithmic("coupling", "", (1e-6, 1.0), 100)?.values;
    for skipped in [1, 3, u32::MAX] {
        let mut profiler = GpuProfiler::new(engine, &plan, &fit)?;
        let before = profiler.rows(&couplings)?.evaluate(&[1.0, 10.0])?;
        profiler.skip_strips(skipped);
        let rows = profiler.rows(&couplings)?;
        let error = rows.submit(&[1.0, 10.0])?.wait(&mut [0.0; 200]).err().map(|error| error.to_string());
        holds(error.as_ref().is_some_and(|error| error.contains("unwritten")), error)?;
        holds(before.chi2.len() == 200, before.chi2.len())?;
    }
    Ok(())
}

fn unsound_fits_are_refused(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, fit) = usual();
    let refused = |fit: &Measurement| matches!(GpuProfiler::new(engine, &plan, fit), Err(Error::OutOfRange { .. }));
    holds(!refused(&fit), "sound fit")?;
    let other = synthetic::plan(&Shape { bins: 3, ..Shape::usual() });
    holds(refused(&synthetic_fit(&other, 4, 1, (2, 1), false)), "another plan's bins")?;
    holds(refused(&synthetic_fit(&plan, 4, 1, (MAX_PARAMETERS, 0), false)), "too many parameters")?;
    holds(refused(&synthetic_fit(&plan, 1000, 0, (1, 0), false)), "too many bins")
}

fn a_lost_device_is_an_error(engine: &GpuEngine) -> Result<(), Failed> {
    let ((plan, fit), masses) = (usual(), Axis::logarithmic("mass", "MeV", (1e-3, 1e6), 40)?.values);
    let couplings = Axis::logarithmic("coupling", "", (1e-6, 1.0), 200)?.values;
    let profiler = GpuProfiler::new(engine, &plan, &fit)?;
    let rows = profiler.rows(&couplings)?;
    let first = &masses[..rows.most_rows().min(40)];
    let (under_way, mut room) = (rows.submit(first)?, vec![0.0; first.len() * couplings.len()]);
    engine.destroy_device();
    let is_device = |error: &Error| matches!(error, Error::Device { adapter, .. } if *adapter == engine.adapter().name);
    holds(under_way.wait(&mut room).is_err_and(|error| is_device(&error)), "work under way")?;
    holds(rows.evaluate(&masses).is_err_and(|error| is_device(&error)), "new work")?;
    holds(profiler.rows(&couplings).err().is_some_and(|error| is_device(&error)), "new rows")?;
    holds(GpuProfiler::new(engine, &plan, &fit).err().is_some_and(|error| is_device(&error)), "a new profiler")
}

/// A usual plan with a Poisson fit, shapes included.
fn usual() -> (Plan, Measurement) {
    let plan = synthetic::plan(&Shape { nodes: 60, ..Shape::usual() });
    let fit = synthetic_fit(&plan, 8, 1, (2, 1), false);
    (plan, fit)
}

fn bits(profiles: &Profiles) -> Vec<u64> {
    profiles.chi2.iter().map(|chi2| chi2.to_bits()).collect()
}
