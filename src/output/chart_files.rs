//! A chart in all its forms.

use crate::Result;
use crate::plot::chart::Chart;
use crate::plot::{Figure, Print, print};

use super::{chart_csv, matplotlib_script};

/// A file in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartFile {
    /// Its name, without a folder.
    pub name: String,
    /// Its bytes.
    pub contents: Vec<u8>,
}

/// A chart as picture (`<stem>.svg`, `<stem>.png`, `<stem>.pdf`), numbers (`<stem>.csv`) and matplotlib script (`<stem>.py`); the same
/// chart gives the same bytes.
///
/// # Errors
/// [`crate::Error::Encoding`] for PNG and PDF; none in practice.
pub fn chart_files(stem: &str, chart: &Chart) -> Result<[ChartFile; 5]> {
    let svg = chart.to_svg();
    let Print { png, pdf } = print(&svg)?;
    let file = |ending: &str, contents: Vec<u8>| ChartFile { name: format!("{stem}.{ending}"), contents };
    Ok([
        file("svg", svg.into_bytes()),
        file("png", png),
        file("pdf", pdf),
        file("csv", chart_csv(chart).into_bytes()),
        file("py", matplotlib_script(chart).into_bytes()),
    ])
}
