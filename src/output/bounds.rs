//! Bounds against the mass, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::{BestFit, Bound, Level};

use super::coverage_use::CoverageUse;
use super::digits::number;
use super::expected::{expected_column, expected_line};

/// `limits --mass --format json`: one model on some datasets.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BoundsRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the datasets joined by `+`.
    pub data: String,
    /// `confidence`, `dof`, `delta_chi2`, and `minimum`, from which chi2 rises by that.
    #[serde(flatten)]
    pub level: Level,
    /// Smallest chi2 over masses from 0.1 MeV to 100 GeV and all couplings.
    pub chi2_min: f64,
    /// Mass (MeV) and coupling at which it is.
    pub best_fit: BestFitPlace,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// The bounds, with growing mass.
    pub bounds: Vec<MassBoundRecord>,
    /// Where the critical values of bounds with coverage are from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical_values: Option<CoverageUse>,
}

/// Where the best fit is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BestFitPlace {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
}

/// The bound at a mass.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MassBoundRecord {
    /// The mass (MeV).
    pub mass_mev: f64,
    /// The coupling up to which all are allowed, from 0; `null` where there is none.
    pub coupling: Option<f64>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// All crossings of the level with growing coupling, and their direction.
    pub crossings: Vec<(f64, &'static str)>,
    /// chi2 at the crossings.
    pub level: f64,
    /// The bound from the Standard Model's expectation in place of the data, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Option<f64>>,
    /// The bound with coverage, where critical values were given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_coverage: Option<Option<f64>>,
    /// The critical value there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub critical: Option<f64>,
}

impl BoundsRecord {
    /// The record of a model's bounds on some data; `expected` are those from the Standard Model's expectation.
    pub fn new(
        (model, data): (&str, &str),
        level: Level,
        best_fit: BestFit,
        bounds: &[Bound],
        expected: Option<&[Bound]>,
    ) -> BoundsRecord {
        let bound = |(index, bound): (usize, &Bound)| {
            let edge = bound.edge(1);
            let crossings = bound.crossings.iter();
            MassBoundRecord {
                mass_mev: bound.mass_mev,
                coupling: edge.ok(),
                reason: edge.err().map(str::to_owned),
                crossings: crossings.map(|it| (it.coupling, if it.up { "up" } else { "down" })).collect(),
                level: bound.level,
                expected: expected.map(|expected| expected[index].edge(1).ok()),
                with_coverage: None,
                critical: None,
            }
        };
        BoundsRecord {
            model: model.to_owned(),
            data: data.to_owned(),
            level,
            chi2_min: best_fit.chi2,
            best_fit: BestFitPlace { mass_mev: best_fit.mass_mev, coupling: best_fit.coupling },
            expected_data: Vec::new(),
            bounds: bounds.iter().enumerate().map(bound).collect(),
            critical_values: None,
        }
    }

    /// The same with the bounds with coverage beside; `critical_at` is the critical value at a mass (MeV) and a coupling.
    pub fn with_coverage(
        mut self,
        covered: &[Bound],
        critical_at: impl Fn(f64, f64) -> f64,
        used: CoverageUse,
    ) -> BoundsRecord {
        for (own, covered) in self.bounds.iter_mut().zip(covered) {
            let bound = covered.edge(1).ok();
            own.with_coverage = Some(bound);
            own.critical = bound.map(|coupling| critical_at(covered.mass_mev, coupling));
        }
        self.critical_values = Some(used);
        self
    }

    /// The same of data for which an expectation stands in.
    pub fn of_expectation(self, expected_data: Vec<String>) -> BoundsRecord {
        BoundsRecord { expected_data, ..self }
    }
}

impl MassBoundRecord {
    /// The allowed strips above the bound: from a falling crossing to the next rising one, or on without end.
    pub(super) fn strips(&self) -> Vec<(f64, Option<f64>)> {
        let falling = self.crossings.iter().enumerate().filter(|(_, (_, way))| *way == "down");
        falling.map(|(k, (from, _))| (*from, self.crossings.get(k + 1).map(|(to, _)| *to))).collect()
    }
}

/// A block for each model and data: mass, bound, and what is allowed above it.
pub fn bounds_table(records: &[BoundsRecord]) -> String {
    let mut text = String::new();
    for record in records {
        if !text.is_empty() {
            text.push('\n');
        }
        let asked = record.bounds.iter().any(|bound| bound.expected.is_some());
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} on {}, {}", record.model, record.data, record.level.words());
        let mut beside = if asked { format!("{:>13}", "expected g") } else { String::new() };
        if record.critical_values.is_some() {
            beside += &format!("{:>15}{:>10}", "with coverage", "critical");
        }
        let _ = writeln!(text, "{:>13}{:>13}{beside}   allowed above it", "mass [MeV]", "bound g");
        for bound in &record.bounds {
            let value = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.4e}"));
            let _ = write!(text, "{:>13.5e}{:>13}", bound.mass_mev, value(bound.coupling));
            if let Some(expected) = bound.expected {
                let _ = write!(text, "{:>13}", value(expected));
            }
            if let Some(covered) = bound.with_coverage {
                let critical = bound.critical.map_or("-".to_owned(), |critical| format!("{critical:.3}"));
                let _ = write!(text, "{:>15}{critical:>10}", value(covered));
            }
            let strips = bound.strips().into_iter().map(|(from, to)| match to {
                Some(to) => format!("{from:.4e} to {to:.4e}"),
                None => format!("{from:.4e} and more"),
            });
            let words: Vec<String> = strips.chain(bound.reason.clone()).collect();
            text += if words.is_empty() { "" } else { "   " };
            let _ = writeln!(text, "{}", words.join(", "));
        }
    }
    if let Some(BoundsRecord { level, .. }) = records.first() {
        let (delta, from) = (level.delta_chi2, level.minimum.words());
        let _ = writeln!(text, "\nbounds at {}: chi2 is {delta:.5} above {from}", level.words());
    }
    text + &expected_line(records.first().map_or(&[], |record| &record.expected_data))
}

/// Rows `model,data,mass_mev,coupling,crossings,chi2_level,confidence,dof,minimum,expected_coupling`, and
/// `with_coverage,critical` where critical values were given; crossings are `coupling:direction` separated by blanks; what
/// is missing is empty.
pub fn bounds_csv(records: &[BoundsRecord]) -> String {
    let mut text =
        String::from("model,data,mass_mev,coupling,crossings,chi2_level,confidence,dof,minimum,expected_coupling");
    let is_covered = records.iter().any(|record| record.critical_values.is_some());
    text += if is_covered { ",with_coverage,critical\n" } else { "\n" };
    for record in records {
        let Level { confidence, dof, minimum, .. } = record.level;
        for bound in &record.bounds {
            let crossings: Vec<String> = bound.crossings.iter().map(|(at, way)| format!("{at:e}:{way}")).collect();
            let cell = |value: Option<f64>| value.map_or(String::new(), number);
            let _ = write!(
                text,
                "{},{},{},{},{},{},{confidence},{dof},{},{}",
                record.model,
                record.data,
                number(bound.mass_mev),
                cell(bound.coupling),
                crossings.join(" "),
                number(bound.level),
                minimum.name(),
                cell(bound.expected.flatten())
            );
            if is_covered {
                let _ = write!(text, ",{},{}", cell(bound.with_coverage.flatten()), cell(bound.critical));
            }
            text.push('\n');
        }
    }
    expected_column(text, records.first().map_or(&[], |record| &record.expected_data))
}
