//! `cevscan merge`.

use std::path::PathBuf;

use clap::Parser;

use crate::base::files::{Folder, Results};
use crate::scan::tiles::{FOLDER, Key, Tiles, read_key};
use crate::scan::{Device, Settings, scan, scan_keeping};
use crate::{Error, Result};

use super::args::{Arguments, Command, Common, MergeArgs, experiments};
use super::kept::{Shard, typed};
use super::progress::Progress;
use super::scan::{Data, Maps, Request, Started, Writing, claim, finish, input_files, key};
use super::{FAILURE, compute, terminal, toy_parts};

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
    let (scan_args, simd) = typed_then(recorded)?;
    let common = Common { threads: common.threads, simd, quiet: common.quiet };
    let observed = experiments(&scan_args.data, &common)?;
    let mut request = Request::new(&scan_args, &observed, &common)?;
    request.out = args.out.clone();
    let plane = request.plane(observed.len())?;
    let data = Data::new(observed, &request)?;
    let results = Results::open(&request.out)?;

    let (analysis, beside) = (data.analysis(&request.model), data.beside(&request.model));
    let progress = Progress::new(plane.points(), common.quiet);
    let engine = recorded.inputs.get("engine").map_or("", String::as_str);
    let key = key(&request, &analysis, &plane, engine, recorded.arguments.clone())?;
    let results = claim(results, &key, &data.subject(&request.model), args.fresh)?;
    let inputs = key.inputs.clone();
    let terms = analysis.minimised();
    // Nothing is kept here: what the folders hold has to be all.
    let tiles = Tiles::of_shards(&args.shards, key, &plane, terms, &progress)?;
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
    let critical = scan_args.critical.read(&analysis, &request.level)?;
    let input_files = input_files(&scan_args);
    let writing = Writing { results: &results, key: inputs, input_files, critical, started, start_s };
    finish(&request, writing, &analysis, maps, &progress, &common)
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
    let named = missing.iter().take(MOST_NAMED).map(|rows| format!("{} to {}", rows.start, rows.end - 1));
    let named: Vec<String> = named.chain((missing.len() > MOST_NAMED).then(|| "...".to_owned())).collect();
    terminal::error_line(&format!("error: rows {} of {rows} are in no tile", named.join(", ")));
    let of = keys.iter().find_map(|(_, key)| key.shard).map_or(1, |[_, of]| of);
    let arguments = keys.first().map_or(String::new(), |(_, key)| typed(&key.arguments));
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
            format!("cevscan scan {arguments} --shard {part}/{of} --out {}", typed(&[out]))
        })
        .collect();
    terminal::error_line(&format!("hint: {}", commands.join(" ; ")));
    FAILURE
}
