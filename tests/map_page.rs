//! `cevscan view`: the page of a map, in a browser.
//!
//! The browser is what `CEVSCAN_CHROMIUM` names, else `chromium`. Without one its tests are listed as ignored;
//! `CEVSCAN_REQUIRE_CHROMIUM=1` turns that into a failure. A screenshot stays in the tests' scratch folder.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::LazyLock;

use cli_support::{fail, help_is_pinned, json, names, succeed};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::Value;

fn main() -> ExitCode {
    let is_missing = !browser().arg("--version").output().is_ok_and(|output| output.status.success());
    let is_required = std::env::var_os("CEVSCAN_REQUIRE_CHROMIUM").is_some();
    let in_browser = |name: &str, test: fn() -> Result<(), Failed>| {
        Trial::test(name, test).with_ignored_flag(is_missing && !is_required)
    };
    let trials = vec![
        Trial::test("help", || {
            help_is_pinned(&["view"]);
            Ok(())
        }),
        Trial::test("the_page_names_nothing_to_load", the_page_names_nothing_to_load),
        Trial::test("bad_input_is_named", bad_input_is_named),
        in_browser("a_point_has_the_numbers_of_point", a_point_has_the_numbers_of_point),
        in_browser("layers_and_sections_are_drawn", layers_and_sections_are_drawn),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn browser() -> Command {
    Command::new(std::env::var_os("CEVSCAN_CHROMIUM").unwrap_or_else(|| "chromium".into()))
}

fn holds(condition: bool, found: impl std::fmt::Debug) -> Result<(), Failed> {
    if condition { Ok(()) } else { Err(format!("{found:?}").into()) }
}

fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// A map of 33 x 41 points with its page.
static MAP: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = scratch("map-page");
    let _ = std::fs::remove_dir_all(&folder);
    let out = folder.to_str().unwrap();
    let grid = ["--mass", "1:1000", "--coupling", "1e-5:1e-2", "--grid", "33x41", "--engine", "cpu"];
    succeed(&[&["scan", "-q", "--model", "b-l", "--out", out], &grid[..]].concat());
    succeed(&["view", "-q", out, "--others", "computed"]);
    folder
});

fn page() -> String {
    std::fs::read_to_string(MAP.join("map.html")).unwrap()
}

fn the_page_names_nothing_to_load() -> Result<(), Failed> {
    let page = page();
    for word in [" src=", " href=", "@import", "url(", "<link", "<iframe", "fetch(", "import(", "://"] {
        holds(!page.contains(word), word)?;
    }
    holds(page.contains("content=\"default-src &#39;none&#39;; style-src"), &page[..600])?;
    holds(names(&MAP).contains(&"map.html".to_owned()), names(&MAP))
}

fn bad_input_is_named() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    fail(&["view", folder.path().to_str().unwrap()], 1, &["map.npz"]);
    fail(&["view"], 2, &["DIR"]);
    Ok(())
}

fn chromium(name: &str, page: &Path, hash: &str, arguments: &[&str]) -> Result<String, Failed> {
    let profile = scratch(&format!("map-page-profile-{name}"));
    let output = browser()
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000", "--window-size=1300,900"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(arguments)
        .arg(format!("file://{}{hash}", page.display()))
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The cells of the table of the point, name and value.
fn cells(dom: &str) -> Vec<(String, String)> {
    let table = dom.split("<table id=\"point\">").nth(1).and_then(|rest| rest.split("</table>").next()).unwrap_or("");
    let inside = |row: &str, tag: &str| {
        let rest = row.split(&format!("<{tag}")).nth(1)?.split_once('>')?.1;
        Some(rest.split(&format!("</{tag}>")).next()?.to_owned())
    };
    table
        .split("<tr")
        .skip(1)
        .filter_map(|row| Some((inside(row, "th")?, inside(row, "td").unwrap_or_default())))
        .collect()
}

/// At a grid point the page has what `point` says there: chi2, events and pulls.
fn a_point_has_the_numbers_of_point() -> Result<(), Failed> {
    // Row 11 of 33 over three decades from 1 MeV, column 13 of 41 over three from 1e-5.
    let (mass, coupling) = (10f64.powf(3.0 * 11.0 / 32.0), 1e-5 * 10f64.powf(3.0 * 13.0 / 40.0));
    let (mass_text, coupling_text) = (format!("{mass:e}"), format!("{coupling:e}"));
    let dom = chromium("point", &MAP.join("map.html"), &format!("#{mass_text},{coupling_text}"), &["--dump-dom"])?;
    let cells = cells(&dom);
    let value = |name: &str| -> Result<f64, Failed> {
        let cell = cells.iter().find(|(known, _)| known == name).ok_or_else(|| format!("no '{name}' in {cells:?}"))?;
        Ok(cell.1.trim_end_matches(" MeV").replace('−', "-").parse()?)
    };
    let arguments = ["point", "--model", "b-l", "--format", "json", "--mass", &mass_text, "--coupling", &coupling_text];
    let point = json(&succeed(&arguments));
    let near = |name: &str, expected: &Value, relative: f64, absolute: f64| -> Result<(), Failed> {
        let (found, expected) = (value(name)?, expected.as_f64().unwrap());
        holds((found - expected).abs() <= relative * expected.abs() + absolute, (name, found, expected))
    };
    near("χ<sup>2</sup>", &point["chi2"], 3e-4, 0.01)?;
    near("CsI", &point["datasets"]["csi"]["events"], 1e-4, 0.0)?;
    near("Ar", &point["datasets"]["lar"]["events"], 1e-4, 0.0)?;
    // Two decimals are shown of what is kept to one hundredth.
    near("CsI: CEvNS norm", &point["datasets"]["csi"]["pulls"]["cevns"], 0.0, 0.0101)?;
    near("Ar: CEvNS norm", &point["datasets"]["lar"]["pulls"]["cevns"], 0.0, 0.0101)?;
    holds(cells.iter().any(|(name, _)| name == "Pulls"), &cells)?;
    holds(dom.contains("data-ready=\"yes\"") && dom.contains("<p id=\"trouble\" role=\"alert\"></p>"), "not ready")
}

fn layers_and_sections_are_drawn() -> Result<(), Failed> {
    let picture = scratch("map-page.png");
    let _ = std::fs::remove_file(&picture);
    chromium("picture", &MAP.join("map.html"), "#30,1e-4", &[&format!("--screenshot={}", picture.display())])?;
    let picture = resvg::tiny_skia::Pixmap::decode_png(&std::fs::read(&picture)?)?;
    // The contour of all data is black, that of CsI blue, the point's lines vermilion.
    let has = |rgb: [u8; 3]| picture.pixels().iter().filter(|p| [p.red(), p.green(), p.blue()] == rgb).count();
    for colour in [[0, 0x72, 0xb2], [0xd5, 0x5e, 0], [0, 0, 0]] {
        holds(has(colour) > 50, (colour, has(colour)))?;
    }
    let dom = chromium("layers", &MAP.join("map.html"), "", &["--dump-dom"])?;
    for layer in ["image", "region0", "curve0", "curve1", "curve2", "star"] {
        holds(dom.contains(&format!("data-layer=\"{layer}\"")), layer)?;
    }
    Ok(())
}
