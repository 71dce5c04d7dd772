//! Rich text: letters with subscripts, superscripts and italics, and how wide they are.
//!
//! The markup, a small part of what physicists know from TeX and Typst:
//!
//! | markup | gives |
//! | --- | --- |
//! | `plain words` | upright text, as it stands; runs of white space count as one |
//! | `$…$` | mathematics: Latin and small Greek letters are italic, spaces vanish, `-` becomes a minus, `'` a prime |
//! | `_x`, `_{xyz}` | subscript (in mathematics) |
//! | `^x`, `^{xyz}` | superscript (in mathematics); right after a subscript it stands above it, and the other way round |
//! | `"min"` | upright letters (in mathematics), as in `$χ^2_"min"$` |
//! | a letter and U+0304 | a bar over the letter (in mathematics): `$ν̄$` |
//! | `\mu`, `\to`, … | the letter or sign that TeX has under this name (in mathematics) |
//! | `\$`, `\_`, `\"`, … | the sign itself |
//!
//! Binary signs in mathematics get thin spaces: `$B-3L_e$`. Scripts are one level deep: an inner `_` or `^` changes
//! nothing but itself. No text is an error: what is left open ends with the text.

mod html;
mod mathtext;

use crate::base::markup;

use super::font::Face;

/// Size of scripts, as a fraction of the text's.
const SCRIPT_SIZE: f64 = 0.7;
/// How far scripts stand below and above the base line, as a fraction of the text's size.
const SUBSCRIPT_DROP: f64 = 0.18;
const SUPERSCRIPT_RISE: f64 = 0.36;
/// A subscript goes lower where a superscript stands above it.
const STACKED_DROP: f64 = 0.26;
/// Puts a bar over the letter before; drawn as the sign after it.
const COMBINING_BAR: char = '\u{304}';
const BAR: char = '¯';
const THIN_SPACE: char = '\u{2009}';
const BINARY_SIGNS: &str = "+−×·±∓=≠<>≤≥≪≫≲≳~∼≈≃≡∝→←∈⊗⊕";

/// Where letters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Base,
    Sub,
    Super,
}

/// Letters of one kind.
#[derive(Debug, Clone, PartialEq)]
struct Run {
    text: String,
    italic: bool,
    level: Level,
    /// Whether it stands over the last letter of the run before.
    over: bool,
}

/// A parsed text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rich {
    runs: Vec<Run>,
}

/// A run in its place, in units of the font size.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) face: Face,
    /// Font size.
    pub(super) size: f64,
    /// Left end and base line (downwards), from the text's origin.
    pub(super) at: [f64; 2],
    /// The same, from where the piece before it ended.
    pub(super) shift: [f64; 2],
}

impl Rich {
    /// Reads the markup described at the head of this module.
    pub fn parse(markup: &str) -> Rich {
        Parser::default().read(markup)
    }

    /// Text without markup: every sign stands for itself.
    pub fn plain(text: &str) -> Rich {
        let mut parser = Parser::default();
        text.chars().for_each(|sign| parser.push_upright(sign));
        parser.finish()
    }

    /// The letters alone.
    pub fn letters(&self) -> String {
        self.runs.iter().map(|run| run.text.as_str()).collect()
    }

    /// Whether there is nothing to see.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The width at a font size.
    pub fn width(&self, size: f64, bold: bool) -> f64 {
        size * self
            .pieces(bold)
            .iter()
            .map(|piece| piece.at[0] + piece.size * piece.face.width(piece.text))
            .fold(0.0, f64::max)
    }

    /// The largest size up to `size` at which the text is at most `width` wide.
    pub(crate) fn size_to_fit(&self, size: f64, bold: bool, width: f64) -> f64 {
        let natural = self.width(size, bold);
        if natural > width { size * (width / natural).max(0.0) } else { size }
    }

    /// The runs in their places.
    pub(super) fn pieces(&self, bold: bool) -> Vec<Piece<'_>> {
        let mut pieces = Vec::with_capacity(self.runs.len());
        // The pen after the run before, the right end of all so far, and where the current stack of scripts began.
        let (mut pen, mut end, mut stack) = ([0.0, 0.0], 0.0_f64, 0.0);
        for (k, run) in self.runs.iter().enumerate() {
            let before = k.checked_sub(1).map_or(Level::Base, |k| self.runs[k].level);
            let is_script = run.level != Level::Base;
            if is_script && before == Level::Base {
                stack = end;
            }
            let is_stacked = is_script && before != Level::Base && before != run.level;
            let left = if is_stacked {
                stack
            } else if is_script && before == run.level && !self.runs[k - 1].over {
                pen[0]
            } else {
                end
            };
            let face = match (bold, run.italic) {
                (true, _) => Face::Bold,
                (false, true) => Face::Italic,
                (false, false) => Face::Regular,
            };
            let size = if is_script { SCRIPT_SIZE } else { 1.0 };
            let width = size * face.width(&run.text);
            // A bar is centred over the letter that ends where the pen is.
            let left = match run.over.then(|| self.runs[k - 1].text.chars().last()).flatten() {
                Some(letter) => pen[0] - 0.5 * (size * face.width(letter.encode_utf8(&mut [0; 4])) + width),
                None => left,
            };
            let at = [left, self.base_line(k)];
            pieces.push(Piece { text: &run.text, face, size, at, shift: [at[0] - pen[0], at[1] - pen[1]] });
            pen = [at[0] + width, at[1]];
            end = end.max(pen[0]);
        }
        pieces
    }

    fn base_line(&self, k: usize) -> f64 {
        match self.runs[k].level {
            Level::Base => 0.0,
            Level::Super => -SUPERSCRIPT_RISE,
            Level::Sub => {
                let scripts = |run: &&Run| run.level != Level::Base;
                let is_super = |run: &Run| run.level == Level::Super;
                let is_stacked = self.runs[k..].iter().take_while(scripts).any(is_super)
                    || self.runs[..k].iter().rev().take_while(scripts).any(is_super);
                if is_stacked { STACKED_DROP } else { SUBSCRIPT_DROP }
            }
        }
    }
}

