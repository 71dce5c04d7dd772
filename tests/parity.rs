//! A GPU's counts are those of the f64 sum, to the contract, on every adapter.

use adapters::{Test, holds};
use cevscan::dataset::Dataset;
use cevscan::physics::model::Model;
use cevscan::rates::gpu::{self, AdapterChoice, GpuEngine, self_test};
use cevscan::rates::parity::{compare, compare_plans};
use cevscan::rates::plan::Plan;
use cevscan::rates::synthetic::{Shape, cancellation, plan, plane, with_both_signs};
use cevscan::rates::{Counts, Engine, Fineness, Nodes, Point, Rates, cpu};
use cevscan::{Error, Result};
use libtest_mimic::{Failed, Trial};
use planes::{cancelling, default_plane};
use std::process::{Command, ExitCode};

mod adapters;
mod planes;

/// A change of one of a plan's constants that the comparison must not miss: 1e-3 of it, when 3e-6 is allowed.
const PERTURBATION: f64 = 1e-3;
/// Set for the child process that sees no driver.
const CHILD: &str = "CEVSCAN_PARITY_WITHOUT_DRIVER";

const TESTS: [Test; 16] = [
    ("self-test passes", self_test_passes),
    ("every shape of plan keeps the contract over the plane", every_shape_keeps_the_contract),
    ("deep cancellation keeps the contract", deep_cancellation_keeps_the_contract),
    ("every model on every dataset keeps the contract over the default plane", real_plans_keep_the_contract),
    ("every model on every dataset keeps the contract where it cancels", real_cancellation_keeps_the_contract),
    ("masses from 1 eV to 1e9 GeV stay in the range of f32", extreme_masses_stay_in_range),
    ("plans in absurd units keep the contract", absurd_units_keep_the_contract),
    ("a constant off by 1e-3 is noticed", a_wrong_constant_is_noticed),
    ("what f32 cannot hold is done in f64 and counted", overflow_is_done_in_f64),
    ("two runs are bit-identical", two_runs_are_identical),
    ("the cut of batches does not show", cuts_do_not_show),
    ("batches may overlap and be dropped", batches_overlap),
    ("a batch of more chunks than the ring holds is in order", long_batches_are_in_order),
    ("an empty batch is empty", an_empty_batch_is_empty),
    ("counts that no shader wrote are an error", unwritten_counts_are_an_error),
    ("a device lost at work is an error, not a panic", a_lost_device_is_an_error),
];

fn main() -> ExitCode {
    adapters::quiet();
    if std::env::var_os(CHILD).is_some() {
        return without_driver();
    }
    let no_driver = Trial::test("no driver is an error, not a panic", no_driver_is_an_error)
        .with_ignored_flag(cfg!(not(target_os = "linux")));
    adapters::run(&TESTS, vec![Trial::test("auto takes hardware only", auto_takes_hardware_only), no_driver])
}

/// Plans of all kinds.
fn shapes() -> Vec<(&'static str, Shape)> {
    let shape = |classes, bins, nodes, vector: &[f64], scalar: &[f64]| Shape {
        classes,
        bins,
        nodes,
        vector: vector.to_vec(),
        scalar: scalar.to_vec(),
    };
    vec![
        ("usual", Shape::usual()),
        ("one class, one bin, scalar", shape(1, 1, 50, &[], &[1.0])),
        ("three classes, 17 bins", shape(3, 17, 100, &[1.0], &[])),
        ("2000 nodes", shape(2, 12, 1000, &[1.0], &[])),
        ("more nodes than a table holds", shape(1, 3, 5000, &[1.0], &[])),
        ("two terms of each kind", shape(2, 9, 120, &[1.0, 3.0], &[1.0, 0.5])),
        ("nine terms", shape(1, 5, 60, &[1.0, 2.0, 3.0, 1.0, 0.1, 10.0], &[1.0, 2.0, 0.01])),
        ("no mediator", shape(2, 4, 30, &[], &[])),
        ("one node", shape(2, 2, 1, &[1.0], &[])),
    ]
}

/// The plans of all shapes, each with a process of weights of both signs too.
fn plans() -> Vec<(String, Plan)> {
    let each = |(name, shape): (&str, Shape)| {
        let plan = plan(&shape);
        [(format!("{name}, weights of both signs"), with_both_signs(&plan)), (name.to_owned(), plan)]
    };
    shapes().into_iter().flat_map(each).collect()
}

