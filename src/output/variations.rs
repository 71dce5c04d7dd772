//! Bounds under variations of a dataset, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::{Bound, Level, Regime, published};
use crate::base::constants::GEV_IN_MEV;

/// One entry of `limits --variations --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VariationRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the unvaried datasets joined by `+`.
    pub data: String,
    /// `confidence`, `dof`, `delta_chi2` and `minimum` of the bounds.
    #[serde(flatten)]
    pub level: Level,
    /// Name of the varied dataset; `nominal` for none.
    pub variation: String,
    /// What is varied.
    pub description: String,
    /// g at 0.1 MeV.
    pub low: VariedBound,
    /// g/M [GeV^-1] at 100 GeV.
    pub high: VariedBound,
}

/// A bound and its distance from the nominal one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[non_exhaustive]
pub struct VariedBound {
    /// The bound, `null` where there is none.
    pub bound: Option<f64>,
    /// 100 ln(bound/nominal).
    pub change_percent: Option<f64>,
}

impl VariationRecord {
    /// The record of one variation; `nominal` is that of the unvaried datasets, none for itself.
    pub fn new(
        (model, data): (&str, &str),
        level: Level,
        (variation, description): (&str, &str),
        (low, high): (&Bound, &Bound),
        nominal: Option<&VariationRecord>,
    ) -> VariationRecord {
        let varied = |regime: Regime, bound: &Bound, unit: f64, nominal: Option<f64>| {
            // The edge that table 2 quotes, of all variations alike.
            let edge = published(model, data, regime).map_or(1, |row| row.edge);
            let bound = bound.edge(edge).ok().map(|coupling| coupling * unit);
            VariedBound { bound, change_percent: bound.zip(nominal).map(|(ours, theirs)| 100.0 * (ours / theirs).ln()) }
        };
        VariationRecord {
            model: model.to_owned(),
            data: data.to_owned(),
            level,
            variation: variation.to_owned(),
            description: description.to_owned(),
            low: varied(Regime::Low, low, 1.0, nominal.and_then(|nominal| nominal.low.bound)),
            high: varied(
                Regime::High,
                high,
                GEV_IN_MEV / high.mass_mev,
                nominal.and_then(|nominal| nominal.high.bound),
            ),
        }
    }
}

/// A table for people.
pub fn variations_table(records: &[VariationRecord]) -> String {
    let width = |names: &dyn Fn(&VariationRecord) -> usize, at_least: usize| {
        records.iter().map(|record| names(record) + 1).max().unwrap_or(0).max(at_least)
    };
    let (models, data) = (width(&|r| r.model.chars().count(), 13), width(&|r| r.data.chars().count(), 9));
    let variations = width(&|r| r.variation.chars().count(), 10);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{:<models$}{:<data$}{:<variations$}{:>13}{:>10}{:>22}{:>10}",
        "model", "data", "variation", "low mass: g", "change", "high: g/M [1/GeV]", "change"
    );
    for record in records {
        let bound = |bound: Option<f64>| bound.map_or("-".to_owned(), |bound| format!("{bound:.3e}"));
        let change = |percent: Option<f64>| percent.map_or(String::new(), |percent| format!("{percent:+.1} %"));
        let line = format!(
            "{:<models$}{:<data$}{:<variations$}{:>13}{:>10}{:>22}{:>10}",
            record.model,
            record.data,
            record.variation,
            bound(record.low.bound),
            change(record.low.change_percent),
            bound(record.high.bound),
            change(record.high.change_percent),
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Rows `model,data,variation,low,low_change_percent,high_per_gev,high_change_percent`; what is missing is empty.
pub fn variations_csv(records: &[VariationRecord]) -> String {
    let mut text = String::from("model,data,variation,low,low_change_percent,high_per_gev,high_change_percent\n");
    for record in records {
        let cell = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{}",
            record.model,
            record.data,
            record.variation,
            cell(record.low.bound),
            cell(record.low.change_percent),
            cell(record.high.bound),
            cell(record.high.change_percent)
        );
    }
    text
}
