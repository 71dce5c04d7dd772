//! `cevscan export`.

use std::io::ErrorKind;
use std::path::Path;

use crate::analysis::coverage::Calibrated;
use crate::analysis::limits::Level;
use crate::base::files::{self, Results};
use crate::base::reading::Kind;
use crate::output::export::{ExportFile, ExportFormat, Exported, export, written};
use crate::output::{CoverageUse, Saved, open_saved};
use crate::scan::tiles::{DATA_CONTENTS, MODEL_CONTENTS};
use crate::scan::{Covered, Plane};
use crate::{Error, Result};

use super::args::{Common, ExportArgs, ExportFormatArg};
use super::terminal::shown;
use super::{SUCCESS, signals, terminal};

pub fn run(args: &ExportArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let mut saved = open_saved(&args.map)?;
    signals::check()?;
    let beside = saved.record_path.parent().unwrap_or(Path::new("")).to_owned();
    let scanned = match &saved.record {
        Some(record) => record.inputs.level()?,
        // Of a map without record only the rise is known, which stays unless a confidence is asked for.
        None => Level { minimum: saved.map.minimum(), ..Level::default() },
    };
    let level = args.level.of(&scanned)?;
    let (other_minimum, other_rise) = args.level.asks_for();
    if other_minimum {
        saved.map.count_from_known(level.minimum)?;
    }
    if other_rise {
        saved.map.delta_chi2 = level.delta_chi2;
    }
    let covered = cover(args, &saved, &level)?;
    let map = &saved.map;
    let notes = [
        saved
            .record
            .is_none()
            .then(|| "note: no run.json beside the map: the files will not name the model".to_owned()),
        map.border().missing().map(|missing| format!("note: {}", missing.words())).filter(|_| args.allow_missing),
    ];
    if !common.quiet {
        notes.iter().flatten().for_each(|note| terminal::error_line(note));
        saved.notes.iter().for_each(|note| terminal::error_line(&format!("note: {note}")));
    }
    let format = match args.format {
        ExportFormatArg::Hepdata => ExportFormat::Hepdata,
        ExportFormatArg::Darkcast => ExportFormat::Darkcast,
        ExportFormatArg::Axionlimits => ExportFormat::AxionLimits,
        ExportFormatArg::Grid => ExportFormat::Grid,
    };
    let exported = Exported { map, record: saved.record.as_ref(), level, covered };
    let pieces = export(&exported, format, args.allow_missing)?;
    let out = args.out.clone().unwrap_or_else(|| beside.join(format.name()));
    let mut results = Results::wait(&out)?.fresh(args.fresh);
    if format == ExportFormat::Hepdata {
        let folder = results.folder();
        let holder = match folder.kind(written::HOLDER)? {
            Some(files::Kind::File) => folder.read(written::HOLDER, Kind::Product.longest())?,
            _ => None,
        };
        results.keep_inventory(holder.and_then(|text| written::read(&String::from_utf8_lossy(&text))));
    }
    no_leftover(&exported, &pieces, &results)?;
    // Exports of several maps in one folder would pass for one.
    let mut staged = results.stage().of_only(exported.subject(format));
    let mut names = String::new();
    for file in &pieces {
        signals::check()?;
        let path = out.join(&file.name);
        staged.add(&file.name, |destination| file.contents.write(destination).map_err(Error::io("write", &path)))?;
        names += &format!("{}\n", shown(&path));
    }
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        terminal::result(&names)?;
    }
    Ok(SUCCESS)
}

/// Puts critical values in the place of the map's rise of chi2, where that is asked for; what the files say of them.
fn cover(args: &ExportArgs, saved: &Saved, level: &Level) -> Result<Option<(Covered, CoverageUse)>> {
    if args.critical.is_none() {
        return Ok(None);
    }
    let record =
        saved.record.as_ref().ok_or_else(|| Error::io("read", &saved.record_path)(ErrorKind::NotFound.into()))?;
    let digest = |name: &str| record.key.get(name).cloned().unwrap_or_default();
    let of = Calibrated {
        model: record.inputs.model.clone(),
        model_digest: digest(MODEL_CONTENTS),
        data: record.inputs.data.clone(),
        data_digest: digest(DATA_CONTENTS),
    };
    let Some(critical) = args.critical.read_for(&of, level)? else { return Ok(None) };
    let Plane { mass, coupling } = &saved.map.plane;
    let covered = Covered::new(&critical.level, &mass.values, &coupling.values)?;
    let used = critical.used(critical.level.along(&covered.border(&saved.map).lines()?));
    Ok(Some((covered, used)))
}

/// A piece of an earlier export that has no successor in this one would pass for a piece of this region.
/// Those that the inventory has go by themselves.
fn no_leftover(exported: &Exported, files: &[ExportFile], results: &Results) -> Result<()> {
    let names = results.folder().names()?;
    for name in names.iter().filter_map(|name| name.to_str()).filter(|name| exported.is_leftover(files, name)) {
        if !results.has_written(name)? {
            let out = results.folder().path().display();
            let bound = format!("without {name}, a piece of the region of another map");
            return Err(Error::out_of_range("folder for the export", out, bound));
        }
    }
    Ok(())
}
