//! A line of a header cut into words, numbers, brackets and signs.

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Word(&'a str),
    Number(&'a str),
    /// What stands in brackets, and the sign that opens them.
    Brackets(char, &'a str),
    Sign(char),
}

use Token::{Brackets, Number, Sign, Word};

/// Words with their indices, numbers, brackets as a whole, and all other signs; marks of TeX are left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let length = match c {
            '[' | '(' | '{' => {
                let end = closing(rest).unwrap_or(rest.len());
                found.push(Brackets(c, &rest[c.len_utf8()..end]));
                (end + 1).min(rest.len())
            }
            // As in "x10^-4".
            'x' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
                found.push(Word(&rest[..1]));
                1
            }
            _ if c.is_alphabetic() => {
                let end = end_of_word(rest);
                found.push(Word(&rest[..end]));
                end
            }
            _ if c.is_ascii_digit() => {
                let end = end_of_number(rest);
                found.push(Number(&rest[..end]));
                end
            }
            _ => {
                match c {
                    '²' | '³' | '⁻' | '⁴' => found.push(Sign('^')),
                    _ if c.is_whitespace() || "$\\\"".contains(c) => {}
                    _ => found.push(Sign(c)),
                }
                c.len_utf8()
            }
        };
        at += length;
    }
    // Two stars are a power.
    let mut joined: Vec<Token> = Vec::new();
    for token in found {
        match (joined.last(), token) {
            (Some(Sign('*')), Sign('*')) => {
                joined.pop();
                joined.push(Sign('^'));
            }
            _ => joined.push(token),
        }
    }
    joined
}

/// Where the bracket that a text begins with ends.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '[' | '(' | '{' => depth += 1,
            ']' | ')' | '}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn end_of_word(text: &str) -> usize {
    let mut in_braces = false;
    for (at, c) in text.char_indices() {
        match c {
            '{' => in_braces = true,
            '}' => in_braces = false,
            _ if in_braces || c.is_alphabetic() || c.is_ascii_digit() || "_'′".contains(c) => {}
            // As in "e.g.".
            '.' if text[at + 1..].starts_with(char::is_alphabetic) => {}
            _ => return at,
        }
    }
    text.len()
}

fn end_of_number(text: &str) -> usize {
    let digits = |from: usize, also: &str| {
        text[from..].find(|c: char| !c.is_ascii_digit() && !also.contains(c)).map_or(text.len(), |length| from + length)
    };
    let mantissa = digits(0, ".");
    let Some(exponent) = text[mantissa..].strip_prefix(['e', 'E']) else { return mantissa };
    let sign = usize::from(exponent.starts_with(['-', '+']));
    let end = digits(mantissa + 1 + sign, "");
    if end > mantissa + 1 + sign { end } else { mantissa }
}
