//! Which column holds what, and in which unit.

use crate::Result;

use super::at;
use super::names::{LEFT_OUT, ROLE_NAMES, Role, announces_another, announces_several, names_in};
use super::rows::Sheet;
use super::scale::{self, Scale};
use super::settings::{Settings, setting};
use super::unit::{Said, UNITS, in_mev, said};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A coupling at each mass.
    Curve,
    /// Two couplings at each mass: what lies between is excluded.
    Band,
    /// Excluded where the last number is below 1.
    RValues,
    /// A map's chi2 above its minimum at each point of a grid.
    Map,
    /// Points of the lines of a contour.
    Contour,
}

/// The columns of a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Layout {
    pub form: Form,
    pub mass: usize,
    pub coupling: usize,
    /// The upper coupling, r, the rise, or the number of the line.
    pub other: Option<usize>,
    pub mass_unit_mev: f64,
}

impl Layout {
    pub(super) fn of(sheet: &Sheet, settings: &Settings, notes: &mut Vec<String>) -> Result<Layout> {
        require_unscaled(sheet, settings)?;
        let (line, roles) = roles(sheet, settings, notes)?;
        let place = |role: Role| roles.iter().position(|found| *found == role);
        let count = |role: Role| roles.iter().filter(|found| **found == role).count();
        let others = [Role::Upper, Role::R, Role::Rise, Role::Line].map(|role| (place(role), count(role)));
        let form = match (count(Role::Mass), count(Role::Coupling), others.map(|(_, count)| count)) {
            (1, 1, [0, 0, 0, 0]) | (1, 0, [1, 0, 0, 0]) => Form::Curve,
            (1, 1, [1, 0, 0, 0]) => Form::Band,
            (1, 1, [0, 1, 0, 0]) => Form::RValues,
            (1, 1, [0, 0, 1, 0]) => Form::Map,
            (1, 1, [0, 0, 0, 1]) => Form::Contour,
            _ => {
                let bound = format!("a mass with a coupling, and one of the others at most: {}", how_to_say());
                return Err(at(&sheet.path, line, "combination of columns", format!("{roles:?}"), bound));
            }
        };
        let other = if form == Form::Curve { None } else { others.iter().find_map(|(place, _)| *place) };
        let coupling = place(Role::Coupling).or(place(Role::Upper)).unwrap_or_default();
        let layout = Layout {
            form,
            mass: place(Role::Mass).unwrap_or_default(),
            coupling,
            other,
            mass_unit_mev: mass_unit_mev(sheet, settings, notes)?,
        };
        layout.check(sheet)?;
        Ok(layout)
    }

    /// Masses and couplings are positive; only what is not the mass may be missing.
    fn check(&self, sheet: &Sheet) -> Result<()> {
        let upper = self.other.filter(|_| matches!(self.form, Form::Band | Form::RValues));
        let name = if self.form == Form::RValues { "r" } else { "upper coupling" };
        for row in sheet.rows() {
            let columns = [(Some(self.mass), "mass"), (Some(self.coupling), "coupling"), (upper, name)];
            for (column, quantity) in columns.iter().filter_map(|(column, name)| Some(((*column)?, *name))) {
                let value = row.values[column];
                let may_be_missing = column != self.mass;
                if value <= 0.0 || (value.is_nan() && !may_be_missing) {
                    return Err(at(&sheet.path, row.line, quantity, value, "positive"));
                }
            }
            if let Some(column) = upper.filter(|_| self.form == Form::Band)
                && row.values[column] < row.values[self.coupling]
            {
                let bound = format!("at or above the lower one, {}: {}", row.values[self.coupling], how_to_say());
                return Err(at(&sheet.path, row.line, "upper coupling", row.values[column], bound));
            }
        }
        Ok(())
    }
}

