//! The text of a curve as rows of numbers, blocks that blank lines part, lines of comment, and names of columns.

use crate::Result;
use crate::others::recast::columns::{COMMA_INSIDE, COMMAS_ALLOWED, has_decimal_comma};

use super::at;

/// A row and its line, counted from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub line: usize,
    pub values: Vec<f64>,
}

/// A file of columns. It has at least one row, and all rows have the same length.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sheet {
    pub path: String,
    /// Whole lines of comment, without the sign.
    pub comments: Vec<(usize, String)>,
    /// A line of names that is no comment, as spreadsheets write it.
    pub names: Option<(usize, String)>,
    /// Rows between blank lines.
    pub blocks: Vec<Vec<Row>>,
}

impl Sheet {
    /// Reads a text. `#` begins a comment; blanks, commas or semicolons separate; `nan` stands for a number that is missing.
    pub(super) fn parse(path: &str, text: &str) -> Result<Sheet> {
        let mut sheet = Sheet { path: path.to_owned(), comments: Vec::new(), names: None, blocks: Vec::new() };
        let mut is_open = false;
        for (line, content) in text.lines().enumerate().map(|(i, content)| (i + 1, content.trim())) {
            let (numbers, comment) = match content.split_once('#') {
                Some((numbers, comment)) => (numbers.trim(), Some(comment)),
                None => (content, None),
            };
            if numbers.is_empty() {
                match comment {
                    Some(comment) => {
                        sheet.comments.push((line, comment.trim_start_matches('#').trim().to_owned()));
                    }
                    None => is_open = false,
                }
                continue;
            }
            if sheet.blocks.is_empty() && sheet.names.is_none() && words(numbers).all(is_name) {
                sheet.names = Some((line, numbers.to_owned()));
                continue;
            }
            let values = numbers_in(path, line, numbers)?;
            if let Some(first) = sheet.rows().next().filter(|first| first.values.len() != values.len()) {
                let bound = format!("{} as above", first.values.len());
                return Err(at(path, line, "number of columns", values.len(), bound));
            }
            if !is_open {
                sheet.blocks.push(Vec::new());
            }
            is_open = true;
            if let Some(block) = sheet.blocks.last_mut() {
                block.push(Row { line, values });
            }
        }
        if sheet.blocks.is_empty() {
            return Err(at(path, text.lines().count().max(1), "number of rows", 0, "at least 1"));
        }
        Ok(sheet)
    }

    /// All rows.
    pub(super) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.blocks.iter().flatten()
    }

    /// Number of columns, and the line of the first row.
    pub(super) fn width(&self) -> (usize, usize) {
        self.rows().next().map_or((0, 1), |row| (row.values.len(), row.line))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
}

/// Whether a word can be no number, not even a mistyped one.
fn is_name(word: &str) -> bool {
    let first = word.trim_start_matches(['"', '\'', '$', '\\', '[', '(']).chars().next();
    word.parse::<f64>().is_err() && first.is_none_or(|c| c.is_alphabetic() || "/|".contains(c))
}

/// The numbers of a row. A comma that may be a decimal one or separate is neither.
fn numbers_in(path: &str, line: usize, text: &str) -> Result<Vec<f64>> {
    if has_decimal_comma(text) {
        return Err(at(path, line, COMMA_INSIDE, format!("'{text}'"), COMMAS_ALLOWED));
    }
    let number = |(i, word): (usize, &str)| {
        let value = word.parse().ok().filter(|value: &f64| !value.is_infinite());
        value.ok_or_else(|| at(path, line, format!("column {}", i + 1), format!("'{word}'"), "a finite number"))
    };
    words(text).enumerate().map(number).collect()
}
