//! `cevscan plot`.

use std::path::Path;

use crate::base::files::Results;
use crate::base::grid::Axis;
use crate::figures::exclusion::{exclusion_chart, expectation};
use crate::output::{InputFile, MAP, RECORD, files_behind, open_saved};
use crate::scan::{ScanRequest, dataset_levels};
use crate::{Error, Result};

use super::args::{Common, Ends, PlotArgs};
use super::pictures::{CONTOUR, CONTOUR_FC, Coverage, NAMES};
use super::scan::map_of;
use super::{FAILURE, SUCCESS, signals, terminal};
use super::{again, pictures, plot_many};

pub fn run(args: &PlotArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let [folder] = &args.maps[..] else { return plot_many::run(args, common) };
    let look = args.look.read(common)?;
    if args.labels.len() > 1 {
        return Err(Error::out_of_range("number of --label", args.labels.len(), "1, for the one map"));
    }
    let saved = open_saved(folder)?;
    let (path, notes, record_digest) = (saved.record_path.clone(), saved.notes.clone(), saved.record_digest.clone());
    let name = path.display().to_string();
    let (mut map, mut record) = saved.recorded()?;
    let asked = again::asked(&record, &args.again)?;
    require_same_files(&asked, &record.input_files)?;
    let scanned = record.inputs.level()?;
    let level = args.level.of(&scanned)?;
    map.delta_chi2 = level.delta_chi2;

    let analysis = again::analysis(&asked, common)?;
    let model = &analysis.model;
    let ends = |axis: &Axis| (axis.values[0], axis.values[axis.len() - 1]);
    let ends = look.ends(Ends { mass_mev: ends(&map.plane.mass), coupling: ends(&map.plane.coupling) })?;
    let behind = args.behind.read(model, ends, !common.quiet)?;
    if asked.asimov && !common.quiet {
        terminal::error_line("note: the observed contour, which the scan drew beside, is in no file and left out");
    }
    map.require_made_by(&analysis, &name)?;
    map.count_from(level.minimum, &analysis)?;
    let critical = args.critical.read(&analysis, &level)?;
    signals::check()?;
    let out = args.out.as_ref().unwrap_or(folder);
    // No scan that still runs there may put its pictures over these.
    let mut results = Results::open(out)?.fresh(args.fresh);
    let is_beside = is_same_folder(out, folder);
    if !is_beside && !args.fresh && results.folder().kind(MAP)?.is_some() {
        let bound = "a folder without the map of another scan, whose pictures these would replace: or --fresh";
        return Err(Error::out_of_range("--out", out.display(), bound));
    }
    if is_beside {
        results.trust(record.files.clone().into_iter().chain([(RECORD.to_owned(), record_digest)]));
    }
    let covered = critical.as_ref().map(|critical| Coverage::of(critical, &map)).transpose()?;
    let levels = dataset_levels(&analysis, &map)?;
    signals::check()?;
    let (companions, note) = pictures::companions(model, &map, look, &level.markup())?;
    let mut picture = exclusion_chart(model, &map, &levels, &companions, &note)?;
    if map.is_known_expected() {
        expectation(&mut picture, None);
    }
    if let Some(label) = args.labels.first() {
        pictures::name(&mut picture, label);
    }
    let new = pictures::new_areas(&map, &behind)?;
    pictures::put_behind(&mut picture, &behind, new, look);
    let mut staged = results.stage().of(map_of(&map.model, &map.data));
    pictures::put_covered(covered.as_ref(), &mut picture, &map, &mut staged)?;
    pictures::add(&picture, &map, &mut staged)?;
    if is_beside && !record.files.is_empty() {
        // The record beside them is that of these pictures from now on.
        record.drawn_at = (level != scanned).then_some(level);
        record.coverage = covered.as_ref().map(|coverage| coverage.used.clone());
        if covered.is_none() {
            record.files.remove(CONTOUR_FC);
        }
        record.files.extend(staged.digests());
        staged.add_bytes(RECORD, record.to_json()?.as_bytes())?;
    }
    signals::check()?;
    let retired = pictures::retired(&results, covered.as_ref())?;
    staged.publish()?;
    if !common.quiet {
        retired.iter().for_each(|note| terminal::error_line(note));
        notes.iter().filter(|_| out != folder).for_each(|note| terminal::error_line(&format!("note: {note}")));
        if let Some(missing) = map.border().missing() {
            terminal::error_line(&format!("note: {}; hatched in the pictures", missing.words()));
        }
        let written: Vec<_> = [CONTOUR]
            .into_iter()
            .chain(NAMES)
            .chain(covered.as_ref().map(|_| CONTOUR_FC))
            .map(|name| out.join(name))
            .collect();
        terminal::result(&pictures::summary(new, &map, &written))?;
    }
    // What could not be read has been reported.
    Ok(if behind.known.complete { SUCCESS } else { FAILURE })
}

/// Refuses files of a model or a dataset that were changed since the scan: what is drawn beside the map would be another
/// model's.
fn require_same_files(asked: &ScanRequest, scanned: &[InputFile]) -> Result<()> {
    let named = files_behind(Some(&asked.model), &asked.data);
    let is_same = |file: &InputFile| scanned.iter().any(|known| known.sha256 == file.sha256);
    match named.into_iter().find(|file| !scanned.is_empty() && !is_same(file)) {
        None => Ok(()),
        Some(InputFile { path, sha256, .. }) => {
            let reason = format!("its SHA-256 is {sha256}, which {RECORD} does not name");
            Err(Error::NotOfForm { path, form: "file that the scan was made from", reason })
        }
    }
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
