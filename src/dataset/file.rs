//! From a dataset file to a validated [`Dataset`].

mod covariance;
mod detector;
mod keys;
mod matrix;
mod observation;
mod plausible;
mod processes;
mod replaced;
mod scattering;
mod source;
mod target;
mod time;
mod variations;

use crate::base::document::{Document, Section};
use crate::base::grid::{number_text, rounded};
use crate::{Error, Result};

use super::Dataset;
use super::embedded::Tables;
use super::table::{BinnedTable, BinnedUnits, Table};

/// A section with the tables that it may name.
#[derive(Clone)]
struct Part<'d> {
    section: Section<'d>,
    tables: Sources<'d>,
}

/// Where tables are looked for: with the file, then with the one that it is a variation of.
#[derive(Clone, Copy)]
struct Sources<'d> {
    own: &'d Tables<'d>,
    base: Option<&'d Tables<'d>>,
}

impl Sources<'_> {
    fn read(&self, name: &str) -> Result<(String, String)> {
        match (self.own.read(name), self.base) {
            (Err(error), Some(base)) if is_absent(&error) => base.read(name).map_err(|_| error),
            (result, _) => result,
        }
    }
}

/// Whether there is no such table.
fn is_absent(error: &Error) -> bool {
    match error {
        Error::UnknownName { .. } => true,
        Error::Io { source, .. } => source.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

/// A file, and the one that it is a variation of: what the first lacks is taken from the next.
struct Parts<'d> {
    /// At least one.
    layers: Vec<Part<'d>>,
}

impl Dataset {
    /// Reads a dataset file and the tables it names.
    ///
    /// # Errors
    /// Text that is not of the form, numbers out of their range, tables of another shape than the counts.
    pub(super) fn parse(path: &str, text: &str, tables: &Tables) -> Result<Dataset> {
        let document = Document { path, text };
        let table = document.table()?;
        Section::whole(document, &table).knowing(keys::KEYS).read(|own| {
            let Some(base) = own.optional_text("base")? else {
                let tables = Sources { own: tables, base: None };
                return build(&Parts { layers: vec![Part { section: own.clone(), tables }] });
            };
            let found = tables.base(base).map_err(|error| match error {
                Error::UnknownName { known, nearest, .. } => {
                    let mut bound = format!("a file (.toml) or one of {known}");
                    if let Some(nearest) = nearest {
                        bound += &format!("; did you mean '{nearest}'?");
                    }
                    own.error("base", format!("'{}'", base.escape_debug()), bound)
                }
                other => own.unreadable("base", base, other),
            })?;
            let document = Document { path: &found.path, text: &found.text };
            let table = document.table()?;
            let section = Section::whole(document, &table).knowing(keys::KEYS);
            if section.has("base") {
                return Err(own.error("base", format!("'{base}'"), "a dataset that is no variation itself"));
            }
            let base = Part { section, tables: Sources { own: &found.tables, base: None } };
            let tables = Sources { own: tables, base: Some(&found.tables) };
            build(&Parts { layers: vec![Part { section: own.clone(), tables }, base] })
        })
    }
}

impl<'d> Parts<'d> {
    /// The part that has a key: the file itself, or the one that it varies.
    fn with(&self, key: &str) -> &Part<'d> {
        self.layers.iter().find(|part| part.section.has(key)).unwrap_or_else(|| self.own())
    }

    /// The file itself.
    fn own(&self) -> &Part<'d> {
        &self.layers[0]
    }

    fn section(&self, key: &str) -> Result<Part<'d>> {
        let part = self.with(key);
        Ok(Part { section: part.section.section(key)?, tables: part.tables })
    }

    fn optional_section(&self, key: &str) -> Result<Option<Part<'d>>> {
        let part = self.with(key);
        let section = part.section.optional_section(key)?;
        Ok(section.map(|section| Part { section, tables: part.tables }))
    }

    fn sections(&self, key: &str) -> Result<Vec<Part<'d>>> {
        let part = self.with(key);
        let sections = part.section.sections(key)?.into_iter();
        Ok(sections.map(|section| Part { section, tables: part.tables }).collect())
    }
}

impl Part<'_> {
    /// Reads it by `read`, and refuses what was not asked for.
    fn read<T>(&self, read: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.section.read(|_| read(self))
    }

    /// Path and text of the table that a key names.
    fn table_text(&self, key: &str) -> Result<(String, String)> {
        let name = self.section.text(key)?;
        if name.trim().is_empty() {
            return Err(self.section.error(key, format!("'{}'", name.escape_debug()), "the name of a file"));
        }
        self.tables.read(name).map_err(|error| match error {
            Error::UnknownName { known, .. } => {
                self.section.error(key, format!("'{}'", name.escape_debug()), format!("one of {known}"))
            }
            other => self.section.unreadable(key, name, other),
        })
    }

    /// The table that a key names, with exactly these columns.
    fn table(&self, key: &str, columns: &[(&str, &str)]) -> Result<(String, Table)> {
        let (path, text) = self.table_text(key)?;
        let table = Table::parse(&path, &text, columns)?;
        Ok((path, table))
    }

    /// The table over energy and time that a key names, with the bins of `like` where there is one.
    fn binned(&self, key: &str, units: BinnedUnits, like: Option<&Binning>) -> Result<(String, BinnedTable)> {
        let (path, text) = self.table_text(key)?;
        let table = BinnedTable::parse(&path, &text, units)?;
        if let Some(like) = like {
            like.require(&path, &table)?;
        }
        Ok((path, table))
    }
}

/// Bins of the reconstructed energy and of time.
struct Binning {
    energy_edges: Vec<f64>,
    time_edges_us: Vec<f64>,
    /// Unit of the energy.
    energy_unit: &'static str,
}