/// Models of the dataset with electrons.
const ELECTRONS: [&str; 3] = ["b-l", "lmu-ltau", "scalar"];

/// The plans of all models on all datasets.
fn real_plans() -> Result<Vec<(String, Plan)>> {
    let (mut plans, models) = (Vec::new(), Model::all()?);
    for name in Dataset::names() {
        let dataset = Dataset::named(name)?;
        // Direct sums are those of one response.
        if dataset.deformations().next().is_some() {
            continue;
        }
        let nodes = Nodes::new(&dataset, Fineness::default())?;
        // Electrons need no more than one model of each kind: a tree-level charge, a loop, a scalar.
        let models = models.iter().filter(|model| name != "csi-es" || ELECTRONS.contains(&model.name.as_str()));
        plans.extend(models.map(|model| (format!("{} on {name}", model.name), nodes.plan(&dataset, model))));
    }
    Ok(plans)
}

fn self_test_passes(engine: &GpuEngine) -> Result<(), Failed> {
    let result = self_test(engine)?;
    holds(result.points > 1000 && result.redone_in_f64 == 0 && result.deviation > 0.0, &result)
}

fn every_shape_keeps_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let points = plane((1e-3, 1e6), 30, 45);
    for (name, plan) in plans() {
        let worst = compare(engine, &plan, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))?;
    }
    Ok(())
}

fn deep_cancellation_keeps_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    for (name, plan) in plans() {
        let worst = compare(engine, &plan, &cancellation(60))?;
        holds(worst.within_contract(), (name, worst))?;
    }
    // The strip is one: somewhere all but 1e-6 of the Standard Model's count is gone.
    let plan = plan(&Shape::usual());
    let (mut depth, mut standard_model) = (f64::INFINITY, vec![0.0; plan.channels()]);
    cpu::counts_at(&plan, Point { mass_mev: 1.0, coupling: 0.0 }, &mut standard_model);
    let mut counts = standard_model.clone();
    for point in cancellation(60) {
        cpu::counts_at(&plan, point, &mut counts);
        counts.iter().zip(&standard_model).for_each(|(count, sm)| depth = depth.min(count / sm));
    }
    holds(depth < 1e-6, depth)
}

fn real_plans_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let points = default_plane(200, 200)?;
    for (name, plan) in real_plans()? {
        let worst = compare(engine, &plan, &points)?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))?;
    }
    Ok(())
}

fn real_cancellation_keeps_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let mut points_compared = 0;
    for (name, plan) in real_plans()? {
        let worst = compare(engine, &plan, &cancelling(&plan, 40)?)?;
        points_compared += worst.points;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))?;
    }
    // Five of the eleven cancel somewhere: the comparison is no empty one.
    holds(points_compared > 10_000, points_compared)
}

fn extreme_masses_stay_in_range(engine: &GpuEngine) -> Result<(), Failed> {
    for (name, plan) in plans() {
        let worst = compare(engine, &plan, &plane((1e-6, 1e12), 37, 27))?;
        holds(worst.within_contract() && worst.redone_in_f64 == 0, (name, worst))?;
    }
    Ok(())
}

fn absurd_units_keep_the_contract(engine: &GpuEngine) -> Result<(), Failed> {
    let mut plan = plan(&Shape { scalar: vec![1.0], ..Shape::usual() });
    let kinematics = &mut plan.kinematics;
    kinematics.weight_vector.iter_mut().chain(&mut kinematics.weight_scalar).for_each(|weight| *weight *= 1e-60);
    let bins = kinematics.energy_bins;
    kinematics
        .response
        .iter_mut()
        .enumerate()
        .for_each(|(i, response)| *response *= 10f64.powi(-20 * (i % bins) as i32));
    let worst = compare(engine, &plan, &plane((1e-3, 1e6), 20, 30))?;
    holds(worst.within_contract(), worst)
}

fn a_wrong_constant_is_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    let plain = plan(&Shape { scalar: vec![1.0], ..Shape::usual() });
    for right in [with_both_signs(&plain), plain] {
        each_wrong_constant_is_noticed(engine, &right)?;
    }
    Ok(())
}

