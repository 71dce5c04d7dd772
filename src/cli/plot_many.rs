//! `cevscan plot` with several maps: a line for each in one picture.

use std::path::{Path, PathBuf};

use crate::analysis::limits::Level;
use crate::base::files::Results;
use crate::dataset::Dataset;
use crate::figures::compared::{ComparedMap, Symbols, compared_chart};
use crate::figures::overlay;
use crate::output::{chart_files, open_saved};
use crate::physics::model::Model;
use crate::scan::{Map, ScanRequest};
use crate::{Error, Result};

use super::args::{Common, Ends, PlotArgs, warn};
use super::terminal::shown;
use super::{FAILURE, SUCCESS, again, signals, terminal};

/// Stem of the files.
const STEM: &str = "maps";

/// A map that was read, at the level that is drawn.
struct Read {
    path: PathBuf,
    map: Map,
    level: Level,
    asked: ScanRequest,
}

pub fn run(args: &PlotArgs, common: &Common) -> Result<u8> {
    let look = args.look.read(common)?;
    let Some(out) = &args.out else {
        return Err(Error::out_of_range("--out", "not given", "a folder for the picture of several maps"));
    };
    if !args.labels.is_empty() && args.labels.len() != args.maps.len() {
        let bound = format!("{}, one for each map", args.maps.len());
        return Err(Error::out_of_range("number of --label", args.labels.len(), bound));
    }
    let read = args.maps.iter().map(|path| Read::new(path, args, common)).collect::<Result<Vec<Read>>>()?;
    signals::check()?;
    let labels = if args.labels.is_empty() { labels(&read) } else { args.labels.clone() };
    let maps: Vec<ComparedMap> = read
        .iter()
        .zip(labels)
        .enumerate()
        .map(|(number, (read, label))| ComparedMap {
            name: format!("{} {}+{}", number + 1, read.map.model, read.map.data),
            label,
            map: &read.map,
        })
        .collect();
    let of_one_model = read.windows(2).all(|pair| pair[0].map.model == pair[1].map.model);
    let known = read.first().filter(|_| of_one_model).map(|first| first.asked.model()).transpose()?;
    known.iter().for_each(|model| warn(model, common));
    let (symbols, heading) = match &known {
        Some(model) => {
            let mediator = model.mediator_symbol();
            let symbol = |quantity: &str| format!("${quantity}_{{{mediator}}}$");
            (Symbols { mass: symbol("M"), coupling: symbol("g") }, model.label.clone())
        }
        None => (Symbols { mass: "$M$".to_owned(), coupling: "$g$".to_owned() }, String::new()),
    };
    let note = match read.first().filter(|first| read.iter().all(|read| read.level == first.level)) {
        Some(first) => format!("excluded at {}", first.level.markup()),
        None => String::new(),
    };
    let mut chart = compared_chart(&maps, symbols, &heading, &note)?;
    look.ends(Ends { mass_mev: (chart.x.low, chart.x.high), coupling: (chart.y.low, chart.y.high) })?;
    look.dress(&mut chart);
    let mut complete = true;
    if args.behind.is_asked_for() {
        let Some(model) = &known else {
            return Err(Error::out_of_range(
                "limits of others",
                "behind maps of several models",
                "behind those of one",
            ));
        };
        let ends = Ends { mass_mev: (chart.x.low, chart.x.high), coupling: (chart.y.low, chart.y.high) };
        let behind = args.behind.read(model, ends, !common.quiet)?;
        chart.caption = overlay::behind(&mut chart, &behind.known.limits, behind.labels);
        complete = behind.known.complete;
    }
    look.strip(&mut chart);
    let results = Results::wait(out)?.fresh(args.fresh);
    let mut staged = results.stage();
    let mut written = Vec::new();
    for file in chart_files(STEM, &chart)? {
        signals::check()?;
        staged.add_bytes(&file.name, &file.contents)?;
        written.push(out.join(&file.name));
    }
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        for read in &read {
            if let Some(missing) = read.map.border().missing() {
                terminal::error_line(&format!("note: {}: {}", read.path.display(), missing.words()));
            }
        }
        let lines: Vec<String> = written
            .iter()
            .enumerate()
            .map(|(i, file)| format!("{:<12}{}\n", if i == 0 { "written" } else { "" }, shown(file)))
            .collect();
        terminal::result(&lines.concat())?;
    }
    // What could not be read has been reported.
    Ok(if complete { SUCCESS } else { FAILURE })
}

impl Read {
    fn new(path: &Path, args: &PlotArgs, common: &Common) -> Result<Read> {
        let (mut map, record) = open_saved(path)?.recorded()?;
        let level = args.level.of(&record.inputs.level()?)?;
        map.delta_chi2 = level.delta_chi2;
        let asked = again::asked(&record, &args.again)?;
        // A model or parameter that was named is that of each map, or none.
        let is_named = args.again.model.is_some() || !args.again.parameters.values()?.is_empty();
        if map.minimum() != level.minimum || is_named {
            let analysis = again::analysis(&asked, common)?;
            map.require_made_by(&analysis, &path.display().to_string())?;
            map.count_from(level.minimum, &analysis)?;
        }
        Ok(Read { path: path.to_owned(), asked, map, level })
    }
}

/// A word about a map.
type Word<'a> = &'a dyn Fn(&Read) -> String;

/// What tells the maps apart: models, data, whether they are expected, levels; else their folders.
fn labels(read: &[Read]) -> Vec<String> {
    let differ = |of: &dyn Fn(&Read) -> String| read.iter().any(|one| read.iter().any(|other| of(one) != of(other)));
    let parts: [(bool, Word); 4] = [
        (differ(&|read| read.map.model.clone()), &|read| {
            Model::named(&read.map.model).map_or_else(|_| plain(&read.map.model), |model| model.label)
        }),
        (differ(&|read| read.map.data.clone()), &|read| data_label(&read.map.data)),
        (read.iter().any(|read| read.map.is_known_expected()), &|read| {
            if read.map.is_known_expected() { "expected".to_owned() } else { String::new() }
        }),
        (differ(&|read| read.level.words()), &|read| plain(&read.level.words())),
    ];
    let label = |read: &Read| {
        let words = parts.iter().filter(|(is_needed, _)| *is_needed).map(|(_, of)| of(read));
        words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let labels: Vec<String> = read.iter().map(label).collect();
    let is_taken = |label: &String| label.is_empty() || labels.iter().filter(|other| *other == label).count() > 1;
    let folder = |read: &Read| plain(&read.path.display().to_string());
    let distinct = read.iter().zip(&labels).map(|(read, label)| match (is_taken(label), label.is_empty()) {
        (false, _) => label.clone(),
        (true, true) => folder(read),
        (true, false) => format!("{label}, {}", folder(read)),
    });
    distinct.collect()
}

fn data_label(data: &str) -> String {
    let label = |name: &str| Dataset::named(name).map_or_else(|_| plain(name), |dataset| dataset.label);
    data.split('+').map(label).collect::<Vec<_>>().join(" + ")
}

/// Words as markup that shows them as they stand.
fn plain(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$")
}
