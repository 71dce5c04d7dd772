//! Toys in parts, on several machines: `coverage --shard K/N` makes one, `merge` puts them together.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::analysis::Analysis;
use crate::analysis::coverage::{Device, Ensemble, Parts, calibrate_parts};
use crate::base::files::{Folder, Results, Subject};
use crate::output::json;
use crate::{Error, Result};

use super::args::{Common, CoverageArgs, Format, MapRequest, MergeArgs, ToyEngineArg};
use super::coverage_points::make;
use super::coverage_request::{How, Request, Resolved};
use super::kept::Shard;
use super::kept_toys::{EXPECTED_ANCHORS, Keeping, KeptToys, point_name};
use super::progress::Progress;
use super::{SUCCESS, terminal};

/// What its record is, in errors.
pub const PART_FORM: &str = "record of a part of toys";

/// What a part says of itself, beside its toys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct PartRecord {
    #[serde(flatten)]
    resolved: Resolved,
    /// Part, from 1, and number of parts.
    part: [u64; 2],
    /// Whether all of its toys are there.
    is_done: bool,
}

/// Makes a part and keeps its toys.
pub fn make_part(request: Request, shard: Shard, args: &CoverageArgs, common: &Common) -> Result<u8> {
    let (model, experiments) = request.open(common)?;
    let analysis = Analysis::new(&model, &experiments);
    let name = format!("cevscan-coverage-{}-{}-{}-of-{}", model.name, analysis.data_name(), shard.part, shard.of);
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(name));
    let subject = format!("{}, {}, part {} of {}", model.name, analysis.data_name(), shard.part, shard.of);
    let results = Results::open(&out)?.fresh(args.fresh);
    results.require_free(&[], Some(&Subject::new("toys", subject, "")))?;
    let kept = KeptToys::of(results.folder())?;
    if args.fresh {
        kept.discard()?;
    }
    let part = [shard.part as u64, shard.of as u64];
    let mut record = PartRecord { resolved: request.clone().resolved(&analysis), part, is_done: false };
    if let Some(there) = read(&kept)?
        && (there.part != record.part || there.resolved.differs(&record.resolved).is_some())
    {
        let bound = "one for this part of these toys, or --fresh to throw its own away";
        return Err(Error::out_of_range("folder with toys", out.display(), bound));
    }
    kept.keep_record(json(&record)?.as_bytes())?;
    let parts = Parts { of: part[1], own: Some(part[0] - 1) };
    let own = parts.range(request.plan.toys.0..request.plan.toys.1, part[0] - 1);
    let of_map = |map: &MapRequest| EXPECTED_ANCHORS.min(map.goal.most_anchors) * map.goal.parts();
    let (toys, expected) = ((own.end - own.start) as usize, request.map.as_ref().map_or(request.at.len(), of_map));
    let progress = Progress::of_mixed_work(toys * expected, common.quiet);
    let watch = Keeping { progress: &progress, kept: &kept, toys, expected };
    match &request.map {
        Some(map) => {
            calibrate_parts(&analysis, map.goal, request.plan, (Device::Cpu, parts), &watch)?;
        }
        None => {
            for (number, point) in request.points().into_iter().enumerate() {
                Ensemble::run_parts(&analysis, point, request.plan, (&point_name(number), parts), &watch)?;
            }
        }
    }
    record.is_done = true;
    kept.keep_record(json(&record)?.as_bytes())?;
    progress.finish();
    if !common.quiet {
        let text = format!("{:<12}part {} of {} in {}\n", "toys", part[0], part[1], terminal::shown(&out));
        terminal::result(&(text + "            'cevscan merge' puts the parts together\n"))?;
    }
    Ok(SUCCESS)
}

/// Whether a folder holds a part of toys.
///
/// # Errors
/// Those of the system.
pub fn is_part(path: &Path) -> Result<bool> {
    Ok(path.is_dir() && KeptToys::to_read(&Folder::open(path)?).record()?.is_some())
}

/// Puts parts together.
pub fn merge(args: &MergeArgs, common: &Common) -> Result<u8> {
    let folders = args.shards.iter().map(|path| Folder::open(path)).collect::<Result<Vec<_>>>()?;
    let mut parts = Vec::new();
    for folder in &folders {
        let record = read(&KeptToys::to_read(folder))?;
        let is_none = || Error::out_of_range("folder of a part", folder.path().display(), "one of 'coverage --shard'");
        parts.push((folder, record.ok_or_else(is_none)?));
    }
    let Some((_, first)) = parts.first().cloned() else { return Ok(SUCCESS) };
    let [_, of] = first.part;
    for (number, (folder, record)) in parts.iter().enumerate() {
        let path = folder.path().display();
        if let Some(what) =
            record.resolved.differs(&first.resolved).or((record.part[1] != of).then_some("number of parts"))
        {
            let bound = format!("of the same toys as {}: its {what} is another", parts[0].0.path().display());
            return Err(Error::out_of_range("folder of a part", path, bound));
        }
        if !record.is_done {
            let bound = "finished: the same command goes on with it";
            return Err(Error::out_of_range("part", path, bound));
        }
        if let Some((other, _)) = parts[..number].iter().find(|(_, other)| other.part == record.part) {
            let bound = format!("given once: {} is part {} too", other.path().display(), record.part[0]);
            return Err(Error::out_of_range("folder of a part", path, bound));
        }
    }
    let missing = (1..=of).filter(|part| parts.iter().all(|(_, record)| record.part[0] != *part));
    let missing: Vec<String> = missing.map(|part| format!("{part}/{of}")).collect();
    if !missing.is_empty() {
        let bound = format!("all of them: there are none of --shard {}", missing.join(", "));
        return Err(Error::out_of_range("number of parts", parts.len(), bound));
    }
    let common = Common { threads: common.threads, simd: first.resolved.simd.clone(), quiet: common.quiet };
    let (model, experiments) = first.resolved.request.open(&common)?;
    let analysis = Analysis::new(&model, &experiments);
    if let Some(what) = first.resolved.request.clone().resolved(&analysis).differs(&first.resolved) {
        let bound = "made by this program of the model and data as they are now";
        return Err(Error::out_of_range("parts", format!("of another {what}"), bound));
    }
    let how = How {
        out: Some(args.out.clone()),
        fresh: args.fresh,
        format: Format::Table,
        engine: (ToyEngineArg::Cpu, None),
        parts: Some((Parts { of, own: None }, &folders)),
    };
    make(&first.resolved.request, (&model, &analysis), &how, &common)
}

fn read(kept: &KeptToys) -> Result<Option<PartRecord>> {
    let Some(bytes) = kept.record()? else { return Ok(None) };
    let refused = |error: serde_json::Error| Error::NotOfForm {
        path: kept.record_path().display().to_string(),
        form: PART_FORM,
        reason: error.to_string(),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(refused)
}
