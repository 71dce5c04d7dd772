//! `cevscan import`.

use std::path::PathBuf;

use cevscan::Result;
use cevscan::base::files::Results;
use cevscan::dataset::import::{csi2021, lar2020, stage_tables};

use super::args::{Common, ImportArgs, Release};
use super::terminal::shown;
use super::{SUCCESS, signals, terminal};

pub fn run(args: &ImportArgs, common: &Common) -> Result<u8> {
    signals::watch_interrupts();
    let (name, tables) = match args.release {
        Release::Csi2021 => ("csi2021", csi2021(&args.dir)?),
        Release::Lar2020 => ("lar2020", lar2020(&args.dir)?),
    };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from("data").join(name));
    signals::check()?;
    let results = Results::wait(&out)?.fresh(args.fresh);
    let staged = stage_tables(&results, &tables)?;
    signals::check()?;
    staged.publish()?;
    if !common.quiet {
        let written = tables.iter().map(|table| format!("{}\n", shown(&out.join(&table.file_name))));
        terminal::result(&written.collect::<String>())?;
    }
    Ok(SUCCESS)
}
