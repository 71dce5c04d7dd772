//! The strict reader of released text files: rows of numbers between comments.

use std::path::Path;

use super::super::table::in_file;
use crate::base::reading::{self, Kind};
use crate::{Error, Result};

/// How far a bin centre may lie from the one expected: far below any bin's width, far above a decimal's rounding.
const CENTRE_TOLERANCE: f64 = 1e-6;

/// A released text file and the path that stands in messages about it.
pub struct ReleasedFile {
    path: String,
    text: String,
}

/// A row of `N` numbers, and its line counted from 1.
#[derive(Debug, Clone, Copy)]
pub struct Row<const N: usize> {
    /// Line in the file.
    pub line: usize,
    /// Its numbers, all finite.
    pub values: [f64; N],
}

impl ReleasedFile {
    /// Reads a file.
    ///
    /// # Errors
    /// Those of [`reading::text`].
    pub fn read(dir: &Path, name: &str) -> Result<ReleasedFile> {
        let path = dir.join(name);
        Ok(ReleasedFile::new(path.display().to_string(), reading::text(&path, Kind::Table)?))
    }

    /// A file by its text; `path` is for messages.
    pub fn new(path: String, text: String) -> ReleasedFile {
        ReleasedFile { path, text }
    }

    /// All rows, which must be `count` rows of `N` numbers. Blank lines and lines that begin with `#` are not rows.
    ///
    /// # Errors
    /// Other numbers of rows or columns, what is no finite number, a last line that does not end.
    pub fn rows<const N: usize>(&self, count: usize) -> Result<Vec<Row<N>>> {
        let mut rows = Vec::new();
        for (i, text) in self.text.lines().enumerate() {
            if text.trim().is_empty() || text.starts_with('#') {
                continue;
            }
            if rows.len() == count {
                return Err(self.refuse(i + 1, "row after the last", text, "absent"));
            }
            rows.push(self.row(i + 1, text)?);
        }
        if rows.len() != count {
            return Err(self.refuse_end("number of rows", rows.len(), &count.to_string()));
        }
        if !self.text.ends_with('\n') {
            return Err(self.refuse_end("end of the file", "inside a line", "a newline (the file may have been cut)"));
        }
        Ok(rows)
    }

    /// The row on the line that follows the comment `heading`, which must be there once.
    ///
    /// # Errors
    /// No such comment, several, or no row behind it.
    pub fn row_after<const N: usize>(&self, rows: &[Row<N>], heading: &str) -> Result<[f64; N]> {
        let places: Vec<usize> = (1..).zip(self.text.lines()).filter(|(_, l)| *l == heading).map(|(i, _)| i).collect();
        let [place] = places.as_slice() else {
            return Err(self.refuse_end("number of headings", places.len(), &format!("1 '{heading}'")));
        };
        let row = rows.iter().find(|row| row.line == place + 1);
        row.map(|row| row.values)
            .ok_or_else(|| self.refuse(place + 1, "line", "no row", "the row of the heading above"))
    }

    /// Refuses a bin centre other than the one that the release has there.
    ///
    /// # Errors
    /// Another one.
    pub(crate) fn check_centre(&self, line: usize, quantity: &str, found: f64, expected: f64) -> Result<()> {
        if (found - expected).abs() <= CENTRE_TOLERANCE {
            return Ok(());
        }
        Err(self.refuse(line, &format!("bin centre {quantity}"), found, &expected.to_string()))
    }

    /// Refuses a number below zero.
    ///
    /// # Errors
    /// Such a number.
    pub(crate) fn check_not_negative(&self, line: usize, quantity: &str, found: f64) -> Result<()> {
        if found >= 0.0 {
            return Ok(());
        }
        Err(self.refuse(line, quantity, found, "zero or positive"))
    }

    /// Refuses contents that do not add up to what the release is known to hold.
    ///
    /// # Errors
    /// Such contents.
    pub(crate) fn check_total(&self, quantity: &str, found: f64, expected: f64, tolerance: f64) -> Result<()> {
        if (found - expected).abs() <= tolerance {
            return Ok(());
        }
        let bound = match tolerance {
            0.0 => format!("{expected}"),
            _ => format!("{expected} within {tolerance}"),
        };
        Err(self.refuse_end(quantity, found, &bound))
    }

