//! The project's own text tables: one format, written and read here.
//!
//! ```text
//! # title: what the table is
//! # source: publication and released file
//! # note: any number of remarks, one a line
//! # time_edges_us: 0 0.125 0.25        (attributes: named lists of numbers; none in most tables)
//! # columns: lo hi t0 t1
//! # units: PE PE events events
//! # rows: 2
//! 0 8 3 1
//! 8 12 0 2.5
//! ```
//!
//! The header lines stand in this order, and rows are all that follows them. The header states the number of rows and
//! the last line ends with a newline, so a file that was cut or edited does not pass for a shorter one. Numbers are
//! finite and in the shortest form that reads back to the same f64.

mod binned;

pub use binned::{BinnedTable, BinnedUnits, TIME_EDGES};

use std::fmt;

use crate::{Error, Result};

/// Keys of the header that an attribute may not take.
const RESERVED_KEYS: [&str; 6] = ["title", "source", "note", "columns", "units", "rows"];

/// A table of finite numbers with its header; valid by construction, so that writing cannot fail.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    about: About,
    attributes: Vec<Attribute>,
    columns: Vec<Column>,
    rows: Vec<Vec<f64>>,
}

/// What a table is and where it comes from; every text is one line without blanks at its ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// What the table is.
    pub title: String,
    /// Publication and released file.
    pub source: String,
    /// Remarks: what was done to the released numbers, how to use them.
    pub notes: Vec<String>,
}

/// A named list of numbers in the header.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// Name: letters, digits and underscores, the unit at its end.
    pub name: String,
    /// At least one number, all finite.
    pub values: Vec<f64>,
}

/// A column's name and unit, both without blanks. A pure number has the unit "1".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: String,
    /// Unit.
    pub unit: String,
}

impl Column {
    /// A column.
    pub fn new(name: impl Into<String>, unit: impl Into<String>) -> Column {
        Column { name: name.into(), unit: unit.into() }
    }
}

impl Table {
    /// A table of `rows[row][column]`.
    ///
    /// # Errors
    /// Header texts, names or units that do not fit on their line; no rows; rows that are not as long as `columns`;
    /// numbers that are not finite.
    pub fn new(about: About, attributes: Vec<Attribute>, columns: Vec<Column>, rows: Vec<Vec<f64>>) -> Result<Table> {
        for text in [&about.title, &about.source].into_iter().chain(&about.notes) {
            if !is_header_text(text) {
                return Err(Error::out_of_range("header text", excerpt(text), HEADER_TEXT_BOUND));
            }
        }
        for (i, Attribute { name, values }) in attributes.iter().enumerate() {
            let repeated = attributes.iter().take(i).any(|earlier| earlier.name == *name);
            if !is_attribute_name(name) || repeated {
                return Err(Error::out_of_range("name of a table's attribute", excerpt(name), ATTRIBUTE_NAME_BOUND));
            }
            if values.is_empty() || !values.iter().all(|value| value.is_finite()) {
                return Err(Error::out_of_range(format!("attribute '{name}'"), format!("{values:?}"), NUMBERS_BOUND));
            }
        }
        if columns.is_empty() || rows.is_empty() {
            let size = format!("{} rows of {} columns", rows.len(), columns.len());
            return Err(Error::out_of_range("size of a table", size, "at least 1 row and 1 column"));
        }
        if let Some(word) = columns.iter().flat_map(|column| [&column.name, &column.unit]).find(|word| !is_word(word)) {
            return Err(Error::out_of_range("column name or unit", excerpt(word), "one word"));
        }
        for row in &rows {
            if row.len() != columns.len() || !row.iter().all(|value| value.is_finite()) {
                let bound = format!("{} finite numbers", columns.len());
                return Err(Error::out_of_range("row of a table", format!("{row:?}"), bound));
            }
        }
        Ok(Table { about, attributes, columns, rows })
    }

    /// The table in `text`, with exactly the columns `(name, unit)` that are expected, and no attributes.
    ///
    /// `path` only stands in messages.
    ///
    /// # Errors
    /// [`Error::InFile`] with the line of whatever is not as the format says.
    pub fn parse(path: &str, text: &str, columns: &[(&str, &str)]) -> Result<Table> {
        let table = Table::parse_any(path, text)?;
        if let Some(attribute) = table.attributes.first() {
            let line = table.columns_line() - table.attributes.len();
            return Err(in_file(path, line, "header line", &attribute.name, "absent from this table"));
        }
        table.require_columns(path, columns)?;
        Ok(table)
    }

