//! Limits of other experiments on the coupling of a model, wherever they come from.

use std::fmt::Write as _;

use serde::Serialize;

use crate::others::recast::KnownLimit;
use crate::others::recast::known::{LARGEST_COUPLING, union};
use crate::others::{ComputedLimit, Intervals, Outcome};

use super::digits::words;

/// Where a limit comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LimitSource {
    /// From first principles, here.
    Computed,
    /// From a search for dark photons, by its published curve.
    Recast,
    /// From a file of the user's.
    File,
}

/// A limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct OtherLimitRecord {
    /// The model.
    pub model: String,
    /// Name of the limit.
    pub limit: String,
    /// The experiment.
    pub label: String,
    /// What it does.
    pub kind: String,
    /// Where the limit comes from.
    pub source: LimitSource,
    /// How the measurement is read: name of the setting; none where there is one way only.
    pub setting: Option<String>,
    /// The same in words.
    pub criterion: Option<String>,
    /// What the setting was fitted to, where it was.
    pub fitted: Option<String>,
    /// Confidence in words.
    pub confidence: Option<String>,
    /// Where it was published.
    pub reference: String,
    /// How well it is known.
    pub known: Option<String>,
    /// Masses (MeV) between which it holds.
    pub valid_mev: Option<(f64, f64)>,
    /// Why nothing is excluded.
    pub reason: Option<String>,
    /// What is excluded, by mass.
    pub points: Vec<ExcludedPoint>,
}

/// What is excluded at a mass.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExcludedPoint {
    /// Mass (MeV).
    pub mass_mev: f64,
    /// Couplings from and to; no end where all above are excluded.
    pub excluded: Vec<(f64, Option<f64>)>,
}

impl OtherLimitRecord {
    /// That of a computed limit.
    pub fn computed(model: &str, limit: &ComputedLimit) -> OtherLimitRecord {
        let (experiment, setting) = (limit.experiment, limit.setting);
        let (points, reason) = match &limit.outcome {
            Outcome::Excluded(columns) => {
                (columns.iter().filter_map(|(mass, intervals)| point(*mass, intervals)).collect(), None)
            }
            Outcome::Nothing(reason) | Outcome::Contradicted(reason) => (Vec::new(), Some(reason.clone())),
        };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        OtherLimitRecord {
            model: model.to_owned(),
            limit: experiment.name.clone(),
            label: experiment.label.clone(),
            kind: experiment.kind.name().to_owned(),
            source: LimitSource::Computed,
            setting: some(&setting.name),
            criterion: some(&setting.in_words(limit.z)),
            fitted: setting.fitted.clone(),
            confidence: match setting.z(limit.z) {
                Some(z) => Some(format!("{z} sigma")),
                None => some(&experiment.confidence),
            },
            reference: experiment.reference.clone(),
            known: some(&experiment.known),
            valid_mev: Some(experiment.mass_mev),
            reason,
            points,
        }
    }

    /// That of a region, at some masses (MeV).
    pub fn of_region(model: &str, limit: &KnownLimit, source: LimitSource, masses_mev: &[f64]) -> OtherLimitRecord {
        let points: Vec<ExcludedPoint> =
            masses_mev.iter().filter_map(|mass| point(*mass, &union(limit.excluded_at(*mass)))).collect();
        let reason = points.is_empty().then(|| "nothing is excluded at these masses".to_owned());
        OtherLimitRecord { points, ..OtherLimitRecord::without(model, limit, source, reason) }
    }

    /// One that excludes nothing, and why.
    pub fn without(model: &str, limit: &KnownLimit, source: LimitSource, reason: Option<String>) -> OtherLimitRecord {
        OtherLimitRecord {
            model: model.to_owned(),
            limit: limit.name.clone(),
            label: limit.label.clone(),
            kind: limit.kind.name().to_owned(),
            source,
            setting: None,
            criterion: None,
            fitted: None,
            confidence: None,
            reference: limit.reference.clone(),
            known: None,
            valid_mev: None,
            reason,
            points: Vec::new(),
        }
    }
}

