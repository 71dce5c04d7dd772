//! `cevscan bench`: checks first, then times.

use std::time::Instant;

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::analysis::coverage::Device as ToyDevice;
use crate::analysis::{Analysis, Experiment};
use crate::base::grid::parse_grid;
use crate::base::simd::SimdLevel;
use crate::benchmark::kernels::{Minimiser, minimisation_seconds, rates_seconds, rows_seconds};
use crate::benchmark::toys::{are_drawn, best_fits_seconds, places, toys_seconds};
use crate::benchmark::{Checked, Machine, MeasuredPhases, Measurement, Part, Peer, Report, Skipped, check, median};
use crate::output::json;
use crate::physics::model::{Anomalies, Model};
use crate::rates::Engine;
use crate::rates::cpu::CpuEngine;
use crate::rates::gpu::{AdapterChoice, GpuEngine, adapters};
use crate::rates::polynomial::PolynomialEngine;
use crate::scan::{Device, Fallback, Gpu, Plane, ProfileOn, gpu_phases, why_not_on_gpu};
use crate::{Error, Result};

use super::args::{BenchArgs, BenchEngine, BenchPart, Common, TableOrJson, experiments};
use super::bench_maps::{COUPLING, MASS_MEV, Maps, Named};
use super::bench_peer::peer;
use super::bench_table::table;
use super::{FAILURE, SUCCESS, terminal};

/// Seed of the checks' random points.
const SEED: u64 = 1;
/// A run that takes this share of the longest is made once only.
const LONG_RUN: f64 = 0.25;

/// What was typed, validated.
struct Request {
    model: Model,
    grids: Vec<(usize, usize)>,
    runs: usize,
    longest_s: f64,
}

impl Request {
    fn new(args: &BenchArgs) -> Result<Request> {
        let mut grids = args.points.iter().map(|text| grid(text.trim())).collect::<Result<Vec<_>>>()?;
        grids.sort_unstable_by_key(|(masses, couplings)| (masses * couplings, *masses));
        grids.dedup();
        if !(1..=1000).contains(&args.runs) {
            return Err(Error::out_of_range("--runs", args.runs, "from 1 to 1000"));
        }
        if args.longest.is_nan() || args.longest <= 0.0 {
            return Err(Error::out_of_range("--longest", args.longest, "a positive number of seconds"));
        }
        Ok(Request {
            model: Model::open(&args.model, &args.parameters.values()?, Anomalies::Allowed)?
                .with_couplings(args.standard.edition()),
            grids,
            runs: args.runs,
            longest_s: args.longest,
        })
    }
}

/// `NxM`, or a number of points: their square grid.
fn grid(text: &str) -> Result<(usize, usize)> {
    if text.contains('x') {
        return parse_grid(text);
    }
    let points = text.parse::<f64>().ok().filter(|points| (4.0..=1e9).contains(points));
    let side = points.map(|points| points.sqrt().round() as usize).ok_or_else(|| Error::Unparsable {
        quantity: "number of points".to_owned(),
        value: text.to_owned(),
        expected: "a number from 4 to 1e9 or a grid, e.g. 1e6 or 1000x1000".to_owned(),
    })?;
    Ok((side, side))
}

/// Does the work once; its seconds.
type Timed<'a> = Box<dyn Fn(&Plane) -> Result<f64> + 'a>;

/// One line of the tables to be.
struct Case<'a> {
    part: Part,
    engine: String,
    threads: usize,
    seconds: Timed<'a>,
    /// Points and seconds of the sizes before.
    before: Vec<(f64, f64)>,
}

impl Case<'_> {
    /// Seconds per point that the larger sizes tend to; most of a small map is its start.
    fn slope(&self) -> Option<f64> {
        match self.before.as_slice() {
            [] => None,
            [.., (few, short), (many, long)] if self.part == Part::Map => Some((long - short).max(0.0) / (many - few)),
            [.., (points, seconds)] => Some(seconds / points),
        }
    }
}

/// Seconds that so many points should take in a case. Before a second map is made, its rows tell.
fn expected_s(cases: &[Case], index: usize, points: usize) -> f64 {
    let case = &cases[index];
    let Some(&(before, seconds)) = case.before.last() else { return 0.0 };
    let rows = || {
        let same =
            |other: &&Case| other.part == Part::Rows && other.engine == case.engine && other.threads == case.threads;
        cases.iter().find(same).and_then(Case::slope)
    };
    let slope = if case.part == Part::Map && case.before.len() == 1 { rows() } else { case.slope() };
    seconds + slope.unwrap_or(0.0) * (points as f64 - before)
}

