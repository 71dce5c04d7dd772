//! `cevscan scan --x`: other parameters than mass and coupling.

use std::path::PathBuf;

use crate::Result;
use crate::analysis::limits::Level;
use crate::analysis::parameters::{Allowed, Landscape, Parameter, ParameterCurve, ParameterSurface, Varied};
use crate::base::files::{Results, Subject};
use crate::base::grid::number_text;
use crate::figures::{parameter_curve_chart, parameter_surface_chart};
use crate::output::{
    AxisRecord, BestRecord, IntervalsRecord, LevelRecord, ParametersRecord, RegionRecord, SettingRecord, chart_files,
    expected_data, json, parameters_summary, write_parameter_curve, write_parameter_surface,
};
use crate::physics::model::{Anomalies, Model};
use crate::physics::weak_couplings::WeakCouplings;
use crate::plot::chart::Chart;
use crate::rates::Point;
use crate::scan::Observer as _;
use crate::statistics::delta_chi2;
use crate::{Error, dataset::Dataset};

use super::args::{Common, ScanArgs, asimov, curve_points, experiments, surface_points, warn};
use super::progress::Progress;
use super::{SUCCESS, electrons, signals, terminal, typed};

/// Stem of the pictures, and names of the other files.
const STEM: &str = "parameters";
const ARRAYS: &str = "parameters.npz";
const RECORD: &str = "parameters.json";
/// Levels of confidence that are as close are the same.
const SAME_CONFIDENCE: f64 = 1e-4;
/// Confidence levels of intervals, beside the one that was asked for.
const CONFIDENCES: [f64; 3] = [0.682_689_492_137_085_9, 0.9, 0.954_499_736_103_641_6];

/// What a run makes.
enum Found {
    Curve(ParameterCurve),
    /// With the regions of all data and of each dataset at the level.
    Surface(ParameterSurface, Vec<Allowed>, Level),
}

