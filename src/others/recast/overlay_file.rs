//! Users' own curves, for what is no recast dark-photon search: text of two or three columns, a limit's file, a table of
//! HEPData, or what `export` writes.
//!
//! Nothing is guessed where the guess changes the area. Settings stand in the header, one a line, `# key: value`, or after
//! the path, `FILE,key=value,...`, which has the last word:
//!
//! - `label`, `reference`: for the picture and its caption; without a label, the file's name
//! - `mass`: unit of the masses, eV, keV, MeV, GeV or TeV. Without it the unit that the header gives in other words
//!   (`# mass [MeV] g`, `# masses in MeV`, a column `mass_mev`); where it names none, GeV, as limits' files have it
//! - `columns`: what each column holds: mass, coupling (or lower), upper, r (excluded where it is below 1), delta_chi2, line
//!   (number of a contour's line), and - for what is to be left out. Without it the names in the header, or mass,
//!   coupling, upper coupling
//! - `excluded`: `above` the curve (the default), `below` it, or `inside` of it, a closed outline; of two couplings in a
//!   row what lies between; of a map `delta_chi2 > NUMBER`; of the lines of a contour `right of each line`, as our own
//!   files have it, or `above` or `below` the lowest; `everything` and `nothing` where a map has no lines
//! - `window`: the part of the plane that the file is about, `mass 1:1000 MeV coupling 1e-5:1`; it says nothing beyond
//! - `factor`: multiplies the couplings; must be said where the header gives them a scale of their own (`g [10^-4]`)
//! - `model` and `charges`: the limit was set on the coupling of another model, by a signal that goes as g^2 times two
//!   charges, such as `electron electron` for neutrinos from beta decays that scatter on electrons, or `muon proton`; it
//!   is converted to our model by the ratio of these products
//!
//! Two rows of one mass are a vertical edge, or two intervals where each row holds one. Blank lines part curves. A curve
//! that ends where it begins is a closed outline.

mod columns;
mod fits;
mod hepdata;
mod holes;
mod names;
mod outline;
mod rows;
mod scale;
mod settings;
mod sides;
mod tokens;
mod unit;
mod words;

use std::path::Path;

use crate::base::printable::one_line;
use crate::base::reading::{self, Kind, without_mark};
use crate::physics::model::Model;
use crate::{Error, Result};

use super::known::KnownLimit;
use columns::Layout;
use rows::Sheet;
use settings::{Given, Settings};

/// A curve that was read, and what was taken for granted in it.
#[derive(Debug, Clone, PartialEq)]
pub struct UserCurve {
    /// What it excludes.
    pub limit: KnownLimit,
    /// What its reader should know, one line each: how the file was understood where it does not say, and what in it
    /// encloses nothing.
    pub notes: Vec<String>,
}

/// Reads a user's curve for the plane of `model`; `text` is a path, and settings after it.
///
/// # Errors
/// [`Error::Io`], [`Error::InFile`] with the line, [`Error::OutOfRange`] and [`Error::UnknownName`] for settings, and for
/// a conversion to a model without the charges.
pub fn read(text: &str, model: &Model) -> Result<UserCurve> {
    let (path, settings) = settings::split(text);
    parse(path, &reading::text(Path::new(path), Kind::Table)?, &settings, model)
}

/// The path, and the settings after it.
pub fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    settings::split(text)
}

/// The same from the contents of a file; `path` names it.
///
/// # Errors
/// Those of [`read`], but the system's.
pub fn parse(path: &str, contents: &str, settings: &[(&str, &str)], model: &Model) -> Result<UserCurve> {
    let contents = without_mark(contents);
    let sheet = match hepdata::is_table(contents) {
        true => hepdata::parse(path, contents)?,
        false => Sheet::parse(path, contents)?,
    };
    let settings = Settings::new(&Given { path, settings, comments: &sheet.comments })?;
    let factor = settings.factor * settings.conversion_factor(model)?;
    let mut notes = settings.notes.clone();
    let outlines = match settings.whole(&sheet)? {
        Some(whole) => outline::whole(whole, factor, &mut notes),
        None => {
            sheet.require_rows()?;
            let layout = Layout::of(&sheet, &settings, &mut notes)?;
            outline::outlines(&sheet, &layout, &settings, factor, &mut notes)?
        }
    };
    let name = Path::new(path).file_stem().map_or(path.into(), |stem| stem.to_string_lossy());
    let name = one_line(&name).into_owned();
    let limit = KnownLimit {
        label: settings.label.unwrap_or_else(|| name.clone()),
        reference: settings.reference.unwrap_or_else(|| one_line(path).into_owned()),
        name,
        outlines,
        ..KnownLimit::default()
    };
    Ok(UserCurve { limit, notes: notes.iter().map(|note| format!("{path}: {note}")).collect() })
}

/// An error at a line of a file.
fn at(path: &str, line: usize, quantity: impl Into<String>, value: impl ToString, bound: impl Into<String>) -> Error {
    let (path, quantity, bound) = (path.to_owned(), quantity.into(), bound.into());
    Error::InFile { path, line, quantity, value: value.to_string(), bound }
}
