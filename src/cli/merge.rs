//! `cevscan merge`.

use std::path::PathBuf;

use crate::base::files::{Folder, Results};
use crate::base::simd::SimdLevel;
use crate::scan::tiles::{FOLDER, Key, Tiles, read_key};
use crate::scan::{Device, INTERPOLATED, ScanRequest, Settings, scan, scan_keeping};
use crate::{Error, Result};

use super::args::{Common, Drawing, MergeArgs, experiments};
use super::kept::{self, Shard, typed};
use super::progress::Progress;
use super::scan::{Data, Maps, Request, Started, Writing, claim, finish, key};
use super::{FAILURE, terminal, toy_parts};

/// Most gaps and commands that a message names.
const MOST_NAMED: usize = 64;

pub fn run(args: &MergeArgs, common: &Common) -> Result<u8> {
    let started = Started::now();
    if let Some(first) = args.shards.first()
        && toy_parts::is_part(first)?
    {
        return toy_parts::merge(args, common);
    }
    let mut keys = Vec::new();
    for folder in &args.shards {
        let key = if folder.is_dir() { read_key(&Folder::open(folder)?)? } else { None };
        match key {
            Some(key) => keys.push((folder.join(FOLDER), key)),
            None => return Err(Error::out_of_range("folder of a shard", folder.display(), "one that a scan made")),
        }
    }
    let Some((_, recorded)) = keys.first() else { return Ok(FAILURE) };
    for (folder, key) in &keys {
        key.require_same(recorded, folder)?;
    }
    let (asked, drawing) = kept_in(recorded, &args.shards)?;
    let simd = asked.simd.map_or("auto", SimdLevel::name).to_owned();
    let common = Common { threads: common.threads, simd, quiet: common.quiet };
    let observed = experiments(&asked.data, asked.couplings, &common)?;
    let request = Request::new(asked, drawing, args.out.clone(), &common)?;
    let plane = request.plane(observed.len())?;
    let data = Data::new(observed, &request)?;
    let results = Results::open(&request.out)?;

    let (analysis, beside) = (data.analysis(&request.model), data.beside(&request.model));
    let progress = Progress::new(plane.points(), common.quiet);
    let engine = recorded.inputs.get("engine").map_or("", String::as_str);
    let key = key(&request, &analysis, &plane, engine)?;
    let results = claim(results, &key, &data.subject(&request.model), args.fresh)?;
    let inputs = key.inputs.clone();
    let terms = analysis.minimised();
    // Nothing is kept here: what the folders hold has to be all.
    let tiles = Tiles::of_shards(&args.shards, key, &plane, terms, &progress)?;
    tiles.drop_unusable()?;
    let missing = tiles.missing(0..plane.mass.len());
    if !missing.is_empty() {
        progress.finish();
        let words = kept::words(&request.asked, &request.drawing)?;
        return Ok(report_missing(&missing, &args.shards, &keys, plane.mass.len(), &typed(&words)));
    }
    let start_s = started.seconds();
    // Nothing is computed, but what was interpolated is certified.
    let device = if engine.starts_with(INTERPOLATED) { Device::Interpolated } else { Device::Cpu };
    let settings =
        Settings { device, tile_rows: None, delta_chi2: request.level.delta_chi2, minimum: request.level.minimum };
    let result = scan_keeping(&analysis, plane.clone(), settings, &progress, &tiles).and_then(|map| {
        let beside = beside.as_ref().map(|beside| scan(beside, plane, settings, &progress)).transpose()?;
        Ok((map, beside))
    });
    progress.finish();
    let (mut map, beside) = result?;
    if map.engine.name != "cpu" {
        map.engine.description = engine.to_owned();
    }
    let maps = Maps { map: &map, beside: beside.as_ref() };
    let critical = request.drawing.critical.read(&analysis, &request.level)?;
    let writing = Writing { results: &results, key: inputs, critical, started, start_s };
    finish(&request, writing, &analysis, maps, &progress, &common)
}

/// What the scan that the shards are of was asked for, and how its map is drawn.
fn kept_in(key: &Key, shards: &[PathBuf]) -> Result<(ScanRequest, Drawing)> {
    let first = || shards.first().map_or(String::new(), |folder| folder.display().to_string());
    let Some(request) = key.request.clone() else {
        let version = key.inputs.get("version").map_or("an older one", String::as_str);
        let bound = format!("of {} and this build: scan it again", env!("CARGO_PKG_VERSION"));
        return Err(Error::out_of_range(format!("version of the shard {}", first()), version, bound));
    };
    let drawing = serde_json::from_value(key.drawing.clone()).map_err(|error| Error::NotOfForm {
        path: first(),
        form: "key of a scan",
        reason: format!("how its map is drawn: {error}"),
    })?;
    Ok((request, drawing))
}

/// Names the rows that no tile holds, and what makes them.
fn report_missing(
    missing: &[std::ops::Range<usize>],
    shards: &[PathBuf],
    keys: &[(PathBuf, Key)],
    rows: usize,
    words: &str,
) -> u8 {
    let named = missing.iter().take(MOST_NAMED).map(|rows| format!("{} to {}", rows.start, rows.end - 1));
    let named: Vec<String> = named.chain((missing.len() > MOST_NAMED).then(|| "...".to_owned())).collect();
    terminal::error_line(&format!("error: rows {} of {rows} are in no tile", named.join(", ")));
    let of = keys.iter().find_map(|(_, key)| key.shard).map_or(1, |[_, of]| of);
    // From missing row to missing row, by the shards that have them: of shards without rows there may be any number.
    let mut parts = Vec::new();
    for missing in missing {
        let mut row = missing.start;
        while row < missing.end && parts.len() < MOST_NAMED {
            let shard = Shard::with_row(row, rows, of);
            if parts.last() != Some(&shard.part) {
                parts.push(shard.part);
            }
            row = shard.rows(rows).end.max(row + 1);
        }
    }
    let commands: Vec<String> = parts
        .into_iter()
        .map(|part| {
            let known = keys.iter().zip(shards).find(|((_, key), _)| key.shard == Some([part, of]));
            let out = known.map_or(format!("shard-{part}"), |(_, folder)| folder.display().to_string());
            format!("cevscan scan {words} --shard {part}/{of} --out {}", typed(&[out]))
        })
        .collect();
    terminal::error_line(&format!("hint: {}", commands.join(" ; ")));
    FAILURE
}
