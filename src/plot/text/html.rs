//! Rich text as HTML.

use super::{COMBINING_BAR, Level, Rich};
use crate::plot::xml::escape;

impl Rich {
    /// The same text as HTML: letters escaped, `i`, `sub` and `sup` for the rest.
    pub fn html(&self) -> String {
        let mut html = String::new();
        for (k, run) in self.runs.iter().enumerate().filter(|(_, run)| !run.over) {
            let mut letters = escape(&run.text);
            if self.runs.get(k + 1).is_some_and(|next| next.over) {
                letters.push(COMBINING_BAR);
            }
            let letters = if run.italic { format!("<i>{letters}</i>") } else { letters };
            html += &match run.level {
                Level::Base => letters,
                Level::Sub => format!("<sub>{letters}</sub>"),
                Level::Super => format!("<sup>{letters}</sup>"),
            };
        }
        html
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_html() {
        for (markup, expected) in [
            ("a < b & \"c\"", "a &lt; b &amp; &quot;c&quot;"),
            ("$M_{Z'}$ [MeV]", "<i>M</i><sub><i>Z</i></sub><sub>′</sub> [MeV]"),
            ("$10^{-5}$", "10<sup>−5</sup>"),
            (r#"$χ^2_"min"$"#, "<i>χ</i><sup>2</sup><sub>min</sub>"),
            ("$ν\u{304}_μ$", "<i>ν\u{304}</i><sub><i>μ</i></sub>"),
        ] {
            assert_eq!(Rich::parse(markup).html(), expected, "{markup}");
        }
    }
}