pub fn run(args: &BenchArgs, common: &Common) -> Result<u8> {
    let request = Request::new(args)?;
    let experiments = experiments(&args.data, args.standard.edition(), common)?;
    let analysis = Analysis::new(&request.model, &experiments);
    let machine = Machine::here();
    let gpus = match (args.engine.contains(&BenchEngine::Gpu), why_not_on_gpu(&analysis, None)) {
        (false, _) => Vec::new(),
        (true, None) => open(args.adapter.as_deref(), common)?,
        (true, Some(why)) => {
            terminal::error_line(&format!("the gpu is left out: {why}"));
            Vec::new()
        }
    };
    let most = common.threads.unwrap_or(machine.hardware_threads);
    let pools = thread_counts(most).into_iter().map(pool).collect::<Result<Vec<_>>>()?;

    let devices = devices(args, &analysis, &gpus);
    let say = |text: &str| {
        if !common.quiet {
            terminal::error_line(text);
        }
    };
    let checks = checks(&analysis, &devices, say)?;
    // A form of an engine, "cpu, interpolated", is made from it.
    let is_of = |name: &str, engine: &str| name == engine || name.starts_with(&format!("{engine}, "));
    let sound = |name: &str| checks.iter().all(|check| !is_of(name, &check.engine) || check.passed);
    let levels = other_levels(&args.data, common)?;
    let by_level: Vec<(SimdLevel, Analysis)> =
        levels.iter().map(|(level, experiments)| (*level, Analysis::new(&request.model, experiments))).collect();
    let folder = tempfile::tempdir().map_err(Error::io("create", &std::env::temp_dir()))?;
    let maps = Maps { args, common, folder: folder.path() };
    let cases = cases(&analysis, &by_level, &devices, &pools, &maps);
    let asked = |case: &Case| args.part.iter().any(|part| part.part() == case.part);
    let cases = cases.into_iter().filter(|case| sound(&case.engine) && asked(case)).collect();
    let (measurements, skipped) = measure(&request, cases, analysis.predictions.len(), say)?;

    let mut report = Report {
        machine,
        adapters: gpus.iter().map(|(_, gpu)| gpu.adapter().with_driver()).collect(),
        model: analysis.model.name.clone(),
        data: analysis.data_name(),
        checks,
        measurements,
        skipped,
        places_of_a_toy: args.part.contains(&BenchPart::Toys).then(|| places(&analysis)).flatten(),
        crossover: Vec::new(),
        phases: Vec::new(),
        peer: None,
    };
    if args.engine.contains(&BenchEngine::Peer) {
        say("measuring the peer in Python ...");
        match peer(&analysis, MASS_MEV, COUPLING, SEED)? {
            Ok(found) => report.peer = Some(found),
            Err(reason) => terminal::error_line(&format!("the peer in Python is left out: {reason}")),
        }
    }
    report.phases = phases(&request, &analysis, &devices, &report.measurements)?;
    let names: Vec<String> =
        devices.iter().filter(|device| device.is_gpu()).map(|device| device.name.clone()).collect();
    report.crossover = report.crossovers(CPU, &names, most);
    terminal::result(&match args.format {
        TableOrJson::Table => table(&report),
        TableOrJson::Json => json(&report)?,
    })?;
    let right = report.checks.iter().all(|check| check.passed) && report.peer.iter().all(Peer::is_right);
    Ok(if right { SUCCESS } else { FAILURE })
}

const REFERENCE: &str = "reference";
const CPU: &str = "cpu";
const INTERPOLATED: &str = "cpu, interpolated";

fn devices<'a>(args: &BenchArgs, analysis: &Analysis, gpus: &'a [(usize, GpuEngine)]) -> Vec<Named<'a>> {
    let mut devices = Vec::new();
    if args.engine.contains(&BenchEngine::Reference) {
        devices.push(Named { name: REFERENCE.to_owned(), device: Device::Reference, adapter: None });
    }
    if args.engine.contains(&BenchEngine::Cpu) {
        devices.push(Named { name: CPU.to_owned(), device: Device::Cpu, adapter: None });
        devices.push(Named { name: INTERPOLATED.to_owned(), device: Device::Interpolated, adapter: None });
    }
    for (index, engine) in gpus {
        let forms = [(ProfileOn::Cpu, "cpu"), (ProfileOn::Gpu, "gpu")];
        for (profile, place) in forms.into_iter().filter(|form| why_not_on_gpu(analysis, Some(form.0)).is_none()) {
            let number = if gpus.len() > 1 { format!(" {index}") } else { String::new() };
            devices.push(Named {
                name: format!("gpu{number}, profile {place}"),
                device: Device::Gpu(Gpu { engine, profile, fallback: Fallback::None }),
                adapter: Some(*index),
            });
        }
    }
    devices
}