fn each_wrong_constant_is_noticed(engine: &GpuEngine, right: &Plan) -> Result<(), Failed> {
    // A node of the first class at a |q|^2 where the scalar counts too.
    let middle = right.nodes() * 3 / 8;
    let bins = right.kinematics.energy_bins;
    let row = right.kinematics.response_row[middle];
    let (largest, _) =
        (right.kinematics.response_of(middle).enumerate()).max_by(|a, b| a.1.total_cmp(&b.1)).ok_or("no bins")?;
    type Change = fn(&mut Plan, usize, usize);
    let changes: [(&str, Change); 7] = [
        ("|q|^2", |plan, node, _| plan.kinematics.q2_mev2[node] *= 1.0 + PERTURBATION),
        ("vector weight", |plan, node, _| plan.kinematics.weight_vector[node] *= 1.0 + PERTURBATION),
        ("scalar weight", |plan, node, _| plan.kinematics.weight_scalar[node] *= 1.0 + PERTURBATION),
        ("response", |plan, _, place| plan.kinematics.response[place] *= 1.0 + PERTURBATION),
        ("Standard Model", |plan, node, _| plan.amplitudes.standard_model[node] *= 1.0 + PERTURBATION),
        ("vector term", |plan, node, _| plan.amplitudes.vector[0].amplitude[node] *= 1.0 + PERTURBATION),
        ("mass ratio", |plan, _, _| plan.amplitudes.scalar[0].mass_ratio *= 1.0 + PERTURBATION),
    ];
    let points = plane((1e-3, 1e6), 20, 30);
    holds(compare(engine, right, &points)?.within_contract(), "unchanged")?;
    for (name, change) in changes {
        let mut wrong = right.clone();
        change(&mut wrong, middle, row * bins + largest);
        let worst = compare_plans(engine, &wrong, right, &points)?;
        holds(!worst.within_contract(), (name, worst))?;
    }
    Ok(())
}

fn overflow_is_done_in_f64(engine: &GpuEngine) -> Result<(), Failed> {
    let plan = plan(&Shape::usual());
    let mut points = plane((1e-3, 1e6), 5, 20);
    let large: Vec<Point> = [1.0, 1e3, 1e6].map(|mass_mev| Point { mass_mev, coupling: 1e20 }).to_vec();
    points.splice(40..40, large.clone());
    let counts = evaluate(&engine.rates(&plan)?, &points)?;
    holds(counts.redone_in_f64 == large.len(), counts.redone_in_f64)?;
    let mut expected = vec![0.0; plan.channels()];
    for (index, &point) in large.iter().enumerate() {
        cpu::counts_at(&plan, point, &mut expected);
        holds(counts.point(40 + index) == expected && expected.iter().all(|count| count.is_finite()), point)?;
    }
    let worst = compare(engine, &plan, &points)?;
    holds(worst.within_contract() && worst.redone_in_f64 == large.len(), worst)
}

fn two_runs_are_identical(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, points) = (plan(&Shape::usual()), plane((1e-3, 1e6), 60, 61));
    let (first, again) = (evaluate(&engine.rates(&plan)?, &points)?, evaluate(&engine.rates(&plan)?, &points)?);
    holds(bits(&first) == bits(&again), "runs differ")
}

fn cuts_do_not_show(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, points) = (plan(&Shape::usual()), plane((1e-3, 1e6), 31, 33));
    let rates = engine.rates(&plan)?;
    let whole = bits(&evaluate(&rates, &points)?);
    for length in [1, 3, 64, 257, 1000] {
        let points = if length == 1 { &points[..50] } else { &points };
        let mut pieces = Vec::new();
        for piece in points.chunks(length) {
            pieces.extend(bits(&evaluate(&rates, piece)?));
        }
        holds(pieces == whole[..pieces.len()], length)?;
    }
    Ok(())
}

fn batches_overlap(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, points) = (plan(&Shape::usual()), plane((1e-3, 1e6), 40, 50));
    let rates = engine.rates(&plan)?;
    let whole = bits(&evaluate(&rates, &points)?);
    drop(rates.submit(&points)?);
    let (first, second) = points.split_at(900);
    let (a, b, dropped) = (rates.submit(first)?, rates.submit(second)?, rates.submit(&points)?);
    drop(dropped);
    let mut pieces = bits(&a.wait()?);
    pieces.extend(bits(&b.wait()?));
    holds(pieces == whole, "overlapping batches differ")
}

