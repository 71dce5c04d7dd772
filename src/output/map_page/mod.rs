//! A map as one self-contained page: to zoom into, and to ask any grid point for its chi2, events and pulls.
//!
//! Nothing is loaded from anywhere: numbers, style and script stand in the page, and a Content-Security-Policy allows these
//! and nothing else. Presentation is in `templates/`.

mod pack;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::plot::chart::Chart;
use crate::plot::text::Rich;
use crate::scan::Map;
use crate::{Error, Result};

const STYLE: &str = include_str!("../../../templates/map.css");
const SCRIPT: &str = include_str!("../../../templates/map.js");
/// Digits of the points of lines and areas.
const DIGITS: usize = 5;
/// Pulls are kept in units of this.
const PULL_STEP: f64 = 0.01;
/// The largest pull that is kept as it is.
const LARGEST_PULL: f64 = 300.0;

/// What a page shows.
#[derive(Debug, Clone, Copy)]
pub struct MapPage<'a> {
    /// The map.
    pub map: &'a Map,
    /// At which level regions are excluded, in the markup of [`crate::plot::text`].
    pub level: &'a str,
    /// Its picture: lines and areas become layers.
    pub chart: &'a Chart,
    /// The signal of each dataset.
    pub events: &'a [PageEvents],
    /// The pulls.
    pub pulls: &'a PagePulls,
}

/// The signal events of a dataset: c0 + c1 g^2 + c2 g^4 at each mass of the map.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PageEvents {
    /// Name of the dataset.
    pub name: String,
    /// Its name for people, in markup.
    pub label: String,
    /// c0, c1 and c2 for each mass.
    pub coefficients: Vec<[f64; 3]>,
}

/// Pulls at some rows and columns of a map, or at all.
#[derive(Debug, Clone, PartialEq)]
pub struct PagePulls {
    /// Rows (masses) with fits, increasing.
    pub rows: Vec<usize>,
    /// Columns (couplings) with fits, increasing.
    pub columns: Vec<usize>,
    /// Names of the nuisance parameters.
    pub names: Vec<String>,
    /// eta/sigma, `[parameter][row][column]`; NaN where a fit failed.
    pub values: Vec<f64>,
}

#[derive(Template)]
#[template(path = "map.html")]
struct Page<'a> {
    title: String,
    heading: String,
    facts: Vec<(String, String)>,
    policy: String,
    style: &'a str,
    script: &'a str,
    numbers: String,
}

/// What the script reads.
#[derive(Serialize)]
struct Numbers {
    expected: bool,
    level: String,
    delta_chi2: f64,
    chi2_min: f64,
    chi2_sm: f64,
    best_fit: [f64; 2],
    best_fit_is_open: Option<bool>,
    x_label: String,
    y_label: String,
    mass_mev: Vec<f64>,
    coupling: Vec<f64>,
    minimum_at_mass: Option<Vec<f64>>,
    code_unit: f64,
    code_step: f64,
    maps: Vec<PackedMap>,
    events: Vec<PageEvents>,
    pull_rows: Vec<usize>,
    pull_columns: Vec<usize>,
    pull_names: Vec<String>,
    pull_step: f64,
    pulls: Vec<String>,
    curves: Vec<PageCurve>,
    regions: Vec<PageRegion>,
}

/// chi2 over the plane, less its base.
#[derive(Serialize)]
struct PackedMap {
    name: String,
    base: f64,
    packed: String,
}

#[derive(Serialize)]
struct PageCurve {
    label: String,
    colour: &'static str,
    width: f64,
    dash: Vec<f64>,
    pieces: Vec<Vec<[f64; 2]>>,
}

#[derive(Serialize)]
struct PageRegion {
    label: String,
    colour: &'static str,
    opacity: f64,
    outlines: Vec<Vec<[f64; 2]>>,
}