/// The adapter asked for, or all there are. One that does not open is said and left out, unless it was asked for.
fn open(adapter: Option<&str>, common: &Common) -> Result<Vec<(usize, GpuEngine)>> {
    if adapter.is_some() {
        let gpu = GpuEngine::open(&AdapterChoice::explicit(adapter))?;
        return Ok(vec![(gpu.adapter().index, gpu)]);
    }
    let found = adapters();
    if found.is_empty() && !common.quiet {
        terminal::error_line("no GPU and no software adapter was found: the CPU's engines only");
    }
    let mut open = Vec::new();
    for adapter in found {
        match GpuEngine::open(&AdapterChoice::explicit(Some(&adapter.index.to_string()))) {
            Ok(gpu) => open.push((adapter.index, gpu)),
            Err(error) => terminal::error_line(&format!("left out: {error}")),
        }
    }
    Ok(open)
}

/// 1, 2, 4 ... and all.
fn thread_counts(most: usize) -> Vec<usize> {
    let powers = std::iter::successors(Some(1), |threads| Some(threads * 2));
    powers.take_while(|threads| *threads < most).chain([most]).collect()
}

fn pool(threads: usize) -> Result<ThreadPool> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Error::out_of_range("number of threads", threads, error.to_string()))
}

/// The datasets on the levels of vector instructions that are not in use.
fn other_levels(data: &str, common: &Common) -> Result<Vec<(SimdLevel, Vec<Experiment>)>> {
    let own: SimdLevel = common.simd.parse()?;
    let levels = SimdLevel::available().into_iter().filter(|level| *level != own);
    levels
        .map(|level| {
            let experiments = Experiment::parse_list(data)?;
            Ok((level, experiments.into_iter().map(|experiment| experiment.with_simd(level)).collect()))
        })
        .collect()
}

fn checks(analysis: &Analysis, devices: &[Named], say: impl Fn(&str)) -> Result<Vec<Checked>> {
    let mut checks = Vec::new();
    // An interpolated map is checked by itself each time: its certificate is held to the same rows.
    for named in devices.iter().filter(|named| !matches!(named.device, Device::Reference | Device::Interpolated)) {
        say(&format!("checking {} ...", named.name));
        let check = check(analysis, named.device, SEED)?;
        let passed = check.passed();
        if let Err(error) = check.require(&named.name) {
            terminal::error_line(&format!("error: {error}"));
        }
        let work = format!("{} on {}", analysis.model.name, analysis.data_name());
        checks.push(Checked { engine: named.name.clone(), work, check, passed });
    }
    Ok(checks)
}

fn cases<'a>(
    analysis: &'a Analysis,
    by_level: &'a [(SimdLevel, Analysis)],
    devices: &'a [Named<'a>],
    pools: &'a [ThreadPool],
    maps: &'a Maps<'a>,
) -> Vec<Case<'a>> {
    let mut cases: Vec<Case> = Vec::new();
    let mut add = |part, engine: &str, pool: &ThreadPool, seconds: Timed<'a>| {
        let (engine, threads) = (engine.to_owned(), pool.current_num_threads());
        cases.push(Case { part, engine, threads, seconds, before: Vec::new() });
    };
    // A GPU is measured with all threads only.
    let all = pools.len().saturating_sub(1);
    for (index, pool) in pools.iter().enumerate() {
        for named in devices.iter().filter(|named| index == all || !named.is_gpu()) {
            let (name, device) = (named.name.as_str(), named.device);
            let rates: &'a dyn Engine = match device {
                Device::Reference => &CpuEngine,
                Device::Cpu | Device::Interpolated => &PolynomialEngine,
                Device::Gpu(gpu) => gpu.engine,
            };
            // Both forms of a GPU have the same rates, and so have both forms of the CPU.
            if !matches!(device, Device::Interpolated | Device::Gpu(Gpu { profile: ProfileOn::Gpu, .. })) {
                let seconds = move |plane: &Plane| pool.install(|| rates_seconds(analysis, rates, plane));
                add(Part::Rates, name, pool, Box::new(seconds));
            }
            let minimiser = match device {
                Device::Reference => Some(Minimiser::Reference),
                Device::Cpu => Some(Minimiser::Rows),
                Device::Interpolated | Device::Gpu(_) => None,
            };
            if let Some(minimiser) = minimiser {
                let seconds =
                    move |plane: &Plane| Ok(pool.install(|| minimisation_seconds(analysis, minimiser, plane)));
                add(Part::Minimisation, name, pool, Box::new(seconds));
            }
            let seconds = move |plane: &Plane| pool.install(|| rows_seconds(analysis, device, plane));
            add(Part::Rows, name, pool, Box::new(seconds));
            if are_drawn(analysis)
                && let Some(seconds) = toys(analysis, device, pool)
            {
                add(Part::Toys, name, pool, seconds);
            }
            let threads = pool.current_num_threads();
            add(Part::Map, name, pool, Box::new(move |plane: &Plane| maps.seconds(named, threads, plane)));
        }
        let has_cpu = devices.iter().any(|named| matches!(named.device, Device::Cpu));
        for (level, analysis) in by_level.iter().filter(|_| index == all && has_cpu) {
            let seconds =
                move |plane: &Plane| Ok(pool.install(|| minimisation_seconds(analysis, Minimiser::Rows, plane)));
            add(Part::Minimisation, &format!("{CPU}, {level}"), pool, Box::new(seconds));
        }
    }
    cases
}

