//! Writing the figures that commands make.

use std::path::Path;

use cevscan::Result;
use cevscan::files::Staged;
use cevscan::output::chart_files;
use cevscan::plot::chart::Chart;

use super::terminal;

/// Points of a curve in files, and rows of a table, where the user says nothing.
pub const CURVE_POINTS: usize = 400;
pub const TABLE_POINTS: usize = 25;
/// More points than this are a slip of the keyboard.
pub const MOST_POINTS: usize = 1_000_000;

/// Writes all files of charts (by the stem of their names) into a folder that is there, and names them on stderr.
pub fn write(folder: &Path, charts: &[(String, Chart)], quiet: bool) -> Result<()> {
    let mut staged = Staged::new();
    let mut names = Vec::new();
    for (stem, chart) in charts {
        for file in chart_files(stem, chart)? {
            let path = folder.join(&file.name);
            staged.add_bytes(&path, &file.contents)?;
            names.push(path.display().to_string());
        }
    }
    staged.publish()?;
    if !quiet {
        names.iter().for_each(|name| terminal::error_line(&format!("wrote {name}")));
    }
    Ok(())
}
