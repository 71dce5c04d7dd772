//! `cevscan recast`.

use rayon::prelude::*;

use cevscan::base::files::{Results, write_file};
use cevscan::others::recast::Limit;
use cevscan::output::{RecastRecord, json, recast_csv, recast_lmt, recast_table};
use cevscan::{Error, Result};

use super::args::{Common, RecastArgs, RecastFormat, Recasting};
use super::{FAILURE, SUCCESS, terminal};

pub fn run(args: &RecastArgs, common: &Common) -> Result<u8> {
    let recasting = args.source.open(&args.model, common)?;
    let limits = recasting.limits(&args.limits)?;
    let mut records = Vec::new();
    let mut status = SUCCESS;
    for (limit, result) in limits.iter().zip(recast_all(&recasting, &limits)) {
        match result {
            Ok(record) => records.push(record),
            Err(error) => {
                terminal::error_line(&format!("error: {}: {error}", limit.name));
                status = FAILURE;
            }
        }
    }
    // The other forms hold the reasons themselves.
    if !common.quiet && matches!(args.format, RecastFormat::Csv | RecastFormat::Lmt) {
        for (name, reason) in records.iter().filter_map(|record| Some((&record.limit, record.reason.as_ref()?))) {
            terminal::error_line(&format!("{name}: no curve: {reason}"));
        }
    }
    write(args, &records)?;
    Ok(status)
}

/// Each limit on its own: one that cannot be read does not stop the others.
fn recast_all(recasting: &Recasting, limits: &[&Limit]) -> Vec<Result<RecastRecord>> {
    let one = |limit: &&Limit| {
        let Recasting { model, target, settings, .. } = recasting;
        let outcome = recasting.checkout.recast(limit, model, target, *settings)?;
        Ok(RecastRecord::new(model, limit, outcome))
    };
    limits.par_iter().map(one).collect()
}

fn write(args: &RecastArgs, records: &[RecastRecord]) -> Result<()> {
    let text = match (args.format, &args.out) {
        (RecastFormat::Lmt, Some(folder)) => {
            let results = Results::wait(folder)?.fresh(args.fresh);
            let mut staged = results.stage();
            for record in records.iter().filter(|record| record.reason.is_none()) {
                staged.add_bytes(&format!("{}.lmt", record.limit), recast_lmt(record).as_bytes())?;
            }
            return staged.publish();
        }
        (RecastFormat::Lmt, None) => {
            let curves = records.iter().filter(|record| record.reason.is_none());
            curves.map(recast_lmt).collect::<Vec<_>>().join("\n")
        }
        (RecastFormat::Table, _) => recast_table(records),
        (RecastFormat::Csv, _) => recast_csv(records),
        (RecastFormat::Json, _) => json(&records)?,
    };
    match &args.out {
        None => terminal::result(&text),
        Some(path) if path.is_dir() => {
            Err(Error::out_of_range("--out", path.display(), "a file, unless --format is lmt"))
        }
        Some(path) => write_file(path, text.as_bytes(), args.fresh),
    }
}
