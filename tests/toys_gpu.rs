//! Toys on a GPU are those of the CPU, toy by toy, on every adapter.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use adapters::{Test, holds};
use cevscan::analysis::coverage::{
    Blocks, Device, Ensemble, Minimum, Nuisance, Plan, PointCoverage, Q_TOLERANCE, Search, Sidebands, Truth,
};
use cevscan::analysis::{Analysis, Experiment};
use cevscan::physics::model::Model;
use cevscan::rates::Point;
use cevscan::rates::gpu::GpuEngine;
use libtest_mimic::Failed;

mod adapters;

const SEED: u64 = 3;

const TESTS: [Test; 5] = [
    ("toys are those of the CPU, toy by toy", toys_are_those_of_the_cpu),
    ("the tables of another truth are noticed", wrong_tables_are_noticed),
    ("a toy does not depend on its launch", toys_do_not_depend_on_their_launch),
    ("critical values are those of f64", critical_values_are_those_of_f64),
    ("a lost device is an error, or the CPU takes over", a_lost_device),
];

fn main() -> ExitCode {
    adapters::quiet();
    adapters::run_one_by_one(&TESTS)
}

fn plan(toys: u64, sidebands: Sidebands) -> Plan {
    Plan { toys: (0, toys), seed: SEED, nuisance: Nuisance::Profile, sidebands }
}

/// A model on data with a truth.
struct Case {
    analysis: Analysis,
    truth: Truth,
    search: Search,
    plan: Plan,
}

impl Case {
    fn new(model: &str, data: &str, point: Point, toys: u64, sidebands: Sidebands) -> Case {
        let (model, experiments) = (Model::named(model).unwrap(), Experiment::parse_list(data).unwrap());
        let analysis = Analysis::new(&model, &experiments);
        let plan = plan(toys, sidebands);
        Case {
            truth: Truth::new(&analysis, point, plan.nuisance, plan.seed).unwrap(),
            search: Search::new(&analysis, point).unwrap(),
            analysis,
            plan,
        }
    }

    fn blocks(&self) -> Blocks<'_> {
        Blocks::new(&self.analysis, &self.truth, &self.search, self.plan)
    }
}

fn on_cpu(blocks: &Blocks, toys: u64) -> Vec<Minimum> {
    let numbers: Vec<u64> = (0..toys).collect();
    blocks.minima(&numbers, &mut blocks.memory()).into_iter().map(Option::unwrap).collect()
}

/// How far a toy is off: q, q at fixed mass, chi2_min, chi2 of the Standard Model.
fn differences(one: &Minimum, other: &Minimum) -> [f64; 4] {
    let numbers = |own: &Minimum| [own.chi2_truth - own.chi2, own.chi2_truth - own.chi2_at_mass, own.chi2, own.chi2_sm];
    let (one, other) = (numbers(one), numbers(other));
    std::array::from_fn(|i| (one[i] - other[i]).abs())
}

fn toys_are_those_of_the_cpu(engine: &GpuEngine) -> Result<(), Failed> {
    let toys = std::env::var("CEVSCAN_TOYS").map_or(192, |toys| toys.parse().unwrap());
    for (model, mass_mev, coupling) in
        [("b-l", 7.0, 2.72e-5), ("scalar", 0.1, 1e-5), ("universal", 40.0, 3e-5), ("lmu-ltau", 40.0, 1.5e-3)]
    {
        let data = "csi+lar";
        let case = Case::new(model, data, Point { mass_mev, coupling }, toys, Sidebands::Redraw);
        let blocks = case.blocks();
        let (found, left) = blocks.minima_on_gpu(engine, 0..toys, None)?;
        let expected = on_cpu(&blocks, toys);
        let mut worst = [0.0f64; 4];
        let (mut compared, mut beyond) = (0, Vec::new());
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            let Some(found) = found else { continue };
            let own = differences(found, expected);
            worst = std::array::from_fn(|i| worst[i].max(own[i]));
            compared += 1;
            if own.iter().any(|own| *own >= Q_TOLERANCE) {
                beyond.push((number, own, *found, *expected));
            }
        }
        eprintln!("{model} {data}: {compared} toys within {worst:?}, {} left to the CPU", left.len());
        holds(beyond.is_empty(), (model, data, beyond))?;
        holds(left.len() * 10 <= toys as usize, (model, data, &left))?;
        holds(left.len() + compared == toys as usize, (model, data, compared))?;
    }
    Ok(())
}

