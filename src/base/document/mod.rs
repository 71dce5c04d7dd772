//! Files that people write (TOML): read whole, with the place of whatever is wrong in them.

mod distinct;
mod section;

pub(crate) use distinct::Distinct;
pub(crate) use section::{Keys, Section};

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::DeTable;

use crate::base::error::nearest;
use crate::base::markup;
use crate::base::printable::ONE_LINE;
use crate::{Error, Result};

/// A number as such or as a fraction in quotes: `-1`, `0.5`, `"1/3"`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number or a fraction in quotes such as \"1/3\"")]
pub(crate) enum Number {
    /// As TOML has it.
    Plain(f64),
    /// In quotes.
    Fraction(String),
    /// Linear in the file's parameters: `{ constant = -1, y = "1/3" }`.
    Linear(BTreeMap<String, Coefficient>),
}

/// A factor of a parameter.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number or a fraction in quotes such as \"1/3\"")]
pub(crate) enum Coefficient {
    /// As TOML has it.
    Plain(f64),
    /// In quotes.
    Fraction(String),
}

impl Coefficient {
    fn value(&self) -> Option<f64> {
        match self {
            Coefficient::Plain(value) => Some(*value),
            Coefficient::Fraction(text) => parse_fraction(text),
        }
    }
}

/// The key of what stands alone in a number that is linear in the parameters.
const CONSTANT: &str = "constant";

/// The smallest positive number that a key can mean in any unit: products of a few of them are above 0 too, so that a
/// fluence or a mass that is not 0 counts something.
const SMALLEST: f64 = 1e-60;

/// What a number may be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Bound {
    /// Any of at most this size.
    Within(f64),
    /// Above 0, up to this, and of a size that can be meant ([`SMALLEST`]).
    PositiveUpTo(f64),
    /// From 0 up to this.
    NotNegativeUpTo(f64),
}

/// A file that is read, to name places in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    /// Its name, for messages.
    pub path: &'a str,
    /// All of it.
    pub text: &'a str,
}

impl<'a> Document<'a> {
    /// Reads it into its form.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the line; unknown keys with the nearest name.
    pub fn read<Form: DeserializeOwned>(&self) -> Result<Form> {
        toml::from_str(self.text).map_err(|error| self.malformed(&error))
    }

    /// Reads it into sections.
    ///
    /// # Errors
    /// [`Error::Malformed`] with the line.
    pub fn table(&self) -> Result<Spanned<DeTable<'a>>> {
        DeTable::parse(self.text).map_err(|error| self.malformed(&error))
    }

    fn malformed(&self, error: &toml::de::Error) -> Error {
        let line = self.line(error.span().map_or(0, |span| span.start));
        let found: String =
            self.text.lines().nth(line - 1).unwrap_or_default().trim().chars().take(LONGEST_QUOTE).collect();
        Error::Malformed {
            path: self.path.to_owned(),
            line,
            found: found.escape_debug().to_string(),
            reason: with_nearest(&without_control_characters(&error.message().replace('\n', " ")))
                + &self.first_of(error.message(), line),
        }
    }

    /// Where a key that stands again in a line stands first, in words; nothing of other faults.
    fn first_of(&self, fault: &str, line: usize) -> String {
        let key = |line: &'a str| line.split('=').next().unwrap_or_default().trim();
        let lines: Vec<&str> = self.text.lines().take(line).map(key).collect();
        let Some((again, before)) = lines.split_last().filter(|_| fault.starts_with("duplicate key")) else {
            return String::new();
        };
        before
            .iter()
            .rposition(|key| key == again)
            .map_or(String::new(), |first| format!("; line {} has it", first + 1))
    }

    /// The line, counted from 1, in which the byte at `offset` stands.
    pub fn line(&self, offset: usize) -> usize {
        1 + self.text.as_bytes()[..offset.min(self.text.len())].iter().filter(|&&byte| byte == b'\n').count()
    }

    /// An error about something that stands in the file.
    pub fn error<T>(
        &self,
        place: &Spanned<T>,
        quantity: &str,
        value: impl ToString,
        bound: impl Into<String>,
    ) -> Error {
        self.error_at(self.line(place.span().start), quantity, value, bound)
    }

    /// An error about a line.
    pub(crate) fn error_at(
        &self,
        line: usize,
        quantity: &str,
        value: impl ToString,
        bound: impl Into<String>,
    ) -> Error {
        Error::InFile {
            path: self.path.to_owned(),
            line,
            quantity: quantity.to_owned(),
            value: value.to_string(),
            bound: bound.into(),
        }
    }

    /// An error about a file that a line names and that could not be read; any other error as it is.
    pub(crate) fn unreadable(&self, line: usize, quantity: &str, name: &str, error: Error) -> Error {
        match error {
            Error::Io { .. } | Error::OutOfRange { .. } => {
                let bound = format!("a file that can be read: {error}");
                self.error_at(line, quantity, format!("'{}'", name.escape_debug()), bound)
            }
            other => other,
        }
    }

    /// A number: fractions and what is linear in `parameters` included.
    ///
    /// # Errors
    /// What is no number, or not in its bound.
    pub fn fraction(
        &self,
        quantity: &str,
        number: &Spanned<Number>,
        bound: Bound,
        parameters: &BTreeMap<String, f64>,
    ) -> Result<f64> {
        let (found, value) = match number.get_ref() {
            Number::Plain(value) => (value.to_string(), Some(*value)),
            Number::Fraction(text) => (format!("'{}'", text.escape_debug()), parse_fraction(text)),
            Number::Linear(terms) => {
                if let Some(name) = terms.keys().find(|name| *name != CONSTANT && !parameters.contains_key(*name)) {
                    let found = format!("'{}'", name.escape_debug());
                    let bound = "'constant' or a name under [parameters]";
                    return Err(self.error(number, &format!("parameter in {quantity}"), found, bound));
                }
                let factor = |name: &String| parameters.get(name).copied().unwrap_or(1.0);
                let value = terms.iter().map(|(name, c)| Some(c.value()? * factor(name))).sum::<Option<f64>>();
                (value.map_or("no number".to_owned(), |value| value.to_string()), value)
            }
        };
        let finite = value.filter(|value| value.is_finite()).ok_or_else(|| {
            self.error(number, quantity, &found, "a finite number or a fraction in quotes such as \"1/3\"")
        })?;
        if bound.holds(finite) { Ok(finite) } else { Err(self.error(number, quantity, found, bound.in_words())) }
    }

    /// A line of text for people.
    ///
    /// # Errors
    /// Control characters, which do not belong on a terminal or in a picture.
    pub(crate) fn line_of_text(&self, quantity: &str, text: &Spanned<String>) -> Result<String> {
        let words = text.get_ref();
        if words.contains(char::is_control) {
            let shown = format!("'{}'", words.escape_debug());
            return Err(self.error(text, quantity, shown, ONE_LINE));
        }
        Ok(words.clone())
    }

    /// A label, in the markup of figures.
    ///
    /// # Errors
    /// Control characters, and what pictures would not show as it is meant.
    pub(crate) fn label(&self, quantity: &str, text: &Spanned<String>) -> Result<String> {
        let label = self.line_of_text(quantity, text)?;
        match markup::fault(&label) {
            Some(bound) => Err(self.error(text, quantity, format!("'{}'", label.escape_debug()), bound)),
            None => Ok(label),
        }
    }

    /// A name that can be typed, and be part of the name of a file.
    ///
    /// # Errors
    /// Anything else.
    pub fn name(&self, quantity: &str, text: &Spanned<String>) -> Result<String> {
        let name = text.get_ref();
        check_name(name).map_err(|bound| self.error(text, quantity, format!("'{}'", name.escape_debug()), bound))?;
        Ok(name.clone())
    }
}

