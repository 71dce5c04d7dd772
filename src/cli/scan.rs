//! `cevscan scan`.

use std::path::PathBuf;
use std::time::{Instant, SystemTime};

use cevscan::analysis::{Analysis, Experiment};
use cevscan::constants::GEV_IN_MEV;
use cevscan::files::{Staged, writable_folder};
use cevscan::grid::{parse_coupling, parse_grid, parse_mass_mev, parse_range};
use cevscan::limits::{Bound, HIGH_MASS_MEV, LOW_MASS_MEV, bound};
use cevscan::model::Model;
use cevscan::output::{Inputs, RunRecord, Timings, json, write_contour, write_map};
use cevscan::plot::exclusion::{contour_lines, exclusion_map, expectation};
use cevscan::plot::overlay;
use cevscan::plot::{Figure, png};
use cevscan::scan::{Map, Observer, Plane, Settings, dataset_levels, scan};
use cevscan::statistics::TWO_SIGMA;
use cevscan::{Error, Result};

use super::args::{Common, Known, Level, ScanArgs, asimov, experiments, model};
use super::compute::Wish;
use super::progress::Progress;
use super::{FAILURE, SUCCESS, compute, terminal};

/// Width of the PNG: 8.5 cm at 400 dots per inch.
const WIDTH_PX: u32 = 1339;

/// What was typed, validated.
struct Request {
    model: Model,
    mass_mev: (f64, f64),
    coupling: (f64, f64),
    grid: (usize, usize),
    level: Level,
    out: PathBuf,
    asimov: bool,
    known: Known,
}

impl Request {
    fn new(args: &ScanArgs, experiments: &[Experiment], common: &Common) -> Result<Request> {
        if args.tile_rows == Some(0) {
            return Err(Error::out_of_range("--tile-rows", 0, "at least 1"));
        }
        let model = model(&args.model, common)?;
        let data: Vec<&str> = experiments.iter().map(|experiment| experiment.dataset.name.as_str()).collect();
        let folder = format!("cevscan-{}-{}{}", model.name, data.join("+"), if args.asimov { "-asimov" } else { "" });
        Ok(Request {
            known: args.overlays.known(&model)?,
            model,
            mass_mev: parse_range("mass", &args.mass, parse_mass_mev)?,
            coupling: parse_range("coupling", &args.coupling, parse_coupling)?,
            grid: parse_grid(&args.grid)?,
            level: args.level.level()?,
            out: args.out.clone().unwrap_or_else(|| PathBuf::from(folder)),
            asimov: args.asimov,
        })
    }
}

pub fn run(args: &ScanArgs, common: &Common) -> Result<u8> {
    let (started, begun) = (SystemTime::now(), Instant::now());
    let observed = experiments(&args.data, common)?;
    let request = Request::new(args, &observed, common)?;
    let wish = Wish { engine: args.engine, profile: args.profile, adapter: args.adapter.as_deref() };
    wish.validate()?;
    let plane = Plane::new(request.mass_mev, request.coupling, request.grid, observed.len())?;
    let expected = if request.asimov { asimov(&observed)? } else { Vec::new() };
    let experiments = if request.asimov { &expected } else { &observed };
    writable_folder(&request.out)?;

    let analysis = Analysis::new(&request.model, experiments);
    let has_data = observed.iter().all(|experiment| !experiment.dataset.is_forecast);
    let beside = (request.asimov && has_data).then(|| Analysis::new(&request.model, &observed));
    let progress = Progress::new(plane.points() * if beside.is_some() { 2 } else { 1 }, common.quiet);
    let chosen = compute::choose(wish, &analysis, &plane)?;
    progress.notice(&chosen.reason);
    let device = chosen.device();
    let start_s = begun.elapsed().as_secs_f64();

    let settings = Settings { device, tile_rows: args.tile_rows, delta_chi2: request.level.delta_chi2 };
    let result = beside.as_ref().map(|beside| scan(beside, plane.clone(), settings, &progress)).transpose();
    let result = result.and_then(|beside| Ok((scan(&analysis, plane, settings, &progress)?, beside)));
    progress.finish();
    let (map, beside) = result?;
    let at = |mass_mev: f64| bound(&analysis, mass_mev, map.level());
    let (low, high) = rayon::join(|| at(LOW_MASS_MEV), || at(HIGH_MASS_MEV));
    let (low, high) = (low?, high?);
    let scan_s = begun.elapsed().as_secs_f64() - start_s;

    let record = |write_s: f64| {
        let timings = Timings { start_s, scan_s, write_s };
        let started_unix_s = started.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        RunRecord::new(&map, inputs(&request, &map), timings, rayon::current_num_threads(), started_unix_s)
    };
    let writing = Instant::now();
    let maps = Maps { map: &map, beside: beside.as_ref() };
    let files = write(&request, &analysis, maps, &progress, || record(writing.elapsed().as_secs_f64()))?;
    if !common.quiet {
        terminal::result(&summary(&map, &low, &high, &files, begun.elapsed().as_secs_f64()))?;
    }
    match map.missing() {
        0 if request.known.complete => Ok(SUCCESS),
        // What could not be read has been reported.
        0 => Ok(FAILURE),
        missing => {
            let points = map.plane.points();
            terminal::error_line(&format!(
                "error: {missing} of {points} points did not converge; they are NaN in map.npz"
            ));
            Ok(FAILURE)
        }
    }
}

