//! Text files of numbers in columns: `#` begins a comment, blanks separate.

use std::path::Path;

use crate::base::reading::{self, Kind, without_mark};
use crate::{Error, Result};

/// Units of energies.
const ENERGY_UNITS: [&str; 5] = ["eV", "keV", "MeV", "GeV", "TeV"];

/// The columns of a file with the lines in which they stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    /// For messages.
    pub path: String,
    /// Words of the first comment.
    pub header: Vec<String>,
    /// All comments and their lines.
    pub comments: Vec<(usize, String)>,
    /// The numbers of each row, all rows of one length, and its line counted from 1; at least one row.
    pub rows: Vec<(usize, Vec<f64>)>,
}

impl Columns {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::Io`], and those of [`Columns::parse`].
    pub fn read(path: &Path) -> Result<Columns> {
        let text = reading::text(path, Kind::Table)?;
        Columns::parse(&path.display().to_string(), &text)
    }

    /// The columns of a text; commas count as blanks. `path` is for messages.
    ///
    /// # Errors
    /// [`Error::InFile`] for what is no finite number, rows of unlike lengths, and no rows at all.
    pub fn parse(path: &str, text: &str) -> Result<Columns> {
        let mut columns = Columns { path: path.to_owned(), header: Vec::new(), comments: Vec::new(), rows: Vec::new() };
        let mut seen_header = false;
        for (line, content) in without_mark(text).lines().enumerate().map(|(i, content)| (i + 1, content)) {
            let (numbers, comment) = match content.split_once('#') {
                Some((numbers, comment)) => (numbers, Some(comment)),
                None => (content, None),
            };
            columns.comments.extend(comment.map(|comment| (line, comment.trim().to_owned())));
            if let Some(comment) = comment.filter(|_| !seen_header) {
                columns.header = words(comment).map(str::to_owned).collect();
                seen_header = true;
            }
            if has_decimal_comma(numbers) {
                let found = format!("'{}'", numbers.trim());
                return Err(columns.error(line, COMMA_INSIDE, &found, COMMAS_ALLOWED));
            }
            let mut row = Vec::new();
            for (i, word) in words(numbers).enumerate() {
                let value = word.parse().ok().filter(|value: &f64| value.is_finite());
                row.push(value.ok_or_else(|| {
                    columns.error(line, &format!("column {}", i + 1), format!("'{word}'"), "a finite number")
                })?);
            }
            if row.is_empty() {
                continue;
            }
            if let Some((_, first)) = columns.rows.first().filter(|(_, first)| first.len() != row.len()) {
                let bound = format!("{} as above", first.len());
                return Err(columns.error(line, "number of columns", row.len(), &bound));
            }
            columns.rows.push((line, row));
        }
        if columns.rows.is_empty() {
            return Err(columns.error(text.lines().count().max(1), "number of rows", 0, "at least 1"));
        }
        Ok(columns)
    }

    /// Number of columns.
    pub fn width(&self) -> usize {
        self.rows[0].1.len()
    }

    /// # Errors
    /// [`Error::InFile`] for another number of columns.
    pub(crate) fn require_width(&self, width: usize, form: &str) -> Result<()> {
        if self.width() == width {
            return Ok(());
        }
        Err(self.error(self.rows[0].0, "number of columns", self.width(), &format!("{width} ({form})")))
    }

    /// # Errors
    /// [`Error::InFile`] where a number of one column is not positive.
    pub(crate) fn require_positive(&self, column: usize, quantity: &str) -> Result<()> {
        match self.rows.iter().find(|(_, row)| row[column] <= 0.0) {
            Some((line, row)) => Err(self.error(*line, quantity, row[column], "positive")),
            None => Ok(()),
        }
    }

    /// Refuses comments that speak of energies in another unit, or of a power or logarithm of a quantity: they would be
    /// passed over.
    ///
    /// # Errors
    /// [`Error::InFile`], at the comment.
    pub(crate) fn require_energies_in(&self, unit: &str) -> Result<()> {
        for (line, comment) in &self.comments {
            let mut words = comment.split(|c: char| !(c.is_alphanumeric() || c == '^'));
            let is_other = |word: &&str| {
                let word = word.trim_start_matches(|c: char| c.is_ascii_digit());
                (ENERGY_UNITS.contains(&word) && word != unit) || word.contains('^') || word.starts_with("log")
            };
            if let Some(word) = words.find(is_other) {
                let bound = format!("without it: energies are in {unit}, numbers are taken as they stand");
                return Err(self.error(*line, "comment", format!("'{word}'"), &bound));
            }
        }
        Ok(())
    }

    /// The rows by increasing first column, equal ones in the order of the file.
    pub fn sorted(mut self) -> Columns {
        self.rows.sort_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]));
        self
    }

    /// One row for each value of the first column, by increasing value; of rows with the same the last counts.
    pub fn by_mass(self) -> impl Iterator<Item = Vec<f64>> {
        let mut rows = self.sorted().rows;
        rows.reverse();
        rows.dedup_by(|(_, a), (_, b)| a[0] == b[0]);
        rows.into_iter().rev().map(|(_, row)| row)
    }

    /// An error at a line.
    pub fn error(&self, line: usize, quantity: &str, value: impl ToString, bound: &str) -> Error {
        Error::InFile {
            path: self.path.clone(),
            line,
            quantity: quantity.to_owned(),
            value: value.to_string(),
            bound: bound.to_owned(),
        }
    }
}

/// What is wrong with a row that [`has_decimal_comma`], and what may stand there.
pub(super) const COMMA_INSIDE: &str = "row with a comma inside of a number";
pub(super) const COMMAS_ALLOWED: &str = "numbers with a decimal point, separated by blanks, or by commas alone";

/// Whether a comma in a row may be a decimal one or separate: it stands between digits, and something else separates too.
pub(super) fn has_decimal_comma(row: &str) -> bool {
    let (row, bytes) = (row.trim(), row.trim().as_bytes());
    let is_digit = |at: Option<&u8>| at.is_some_and(u8::is_ascii_digit);
    let between = |i: usize| i > 0 && is_digit(bytes.get(i - 1)) && is_digit(bytes.get(i + 1));
    (0..bytes.len()).any(|i| bytes[i] == b',' && between(i)) && row.contains(|c: char| c.is_whitespace() || c == ';')
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty())
}

/// A function of the mass (GeV) by its values in between: linear, and constant beyond the ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolation {
    masses_gev: Vec<f64>,
    values: Vec<f64>,
}

impl Interpolation {
    /// One column over the first, which holds masses; of rows with one mass the last counts.
    pub fn of(columns: &Columns, column: usize) -> Interpolation {
        let (masses_gev, values) = columns.clone().by_mass().map(|row| (row[0], row[column])).unzip();
        Interpolation { masses_gev, values }
    }

    /// The value at a mass (GeV).
    pub fn at(&self, mass_gev: f64) -> f64 {
        let above = self.masses_gev.partition_point(|known| *known < mass_gev);
        let last = self.values.len() - 1;
        if above == 0 || above > last {
            return self.values[above.min(last)];
        }
        let (left, right) = (self.masses_gev[above - 1], self.masses_gev[above]);
        let share = (mass_gev - left) / (right - left);
        self.values[above - 1] + share * (self.values[above] - self.values[above - 1])
    }
}
