//! What the report says about a figure: a file beside its picture.

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::output::{chart_files, json};
use crate::plot::chart::Chart;
use crate::scan::{Certificate, EngineRecord};

use super::FIGURES;
use super::product::Made;

/// A figure's record, `<stem>.json`. Texts are in the markup of [`crate::plot::text`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureRecord {
    /// Its number in the paper, e.g. `5a`.
    pub number: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What there is to see in it.
    pub caption: String,
    /// Its files without their endings, as a path in the folder.
    pub stem: String,
    /// Commands that give the same numbers.
    pub commands: Vec<String>,
    /// What evaluated its map, where it has one.
    pub engine: Option<EngineRecord>,
    /// How far a GPU's values are from f64.
    pub certificate: Option<Certificate>,
}

impl FigureRecord {
    /// Adds the figure's files: picture, numbers, script, and this record.
    ///
    /// # Errors
    /// [`crate::Error::Encoding`]; none in practice.
    pub(super) fn add(&self, made: &mut Made, chart: &Chart) -> Result<()> {
        let name = self.stem.rsplit('/').next().unwrap_or(&self.stem);
        for file in chart_files(name, chart)? {
            made.add(format!("{FIGURES}/{}", file.name), file.contents);
        }
        made.add(format!("{}.json", self.stem), json(self)?);
        Ok(())
    }
}

/// The stem of a figure's files.
pub(super) fn stem(name: &str) -> String {
    format!("{FIGURES}/{name}")
}
