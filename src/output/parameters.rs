//! chi2 against other parameters than mass and coupling, for people and for programs.

use std::fmt::Write as _;
use std::io::{Seek, Write};

use serde::Serialize;

use crate::Result;
use crate::analysis::parameters::{
    Allowed, FINE_BORDER, Interval, ParameterCurve, ParameterSurface, Setting, Spread, Varied,
};

use super::expected::expected_line;
use super::npz::NewArchive;

/// What is nearer to an end of its range than this part of it is at the end.
const AT_END: f64 = 1e-12;

/// `parameters.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ParametersRecord {
    /// Version of the program.
    pub version: &'static str,
    /// The command line.
    pub command: Vec<String>,
    /// Name of the model; `standard-model` without a mediator.
    pub model: String,
    /// Datasets, joined by `+`.
    pub data: String,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// The Standard Model's couplings: `2022` (the paper's) or `2024`.
    pub couplings: &'static str,
    /// What is kept at a value.
    pub fixed: Vec<SettingRecord>,
    /// The axes, one or two.
    pub axes: Vec<AxisRecord>,
    /// The minimum of all data, then of each dataset alone.
    pub best_fit: Vec<BestRecord>,
    /// Of two axes: the ranges along both over which chi2 is within 0.01 of its minimum, where they are wide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flat: Option<[[f64; 2]; 2]>,
    /// Of one axis: the intervals of all data at some confidence levels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub intervals: Vec<IntervalsRecord>,
    /// Of two axes: the level of the contours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<LevelRecord>,
    /// Of two axes: the regions at that level, of all data, then of each dataset alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionRecord>,
}

/// A parameter that is kept at a value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingRecord {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
}

/// An axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AxisRecord {
    /// Name of the parameter.
    pub name: String,
    /// Its unit.
    pub unit: &'static str,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Values along it.
    pub points: usize,
    /// Whether they have equal ratios.
    pub logarithmic: bool,
}

/// A minimum within the ranges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BestRecord {
    /// `all`, or the dataset.
    pub data: String,
    /// Values along the axes.
    pub at: Vec<f64>,
    /// chi2 there.
    pub chi2: f64,
    /// Axes on which this chi2 does not depend, to 0.01: the value along them means nothing. Left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub independent_of: Vec<String>,
}

/// The intervals at a confidence level.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IntervalsRecord {
    /// The confidence level, one parameter.
    pub confidence: f64,
    /// The rise of chi2.
    pub delta_chi2: f64,
    /// Lower and upper end of each; `null` where the range ends first.
    pub intervals: Vec<[Option<f64>; 2]>,
}

/// A level of two parameters.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LevelRecord {
    /// The confidence level, two parameters.
    pub confidence: f64,
    /// The rise of chi2.
    pub delta_chi2: f64,
}

/// Where two parameters are allowed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RegionRecord {
    /// `all`, or the dataset.
    pub data: String,
    /// Parts that do not touch; left out where the border is too far off to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pieces: Option<usize>,
    /// Lowest and highest value along each axis.
    pub extent: [[f64; 2]; 2],
    /// How far its border may be off, as a part of its thickness.
    pub off: f64,
    /// Values of the grid that lie in it.
    pub grid_points: usize,
    /// Ranges in which it, or the part around the best fit, shows; where it does not in these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closer: Option<[[f64; 2]; 2]>,
}

impl RegionRecord {
    /// Of the region of some data.
    pub fn new(data: String, allowed: &Allowed) -> RegionRecord {
        let Allowed { extent, off, shown, closer, .. } = *allowed;
        RegionRecord { data, pieces: allowed.pieces(), extent, off, grid_points: shown, closer }
    }
}

impl SettingRecord {
    /// Of a setting.
    pub fn new(setting: &Setting) -> SettingRecord {
        SettingRecord { name: setting.parameter.name(), value: setting.value, unit: setting.parameter.unit() }
    }
}

impl AxisRecord {
    /// Of a parameter and its number of values.
    pub fn new(varied: &Varied, points: usize) -> AxisRecord {
        AxisRecord {
            name: varied.parameter.name(),
            unit: varied.parameter.unit(),
            low: varied.low,
            high: varied.high,
            points,
            logarithmic: varied.spread == Spread::Logarithmic,
        }
    }
}

