//! What must hold of a record, by itself and beside its map: all that follows from anything else in either. The one place
//! that lets records in.

use crate::analysis::limits::Minimum;
use crate::base::provenance::is_digest;
use crate::scan::{Map, ScanRequest};
use crate::{Error, Result};

use super::run_record::{Inputs, MAP, RunRecord, digest_of};

/// Relative rounding of a number that went through JSON.
const TOLERANCE: f64 = 1e-12;
/// Relative rounding of a quantile or of the end of an axis, computed by another build.
const COMPUTED_TOLERANCE: f64 = 1e-9;

/// The record of `map` from its text; `path` names it in errors.
///
/// # Errors
/// [`Error::NotOfForm`] for a text that is no record of a scan, for one whose entries contradict each other or were
/// changed, and for one of another map.
pub fn read_record(path: &str, text: &str, map: &Map) -> Result<RunRecord> {
    let record = parse(path, text, |record| contradiction_with(record, map))?;
    Ok(record)
}

/// What holds of a record by itself.
///
/// # Errors
/// As for [`read_record`].
pub(super) fn parse_record(path: &str, text: &str) -> Result<RunRecord> {
    parse(path, text, |_| None)
}

/// What the record of another command says that it is of.
fn kind_of(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    value.get("kind")?.as_str().map(str::to_owned)
}

fn parse(path: &str, text: &str, of_another: impl Fn(&RunRecord) -> Option<String>) -> Result<RunRecord> {
    let not = |form| move |reason| Error::NotOfForm { path: path.to_owned(), form, reason };
    let refused = not("record of a run");
    let record: RunRecord = serde_json::from_str(text).map_err(|error| {
        refused(
            kind_of(text).map_or_else(|| error.to_string(), |kind| format!("it is that of {kind}, of another command")),
        )
    })?;
    // They become names of files and stand in comments.
    let is_odd = |name: &&String| !name.chars().all(|c| c.is_alphanumeric() || "+-_. ".contains(c));
    let names = [&record.program, &record.inputs.model, &record.inputs.data];
    if let Some(name) = names.into_iter().find(is_odd) {
        return Err(refused(format!("{name:?} is no name of a program, a model or datasets")));
    }
    if let Some(reason) = of_another(&record) {
        return Err(not("record of this map")(reason));
    }
    if let Some(reason) = contradiction(&record).map_err(|error| refused(error.to_string()))? {
        return Err(refused(reason));
    }
    // Records of old hold none.
    if !record.record_sha256.is_empty() && digest_of(text)? != record.record_sha256 {
        return Err(refused(
            "it was changed after it was written: its SHA-256 is not the one that it holds".to_owned(),
        ));
    }
    Ok(record)
}

/// Entries that differ from what follows from other entries.
fn contradiction(record: &RunRecord) -> Result<Option<String>> {
    let inputs = &record.inputs;
    let level = inputs.level()?;
    if !agree(inputs.delta_chi2, level.delta_chi2, COMPUTED_TOLERANCE) {
        let (found, follows) = (inputs.delta_chi2, level.delta_chi2);
        let of = format!("a confidence of {} and {} parameters", inputs.confidence, inputs.dof);
        return Ok(Some(format!("its rise of chi2 is {found}, but {follows} follows from {of}")));
    }
    if record.level.is_some() != (inputs.minimum == Minimum::Plane) {
        let level = record.level.map_or("no level".to_owned(), |level| format!("a level of {level}"));
        return Ok(Some(format!("it has {level}, but counts from the minimum of the {}", inputs.minimum.name())));
    }
    let border = record.chi2_min + inputs.delta_chi2;
    if let Some(level) = record.level.filter(|level| !agree(*level, border, TOLERANCE)) {
        return Ok(Some(format!("its level is {level}, but chi2_min + delta_chi2 = {border}")));
    }
    if record.complete != (record.missing_points == 0) {
        let (complete, missing) = (record.complete, record.missing_points);
        return Ok(Some(format!("complete is {complete}, but it has {missing} missing points")));
    }
    if let Some(request) = &record.request
        && *request != of_the_inputs(request, inputs)
    {
        return Ok(Some("its request is not that of its inputs".to_owned()));
    }
    // Records of old know nothing of expectations but that.
    if inputs.asimov && !inputs.expected && !record.files.is_empty() {
        return Ok(Some("it is of a scan of the expectation, but not marked as one".to_owned()));
    }
    let digests = record.files.values().chain(record.input_files.iter().map(|file| &file.sha256));
    let mut digests = digests.chain(Some(&record.sources).filter(|sources| !sources.is_empty()));
    if let Some(odd) = digests.find(|digest| !is_digest(digest)) {
        return Ok(Some(format!("{odd:?} is no SHA-256")));
    }
    if !record.files.is_empty() && !record.files.contains_key(MAP) {
        return Ok(Some(format!("it holds SHA-256 of files, but not of {MAP}")));
    }
    let of_the_key = [
        ("model", inputs.model.clone()),
        ("data", inputs.data.clone()),
        ("grid", format!("{}x{}", inputs.grid[0], inputs.grid[1])),
        ("confidence", inputs.confidence.to_string()),
        ("degrees of freedom", inputs.dof.to_string()),
        ("rise of chi2", inputs.delta_chi2.to_string()),
        ("minimum", inputs.minimum.name().to_owned()),
        ("sources", record.sources.clone()),
    ];
    let other = of_the_key.iter().find_map(|(name, value)| {
        let kept = record.key.get(*name).filter(|kept| *kept != value)?;
        Some(format!("its {name} is {value}, but {kept} in its key"))
    });
    Ok(other)
}

