//! A chart in all its forms.

use crate::Result;
use crate::plot::chart::Chart;
use crate::plot::{Figure, print_png};

use super::{chart_csv, matplotlib_script};

/// A file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its bytes.
    pub contents: Vec<u8>,
}

/// A chart as picture (`<stem>.svg`, `<stem>.png`), numbers (`<stem>.csv`) and matplotlib script (`<stem>.py`); the same
/// chart gives the same bytes.
///
/// # Errors
/// [`crate::Error::Encoding`] for the PNG; none in practice.
pub fn chart_files(stem: &str, chart: &Chart) -> Result<[ChartFile; 4]> {
    let svg = chart.to_svg();
    let png = print_png(&svg)?;
    let file = |ending: &str, contents: Vec<u8>| ChartFile { name: format!("{stem}.{ending}"), contents };
    Ok([
        file("svg", svg.into_bytes()),
        file("png", png),
        file("csv", chart_csv(chart).into_bytes()),
        file("py", matplotlib_script(chart).into_bytes()),
    ])
}
