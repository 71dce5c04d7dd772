//! The record of a map of critical values, `run.json` in its folder, and its summary for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::analysis::coverage::{Anchor, BorderPoint, Calibrated, Calibration, EngineRecord, ToysRecord};
use crate::analysis::limits::Minimum;
use crate::base::grid::number_text;
use crate::base::provenance::SOURCES;
use crate::statistics::delta_chi2;

use super::expected::{expected_column, expected_line};
use super::run_record::InputFile;

/// Most anchors that a summary names.
const MOST_NAMED: usize = 12;

/// All that a map of critical values was made from.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CoverageMapRecord {
    /// Program and version.
    pub program: String,
    /// SHA-256 of the sources of that build.
    pub sources: String,
    /// What the folder holds: `critical values`.
    pub kind: String,
    /// The command line.
    pub command: Vec<String>,
    /// Model and data, with digests of what they are.
    #[serde(flatten)]
    pub of: Calibrated,
    /// Datasets for which the Standard Model's expectation stands in; left out where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub expected_data: Vec<String>,
    /// Files that were read.
    pub input_files: Vec<InputFile>,
    /// Seed, recipe, construction; `toys` are those of the first anchor.
    pub toys: ToysRecord,
    /// Confidence level of the border.
    pub confidence: f64,
    /// What q counts from.
    pub minimum: Minimum,
    /// The free parameters that Wilks' critical value counts.
    pub dof: u32,
    /// That value.
    pub delta_chi2: f64,
    /// Error in ln g that was asked for.
    pub tolerance: f64,
    /// Largest error of the border in ln g, from the number of toys.
    pub border_error: f64,
    /// Whether all of the border is known so well.
    pub complete: bool,
    /// Points of the border's lines whose critical value is the nearest calculated one, of how many.
    pub points_not_calculated: [usize; 2],
    /// Smallest and largest critical value along the border; `null` where there is none.
    pub critical_along_border: Option<[f64; 2]>,
    /// Ranges of masses (MeV) and couplings of the map, and its points.
    pub mass_mev: [f64; 2],
    /// See there.
    pub coupling: [f64; 2],
    /// See there.
    pub grid: [usize; 2],
    /// Where toys were drawn.
    pub anchors: Vec<Anchor>,
    /// What found the minima of toys, piece by piece; of those that an earlier run or a part had left without certificate.
    pub engines: Vec<EngineRecord>,
    /// The border at the masses of the mesh.
    pub border: Vec<BorderPoint>,
    /// SHA-256 of each file that was written beside, by name.
    pub files: BTreeMap<String, String>,
    /// Seconds that it took.
    pub seconds: f64,
    /// Threads.
    pub threads: usize,
}

/// What stands around a calibration.
#[derive(Debug, Clone, PartialEq)]
pub struct CoverageCircumstances {
    /// See [`CoverageMapRecord`], here and below.
    pub command: Vec<String>,
    /// Datasets that are expectations.
    pub expected_data: Vec<String>,
    /// Files that were read.
    pub input_files: Vec<InputFile>,
    /// Of the points of the border's lines.
    pub points_not_calculated: (usize, usize),
    /// Critical values there.
    pub critical_along_border: Option<[f64; 2]>,
    /// The border.
    pub border: Vec<BorderPoint>,
    /// Coupling range.
    pub coupling: (f64, f64),
    /// Points.
    pub grid: (usize, usize),
    /// Files that were written.
    pub files: BTreeMap<String, String>,
    /// Wall-clock time.
    pub seconds: f64,
    /// Threads.
    pub threads: usize,
}

