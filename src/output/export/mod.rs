//! Exclusion regions in the formats that other people's programs and archives read.
//!
//! At each mass of the grid the region is a set of intervals of the coupling, with the ends where the map's contour has
//! them. Allowed strips lie between them. The formats differ in what they can say:
//!
//! - HEPData: every interval is a row of a table, so strips are there by themselves; the contour is a second table.
//! - darkcast: one lower and one upper coupling a mass, so each connected [`Piece`] of the region is a file of its own.
//! - AxionLimits: a curve above which all is excluded or, where a piece has an upper end, its closed outline.
//! - grid: the map itself.

mod axion_limits;
mod darkcast;
mod grid;
mod hepdata;
pub mod written;

use std::io::Write;

use crate::analysis::limits::{Level, Minimum};
use crate::base::contour::Span;
use crate::base::files::Subject;
use crate::physics::model::Model;
use crate::scan::{Border, Covered, Map, Missing};
use crate::{Error, Result};

use super::{CoverageUse, RunRecord};

pub use crate::base::contour::pieces::{Piece, Row, pieces};

/// A format of [`export`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportFormat {
    /// A submission for HEPData.
    Hepdata,
    /// Limits for darkcast.
    Darkcast,
    /// Text for AxionLimits.
    AxionLimits,
    /// Mass, coupling and rise of chi2 at every point.
    Grid,
}

/// A file of an export.
#[non_exhaustive]
pub struct ExportFile<'a> {
    /// Its name within the folder.
    pub name: String,
    /// Its contents.
    pub contents: Contents<'a>,
}

/// Contents of a file.
pub enum Contents<'a> {
    /// As a whole.
    Text(String),
    /// Point by point, because they are many.
    Grid(&'a Exported<'a>),
}

/// A map with what is known of it.
pub struct Exported<'a> {
    /// The map.
    pub map: &'a Map,
    /// Its record, if there is one.
    pub record: Option<&'a RunRecord>,
    /// Level of the excluded region; told where there is a record.
    pub level: Level,
    /// Critical values that the region has in place of the level's rise of chi2.
    pub covered: Option<(Covered, CoverageUse)>,
}

/// The files of a map in a format.
///
/// A map with missing points is one where `allow_missing` says so; then every file says what is missing.
///
/// # Errors
/// [`Error::Incomplete`] for a map with missing points, [`Error::OutOfRange`] for one in which nothing is excluded, where
/// the format holds nothing but exclusions.
pub fn export<'a>(
    exported: &'a Exported<'a>,
    format: ExportFormat,
    allow_missing: bool,
) -> Result<Vec<ExportFile<'a>>> {
    if let Some(missing) = exported.missing().filter(|_| !allow_missing) {
        return Err(Error::Incomplete { what: "map", missing: missing.words() });
    }
    match format {
        ExportFormat::Hepdata => {
            let mut files = hepdata::files(exported)?;
            written::enter(&mut files, &exported.subject(format))?;
            Ok(files)
        }
        ExportFormat::Darkcast => darkcast::files(exported),
        ExportFormat::AxionLimits => axion_limits::files(exported),
        ExportFormat::Grid => Ok(vec![ExportFile {
            name: format!("{}_delta_chi2.txt", exported.stem()),
            contents: Contents::Grid(exported),
        }]),
    }
}

impl ExportFormat {
    /// As on the command line.
    pub fn name(self) -> &'static str {
        match self {
            ExportFormat::Hepdata => "hepdata",
            ExportFormat::Darkcast => "darkcast",
            ExportFormat::AxionLimits => "axionlimits",
            ExportFormat::Grid => "grid",
        }
    }
}

impl Contents<'_> {
    /// Writes them.
    ///
    /// # Errors
    /// Those of the destination.
    pub fn write(&self, destination: &mut dyn Write) -> std::io::Result<()> {
        match self {
            Contents::Text(text) => destination.write_all(text.as_bytes()),
            Contents::Grid(exported) => grid::write(exported, destination),
        }
    }
}

