//! Errors of counts that were measured: the bounds of a variance, and a covariance matrix, `covariance` of the statistic.

use crate::base::grid::{number_text, rounded};
use crate::dataset::covariance::{Covariance, LEAST_EIGENVALUE};
use crate::dataset::table::Table;
use crate::{Error, Result};

use super::{Binning, Part};

/// Unit of its elements.
const UNIT: &str = "events^2";
/// Smallest standard deviation of a count that was measured, over the count or one event.
const LEAST_ERROR: f64 = 1e-6;
/// Largest variance: counts are within 1e15 events of 0.
const MOST_VARIANCE: f64 = 1e30;
/// Most bins: each adds a parameter to the fit of a point.
const MOST_BINS: usize = 400;
/// What elements across the diagonal may differ by, over the product of the standard deviations: they are written with
/// some six digits.
const SYMMETRIC_WITHIN: f64 = 1e-6;

/// Reads the matrix: a row and a column for each bin of the counts.
pub(super) fn read(part: &Part, binning: &Binning, counts: &[f64]) -> Result<Covariance> {
    let bins = counts.len();
    if bins > MOST_BINS {
        let bound = format!("at most {MOST_BINS} with a covariance");
        return Err(part.section.error("covariance", format!("of {bins} bins"), bound));
    }
    let (path, table) = table(part, binning, bins)?;
    let error = |row: usize, quantity: String, value: String, bound: String| {
        Err(Error::InFile { path: path.clone(), line: table.row_line(row), quantity, value, bound })
    };
    let rows = table.rows();
    for (bin, row) in rows.iter().enumerate() {
        require_variance(&path, table.row_line(bin), &format!("variance c{bin}"), row[bin], counts[bin])?;
    }
    let mut matrix = Vec::with_capacity(bins * bins);
    for (i, row) in rows.iter().enumerate() {
        for (j, element) in row.iter().enumerate() {
            let (other, size) = (rows[j][i], (row[i] * rows[j][j]).sqrt());
            if (element - other).abs() > SYMMETRIC_WITHIN * size {
                // The difference may be in any digit.
                let bound = format!("{other}, as c{i} of row {j} (line {})", table.row_line(j));
                return error(i, format!("c{j} of row {i}"), element.to_string(), bound);
            }
            if i != j && element.abs() >= size {
                let bound = format!("less than the product of the standard deviations, {}", number_text(size));
                return error(i, format!("size of c{j} of row {i}"), number_text(element.abs()), bound);
            }
            matrix.push(0.5 * (element + other));
        }
    }
    Covariance::new(matrix, bins).or_else(|leading| {
        let value = format!("not positive definite in its first {leading} bins");
        let bound = format!("with eigenvalues of its correlations above {LEAST_EIGENVALUE:e}");
        error(leading - 1, "covariance".to_owned(), value, bound)
    })
}

/// The table, with as many rows and columns as bins.
fn table(part: &Part, binning: &Binning, bins: usize) -> Result<(String, Table)> {
    let (path, text) = part.table_text("covariance")?;
    let found = Table::parse_any(&path, &text)?;
    let (energies, times) = (binning.energy_edges.len() - 1, binning.time_edges_us.len() - 1);
    for (quantity, number) in [("number of columns", found.columns().len()), ("number of rows", found.rows().len())] {
        if number != bins {
            return Err(Error::InFile {
                path,
                line: found.row_line(0).saturating_sub(3),
                quantity: quantity.to_owned(),
                value: number.to_string(),
                bound: format!("{bins}, one for each of the {energies} x {times} bins of the counts"),
            });
        }
    }
    let names: Vec<String> = (0..bins).map(|bin| format!("c{bin}")).collect();
    let columns: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), UNIT)).collect();
    let table = Table::parse(&path, &text, &columns)?;
    Ok((path, table))
}

/// Refuses a variance that no measurement has.
pub(super) fn require_variance(path: &str, line: usize, quantity: &str, variance: f64, count: f64) -> Result<()> {
    let least = LEAST_ERROR.powi(2) * (count * count).max(1.0);
    if variance >= least && variance <= MOST_VARIANCE {
        return Ok(());
    }
    let bound = match variance > 0.0 {
        true => format!(
            "from {} to {:e}: standard deviations of {LEAST_ERROR:e} of the count, or of one event, and more",
            number_text(rounded(least, 6)),
            MOST_VARIANCE
        ),
        false => "positive".to_owned(),
    };
    let quantity = quantity.to_owned();
    Err(Error::InFile { path: path.to_owned(), line, quantity, value: number_text(variance), bound })
}
