//! What header and command line say of a curve.

use std::path::Path;

use crate::base::contour::statement::{EXPECTED, Side, Statement, Window};
use crate::base::printable::{ONE_LINE, acts_on_terminal};
use crate::physics::model::{Charges, Interaction, Model};
use crate::{Error, Result};

use super::at;
use super::names::{LEFT_OUT, ROLE_NAMES, Role};
use super::rows::Sheet;
use super::unit::{UNITS, unit_of};

const KEYS: [&str; 9] = ["label", "reference", "mass", "columns", "excluded", "window", "factor", "model", "charges"];
const CHARGES: [&str; 7] = ["up", "down", "proton", "neutron", "electron", "muon", "tau"];

/// Which side of the curve is excluded.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Excluded {
    Above,
    Below,
    Inside,
    /// Of an odd number of closed outlines.
    InsideWithHoles,
    /// Where the last column of a map is above this.
    RiseAbove(f64),
    /// What a contour says of its lines.
    Stated(Statement),
}

/// What `excluded` may be.
const EXCLUDED: &str = "above, below, inside or inside with holes; of a map, 'delta_chi2 > NUMBER'; of a contour's lines, above or below \
     the lowest, or 'right of each line'; 'everything' or 'nothing' without lines";

/// What was said, where.
pub(super) struct Given<'a> {
    pub path: &'a str,
    /// After the path.
    pub settings: &'a [(&'a str, &'a str)],
    /// Lines of comment and their numbers.
    pub comments: &'a [(usize, String)],
}

/// The same, understood.
pub(super) struct Settings {
    path: String,
    pub label: Option<String>,
    pub reference: Option<String>,
    pub mass_unit_mev: Option<f64>,
    pub columns: Option<Vec<Role>>,
    pub excluded: Option<Excluded>,
    pub window: Option<Window>,
    pub factor: f64,
    /// Whether it was said.
    pub has_factor: bool,
    /// What of the header the settings after the path replace, and that the limit is expected, in words.
    pub notes: Vec<String>,
    /// Name of the model, and the charges.
    model: Option<String>,
    charges: Option<[String; 2]>,
}

/// The path, and the settings after it; a comma that no key follows belongs to what stands before it. A path that exists is
/// one as a whole.
pub(super) fn split(text: &str) -> (&str, Vec<(&str, &str)>) {
    if Path::new(text).exists() {
        return (text, Vec::new());
    }
    let starts: Vec<(usize, &str)> = text
        .match_indices(',')
        .filter_map(|(at, _)| {
            let key = text[at + 1..].split('=').next().filter(|key| text[at + 1 + key.len()..].starts_with('='))?;
            KEYS.contains(&key.trim()).then_some((at, key))
        })
        .collect();
    let path = &text[..starts.first().map_or(text.len(), |(at, _)| *at)];
    let ends = starts.iter().skip(1).map(|(at, _)| *at).chain([text.len()]);
    let settings = starts.iter().zip(ends).map(|((at, key), end)| (key.trim(), text[at + key.len() + 2..end].trim()));
    (path, settings.collect())
}

/// Key and value of a line of comment that is a setting; other comments may hold colons and signs of equality too.
pub(super) fn setting(comment: &str) -> Option<(&'static str, &str)> {
    let (key, value) = comment.split_once([':', '='])?;
    let key = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key.trim()))?;
    Some((key, value.trim()))
}

/// Whether a text is a unit and nothing else, as in `MeV`, `[MeV]`, `in MeV` or `MeV/c^2`.
fn is_unit_alone(text: &str) -> bool {
    text.split_whitespace().filter(|word| *word != "in").count() == 1
}

/// The key that a line of comment seems to mean by another word.
fn mistyped(comment: &str) -> Option<(&str, &'static str)> {
    let (word, _) = comment.split_once([':', '='])?;
    let word = word.trim();
    if setting(comment).is_some() || !word.chars().all(|c| c.is_alphabetic() || c == '_') {
        return None;
    }
    let lower = word.to_lowercase();
    if let Some((_, key)) = OTHER_WORDS.iter().find(|(known, _)| *known == lower) {
        return Some((word, key));
    }
    // In long words two letters may be wrong, in short ones one: more, and words of prose would be taken for keys.
    let near = |key: &&&str| strsim::damerau_levenshtein(&lower, key) <= if key.len() < LONG { 1 } else { 2 };
    KEYS.iter().find(near).map(|key| (word, *key))
}

