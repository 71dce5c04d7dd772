//! Small print below a figure, broken into lines.

use super::palette::GREY;
use super::svg::{Anchor, Svg, TextStyle};
use super::text::Rich;

const SIZE: f64 = 5.6;
const LEADING: f64 = 1.4;

/// A text broken into lines of a width.
#[derive(Debug)]
pub(super) struct Caption {
    lines: Vec<Rich>,
    width: f64,
}

impl Caption {
    /// Breaks a text in the markup of [`super::text`] at spaces outside of mathematics.
    pub(super) fn new(markup: &str, width: f64) -> Self {
        let mut lines: Vec<String> = Vec::new();
        for word in words(markup) {
            let longer = lines.last().map(|line| format!("{line} {word}"));
            match longer.filter(|longer| Rich::parse(longer).width(SIZE, false) <= width) {
                Some(longer) => {
                    lines.pop();
                    lines.push(longer);
                }
                None => lines.push(word),
            }
        }
        Caption { lines: lines.iter().map(|line| Rich::parse(line)).collect(), width }
    }

    pub(super) fn height(&self) -> f64 {
        SIZE * LEADING * self.lines.len() as f64
    }

    /// Draws it with its upper left corner at a place.
    pub(super) fn draw(&self, svg: &mut Svg, [x, y]: [f64; 2]) {
        for (k, line) in self.lines.iter().enumerate() {
            let base = y + SIZE * (LEADING * k as f64 + 1.0);
            // Only a single word can be too wide.
            let size = line.size_to_fit(SIZE, false, self.width);
            svg.text(line, [x, base], TextStyle { colour: GREY, ..TextStyle::new(size, Anchor::Start) });
        }
    }
}

/// The words of a text; a formula is part of a word.
fn words(markup: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let (mut in_math, mut is_escaped) = (false, false);
    for sign in markup.chars() {
        if sign == '$' && !is_escaped {
            in_math = !in_math;
        }
        is_escaped = sign == '\\' && !is_escaped;
        match words.last_mut() {
            Some(word) if in_math || !sign.is_whitespace() => word.push(sign),
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_keep_within_the_width() {
        let caption = Caption::new("one two $a + b_c$ three  four\nfive", 45.0);
        let lines: Vec<String> = caption.lines.iter().map(Rich::letters).collect();
        assert!(lines.len() > 1, "{lines:?}");
        assert!(caption.lines.iter().all(|line| line.width(SIZE, false) <= 45.0));
        assert_eq!(lines.join(" ").replace('\u{2009}', ""), "one two a+bc three four five");
        assert_eq!(Caption::new("", 45.0).height(), 0.0);
    }
}
