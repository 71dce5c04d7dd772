//! `cevscan limits --method cls`.

use std::sync::{Mutex, PoisonError};

use crate::analysis::coverage::{ToysRecord, Watch, cls_limit};
use crate::analysis::limits::{HIGH_MASS_MEV, LOW_MASS_MEV};
use crate::analysis::{Analysis, Experiment};
use crate::base::files::{Results, Subject};
use crate::base::grid::number_text;
use crate::base::provenance::fingerprint;
use crate::figures::brazil_chart;
use crate::output::{ClsRecord, chart_files, cls_csv, cls_table, expected_data, json};
use crate::physics::model::Model;
use crate::rates::Point;
use crate::scan::Observer as _;
use crate::{Error, Result};

use super::args::{ClsArgs, Common, Format, Masses};
use super::coverage_request::toys_words;
use super::progress::Progress;
use super::{SUCCESS, signals, terminal};

/// Toys are drawn at so many couplings of a mass, more or less.
const EXPECTED_ANCHORS: usize = 6;
/// What the files of a folder are.
const KIND: &str = "CLs limits";
/// Masses that are named one by one.
const MOST_NAMED: usize = 6;
/// All numbers of a run, for programs.
const RECORD: &str = "cls.json";

/// Limits of each model on each list, at some masses; without any at both ends of the plane.
pub fn run(
    args: &ClsArgs,
    (models, lists): (&[Model], &[Vec<Experiment>]),
    (masses, confidence): (Option<&Masses>, f64),
    format: Format,
    common: &Common,
) -> Result<u8> {
    let plan = args.plan()?;
    let masses = masses.map_or(vec![LOW_MASS_MEV, HIGH_MASS_MEV], |masses| masses.mev.clone());
    // A picture against the mass has two of them at least.
    let endings: &[&str] = if masses.len() > 1 { &["svg", "png", "pdf", "csv", "py"] } else { &[] };
    let files: Vec<String> = endings.iter().map(|ending| format!("cls.{ending}")).chain([RECORD.to_owned()]).collect();
    let subject = || {
        let names = lists.iter().flatten().map(|experiment| experiment.dataset.name.as_str()).collect::<Vec<_>>();
        let model = models.first().map_or("", |model| &model.name);
        let (data, at, toys) = (names.join("+"), words_of(&masses), toys_words(&plan));
        Subject::new(KIND, format!("{model}, {data} (confidence {confidence}, {toys}, at {at} MeV)"), "")
    };
    if let Some(folder) = &args.out {
        let ([_], [_]) = (models, lists) else {
            let found = format!("{} and {}", models.len(), lists.len());
            return Err(Error::out_of_range(
                "number of models and of lists of datasets",
                found,
                "1 and 1 with a folder",
            ));
        };
        let names: Vec<&str> = files.iter().map(String::as_str).collect();
        Results::wait(folder)?.fresh(args.fresh).require_free(&names, Some(&subject()))?;
    }
    let each = (plan.toys.1 - plan.toys.0) as usize;
    let work = models.len() * lists.len() * masses.len();
    let progress = Progress::of_mixed_work(work * each * EXPECTED_ANCHORS, common.quiet);
    let watch = Shown { progress: &progress, each, masses: work, begun: Mutex::default() };
    let mut records = Vec::new();
    for model in models {
        for list in lists {
            let analysis = Analysis::new(model, list);
            let at = masses.iter().map(|mass_mev| cls_limit(&analysis, *mass_mev, confidence, plan, &watch));
            records.push(ClsRecord {
                model: model.name.clone(),
                data: analysis.data_name(),
                expected_data: expected_data(analysis.experiments()),
                method: "cls".to_owned(),
                toys: ToysRecord::new(plan),
                at: at.collect::<Result<_>>()?,
            });
        }
    }
    progress.finish();
    if let (Some(folder), [model], [record]) = (&args.out, models, records.as_slice()) {
        let results = Results::wait(folder)?.fresh(args.fresh);
        // A picture against masses that are no more goes.
        let mut staged = results.stage().of_only(subject());
        if masses.len() > 1 {
            for file in chart_files("cls", &brazil_chart(model, &record.data, &record.at))? {
                staged.add_bytes(&file.name, &file.contents)?;
            }
        }
        staged.add_bytes(RECORD, json(&records)?.as_bytes())?;
        signals::check()?;
        staged.publish()?;
        if !common.quiet {
            files.iter().for_each(|name| terminal::error_line(&format!("wrote {}", folder.join(name).display())));
        }
    }
    terminal::result(&match format {
        Format::Table => cls_table(&records),
        Format::Json => json(&records)?,
        Format::Csv => cls_csv(&records),
    })?;
    Ok(SUCCESS)
}

/// Some masses (MeV), those of a long list by their ends and a digest.
fn words_of(masses: &[f64]) -> String {
    let names: Vec<String> = masses.iter().map(|mass| number_text(*mass)).collect();
    match names.as_slice() {
        [first, .., last] if names.len() > MOST_NAMED => {
            format!("{} masses from {first} to {last} [{}]", names.len(), &fingerprint(&masses)[..8])
        }
        _ => names.join(","),
    }
}

/// Shows how far the work is, of which it is known only with time how much it is.
struct Shown<'a> {
    progress: &'a Progress,
    each: usize,
    masses: usize,
    /// Masses and anchors that were begun.
    begun: Mutex<(usize, usize)>,
}

impl Watch for Shown<'_> {
    fn done(&self, toys: usize) -> Result<()> {
        self.progress.advance(toys);
        signals::check()
    }

    fn anchor(&self, number: usize, Point { mass_mev, .. }: Point, _: f64) {
        let mut begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner);
        if number == 1 {
            begun.0 += 1;
            self.progress.notice(&format!("mass {mass_mev:.4e} MeV"));
        }
        begun.1 += 1;
        let (masses, anchors) = *begun;
        let of_a_mass = anchors.div_ceil(masses).max(EXPECTED_ANCHORS);
        let of_this = EXPECTED_ANCHORS.saturating_sub(number);
        self.progress.expect(self.each * (anchors + of_this + (self.masses - masses) * of_a_mass));
    }
}
