//! A submission for HEPData: `submission.yaml` and its tables, in version 1.1.1 of the schema.

use std::fmt::Write as _;

use super::{Contents, ExportFile, Exported};
use crate::Result;
use crate::analysis::limits::Minimum;

/// A column of a table.
struct Column {
    name: String,
    unit: Option<&'static str>,
    values: Vec<f64>,
}

impl Column {
    fn new(name: impl Into<String>, unit: Option<&'static str>, values: Vec<f64>) -> Column {
        Column { name: name.into(), unit, values }
    }
}

/// A table: what it is about, then columns to look up by, then columns to look up.
struct Table {
    name: String,
    file: &'static str,
    description: String,
    /// What holds of its values alone.
    qualifiers: Vec<(&'static str, String)>,
    independent: Vec<Column>,
    dependent: Vec<Column>,
}

pub fn files<'a>(exported: &'a Exported) -> Result<Vec<ExportFile<'a>>> {
    let mut tables = vec![intervals(exported)?, contour(exported)?];
    tables.extend(gaps(exported));
    let text = |name: &str, text: String| ExportFile { name: name.to_owned(), contents: Contents::Text(text) };
    let mut files = vec![text("submission.yaml", submission(exported, &tables))];
    files.extend(tables.iter().map(|table| text(table.file, data(table, exported))));
    Ok(files)
}

/// One row for every interval: masses with an allowed strip have several.
fn intervals(exported: &Exported) -> Result<Table> {
    let spans = exported.spans()?;
    let masses = exported.map.plane.mass.values.iter().zip(&spans);
    let all = || spans.iter().flatten();
    let interval = if exported.expected() { "interval expected to be excluded" } else { "excluded interval" };
    Ok(Table {
        name: if exported.expected() { "Expected excluded intervals" } else { "Excluded intervals" }.to_owned(),
        file: "excluded_intervals.yaml",
        description: format!(
            "Intervals of the coupling that are {} at each mass of the grid. Masses at which allowed strips lie \
             within the excluded region have several rows, one for each interval. {}.{}",
            if exported.expected() { "expected to be excluded" } else { "excluded" },
            exported.about_ends(),
            about_gaps(exported)
        ),
        qualifiers: Vec::new(),
        independent: vec![Column::new(
            "Mediator mass",
            Some("MeV"),
            masses.flat_map(|(mass, spans)| spans.iter().map(|_| *mass)).collect(),
        )],
        dependent: vec![
            Column::new(format!("Lower end of the {interval} of g"), None, all().map(|span| span.low).collect()),
            Column::new(format!("Upper end of the {interval} of g"), None, all().map(|span| span.high).collect()),
        ],
    })
}

/// The points of all lines of the contour, in order along each.
fn contour(exported: &Exported) -> Result<Table> {
    let border = exported.border();
    let lines = border.lines()?;
    // In the words that the reader of overlays takes.
    let mut qualifiers = vec![("Excluded", quoted(&border.statement(&lines).to_string()))];
    qualifiers.extend(border.window().map(|window| ("Window", quoted(&window.to_string()))));
    let points = || {
        lines.iter().enumerate().flat_map(|(number, line)| {
            let closing = line.points.first().filter(|_| line.closed);
            line.points.iter().chain(closing).map(move |[mass_mev, coupling]| (number as f64, *mass_mev, *coupling))
        })
    };
    Ok(Table {
        name: if exported.expected() { "Expected contour" } else { "Contour" }.to_owned(),
        file: "contour.yaml",
        description: format!(
            "Border of {}, in order along each of its lines. A closed line repeats its first point at its end; an open \
             one ends at the map's border. Walking along it, masses to the right and couplings upwards, the side that the \
             qualifier 'Excluded' names is excluded; 'Window' is the map.{}",
            exported.region(),
            about_gaps(exported)
        ),
        qualifiers,
        independent: vec![
            Column::new("Line", None, points().map(|(line, ..)| line).collect()),
            Column::new("Mediator mass", Some("MeV"), points().map(|(_, mass_mev, _)| mass_mev).collect()),
        ],
        dependent: vec![Column::new(
            if exported.expected() { "Expected coupling g" } else { "Coupling g" },
            None,
            points().map(|(.., coupling)| coupling).collect(),
        )],
    })
}