    /// The table in `text`, whatever its columns and attributes.
    ///
    /// # Errors
    /// [`Error::InFile`] as [`Table::parse`].
    pub fn parse_any(path: &str, text: &str) -> Result<Table> {
        let mut reader = Reader { path, lines: text.lines().collect(), next: 0 };
        let title = reader.header_text("title")?;
        let source = reader.header_text("source")?;
        let mut notes = Vec::new();
        while reader.peek_key() == Some("note") {
            notes.push(reader.header_text("note")?);
        }
        let mut attributes: Vec<Attribute> = Vec::new();
        while let Some(key) = reader.peek_key().filter(|key| *key != "columns") {
            if !is_attribute_name(key) || attributes.iter().any(|earlier| earlier.name == key) {
                return Err(reader.here("header line", key, "'columns', or the new name of an attribute"));
            }
            let values = reader.numbers(reader.header_value(key)?, key, None)?;
            attributes.push(Attribute { name: key.to_owned(), values });
            reader.next += 1;
        }
        let names = reader.header_words("columns", None)?;
        let units = reader.header_words("units", Some(names.len()))?;
        let row_count = reader.header_value("rows")?;
        let Some(row_count) = row_count.parse::<usize>().ok().filter(|count| *count > 0) else {
            return Err(reader.here("number of rows", row_count, "a whole number, at least 1"));
        };
        reader.next += 1;
        let mut rows = Vec::new();
        while let Some(line) = reader.lines.get(reader.next) {
            if rows.len() == row_count {
                return Err(reader.here("text after the last row", line, "absent: the header states the rows"));
            }
            rows.push(reader.numbers(line, "row", Some(names.len()))?);
            reader.next += 1;
        }
        if rows.len() < row_count {
            let bound = format!("{row_count}, as the header states");
            return Err(reader.here("number of rows", &rows.len().to_string(), &bound));
        }
        if !text.ends_with('\n') {
            reader.next -= 1;
            return Err(reader.here("end of the file", "inside a line", "a newline (the file may have been cut)"));
        }
        let columns = names.into_iter().zip(units).map(|(name, unit)| Column::new(name, unit)).collect();
        Ok(Table { about: About { title, source, notes }, attributes, columns, rows })
    }

    /// What the table is and where it comes from.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// Named lists of numbers of the header.
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// Columns, in order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Numbers, `[row][column]`, at least one of each.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// One column's numbers, from the top; empty where there is no such column.
    pub fn column(&self, index: usize) -> Vec<f64> {
        self.rows.iter().filter_map(|row| row.get(index).copied()).collect()
    }

    /// The line of the file, counted from 1, on which row `index` stands: for messages about its content.
    pub(crate) fn row_line(&self, index: usize) -> usize {
        self.columns_line() + 3 + index
    }

    /// The line of the file on which the columns are named; units and rows follow it, attributes precede it.
    fn columns_line(&self) -> usize {
        3 + self.about.notes.len() + self.attributes.len()
    }

    /// Refuses a table whose columns have other names or units.
    fn require_columns(&self, path: &str, expected: &[(&str, &str)]) -> Result<()> {
        let line = self.columns_line();
        let compare = |line, quantity: &str, found: Vec<&str>, expected: Vec<&str>| {
            if found == expected {
                return Ok(());
            }
            Err(in_file(path, line, quantity, &found.join(" "), &format!("'{}'", expected.join(" "))))
        };
        let (names, units) = expected.iter().copied().unzip();
        compare(line, "columns", self.columns.iter().map(|column| column.name.as_str()).collect(), names)?;
        compare(line + 1, "units", self.columns.iter().map(|column| column.unit.as_str()).collect(), units)
    }
}

/// Writes the table as a file holds it.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let About { title, source, notes } = &self.about;
        writeln!(f, "# title: {title}\n# source: {source}")?;
        notes.iter().try_for_each(|note| writeln!(f, "# note: {note}"))?;
        for Attribute { name, values } in &self.attributes {
            writeln!(f, "# {name}: {}", join_numbers(values))?;
        }
        let joined = |part: fn(&Column) -> &str| self.columns.iter().map(part).collect::<Vec<_>>().join(" ");
        writeln!(f, "# columns: {}", joined(|column| &column.name))?;
        writeln!(f, "# units: {}", joined(|column| &column.unit))?;
        writeln!(f, "# rows: {}", self.rows.len())?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{}", join_numbers(row)))
    }
}