impl MapPage<'_> {
    /// The page.
    ///
    /// # Errors
    /// [`Error::Encoding`]; none in practice.
    pub fn html(&self) -> Result<String> {
        let Chart { heading, .. } = self.chart;
        let map = self.map;
        let (letters, html) = (|text: &str| Rich::parse(text).letters(), |text: &str| Rich::parse(text).html());
        let digest = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
        let policy = format!(
            "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        );
        let kind = if map.is_known_expected() { "expected exclusion" } else { "exclusion" };
        let grid = format!("{} masses × {} couplings", map.plane.mass.len(), map.plane.coupling.len());
        let facts = [("model", map.model.clone()), ("data", map.data.clone()), ("grid", grid)];
        let facts = facts.map(|(name, value)| (name.to_owned(), value)).into_iter();
        // A script that holds '<' may end where it should not.
        let numbers = serde_json::to_string(&self.numbers()?)
            .map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?
            .replace('<', "\\u003c");
        let page = Page {
            title: format!("{}: {kind} by {}", letters(heading), map.data),
            heading: format!("{}: {kind} at {}", html(heading), html(self.level)),
            facts: facts.chain([("made by".to_owned(), format!("cevscan {}", env!("CARGO_PKG_VERSION")))]).collect(),
            policy,
            style: STYLE,
            script: SCRIPT,
            numbers,
        };
        page.render().map_err(|error| Error::Encoding { what: "HTML", reason: error.to_string() })
    }

    fn numbers(&self) -> Result<Numbers> {
        let (map, chart) = (self.map, self.chart);
        let html = |text: &str| Rich::parse(text).html();
        let columns = map.plane.coupling.len();
        let packed_map = |name: &str, chi2: &[f64], base: f64| -> Result<PackedMap> {
            let codes: Vec<u16> = chi2.iter().map(|chi2| pack::code(chi2 - base)).collect();
            Ok(PackedMap { name: name.to_owned(), base, packed: pack::packed(&codes, columns)? })
        };
        // At no point of the map chi2 is lower, but a dataset alone may be.
        let least =
            |chi2: &[f64], at_most: f64| chi2.iter().copied().filter(|chi2| chi2.is_finite()).fold(at_most, f64::min);
        let mut maps = vec![packed_map(&map.data, &map.chi2, least(&map.chi2, map.best_fit.chi2))?];
        for (name, chi2) in &map.chi2_by_dataset {
            let base = least(chi2, f64::INFINITY);
            maps.push(packed_map(name, chi2, if base.is_finite() { base } else { 0.0 })?);
        }
        let PagePulls { rows, columns: fitted, names, values } = self.pulls;
        let code = |pull: &f64| match pull.is_nan() {
            true => pack::MISSING,
            // The page takes them from where they are all positive.
            false => ((pull.clamp(-LARGEST_PULL, LARGEST_PULL) + LARGEST_PULL) / PULL_STEP).round() as u16,
        };
        let pulls = values.chunks((rows.len() * fitted.len()).max(1));
        let pulls = pulls.map(|values| pack::packed(&values.iter().map(code).collect::<Vec<u16>>(), fitted.len()));
        let dashes = |dash: &str| dash.split_whitespace().filter_map(|length| length.parse().ok()).collect();
        let curves = chart.curves.iter().filter(|curve| curve.pieces.iter().any(|piece| piece.len() > 1));
        Ok(Numbers {
            expected: map.is_known_expected(),
            level: html(self.level),
            delta_chi2: map.delta_chi2,
            chi2_min: map.best_fit.chi2,
            chi2_sm: map.chi2_sm,
            best_fit: [map.best_fit.mass_mev, map.best_fit.coupling],
            best_fit_is_open: chart.stars.first().map(|star| star.is_open),
            x_label: html(&chart.x.label),
            y_label: html(&chart.y.label),
            mass_mev: map.plane.mass.values.clone(),
            coupling: map.plane.coupling.values.clone(),
            minimum_at_mass: map.minimum_at_mass.clone(),
            code_unit: pack::unit(),
            code_step: pack::step(),
            maps,
            events: self
                .events
                .iter()
                .map(|events| PageEvents { label: html(&events.label), ..events.clone() })
                .collect(),
            pull_rows: rows.clone(),
            pull_columns: fitted.clone(),
            pull_names: names.iter().map(|name| html(name)).collect(),
            pull_step: PULL_STEP,
            pulls: pulls.collect::<Result<_>>()?,
            curves: curves
                .map(|curve| PageCurve {
                    label: html(if curve.label.is_empty() { &curve.name } else { &curve.label }),
                    colour: curve.role.colour(),
                    width: curve.role.line_width(),
                    dash: dashes(curve.role.dash()),
                    pieces: rounded(&curve.pieces),
                })
                .collect(),
            regions: chart
                .regions
                .iter()
                .map(|region| PageRegion {
                    label: html(if region.label.is_empty() { &region.name } else { &region.label }),
                    colour: region.role.colour(),
                    opacity: region.role.opacity(),
                    outlines: rounded(&region.outlines),
                })
                .collect(),
        })
    }
}

/// Points with the digits that a screen can show.
fn rounded(pieces: &[Vec<[f64; 2]>]) -> Vec<Vec<[f64; 2]>> {
    let number = |value: f64| format!("{value:.*e}", DIGITS - 1).parse().unwrap_or(value);
    let piece = |piece: &Vec<[f64; 2]>| {
        let mut points: Vec<[f64; 2]> = piece.iter().map(|point| point.map(number)).collect();
        points.retain(|point| point.iter().all(|value| value.is_finite()));
        points.dedup();
        points
    };
    pieces.iter().map(piece).collect()
}
