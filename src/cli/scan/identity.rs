//! What tells one scan from another.

use serde_json::Value;

use crate::Result;
use crate::analysis::Analysis;
use crate::analysis::limits::Level;
use crate::base::files::{Results, Subject};
use crate::base::provenance::{Inputs, fingerprint, require_same};
use crate::output::{MAP, RECORD, RunRecord, record_in};
use crate::scan::Plane;
use crate::scan::tiles::Key;

use super::super::args::Drawing;
use super::super::kept;
use super::super::pictures::{CONTOUR, NAMES};
use super::Request;

/// What tiles, shards and maps are bound to; `engine` is what evaluates.
pub fn key(request: &Request, analysis: &Analysis, plane: &Plane, engine: &str) -> Result<Key> {
    let mut options = kept::options(&request.asked, &request.drawing)?;
    let Level { confidence, dof, delta_chi2, minimum } = request.level;
    let level = [
        ("confidence", confidence.to_string()),
        ("degrees of freedom", dof.to_string()),
        ("rise of chi2", delta_chi2.to_string()),
        ("minimum", minimum.name().to_owned()),
        ("limits of others", fingerprint(&request.behind.known.limits)),
    ];
    options.extend(level.map(|(name, value)| (name.to_owned(), value)));
    let key = Key::new(analysis, plane, engine, options, request.asked.clone());
    let drawing = Value::Object(kept::value_of(&request.drawing)?);
    Ok(Key { drawing, shard: request.shard.map(|shard| [shard.part, shard.of]), ..key })
}

/// Inputs of a map by which nobody would call it that of another scan: how it was computed, and limits in its picture.
/// The options that choose those are of the same kind.
const OF_THE_SAME_SCAN: [&str; 5] = ["version", "sources", "platform", "engine", "limits of others"];

/// Files of a scan, by the order in which they are named.
pub const FILES: [&str; 7] = [MAP, CONTOUR, NAMES[0], NAMES[1], NAMES[2], NAMES[3], RECORD];

/// What files of a map of a model and data are of.
pub fn map_of(model: &str, data: &str) -> Subject {
    Subject::new("map", format!("{model}, {data}"), "")
}

/// Claims a locked folder for the files of a scan: refuses what would be gone and is not this scan's or not the program's,
/// unless that is what was asked for (`fresh`).
///
/// # Errors
/// [`crate::Error::OtherInputs`] where the folder holds the map of another scan, naming what differs;
/// [`crate::Error::InTheWay`] for files of the user's; a `run.json` that is none of ours.
pub fn claim(results: Results, key: &Key, subject: &Subject, fresh: bool) -> Result<Results> {
    let mut results = results.fresh(fresh);
    if let Some((record, digest)) = record_in(results.folder())? {
        require_same_map(&results, &record, key, fresh)?;
        results.trust(record.files.into_iter().chain([(RECORD.to_owned(), digest)]));
    }
    results.require_free(&FILES, Some(subject))?;
    Ok(results)
}

fn require_same_map(results: &Results, record: &RunRecord, key: &Key, fresh: bool) -> Result<()> {
    // Records of old say nothing.
    if fresh || record.key.is_empty() {
        return Ok(());
    }
    // What another build makes of the same files may look different to it.
    let same_build = record.key.get("sources") == key.inputs.get("sources");
    let Drawing { behind, look, .. } = Drawing::default();
    let of_the_picture = [kept::value_of(&behind)?, kept::value_of(&look)?];
    let tells = |name: &str| {
        let option = name.strip_prefix("--").unwrap_or_default();
        let same = OF_THE_SAME_SCAN.contains(&name) || of_the_picture.iter().any(|some| some.contains_key(option));
        !same && (same_build || !name.starts_with("contents"))
    };
    let asked = |inputs: &Inputs| -> Inputs {
        inputs.iter().filter(|(name, _)| tells(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    require_same(&asked(&record.key), &asked(&key.inputs), results.folder().path(), "the map")
}
