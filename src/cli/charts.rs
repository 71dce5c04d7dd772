//! What commands that make curves say and write.

use cevscan::Result;
use cevscan::base::files::Results;
use cevscan::output::chart_files;
use cevscan::plot::chart::Chart;

use super::args::{Common, CurveArgs};
use super::{signals, terminal};

/// Writes all files of `charts` (by the stem of their names) into the folder that was asked for, which is there, and names
/// them on stderr; then the result to stdout, which `--quiet` leaves to the files where there are any.
pub fn write(
    args: &CurveArgs,
    common: &Common,
    result: &str,
    charts: impl FnOnce() -> Result<Vec<(String, Chart)>>,
) -> Result<()> {
    let Some(folder) = &args.out else { return terminal::result(result) };
    signals::watch_interrupts();
    let charts = charts()?;
    let results = Results::wait(folder)?.fresh(args.fresh);
    let mut staged = results.stage();
    let mut names = Vec::new();
    for (stem, chart) in charts {
        for file in chart_files(&stem, &chart)? {
            signals::check()?;
            staged.add_bytes(&file.name, &file.contents)?;
            names.push(folder.join(&file.name));
        }
    }
    signals::check()?;
    staged.publish()?;
    if common.quiet {
        return Ok(());
    }
    names.iter().for_each(|name| terminal::error_line(&format!("wrote {}", name.display())));
    terminal::result(result)
}