/// Length from which on a key is a long word.
const LONG: usize = 7;
/// What others may write for a key that changes the area.
const OTHER_WORDS: [(&str, &str); 8] = [
    ("scale", "factor"),
    ("scaling", "factor"),
    ("multiplier", "factor"),
    ("multiply", "factor"),
    ("excludes", "excluded"),
    ("excluding", "excluded"),
    ("exclusion_side", "excluded"),
    ("cols", "columns"),
];

impl Settings {
    pub(super) fn new(given: &Given) -> Result<Settings> {
        let mut settings = Settings {
            path: given.path.to_owned(),
            label: None,
            reference: None,
            mass_unit_mev: None,
            columns: None,
            excluded: None,
            window: None,
            factor: 1.0,
            has_factor: false,
            notes: Vec::new(),
            model: None,
            charges: None,
        };
        if given.comments.iter().any(|(_, comment)| comment.trim() == EXPECTED) {
            settings.notes.push("its limit is an expected one".to_owned());
        }
        for (line, comment) in given.comments {
            if let Some((word, key)) = mistyped(comment) {
                let bound = format!(
                    "one of {}: did you mean '{key}'? Words that are no setting need others before them",
                    KEYS.join(", ")
                );
                return Err(at(given.path, *line, "key of the header", format!("'{word}'"), bound));
            }
            if let Some((key, _)) = setting(comment)
                && let Some((first, _)) =
                    given.comments.iter().find(|(_, other)| setting(other).is_some_and(|(other, _)| other == key))
                && first != line
            {
                let bound = format!("once: line {first} says it already");
                return Err(at(given.path, *line, format!("'{key}'"), format!("'{comment}'"), bound));
            }
            let Some((key, value)) = setting(comment) else { continue };
            match given.settings.iter().find(|(other, _)| *other == key) {
                None => settings.set(key, value, Some(*line))?,
                Some((_, after)) if *after != value => settings.notes.push(format!(
                    "'{key}' is '{after}', as was asked for, not '{value}' as line {line} of the file says"
                )),
                Some(_) => {}
            }
        }
        for (number, (key, value)) in given.settings.iter().enumerate() {
            if given.settings[..number].iter().any(|(other, _)| other == key) {
                return Err(Error::out_of_range(
                    format!("'{key}' of {}", given.path),
                    format!("'{value}'"),
                    "given once",
                ));
            }
            settings.set(key, value, None)?;
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, value: &str, line: Option<usize>) -> Result<()> {
        let wrong = |bound: String| match line {
            Some(line) => at(&self.path, line, format!("'{key}'"), format!("'{value}'"), bound),
            None => Error::out_of_range(format!("'{key}' of {}", self.path), format!("'{value}'"), bound),
        };
        if value.contains(acts_on_terminal) {
            return Err(wrong(ONE_LINE.to_owned()));
        }
        match key {
            "label" => self.label = Some(value.to_owned()),
            "reference" => self.reference = Some(value.to_owned()),
            "mass" => {
                self.mass_unit_mev =
                    Some(unit_of(value).filter(|_| is_unit_alone(value)).ok_or_else(|| wrong(UNITS.to_owned()))?)
            }
            "columns" => {
                let words = value.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
                let roles: Option<Vec<Role>> = words.map(Role::named).collect();
                self.columns = Some(
                    roles.ok_or_else(|| wrong(format!("a word for each column out of {ROLE_NAMES} ({LEFT_OUT})")))?,
                );
            }
            "excluded" => {
                let rise = || value.strip_prefix("delta_chi2")?.trim_start().strip_prefix('>')?.trim().parse().ok();
                self.excluded = Some(match value {
                    "above" => Excluded::Above,
                    "below" => Excluded::Below,
                    "inside" => Excluded::Inside,
                    "inside with holes" => Excluded::InsideWithHoles,
                    _ => rise()
                        .filter(|rise: &f64| rise.is_finite())
                        .map(Excluded::RiseAbove)
                        .or_else(|| Statement::parse(value).map(Excluded::Stated))
                        .ok_or_else(|| wrong(EXCLUDED.to_owned()))?,
                });
            }
            "window" => self.window = Some(Window::parse(value).ok_or_else(|| wrong(Window::FORM.to_owned()))?),
            "factor" => {
                let number = value.parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite());
                self.factor = number.ok_or_else(|| wrong("a positive number".to_owned()))?;
                self.has_factor = true;
            }
            "model" => self.model = Some(value.to_owned()),
            _ => {
                let words: Vec<&str> = value.split_whitespace().collect();
                let [first, second] = words[..] else {
                    return Err(wrong("two charges such as 'electron electron'".to_owned()));
                };
                for word in [first, second] {
                    if !CHARGES.contains(&word) {
                        return Err(Error::unknown_name("charge", word, CHARGES));
                    }
                }
                self.charges = Some([first.to_owned(), second.to_owned()]);
            }
        }
        Ok(())
    }