impl Exported<'_> {
    /// Whether a file of this name, beside `files`, is from an export of another map, which had more pieces.
    pub fn is_leftover(&self, files: &[ExportFile], name: &str) -> bool {
        let Some((stem, ending)) = name.rsplit_once('.') else { return false };
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_piece = stem
            .strip_prefix(&self.stem())
            .is_some_and(|number| number.is_empty() || number.strip_prefix('_').is_some_and(is_number));
        is_piece && files.iter().any(|file| file.name.ends_with(ending)) && files.iter().all(|file| file.name != name)
    }

    /// What the files of a format are of.
    pub fn subject(&self, format: ExportFormat) -> Subject {
        let of = match self.record {
            Some(_) => format!("{}, {}", self.map.model, self.map.data),
            None => "a map without record".to_owned(),
        };
        Subject::new("export", of + if self.expected() { ", expected" } else { "" }, format.name())
    }

    /// First part of the files' names; without `+` and blanks, which have a meaning in too many places.
    fn stem(&self) -> String {
        let ending = if self.expected() { "_expected" } else { "" };
        match self.record {
            Some(_) => format!("cevscan_{}_{}{ending}", self.map.model, self.map.data).replace(['+', ' '], "-"),
            None => format!("cevscan_map{ending}"),
        }
    }

    /// Lines that say what the numbers are, without signs of comment.
    fn about(&self) -> Vec<String> {
        self.about_in("MeV", 1.0)
    }

    /// The same with masses in another unit, of so many MeV, where that of the file's own masses has to stand alone.
    fn about_in(&self, unit: &str, in_mev: f64) -> Vec<String> {
        let map = self.map;
        let size = format!("{} x {} points", map.plane.mass.len(), map.plane.coupling.len());
        let mut lines = match self.record {
            Some(record) => vec![
                format!("{}, model {}{}", self.data(), map.model, self.description()),
                format!("Analysis after arXiv:2202.11002 by {}, map of {size}", record.program),
            ],
            None => vec![format!("Analysis after arXiv:2202.11002 by cevscan, model not recorded, map of {size}")],
        };
        lines.extend(self.about_expectation().map(str::to_owned));
        if let Some((_, used)) = &self.covered {
            let excluded = if self.expected() { "Expected to be excluded" } else { "Excluded" };
            let confidence = self.level.words().replace(", 2 dof", "");
            lines.push(format!("{excluded} ({confidence}, with coverage): chi2 > chi2_min + {}", used.words()));
            lines.extend(self.about_missing(unit, in_mev));
            return lines;
        }
        // A lone word before the colon would be read back as a setting.
        let unknown = || " (level not recorded)".to_owned();
        let confidence = self.record.map_or_else(unknown, |_| format!(" ({})", self.level.words()));
        let excluded = if self.expected() { "Expected to be excluded" } else { "Excluded" };
        let level = match map.minimum() {
            Minimum::Plane => format!("chi2 > {:.4} =", map.level_at(0)),
            Minimum::Mass => "chi2 >".to_owned(),
        };
        let (rise, minimum) = (map.delta_chi2, map.minimum().words());
        lines.push(format!("{excluded}{confidence}: {level} chi2_min + {rise:.5}, {minimum}"));
        lines.extend(self.about_missing(unit, in_mev));
        lines
    }

    /// The border of the excluded region.
    fn border(&self) -> Border<'_> {
        self.covered.as_ref().map_or_else(|| self.map.border(), |(covered, _)| covered.border(self.map))
    }

    /// The model if it is one that travels with the program.
    fn known_model(&self) -> Option<Model> {
        Model::named(&self.map.model).ok()
    }

    /// `: ` and the description of a known model, else nothing.
    fn description(&self) -> String {
        self.known_model().map_or(String::new(), |model| format!(": {}", model.description))
    }

    /// Says that the limits are expected ones, or that nothing is known of that.
    fn about_expectation(&self) -> Option<&'static str> {
        match self.map.is_expected {
            Some(true) => {
                Some("EXPECTED limits, not observed ones: the Standard Model's expectation stands in for data")
            }
            Some(false) => None,
            None => Some("Whether these limits are observed or expected ones is not recorded"),
        }
    }

    /// Whether it is known to be an expectation.
    fn expected(&self) -> bool {
        self.map.is_known_expected()
    }

    /// What was analysed.
    fn data(&self) -> String {
        match self.expected() {
            true => format!("Expectation for {} (no data)", self.map.data),
            false => format!("COHERENT {}", self.map.data),
        }
    }

    /// The region in words.
    fn region(&self) -> &'static str {
        if self.expected() { "the region that is expected to be excluded" } else { "the excluded region" }
    }

    /// What is missing of the map.
    fn missing(&self) -> Option<Missing> {
        self.border().missing()
    }

    /// The gaps in words, where there are any: they are in no piece and in no interval.
    fn about_missing(&self, unit: &str, in_mev: f64) -> Option<String> {
        self.missing().map(|missing| format!("Gaps: {}", missing.words_in(unit, in_mev)))
    }

    /// The couplings of the map, and the largest.
    fn coupling(&self) -> &[f64] {
        &self.map.plane.coupling.values
    }

    fn top(&self) -> f64 {
        self.coupling()[self.coupling().len() - 1]
    }

    /// Says where the map ends, because there the region's end is the map's.
    fn about_ends(&self) -> String {
        let (low, high) = (self.coupling()[0], self.top());
        format!("Couplings {low:e} and {high:e} are the ends of the map, not of the region")
    }

    /// The excluded intervals of each mass.
    fn spans(&self) -> Result<Vec<Vec<Span>>> {
        let spans = self.border().spans()?;
        if spans.iter().all(Vec::is_empty) {
            return Err(Error::out_of_range("number of excluded points of the map", 0, "above 0 for this format"));
        }
        Ok(spans)
    }

    /// The connected pieces of the excluded region.
    fn pieces(&self) -> Result<Vec<Piece>> {
        Ok(pieces(&self.map.plane.mass.values, &self.spans()?))
    }
}

/// `NAME`, or `NAME_1`, `NAME_2` where there are several.
fn numbered(stem: &str, number: usize, of: usize) -> String {
    if of == 1 { stem.to_owned() } else { format!("{stem}_{}", number + 1) }
}
