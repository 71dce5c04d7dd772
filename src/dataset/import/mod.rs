//! From the files that the collaboration released to the tables of `data/`: the only code that reads the former.
//!
//! The same release gives the same bytes on every machine: sums run in the order of the file, and exponentials are
//! those of [`libm`]. What a release holds is known, so what differs is refused with its line: a file that was cut,
//! another number of rows, bins that are not the published ones, negative contents, sums that differ. An edit that
//! keeps all of these shows when the tables are compared with those in `data/`.

mod csi2021;
mod lar2020;
pub mod release;

pub use csi2021::csi2021;
pub use lar2020::lar2020;

use crate::Result;
use crate::base::files::{Results, Staged};

/// A table made from released files, to be written under its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedTable {
    /// Name of the file within the dataset's folder.
    pub file_name: String,
    /// The whole file, in the format of [`super::table`].
    pub contents: String,
}

impl ImportedTable {
    fn new(file_name: &str, table: impl std::fmt::Display) -> ImportedTable {
        ImportedTable { file_name: file_name.to_owned(), contents: table.to_string() }
    }
}

/// Writes `tables` beside their places in a folder; [`Staged::publish`] gives them their names. Other files in the folder
/// stay as they are.
///
/// # Errors
/// [`crate::Error::Io`], naming the file.
pub fn stage_tables<'a>(out: &'a Results, tables: &[ImportedTable]) -> Result<Staged<'a>> {
    let mut staged = out.stage();
    for ImportedTable { file_name, contents } in tables {
        staged.add_bytes(file_name, contents.as_bytes())?;
    }
    Ok(staged)
}

/// The bin `[edges[i], edges[i + 1])` that holds `value`, if one does.
fn bin_of(edges: &[f64], value: f64) -> Option<usize> {
    edges.windows(2).position(|edge| matches!(edge, [low, high] if (*low..*high).contains(&value)))
}