/// A name that can be typed, and be part of the name of a file; else, in words, what it must be.
fn check_name(name: &str) -> Result<(), String> {
    let sign = |c: char| c.is_ascii_alphanumeric() || "_-.+".contains(c);
    let sound = !name.is_empty() && name.len() <= LONGEST_NAME && name.chars().all(sign);
    if sound && !name.starts_with(['-', '.', '+']) {
        return Ok(());
    }
    Err(format!("up to {LONGEST_NAME} letters, digits and any of _ - . +, a letter or digit first"))
}

/// Control characters escaped: what a file holds must not reach a terminal.
fn without_control_characters(text: &str) -> String {
    let shown = |c: char| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() };
    text.chars().map(shown).collect()
}

/// Most of a line that a message repeats.
const LONGEST_QUOTE: usize = 100;
/// Longest name of a model, a dataset or a parameter.
const LONGEST_NAME: usize = 64;

impl Bound {
    fn holds(self, value: f64) -> bool {
        match self {
            Bound::Within(most) => value.abs() <= most,
            Bound::PositiveUpTo(most) => (SMALLEST..=most).contains(&value),
            Bound::NotNegativeUpTo(most) => (0.0..=most).contains(&value),
        }
    }

    fn in_words(self) -> String {
        match self {
            Bound::Within(most) => format!("a number from {} to {most:e}", format_args!("{:e}", -most)),
            Bound::PositiveUpTo(most) => format!("above 0 (at least {SMALLEST:e}) and at most {most:e}"),
            Bound::NotNegativeUpTo(most) => format!("from 0 to {most:e}"),
        }
    }
}

fn parse_fraction(text: &str) -> Option<f64> {
    match text.split_once('/') {
        Some((numerator, denominator)) => {
            Some(numerator.trim().parse::<f64>().ok()? / denominator.trim().parse::<f64>().ok()?)
        }
        None => text.trim().parse().ok(),
    }
}

/// serde's complaint about an unknown key, with the nearest of those it expects.
fn with_nearest(message: &str) -> String {
    let unknown = ["unknown field `", "unknown variant `"].iter().find_map(|start| message.strip_prefix(start));
    let Some((name, rest)) = unknown.and_then(|rest| rest.split_once('`')) else { return message.to_owned() };
    let known = rest.split('`').skip(1).step_by(2);
    match nearest(name, known) {
        Some(nearest) => format!("{message}; did you mean `{nearest}`?"),
        None => message.to_owned(),
    }
}