impl IntervalsRecord {
    /// Of intervals at a level.
    pub fn new((confidence, delta_chi2): (f64, f64), intervals: &[Interval]) -> IntervalsRecord {
        let end = |value: f64, is_end: bool| is_end.then_some(value);
        let both = |one: &Interval| [end(one.low, one.ends[0]), end(one.high, one.ends[1])];
        IntervalsRecord { confidence, delta_chi2, intervals: intervals.iter().map(both).collect() }
    }
}

/// What a run found, in words.
pub fn parameters_summary(record: &ParametersRecord) -> String {
    let mut text = String::new();
    let unit = |unit: &str| if unit.is_empty() { String::new() } else { format!(" {unit}") };
    for best in &record.best_fit {
        let of = if best.data == "all" { &record.data } else { &best.data };
        let head = if best.data == "all" { "best fit" } else { &best.data };
        let independent = |axis: &AxisRecord| best.independent_of.contains(&axis.name);
        let ranges = record.axes.iter().filter(|axis| independent(axis)).map(|axis| {
            let (low, high) = (Short(axis.low), Short(axis.high));
            format!("{} from {low:.5} to {high:.5}{}", axis.name, unit(axis.unit))
        });
        let ranges: Vec<String> = ranges.collect();
        let level = format!("chi2 of {of} does not depend on {}, to 0.01", ranges.join(" and "));
        let places = record.axes.iter().zip(&best.at).filter(|(axis, _)| !independent(axis)).map(|(axis, value)| {
            let near = AT_END * (axis.high - axis.low);
            let is_at_end = *value <= axis.low + near || *value >= axis.high - near;
            let at_end = if is_at_end { " (the end of the range)" } else { "" };
            format!("{} = {:.5}{}{at_end}", axis.name, Short(*value), unit(axis.unit))
        });
        let places: Vec<String> = places.collect();
        // Writing to a String cannot fail, here and below.
        let _ = match (ranges.is_empty(), places.is_empty()) {
            (true, _) => writeln!(text, "{head:<12}chi2 {:.4} at {}", best.chi2, places.join(", ")),
            (false, true) => writeln!(text, "{head:<12}none: {level} (it is {:.4})", best.chi2),
            (false, false) => writeln!(text, "{head:<12}chi2 {:.4} at {}; {level}", best.chi2, places.join(", ")),
        };
        if best.data == "all" {
            text += &flat_in_words(record);
        }
    }
    let is_level = record.best_fit.iter().any(|best| best.independent_of.len() == record.axes.len());
    for one in record.intervals.iter().filter(|_| !is_level) {
        let words: Vec<String> = one.intervals.iter().map(|interval| in_words(*interval, &record.axes[0])).collect();
        let axis = unit(record.axes[0].unit);
        let at = format!("{:.2} % CL", 100.0 * one.confidence);
        let _ = writeln!(text, "{at:<12}{}{axis}", words.join(" and "));
    }
    if let Some(level) = record.level {
        let at = format!("{:.2} % CL", 100.0 * level.confidence);
        let _ = writeln!(text, "{at:<12}minimum + {:.5}, two parameters", level.delta_chi2);
    }
    for region in &record.regions {
        text += &region_in_words(region, record);
    }
    text + &expected_line(&record.expected_data)
}

/// Where else all data are described as well as at their best fit.
fn flat_in_words(record: &ParametersRecord) -> String {
    let Some(flat) = record.flat.as_ref().filter(|_| record.best_fit[0].independent_of.is_empty()) else {
        return String::new();
    };
    let ranges = record.axes.iter().zip(flat);
    let ranges: Vec<String> = ranges
        .map(|(axis, [low, high])| format!("{} from {:.5} to {:.5}", axis.name, Short(*low), Short(*high)))
        .collect();
    format!("{:<12}chi2 is as small to 0.01 at {}: this one means nothing\n", "", ranges.join(", "))
}

