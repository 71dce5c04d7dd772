//! `cevscan export`.

use std::fs::File;
use std::io::{BufReader, ErrorKind};
use std::path::Path;

use cevscan::files::{Staged, writable_folder};
use cevscan::output::export::{ExportFile, ExportFormat, Exported, Origin, export};
use cevscan::output::{SavedMap, read_map};
use cevscan::{Error, Result};

use super::args::{Common, ExportArgs, ExportFormatArg};
use super::{SUCCESS, signals, terminal};

pub fn run(args: &ExportArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let npz = if args.map.is_dir() { args.map.join("map.npz") } else { args.map.clone() };
    let beside = npz.parent().unwrap_or(Path::new("")).to_owned();
    let file = File::open(&npz).map_err(Error::io("read", &npz))?;
    let mut map = read_map(BufReader::new(file), &npz.display().to_string())?;
    signals::check()?;
    let mut origin = origin(&beside.join("run.json"), &map)?;
    if let Some(minimum) = args.minimum.as_deref().map(str::parse).transpose()? {
        map.count_from(minimum)?;
        origin.iter_mut().for_each(|origin| origin.level.minimum = minimum);
    }
    let notes = [
        origin.is_none().then(|| "note: no run.json beside the map: the files will not name the model".to_owned()),
        map.border().missing().map(|missing| format!("note: {}", missing.words())).filter(|_| args.allow_missing),
    ];
    if !common.quiet {
        notes.iter().flatten().for_each(|note| terminal::error_line(note));
    }
    let (format, folder) = match args.format {
        ExportFormatArg::Hepdata => (ExportFormat::Hepdata, "hepdata"),
        ExportFormatArg::Darkcast => (ExportFormat::Darkcast, "darkcast"),
        ExportFormatArg::Axionlimits => (ExportFormat::AxionLimits, "axionlimits"),
        ExportFormatArg::Grid => (ExportFormat::Grid, "grid"),
    };
    let exported = Exported { map: &map, origin: origin.as_ref() };
    let files = export(&exported, format, args.allow_missing)?;
    let out = args.out.clone().unwrap_or_else(|| beside.join(folder));
    writable_folder(&out)?;
    no_leftover(&exported, &files, &out)?;
    let mut staged = Staged::new();
    let mut names = String::new();
    for file in &files {
        signals::check()?;
        let path = out.join(&file.name);
        staged.add(&path, |destination| file.contents.write(destination).map_err(Error::io("write", &path)))?;
        names += &format!("{}\n", path.display());
    }
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        terminal::result(&names)?;
    }
    Ok(SUCCESS)
}

/// What the map was made from, where that stands beside it.
fn origin(path: &Path, map: &SavedMap) -> Result<Option<Origin>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Origin::parse(&path.display().to_string(), &text, map).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io("read", path)(error)),
    }
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
