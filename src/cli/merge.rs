//! `cevscan merge`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use cevscan::files::writable_folder;
use cevscan::scan::{Device, Settings, scan, scan_keeping};
use cevscan::tiles::{FolderLock, Key, Tiles, sweep};
use cevscan::{Error, Result};

use super::args::{Arguments, Command, Common, MergeArgs, experiments};
use super::kept::{Shard, typed};
use super::progress::Progress;
use super::scan::{Data, Maps, Request, Started, finish};
use super::{FAILURE, compute, terminal};

pub fn run(args: &MergeArgs, common: &Common) -> Result<u8> {
    let started = Started::now();
    let mut keys = Vec::new();
    for folder in &args.shards {
        let folder = folder.join(cevscan::tiles::FOLDER);
        match Key::read(&folder.join("key.json"))? {
            Some(key) => keys.push((folder, key)),
            None => return Err(Error::out_of_range("folder of a shard", folder.display(), "one that a scan made")),
        }
    }
    let Some((_, recorded)) = keys.first() else { return Ok(FAILURE) };
    for (folder, key) in &keys {
        key.require_same(recorded, folder)?;
    }
    let (scan_args, simd) = typed_then(recorded)?;
    let common = Common { threads: common.threads, simd, quiet: common.quiet };
    let observed = experiments(&scan_args.data, &common)?;
    let mut request = Request::new(&scan_args, &observed, &common)?;
    request.out = args.out.clone();
    let plane = request.plane(observed.len())?;
    let data = Data::new(observed, &request)?;
    writable_folder(&request.out)?;
    let _lock = FolderLock::take(&request.out)?;
    sweep(&request.out)?;

    let (analysis, beside) = (data.analysis(&request.model), data.beside(&request.model));
    let progress = Progress::new(plane.points(), common.quiet);
    let engine = recorded.inputs.get("engine").map_or("", String::as_str);
    let key = Key::new(&analysis, &plane, engine, recorded.arguments.clone());
    let terms = analysis.terms().len();
    // Nothing is kept here: what the folders hold has to be all.
    let tiles = Tiles::open(&args.shards, key, &plane, terms, Duration::MAX, &progress)?;
    tiles.drop_unusable()?;
    let missing = tiles.missing(0..plane.mass.len());
    if !missing.is_empty() {
        progress.finish();
        return Ok(report_missing(&missing, &args.shards, &keys, plane.mass.len()));
    }
    let start_s = started.seconds();
    // Nothing is computed, but what was interpolated is certified.
    let device = if engine.starts_with(compute::INTERPOLATED) { Device::Interpolated } else { Device::Cpu };
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
    finish(&request, &analysis, maps, &progress, &common, started, start_s)
}

/// The arguments of the scan that the shards are of.
fn typed_then(key: &Key) -> Result<(super::args::ScanArgs, String)> {
    let words = ["cevscan", "scan"].into_iter().map(str::to_owned).chain(key.arguments.iter().cloned());
    let parsed = Arguments::try_parse_from(words).map_err(|error| Error::Unparsable {
        quantity: "arguments kept with tiles".to_owned(),
        value: typed(&key.arguments),
        expected: error.to_string().lines().next().unwrap_or_default().to_owned(),
    })?;
    match parsed.command {
        Command::Scan(scan) => Ok((scan, parsed.common.simd)),
        _ => Err(Error::Unparsable {
            quantity: "arguments kept with tiles".to_owned(),
            value: typed(&key.arguments),
            expected: "those of a scan".to_owned(),
        }),
    }
}

/// Names the rows that no tile holds, and what makes them.
fn report_missing(missing: &[std::ops::Range<usize>], shards: &[PathBuf], keys: &[(PathBuf, Key)], rows: usize) -> u8 {
    let named: Vec<String> = missing.iter().map(|rows| format!("{} to {}", rows.start, rows.end - 1)).collect();
    terminal::error_line(&format!("error: rows {} of {rows} are in no tile", named.join(", ")));
    let of = keys.iter().find_map(|(_, key)| key.shard).map_or(1, |[_, of]| of);
    let arguments = keys.first().map_or(String::new(), |(_, key)| typed(&key.arguments));
    let commands: Vec<String> = (1..=of)
        .filter(|&part| {
            let own = Shard { part, of }.rows(rows);
            missing.iter().any(|missing| missing.start < own.end && own.start < missing.end)
        })
        .map(|part| {
            let known = keys.iter().zip(shards).find(|((_, key), _)| key.shard == Some([part, of]));
            let out = known.map_or(format!("shard-{part}"), |(_, folder)| folder.display().to_string());
            format!("cevscan scan {arguments} --shard {part}/{of} --out {}", typed(&[out]))
        })
        .collect();
    terminal::error_line(&format!("hint: {}", commands.join(" ; ")));
    FAILURE
}