fn region_in_words(region: &RegionRecord, record: &ParametersRecord) -> String {
    let head = if region.data == "all" { "region" } else { &region.data };
    let ranges = record.axes.iter().zip(region.extent);
    let ranges: Vec<String> = ranges
        .map(|(axis, [low, high])| format!("{} from {:.5} to {:.5}", axis.name, Short(low), Short(high)))
        .collect();
    let pieces = match region.pieces {
        Some(pieces) if pieces > 1 => format!(", in {pieces} pieces"),
        _ => String::new(),
    };
    let mut text = format!("{head:<12}{}{pieces}\n", ranges.join(", "));
    if let Some(closer) = &region.closer {
        let ranges = record.axes.iter().zip(closer).map(|(axis, [low, high])| {
            format!("{}={low:.3e}:{high:.3e}{}", axis.name, if axis.logarithmic { ",log" } else { "" })
        });
        let ranges = ranges.collect::<Vec<_>>().join(" ");
        text += &match region.off > FINE_BORDER {
            true => {
                let off = (100.0 * region.off).min(100.0);
                format!("{:<12}its border may be off by {off:.0} % of its width; resolved by {ranges}\n", "")
            }
            false => {
                format!("{:<12}{} values of the grid lie in it; seen closer by {ranges}\n", "", region.grid_points)
            }
        };
    }
    text
}

fn in_words([low, high]: [Option<f64>; 2], axis: &AxisRecord) -> String {
    match (low, high) {
        (Some(low), Some(high)) => format!("{:.5} to {:.5}", Short(low), Short(high)),
        (None, Some(high)) => format!("up to {:.5} (from the range's end, {:.5})", Short(high), Short(axis.low)),
        (Some(low), None) => format!("from {:.5} (to the range's end, {:.5})", Short(low), Short(axis.high)),
        (None, None) => format!("all of the range, {} to {}", axis.low, axis.high),
    }
}

/// A number with some digits, by powers of ten where it is small or large.
struct Short(f64);

impl std::fmt::Display for Short {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(5);
        match self.0 == 0.0 || (1e-3..1e5).contains(&self.0.abs()) {
            true => write!(f, "{:.digits$}", self.0),
            false => write!(f, "{:.*e}", digits - 1, self.0),
        }
    }
}

/// Writes `x [n]`, `chi2 [n]` of all data, `chi2_DATASET [n]` of each alone where there are several, and
/// `pulls_DATASET [n][parameters]` in the fit to all.
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_parameter_curve(curve: &ParameterCurve, datasets: &[&str], destination: impl Write + Seek) -> Result<()> {
    let mut archive = NewArchive::new(destination);
    let points = curve.values.len();
    archive.add("x", &curve.values, &[points])?;
    for (name, chi2) in terms(datasets).zip(&curve.chi2) {
        archive.add(&name, chi2, &[points])?;
    }
    for (i, name) in datasets.iter().enumerate() {
        let pulls: Vec<f64> = curve.pulls.iter().flat_map(|fit| fit[i].iter().copied()).collect();
        archive.add(&format!("pulls_{name}"), &pulls, &[points, pulls.len() / points])?;
    }
    archive.finish()
}

/// Writes `x [n]`, `y [m]`, `chi2 [n][m]` of all data and `chi2_DATASET [n][m]` of each alone where there are several.
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_parameter_surface(
    surface: &ParameterSurface,
    datasets: &[&str],
    destination: impl Write + Seek,
) -> Result<()> {
    let mut archive = NewArchive::new(destination);
    archive.add("x", &surface.x, &[surface.x.len()])?;
    archive.add("y", &surface.y, &[surface.y.len()])?;
    for (name, chi2) in terms(datasets).zip(&surface.chi2) {
        archive.add(&name, chi2, &[surface.x.len(), surface.y.len()])?;
    }
    archive.finish()
}

/// Names of the arrays of chi2.
fn terms<'a>(datasets: &'a [&str]) -> impl Iterator<Item = String> + use<'a> {
    let alone = datasets.iter().filter(|_| datasets.len() > 1).map(|name| format!("chi2_{name}"));
    std::iter::once("chi2".to_owned()).chain(alone)
}
