//! `cevscan export`.

use std::path::Path;

use cevscan::base::files::{self, Results};
use cevscan::base::reading::Kind;
use cevscan::output::export::{ExportFile, ExportFormat, Exported, Origin, export, written};
use cevscan::output::open_saved;
use cevscan::{Error, Result};

use super::args::{Common, ExportArgs, ExportFormatArg};
use super::terminal::shown;
use super::{SUCCESS, signals, terminal};

pub fn run(args: &ExportArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let mut saved = open_saved(&args.map)?;
    signals::check()?;
    let beside = saved.record_path.parent().unwrap_or(Path::new("")).to_owned();
    let mut origin = saved.record.as_ref().map(Origin::of).transpose()?;
    if let Some(minimum) = args.minimum.as_deref().map(str::parse).transpose()? {
        saved.map.count_from(minimum)?;
        origin.iter_mut().for_each(|origin| origin.level.minimum = minimum);
    }
    let map = &saved.map;
    let notes = [
        origin.is_none().then(|| "note: no run.json beside the map: the files will not name the model".to_owned()),
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
    let exported = Exported { map, origin: origin.as_ref(), is_expected: saved.is_expected() };
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
