//! `cevscan view`.

use crate::Result;
use crate::base::files::Results;
use crate::base::grid::Axis;
use crate::figures::exclusion::{Companions, exclusion_chart, expectation};
use crate::figures::overlay;
use crate::output::{MapPage, open_saved};
use crate::scan::{Observer as _, dataset_levels};

use super::args::{Common, Ends, ViewArgs};
use super::page_numbers::{events, pulls};
use super::progress::Progress;
use super::scan::map_of;
use super::terminal::shown;
use super::{FAILURE, SUCCESS, again, signals, terminal};

/// The page.
const PAGE: &str = "map.html";

pub fn run(args: &ViewArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let saved = open_saved(&args.map)?;
    let name = saved.record_path.display().to_string();
    let (map, record) = saved.recorded()?;
    let asked = again::asked(&record, &args.again)?;
    let analysis = again::analysis(&asked, common)?;
    let model = &analysis.model;
    let ends = |axis: &Axis| (axis.values[0], axis.values[axis.len() - 1]);
    let ends = Ends { mass_mev: ends(&map.plane.mass), coupling: ends(&map.plane.coupling) };
    let behind = args.behind.read(model, ends, !common.quiet)?;
    map.require_made_by(&analysis, &name)?;
    let out = args.out.as_ref().unwrap_or(&args.map);
    let subject = map_of(&map.model, &map.data);
    // Not after all the fits.
    Results::wait(out)?.fresh(args.fresh).require_free(&[PAGE], Some(&subject))?;
    let progress = Progress::of_mixed_work(super::page_numbers::fits(&map), common.quiet);
    let pulls = pulls(&analysis, &map, |done| {
        progress.advance(done);
        signals::check()
    });
    progress.finish();
    let pulls = pulls?;
    let level = record.inputs.level()?.markup();
    let note = format!("excluded at {level}");
    let mut chart = exclusion_chart(model, &map, &dataset_levels(&analysis, &map)?, &Companions::default(), &note)?;
    if map.is_known_expected() {
        expectation(&mut chart, None);
    }
    overlay::behind(&mut chart, &behind.known.limits, behind.labels);
    let events = events(&analysis, &map);
    let page = MapPage { map: &map, level: &level, chart: &chart, events: &events, pulls: &pulls }.html()?;
    signals::check()?;
    let results = Results::wait(out)?.fresh(args.fresh);
    let mut staged = results.stage().of(subject);
    staged.add_bytes(PAGE, page.as_bytes())?;
    staged.publish()?;
    if !common.quiet {
        terminal::result(&format!("written     {}\n", shown(&out.join(PAGE))))?;
    }
    // What could not be read has been reported.
    Ok(if behind.known.complete { SUCCESS } else { FAILURE })
}
