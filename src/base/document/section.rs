//! A section of a document, read key by key: what is asked for is known, and what is left over is an error.

use std::cell::RefCell;
use std::rc::Rc;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::base::error::nearest;
use crate::base::markup::fault;
use crate::base::printable::ONE_LINE;
use crate::{Error, Result};

use super::{Bound, Document, parse_fraction};

/// A table of a document; clones share what was asked for.
#[derive(Clone)]
pub(crate) struct Section<'d> {
    document: Document<'d>,
    /// As it stands in messages: `[source]`.
    name: String,
    line: usize,
    table: &'d DeTable<'d>,
    asked: Rc<RefCell<Vec<String>>>,
    keys: Keys,
}

/// All keys of sections, by the section's name in messages.
pub(crate) type Keys = &'static [(&'static str, &'static [&'static str])];

/// A key's value with its place.
type Value<'d> = &'d Spanned<DeValue<'d>>;

impl<'d> Section<'d> {
    /// The whole of a document, once parsed by [`Document::table`].
    pub fn whole(document: Document<'d>, table: &'d Spanned<DeTable<'d>>) -> Section<'d> {
        Section::new(document, ("the file".to_owned(), 1), table.get_ref(), &[])
    }

    /// The same, where all keys are known from the start, here and in the sections below.
    pub fn knowing(self, keys: Keys) -> Section<'d> {
        Section { keys, ..self }
    }