    /// What a file without lines says that it excludes: all of a part of the plane, or nothing.
    pub(super) fn whole(&self, sheet: &Sheet) -> Result<Option<Option<Window>>> {
        let Some(Excluded::Stated(Statement { side, .. })) = self.excluded else { return Ok(None) };
        if side == Side::RightOfLines {
            return Ok(None);
        }
        let refused = |quantity: &str, value: &str, bound: String| {
            Err(at(&sheet.path, sheet.width().1, quantity.to_owned(), value, bound))
        };
        match (side, self.window) {
            _ if sheet.rows().next().is_some() => {
                refused("'excluded' of a file with rows", "the whole map, or nothing of it", EXCLUDED.to_owned())
            }
            (Side::Everything, None) => {
                refused("'window'", "missing", format!("given where everything is excluded: {}", Window::FORM))
            }
            (Side::Everything, window) => Ok(Some(window)),
            _ => Ok(Some(None)),
        }
    }

    /// g of `model` over g of the model that the limit was set for: the square root of the ratio of the charges' products.
    pub(super) fn conversion_factor(&self, model: &Model) -> Result<f64> {
        let (from, charges) = match (&self.model, &self.charges) {
            (None, None) => return Ok(1.0),
            (Some(from), Some(charges)) => (from, charges),
            (from, _) => {
                let missing = if from.is_none() { "model" } else { "charges" };
                let quantity = format!("'{missing}' of {}", self.path);
                return Err(Error::out_of_range(quantity, "missing", "given beside the other one"));
            }
        };
        let product = |model: &Model| -> Result<f64> {
            let product = charges.iter().map(|name| Ok(charge(&charges_of(model)?, name))).product::<Result<f64>>()?;
            let quantity = || format!("product of the charges '{}' in {}", charges.join(" "), model.name);
            let error = || Error::out_of_range(quantity(), 0, "other than 0 to convert a limit");
            if product == 0.0 { Err(error()) } else { Ok(product.abs()) }
        };
        Ok((product(&Model::named(from)?)? / product(model)?).sqrt())
    }
}

fn charges_of(model: &Model) -> Result<Charges> {
    match &model.mediators[..] {
        [only] => match &only.interaction {
            Interaction::Vector(vector) => Ok(vector.charges),
            Interaction::Scalar(_) => Err(no_charges(model)),
        },
        _ => Err(no_charges(model)),
    }
}

fn no_charges(model: &Model) -> Error {
    Error::out_of_range(format!("mediator of {}", model.name), "no single vector", "one vector to convert a limit")
}

fn charge(charges: &Charges, name: &str) -> f64 {
    match name {
        "up" => charges.up,
        "down" => charges.down,
        "proton" => charges.proton(),
        "neutron" => charges.neutron(),
        "electron" => charges.electron,
        "muon" => charges.muon,
        _ => charges.tau,
    }
}
