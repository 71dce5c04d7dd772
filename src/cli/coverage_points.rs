//! What `coverage` was asked for: toys of points, or a map.

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::coverage::{Ensemble, PointCoverage, ToysRecord};
use crate::base::files::Results;
use crate::figures::toys_chart;
use crate::output::{CoverageRecord, chart_files, coverage_csv, coverage_table, expected_data, json, write_toys};
use crate::physics::model::Model;
use crate::scan::Observer as _;

use super::args::{Common, Format};
use super::coverage_request::{How, Request};
use super::kept_toys::{Keeping, KeptToys, point_name};
use super::progress::Progress;
use super::{SUCCESS, coverage_map, signals, terminal, toy_engine};

/// All numbers of a run, for programs.
const RECORD: &str = "coverage.json";

/// What was asked for.
pub fn make(request: &Request, of: (&Model, &Analysis), how: &How, common: &Common) -> Result<u8> {
    match &request.map {
        Some(map) => coverage_map::make((request, map), of, how, common),
        None => at_points(request, of, how, common),
    }
}

fn at_points(request: &Request, (model, analysis): (&Model, &Analysis), how: &How, common: &Common) -> Result<u8> {
    let (plan, points) = (request.plan, request.points());
    let subject = request.subject(&model.name, &analysis.data_name());
    if let Some(folder) = &how.out {
        // Hours of toys are not thrown away for a file that stands in their way.
        let toys: Vec<String> = (1..=points.len()).map(|number| format!("toys-{number}.npz")).collect();
        let names: Vec<&str> = toys.iter().map(String::as_str).chain([RECORD]).collect();
        Results::wait(folder)?.fresh(how.fresh).require_free(&names, Some(&subject))?;
    }
    let toys = (plan.toys.1 - plan.toys.0) as usize;
    let progress = Progress::of_mixed_work(toys * points.len(), common.quiet);
    let mut ensembles = Vec::new();
    match how.parts {
        Some((parts, folders)) => {
            let Some(first) = folders.first() else { return Ok(SUCCESS) };
            let kept = KeptToys::to_read(first).with_parts(folders);
            let watch = Keeping { progress: &progress, kept: &kept, toys, expected: points.len() };
            for (number, point) in points.iter().enumerate() {
                ensembles.push(Ensemble::run_parts(analysis, *point, plan, (&point_name(number), parts), &watch)?);
            }
        }
        None => {
            let (engine, adapter) = how.engine;
            let chosen = toy_engine::choose(engine, adapter, analysis, toys * points.len())?;
            progress.notice(&chosen.reason);
            let advance = |done: usize| {
                progress.advance(done);
                signals::check()
            };
            let notice = |text: &str| progress.notice(text);
            for point in &points {
                ensembles.push(Ensemble::run_on(analysis, *point, plan, chosen.device(), &advance, &notice)?);
            }
        }
    }
    progress.finish();
    let record = CoverageRecord {
        model: model.name.clone(),
        data: analysis.data_name(),
        expected_data: expected_data(analysis.experiments()),
        toys: ToysRecord::new(plan),
        at: ensembles.iter().map(PointCoverage::new).collect::<Result<_>>()?,
    };
    if let Some(folder) = &how.out {
        let results = Results::wait(folder)?.fresh(how.fresh);
        // Toys of more points, or of others, that were there before go.
        let mut staged = results.stage().of_only(subject);
        let mut names = Vec::new();
        for (number, ensemble) in ensembles.iter().enumerate() {
            signals::check()?;
            let stem = format!("toys-{}", number + 1);
            let name = format!("{stem}.npz");
            staged.add(&name, |file| write_toys(ensemble, file))?;
            names.push(name);
            for file in chart_files(&stem, &toys_chart(analysis, ensemble))? {
                staged.add_bytes(&file.name, &file.contents)?;
                names.push(file.name);
            }
        }
        staged.add_bytes(RECORD, json(&record)?.as_bytes())?;
        names.push(RECORD.to_owned());
        signals::check()?;
        staged.publish()?;
        if !common.quiet {
            names.iter().for_each(|name| terminal::error_line(&format!("wrote {}", folder.join(name).display())));
        }
    }
    terminal::result(&match how.format {
        Format::Table => coverage_table(&record),
        Format::Json => json(&record)?,
        Format::Csv => coverage_csv(&record),
    })?;
    Ok(SUCCESS)
}
