//! Tables over [energy bin][time bin].

use std::fmt;

use super::{About, Attribute, Column, Table, in_file};
use crate::{Error, Result};

/// Header attribute with the edges of the time bins, in microseconds.
pub const TIME_EDGES: &str = "time_edges_us";

/// Numbers per [energy bin][time bin], bins [lo, hi), contiguous along both axes.
///
/// In a file: columns `lo hi t0 t1 ...`, one row per energy bin; the attribute [`TIME_EDGES`] has one edge more than
/// there are time bins. Column units: the energy's for `lo` and `hi`, the content's for the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct BinnedTable {
    table: Table,
    energy_edges: Vec<f64>,
    values: Vec<f64>,
}

/// Units of a [`BinnedTable`]: of its energy axis ("PE", "keVee") and of its content ("events", "1").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BinnedUnits<'a> {
    /// Unit of the energy edges.
    pub energy: &'a str,
    /// Unit of the content.
    pub content: &'a str,
}

impl BinnedTable {
    /// A table of `values[energy * time_bins + time]`, with `energy_edges` in `units.energy` and `time_edges_us` in
    /// microseconds.
    ///
    /// # Errors
    /// [`Error::OutOfRange`]: edges that are not finite and increasing, another number of values than bins, values
    /// that are not finite, header texts that do not fit on a line.
    pub fn new(
        about: About,
        units: BinnedUnits,
        energy_edges: &[f64],
        time_edges_us: &[f64],
        values: &[f64],
    ) -> Result<BinnedTable> {
        for (axis, edges) in [("energy", energy_edges), ("time", time_edges_us)] {
            if edges.len() < 2 || !edges.is_sorted_by(|low, high| low < high) {
                return Err(Error::out_of_range(format!("{axis} edges"), format!("{edges:?}"), EDGES_BOUND));
            }
        }
        let (energies, times) = (energy_edges.len() - 1, time_edges_us.len() - 1);
        if values.len() != energies * times {
            let bound = format!("{energies} x {times}, one a bin");
            return Err(Error::out_of_range("number of values in a binned table", values.len(), bound));
        }
        let rows = energy_edges
            .windows(2)
            .zip(values.chunks(times))
            .map(|(edges, contents)| edges.iter().chain(contents).copied().collect())
            .collect();
        let attribute = Attribute { name: TIME_EDGES.to_owned(), values: time_edges_us.to_vec() };
        let table = Table::new(about, vec![attribute], columns(units, times), rows)?;
        Ok(BinnedTable { table, energy_edges: energy_edges.to_vec(), values: values.to_vec() })
    }

    /// The table in `text`, with the units that are expected. `path` only stands in messages.
    ///
    /// # Errors
    /// [`Error::InFile`]: whatever [`Table::parse`] refuses, other columns or units, time edges that do not increase
    /// or are too few, energy bins that are empty or do not follow on one another.
    pub fn parse(path: &str, text: &str, units: BinnedUnits) -> Result<BinnedTable> {
        let table = Table::parse_any(path, text)?;
        let attributes_line = table.columns_line() - table.attributes.len();
        let [Attribute { name, values: time_edges_us }] = table.attributes.as_slice() else {
            let found = table.attributes.len().to_string();
            let bound = format!("1, '{TIME_EDGES}'");
            return Err(in_file(path, attributes_line, "number of attributes in the header", &found, &bound));
        };
        if name != TIME_EDGES {
            return Err(in_file(path, attributes_line, "header line", name, TIME_EDGES));
        }
        if time_edges_us.len() < 2 || !time_edges_us.is_sorted_by(|low, high| low < high) {
            return Err(in_file(path, attributes_line, TIME_EDGES, &format!("{time_edges_us:?}"), EDGES_BOUND));
        }
        let columns = columns(units, time_edges_us.len() - 1);
        let expected: Vec<_> = columns.iter().map(|column| (column.name.as_str(), column.unit.as_str())).collect();
        table.require_columns(path, &expected)?;
        let (mut energy_edges, mut values) = (Vec::new(), Vec::new());
        for (i, row) in table.rows.iter().enumerate() {
            let [low, high, contents @ ..] = row.as_slice() else { continue };
            let previous = energy_edges.last().copied();
            if previous.is_some_and(|previous| previous != *low) || low >= high {
                let bound = "LOW < HIGH, LOW the upper edge of the row before";
                return Err(in_file(path, table.row_line(i), "energy bin", &format!("{low} {high}"), bound));
            }
            if previous.is_none() {
                energy_edges.push(*low);
            }
            energy_edges.push(*high);
            values.extend_from_slice(contents);
        }
        Ok(BinnedTable { table, energy_edges, values })
    }

    /// Refuses contents for which `holds` is false; `bound` says in words what holds ("zero or positive").
    ///
    /// # Errors
    /// [`Error::InFile`] with the line of the first such bin.
    pub fn require(&self, path: &str, bound: &str, holds: impl Fn(f64) -> bool) -> Result<()> {
        let times = self.time_bins();
        let Some(i) = self.values.iter().position(|value| !holds(*value)) else { return Ok(()) };
        let value = self.values.get(i).map_or(String::new(), f64::to_string);
        let quantity = format!("content of time bin t{}", i % times);
        Err(in_file(path, self.table.row_line(i / times), &quantity, &value, bound))
    }

    /// What the table is and where it comes from.
    pub fn about(&self) -> &About {
        &self.table.about
    }

    /// Edges of the energy bins, one more than there are bins.
    pub fn energy_edges(&self) -> &[f64] {
        &self.energy_edges
    }

    /// Edges of the time bins in us, one more than there are bins.
    pub fn time_edges_us(&self) -> &[f64] {
        self.table.attributes.first().map_or(&[], |attribute| &attribute.values)
    }

    /// Number of energy bins, at least 1.
    pub fn energy_bins(&self) -> usize {
        self.table.rows.len()
    }

    /// Number of time bins, at least 1.
    pub fn time_bins(&self) -> usize {
        self.table.columns.len() - 2
    }

    /// Contents, row-major `[energy][time]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The line of the file, counted from 1, on which the edges of the time bins stand.
    pub(crate) fn time_edges_line(&self) -> usize {
        self.table.columns_line() - self.table.attributes.len()
    }

    /// The line of the file, counted from 1, on which energy bin `index` stands.
    pub(crate) fn row_line(&self, index: usize) -> usize {
        self.table.row_line(index)
    }
}

/// Writes the table as a file holds it.
impl fmt::Display for BinnedTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table.fmt(f)
    }
}

const EDGES_BOUND: &str = "at least two increasing numbers";

fn columns(units: BinnedUnits, times: usize) -> Vec<Column> {
    let edges = ["lo", "hi"].map(|name| Column::new(name, units.energy));
    let contents = (0..times).map(|i| Column::new(format!("t{i}"), units.content));
    edges.into_iter().chain(contents).collect()
}
