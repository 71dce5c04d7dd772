//! `cevscan cite`.

use cevscan::Result;
use cevscan::model::{Anomalies, Model};
use cevscan::output::citations;

use super::args::{CiteArgs, CiteFormat};
use super::{SUCCESS, terminal};

pub fn run(args: &CiteArgs) -> Result<u8> {
    let model = args.model.as_deref().map(|name| Model::find(name, Anomalies::Allowed)).transpose()?;
    terminal::result(&match args.format {
        CiteFormat::Bibtex => citations::bibtex(model.as_ref()),
    })?;
    Ok(SUCCESS)
}