impl Binning {
    /// Units of a table with such contents.
    fn units<'u>(&self, content: &'u str) -> BinnedUnits<'u> {
        BinnedUnits { energy: self.energy_unit, content }
    }

    /// Refuses a table of other bins, with the first edge that differs.
    fn require(&self, path: &str, table: &BinnedTable) -> Result<()> {
        let (energies, times) = (self.energy_edges.len() - 1, self.time_edges_us.len() - 1);
        let refuse = |line: usize, quantity: &str, value: String, bound: String| {
            let (path, quantity) = (path.to_owned(), quantity.to_owned());
            Err(Error::InFile { path, line, quantity, value, bound })
        };
        if (table.energy_bins(), table.time_bins()) != (energies, times) {
            let value = format!("{} x {} bins", table.energy_bins(), table.time_bins());
            let bound = format!("that of the observation, {energies} x {times} bins with the same edges");
            return refuse(table.row_line(0), "binning", value, bound);
        }
        let differing = |own: &[f64], other: &[f64]| own.iter().zip(other).position(|(own, other)| own != other);
        if let Some(edge) = differing(table.energy_edges(), &self.energy_edges) {
            let (value, bound) = (table.energy_edges()[edge], self.energy_edges[edge]);
            let bound = format!("{bound}, as in the observation ({})", self.energy_unit);
            return refuse(table.row_line(edge.min(energies - 1)), "energy edge", value.to_string(), bound);
        }
        if let Some(edge) = differing(table.time_edges_us(), &self.time_edges_us) {
            let (value, bound) = (table.time_edges_us()[edge], self.time_edges_us[edge]);
            let bound = format!("{bound}, as in the observation (us)");
            return refuse(table.time_edges_line(), "time edge", value.to_string(), bound);
        }
        Ok(())
    }

    /// The share of each bin in the area of all, `[energy][time]`.
    fn shares(&self) -> Vec<f64> {
        let width = |edges: &[f64]| edges[edges.len() - 1] - edges[0];
        let area = width(&self.energy_edges) * width(&self.time_edges_us);
        let share = |energy: &[f64], time: &[f64]| (energy[1] - energy[0]) * (time[1] - time[0]) / area;
        let energies = self.energy_edges.windows(2);
        energies.flat_map(|energy| self.time_edges_us.windows(2).map(move |time| share(energy, time))).collect()
    }
}

/// Names that mean something else where datasets are named: in a list, and in a map's arrays `chi2_NAME`.
const RESERVED_NAMES: [&str; 4] = ["all", "min", "shared", "sm"];

fn build(parts: &Parts) -> Result<Dataset> {
    let own = &parts.own().section;
    let (name, label) = (own.name("name")?, own.label("label")?);
    if RESERVED_NAMES.contains(&name.as_str()) || name.contains('+') {
        let bound = format!("without '+', which joins datasets, and none of {}", RESERVED_NAMES.join(", "));
        return Err(own.error("name", format!("'{name}'"), bound));
    }
    let (description, reference) = (own.text("description")?.to_owned(), own.text("reference")?.to_owned());
    let seen = parts.section("observation")?.read(observation::bins_and_counts)?;
    let (targets, listed_share) = target::read(parts)?;
    let rejects_electrons = scattering::rejects_electrons(parts)?;
    let processes = scattering::read(parts, &targets, seen.binning.energy_unit, rejects_electrons)?;
    let (source, fluence_per_cm2) = parts.section("source")?.read(source::read)?;
    let response = detector::read(parts, &targets, &source, &seen.binning)?;
    let variations = variations::read(parts, &targets, &source, &seen.binning)?;
    let signal = parts.section("signal")?.read(|part| processes::signal(part, &seen.binning))?;
    let backgrounds = (parts.sections("background")?.iter())
        .map(|part| part.read(|part| processes::background(part, &seen.binning)))
        .collect::<Result<Vec<_>>>()?;
    processes::require_new_names(parts)?;
    let statistic = parts.section("observation")?.read(|part| observation::statistic(part, &seen, &backgrounds))?;
    let (time_fractions, trace) = time::read(parts.optional_section("time")?.as_ref(), &source, &seen.binning)?;
    let mut dataset = Dataset {
        name,
        label,
        description,
        reference,
        source,
        fluence_per_cm2,
        targets,
        processes,
        rejects_electrons,
        response,
        variations,
        energy_unit: seen.binning.energy_unit.to_owned(),
        time_edges_us: seen.binning.time_edges_us,
        time_fractions,
        signal,
        backgrounds,
        observed: seen.counts.values,
        is_forecast: seen.counts.are_absent,
        statistic,
        doubts: Vec::new(),
    };
    dataset.doubts = replaced::doubts(parts, &dataset.name);
    dataset.doubts.extend(plausible::doubts(&dataset, trace.as_ref(), listed_share));
    Ok(dataset)
}

/// An error about a number in a table.
fn in_table(path: &str, line: usize, quantity: &str, value: f64, bound: &str) -> Error {
    Error::InFile {
        path: path.to_owned(),
        line,
        quantity: quantity.to_owned(),
        value: number_text(rounded(value, DIGITS)),
        bound: bound.to_owned(),
    }
}

/// Digits of numbers in messages.
const DIGITS: usize = 6;

/// Refuses a table whose first column does not increase.
fn require_increasing(path: &str, table: &Table) -> Result<()> {
    let rows = table.rows();
    let Some(row) = rows.windows(2).position(|pair| pair[0][0] >= pair[1][0]) else { return Ok(()) };
    let name = table.columns().first().map_or("", |column| &column.name);
    Err(in_table(path, table.row_line(row + 1), name, rows[row + 1][0], "larger than in the row before"))
}
