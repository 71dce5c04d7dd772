//! `cevscan cite`.

use std::path::Path;

use cevscan::Result;
use cevscan::model::{Anomalies, Model};
use cevscan::others::{Choice, ComputedLimit, Outcome, Selection};
use cevscan::output::{citations, others_bibtex};

use super::args::{CiteArgs, CiteFormat};
use super::{SUCCESS, terminal};

pub fn run(args: &CiteArgs) -> Result<u8> {
    let model = args.model.as_deref().map(|name| Model::find(name, Anomalies::Allowed)).transpose()?;
    let others = if args.others { of_others(model.as_ref())? } else { String::new() };
    terminal::result(&match args.format {
        CiteFormat::Bibtex => others + &citations::bibtex(model.as_ref()),
    })?;
    Ok(SUCCESS)
}

/// Of all computed limits, or of those that exclude something for a model.
fn of_others(model: Option<&Model>) -> Result<String> {
    let none: &[&Path] = &[];
    let selection = Selection::new(none, Choice::default())?;
    Ok(match model {
        None => others_bibtex(&selection.experiments.iter().collect::<Vec<_>>()),
        Some(model) => {
            let limits = selection.limits(model, None, None)?;
            let excludes = |limit: &&ComputedLimit| matches!(limit.outcome, Outcome::Excluded(_));
            others_bibtex(&limits.iter().filter(excludes).map(|limit| limit.experiment).collect::<Vec<_>>())
        }
    })
}
