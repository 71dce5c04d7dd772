//! CLs upper limits, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::coverage::{ClsLimit, ToysRecord};
use crate::base::grid::number_text;

use super::digits::short;
use super::expected::{expected_column, expected_line};

/// `limits --method cls --format json`: one entry for each model and list of datasets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClsRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the datasets joined by `+`.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// `cls`.
    pub method: String,
    /// How the toys were made; `toys` are those without mediator.
    pub toys: ToysRecord,
    /// The masses.
    pub at: Vec<ClsLimit>,
}

/// A table for people.
pub fn cls_table(records: &[ClsRecord]) -> String {
    let mut text = String::new();
    for record in records {
        let confidence = record.at.first().map_or(f64::NAN, |limit| limit.confidence);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "{} on {}: CLs upper limits on g at {:.2} % CL, one-sided profile, seed {}",
            record.model,
            record.data,
            100.0 * confidence,
            record.toys.plan.seed
        );
        let _ = writeln!(
            text,
            "{:>12}{:>12}{:>9}{:>12}{:>24}{:>24}",
            "mass [MeV]", "observed", "toys", "expected", "68 % of experiments", "95 % of experiments"
        );
        for limit in &record.at {
            let value = |limit: Option<f64>| limit.map_or("-".to_owned(), |limit| format!("{limit:.3e}"));
            let error = limit.observed_error.map_or("-".to_owned(), |error| format!("+-{:.1} %", 100.0 * error));
            let [low2, low, median, high, high2] = limit.expected.map(value);
            let _ = writeln!(
                text,
                "{:>12}{:>12}{error:>9}{median:>12}{:>24}{:>24}",
                number_text(short(limit.mass_mev)),
                value(limit.observed),
                format!("{low} to {high}"),
                format!("{low2} to {high2}")
            );
            let indent = "";
            for range in &limit.excluded {
                if let Some(to) = range.to {
                    let from = range.from;
                    let _ = writeln!(
                        text,
                        "{indent:>12}couplings from {from:.3e} to {to:.3e} are excluded too: beyond lies an allowed island"
                    );
                }
            }
            if let Some(why) = &limit.why {
                let _ = writeln!(text, "{indent:>12}no limit: {why}");
            }
            if limit.failed > 0 {
                let _ = writeln!(text, "{:>12}{} toys failed: their q counts as infinite", "", limit.failed);
            }
        }
    }
    text + &expected_line(records.first().map_or(&[], |record| &record.expected_data))
}

/// Ranges of couplings below the limit that are excluded, `FROM:TO`, blanks between them.
fn excluded_too(limit: &ClsLimit) -> String {
    let below = limit.excluded.iter().filter_map(|range| Some(format!("{:e}:{:e}", range.from, range.to?)));
    below.collect::<Vec<_>>().join(" ")
}

/// Rows `model,data,mass_mev,confidence,observed,observed_error,expected_-2,expected_-1,expected,expected_+1,expected_+2,
/// excluded_too`; what is missing is empty.
pub fn cls_csv(records: &[ClsRecord]) -> String {
    let mut text = String::from(
        "model,data,mass_mev,confidence,observed,observed_error,expected_-2,expected_-1,expected,expected_+1,expected_+2,\
         excluded_too\n",
    );
    let cell = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:e}"));
    for record in records {
        for limit in &record.at {
            let expected = limit.expected.map(cell).join(",");
            let _ = writeln!(
                text,
                "{},{},{:e},{},{},{},{expected},{}",
                record.model,
                record.data,
                limit.mass_mev,
                limit.confidence,
                cell(limit.observed),
                cell(limit.observed_error),
                excluded_too(limit)
            );
        }
    }
    expected_column(text, records.first().map_or(&[], |record| &record.expected_data))
}
