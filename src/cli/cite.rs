//! `cevscan cite`.

use cevscan::Result;
use cevscan::dataset::Dataset;
use cevscan::output::citations::{CitedData, bibtex};

use super::args::{CiteArgs, CiteFormat, Common, model};
use super::{SUCCESS, terminal};

pub fn run(args: &CiteArgs, common: &Common) -> Result<u8> {
    // A parameter without a model is one of a model that is missing.
    let name = args.model.as_deref().or(args.parameters.words().next().map(|_| ""));
    let model = name.map(|name| model(name, &args.parameters, common)).transpose()?;
    let cited = |text: &String| {
        let dataset = Dataset::find(text)?;
        Ok(CitedData { name: dataset.name, reference: Some(dataset.reference) })
    };
    let data = Dataset::split_list(&args.data).iter().map(cited).collect::<Result<Vec<_>>>()?;
    terminal::result(&match args.format {
        CiteFormat::Bibtex => bibtex(model.as_ref(), &data),
    })?;
    Ok(SUCCESS)
}