/// Refuses a header by which the numbers are no masses or couplings as they stand, unless a setting says what they are.
fn require_unscaled(sheet: &Sheet, settings: &Settings) -> Result<()> {
    let comments = sheet.comments.iter().filter(|(_, comment)| setting(comment).is_none());
    for (line, text) in comments.chain(&sheet.names) {
        let refused = |quantity: &str, scale: Scale, how: &str| {
            let bound = match scale.is_logarithm {
                true => "the numbers themselves, no logarithms".to_owned(),
                false => format!("the number itself: {how}"),
            };
            Err(at(&sheet.path, *line, format!("scale of the {quantity}"), format!("'{}'", scale.text), bound))
        };
        let is_open = |scale: &Scale, is_said: bool| scale.is_logarithm || !is_said;
        if let Some(scale) = scale::of_coupling(text).filter(|scale| is_open(scale, settings.has_factor)) {
            let how = "write '# factor: 1e-4' in the header for what the numbers are to be multiplied by, 1 if they are \
                       couplings as they stand";
            return refused("couplings", scale, how);
        }
        if let Some(scale) = scale::of_mass(text).filter(|scale| is_open(scale, settings.mass_unit_mev.is_some())) {
            let how =
                format!("write '# mass: MeV' in the header, or another of {UNITS}, if the numbers are masses in it");
            return refused("masses", scale, &how);
        }
    }
    Ok(())
}

/// What each column holds, and the line that says so.
fn roles(sheet: &Sheet, settings: &Settings, notes: &mut Vec<String>) -> Result<(usize, Vec<Role>)> {
    let (width, first_line) = sheet.width();
    if let Some(roles) = &settings.columns {
        if roles.len() != width {
            return Err(at(
                &sheet.path,
                first_line,
                "number of columns",
                width,
                format!("{} as 'columns' says", roles.len()),
            ));
        }
        return Ok((first_line, roles.clone()));
    }
    if let Some((line, names)) = names(sheet, width, first_line) {
        let names = without_expected(names, notes);
        let role = |name: &String| {
            let bound = format!("understood: {}", how_to_say());
            Role::of(name).ok_or_else(|| at(&sheet.path, line, "column", format!("'{name}'"), bound))
        };
        return Ok((line, names.iter().map(role).collect::<Result<_>>()?));
    }
    if let Some((line, names)) = &sheet.names {
        let bound = format!("a list of {width} names, a mass among them: {}", how_to_say());
        return Err(at(&sheet.path, *line, "line of names", format!("'{names}'"), bound));
    }
    let before = || sheet.comments.iter().filter(|(line, comment)| *line < first_line && setting(comment).is_none());
    if let Some((line, comment)) = before().find(|(_, comment)| announces_another(comment)) {
        let bound = format!("of a mass and a coupling: {}", how_to_say());
        return Err(at(&sheet.path, *line, "header", format!("'{comment}'"), bound));
    }
    for (line, comment) in before() {
        let others = (2..=MOST_NAMES).filter(|other| *other != width).filter_map(|other| names_in(comment, other));
        if let Some(names) = others.into_iter().find(|names| names.iter().all(|name| Role::of(name).is_some())) {
            let bound = format!("{width}, as many as the rows have: {}", how_to_say());
            return Err(at(&sheet.path, *line, "number of names in the header", names.len(), bound));
        }
    }
    match width {
        2 => Ok((first_line, vec![Role::Mass, Role::Coupling])),
        3 => {
            if let Some((line, comment)) = sheet.comments.iter().find(|(_, comment)| announces_several(comment)) {
                let bound = format!("clear on which columns are meant: {}", how_to_say());
                return Err(at(&sheet.path, *line, "header", format!("'{comment}'"), bound));
            }
            notes.push("three columns without names are taken as mass, lower and upper coupling".to_owned());
            Ok((first_line, vec![Role::Mass, Role::Coupling, Role::Upper]))
        }
        found => {
            let bound = format!("2 (mass, coupling) or 3 (mass, lower, upper), or named: {}", how_to_say());
            Err(at(&sheet.path, first_line, "number of columns", found, bound))
        }
    }
}

/// Most names that are looked for in a header.
const MOST_NAMES: usize = 6;

