//! `cevscan datasets`.

use std::fmt::Write as _;
use std::path::Path;

use crate::Result;
use crate::analysis::Experiment;
use crate::dataset::Dataset;
use crate::output::dataset_check;

use super::args::{Common, DatasetsArgs, DatasetsCommand, say_doubts};
use super::{SUCCESS, terminal};

pub fn run(args: &DatasetsArgs, common: &Common) -> Result<u8> {
    let text = match &args.command {
        None => list()?,
        Some(DatasetsCommand::Check { file }) => {
            let is_known = Dataset::names().any(|name| name == file);
            // A folder may be named without a separator.
            let folder = !is_known && Path::new(file).is_dir();
            let dataset = if folder { Dataset::open(Path::new(file))? } else { Dataset::find(file)? };
            let experiment = Experiment::of(dataset)?.with_simd(common.simd.parse()?);
            say_doubts(&experiment.dataset);
            dataset_check(&experiment)?
        }
    };
    terminal::result(&text)?;
    Ok(SUCCESS)
}

fn list() -> Result<String> {
    let mut text = String::new();
    for name in Dataset::names() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<14}{}", Dataset::named(name)?.description);
    }
    Ok(text)
}