fn inputs(request: &Request, map: &Map) -> Inputs {
    Inputs {
        command: std::env::args().collect(),
        model: map.model.clone(),
        data: map.data.clone(),
        mass_mev: request.mass_mev.into(),
        coupling: request.coupling.into(),
        grid: request.grid.into(),
        asimov: request.asimov,
        confidence: request.level.confidence,
        dof: request.level.dof,
        delta_chi2: request.level.delta_chi2,
    }
}

/// The map, and the observed one where it is that of the expectation.
#[derive(Clone, Copy)]
struct Maps<'a> {
    map: &'a Map,
    beside: Option<&'a Map>,
}

/// Writes all files, then gives them their names; returns the names.
fn write(
    request: &Request,
    analysis: &Analysis,
    Maps { map, beside }: Maps,
    progress: &Progress,
    record: impl Fn() -> RunRecord,
) -> Result<Vec<PathBuf>> {
    let path = |name: &str| request.out.join(name);
    // The largest file is written while the pictures are drawn.
    let (numbers, pictures) = rayon::join(
        || -> Result<Staged> {
            let mut staged = Staged::new();
            staged.add(&path("map.npz"), |file| write_map(map, file))?;
            Ok(staged)
        },
        || -> Result<Staged> {
            let levels = dataset_levels(analysis, map)?;
            let mut picture = exclusion_map(&request.model, map, &levels, &confidence(request.level))?;
            if request.asimov {
                expectation(&mut picture, beside.map(contour_lines).transpose()?);
            }
            overlay::behind(&mut picture, &request.known.limits);
            let svg = picture.to_svg();
            let mut staged = Staged::new();
            staged.add_bytes(&path("contour.csv"), write_contour(&contour_lines(map)?).as_bytes())?;
            staged.add_bytes(&path("map.svg"), svg.as_bytes())?;
            staged.add_bytes(&path("map.png"), &png(&svg, WIDTH_PX)?)?;
            Ok(staged)
        },
    );
    let mut staged = numbers?;
    staged.append(pictures?);
    staged.add_bytes(&path("run.json"), json(&record())?.as_bytes())?;
    if progress.cancelled() {
        return Err(Error::Interrupted);
    }
    staged.publish()?;
    Ok(["map.npz", "contour.csv", "map.svg", "map.png", "run.json"].map(path).into())
}

fn confidence(level: Level) -> String {
    let parameters = if level.dof == 2 { String::new() } else { format!(" ({} dof)", level.dof) };
    if level.confidence == TWO_SIGMA {
        return format!("2$σ${parameters}");
    }
    format!("{} % C.L.{parameters}", (level.confidence * 1e4).round() / 1e2)
}

fn summary(map: &Map, low: &Bound, high: &Bound, files: &[PathBuf], seconds: f64) -> String {
    let best = map.best_fit;
    let place = match best.coupling {
        0.0 => "the Standard Model".to_owned(),
        coupling => format!("mass {:.4e} MeV, coupling {coupling:.4e}", best.mass_mev),
    };
    let edge = |bound: &Bound, unit: f64, name: &str| match bound.edge(1) {
        Ok(coupling) => format!("{name} < {:.4e}", coupling * unit),
        Err(reason) => format!("none: {reason}"),
    };
    let mut text = format!(
        "best fit    chi2 {:.4} at {place} (Standard Model: {:.4})\n\
         level       chi2 {:.4} (minimum + {:.5})\n\
         low mass    {} at {LOW_MASS_MEV} MeV\n\
         high mass   {} at {} GeV\n",
        best.chi2,
        map.chi2_sm,
        map.level(),
        map.delta_chi2,
        edge(low, 1.0, "g"),
        edge(high, GEV_IN_MEV / high.mass_mev, "g/M [1/GeV]"),
        HIGH_MASS_MEV / GEV_IN_MEV,
    );
    let points = map.plane.points();
    text += &format!("points      {points} in {seconds:.2} s on {} ({})\n", map.engine.name, map.engine.description);
    if let Some(certificate) = &map.certificate {
        text += &format!(
            "certificate {} points in f64, {} of them next to the contour: chi2 within {:.1e}\n",
            certificate.points, certificate.next_to_contour, certificate.largest_chi2_difference
        );
    }
    for (i, file) in files.iter().enumerate() {
        text += &format!("{:<12}{}\n", if i == 0 { "written" } else { "" }, file.display());
    }
    text
}
