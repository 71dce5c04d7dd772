//! Bounds as tables of LaTeX: `\input` them as they are; they need no package.

use std::fmt::Write as _;

use super::expected::named;
use super::{BoundRecord, BoundsRecord, LimitsRecord};

/// Digits of a bound.
const DIGITS: usize = 3;

/// Bounds at low and at high mass: a row for each model and data. `labels` are the models' names in mathtext.
pub fn limits_latex(records: &[LimitsRecord], labels: &[(String, String)]) -> String {
    let asked = records.iter().any(|record| record.expected.is_some());
    let (columns, expected) = if asked { ("llcccc", " & expected") } else { ("llcc", "") };
    let level = records.first().map(|record| record.level.words()).unwrap_or_default();
    let mut text = format!(
        "% cevscan: bounds at {level}\n\\begin{{tabular}}{{{columns}}}\n\\hline\n\
         model & data & $g$, low mass{expected} & $g/M$ [GeV$^{{-1}}$], high mass{expected} \\\\\n\\hline\n"
    );
    for record in records {
        let data = named(&record.data, &record.expected_data);
        let _ = write!(text, "{} & {}", label(&record.model, labels), words(&data));
        let beside = record.expected.as_ref();
        for (bound, beside) in
            [(&record.low, beside.map(|expected| &expected.low)), (&record.high, beside.map(|expected| &expected.high))]
        {
            let _ = write!(text, " & {}", cell(bound.value()));
            if asked {
                let _ = write!(text, " & {}", cell(beside.and_then(BoundRecord::value)));
            }
        }
        text += " \\\\\n";
    }
    text + "\\hline\n\\end{tabular}\n"
}

/// Bounds against the mass: a table for each model, a row for each mass and a column for each list of datasets; couplings
/// that are allowed above the bound stand in parentheses.
pub fn bounds_latex(records: &[BoundsRecord], labels: &[(String, String)]) -> String {
    let mut text = String::new();
    for of_model in records.chunk_by(|a, b| a.model == b.model) {
        let Some(first) = of_model.first() else { continue };
        text += if text.is_empty() { "" } else { "\n" };
        let asked = first.bounds.iter().any(|bound| bound.expected.is_some());
        let columns = "c".repeat(1 + of_model.len() * if asked { 2 } else { 1 });
        let _ = write!(
            text,
            "% cevscan: bounds on the coupling g of {} at {}\n\\begin{{tabular}}{{{columns}}}\n\\hline\n$M$ [MeV]",
            first.model,
            first.level.words()
        );
        for record in of_model {
            let data = named(&record.data, &record.expected_data);
            let _ = write!(text, " & {} on {}", label(&record.model, labels), words(&data));
            text += if asked { " & expected" } else { "" };
        }
        text += " \\\\\n\\hline\n";
        for row in 0..first.bounds.len() {
            text += &plain(first.bounds[row].mass_mev);
            for record in of_model {
                let bound = &record.bounds[row];
                let strips = bound.strips().into_iter().map(|(from, to)| match to {
                    Some(to) => format!(" ({}--{})", math(from), math(to)),
                    None => format!(" ($\\geq$ {})", math(from)),
                });
                let _ = write!(text, " & {}{}", cell(bound.coupling), strips.collect::<String>());
                if let Some(expected) = bound.expected {
                    let _ = write!(text, " & {}", cell(expected));
                }
            }
            text += " \\\\\n";
        }
        text += "\\hline\n\\end{tabular}\n";
    }
    text
}

/// A model's name in mathematics, or as it stands.
fn label(model: &str, labels: &[(String, String)]) -> String {
    labels.iter().find(|(name, _)| name == model).map_or_else(|| words(model), |(_, label)| label.clone())
}

/// Words with LaTeX's own signs escaped.
fn words(text: &str) -> String {
    let mut escaped = String::new();
    for sign in text.chars() {
        match sign {
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '#' | '$' | '%' | '&' | '_' | '{' | '}' => {
                escaped.push('\\');
                escaped.push(sign);
            }
            sign => escaped.push(sign),
        }
    }
    escaped
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "--".to_owned(), math)
}

/// `$4.31 \times 10^{-5}$`.
fn math(value: f64) -> String {
    let text = format!("{value:.*e}", DIGITS - 1);
    match text.split_once('e') {
        Some((mantissa, "0")) => format!("${mantissa}$"),
        Some((mantissa, exponent)) => format!("${mantissa} \\times 10^{{{exponent}}}$"),
        None => text,
    }
}

/// A mass: plain where that is short.
fn plain(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    if (1e-3..1e6).contains(&rounded) { rounded.to_string() } else { math(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_are_latex() {
        assert_eq!(math(4.3149e-5), "$4.31 \\times 10^{-5}$");
        assert_eq!(math(1.0), "$1.00$");
        assert_eq!(
            (plain(0.1), plain(123.456), plain(1e7)),
            ("0.1".into(), "123.5".into(), "$1.00 \\times 10^{7}$".into())
        );
        assert_eq!(words("csi_2+50%"), "csi\\_2+50\\%");
        assert_eq!(cell(None), "--");
    }
}