    /// An error about one line.
    pub fn refuse(&self, line: usize, quantity: &str, value: impl ToString, bound: &str) -> Error {
        in_file(&self.path, line, quantity, &value.to_string(), bound)
    }

    /// An error that shows only when the file is at its end.
    pub(crate) fn refuse_end(&self, quantity: &str, value: impl ToString, bound: &str) -> Error {
        self.refuse(self.text.lines().count().max(1), quantity, value, bound)
    }

    fn row<const N: usize>(&self, line: usize, text: &str) -> Result<Row<N>> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let words: [&str; N] = words
            .try_into()
            .map_err(|words: Vec<&str>| self.refuse(line, "number of columns", words.len(), &N.to_string()))?;
        let mut values = [0.0; N];
        for (i, (value, word)) in values.iter_mut().zip(words).enumerate() {
            *value = match word.parse() {
                Ok(number) if f64::is_finite(number) => number,
                _ => return Err(self.refuse(line, &format!("column {}", i + 1), word, "a finite number")),
            };
        }
        Ok(Row { line, values })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(text: &str) -> ReleasedFile {
        ReleasedFile { path: "r.txt".to_owned(), text: text.to_owned() }
    }

    fn refusal(text: &str) -> String {
        file(text).rows::<2>(2).unwrap_err().to_string()
    }

    #[test]
    fn rows_stand_between_comments() {
        let rows = file("# a\n\n1 2\n# b\n 3\t4e1 \n\n").rows::<2>(2).unwrap();
        assert_eq!(
            rows.iter().map(|row| (row.line, row.values)).collect::<Vec<_>>(),
            [(3, [1.0, 2.0]), (5, [3.0, 40.0])]
        );
    }

    #[test]
    fn a_refusal_names_the_line() {
        assert_eq!(refusal("1 2\n3\n"), "r.txt:2: number of columns is 1, but must be 2");
        assert_eq!(refusal("1 2 3\n3 4\n"), "r.txt:1: number of columns is 3, but must be 2");
        assert_eq!(refusal("1 2\n3 4x\n"), "r.txt:2: column 2 is '4x', but must be a finite number");
        assert_eq!(refusal("1 2\nnan 4\n"), "r.txt:2: column 1 is nan, but must be a finite number");
        assert_eq!(refusal("1 2\n3 4\n5 6\n"), "r.txt:3: row after the last is '5 6', but must be absent");
        assert_eq!(refusal("1 2\n# 3 4\n"), "r.txt:2: number of rows is 1, but must be 2");
        assert_eq!(refusal(""), "r.txt:1: number of rows is 0, but must be 2");
        assert!(refusal("1 2\n3 4").starts_with("r.txt:2: end of the file is 'inside a line', but must be a newline"));
    }

    #[test]
    fn a_heading_leads_to_its_row() {
        let found = |text| {
            let file = file(text);
            file.row_after(&file.rows::<2>(2)?, "# nominal")
        };
        assert_eq!(found("# nominal\n1 2\n# other\n3 4\n").unwrap(), [1.0, 2.0]);
        assert_eq!(found("# other\n1 2\n# nominal\n3 4\n").unwrap(), [3.0, 4.0]);
        let message = |text| found(text).unwrap_err().to_string();
        assert_eq!(
            message("# nominal\n\n1 2\n3 4\n"),
            "r.txt:2: line is 'no row', but must be the row of the heading above"
        );
        assert_eq!(message("1 2\n3 4\n"), "r.txt:2: number of headings is 0, but must be 1 '# nominal'");
        assert_eq!(
            message("# nominal\n1 2\n# nominal\n3 4\n"),
            "r.txt:4: number of headings is 2, but must be 1 '# nominal'"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn arbitrary_text_does_not_panic(text in "([0-9.# \\n]|\\PC|\\s){0,200}", count in 0..5_usize) {
            let file = file(&text);
            if let Ok(rows) = file.rows::<1>(count) {
                prop_assert_eq!(rows.len(), count);
                let _ = file.row_after(&rows, "#");
            }
        }
    }
}
