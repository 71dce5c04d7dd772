//! A response by a table of probabilities: `[response]` with `kind = "matrix"`.

use crate::base::grid::{number_text, rounded};
use crate::dataset::table::Table;
use crate::physics::detector::{Detection, Matrix, Response, Variation};
use crate::{Error, Result};

use super::{Binning, Part, in_table, require_increasing};

/// Unit of the recoil energy.
const ENERGY: (&str, &str) = ("recoil_energy", "keVnr");
/// What probabilities of a row may add up to beyond 1: they are written with six digits.
const SLACK: f64 = 1e-6;
/// Part of the largest probability to be seen at all that may be seen at the first energy: below, nothing is.
const LARGEST_FIRST: f64 = 0.01;

/// Reads `[response]` for recoils of up to `highest_kev`.
pub(super) fn read(part: &Part, highest_kev: f64, binning: &Binning) -> Result<Response> {
    let section = &part.section;
    section.choice("kind", &["matrix"])?;
    let (path, table) = table(part, "table", binning)?;
    let rows = table.rows();
    let sums: Vec<f64> = rows.iter().map(|row| row[1..].iter().sum()).collect();
    let last = rows.len() - 1;
    if rows[last][0] < highest_kev {
        let bound = format!("at least {highest_kev:.4} keV, the largest recoil that the neutrinos give");
        return Err(in_table(&path, table.row_line(last), "last recoil energy", rows[last][0], &bound));
    }
    let largest = sums.iter().copied().fold(0.0, f64::max);
    if sums[0] > LARGEST_FIRST * largest || largest == 0.0 {
        let bound =
            format!("at most {LARGEST_FIRST} of the largest, {largest:.4}: rows must reach down to the threshold");
        return Err(in_table(&path, table.row_line(0), "probability to be seen in the first row", sums[0], &bound));
    }
    let energies_kev = table.column(0);
    let probabilities = probabilities(&table);
    let mut variations = Vec::new();
    for section in section.sections("variation")? {
        let part = Part { section, tables: part.tables };
        variations.push(part.read(|part| variation(part, &energies_kev, &probabilities, binning))?);
    }
    let detection = Detection::Matrix(Matrix { energies_kev, probabilities, variations });
    Ok(Response { detection, energy_edges: binning.energy_edges.clone() })
}

fn variation(part: &Part, energies_kev: &[f64], nominal: &[f64], binning: &Binning) -> Result<Variation> {
    let read = |key: &str| {
        let (path, table) = table(part, key, binning)?;
        let own = table.column(0);
        if own != energies_kev {
            let row = own.iter().zip(energies_kev).position(|(own, nominal)| own != nominal);
            let row = row.unwrap_or(own.len().min(energies_kev.len()) - 1);
            return Err(in_table(
                &path,
                table.row_line(row),
                ENERGY.0,
                own[row],
                "those of the table without variation",
            ));
        }
        Ok(probabilities(&table))
    };
    let (up, down) = (read("up")?, read("down")?);
    let (name, shared) = (part.section.name("name")?, part.section.flag("shared", false)?);
    Ok(Variation::through(name, shared, nominal, &up, &down))
}

/// A table of probabilities, a column for each bin.
fn table(part: &Part, key: &str, binning: &Binning) -> Result<(String, Table)> {
    let (path, text) = part.table_text(key)?;
    let bins = binning.energy_edges.len() - 1;
    let names: Vec<String> = (0..bins).map(|bin| format!("p{bin}")).collect();
    let found = Table::parse_any(&path, &text)?;
    if found.columns().len() != bins + 1 {
        return Err(Error::InFile {
            path,
            line: found.row_line(0).saturating_sub(3),
            quantity: "number of columns".to_owned(),
            value: found.columns().len().to_string(),
            bound: format!("{}: the energy and one for each of the {bins} bins of the counts", bins + 1),
        });
    }
    let columns = std::iter::once(ENERGY).chain(names.iter().map(|name| (name.as_str(), "1")));
    let table = Table::parse(&path, &text, &columns.collect::<Vec<_>>())?;
    require_increasing(&path, &table)?;
    if table.rows().len() < 2 {
        return Err(in_table(&path, table.row_line(0), "number of rows", 1.0, "at least 2"));
    }
    for (i, row) in table.rows().iter().enumerate() {
        let line = table.row_line(i);
        if row[0] <= 0.0 {
            return Err(in_table(&path, line, ENERGY.0, row[0], "positive"));
        }
        if let Some(bin) = row[1..].iter().position(|value| !(0.0..=1.0).contains(value)) {
            return Err(in_table(&path, line, &format!("probability p{bin}"), row[bin + 1], "from 0 to 1"));
        }
        let sum: f64 = row[1..].iter().sum();
        if sum > 1.0 + SLACK {
            let bound = "at most 1, to 1e-6";
            let quantity = "sum of the probabilities".to_owned();
            // What it is above 1 may be in the seventh digit.
            let value = number_text(rounded(sum, 9));
            return Err(Error::InFile { path, line, quantity, value, bound: bound.to_owned() });
        }
    }
    Ok((path, table))
}

fn probabilities(table: &Table) -> Vec<f64> {
    table.rows().iter().flat_map(|row| row[1..].iter().copied()).collect()
}
