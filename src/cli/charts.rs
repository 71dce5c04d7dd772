//! What commands that make curves say and write.

use std::path::Path;

use crate::Result;
use crate::base::files::Results;
use crate::output::chart_files;
use crate::plot::chart::Chart;

use super::args::{Common, CurveArgs, LookArgs};
use super::{signals, terminal};

/// Where figures go, and how they are printed.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    pub out: Option<&'a Path>,
    pub fresh: bool,
    pub look: &'a LookArgs,
}

/// Writes the figures of curves, see [`write_to`].
pub fn write(
    args: &CurveArgs,
    common: &Common,
    result: &str,
    charts: impl FnOnce() -> Result<Vec<(String, Chart)>>,
) -> Result<()> {
    write_to(Target { out: args.out.as_deref(), fresh: args.fresh, look: &args.look }, common, result, charts)
}

/// Writes all files of `charts` (by the stem of their names) into the folder that was asked for, which is there, and names
/// them on stderr; then the result to stdout, which `--quiet` leaves to the files where there are any.
pub fn write_to(
    target: Target,
    common: &Common,
    result: &str,
    charts: impl FnOnce() -> Result<Vec<(String, Chart)>>,
) -> Result<()> {
    target.look.look()?;
    let Some(folder) = target.out else { return terminal::result(result) };
    signals::watch_interrupts();
    let charts = charts()?;
    let results = Results::wait(folder)?.fresh(target.fresh);
    let mut staged = results.stage();
    let mut names = Vec::new();
    for (stem, mut chart) in charts {
        target.look.dress(&mut chart)?;
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