fn point(mass_mev: f64, intervals: &Intervals) -> Option<ExcludedPoint> {
    // Regions of the plane end at the largest coupling that makes sense.
    let end = |high: f64| Some(high).filter(|high| *high < LARGEST_COUPLING * (1.0 - 1e-9));
    let excluded: Vec<_> = intervals.iter().map(|(low, high)| (*low, end(*high))).collect();
    (!excluded.is_empty()).then_some(ExcludedPoint { mass_mev, excluded })
}

/// Rows `limit,source,setting,mass_mev,excluded_from,excluded_to`, one for each excluded interval; the last cell is empty
/// where all couplings above are excluded.
pub fn others_csv(records: &[OtherLimitRecord]) -> String {
    let mut text = String::from("limit,source,setting,mass_mev,excluded_from,excluded_to\n");
    for record in records {
        let setting = record.setting.as_deref().unwrap_or_default();
        for ExcludedPoint { mass_mev, excluded } in &record.points {
            for (from, to) in excluded {
                let to = to.map_or(String::new(), |to| format!("{to:e}"));
                let source = source_name(record.source);
                // Writing to a String cannot fail.
                let (limit, setting) = (words(&record.limit), words(setting));
                let _ = writeln!(text, "{limit},{source},{setting},{mass_mev:e},{from:e},{to}");
            }
        }
    }
    text
}

/// For people: each limit with where it comes from, where it is the strongest, and how well it is known; `by_mass` lists
/// what is excluded at each mass below.
pub fn others_table(records: &[OtherLimitRecord], by_mass: bool) -> String {
    let mut text = format!("{:<24}{:<10}{:<23}strongest\n", "limit", "source", "masses [MeV]");
    for record in records {
        let from = |point: &ExcludedPoint| point.excluded.first().map_or(f64::INFINITY, |(from, _)| *from);
        let strongest = record.points.iter().min_by(|a, b| from(a).total_cmp(&from(b)));
        let (name, source) = (&record.limit, source_name(record.source));
        // Writing to a String cannot fail.
        let _ = match (strongest, record.points.first(), record.points.last()) {
            (Some(strongest), Some(first), Some(last)) => writeln!(
                text,
                "{name:<24}{source:<10}{:<23}g = {:.3e} at {:.3e} MeV",
                format!("{:.3e}:{:.3e}", first.mass_mev, last.mass_mev),
                from(strongest),
                strongest.mass_mev
            ),
            _ => writeln!(
                text,
                "{name:<24}{source:<10}none: {}",
                record.reason.as_deref().unwrap_or("nothing is excluded")
            ),
        };
        if record.reason.is_some() {
            continue;
        }
        let setting = record.setting.iter().zip(&record.criterion).map(|(name, words)| format!("{name}: {words}"));
        let fitted = record.fitted.iter().map(|to| format!("FITTED to {to}"));
        let confidence = record.confidence.iter().cloned();
        let valid = record.valid_mev.iter().map(|(low, high)| format!("holds from {low:e} to {high:e} MeV"));
        let words: Vec<String> = setting.chain(fitted).chain(confidence).chain(valid).collect();
        for line in [Some(words.join("; ")), record.known.clone()].into_iter().flatten() {
            if !line.is_empty() {
                let _ = writeln!(text, "  {line}");
            }
        }
        for ExcludedPoint { mass_mev, excluded } in record.points.iter().filter(|_| by_mass) {
            let words = |(from, to): &(f64, Option<f64>)| match to {
                Some(to) => format!("{from:.4e} to {to:.4e}"),
                None => format!("above {from:.4e}"),
            };
            let excluded: Vec<String> = excluded.iter().map(words).collect();
            let _ = writeln!(text, "    {mass_mev:>12.5e} MeV  {}", excluded.join(", "));
        }
    }
    text
}

fn source_name(source: LimitSource) -> &'static str {
    match source {
        LimitSource::Computed => "computed",
        LimitSource::Recast => "recast",
        LimitSource::File => "file",
    }
}
