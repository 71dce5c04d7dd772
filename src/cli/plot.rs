//! `cevscan plot`.

use std::fs::File;
use std::io::BufReader;

use cevscan::analysis::Analysis;
use cevscan::files::writable_folder;
use cevscan::grid::Axis;
use cevscan::output::{read_map, reopen};
use cevscan::plot::exclusion::exclusion_map;
use cevscan::scan::dataset_levels;
use cevscan::tiles::FolderLock;
use cevscan::{Error, Result};

use super::args::{Common, Ends, PlotArgs, experiments, model};
use super::pictures;
use super::{FAILURE, SUCCESS, signals, terminal};

pub fn run(args: &PlotArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let (npz, json) = (args.map.join("map.npz"), args.map.join("run.json"));
    let file = File::open(&npz).map_err(Error::io("read", &npz))?;
    let saved = read_map(BufReader::new(file), &npz.display().to_string())?;
    let text = std::fs::read_to_string(&json).map_err(Error::io("read", &json))?;
    let record = json.display().to_string();
    let reopened = reopen(saved, &record, &text)?;
    let level = args.level(&reopened.level)?;
    let mut map = reopened.map;
    map.delta_chi2 = level.delta_chi2;

    let model = model(args.model.as_ref().unwrap_or(&map.model), &args.parameters, common)?;
    let ends = |axis: &Axis| (axis.values[0], axis.values[axis.len() - 1]);
    let ends = Ends { mass_mev: ends(&map.plane.mass), coupling: ends(&map.plane.coupling) };
    let behind = args.behind.read(&model, ends, !common.quiet)?;
    let experiments = experiments(args.data.as_ref().unwrap_or(&map.data), common)?;
    let analysis = Analysis::new(&model, &experiments);
    map.require_made_by(&analysis, &record)?;
    map.count_from(level.minimum, &analysis)?;
    signals::check()?;
    let out = args.out.as_ref().unwrap_or(&args.map);
    writable_folder(out)?;
    // No scan that still runs there may put its pictures over these.
    let _lock = FolderLock::take(out)?;
    let levels = dataset_levels(&analysis, &map)?;
    signals::check()?;
    let mut picture = exclusion_map(&model, &map, &levels, &level.markup())?;
    let new = pictures::new_areas(&map, &behind)?;
    pictures::put_behind(&mut picture, &behind, new);
    let staged = pictures::staged(&picture, out)?;
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        if let Some(missing) = map.border().missing() {
            terminal::error_line(&format!("note: {}; hatched in the pictures", missing.words()));
        }
        terminal::result(&pictures::summary(new, &map, &["map.svg", "map.png"].map(|name| out.join(name))))?;
    }
    // What could not be read has been reported.
    Ok(if behind.known.complete { SUCCESS } else { FAILURE })
}
