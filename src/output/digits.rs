//! Numbers and words in CSV and tables.

use std::borrow::Cow;

use crate::base::grid::rounded;

/// All digits; empty where it is not finite.
pub(super) fn number(value: f64) -> String {
    let is_short = value == 0.0 || (1e-4..1e7).contains(&value.abs());
    match value.is_finite() {
        true if is_short => value.to_string(),
        true => format!("{value:e}"),
        false => String::new(),
    }
}

/// With six digits, for tables.
pub(super) fn short(value: f64) -> f64 {
    rounded(value, 6)
}

/// A number with so many significant digits and no power of ten.
pub fn significant(value: f64, digits: usize) -> String {
    let before_point = if value == 0.0 { 1 } else { value.abs().log10().floor() as i32 + 1 };
    format!("{value:.*}", (digits as i32 - before_point).max(0) as usize)
}

/// Words, in quotes where a comma or a line would part them.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    match text.contains([',', '"', '\n', '\r']) {
        true => Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))),
        false => Cow::Borrowed(text),
    }
}
