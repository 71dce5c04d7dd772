//! Signals that nuisance parameters deform, on a GPU: counts, and the lowest of several minima of chi2, are those of f64 to the
//! contract, on every adapter.

#![allow(clippy::expect_used, reason = "a test that cannot go on must panic")]

use adapters::{Test, holds};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::base::grid::Axis;
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{GpuEngine, VertexEngine};
use cevscan::rates::plan::Plan;
use cevscan::rates::synthetic::{self, Shape, plane, with_both_signs, with_deformations};
use cevscan::rates::{Point, cpu, parity};
use cevscan::statistics::gpu::{CHI2_TOLERANCE, CONTRACT_BELOW, GpuProfiler, MAX_PARAMETERS};
use cevscan::statistics::{Likelihood, Measurement, ParameterKind};
use cevscan::{Error, Result};
use libtest_mimic::Failed;
use planes::{cancelling, default_plane};
use profiles::{Worst, compare, each_real_fit, evaluate, expectation, reference, synthetic_fit};
use std::process::ExitCode;

mod adapters;
mod planes;
mod profiles;

/// A change of what deforms a signal that the comparison must not miss ...
const PERTURBATION: f64 = 1e-3;
/// ... and of a prior, in standard deviations: pulls of deformations are small.
const PERTURBATION_OF_PRIOR: f64 = 3e-2;
/// The part of the points that may be left to f64, of a coarse grid: strips in which many searches lead nowhere.
const FEW: f64 = 0.1;
/// The same of the largest dataset, whose strips are short.
const FEW_OF_MANY_BINS: f64 = 0.15;

const TESTS: [Test; 9] = [
    ("counts and their changes keep the contract on every model and dataset", counts_keep_the_contract),
    ("a change of counts off by 1e-3 is noticed", a_wrong_change_is_noticed),
    ("every model keeps the contract over the default plane", real_fits_keep_the_contract),
    ("from no signal to 1e20 events", extremes_keep_the_contract),
    ("the lowest of several minima is found", the_lowest_is_found),
    ("fits of every shape keep the contract", every_shape_keeps_the_contract),
    ("a prior off by 3e-2 is noticed", a_wrong_prior_is_noticed),
    ("cuts of batches do not show", cuts_do_not_show),
    ("fits that the shader does not hold are refused", unsound_fits_are_refused),
];

fn main() -> ExitCode {
    adapters::quiet();
    adapters::run_one_by_one(&TESTS)
}

fn counts_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let squares = VertexEngine(engine);
    for data in ["csi-full", "xenonnt"] {
        each_real_fit(data, |name, plan, _| {
            let mut points = default_plane(20, 40)?;
            points.extend(plane((1e-6, 1e12), 10, 20));
            points.extend(cancelling(plan, 6)?);
            let worst = parity::compare(&squares, plan, &points)?;
            holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))
        })?;
    }
    let plan = synthetic::plan(&Shape::usual());
    let points = [plane((1e-6, 1e12), 19, 40), synthetic::cancellation(60)].concat();
    for plan in [with_deformations(&with_both_signs(&plan), 1), with_deformations(&plan, 3)] {
        let worst = parity::compare(&squares, &plan, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, worst)?;
    }
    Ok(())
}

fn a_wrong_change_is_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    let right = with_deformations(&synthetic::plan(&Shape::usual()), 2);
    for (own, order) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let mut wrong = right.clone();
        let changes = wrong.kinematics.deformations[own][order].iter_mut();
        changes.for_each(|change| *change *= 1.0 + PERTURBATION);
        let worst = parity::compare_plans(&VertexEngine(engine), &wrong, &right, &plane((1e-3, 1e6), 20, 30))?;
        holds(!worst.within_contract() && worst.channel >= right.channels(), worst)?;
    }
    Ok(())
}

