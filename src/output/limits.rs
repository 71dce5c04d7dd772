//! Bounds, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::limits::{BestFit, Bound, LOW_MASS_MEV, Level, Regime, published};
use crate::analysis::{Analysis, FarDeformation};
use crate::dataset::Scattering;
use crate::rates::Point;

use super::expected::{expected_column, expected_data, expected_line, named};

use super::bound_record::BoundRecord;
use super::coverage_use::CoverageUse;
use super::covered_limits::{CoveredRecord, covered_lines};

/// One entry of `limits --format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitsRecord {
    /// Name of the model.
    pub model: String,
    /// Names of the datasets joined by `+`.
    pub data: String,
    /// `confidence`, `dof`, `delta_chi2`, and `minimum`, from which chi2 rises by that.
    #[serde(flatten)]
    pub level: Level,
    /// Smallest chi2 over masses from 0.1 MeV to 100 GeV and all couplings.
    pub chi2_min: f64,
    /// Where it is.
    pub best_fit: BestFitRecord,
    /// At 0.1 MeV, in g.
    pub low: BoundRecord,
    /// At 100 GeV, in g/M.
    pub high: BoundRecord,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// What the Standard Model's expectation in place of the data leads to, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<ExpectedRecord>,
    /// Bounds by critical values from toys, where there are any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_coverage: Option<CoveredRecord>,
}

/// Bounds from the Standard Model's expectation in place of the data.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExpectedRecord {
    /// At 0.1 MeV, in g.
    pub low: BoundRecord,
    /// At 100 GeV, in g/M.
    pub high: BoundRecord,
}

/// The best fit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct BestFitRecord {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Coupling.
    pub coupling: f64,
    /// Datasets whose response the best fit deforms further than its tables tell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deformed_far: Vec<FarDeformation>,
}

impl LimitsRecord {
    /// The record of one model on some datasets.
    pub fn new(model: &str, data: &str, level: Level, best_fit: BestFit, low: &Bound, high: &Bound) -> LimitsRecord {
        let theirs = |regime| published(model, data, regime);
        LimitsRecord {
            model: model.to_owned(),
            data: data.to_owned(),
            level,
            chi2_min: best_fit.chi2,
            best_fit: BestFitRecord {
                mass_mev: best_fit.mass_mev,
                coupling: best_fit.coupling,
                deformed_far: Vec::new(),
            },
            low: BoundRecord::new(theirs(Regime::Low), &level, Regime::Low, low),
            high: BoundRecord::new(theirs(Regime::High), &level, Regime::High, high),
            expected_data: Vec::new(),
            expected: None,
            with_coverage: None,
        }
    }

    /// Other bounds on the same edges.
    fn same_bounds(&self, [low, high]: [&Bound; 2]) -> [BoundRecord; 2] {
        [(Regime::Low, low), (Regime::High, high)].map(|(regime, bound)| {
            BoundRecord::new(published(&self.model, &self.data, regime), &self.level, regime, bound)
        })
    }

    /// The same with what the analysis knows beside: datasets that are expectations, and the events of each process at the
    /// bounds, where datasets have several.
    pub fn with_processes(mut self, analysis: &Analysis, low: &Bound, high: &Bound) -> LimitsRecord {
        self.expected_data = expected_data(analysis.experiments());
        let best = Point { mass_mev: self.best_fit.mass_mev, coupling: self.best_fit.coupling };
        self.best_fit.deformed_far = far_at(analysis, best);
        for (record, bound) in [(&mut self.low, low), (&mut self.high, high)] {
            // The bound is in g/M at high mass.
            let unit = record.unit_coupling(bound);
            let Some(coupling) = record.value().map(|value| value * unit) else { continue };
            let point = Point { mass_mev: bound.mass_mev, coupling };
            record.deformed_far = far_at(analysis, point);
            let several =
                analysis.predictions.iter().filter(|prediction| prediction.experiment.dataset.processes.len() > 1);
            record.events_by_process = several
                .map(|prediction| {
                    let events = prediction.events_by_process(point).into_iter();
                    let events = events.map(|(scattering, events)| (scattering.name(), events)).collect();
                    (prediction.experiment.dataset.name.clone(), events)
                })
                .collect();
        }
        self
    }

