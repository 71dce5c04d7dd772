//! Figures as PDF, read by poppler: pdffonts, pdftotext and pdftoppm.
//!
//! Without poppler its tests are listed as ignored; `CEVSCAN_REQUIRE_POPPLER=1` turns that into a failure.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod chart_samples;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cevscan::plot::chart::Chart;
use cevscan::plot::{Figure, Look, Palette, pdf, png};
use libtest_mimic::{Arguments, Failed, Trial};
use resvg::tiny_skia::Pixmap;

/// Pictures that differ by less are the same.
const SAME: f64 = 2.0;

fn main() -> ExitCode {
    let is_missing = Command::new("pdffonts").arg("-v").output().is_err();
    let is_required = std::env::var_os("CEVSCAN_REQUIRE_POPPLER").is_some();
    let trial = |name: &str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(is_missing && !is_required)
    };
    let mut trials = vec![
        trial("fonts_are_embedded_and_text_is_text", fonts_are_embedded_and_text_is_text),
        trial("a_page_is_the_picture", a_page_is_the_picture),
        trial("a_page_has_the_size_that_was_asked_for", a_page_has_the_size_that_was_asked_for),
    ];
    trials.push(Trial::test("same_figure_same_bytes", same_figure_same_bytes));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn holds(condition: bool, found: impl std::fmt::Debug) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(format!("{found:?}").into()) }
}

/// Pictures stay in the tests' scratch folder, to be looked at.
fn written(name: &str, chart: &Chart) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(&path, pdf(&chart.to_svg()).unwrap()).unwrap();
    path
}

fn run(program: &str, arguments: &[&str]) -> Result<String, Failed> {
    let output = Command::new(program).args(arguments).output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // What poppler finds wrong with a file it says there.
    holds(output.status.success() && said.is_empty(), (program, said))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn fonts_are_embedded_and_text_is_text() -> Result<(), Failed> {
    for (name, chart) in [("curves", chart_samples::curves()), ("regions", chart_samples::regions())] {
        let path = written(name, &chart);
        let path = path.to_str().unwrap();
        let fonts = run("pdffonts", &[path])?;
        let rows: Vec<&str> = fonts.lines().skip(2).collect();
        holds(
            rows.len() >= 2 && rows.iter().all(|row| row.contains("CevscanSans") && row.contains("TrueType")),
            &fonts,
        )?;
        // Columns "emb", "sub" and "uni", before the object's two numbers.
        let embedded = |row: &&str| row.split_whitespace().rev().nth(4) == Some("yes");
        let readable = |row: &&str| row.split_whitespace().rev().nth(2) == Some("yes");
        holds(rows.iter().all(|row| embedded(row) && readable(row)), &fonts)?;
        let text = run("pdftotext", &["-layout", path, "-"])?;
        holds(text.contains("keV") || text.contains("best fit"), &text)?;
    }
    Ok(())
}

/// How far two pictures differ in the mean of blocks, in 255ths: thin lines and letters fall on other pixels with another
/// renderer, but not in other places.
fn difference(one: &Pixmap, other: &Pixmap) -> f64 {
    const BLOCK: u32 = 8;
    let mean = |picture: &Pixmap, left: u32, top: u32| {
        let inside = (0..BLOCK * BLOCK).map(|k| (left + k % BLOCK, top + k / BLOCK));
        let grey = |(x, y)| {
            let pixel = picture.pixel(x, y).map_or([255; 3], |pixel| [pixel.red(), pixel.green(), pixel.blue()]);
            pixel.iter().map(|part| f64::from(*part)).sum::<f64>() / 3.0
        };
        inside.map(grey).sum::<f64>() / f64::from(BLOCK * BLOCK)
    };
    let (mut sum, mut blocks) = (0.0, 0.0);
    for top in (0..one.height().max(other.height())).step_by(BLOCK as usize) {
        for left in (0..one.width()).step_by(BLOCK as usize) {
            sum += (mean(one, left, top) - mean(other, left, top)).abs();
            blocks += 1.0;
        }
    }
    sum / blocks
}

/// The page is our own PNG, as poppler draws it.
fn a_page_is_the_picture() -> Result<(), Failed> {
    let mut pages: Vec<(Pixmap, Pixmap)> = Vec::new();
    for (name, chart) in [
        ("page_curves", chart_samples::curves()),
        ("page_regions", chart_samples::regions()),
        ("page_hostile", chart_samples::hostile()),
        ("page_empty", Chart::default()),
    ] {
        let path = written(name, &chart);
        let stem = path.with_extension("");
        run("pdftoppm", &["-png", "-singlefile", "-r", "288", path.to_str().unwrap(), stem.to_str().unwrap()])?;
        let page = Pixmap::decode_png(&std::fs::read(path.with_extension("png"))?)?;
        let ours = Pixmap::decode_png(&png(&chart.to_svg(), page.width()).unwrap())?;
        holds(ours.height().abs_diff(page.height()) <= 1, (name, ours.height(), page.height()))?;
        holds(difference(&ours, &page) < SAME, (name, difference(&ours, &page)))?;
        pages.push((ours, page));
    }
    // Another figure is not the same.
    let other = difference(&pages[0].0, &pages[1].1);
    holds(other > 3.0 * SAME, other)
}

fn a_page_has_the_size_that_was_asked_for() -> Result<(), Failed> {
    // 86 mm are 243.78 points.
    let look = Look { width_pt: 86.0 / 25.4 * 72.0, font_pt: 10.0, palette: Palette::Grey };
    let path = written("size", &Chart { look, ..chart_samples::regions() });
    let size = run("pdfinfo", &[path.to_str().unwrap()])?;
    let size = size.lines().find(|line| line.starts_with("Page size")).unwrap_or_default().to_owned();
    let width: f64 = size.split_whitespace().nth(2).and_then(|word| word.parse().ok()).unwrap_or(0.0);
    holds((width - 243.78).abs() < 0.05, size)
}

fn same_figure_same_bytes() -> Result<(), Failed> {
    let svg = chart_samples::regions().to_svg();
    let bytes = pdf(&svg).unwrap();
    holds(bytes == pdf(&svg).unwrap() && bytes.starts_with(b"%PDF-1."), bytes.len())?;
    // The bytes tell no time and no machine.
    holds(!bytes.windows(12).any(|part| part == b"CreationDate"), "a date")
}