/// The lines of a file and the place in them.
struct Reader<'a> {
    path: &'a str,
    lines: Vec<&'a str>,
    next: usize,
}

impl<'a> Reader<'a> {
    /// An error about the line that is next.
    fn here(&self, quantity: &str, value: &str, bound: &str) -> Error {
        in_file(self.path, self.next + 1, quantity, value, bound)
    }

    /// Key of the next line, if it is a header line.
    fn peek_key(&self) -> Option<&'a str> {
        Some(self.lines.get(self.next)?.strip_prefix("# ")?.split_once(": ")?.0)
    }

    /// Value of the next line, which must be the header's `key`; does not move on.
    fn header_value(&self, key: &str) -> Result<&'a str> {
        let line = self.lines.get(self.next).copied();
        let value = line.and_then(|line| line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": "));
        value.ok_or_else(|| self.here("header line", line.unwrap_or("missing"), &format!("'# {key}: ...'")))
    }

    fn header_text(&mut self, key: &str) -> Result<String> {
        let value = self.header_value(key)?;
        if !is_header_text(value) {
            return Err(self.here(key, value, HEADER_TEXT_BOUND));
        }
        self.next += 1;
        Ok(value.to_owned())
    }

    fn header_words(&mut self, key: &str, count: Option<usize>) -> Result<Vec<String>> {
        let words: Vec<String> = self.header_value(key)?.split_whitespace().map(str::to_owned).collect();
        let (quantity, found) = (format!("number of {key}"), words.len().to_string());
        match count {
            Some(count) if words.len() != count => Err(self.here(&quantity, &found, &format!("{count}, one a column"))),
            _ if words.is_empty() => Err(self.here(&quantity, &found, "at least 1")),
            _ => {
                self.next += 1;
                Ok(words)
            }
        }
    }

    /// The numbers in `text`, part of the next line; does not move on.
    fn numbers(&self, text: &str, quantity: &str, count: Option<usize>) -> Result<Vec<f64>> {
        let numbers: Vec<f64> = text
            .split_whitespace()
            .enumerate()
            .map(|(i, word)| match word.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(number),
                _ => Err(self.here(&format!("{quantity}, number {}", i + 1), word, "a finite number")),
            })
            .collect::<Result<_>>()?;
        let (length, found) = (format!("length of {quantity}"), numbers.len().to_string());
        match count {
            Some(count) if numbers.len() != count => Err(self.here(&length, &found, &format!("{count} numbers"))),
            _ if numbers.is_empty() => Err(self.here(&length, &found, "at least 1 number")),
            _ => Ok(numbers),
        }
    }
}

const HEADER_TEXT_BOUND: &str = "one line of text, without control characters or blanks at its ends";
const ATTRIBUTE_NAME_BOUND: &str = "letters, digits and underscores, not a key of the header, and given once";
const NUMBERS_BOUND: &str = "at least one number, all finite";

fn is_header_text(text: &str) -> bool {
    !text.is_empty() && text.trim() == text && !text.contains(char::is_control)
}

fn is_attribute_name(name: &str) -> bool {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.is_empty() && name.bytes().all(valid) && !RESERVED_KEYS.contains(&name)
}

fn is_word(word: &str) -> bool {
    !word.is_empty() && !word.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// An [`Error::InFile`]; the value is shortened and shown without control characters.
pub(super) fn in_file(path: &str, line: usize, quantity: &str, value: &str, bound: &str) -> Error {
    Error::InFile {
        path: path.to_owned(),
        line,
        quantity: quantity.to_owned(),
        value: excerpt(value),
        bound: bound.to_owned(),
    }
}

/// Short enough for a message, in quotes unless it is a number.
fn excerpt(text: &str) -> String {
    const LONGEST: usize = 60;
    let shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    let dots = if text.chars().nth(LONGEST).is_some() { "..." } else { "" };
    if shown.parse::<f64>().is_ok() { format!("{shown}{dots}") } else { format!("'{shown}{dots}'") }
}

fn join_numbers(values: &[f64]) -> String {
    values.iter().copied().map(format_number).collect::<Vec<_>>().join(" ")
}

/// The shortest form that reads back to the same f64, with an exponent where the plain form would be long.
pub(super) fn format_number(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) { format!("{value:e}") } else { format!("{value}") }
}

#[cfg(test)]
mod tests;