pub fn run(args: &ScanArgs, x: Varied, common: &Common) -> Result<u8> {
    let (y, fixed) = (args.varied.y()?, args.varied.fixed()?);
    args.drawing.look.look.look()?;
    let given = args.parameters.values()?;
    let model_of = |values: &[(String, f64)]| match &args.model {
        None => Ok(Model::standard()),
        Some(name) => {
            let all: Vec<(String, f64)> = given.iter().chain(values).cloned().collect();
            Model::open(name, &all, Anomalies::Allowed)
        }
    };
    let axes: Vec<&Varied> = std::iter::once(&x).chain(&y).collect();
    let varied: Vec<Parameter> = axes.iter().map(|axis| axis.parameter.clone()).collect();
    for needed in [Parameter::Mass, Parameter::Coupling].into_iter().filter(|_| args.model.is_some()) {
        if !varied.contains(&needed) && fixed.iter().all(|setting| setting.parameter != needed) {
            let (name, model) = (needed.name(), args.model.as_deref().unwrap_or_default());
            return Err(Error::out_of_range(format!("{name} of {model}"), "not given", "varied, or set to a value"));
        }
    }
    // The values of a file's parameters are known to exist before hours of work.
    let first: Vec<(String, f64)> = axes.iter().filter_map(|axis| own_parameter(&axis.parameter, axis.low)).collect();
    let set: Vec<_> = fixed.iter().filter_map(|setting| own_parameter(&setting.parameter, setting.value)).collect();
    let model = model_of(&first.into_iter().chain(set.iter().cloned()).collect::<Vec<_>>())?;
    // A model's label holds the values of its parameters: those that are varied are none.
    let edition = args.standard.edition();
    let label = model_of(&set).unwrap_or_else(|_| model.clone()).with_couplings(edition).label;
    // Its own name, as of another model: in files, and in what tells one scan from another.
    let model = model.with_couplings(edition);
    warn(&model, common);
    let mut data = experiments(&args.data, edition, common)?;
    electrons::note_parameters(varied.iter().chain(fixed.iter().map(|setting| &setting.parameter)), &data, common);
    if args.asimov {
        data = asimov(&data, edition)?;
    }
    let couplings = WeakCouplings::of(edition);
    let point = Point { mass_mev: 1.0, coupling: 0.0 };
    let landscape = Landscape::new(&model_of, point, couplings, &data, fixed.clone(), &varied)?;
    let names: Vec<&str> = data.iter().map(|experiment| experiment.dataset.name.as_str()).collect();
    let folder = args.out.clone().unwrap_or_else(|| {
        let axes: Vec<String> = varied.iter().map(Parameter::name).collect();
        let couplings = if edition.is_usual() { String::new() } else { format!("-couplings{}", edition.name()) };
        PathBuf::from(format!("cevscan-{}-{}{couplings}", axes.join("-"), names.join("+")))
    });
    let pictures = ["svg", "png", "pdf", "csv", "py"].map(|ending| format!("{STEM}.{ending}"));
    let files: Vec<&str> = [ARRAYS, RECORD].into_iter().chain(pictures.iter().map(String::as_str)).collect();
    let fixed_words = fixed.iter().map(|one| format!("{}={}", one.parameter.name(), number_text(one.value)));
    let of: Vec<String> = [model.name.clone(), names.join("+")]
        .into_iter()
        .chain(axes.iter().map(|axis| axis.parameter.name()))
        .chain(fixed_words)
        .collect();
    let subject = Subject::new("scan of parameters", of.join(", "), "");
    Results::wait(&folder)?.fresh(args.fresh).require_free(&files, Some(&subject))?;

    let grid = args.grid.as_deref();
    let (found, points) = match y {
        None => {
            let points = curve_points(grid)?;
            let progress = Progress::of_mixed_work(points, common.quiet);
            let curve = ParameterCurve::new(&landscape, x, points, |done| advance(&progress, done));
            progress.finish();
            (Found::Curve(curve?), vec![points])
        }
        Some(y) => {
            let (points, level) = (surface_points(grid)?, args.level.level()?);
            let progress = Progress::of_mixed_work(points.0 * points.1, common.quiet);
            let surface = ParameterSurface::new(&landscape, [x, y], points, |done| advance(&progress, done));
            progress.finish();
            let surface = surface?;
            let terms = if names.len() > 1 { surface.best.len() } else { 1 };
            let allowed = (0..terms).map(|term| surface.allowed(&landscape, term, level.delta_chi2, signals::check));
            let allowed = allowed.collect::<Result<_>>()?;
            (Found::Surface(surface, allowed, level), vec![points.0, points.1])
        }
    };
    let data_of = |term: usize| term.checked_sub(1).map_or("all".to_owned(), |dataset| names[dataset].to_owned());
    let best = |term: usize, at: Vec<f64>, chi2: f64, level: &[bool]| BestRecord {
        data: data_of(term),
        at,
        chi2,
        independent_of: varied.iter().zip(level).filter(|(_, level)| **level).map(|(own, _)| own.name()).collect(),
    };
    let (axes, best_fit, intervals, regions) = match &found {
        Found::Curve(curve) => {
            let at = |confidence: f64| {
                let rise = delta_chi2(confidence, 1)?;
                Ok(IntervalsRecord::new((confidence, rise), &curve.intervals(&landscape, rise)?))
            };
            let asked = args.level.level()?.confidence;
            let is_usual = CONFIDENCES.iter().any(|usual| (usual - asked).abs() < SAME_CONFIDENCE);
            let mut confidences: Vec<f64> = CONFIDENCES.into_iter().chain((!is_usual).then_some(asked)).collect();
            confidences.sort_by(f64::total_cmp);
            let intervals = confidences.into_iter().map(at).collect::<Result<Vec<_>>>()?;
            let best = best(0, vec![curve.best.0], curve.best.1, &[curve.is_level()]);
            (vec![&curve.varied], vec![best], intervals, Vec::new())
        }
        Found::Surface(surface, allowed, _) => {
            let all = surface.best.iter().zip(0..allowed.len());
            let all = all.map(|(place, term)| best(term, vec![place.x, place.y], place.chi2, &surface.is_level(term)));
            let all = all.collect();
            let regions = allowed.iter().enumerate().map(|(term, own)| RegionRecord::new(data_of(term), own)).collect();
            (surface.varied.iter().collect(), all, Vec::new(), regions)
        }
    };
    let record = ParametersRecord {
        version: env!("CARGO_PKG_VERSION"),
        command: typed::line().collect(),
        model: model.name.clone(),
        data: names.join("+"),
        expected_data: expected_data(&data),
        couplings: edition.name(),
        fixed: fixed.iter().map(SettingRecord::new).collect(),
        axes: axes.iter().zip(points).map(|(axis, points)| AxisRecord::new(axis, points)).collect(),
        best_fit,
        flat: match &found {
            Found::Surface(surface, ..) => surface.flat(),
            Found::Curve(_) => None,
        },
        intervals,
        level: match &found {
            Found::Surface(_, _, level) => {
                Some(LevelRecord { confidence: level.confidence, delta_chi2: level.delta_chi2 })
            }
            Found::Curve(_) => None,
        },
        regions,
    };
    let datasets: Vec<&Dataset> = data.iter().map(|experiment| &experiment.dataset).collect();
    let mut chart = chart(&found, &datasets, &title(&model, label, &record));
    args.drawing.look.look.dress(&mut chart)?;
    let results = Results::wait(&folder)?.fresh(args.fresh);
    let mut staged = results.stage().of(subject);
    staged.add(ARRAYS, |file| match &found {
        Found::Curve(curve) => write_parameter_curve(curve, &names, file),
        Found::Surface(surface, ..) => write_parameter_surface(surface, &names, file),
    })?;
    for file in chart_files(STEM, &chart)? {
        staged.add_bytes(&file.name, &file.contents)?;
    }
    staged.add_bytes(RECORD, json(&record)?.as_bytes())?;
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        files.iter().for_each(|name| terminal::error_line(&format!("wrote {}", folder.join(name).display())));
        terminal::result(&parameters_summary(&record))?;
    }
    Ok(SUCCESS)
}