    /// The same with the bounds with coverage beside; `critical_at` is the critical value at a mass (MeV) and a coupling.
    pub fn with_coverage(
        mut self,
        bounds: [&Bound; 2],
        critical_at: impl Fn(f64, f64) -> f64,
        critical_values: CoverageUse,
    ) -> LimitsRecord {
        let own = self.same_bounds(bounds);
        let wilks = [&self.low, &self.high];
        self.with_coverage = Some(CoveredRecord::new(wilks, own, bounds, critical_at, critical_values));
        self
    }

    /// The same with the expected bounds beside.
    pub fn with_expected(self, low: &Bound, high: &Bound) -> LimitsRecord {
        let record = |regime, bound| BoundRecord::new(None, &self.level, regime, bound);
        let (low, high) = (record(Regime::Low, low), record(Regime::High, high));
        LimitsRecord { expected: Some(ExpectedRecord { low, high }), ..self }
    }
}

/// Electrons' events that matter to a bound.
const COUNTABLE: f64 = 1.0;

/// Responses that the fit at a point deforms far; a fit is made only where there are such responses.
fn far_at(analysis: &Analysis, point: Point) -> Vec<FarDeformation> {
    let mut experiments = analysis.experiments();
    match experiments.any(|own| own.measurement.expectation.deformations() > 0) {
        true => analysis.far_deformations(&analysis.fit(point)),
        false => Vec::new(),
    }
}

/// Notes about responses that the fits at a record's best fit and bounds deform far, one line each.
pub fn far_notes(record: &LimitsRecord) -> Vec<String> {
    let places = [
        ("at the best fit", &record.best_fit.deformed_far),
        ("at the low-mass bound", &record.low.deformed_far),
        ("at the high-mass bound", &record.high.deformed_far),
    ];
    let of_place = |(place, far): (&str, &Vec<FarDeformation>)| {
        let model = record.model.clone();
        far.iter().map(|own| format!("{model} {place}: {}", own.words())).collect::<Vec<_>>()
    };
    places.into_iter().flat_map(of_place).collect()
}

/// A table for people, with the rms of all deviations below it.
pub fn limits_table(records: &[LimitsRecord]) -> String {
    let expected = records.iter().any(|record| record.expected.is_some());
    let width = |longest: usize, at_least: usize| (longest + 1).max(at_least);
    let models = width(records.iter().map(|record| record.model.chars().count()).max().unwrap_or(0), 13);
    let name = |record: &LimitsRecord| named(&record.data, &record.expected_data);
    let data = width(records.iter().map(|record| name(record).chars().count()).max().unwrap_or(0), 9);
    let mut text = String::new();
    // Writing to a String cannot fail.
    let (head, wide) = match expected {
        true => (format!("{:>11}{:>11}{:>11}{:>9}", "bound", "expected", "table 2", "dev."), 42),
        false => (format!("{:>11}{:>11}{:>9}", "bound", "table 2", "dev."), 31),
    };
    let _ = writeln!(
        text,
        "{:<models$}{:<data$}{:>10}   {:^wide$}   {:^wide$}",
        "", "", "", "low mass: g", "high mass: g/M [1/GeV]"
    );
    let _ = writeln!(text, "{:<models$}{:<data$}{:>10}   {head}   {head}", "model", "data", "chi2 min");
    for record in records {
        let _ = write!(text, "{:<models$}{:<data$}{:>10.3}", record.model, name(record), record.chi2_min);
        let beside = record.expected.as_ref();
        let expectations = [beside.map(|expected| &expected.low), beside.map(|expected| &expected.high)];
        for (bound, beside) in [&record.low, &record.high].into_iter().zip(expectations) {
            let value = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.3e}"));
            let deviation = bound.deviation_percent.map_or("-".to_owned(), |percent| format!("{percent:+.1} %"));
            let _ = write!(text, "   {:>11}", value(bound.value()));
            if expected {
                let _ = write!(text, "{:>11}", value(beside.and_then(BoundRecord::value)));
            }
            let _ = write!(text, "{:>11}{:>9}", value(bound.table2), deviation);
        }
        text.push('\n');
    }
    let bounds = records.iter().flat_map(|record| [&record.low, &record.high]);
    let squares: Vec<f64> = bounds.clone().filter_map(|bound| bound.deviation_percent).map(|d| d * d).collect();
    if squares.len() > 1 {
        let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
        let _ = writeln!(text, "\n{} bounds, rms deviation from table 2: {rms:.2} %", squares.len());
    }
    if let Some(LimitsRecord { level, .. }) = records.first() {
        let _ = writeln!(
            text,
            "\nbounds at {}: chi2 is {:.5} above {}",
            level.words(),
            level.delta_chi2,
            level.minimum.words()
        );
    }
    text += &expected_line(records.first().map_or(&[], |record| &record.expected_data));
    for record in records {
        let covered = record.with_coverage.as_ref();
        text += &covered.map_or(String::new(), |covered| covered_lines(&record.model, &record.data, covered));
        let expected = record
            .expected
            .iter()
            .flat_map(|expected| [("expected low", &expected.low), ("expected high", &expected.high)]);
        for (name, bound) in [("low", &record.low), ("high", &record.high)].into_iter().chain(expected) {
            if let Some(reason) = &bound.reason {
                let _ = writeln!(text, "{} {} {name} mass: no bound, {reason}", record.model, record.data);
            }
            for (data, events) in &bound.events_by_process {
                let parts: Vec<String> =
                    events.iter().map(|(process, events)| format!("{events:.1} {process}")).collect();
                let parts = parts.join(", ");
                let _ = writeln!(
                    text,
                    "{} {} {name} mass: events of {data} at the bound: {parts}",
                    record.model, record.data
                );
                let electrons = events.get(Scattering::Electrons.name()).copied().unwrap_or(0.0);
                if name == "low" && electrons >= COUNTABLE {
                    let _ = writeln!(
                        text,
                        "{} {} low mass: the bound is that at {LOW_MASS_MEV} MeV; by electrons it still falls towards lower masses",
                        record.model, record.data
                    );
                }
            }
        }
    }
    text
}