/// Stretches of coupling about which nothing is known, where there are any.
fn gaps(exported: &Exported) -> Option<Table> {
    let missing = exported.missing()?;
    let stretches = exported.border().unknown_stretches();
    let masses = exported.map.plane.mass.values.iter().zip(&stretches);
    let all = || stretches.iter().flatten();
    Some(Table {
        name: "Gaps".to_owned(),
        file: "gaps.yaml",
        description: format!(
            "Stretches of the coupling at each mass of the grid in which the fit did not converge, from the last known point \
             to the next. {}.",
            missing.words()
        ),
        qualifiers: Vec::new(),
        independent: vec![Column::new(
            "Mediator mass",
            Some("MeV"),
            masses.flat_map(|(mass, stretches)| stretches.iter().map(|_| *mass)).collect(),
        )],
        dependent: vec![
            Column::new("Lower end of the gap in g", None, all().map(|gap| gap.0).collect()),
            Column::new("Upper end of the gap in g", None, all().map(|gap| gap.1).collect()),
        ],
    })
}

/// For the description of a table that has gaps.
fn about_gaps(exported: &Exported) -> String {
    exported.about_missing("MeV", 1.0).map_or(String::new(), |gaps| {
        format!(" {gaps}; intervals and lines end at the last known point beside a gap, see the table Gaps.")
    })
}

/// What holds of every value.
fn qualifiers(exported: &Exported) -> Vec<(&'static str, String)> {
    let name = match exported.map.minimum() {
        Minimum::Plane => "Rise of chi2 above its global minimum",
        Minimum::Mass => "Rise of chi2 above its minimum at each mass",
    };
    let rise = match &exported.covered {
        Some((_, used)) => ("Rise of chi2 above its global minimum", quoted(&used.words())),
        None => (name, number(exported.map.delta_chi2)),
    };
    let kind = match exported.map.is_expected {
        Some(true) => "expected: the Standard Model's expectation stands in for data",
        Some(false) => "observed",
        None => "observed or expected: not recorded",
    };
    let kind = ("Limits", quoted(kind));
    if exported.record.is_none() {
        return vec![kind, rise];
    }
    vec![
        kind,
        ("Model", quoted(&format!("{}{}", exported.map.model, exported.description()))),
        ("Data", quoted(&exported.data())),
        ("Confidence level", number(exported.level.confidence)),
        ("Degrees of freedom", exported.level.dof.to_string()),
        rise,
    ]
}

fn submission(exported: &Exported, tables: &[Table]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail, here and below.
    let _ = writeln!(text, "---\ncomment: {}", quoted(&(exported.about().join(". ") + ".")));
    let limit = if exported.expected() { "Expected exclusion limit" } else { "Exclusion limit" };
    for table in tables {
        let _ = writeln!(text, "---\nname: {}", quoted(&table.name));
        let _ = writeln!(text, "description: {}", quoted(&table.description));
        text += "keywords:\n- name: phrases\n  values:\n";
        for phrase in ["Coherent elastic neutrino-nucleus scattering", "Light mediator", limit] {
            let _ = writeln!(text, "  - {}", quoted(phrase));
        }
        let _ = writeln!(text, "data_file: {}", table.file);
    }
    text
}

fn data(table: &Table, exported: &Exported) -> String {
    let mut qualifiers = qualifiers(exported);
    qualifiers.extend_from_slice(&table.qualifiers);
    let mut text = exported.about_missing("MeV", 1.0).map_or(String::new(), |gaps| format!("# {gaps}\n"));
    for (kind, columns) in [("independent", &table.independent), ("dependent", &table.dependent)] {
        let _ = writeln!(text, "{kind}_variables:");
        for column in columns {
            let _ = writeln!(text, "- header:\n    name: {}", quoted(&column.name));
            if let Some(unit) = column.unit {
                let _ = writeln!(text, "    units: {}", quoted(unit));
            }
            if kind == "dependent" {
                text += "  qualifiers:\n";
                for (name, value) in &qualifiers {
                    let _ = writeln!(text, "  - name: {}\n    value: {value}", quoted(name));
                }
            }
            text += if column.values.is_empty() { "  values: []\n" } else { "  values:\n" };
            for value in &column.values {
                let _ = writeln!(text, "  - value: {}", number(*value));
            }
        }
    }
    text
}

/// A number that readers of YAML 1.1 take for one: with a point, and a sign in the exponent.
fn number(value: f64) -> String {
    let text = format!("{value:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let point = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    match exponent {
        "0" => format!("{mantissa}{point}"),
        _ => format!("{mantissa}{point}e{sign}{exponent}"),
    }
}

/// A text as a double-quoted scalar: JSON's are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
