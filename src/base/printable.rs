//! Words that come from anywhere - arguments, files, paths, the system - made fit for a terminal: no character of theirs
//! moves the cursor, begins a line or turns the reading direction, and none is longer than a reader follows.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// Most characters of one thing in a message: a name, a value, a path.
const LONGEST: usize = 400;
/// What is left of one that is longer, before and after the gap.
const KEPT: (usize, usize) = (280, 80);

/// Whether a terminal would act on it instead of showing it: control characters, separators of lines and paragraphs, and
/// marks of the reading direction.
pub fn acts_on_terminal(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What a label, a name or a reference must be.
pub const ONE_LINE: &str = "one line without control characters";

/// Passes text on with every character escaped that a terminal would act on, as JSON writes it (`\n`, `\u001b`), so that
/// JSON stays JSON.
pub struct OneLine<'a, W: Write + ?Sized>(pub &'a mut W);

impl<W: Write + ?Sized> Write for OneLine<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(acts_on_terminal) {
            self.0.write_str(&rest[..at])?;
            let Some(sign) = rest[at..].chars().next() else { break };
            match sign {
                '\n' => self.0.write_str("\\n")?,
                '\r' => self.0.write_str("\\r")?,
                '\t' => self.0.write_str("\\t")?,
                sign => write!(self.0, "\\u{:04x}", u32::from(sign))?,
            }
            rest = &rest[at + sign.len_utf8()..];
        }
        self.0.write_str(rest)
    }
}

/// A text on one line.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.contains(acts_on_terminal) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len() + 16);
    // Writing to a text never fails.
    let _ = OneLine(&mut line).write_str(text);
    Cow::Owned(line)
}

/// A text whose lines stay lines.
pub fn lines(text: &str) -> Cow<'_, str> {
    if !text.contains(|sign| sign != '\n' && acts_on_terminal(sign)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split('\n').map(one_line).collect::<Vec<_>>().join("\n"))
}

/// One thing in a message: what is too long loses its middle, and says how long it is.
pub struct Short<T>(pub T);

impl<T: AsRef<str>> fmt::Display for Short<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.as_ref();
        // No text has more characters than bytes.
        if text.len() <= LONGEST || text.chars().nth(LONGEST).is_none() {
            return f.write_str(text);
        }
        let head = text.char_indices().nth(KEPT.0).map_or(text, |(at, _)| &text[..at]);
        let tail = text.char_indices().nth_back(KEPT.1 - 1).map_or("", |(at, _)| &text[at..]);
        write!(f, "{head}...{tail} ({} characters)", text.chars().count())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_is_left() {
        let wild = "a\u{1b}[2Jb\nc\r\td\u{9b}\u{2028}\u{202e}\u{7f}é√";
        assert_eq!(one_line(wild), "a\\u001b[2Jb\\nc\\r\\td\\u009b\\u2028\\u202e\\u007fé√");
        assert_eq!(lines("a\n\u{7}b\n"), "a\n\\u0007b\n");
        assert!(matches!(lines("a\nb\n"), Cow::Borrowed(_)));
        for sign in (0..=0x2_ffff).filter_map(char::from_u32) {
            assert!(!one_line(&sign.to_string()).contains(acts_on_terminal), "{sign:?}");
        }
    }

    #[test]
    fn what_is_long_loses_its_middle() {
        assert_eq!(Short("é".repeat(LONGEST)).to_string(), "é".repeat(LONGEST));
        let long = Short(format!("<{}>", "é".repeat(700_000))).to_string();
        assert!(long.starts_with("<é") && long.ends_with("é> (700002 characters)"), "{long}");
        assert!(long.chars().count() <= LONGEST, "{}", long.chars().count());
    }
}
