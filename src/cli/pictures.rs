//! The pictures of a map, for `scan` and `plot`.

use std::path::PathBuf;

use cevscan::Result;
use cevscan::base::files::Staged;
use cevscan::others::new_territory::Areas;
use cevscan::plot::map::ExclusionMap;
use cevscan::plot::{Figure, exclusion, overlay, print_png};
use cevscan::scan::Map;

use super::args::Behind;
use super::terminal::shown;

/// The areas of what is new, if they are asked for.
pub fn new_areas(map: &Map, behind: &Behind) -> Result<Option<Areas>> {
    behind.shade_new.then(|| exclusion::new_areas(map, &behind.known.limits)).transpose()
}

/// Limits of others behind a map of ours, and what is new beside them.
pub fn put_behind(picture: &mut ExclusionMap, behind: &Behind, new: Option<Areas>) {
    overlay::behind(picture, &behind.known.limits, behind.labels);
    if let Some(areas) = new {
        overlay::shade_new(picture, areas);
    }
}

/// Adds map.svg and map.png to a set of files.
pub fn add(picture: &ExclusionMap, staged: &mut Staged) -> Result<()> {
    let svg = picture.to_svg();
    staged.add_bytes("map.svg", svg.as_bytes())?;
    staged.add_bytes("map.png", &print_png(&svg)?)
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
