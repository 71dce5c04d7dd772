//! The pictures of a map, for `scan` and `plot`.

use std::path::PathBuf;

use crate::Result;
use crate::base::files::{Results, Staged};
use crate::base::grid::Axis;
use crate::figures::exclusion::Companions;
use crate::figures::{overlay, put_coverage};
use crate::others::new_territory::{Areas, areas_of};
use crate::output::{CoverageUse, matplotlib_script, write_contour};
use crate::physics::model::Model;
use crate::physics::muon_g2::band;
use crate::plot::chart::Chart;
use crate::plot::{Figure, Print, Role, print};
use crate::scan::{Covered, Map};

use super::args::{Behind, MapLook};
use super::critical::Critical;
use super::terminal::shown;

/// Masses of the band of the muon's magnetic moment.
const BAND_MASSES: usize = 200;

/// The areas of what is new, if they are asked for.
pub fn new_areas(map: &Map, behind: &Behind) -> Result<Option<Areas>> {
    behind.shade_new.then(|| areas_of(map, &behind.known.limits)).transpose()
}

/// What is drawn over a map, and the note of its legend, at a level in words.
pub fn companions(model: &Model, map: &Map, look: MapLook, level: &str) -> Result<(Companions, String)> {
    let note = format!("excluded at {level}");
    let Some(deviation) = look.muon else { return Ok((Companions::default(), note)) };
    let values = &map.plane.mass.values;
    let masses = Axis::logarithmic("mass", "MeV", (values[0], values[values.len() - 1]), BAND_MASSES)?;
    let muon_band = band(model, &masses.values, deviation)?;
    let note = if muon_band.is_some() { note } else { format!("{note}; no $(g-2)_μ$: $Q'_μ = 0$") };
    Ok((Companions { muon_band, ..Companions::default() }, note))
}

/// Limits of others behind a map of ours, and what is new beside them; all in the look that was asked for.
pub fn put_behind(picture: &mut Chart, behind: &Behind, new: Option<Areas>, look: MapLook) {
    look.dress(picture);
    picture.caption = overlay::behind(picture, &behind.known.limits, behind.labels);
    if let Some(areas) = new {
        overlay::shade_new(picture, areas);
    }
    if let Some(deviation) = look.muon.filter(|_| picture.regions.iter().any(|region| region.role == Role::Preferred)) {
        let [central, sigma] = deviation.in_1e10();
        let comparison = deviation.label();
        let words = format!("Band: $Δa_μ$ = ({central} ± {sigma}) × $10^{{-10}}${comparison}, 2$σ$.");
        picture.caption = format!("{words} {}", picture.caption).trim().to_owned();
    }
    look.strip(picture);
}

/// Gives the region of all data together, and its border, a name of the user's.
pub fn name(picture: &mut Chart, label: &str) {
    let Some(known) = picture.regions.first().map(|region| region.label.clone()) else { return };
    let curves = picture.curves.iter_mut().map(|curve| &mut curve.label);
    let regions = picture.regions.iter_mut().map(|region| &mut region.label);
    curves.chain(regions).filter(|own| **own == known).for_each(|own| label.clone_into(own));
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
        staged.add_bytes(CONTOUR_FC, write_contour(&border.lines()?, &border, map.is_known_expected()).as_bytes())
    }
}

/// Puts what a map excludes with coverage into the picture and among the files; without, the contour of an earlier picture
/// goes, and whoever made it is told.
///
/// # Errors
/// Those of the files.
pub fn put_covered(coverage: Option<&Coverage>, picture: &mut Chart, map: &Map, staged: &mut Staged) -> Result<()> {
    if let Some(coverage) = coverage {
        return coverage.put(picture, map, staged);
    }
    staged.retire(CONTOUR_FC);
    Ok(())
}

/// What is said of a file that goes, see [`put_covered`], if it is there.
///
/// # Errors
/// Those of the inventory.
pub fn retired(results: &Results, coverage: Option<&Coverage>) -> Result<Option<String>> {
    let goes = coverage.is_none() && results.has_written(CONTOUR_FC)?;
    Ok(goes.then(|| {
        let path = shown(&results.folder().path_of(CONTOUR_FC));
        format!("note: {path} goes: it is of critical values, which are not given for this picture")
    }))
}

/// The border of the excluded region.
pub const CONTOUR: &str = "contour.csv";
/// The contour with coverage.
pub const CONTOUR_FC: &str = "contour-fc.csv";
/// The files that show a map.
pub const NAMES: [&str; 4] = ["map.svg", "map.png", "map.pdf", "map.py"];

/// Adds the border of a map, and the pictures that show it, to a set of files.
///
/// # Errors
/// Borders beyond the memory at hand, and those of the files.
pub fn add(picture: &Chart, map: &Map, staged: &mut Staged) -> Result<()> {
    let (contour, (svg, printed, script)) = rayon::join(
        || -> Result<String> {
            let border = map.border();
            Ok(write_contour(&border.lines()?, &border, map.is_known_expected()))
        },
        || {
            let svg = picture.to_svg();
            let printed = print(&svg);
            (svg, printed, matplotlib_script(picture))
        },
    );
    staged.add_bytes(CONTOUR, contour?.as_bytes())?;
    let Print { png, pdf } = printed?;
    let contents = [svg.as_bytes(), &png, &pdf, script.as_bytes()];
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