impl CoverageMapRecord {
    /// The record of a finished calibration.
    pub fn new(found: &Calibration, around: CoverageCircumstances) -> CoverageMapRecord {
        let (not_calculated, of) = around.points_not_calculated;
        CoverageMapRecord {
            program: format!("cevscan {}", env!("CARGO_PKG_VERSION")),
            sources: SOURCES.to_owned(),
            kind: "critical values".to_owned(),
            command: around.command,
            of: found.of.clone(),
            expected_data: around.expected_data,
            input_files: around.input_files,
            toys: ToysRecord::new(found.plan),
            confidence: found.goal.confidence,
            minimum: found.goal.minimum,
            dof: found.goal.dof(),
            delta_chi2: delta_chi2(found.goal.confidence, found.goal.dof()).unwrap_or(f64::NAN),
            tolerance: found.goal.tolerance,
            border_error: found.error,
            engines: found.engines.clone(),
            complete: found.is_reached,
            points_not_calculated: [not_calculated, of],
            critical_along_border: around.critical_along_border,
            mass_mev: found.goal.mass_mev.into(),
            coupling: around.coupling.into(),
            grid: around.grid.into(),
            anchors: found.anchors.clone(),
            border: around.border,
            files: around.files,
            seconds: around.seconds,
            threads: around.threads,
        }
    }
}

/// The same for people.
pub fn coverage_map_table(record: &CoverageMapRecord) -> String {
    let toys: u64 = record.anchors.iter().map(|anchor| anchor.toys).sum();
    let failed: usize = record.anchors.iter().map(|anchor| anchor.failed).sum();
    let expected = expected_line(&record.expected_data);
    let mut text = format!("{} on {}\n{expected}", record.of.model, record.of.data);
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "confidence  {:.2} %: Wilks' critical value {:.4} ({} dof), chi2 counted from {}",
        100.0 * record.confidence,
        record.delta_chi2,
        record.dof,
        record.minimum.words()
    );
    match record.critical_along_border {
        Some([low, high]) => {
            let _ = writeln!(text, "critical    {low:.3} to {high:.3} along the border");
        }
        None => text += "critical    the border is outside of the map\n",
    }
    let _ = writeln!(
        text,
        "error       {:.2} % in the coupling along the border, from the number of toys ({} asked for)",
        100.0 * record.border_error,
        percent(record.tolerance)
    );
    if !record.complete {
        text += "            not reached: more toys or more anchors bring it there\n";
    }
    let [nearest, of] = record.points_not_calculated;
    if nearest > 0 {
        let _ = writeln!(text, "            {nearest} of {of} points of the border have the nearest calculated value");
    }
    let _ = writeln!(text, "toys        {toys} at {} anchors, seed {}", record.anchors.len(), record.toys.plan.seed);
    for anchor in record.anchors.iter().take(MOST_NAMED) {
        let (mass_mev, coupling) = (number_text(rounded(anchor.mass_mev)), rounded(anchor.coupling));
        let _ = writeln!(text, "            mass {mass_mev} MeV  coupling {coupling:e}");
    }
    if record.anchors.len() > MOST_NAMED {
        let _ = writeln!(text, "            and {} more, which run.json has", record.anchors.len() - MOST_NAMED);
    }
    if failed > 0 {
        let _ = writeln!(text, "            {failed} toys failed: their q counts as infinite");
    }
    let _ = writeln!(text, "time        {:.1} s on {} threads", record.seconds, record.threads);
    text
}

/// Rows `mass_mev,coupling,up,critical,low,high,effective,wilks_covers` of the border at the masses of the mesh; what is not
/// calculated is empty.
pub fn coverage_border_csv(record: &CoverageMapRecord) -> String {
    let mut text = String::from("mass_mev,coupling,up,critical,low,high,effective,wilks_covers\n");
    let cell = |value: f64| if value.is_nan() { String::new() } else { value.to_string() };
    for point in &record.border {
        let BorderPoint { mass_mev, coupling, up, critical, low, high, .. } = *point;
        let (effective, covers) = (cell(point.effective), cell(point.wilks_covers));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mass_mev:e},{coupling:e},{up},{critical},{low},{high},{effective},{covers}");
    }
    expected_column(text, &record.expected_data)
}

fn percent(share: f64) -> String {
    format!("{} %", number_text(rounded(100.0 * share)))
}

/// Four digits.
fn rounded(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}
