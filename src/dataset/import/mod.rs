//! From the files that the collaboration released to the tables of `data/`: the only code that reads the former.
//!
//! The same release gives the same bytes on every machine: sums run in the order of the file, and exponentials are
//! those of [`libm`]. What a release holds is known, so what differs is refused with its line: a file that was cut,
//! another number of rows, bins that are not the published ones, negative contents, sums that differ. An edit that
//! keeps all of these shows when the tables are compared with those in `data/`.

mod csi2021;
mod lar2020;
mod release;

use std::fs;
use std::io::Write;
use std::path::Path;

pub use csi2021::csi2021;
pub use lar2020::lar2020;

use crate::{Error, Result};

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

/// Writes `tables` into the folder `out`, which is made if need be; other files in it stay as they are.
///
/// All tables are written beside their places first and renamed last, so no file is ever there in part.
///
/// # Errors
/// [`Error::Io`], naming the file.
pub fn write_tables(out: &Path, tables: &[ImportedTable]) -> Result<()> {
    fs::create_dir_all(out).map_err(Error::io("create", out))?;
    let mut staged = Vec::new();
    for ImportedTable { file_name, contents } in tables {
        let path = out.join(file_name);
        let mut file = new_file_beside().tempfile_in(out).map_err(Error::io("write", &path))?;
        file.write_all(contents.as_bytes()).map_err(Error::io("write", &path))?;
        staged.push((file, path));
    }
    for (file, path) in staged {
        file.persist(&path).map_err(|failed| Error::io("write", &path)(failed.error))?;
    }
    Ok(())
}

/// How temporary files are made: as readable as other new files, where the system would make them private.
fn new_file_beside() -> tempfile::Builder<'static, 'static> {
    #[allow(unused_mut)]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder
}

/// The bin `[edges[i], edges[i + 1])` that holds `value`, if one does.
fn bin_of(edges: &[f64], value: f64) -> Option<usize> {
    edges.windows(2).position(|edge| matches!(edge, [low, high] if (*low..*high).contains(&value)))
}