/// Collects runs while the markup is read.
struct Parser {
    runs: Vec<Run>,
    in_math: bool,
    in_quotes: bool,
    in_braces: bool,
    level: Level,
}

impl Default for Parser {
    fn default() -> Self {
        Parser { runs: Vec::new(), in_math: false, in_quotes: false, in_braces: false, level: Level::Base }
    }
}

impl Parser {
    fn read(mut self, markup: &str) -> Rich {
        let mut signs = markup.chars().peekable();
        while let Some(sign) = signs.next() {
            match sign {
                '\\' if self.in_math && !self.in_quotes && signs.peek().is_some_and(char::is_ascii_alphabetic) => {
                    let name: String = std::iter::from_fn(|| signs.next_if(char::is_ascii_alphabetic)).collect();
                    match markup::sign(&name) {
                        Some(sign) => self.push_math(sign),
                        // Seen as it was written, backslash and all.
                        None => format!("\\{name}").chars().for_each(|sign| self.push_upright(sign)),
                    }
                }
                '\\' => {
                    if let Some(sign) = signs.next() {
                        self.push_upright(sign);
                    }
                }
                '$' => {
                    self.in_math = !self.in_math;
                    (self.in_quotes, self.in_braces, self.level) = (false, false, Level::Base);
                    continue;
                }
                '"' if self.in_math => {
                    self.in_quotes = !self.in_quotes;
                    if self.in_quotes {
                        continue;
                    }
                }
                sign if self.in_quotes || !self.in_math => self.push_upright(sign),
                '_' | '^' => {
                    self.level = if sign == '_' { Level::Sub } else { Level::Super };
                    self.in_braces = signs.next_if_eq(&'{').is_some();
                    continue;
                }
                '{' => continue,
                '}' => self.in_braces = false,
                sign => self.push_math(sign),
            }
            // A script without braces is one sign, or one text in quotes.
            if !self.in_braces && !self.in_quotes {
                self.level = Level::Base;
            }
        }
        self.finish()
    }

    fn push_math(&mut self, sign: char) {
        let sign = match sign {
            '-' => '−',
            '\'' => '′',
            '*' => '·',
            sign => sign,
        };
        if sign.is_whitespace() || sign.is_control() {
            return;
        }
        if sign == COMBINING_BAR {
            if let Some(Run { italic, level, .. }) = self.runs.last().cloned() {
                self.runs.push(Run { text: BAR.to_string(), italic, level, over: true });
            }
            return;
        }
        let is_binary = BINARY_SIGNS.contains(sign) && self.level == Level::Base && self.has_operand();
        let is_variable = sign.is_ascii_alphabetic() || ('α'..='ω').contains(&sign) || "ϑϕϵ".contains(sign);
        if is_binary {
            self.push(THIN_SPACE, false);
        }
        self.push(sign, is_variable);
        if is_binary {
            self.push(THIN_SPACE, false);
        }
    }

    /// Whether the sign before could be the left side of a binary sign.
    fn has_operand(&self) -> bool {
        let last = self.runs.last().and_then(|run| run.text.chars().last());
        last.is_some_and(|last| !last.is_whitespace() && !"([{/".contains(last))
    }

    fn push_upright(&mut self, sign: char) {
        if sign.is_whitespace() && sign != THIN_SPACE && sign != '\u{a0}' {
            // One space for many, none at the beginning.
            if self.runs.last().is_some_and(|run| !run.text.ends_with(' ')) {
                self.push(' ', false);
            }
        } else if !sign.is_control() {
            self.push(sign, false);
        }
    }

    fn push(&mut self, sign: char, italic: bool) {
        match self.runs.last_mut() {
            Some(run) if run.italic == italic && run.level == self.level && !run.over => run.text.push(sign),
            _ => self.runs.push(Run { text: sign.to_string(), italic, level: self.level, over: false }),
        }
    }

