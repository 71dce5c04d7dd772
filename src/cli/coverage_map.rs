//! `cevscan coverage` without points: a map of critical values along the border of the excluded region.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::coverage::{BorderPoint, Calibration, CoveredLevel, Goal, Parts, Plan, calibrate_parts};
use crate::analysis::limits::{Level, Minimum};
use crate::base::files::Results;
use crate::figures::coverage_chart;
use crate::output::{
    CoverageCircumstances, CoverageMapRecord, RECORD, chart_files, coverage_border_csv, coverage_map_table,
    expected_data, files_behind, json, write_contour, write_coverage,
};
use crate::physics::model::Model;
use crate::scan::{Covered, Map, Observer as _, Plane};
use crate::statistics::toys::RECIPE_VERSION;

use super::args::{Common, Format, MapRequest};
use super::coverage_request::{How, Request};
use super::kept_toys::{EXPECTED_ANCHORS, Keeping, KeptToys};
use super::progress::Progress;
use super::{FAILURE, SUCCESS, signals, terminal, toy_engine, typed};

/// Names of the files.
const FILES: [&str; 8] = [
    "coverage.npz",
    "contour-fc.csv",
    "coverage.svg",
    "coverage.png",
    "coverage.pdf",
    "coverage.csv",
    "coverage.py",
    RECORD,
];

pub fn make(
    (asked, request): (&Request, &MapRequest),
    (model, analysis): (&Model, &Analysis),
    how: &How,
    common: &Common,
) -> Result<u8> {
    let started = Instant::now();
    let plane = Plane::new(request.goal.mass_mev, request.coupling, request.grid, analysis.predictions.len())?;
    let at_mass = if request.goal.minimum == Minimum::Mass { "-mass" } else { "" };
    let folder = format!("cevscan-coverage{at_mass}-{}-{}", model.name, analysis.data_name());
    let out = how.out.clone().unwrap_or_else(|| PathBuf::from(folder));
    let subject = asked.subject(&model.name, &analysis.data_name());
    let results = Results::open(&out)?.fresh(how.fresh);
    results.require_free(&FILES, Some(&subject))?;

    let kept = KeptToys::of(results.folder())?.with_parts(how.parts.map_or(&[], |(_, folders)| folders));
    if how.fresh {
        kept.discard()?;
    }
    let found = watched(analysis, (request.goal, asked.plan), how, &kept, common)?;
    let wilks = Level::new(request.goal.confidence, request.goal.dof(), Some(request.goal.minimum))?;
    let map = Map::of(analysis, plane, wilks)?;
    signals::check()?;
    let level = CoveredLevel::new(&found.surface, request.goal.confidence)?;
    let covered = Covered::new(&level, &map.plane.mass.values, &map.plane.coupling.values)?;
    let mut staged = results.stage().of(subject);
    staged.add(FILES[0], |file| write_coverage(&found, RECIPE_VERSION, &map, file))?;
    let border = covered.border(&map);
    staged.add_bytes(FILES[1], write_contour(&border.lines()?, &border, map.is_known_expected()).as_bytes())?;
    let note = format!("excluded at {}", wilks.markup());
    for file in chart_files("coverage", &coverage_chart(model, &map, &covered, &note)?)? {
        staged.add_bytes(&file.name, &file.contents)?;
    }
    let border = level.border(analysis, &map.best_fit, &found.surface.mass_mev)?;
    let around = around(
        (asked, request),
        (&map, &covered, &level),
        (border, staged.digests()),
        (started, expected_data(analysis.experiments())),
    )?;
    let record = CoverageMapRecord::new(&found, around);
    staged.add_bytes(RECORD, json(&record)?.as_bytes())?;
    signals::check()?;
    staged.publish()?;
    // All that is needed of them is in the files now.
    kept.discard()?;
    match how.format {
        Format::Json => terminal::result(&json(&record)?)?,
        Format::Csv => terminal::result(&coverage_border_csv(&record))?,
        Format::Table if !common.quiet => {
            let names = FILES.iter().enumerate().map(|(i, name)| {
                let head = if i == 0 { "written" } else { "" };
                format!("{head:<12}{}\n", terminal::shown(&out.join(name)))
            });
            terminal::result(&(coverage_map_table(&record) + &names.collect::<String>()))?;
        }
        Format::Table => {}
    }
    if !found.is_reached {
        terminal::error_line(&format!(
            "error: the border is known to {:.2} % of the coupling, not to {:.2} %, with {} anchors",
            100.0 * found.error,
            100.0 * found.goal.tolerance,
            found.anchors.len()
        ));
        return Ok(FAILURE);
    }
    Ok(SUCCESS)
}

fn around(
    (asked, request): (&Request, &MapRequest),
    (map, covered, level): (&Map, &Covered, &CoveredLevel),
    (border, files): (Vec<BorderPoint>, BTreeMap<String, String>),
    (started, expected_data): (Instant, Vec<String>),
) -> Result<CoverageCircumstances> {
    let lines = covered.border(map).lines()?;
    let points = || lines.iter().flat_map(|line| &line.points);
    let not_calculated = points().filter(|[mass, coupling]| !level.is_calculated(*mass, *coupling)).count();
    Ok(CoverageCircumstances {
        command: typed::line().collect(),
        expected_data,
        input_files: files_behind(Some(&asked.model), &asked.data),
        points_not_calculated: (not_calculated, points().count()),
        critical_along_border: level.along(&lines),
        border,
        coupling: request.coupling,
        grid: request.grid,
        files,
        seconds: started.elapsed().as_secs_f64(),
        threads: rayon::current_num_threads(),
    })
}

fn watched(
    analysis: &Analysis,
    (goal, plan): (Goal, Plan),
    how: &How,
    kept: &KeptToys,
    common: &Common,
) -> Result<Calibration> {
    let toys = (plan.toys.1 - plan.toys.0) as usize;
    let expected = EXPECTED_ANCHORS.min(goal.most_anchors) * goal.parts();
    let progress = Progress::of_mixed_work(toys * expected, common.quiet);
    let (engine, adapter) = how.engine;
    let chosen = toy_engine::choose(engine, adapter, analysis, toys * expected)?;
    progress.notice(&chosen.reason);
    let made = (chosen.device(), how.parts.map_or(Parts::ALL, |(parts, _)| parts));
    let found = calibrate_parts(analysis, goal, plan, made, &Keeping { progress: &progress, kept, toys, expected });
    progress.finish();
    found
}
