//! The pictures of a map, for `scan` and `plot`.

use std::path::PathBuf;

use cevscan::Result;
use cevscan::base::files::Staged;
use cevscan::others::new_territory::{Areas, areas_of};
use cevscan::output::matplotlib_script;
use cevscan::plot::chart::Chart;
use cevscan::plot::{Figure, overlay, print_png};
use cevscan::scan::Map;

use super::args::Behind;
use super::terminal::shown;

/// The areas of what is new, if they are asked for.
pub fn new_areas(map: &Map, behind: &Behind) -> Result<Option<Areas>> {
    behind.shade_new.then(|| areas_of(map, &behind.known.limits)).transpose()
}

/// Limits of others behind a map of ours, and what is new beside them.
pub fn put_behind(picture: &mut Chart, behind: &Behind, new: Option<Areas>) {
    picture.caption = overlay::behind(picture, &behind.known.limits, behind.labels);
    if let Some(areas) = new {
        overlay::shade_new(picture, areas);
    }
}

/// The files that show a map.
pub const NAMES: [&str; 3] = ["map.svg", "map.png", "map.py"];

/// Adds them to a set of files.
pub fn add(picture: &Chart, staged: &mut Staged) -> Result<()> {
    let svg = picture.to_svg();
    let (png, script) = (print_png(&svg)?, matplotlib_script(picture));
    let contents = [svg.as_bytes(), &png, script.as_bytes()];
    NAMES.iter().zip(contents).try_for_each(|(name, contents)| staged.add_bytes(name, contents))
}

/// The last lines of a summary: what is new, and the files.
pub fn summary(new: Option<Areas>, map: &Map, files: &[PathBuf]) -> String {
    let mut text = String::new();
    if let Some(Areas { ours, only_ours }) = new {
        let gaps = if map.missing() > 0 { "; missing points count as allowed" } else { "" };
        text += &format!("new         {only_ours:.3} of {ours:.3} decades x decades, excluded by nobody else{gaps}\n");
    }
    for (i, file) in files.iter().enumerate() {
        text += &format!("{:<12}{}\n", if i == 0 { "written" } else { "" }, shown(file));
    }
    text
}