fn wrong_tables_are_noticed(engine: &GpuEngine) -> Result<(), Failed> {
    let toys = 64;
    let at = |coupling| Case::new("b-l", "csi+lar", Point { mass_mev: 7.0, coupling }, toys, Sidebands::Redraw);
    let (case, other) = (at(2.72e-5), at(2.75e-5));
    let (blocks, other) = (case.blocks(), other.blocks());
    let (found, _) = blocks.minima_on_gpu(engine, 0..toys, other.mesh())?;
    let expected = on_cpu(&blocks, toys);
    let pairs = found.iter().zip(&expected).filter_map(|(found, expected)| Some((found.as_ref()?, expected)));
    let wrong = pairs.filter(|(found, expected)| differences(found, expected)[0] > Q_TOLERANCE).count();
    holds(wrong > toys as usize / 2, wrong)
}

fn toys_do_not_depend_on_their_launch(engine: &GpuEngine) -> Result<(), Failed> {
    let case = Case::new("b-l", "csi+lar", Point { mass_mev: 10.0, coupling: 3e-5 }, 150, Sidebands::Redraw);
    let blocks = case.blocks();
    let (whole, left) = blocks.minima_on_gpu(engine, 0..150, None)?;
    let (again, _) = blocks.minima_on_gpu(engine, 0..150, None)?;
    let (part, left_of_part) = blocks.minima_on_gpu(engine, 37..150, None)?;
    holds(whole == again, "two runs differ")?;
    holds(whole[37..] == part, "another first toy makes other toys")?;
    holds(left.iter().filter(|number| **number >= 37).eq(&left_of_part), (left, left_of_part.clone()))
}

fn critical_values_are_those_of_f64(engine: &GpuEngine) -> Result<(), Failed> {
    let case = Case::new("b-l", "csi+lar", Point { mass_mev: 10.0, coupling: 4e-5 }, 600, Sidebands::Redraw);
    let run =
        |device| Ensemble::run_on(&case.analysis, case.truth.point, case.plan, device, &|_| Ok(()), &|_| {}).unwrap();
    let (cpu, gpu) = (run(Device::Cpu), run(Device::Gpu { engine, fallback: false }));
    let certificate = gpu.engine.certificate.unwrap();
    eprintln!("{:?}", gpu.engine);
    holds(gpu.engine.name == "gpu" && certificate.toys > 300, certificate)?;
    holds(certificate.largest_difference > 0.0 && certificate.largest_difference < Q_TOLERANCE, certificate)?;
    let (cpu, gpu) = (PointCoverage::new(&cpu).unwrap(), PointCoverage::new(&gpu).unwrap());
    holds(cpu.critical == gpu.critical && cpu.critical_fixed_mass == gpu.critical_fixed_mass, (&cpu, &gpu))?;
    holds(cpu.wilks_covers == gpu.wilks_covers && cpu.p_value == gpu.p_value, (&cpu, &gpu))
}

fn a_lost_device(engine: &GpuEngine) -> Result<(), Failed> {
    let case = Case::new("b-l", "lar", Point { mass_mev: 10.0, coupling: 4e-5 }, 100, Sidebands::Redraw);
    let run = |device, advance: &(dyn Fn(usize) -> cevscan::Result<()> + Sync), notice: &(dyn Fn(&str) + Sync)| {
        Ensemble::run_on(&case.analysis, case.truth.point, case.plan, device, advance, notice)
    };
    let is_lost = AtomicBool::new(false);
    // Before the first launch.
    let lose = |_: usize| {
        if !is_lost.swap(true, Ordering::SeqCst) {
            engine.destroy_device();
        }
        Ok(())
    };
    let notices = Mutex::new(Vec::new());
    let notice = |text: &str| notices.lock().unwrap().push(text.to_owned());
    let mixed = run(Device::Gpu { engine, fallback: true }, &lose, &notice)?;
    let cpu = run(Device::Cpu, &|_| Ok(()), &|_| {})?;
    holds(mixed.engine.name == "mixed" && mixed.engine.fallback.is_some(), &mixed.engine)?;
    holds(mixed.outcomes == cpu.outcomes, "other toys")?;
    let notices = notices.into_inner().unwrap();
    holds(notices.len() == 1 && notices[0].ends_with("the CPU takes over"), notices)?;
    let error = run(Device::Gpu { engine, fallback: false }, &|_| Ok(()), &|_| {}).unwrap_err();
    holds(matches!(error, cevscan::Error::Device { .. }), error)
}
