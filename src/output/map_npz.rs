//! `map.npz`: a map for numpy.

use std::io::{Seek, Write};

use ndarray::{ArrayView1, ArrayView2, arr0};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpzError};

use crate::scan::Map;
use crate::{Error, Result};

/// Version of the contents; grows when an array changes its meaning.
pub const FORMAT_VERSION: i64 = 1;

/// Writes `mass_mev` of length n, `coupling` of length m, `chi2`, `chi2_<dataset>` each and `status` (u8) of shape
/// n x m, and the scalars `chi2_min`, `chi2_sm`, `delta_chi2`, `level`, `expected` (u8: 1 where an
/// expectation stood in for data), `format_version`; `best_fit` is (mass in MeV,
/// coupling). Missing chi2 are NaN. The same map gives the same bytes.
///
/// # Errors
/// [`Error::Encoding`] when the destination cannot be written.
pub fn write_map(map: &Map, destination: impl Write + Seek) -> Result<()> {
    let mut archive =
        Archive { writer: NpzWriter::new(destination), shape: (map.plane.mass.len(), map.plane.coupling.len()) };
    archive.vector("mass_mev", &map.plane.mass.values)?;
    archive.vector("coupling", &map.plane.coupling.values)?;
    archive.plane("chi2", &map.chi2)?;
    for name in map.data.split('+') {
        if let Some(chi2) = map.dataset(name) {
            archive.plane(&format!("chi2_{name}"), chi2)?;
        }
    }
    archive.plane("status", &map.status)?;
    archive.scalar("chi2_min", map.best_fit.chi2)?;
    archive.vector("best_fit", &[map.best_fit.mass_mev, map.best_fit.coupling])?;
    archive.scalar("chi2_sm", map.chi2_sm)?;
    archive.scalar("delta_chi2", map.delta_chi2)?;
    archive.scalar("level", map.level())?;
    archive.scalar("expected", u8::from(map.is_expected))?;
    archive.scalar("format_version", FORMAT_VERSION)?;
    archive.writer.finish().map_err(|error| failed(&error))?;
    Ok(())
}

struct Archive<W: Write + Seek> {
    writer: NpzWriter<W>,
    shape: (usize, usize),
}

impl<W: Write + Seek> Archive<W> {
    fn scalar<T: WritableElement>(&mut self, name: &str, value: T) -> Result<()> {
        self.writer.add_array(name, &arr0(value)).map_err(|error| failed(&error))
    }

    fn vector<T: WritableElement>(&mut self, name: &str, values: &[T]) -> Result<()> {
        self.writer.add_array(name, &ArrayView1::from(values)).map_err(|error| failed(&error))
    }

    fn plane<T: WritableElement>(&mut self, name: &str, values: &[T]) -> Result<()> {
        let array = ArrayView2::from_shape(self.shape, values)
            .map_err(|error| Error::Encoding { what: "npz", reason: error.to_string() })?;
        self.writer.add_array(name, &array).map_err(|error| failed(&error))
    }
}

fn failed(error: &WriteNpzError) -> Error {
    Error::Encoding { what: "npz", reason: error.to_string() }
}