    fn finish(mut self) -> Rich {
        // No space at the end.
        if let Some(run) = self.runs.last_mut() {
            run.text.truncate(run.text.trim_end_matches(' ').len());
        }
        self.runs.retain(|run| !run.text.is_empty());
        Rich { runs: self.runs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The runs in short: subscripts after `_`, superscripts after `^`, italics in `*`.
    fn runs(markup: &str) -> String {
        let show = |run: &Run| {
            let level = match run.level {
                Level::Base => "",
                Level::Sub => "_",
                Level::Super => "^",
            };
            let star = if run.italic { "*" } else { "" };
            format!("[{level}{star}{}{star}]", run.text.replace(THIN_SPACE, "~"))
        };
        Rich::parse(markup).runs.iter().map(show).collect()
    }

    #[test]
    fn markup_is_read() {
        assert_eq!(runs("$B_y+L_μ+L_τ$"), "[*B*][_*y*][~+~][*L*][_*μ*][~+~][*L*][_*τ*]");
        assert_eq!(runs("$B-3L_e$"), "[*B*][~−~3][*L*][_*e*]");
        assert_eq!(runs("$M_{Z'}$ [MeV]"), "[*M*][_*Z*][_′][ [MeV]]");
        assert_eq!(runs("$|g_φ|$"), "[|][*g*][_*φ*][|]");
        assert_eq!(runs(r#"$χ^2_"min"$ = 3"#), "[*χ*][^2][_min][ = 3]");
        assert_eq!(runs("10$^{-6}$"), "[10][^−6]");
        assert_eq!(runs("$-1$ and $(-1)$"), "[−1 and (−1)]");
        assert_eq!(runs("$L_{x+y}$"), "[*L*][_*x*][_+][_*y*]");
        assert_eq!(runs("$ν\u{304}_μ$ b"), "[*ν*][*¯*][_*μ*][ b]");
        assert_eq!(runs(r"$L_\mu-L_{\tau}$, \mu"), "[*L*][_*μ*][~−~][*L*][_*τ*][, mu]");
        assert_eq!(runs(r"$Z \to \foo_1$"), "[*Z*][~→~\\foo][_1]");
    }

    #[test]
    fn plain_text_is_left_alone() {
        assert_eq!(runs("  a_b   c^d - \"e\" "), "[a_b c^d - \"e\"]");
        assert_eq!(runs(r"5\$ \\ \_"), r"[5$ \ _]");
        assert_eq!(Rich::plain("$a_b$").letters(), "$a_b$");
        assert!(Rich::parse("").is_empty() && Rich::parse(" ").is_empty() && Rich::parse("$$").is_empty());
    }

    #[test]
    fn what_is_left_open_ends_with_the_text() {
        for markup in ["$a_{b", "$", "$a_", "\\", "$\"a", "$a^{b_{c}", "}{", "$a}}{{$", "\u{0}\u{7}"] {
            let rich = Rich::parse(markup);
            assert!(rich.width(8.0, false).is_finite(), "{markup}");
        }
        assert_eq!(runs("$a_{b"), "[*a*][_*b*]");
    }

    #[test]
    fn scripts_are_stacked_and_widths_add_up() {
        let width = |markup: &str| Rich::parse(markup).width(10.0, false);
        assert!((width("ab") - 10.0 * Face::Regular.width("ab")).abs() < 1e-12);
        assert!((width("$a_b$") - 10.0 * (Face::Italic.width("a") + 0.7 * Face::Italic.width("b"))).abs() < 1e-12);
        // The wider one of two stacked scripts counts, and what follows starts behind it.
        assert!((width(r#"$χ^2_"min"$"#) - width(r#"$χ_"min"$"#)).abs() < 1e-12);
        assert!((width(r#"$χ^2_"min"a$"#) - width(r#"$χ_"min"a$"#)).abs() < 1e-12);
        assert!((width(r#"$χ_"min"^2 a$"#) - width(r#"$χ_"min"a$"#)).abs() < 1e-12);
        let rich = Rich::parse(r#"$χ_"min"^2 a$"#);
        let pieces = rich.pieces(false);
        let total: f64 = pieces.iter().map(|piece| piece.shift[1]).sum();
        assert!(total.abs() < 1e-12, "the last letter is back on the base line");
        assert!(pieces[2].shift[0] < 0.0, "the superscript stands above the subscript");
    }

    #[test]
    fn bars_stand_over_their_letter() {
        let rich = Rich::parse("$ν\u{304}_μ$");
        let pieces = rich.pieces(false);
        let middle = |k: usize| pieces[k].at[0] + 0.5 * pieces[k].face.width(pieces[k].text);
        assert!((middle(1) - middle(0)).abs() < 1e-12);
        assert_eq!(rich.width(1.0, false), Rich::parse("$ν_μ$").width(1.0, false));
        assert_eq!(Rich::parse("$\u{304}$"), Rich::default());
    }

    #[test]
    fn texts_are_shrunk_to_fit() {
        let rich = Rich::parse("a rather long title");
        let size = rich.size_to_fit(10.0, true, 40.0);
        assert!((rich.width(size, true) - 40.0).abs() < 1e-9);
        assert_eq!(rich.size_to_fit(10.0, true, 400.0), 10.0);
    }
}