/// A request with what the inputs of its record say instead.
fn of_the_inputs(request: &ScanRequest, inputs: &Inputs) -> ScanRequest {
    let Inputs { asimov, mass_mev, coupling, grid, confidence, dof, minimum, .. } = *inputs;
    ScanRequest { asimov, mass_mev, coupling, grid, confidence, dof, minimum, ..request.clone() }
}

/// Whether two numbers are the same to a relative tolerance; what is no number agrees with nothing.
fn agree(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * b.abs()
}

/// How a record differs from what a map holds.
fn contradiction_with(record: &RunRecord, map: &Map) -> Option<String> {
    let (recorded, found) = (record.inputs.minimum.name(), map.minimum().name());
    if recorded != found {
        return Some(format!("its minimum is that of the {recorded}, the map's of the {found}"));
    }
    let ends = |axis: &[f64]| [axis.first(), axis.last()].map(|end| end.copied().unwrap_or(f64::NAN));
    let (mass, coupling) = (ends(&map.plane.mass.values), ends(&map.plane.coupling.values));
    let inputs = &record.inputs;
    let numbers = [
        ("chi2_min", record.chi2_min, map.best_fit.chi2, TOLERANCE),
        ("chi2_sm", record.chi2_sm, map.chi2_sm, TOLERANCE),
        ("delta_chi2", inputs.delta_chi2, map.delta_chi2, TOLERANCE),
        ("mass of the best fit", record.best_fit[0], map.best_fit.mass_mev, TOLERANCE),
        ("coupling of the best fit", record.best_fit[1], map.best_fit.coupling, TOLERANCE),
        ("lowest mass", inputs.mass_mev[0], mass[0], COMPUTED_TOLERANCE),
        ("highest mass", inputs.mass_mev[1], mass[1], COMPUTED_TOLERANCE),
        ("lowest coupling", inputs.coupling[0], coupling[0], COMPUTED_TOLERANCE),
        ("highest coupling", inputs.coupling[1], coupling[1], COMPUTED_TOLERANCE),
    ];
    let differs = |(_, a, b, tolerance): &&(&str, f64, f64, f64)| !agree(*a, *b, *tolerance);
    let level = record.level.map(|recorded| ("level", recorded, map.level_at(0), TOLERANCE));
    if let Some((name, recorded, found, _)) = level.iter().chain(&numbers).find(differs) {
        return Some(format!("its {name} is {recorded}, the map's {found}"));
    }
    let grid = [map.plane.mass.len(), map.plane.coupling.len()];
    if inputs.grid != grid {
        let [rows, columns] = inputs.grid;
        return Some(format!("its grid is {rows}x{columns}, the map's {}x{}", grid[0], grid[1]));
    }
    if inputs.data != map.data {
        return Some(format!("its datasets are {}, the map's {}", inputs.data, map.data));
    }
    if record.missing_points != map.missing() {
        return Some(format!("it has {} missing points, the map {}", record.missing_points, map.missing()));
    }
    if map.is_expected.is_some_and(|expected| expected != record.is_expected()) {
        let words = |expected| if expected { "an expectation" } else { "data" };
        let (recorded, found) = (words(record.is_expected()), words(map.is_expected == Some(true)));
        return Some(format!("it is of a scan of {recorded}, the map of {found}"));
    }
    None
}
