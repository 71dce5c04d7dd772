//! The report: one self-contained HTML page. Data here, presentation in `templates/`.
//!
//! Nothing is loaded from anywhere: pictures are `data:` URIs, style and script stand in the page, and a
//! Content-Security-Policy allows these and nothing else.

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::output::{Cell, Form, Table};
use crate::plot::text::Rich;
use crate::{Error, Result};

const STYLE: &str = include_str!("../../../templates/report.css");
const SCRIPT: &str = include_str!("../../../templates/report.js");

/// What the report says. All texts but those called plain are in the markup of [`crate::plot::text`].
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Its title.
    pub title: String,
    /// What must be said first.
    pub summary: Vec<String>,
    /// Figures and tables, under headings.
    pub sections: Vec<Section>,
    /// How it was made: names and plain values.
    pub provenance: Vec<(String, String)>,
}

/// A part of the report.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Section {
    /// Its name in links; plain, letters and `-` only.
    pub id: String,
    /// Its heading.
    pub heading: String,
    /// What stands before the figures and tables.
    pub texts: Vec<Text>,
    /// Its figures.
    pub figures: Vec<Figure>,
    /// Its tables.
    pub tables: Vec<TableEntry>,
}

/// Words.
#[derive(Debug, Clone, PartialEq)]
pub enum Text {
    /// A paragraph.
    Paragraph(String),
    /// A list: what each point is about, and what there is to say.
    Points(Vec<(String, String)>),
}

/// A figure.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figure {
    /// Its name in links; plain.
    pub id: String,
    /// `Figure 5a`.
    pub number: String,
    /// In a few words.
    pub title: String,
    /// What there is to see.
    pub caption: String,
    /// The picture.
    pub svg: String,
    /// Commands that give the same numbers; plain.
    pub commands: Vec<String>,
    /// Its files, relative to the page; plain.
    pub files: Vec<String>,
}

/// A table and its file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableEntry {
    /// Its name in links; plain.
    pub id: String,
    /// The table.
    pub table: Table,
    /// Its files, relative to the page; plain.
    pub files: Vec<String>,
}

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    policy: String,
    style: &'static str,
    script: &'static str,
}

impl Report {
    /// The page.
    ///
    /// # Errors
    /// [`Error::Encoding`]; none in practice.
    pub fn html(&self) -> Result<String> {
        let digest = |text: &str| format!("'sha256-{}'", BASE64.encode(Sha256::digest(text)));
        let policy = format!(
            "default-src 'none'; img-src data:; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
            digest(STYLE),
            digest(SCRIPT)
        );
        let page = Page { report: self, policy, style: STYLE, script: SCRIPT };
        page.render().map_err(|error| Error::Encoding { what: "HTML", reason: error.to_string() })
    }
}

/// Markup as HTML.
fn html(markup: &str) -> String {
    Rich::parse(markup).html()
}

/// Markup as plain letters.
fn letters(markup: &str) -> String {
    Rich::parse(markup).letters()
}

/// A picture as a URI.
fn data_uri(svg: &str) -> String {
    format!("data:image/svg+xml;base64,{}", BASE64.encode(svg))
}

/// The words of a command, between which alone its line may break.
fn words(command: &str) -> std::str::Split<'_, char> {
    command.split(' ')
}

/// The ending of a file's name.
fn ending(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

fn is_number(form: &Form) -> bool {
    *form != Form::Words
}

/// A cell as HTML.
fn cell(cell: &Cell, form: &Form) -> String {
    match cell {
        Cell::Number(value) => html(&form.markup(*value)),
        Cell::Name { label, .. } => html(label),
        Cell::Words(words) => Rich::plain(words).html(),
        Cell::Missing => "–".to_owned(),
    }
}

/// What a cell is sorted by: its number in full, or its name.
fn sort_key(cell: &Cell) -> String {
    match cell {
        Cell::Number(value) => value.to_string(),
        Cell::Name { name: words, .. } | Cell::Words(words) => words.clone(),
        Cell::Missing => String::new(),
    }
}
