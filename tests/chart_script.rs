//! The matplotlib scripts of charts: run, where Python has matplotlib.
//!
//! The tests take the Python that `CEVSCAN_PYTHON` names, else `python3`. Without matplotlib they are listed as ignored;
//! `CEVSCAN_REQUIRE_MATPLOTLIB=1` makes that a failure.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod chart_samples;

use std::path::Path;
use std::process::{Command, ExitCode};

use cevscan::output::{chart_files, matplotlib_script};
use cevscan::plot::chart::Chart;
use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let is_missing = !python().args(["-c", "import matplotlib"]).output().is_ok_and(|output| output.status.success());
    let is_required = std::env::var_os("CEVSCAN_REQUIRE_MATPLOTLIB").is_some();
    let trial = |name: &str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(is_missing && !is_required)
    };
    let trials = vec![
        trial("scripts_draw_their_charts", scripts_draw_their_charts),
        trial("the_default_is_a_pdf_beside_the_script", the_default_is_a_pdf_beside_the_script),
        trial("scripts_hold_the_numbers_of_the_table", scripts_hold_the_numbers_of_the_table),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn python() -> Command {
    let mut command = Command::new(std::env::var_os("CEVSCAN_PYTHON").unwrap_or("python3".into()));
    // No window, no surprises from the user's settings.
    command.env("MPLBACKEND", "agg").env("MATPLOTLIBRC", "/dev/null");
    command
}

fn run(command: &mut Command) -> Result<String, Failed> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // A warning, such as one of a missing sign, is a flaw too.
    if !output.status.success() || !said.is_empty() {
        return Err(format!("{command:?}: {said}").into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The script of a chart in a folder; pictures stay in the tests' scratch folder, to be looked at.
fn script(folder: &Path, name: &str, chart: &Chart) -> std::path::PathBuf {
    let path = folder.join(format!("{name}.py"));
    std::fs::write(&path, matplotlib_script(chart)).unwrap();
    path
}

fn scripts_draw_their_charts() -> Result<(), Failed> {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = tempfile::tempdir()?;
    let charts = [
        ("curves", chart_samples::curves()),
        ("regions", chart_samples::regions()),
        ("hostile", chart_samples::hostile()),
        ("empty", Chart::default()),
    ];
    for (name, chart) in charts {
        let picture = scratch.join(format!("script_{name}.png"));
        run(python().arg(script(folder.path(), name, &chart)).arg(&picture))?;
        let image = resvg::tiny_skia::Pixmap::decode_png(&std::fs::read(&picture)?)?;
        if image.width() < 800 || image.pixels().iter().all(|pixel| pixel.red() > 250) {
            return Err(format!("{name}: {} pixels wide, or empty", image.width()).into());
        }
    }
    Ok(())
}

fn the_default_is_a_pdf_beside_the_script() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for file in chart_files("figure", &chart_samples::regions())? {
        std::fs::write(folder.path().join(&file.name), &file.contents)?;
    }
    run(python().arg("figure.py").current_dir(folder.path()))?;
    let pdf = std::fs::read(folder.path().join("figure-matplotlib.pdf"))?;
    if !pdf.starts_with(b"%PDF-") {
        return Err("figure-matplotlib.pdf is no PDF".into());
    }
    Ok(())
}

/// Rows of the CSV beside the arrays of the script, as Python sees them.
const COMPARE: &str = r#"
import csv, math, runpy, sys
rows = list(csv.reader(open("figure.csv")))
sys.argv = ["figure.py", "figure.png"]
seen = runpy.run_path("figure.py")
columns = list(zip(*rows[1:]))
for k, (name, colour, width, dashes, pieces) in enumerate(seen["curves"]):
    (x, y), = pieces
    assert rows[0][1 + k] == name + "_events_per_kevnr", (rows[0], name)
    for column, numbers in ((columns[0], x), (columns[1 + k], y)):
        assert len(column) == len(numbers) == 200
        for cell, value in zip(column, numbers):
            same = math.isnan(value) if cell == "" else abs(float(cell) - value) <= 1e-9 * abs(value)
            assert same, (name, cell, value)
print("compared", len(seen["curves"]))
"#;

fn scripts_hold_the_numbers_of_the_table() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    for file in chart_files("figure", &chart_samples::curves())? {
        std::fs::write(folder.path().join(&file.name), &file.contents)?;
    }
    let said = run(python().args(["-c", COMPARE]).current_dir(folder.path()))?;
    if said.trim() != "compared 8" {
        return Err(said.into());
    }
    Ok(())
}
