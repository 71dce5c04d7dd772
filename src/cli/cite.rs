//! `cevscan cite`.

use std::path::Path;

use crate::Result;
use crate::dataset::Dataset;
use crate::others::{Choice, ComputedLimit, Outcome, Selection};
use crate::output::citations::{CitedData, bibtex};
use crate::output::{limits_bibtex, others_bibtex};
use crate::physics::model::Model;

use super::args::{CiteArgs, CiteFormat, Common, Known, curve_of, model};
use super::{SUCCESS, terminal};

pub fn run(args: &CiteArgs, common: &Common) -> Result<u8> {
    // A parameter without a model is one of a model that is missing.
    let name = args.model.as_deref().or(args.parameters.words().next().map(|_| ""));
    let model = name.map(|name| model(name, &args.parameters, common)).transpose()?;
    let others = if args.others { of_others(model.as_ref())? } else { String::new() };
    let behind = model.as_ref().map_or(Ok(String::new()), |model| of_overlays(args, model))?;
    let cited = |text: &String| {
        let dataset = Dataset::find(text)?;
        Ok(CitedData { name: dataset.name, reference: Some(dataset.reference) })
    };
    let data = Dataset::split_list(&args.data).iter().map(cited).collect::<Result<Vec<_>>>()?;
    terminal::result(&match args.format {
        CiteFormat::Bibtex => others + &behind + &bibtex(model.as_ref(), &data),
    })?;
    Ok(SUCCESS)
}

/// Of limits from files and from a checkout, in the words of their sources.
fn of_overlays(args: &CiteArgs, model: &Model) -> Result<String> {
    let mut limits = match &args.darkcast {
        Some(folder) => Known::recast(model, folder, &[], &args.limits)?.limits,
        None => Vec::new(),
    };
    for text in &args.overlays {
        limits.push(curve_of(text, model)?.limit);
    }
    Ok(limits_bibtex(&limits))
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