    fn new(document: Document<'d>, place: (String, usize), table: &'d DeTable<'d>, keys: Keys) -> Section<'d> {
        let (name, line) = place;
        Section { document, name, line, table, asked: Rc::default(), keys }
    }

    /// Reads the section by `read`: a key that no section of this name has is refused before, one that was not asked for
    /// after.
    ///
    /// # Errors
    /// Those of `read`, and unknown keys with the nearest known one.
    pub fn read<T>(&self, read: impl FnOnce(&Section<'d>) -> Result<T>) -> Result<T> {
        self.refuse_unknown_below()?;
        let result = read(self)?;
        let asked = self.asked.borrow();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        self.refuse_meaningless(&asked)?;
        self.refuse_unknown(&asked)?;
        Ok(result)
    }

    /// Refuses what no section of this name has, here and in all sections below.
    fn refuse_unknown_below(&self) -> Result<()> {
        let Some((_, known)) = self.keys.iter().find(|(name, _)| *name == self.name) else { return Ok(()) };
        self.refuse_unknown(known)?;
        for (key, value) in self.table {
            let list = value.get_ref().as_array().map(|list| list.iter().collect()).unwrap_or(vec![value]);
            for below in list.into_iter().filter(|value| value.get_ref().as_table().is_some()) {
                self.as_section(key.get_ref(), below)?.refuse_unknown_below()?;
            }
        }
        Ok(())
    }

    /// Refuses a key that a section of this name may have, but not beside what else is given.
    fn refuse_meaningless(&self, asked: &[&str]) -> Result<()> {
        let Some((_, known)) = self.keys.iter().find(|(name, _)| *name == self.name) else { return Ok(()) };
        let is_meaningless = |key: &&str| known.contains(key) && !asked.contains(key);
        let Some(key) = self.table.keys().map(|key| key.get_ref().as_ref()).find(is_meaningless) else { return Ok(()) };
        let beside = match self.table.get("kind").and_then(|kind| kind.get_ref().as_str()) {
            Some(kind) => format!("with kind = '{}'", kind.escape_debug()),
            None => "beside what else is given".to_owned(),
        };
        let bound = format!("absent {beside}, which takes {}", asked.join(", "));
        Err(self.error(key, "given", bound))
    }

    fn refuse_unknown(&self, known: &[&str]) -> Result<()> {
        let unknown = self.table.iter().find(|(key, _)| !known.contains(&key.get_ref().as_ref()));
        let Some((key, _)) = unknown else { return Ok(()) };
        let name = key.get_ref().as_ref();
        let mut bound = format!("one of {}", known.join(", "));
        if let Some(nearest) = nearest(name, known.iter().copied()) {
            bound += &format!("; did you mean '{nearest}'?");
        }
        let line = self.document.line(key.span().start);
        Err(self.document.error_at(line, &format!("key of {}", self.name), format!("'{}'", name.escape_debug()), bound))
    }

    fn value(&self, key: &str) -> Option<Value<'d>> {
        let mut asked = self.asked.borrow_mut();
        if !asked.iter().any(|known| known == key) {
            asked.push(key.to_owned());
        }
        drop(asked);
        self.table.get(key)
    }

    /// Whether a key is there; asks for it.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// Whether a key is there; asks for nothing, so that one without meaning stays one.
    pub fn holds(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// As it stands in messages.
    pub fn name_in_messages(&self) -> &str {
        &self.name
    }

    /// The file and the line of a key; the section's line where it is missing.
    pub fn place(&self, key: &str) -> (&'d str, usize) {
        let line = self.table.get(key).map_or(self.line, |found| self.document.line(found.span().start));
        (self.document.path, line)
    }

    /// An error about a key, on its line; on the section's where it is missing.
    pub fn error(&self, key: &str, value: impl ToString, bound: impl Into<String>) -> Error {
        self.document.error_at(self.place(key).1, &self.quantity(key), value, bound)
    }

    /// An error about a file that a key names and that could not be read; any other error as it is.
    pub fn unreadable(&self, key: &str, name: &str, error: Error) -> Error {
        self.document.unreadable(self.place(key).1, &self.quantity(key), name, error)
    }

    fn quantity(&self, key: &str) -> String {
        format!("'{key}' of {}", self.name)
    }

    /// A key that is not there; or, where one that nobody asked for is near, that one.
    fn missing(&self, key: &str) -> Error {
        let asked = self.asked.borrow();
        let others = self.table.keys().filter(|other| !asked.iter().any(|known| known == other.get_ref().as_ref()));
        let others: Vec<&Spanned<DeString>> = others.collect();
        let near = nearest(key, others.iter().map(|other| other.get_ref().as_ref()));
        match others.iter().find(|other| Some(other.get_ref().as_ref()) == near) {
            Some(other) => {
                let line = self.document.line(other.span().start);
                let found = format!("'{}'", other.get_ref().escape_debug());
                let bound = format!("a known one; did you mean '{key}'?");
                self.document.error_at(line, &format!("key of {}", self.name), found, bound)
            }
            None => self.error(key, "missing", "given"),
        }
    }

    fn wrong(&self, key: &str, value: Value, expected: &str) -> Error {
        let line = self.document.line(value.span().start);
        self.document.error_at(line, &self.quantity(key), shown(value.get_ref()), expected)
    }

    /// A number; fractions may stand in quotes.
    ///
    /// # Errors
    /// None there, another type, or one outside its bound.
    pub fn number(&self, key: &str, bound: Bound) -> Result<f64> {
        self.optional_number(key, bound)?.ok_or_else(|| self.missing(key))
    }

    /// A number that may be absent.
    ///
    /// # Errors
    /// Another type, or one outside its bound.
    pub(crate) fn optional_number(&self, key: &str, bound: Bound) -> Result<Option<f64>> {
        self.value(key).map(|value| self.as_number(key, value, bound)).transpose()
    }

    fn as_number(&self, key: &str, value: Value, bound: Bound) -> Result<f64> {
        let number = as_f64(value.get_ref()).ok_or_else(|| self.wrong(key, value, "a number"))?;
        if bound.holds(number) { Ok(number) } else { Err(self.wrong(key, value, &bound.in_words())) }
    }

    /// A whole number from 0 to `most`.
    ///
    /// # Errors
    /// None there, or anything else.
    pub(crate) fn whole_number(&self, key: &str, most: u32) -> Result<u32> {
        let number = self.number(key, Bound::NotNegativeUpTo(f64::from(most)))?;
        if number.fract() == 0.0 {
            return Ok(number as u32);
        }
        Err(self.error(key, number, format!("a whole number from 0 to {most}")))
    }

    /// A list of numbers.
    ///
    /// # Errors
    /// None there, or anything that is no number in its bound.
    pub fn numbers(&self, key: &str, bound: Bound) -> Result<Vec<f64>> {
        let value = self.value(key).ok_or_else(|| self.missing(key))?;
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of numbers"))?;
        list.iter().map(|value| self.as_number(key, value, bound)).collect()
    }

    /// A line of text.
    ///
    /// # Errors
    /// None there, another type, control characters.
    pub fn text(&self, key: &str) -> Result<&'d str> {
        self.optional_text(key)?.ok_or_else(|| self.missing(key))
    }

    /// A line of text that may be absent.
    ///
    /// # Errors
    /// Another type, control characters.
    pub(crate) fn optional_text(&self, key: &str) -> Result<Option<&'d str>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        let text = value.get_ref().as_str().ok_or_else(|| self.wrong(key, value, "text in quotes"))?;
        if text.contains(char::is_control) {
            return Err(self.wrong(key, value, ONE_LINE));
        }
        Ok(Some(text))
    }

    /// A label, in the markup of figures.
    ///
    /// # Errors
    /// None there, another type, and what pictures would not show as it is meant.
    pub fn label(&self, key: &str) -> Result<String> {
        let text = self.text(key)?;
        match fault(text) {
            Some(bound) => Err(self.error(key, format!("'{}'", text.escape_debug()), bound)),
            None => Ok(text.to_owned()),
        }
    }

    /// A name that can be typed and be part of the name of a file.
    ///
    /// # Errors
    /// None there, or none of that kind.
    pub fn name(&self, key: &str) -> Result<String> {
        let text = self.text(key)?;
        super::check_name(text).map_err(|bound| self.error(key, format!("'{}'", text.escape_debug()), bound))?;
        Ok(text.to_owned())
    }

