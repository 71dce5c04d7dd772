//! The pictures of a map, for `scan` and `plot`.

use std::path::PathBuf;

use crate::Result;
use crate::base::files::Staged;
use crate::figures::{overlay, put_coverage};
use crate::others::new_territory::{Areas, areas_of};
use crate::output::{CoverageUse, matplotlib_script, write_contour};
use crate::plot::chart::Chart;
use crate::plot::{Figure, print_png};
use crate::scan::{Covered, Map};

use super::args::Behind;
use super::critical::Critical;
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

/// What a map excludes with coverage, beside what it does by Wilks' theorem.
pub struct Coverage {
    covered: Covered,
    pub used: CoverageUse,
}

impl Coverage {
    /// By critical values.
    ///
    /// # Errors
    /// A map beyond the masses at which there are critical values.
    pub fn of(critical: &Critical, map: &Map) -> Result<Coverage> {
        let covered = Covered::new(&critical.level, &map.plane.mass.values, &map.plane.coupling.values)?;
        let used = critical.used(critical.level.along(&covered.border(map).lines()?));
        Ok(Coverage { covered, used })
    }

    /// Puts its border into the picture and its caption, and [`CONTOUR_FC`] among the files.
    ///
    /// # Errors
    /// Those of the files.
    pub fn put(&self, picture: &mut Chart, map: &Map, staged: &mut Staged) -> Result<()> {
        put_coverage(picture, map, &self.covered)?;
        picture.caption = format!("With coverage: {}. {}", self.used.words(), picture.caption).trim().to_owned();
        let border = self.covered.border(map);
        staged.add_bytes(CONTOUR_FC, write_contour(&border.lines()?, &border).as_bytes())
    }
}

/// The contour with coverage.
pub const CONTOUR_FC: &str = "contour-fc.csv";
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
        text += &format!(
            "new         {only_ours:.3} of {ours:.3} decades x decades, excluded by none of the limits shown{gaps}\n"
        );
    }
    for (i, file) in files.iter().enumerate() {
        text += &format!("{:<12}{}\n", if i == 0 { "written" } else { "" }, shown(file));
    }
    text
}