fn real_fits_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi-full", |name, plan, fit| {
        let mut points = default_plane(20, 60)?;
        points.extend(cancelling(plan, 3)?);
        is_kept(name, compare(engine, plan, fit, &points)?, FEW)
    })?;
    // Neighbours that are near follow each other's minima.
    for (data, model, few) in [("csi-full", "b-2le-lmu", FEW), ("xenonnt", "le-ltau", FEW_OF_MANY_BINS)] {
        let experiments = Experiment::parse_list(data)?;
        let analysis = Analysis::new(&Model::named(model)?, &experiments);
        let (plan, fit) = (&analysis.predictions[0].plan, &experiments[0].measurement);
        is_kept(format!("{model} on {data}"), compare(engine, plan, fit, &default_plane(4, 400)?)?, few)?;
    }
    Ok(())
}

fn is_kept(name: String, worst: Worst, few: f64) -> Result<(), Failed> {
    let is_few = worst.redone_in_f64 as f64 <= few * worst.points as f64;
    holds(worst.within_contract() && is_few && worst.not_converged == 0, (name, worst))
}

fn extremes_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    each_real_fit("csi-full", |name, plan, fit| {
        let mut points = plane((1e-6, 1e12), 10, 30);
        points.extend([1.0, 10.0].map(|coupling| Point { mass_mev: 0.1, coupling }));
        let worst = compare(engine, plan, fit, &points)?;
        holds(worst.within_contract() && worst.not_converged == 0, (name, worst))
    })
}

/// Where steps from the usual start alone lead to another minimum the shader has the lowest all the same, so that a shader
/// without searches would be out of contract at these points.
fn the_lowest_is_found(engine: &GpuEngine) -> Result<(), Failed> {
    let mut others = 0;
    for model in ["le-ltau", "universal", "lmu-ltau", "b-3le"] {
        let experiments = Experiment::parse_list("csi-full")?;
        let analysis = Analysis::new(&Model::named(model)?, &experiments);
        let (plan, fit) = (&analysis.predictions[0].plan, &experiments[0].measurement);
        let points = default_plane(12, 150)?;
        let lowest = reference(plan, fit, &points);
        let minimum = lowest.iter().copied().fold(f64::INFINITY, f64::min);
        let got = evaluate(&GpuProfiler::new(engine, plan, fit)?, &points)?;
        let worst = Worst::new(&got, &lowest);
        holds(worst.within_contract(), (model, worst))?;
        let likelihood = Likelihood::new([fit]);
        let mut work = likelihood.workspace();
        let mut counts = vec![0.0; plan.signal_counts()];
        let counted: f64 = fit.observation.counts.iter().sum();
        for (point, lowest) in points.iter().zip(&lowest) {
            if lowest - minimum >= CONTRACT_BELOW {
                continue;
            }
            cpu::counts_at(plan, *point, &mut counts);
            let events: f64 = counts[..plan.channels()].iter().sum();
            let usual = likelihood.profile_from(&[&counts], &mut work, (events / counted).min(1.0), &[0.0; 3]).chi2;
            others += usize::from(usual > lowest + CHI2_TOLERANCE);
        }
    }
    holds(others >= 10, others)
}

fn every_shape_keeps_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    // Classes, energy bins, time bins, deformations, shapes of the signal, backgrounds, shapes of the backgrounds. The table
    // of the last is larger than constant memory.
    let sizes = [(1, 1, 8, 1, 0, 1, 0), (3, 7, 5, 2, 2, 3, 1), (2, 12, 8, 3, 0, 2, 1), (2, 17, 60, 4, 1, 3, 3)];
    for (classes, bins, time_bins, deformations, shapes, backgrounds, background_shapes) in sizes {
        let shape = Shape { classes, bins, nodes: 60, ..Shape::usual() };
        let plan = with_deformations(&synthetic::plan(&shape), deformations);
        let fit = synthetic_fit(&plan, time_bins, shapes, (backgrounds, background_shapes), false);
        let worst = compare(engine, &plan, &fit, &plane((1e-1, 1e4), 8, 40))?;
        is_kept(format!("{deformations} deformations of {} bins", bins * time_bins), worst, FEW_OF_MANY_BINS)?;
    }
    Ok(())
}