    /// One of some words.
    ///
    /// # Errors
    /// None there, or another one, with the nearest.
    pub fn choice<'c>(&self, key: &str, words: &[&'c str]) -> Result<&'c str> {
        let text = self.text(key)?;
        words.iter().find(|word| **word == text).copied().ok_or_else(|| {
            let mut bound = format!("one of {}", words.join(", "));
            if let Some(nearest) = nearest(text, words.iter().copied()) {
                bound += &format!("; did you mean '{nearest}'?");
            }
            self.error(key, format!("'{}'", text.escape_debug()), bound)
        })
    }

    /// true or false; `default` where it is absent.
    ///
    /// # Errors
    /// Another type.
    pub fn flag(&self, key: &str, default: bool) -> Result<bool> {
        let Some(value) = self.value(key) else { return Ok(default) };
        value.get_ref().as_bool().ok_or_else(|| self.wrong(key, value, "true or false"))
    }

    /// A section below this one.
    ///
    /// # Errors
    /// None there, or no section.
    pub fn section(&self, key: &str) -> Result<Section<'d>> {
        self.optional_section(key)?.ok_or_else(|| self.missing(key))
    }

    /// A section that may be absent.
    ///
    /// # Errors
    /// No section.
    pub(crate) fn optional_section(&self, key: &str) -> Result<Option<Section<'d>>> {
        let Some(value) = self.value(key) else { return Ok(None) };
        self.as_section(key, value).map(Some)
    }

    /// A list of sections; empty where it is absent.
    ///
    /// # Errors
    /// What is no list of sections.
    pub fn sections(&self, key: &str) -> Result<Vec<Section<'d>>> {
        let Some(value) = self.value(key) else { return Ok(Vec::new()) };
        let list = value.get_ref().as_array().ok_or_else(|| self.wrong(key, value, "a list of sections"))?;
        list.iter().map(|value| self.as_section(key, value)).collect()
    }

    /// The names of a list of sections, `name` or else `kind` of each; of a section's own list where `key` is SECTION.LIST.
    /// Asks for nothing.
    pub fn names_in(&self, key: &str) -> Option<Vec<&str>> {
        let (table, list) = match key.split_once('.') {
            Some((section, list)) => (self.table.get(section)?.get_ref().as_table()?, list),
            None => (self.table, key),
        };
        let Some(list) = table.get(list) else { return key.contains('.').then(Vec::new) };
        let name = |value: Value<'d>| {
            let table = value.get_ref().as_table()?;
            ["name", "kind"].into_iter().find_map(|key| table.get(key)?.get_ref().as_str())
        };
        Some(list.get_ref().as_array()?.iter().filter_map(name).collect())
    }

    /// What a named member of a list of sections holds under these keys: the key itself for a section, the names of its
    /// members for a list. None where the list has no such member; asks for nothing.
    pub fn parts_of(&self, list: &str, member: &str, keys: [&str; 2]) -> Option<Vec<String>> {
        let name = |table: &DeTable| Some(table.get("name")?.get_ref().as_str()? == member);
        let tables = self.table.get(list)?.get_ref().as_array()?.iter().filter_map(|value| value.get_ref().as_table());
        let table = tables.into_iter().find(|table| name(table) == Some(true))?;
        let parts = keys.into_iter().filter_map(|key| {
            let value = table.get(key)?.get_ref();
            let names = value.as_array().map(|members| {
                members
                    .iter()
                    .filter_map(|member| Some(member.get_ref().as_table()?.get("name")?.get_ref().as_str()?.to_owned()))
                    .collect()
            });
            Some(names.unwrap_or_else(|| vec![key.to_owned()]))
        });
        Some(parts.flatten().collect())
    }

    fn as_section(&self, key: &str, value: Value<'d>) -> Result<Section<'d>> {
        let table = value.get_ref().as_table().ok_or_else(|| self.wrong(key, value, "a section"))?;
        let line = self.document.line(value.span().start);
        let name = match self.name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(above) => format!("[{above}.{key}]"),
            None => format!("[{key}]"),
        };
        Ok(Section::new(self.document, (name, line), table, self.keys))
    }
}

fn as_f64(value: &DeValue) -> Option<f64> {
    match value {
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix()).ok().map(|i| i as f64),
        DeValue::Float(float) => float.as_str().parse().ok(),
        DeValue::String(text) => parse_fraction(text),
        _ => None,
    }
}

/// A value for a message, on one line.
fn shown(value: &DeValue) -> String {
    match value {
        DeValue::String(text) => format!("'{}'", text.escape_debug()),
        DeValue::Integer(integer) => integer.to_string(),
        DeValue::Float(float) => float.to_string(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a section".to_owned(),
    }
}
