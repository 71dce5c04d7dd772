//! Tables: one form from which CSV, JSON and HTML are written.

use std::fmt::Write as _;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::digits::{significant, words};

/// Numbers that are shorter without a power of ten.
const PLAIN: Range<f64> = 1e-2..1e4;

/// A table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Table {
    /// What it shows; in the markup of [`crate::plot::text`].
    pub title: String,
    /// What must be known to read it; in the same markup.
    pub note: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, a cell for each column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Name in files, with its unit: `mass_mev`.
    pub name: String,
    /// Name for people, in the markup of [`crate::plot::text`].
    pub label: String,
    /// How its numbers are shown to people; files hold them in full.
    pub form: Form,
}

/// How numbers are shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Form {
    /// In words; no numbers.
    Words,
    /// So many decimals.
    Decimals(usize),
    /// So many decimals and the sign.
    Signed(usize),
    /// In units of a power of ten, which the label names, with so many significant digits: (exponent, digits).
    InUnitsOf(i32, usize),
    /// The same with as many digits as it has.
    AsGivenInUnitsOf(i32),
    /// So many significant digits, with a power of ten where that is shorter.
    Significant(usize),
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// A number; never one that is not finite.
    Number(f64),
    /// A name in files, and for people in markup.
    Name {
        /// In files.
        name: String,
        /// For people.
        label: String,
    },
    /// Words that are the same for both.
    Words(String),
    /// Nothing.
    Missing,
}

impl Column {
    /// A column.
    pub fn new(name: &str, label: &str, form: Form) -> Column {
        Column { name: name.to_owned(), label: label.to_owned(), form }
    }
}

impl Cell {
    /// Its number, if it is one.
    pub fn value(&self) -> Option<f64> {
        if let Cell::Number(value) = self { Some(*value) } else { None }
    }

    /// What it is called for people, in markup; empty for numbers.
    pub fn label(&self) -> &str {
        match self {
            Cell::Name { label: words, .. } | Cell::Words(words) => words,
            Cell::Number(_) | Cell::Missing => "",
        }
    }

    /// A number, missing where there is none or none that is finite.
    pub fn number(value: impl Into<Option<f64>>) -> Cell {
        value.into().filter(|value| value.is_finite()).map_or(Cell::Missing, Cell::Number)
    }

    /// A name.
    pub fn name(name: &str, label: &str) -> Cell {
        Cell::Name { name: name.to_owned(), label: label.to_owned() }
    }

    /// Words.
    pub fn words(words: &str) -> Cell {
        Cell::Words(words.to_owned())
    }
}

impl Form {
    /// A number for people, in the markup of [`crate::plot::text`].
    pub fn markup(self, value: f64) -> String {
        // A minus as long as a plus.
        let minus = |text: String| text.replace('-', "−");
        match self {
            Form::Words => value.to_string(),
            Form::Decimals(decimals) => minus(format!("{value:.decimals$}")),
            Form::Signed(decimals) => minus(format!("{value:+.decimals$}")),
            Form::InUnitsOf(exponent, digits) => minus(significant(value / 10f64.powi(exponent), digits)),
            Form::AsGivenInUnitsOf(exponent) => minus(rounded(value / 10f64.powi(exponent)).to_string()),
            Form::Significant(_) if value == 0.0 => "0".to_owned(),
            Form::Significant(digits) if PLAIN.contains(&value.abs()) => minus(significant(value, digits)),
            Form::Significant(digits) => {
                let text = format!("{value:.*e}", digits.saturating_sub(1));
                match text.split_once('e') {
                    None => minus(text),
                    Some((mantissa, exponent)) => format!("{} × $10^{{{exponent}}}$", minus(mantissa.to_owned())),
                }
            }
        }
    }
}

/// Without the last digits that a division leaves.
fn rounded(value: f64) -> f64 {
    format!("{value:.9e}").parse().unwrap_or(value)
}

impl Table {
    /// The cell of a column, by its name in files.
    pub fn cell<'a>(&self, row: &'a [Cell], column: &str) -> Option<&'a Cell> {
        row.get(self.columns.iter().position(|known| known.name == column)?)
    }

    /// The table as CSV: names of columns, then rows; what is missing is empty.
    pub fn to_csv(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name.as_str()).collect();
        let mut text = names.join(",") + "\n";
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(csv_cell).collect();
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", cells.join(","));
        }
        text
    }
}

fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Number(value) => value.to_string(),
        Cell::Name { name: own, .. } | Cell::Words(own) => words(own).into_owned(),
        Cell::Missing => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csv_holds_numbers_in_full_and_quotes_words() {
        let column = |name| Column::new(name, "", Form::Decimals(1));
        let table = Table {
            columns: ["a", "b", "c"].map(column).to_vec(),
            rows: vec![
                vec![Cell::name("b-l", "$B-L$"), Cell::number(1.23456789e-5), Cell::words("x, \"y\"")],
                vec![Cell::words("z"), Cell::number(f64::NAN), Cell::number(None)],
            ],
            ..Table::default()
        };
        assert_eq!(table.to_csv(), "a,b,c\nb-l,0.0000123456789,\"x, \"\"y\"\"\"\nz,,\n");
        let text = serde_json::to_string(&table).unwrap();
        assert_eq!(serde_json::from_str::<Table>(&text).unwrap(), table);
    }

    #[test]
    fn numbers_for_people() {
        for (form, value, expected) in [
            (Form::Decimals(2), -1.2345, "−1.23"),
            (Form::Signed(1), 1.25, "+1.2"),
            (Form::InUnitsOf(-5, 3), 5.2671e-5, "5.27"),
            (Form::InUnitsOf(-3, 4), 0.78962, "789.6"),
            (Form::AsGivenInUnitsOf(-5), 10.4e-5, "10.4"),
            (Form::Significant(3), 5.2671e-5, "5.27 × $10^{-5}$"),
            (Form::Significant(2), 0.0, "0"),
            (Form::Significant(3), 1.5, "1.50"),
            (Form::Significant(3), -173.9, "−174"),
            (Form::Significant(3), 0.012345, "0.0123"),
        ] {
            assert_eq!(form.markup(value), expected);
        }
    }
}
