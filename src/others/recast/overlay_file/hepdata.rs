//! A table of HEPData (YAML) as a file of columns: the form in which the archive keeps and hands out its tables.
//!
//! Its columns stand one after the other, each under `header`, `name`, `units` and `values`, one value a line. That much of
//! YAML is read, line by line; whatever else a table may hold is refused with its line.

use crate::Result;

use super::at;
use super::rows::{Row, Sheet};

/// A column of the table.
#[derive(Default)]
struct Column {
    name: String,
    units: String,
    /// Numbers with their lines.
    values: Vec<(usize, f64)>,
}

/// Where a line stands.
#[derive(PartialEq)]
enum Part {
    Header,
    Qualifiers,
    Values,
}

/// Whether a text is such a table.
pub(super) fn is_table(text: &str) -> bool {
    let known = ["independent_variables:", "dependent_variables:"];
    text.lines()
        .map(str::trim)
        .find(|line| !line.is_empty() && *line != "---" && !line.starts_with('#'))
        .is_some_and(|line| known.contains(&line))
}

pub(super) fn parse(path: &str, text: &str) -> Result<Sheet> {
    let mut tables: [Vec<Column>; 2] = Default::default();
    let mut side = 0;
    let mut part = Part::Header;
    for (line, content) in text.lines().enumerate().map(|(i, content)| (i + 1, content.trim())) {
        let refused = |bound: &str| at(path, line, "line of a HEPData table", format!("'{content}'"), bound);
        let (is_item, content) = match content.strip_prefix("- ") {
            Some(rest) => (true, rest.trim()),
            None => (false, content),
        };
        if content.is_empty() || content == "---" || content.starts_with('#') {
            continue;
        }
        match content {
            "independent_variables:" => {
                side = 0;
                continue;
            }
            "dependent_variables:" => {
                side = 1;
                continue;
            }
            _ => {}
        }
        let columns = &mut tables[side];
        let (key, value) = content.split_once(':').ok_or_else(|| refused("a key with a value"))?;
        let value = value.trim();
        match (key, part == Part::Values && is_item && key.trim_start_matches('{').trim() == "value") {
            (_, true) => {
                let number = value.trim_end_matches('}').trim();
                let number = number.trim_matches(['"', '\'']).parse().ok().filter(|number: &f64| !number.is_infinite());
                let number = number.ok_or_else(|| refused("a value that is one finite number"))?;
                columns.last_mut().ok_or_else(|| refused("in a column"))?.values.push((line, number));
            }
            ("header", _) => {
                if columns.last().is_none_or(|column| !column.name.is_empty()) {
                    columns.push(Column::default());
                }
                part = Part::Header;
                if let Some(inside) = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')) {
                    let fields = inside.split(", ").filter_map(|field| field.split_once(':'));
                    if let Some(column) = columns.last_mut() {
                        for (key, value) in fields {
                            column.set(key.trim(), value);
                        }
                    }
                }
            }
            ("name" | "units", _) if part == Part::Header => {
                columns.last_mut().ok_or_else(|| refused("below a header"))?.set(key, value);
            }
            ("qualifiers", _) => part = Part::Qualifiers,
            ("values", _) => part = Part::Values,
            _ if part == Part::Qualifiers => {}
            _ => return Err(refused("header, name, units, qualifiers, values, or a value that is one number")),
        }
    }
    sheet(path, tables.into_iter().flatten().collect(), text.lines().count())
}

impl Column {
    fn set(&mut self, key: &str, value: &str) {
        let value = value.trim().trim_matches(['"', '\'']).to_owned();
        match key {
            "name" => self.name = value,
            "units" => self.units = value,
            _ => {}
        }
    }
}

/// Columns side by side.
fn sheet(path: &str, columns: Vec<Column>, last_line: usize) -> Result<Sheet> {
    let rows = columns.first().map_or(0, |column| column.values.len());
    if let Some(column) = columns.iter().find(|column| column.values.len() != rows) {
        let line = column.values.last().map_or(last_line, |(line, _)| *line);
        let quantity = format!("number of values of '{}'", column.name);
        return Err(at(path, line, quantity, column.values.len(), format!("{rows} as of '{}'", columns[0].name)));
    }
    if rows == 0 {
        return Err(at(path, last_line.max(1), "number of rows", 0, "at least 1"));
    }
    // A comma in a name would part it.
    let name = |column: &Column| {
        let name = column.name.replace(',', " ");
        if column.units.is_empty() { name } else { format!("{name} [{}]", column.units.replace(',', " ")) }
    };
    let names: Vec<String> = columns.iter().map(name).collect();
    let row = |i: usize| Row {
        line: columns[0].values[i].0,
        values: columns.iter().map(|column| column.values[i].1).collect(),
    };
    Ok(Sheet {
        path: path.to_owned(),
        comments: Vec::new(),
        names: Some((1, names.join(","))),
        blocks: vec![(0..rows).map(row).collect()],
    })
}