fn advance(progress: &Progress, done: usize) -> Result<()> {
    // Where more is looked at than is shown, nothing is told twice.
    if done > 0 {
        progress.advance(done);
    }
    signals::check()
}

/// Name and value of a parameter of the model's file.
fn own_parameter(parameter: &Parameter, value: f64) -> Option<(String, f64)> {
    match parameter {
        Parameter::OfModel(name) => Some((name.clone(), value)),
        _ => None,
    }
}

/// The model and what is kept at a value; what is varied beyond the Standard Model makes it another one.
fn title(model: &Model, label: String, record: &ParametersRecord) -> String {
    let fixed = record.fixed.iter().map(|one| format!("{} = {} {}", one.name, number_text(one.value), one.unit));
    let expected = (!record.expected_data.is_empty()).then(|| "expected".to_owned());
    let is_beyond =
        |axis: &AxisRecord| !["sin2-theta-w", "neutron-radius"].iter().any(|own| axis.name.starts_with(own));
    let is_another = model.mediators.is_empty() && record.axes.iter().any(is_beyond);
    (!is_another)
        .then_some(label)
        .into_iter()
        .chain(fixed.map(|text| text.trim_end().to_owned()))
        .chain(expected)
        .collect::<Vec<_>>()
        .join(", ")
}

fn chart(found: &Found, datasets: &[&Dataset], title: &str) -> Chart {
    match found {
        Found::Surface(surface, allowed, level) => {
            let note = format!("allowed at {}", level.markup());
            parameter_surface_chart(surface, allowed, datasets, title, &note)
        }
        Found::Curve(curve) => parameter_curve_chart(curve, datasets, title),
    }
}