/// Rows `model,data,regime,bound,unit,table2,deviation_percent,chi2_min,best_fit_mass_mev,best_fit_coupling,crossings`,
/// then `,expected` and `,with_coverage` where they were asked for, and `confidence,dof,minimum`, and `expected_data` where
/// an expectation stands in for some data; crossings are `value:direction` separated by blanks; what is missing is empty.
pub fn limits_csv(records: &[LimitsRecord]) -> String {
    let asked = records.iter().any(|record| record.expected.is_some());
    let mut text = String::from(
        "model,data,regime,bound,unit,table2,deviation_percent,chi2_min,best_fit_mass_mev,best_fit_coupling,crossings",
    );
    text += if asked { ",expected" } else { "" };
    let is_covered = records.iter().any(|record| record.with_coverage.is_some());
    text += if is_covered { ",with_coverage" } else { "" };
    text += ",confidence,dof,minimum\n";
    for record in records {
        let beside = record.expected.as_ref();
        let expected = [beside.map(|expected| &expected.low), beside.map(|expected| &expected.high)];
        let regimes = [("low", "1", &record.low), ("high", "1/GeV", &record.high)];
        for ((regime, unit, bound), expected) in regimes.into_iter().zip(expected) {
            let cell = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
            let crossings: Vec<String> = bound.crossings.iter().map(|(at, way)| format!("{at:e}:{way}")).collect();
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "{},{},{regime},{},{unit},{},{},{},{},{},{}",
                record.model,
                record.data,
                cell(bound.value()),
                cell(bound.table2),
                cell(bound.deviation_percent),
                record.chi2_min,
                record.best_fit.mass_mev,
                record.best_fit.coupling,
                crossings.join(" ")
            );
            if asked {
                let _ = write!(text, ",{}", cell(expected.and_then(BoundRecord::value)));
            }
            if is_covered {
                let covered = record.with_coverage.as_ref();
                let bound = covered.map(|covered| if regime == "low" { &covered.low } else { &covered.high });
                let _ = write!(text, ",{}", cell(bound.and_then(BoundRecord::value)));
            }
            let Level { confidence, dof, minimum, .. } = record.level;
            let _ = writeln!(text, ",{confidence},{dof},{}", minimum.name());
        }
    }
    expected_column(text, records.first().map_or(&[], |record| &record.expected_data))
}