/// How a device makes toys, if it has a form of its own.
fn toys<'a>(analysis: &'a Analysis, device: Device<'a>, pool: &'a ThreadPool) -> Option<Timed<'a>> {
    let device = match device {
        Device::Reference => {
            return Some(Box::new(move |plane| pool.install(|| best_fits_seconds(analysis, plane.points()))));
        }
        Device::Cpu => ToyDevice::Cpu,
        Device::Gpu(Gpu { engine, profile: ProfileOn::Gpu, .. }) => ToyDevice::Gpu { engine, fallback: false },
        Device::Interpolated | Device::Gpu(_) => return None,
    };
    Some(Box::new(move |plane| pool.install(|| toys_seconds(analysis, device, plane.points()))))
}

/// All cases at all sizes, run by run in turn, so that a disturbance of the machine hits all alike.
fn measure(
    request: &Request,
    mut cases: Vec<Case>,
    datasets: usize,
    say: impl Fn(&str),
) -> Result<(Vec<Measurement>, Vec<Skipped>)> {
    let (mut measurements, mut skipped) = (Vec::new(), Vec::new());
    // A best fit of a toy takes milliseconds: a few say what the first size will take.
    let few = Plane::new(MASS_MEV, COUPLING, (2, 2), datasets)?;
    for case in cases.iter_mut().filter(|case| case.part == Part::Toys && case.engine == REFERENCE) {
        case.before.push((few.points() as f64, (case.seconds)(&few)?));
    }
    for &grid in &request.grids {
        let plane = Plane::new(MASS_MEV, COUPLING, grid, datasets)?;
        say(&format!("measuring {}x{} points ...", grid.0, grid.1));
        let mut seconds: Vec<Vec<f64>> = vec![Vec::new(); cases.len()];
        for run in 0..request.runs {
            for (index, seconds) in seconds.iter_mut().enumerate() {
                let (case, expected_s) = (&cases[index], expected_s(&cases, index, plane.points()));
                if expected_s > request.longest_s {
                    if run == 0 {
                        let (part, engine, threads) = (case.part, case.engine.clone(), case.threads);
                        skipped.push(Skipped { part, engine, threads, grid: grid.into(), expected_s });
                    }
                } else if seconds.first().is_none_or(|first| *first < LONG_RUN * request.longest_s) {
                    seconds.push((case.seconds)(&plane)?);
                }
            }
        }
        for (case, seconds) in cases.iter_mut().zip(seconds).filter(|(_, seconds)| !seconds.is_empty()) {
            let (points, runs, seconds) = (plane.points(), seconds.len(), median(&seconds));
            case.before.push((points as f64, seconds));
            let points_per_second = points as f64 / seconds;
            let (part, engine, threads, grid) = (case.part, case.engine.clone(), case.threads, grid.into());
            measurements.push(Measurement { part, engine, threads, points, grid, seconds, points_per_second, runs });
        }
    }
    Ok((measurements, skipped))
}

/// Where the time of rows goes on GPUs that minimise as well, at each size that was measured.
fn phases(
    request: &Request,
    analysis: &Analysis,
    devices: &[Named],
    measured: &[Measurement],
) -> Result<Vec<MeasuredPhases>> {
    let mut all = Vec::new();
    for named in devices {
        let Device::Gpu(gpu @ Gpu { profile: ProfileOn::Gpu, .. }) = named.device else { continue };
        let of_rows = |m: &&Measurement| m.part == Part::Rows && m.engine == named.name;
        let sizes: Vec<[usize; 2]> = measured.iter().filter(of_rows).map(|m| m.grid).collect();
        for &(masses, couplings) in request.grids.iter().filter(|grid| sizes.contains(&(**grid).into())) {
            let plane = Plane::new(MASS_MEV, COUPLING, (masses, couplings), analysis.predictions.len())?;
            let begun = Instant::now();
            let phases = gpu_phases(analysis, &plane, gpu)?;
            let seconds = begun.elapsed().as_secs_f64();
            all.push(MeasuredPhases { engine: named.name.clone(), grid: [masses, couplings], seconds, phases });
        }
    }
    Ok(all)
}