fn long_batches_are_in_order(engine: &GpuEngine) -> Result<(), Failed> {
    let plan = plan(&Shape { nodes: 2000, bins: 2, ..Shape::usual() });
    let rates = engine.rates(&plan)?;
    let points = plane((1e-3, 1e6), 1, 4 * rates.chunk_points() + 5);
    let long = bits(&evaluate(&rates, &points)?);
    for start in [0, rates.chunk_points() - 2, 3 * rates.chunk_points() + 1, points.len() - 9] {
        let (piece, channels) = (&points[start..start + 9], plan.channels());
        holds(bits(&evaluate(&rates, piece)?) == long[start * channels..(start + 9) * channels], start)?;
    }
    Ok(())
}

fn an_empty_batch_is_empty(engine: &GpuEngine) -> Result<(), Failed> {
    let plan = plan(&Shape::usual());
    holds(evaluate(&engine.rates(&plan)?, &[])?.values.is_empty(), "counts without points")
}

fn unwritten_counts_are_an_error(engine: &GpuEngine) -> Result<(), Failed> {
    // The second plan's first slice of three: the others must not pass for the whole.
    let long = Shape { classes: 1, bins: 3, nodes: 5000, vector: vec![1.0], scalar: vec![] };
    for (shape, skipped) in [(Shape::usual(), 1), (Shape::usual(), 2), (long, 1)] {
        let plan = plan(&shape);
        let mut rates = engine.rates(&plan)?;
        rates.skip_slices(skipped);
        let error = evaluate(&rates, &plane((1e-3, 1e6), 5, 5)).err().map(|error| error.to_string());
        holds(error.as_ref().is_some_and(|error| error.contains("unwritten")), error)?;
    }
    Ok(())
}

fn a_lost_device_is_an_error(engine: &GpuEngine) -> Result<(), Failed> {
    let (plan, points) = (plan(&Shape::usual()), plane((1e-3, 1e6), 200, 200));
    let rates = engine.rates(&plan)?;
    let under_way = rates.submit(&points)?;
    engine.destroy_device();
    let is_device = |error: &Error| matches!(error, Error::Device { adapter, .. } if *adapter == engine.adapter().name);
    holds(under_way.wait().is_err_and(|error| is_device(&error)), "work under way")?;
    holds(evaluate(&rates, &points).is_err_and(|error| is_device(&error)), "new work")?;
    holds(engine.prepare(&plan).err().is_some_and(|error| is_device(&error)), "a new plan")?;
    holds(self_test(engine).is_err_and(|error| is_device(&error)), "self-test")
}

fn auto_takes_hardware_only() -> Result<(), Failed> {
    match GpuEngine::open(&AdapterChoice { name: None, allow_software: false }) {
        Ok(engine) => holds(engine.adapter().hardware, engine.adapter()),
        Err(Error::NoAdapter { reason }) => holds(gpu::adapters().iter().all(|adapter| !adapter.hardware), reason),
        Err(error) => Err(error.into()),
    }
}

fn no_driver_is_an_error() -> Result<(), Failed> {
    let none = "/nonexistent.json";
    let child = Command::new(std::env::current_exe()?)
        .envs([("VK_DRIVER_FILES", none), ("VK_ICD_FILENAMES", none), (CHILD, "1")])
        .output()?;
    holds(child.status.success() && child.stderr.is_empty(), child)
}

/// Body of the child process: succeeds if the lack of a driver ends in the error made for it.
fn without_driver() -> ExitCode {
    let explicit = GpuEngine::open(&AdapterChoice { name: None, allow_software: true });
    match (gpu::adapters().is_empty(), explicit) {
        (true, Err(Error::NoAdapter { .. })) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn evaluate(rates: &dyn Rates, points: &[Point]) -> Result<Counts> {
    rates.submit(points)?.wait()
}

fn bits(counts: &Counts) -> Vec<u64> {
    counts.values.iter().map(|count| count.to_bits()).collect()
}
