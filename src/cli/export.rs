//! `cevscan export`.

use std::path::Path;

use cevscan::base::files::Results;
use cevscan::output::export::{ExportFile, ExportFormat, Exported, Origin, export};
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
    let (format, folder) = match args.format {
        ExportFormatArg::Hepdata => (ExportFormat::Hepdata, "hepdata"),
        ExportFormatArg::Darkcast => (ExportFormat::Darkcast, "darkcast"),
        ExportFormatArg::Axionlimits => (ExportFormat::AxionLimits, "axionlimits"),
        ExportFormatArg::Grid => (ExportFormat::Grid, "grid"),
    };
    let exported = Exported { map, origin: origin.as_ref(), is_expected: saved.is_expected() };
    let files = export(&exported, format, args.allow_missing)?;
    let out = args.out.clone().unwrap_or_else(|| beside.join(folder));
    let results = Results::wait(&out)?;
    no_leftover(&exported, &files, &out)?;
    let mut staged = results.stage();
    let mut names = String::new();
    for file in &files {
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
fn no_leftover(exported: &Exported, files: &[ExportFile], out: &Path) -> Result<()> {
    let entries = std::fs::read_dir(out).map_err(Error::io("read", out))?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    match names.into_iter().find(|name| exported.is_leftover(files, name)) {
        None => Ok(()),
        Some(name) => Err(Error::out_of_range(
            "folder for the export",
            out.display(),
            format!("without {name}, a piece of the region of another map"),
        )),
    }
}