fn a_wrong_prior_is_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    let experiments = Experiment::parse_list("csi-full")?;
    let analysis = Analysis::new(&Model::named("b-l")?, &experiments);
    let (plan, fit) = (&analysis.predictions[0].plan, &experiments[0].measurement);
    let points = default_plane(10, 60)?;
    let reference = reference(plan, fit, &points);
    let is_noticed = |wrong: &Measurement| -> Result<bool> {
        let profiler = GpuProfiler::with_table(engine, plan, fit, wrong)?;
        Ok(!Worst::new(&evaluate(&profiler, &points)?, &reference).within_contract())
    };
    holds(!is_noticed(fit)?, "the right one")?;
    let deformations = fit.expectation.parameters.iter().enumerate();
    let deformations = deformations.filter(|(_, own)| matches!(own.kind, ParameterKind::SignalDeformation(_)));
    for (place, own) in deformations {
        let mut wrong = fit.clone();
        expectation(&mut wrong).parameters[place].sigma *= 1.0 + PERTURBATION_OF_PRIOR;
        holds(is_noticed(&wrong)?, &own.name)?;
        let mut wrong = fit.clone();
        wrong.observation.centres[place] += PERTURBATION_OF_PRIOR;
        holds(is_noticed(&wrong)?, &own.name)?;
    }
    Ok(())
}

fn cuts_do_not_show(engine: &GpuEngine) -> Result<(), Failed> {
    let experiments = Experiment::parse_list("csi-full")?;
    let analysis = Analysis::new(&Model::named("le-ltau")?, &experiments);
    let profiler = GpuProfiler::new(engine, &analysis.predictions[0].plan, &experiments[0].measurement)?;
    let masses = Axis::logarithmic("mass", "MeV", (0.1, 1e4), 20)?.values;
    let rows = profiler.rows(&Axis::logarithmic("coupling", "", (1e-6, 1.0), 75)?.values)?;
    let whole = rows.evaluate(&masses)?;
    holds(rows.evaluate(&masses)? == whole, "runs differ")?;
    for length in [1, 7] {
        let mut pieces = Vec::new();
        for masses in masses.chunks(length) {
            pieces.extend(rows.evaluate(masses)?.chi2);
        }
        holds(pieces == whole.chi2, length)?;
    }
    Ok(())
}

/// What is refused is named, with its number and the bound.
fn unsound_fits_are_refused(engine: &GpuEngine) -> Result<(), Failed> {
    let plan = with_deformations(&synthetic::plan(&Shape { nodes: 60, ..Shape::usual() }), 2);
    let refusal = |plan: &Plan, fit: &Measurement| match GpuProfiler::new(engine, plan, fit) {
        Err(error @ Error::OutOfRange { .. }) => error.to_string(),
        other => format!("{:?}", other.map(|_| "accepted")),
    };
    let sound = synthetic_fit(&plan, 4, 1, (2, 1), false);
    holds(refusal(&plan, &sound).contains("accepted"), "sound fit")?;
    let many = MAX_PARAMETERS - 2;
    let cases = [
        (&plan, synthetic_fit(&plan, 4, 0, (2, 0), true), ["Gaussian errors", "2"]),
        (&plan, synthetic_fit(&with_deformations(&plan, 1), 4, 0, (2, 0), false), ["deformations of the fit", "2"]),
        (&plan, synthetic_fit(&plan, 4, 0, (many, 0), false), ["nuisance parameters", "from 1 to 16"]),
        (&plan, synthetic_fit(&plan, 400, 0, (2, 0), false), ["bins", "4800"]),
    ];
    for (plan, fit, words) in cases {
        let said = refusal(plan, &fit);
        holds(words.iter().all(|word| said.contains(word)), (words, said))?;
    }
    Ok(())
}