/// What to write.
fn how_to_say() -> String {
    format!(
        "write '# columns: mass coupling' in the header, with a word for each column out of {ROLE_NAMES} ({LEFT_OUT})"
    )
}

/// Names of all columns: a line of their own, the comment before the first row, or the first comment.
fn names(sheet: &Sheet, width: usize, first_line: usize) -> Option<(usize, Vec<String>)> {
    if let Some((line, names)) = &sheet.names {
        return Some((*line, names_in(names, width)?));
    }
    let words: Vec<&(usize, String)> =
        sheet.comments.iter().filter(|(line, comment)| *line < first_line && setting(comment).is_none()).collect();
    [words.last(), words.first()]
        .into_iter()
        .flatten()
        .find_map(|(line, comment)| Some((*line, names_in(comment, width)?)))
}

/// The unit of the masses, from a setting or from the words of the header.
fn mass_unit_mev(sheet: &Sheet, settings: &Settings, notes: &mut Vec<String>) -> Result<f64> {
    if let Some(unit) = settings.mass_unit_mev {
        return Ok(unit);
    }
    let comments = sheet.comments.iter().filter(|(_, comment)| setting(comment).is_none());
    let lines = comments.chain(&sheet.names);
    let all: Vec<(usize, Said)> =
        lines.flat_map(|(line, text)| said(text).into_iter().map(|said| (*line, said))).collect();
    let how = format!("write '# mass: MeV' in the header, or another of {UNITS}");
    if let Some((line, Said::Unknown(unit))) = all.iter().find(|(_, said)| matches!(said, Said::Unknown(_))) {
        return Err(at(&sheet.path, *line, "unit of the masses", format!("'{unit}'"), format!("{UNITS}: {how}")));
    }
    let of_mass = |(line, said): &(usize, Said)| match said {
        Said::Mass(unit) => Some((*line, *unit)),
        _ => None,
    };
    let mentioned = |(line, said): &(usize, Said)| match said {
        Said::Mentioned(unit) => Some((*line, *unit)),
        _ => None,
    };
    let stated: Vec<(usize, &'static str)> = all.iter().filter_map(of_mass).collect();
    if let Some((_, unit)) = stated.first() {
        return match stated.iter().find(|(_, other)| other != unit) {
            Some((line, other)) => Err(at(
                &sheet.path,
                *line,
                "unit of the masses",
                format!("{unit} and {other}"),
                format!("one unit: {how}"),
            )),
            None => Ok(in_mev(unit)),
        };
    }
    if let Some((line, unit)) = all.iter().filter_map(mentioned).find(|(_, unit)| *unit != DEFAULT) {
        let bound = format!("clear on what is in that unit: {how}");
        return Err(at(&sheet.path, line, "header", format!("a text with {unit}"), bound));
    }
    // darkcast's files are in GeV, all of them.
    if !sheet.path.ends_with(".lmt") {
        notes.push(format!("masses are taken in {DEFAULT}, as the file names no unit; {how}"));
    }
    Ok(in_mev(DEFAULT))
}

/// The unit of limits' files.
const DEFAULT: &str = "GeV";

/// Names without "expected" where all limits of a file are expected ones, as in our own exports of expectations: then it is
/// clear which is meant.
fn without_expected(names: Vec<String>, notes: &mut Vec<String>) -> Vec<String> {
    const WORD: &str = "expected";
    let bare = |name: &String| {
        let words: Vec<&str> = name.split_whitespace().filter(|word| !word.eq_ignore_ascii_case(WORD)).collect();
        (words.len() < name.split_whitespace().count()).then(|| words.join(" "))
    };
    let is_other = |name: &&String| bare(name).is_none() && !matches!(Role::of(name), Some(Role::Mass | Role::Line));
    if names.iter().any(|name| is_other(&name)) || names.iter().all(|name| bare(name).is_none()) {
        return names;
    }
    notes.push("its limits are expected ones".to_owned());
    names.into_iter().map(|name| bare(&name).unwrap_or(name)).collect()
}
