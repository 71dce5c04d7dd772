//! `map.npz`: a map for numpy.

use std::io::{Seek, Write};

use ndarray::{ArrayView1, ArrayView2, arr0};
use ndarray_npy::{NpzWriter, WritableElement, WriteNpzError};

use crate::scan::Map;
use crate::{Error, Result};

/// Version of the contents; grows when an array changes its meaning.
pub const FORMAT_VERSION: i64 = 1;

/// Writes `mass_mev` of length n, `coupling` of length m, `chi2`, its terms `chi2_<dataset>` and, where datasets share
/// nuisance parameters, `chi2_shared`, and `status` (u8) of shape n x m, and the scalars `chi2_min`, `chi2_sm`, `delta_chi2`, `level`, `format_version`; `best_fit` is (mass in MeV,
/// coupling). Where each mass has its own minimum to count from there is `minimum_at_mass` of length n, and `level` has the
/// shape n x 1. Missing chi2 are NaN. The same map gives the same bytes.
///
/// # Errors
/// [`Error::Encoding`] when the destination cannot be written.
pub fn write_map(map: &Map, destination: impl Write + Seek) -> Result<()> {
    let mut archive =
        Archive { writer: NpzWriter::new(destination), shape: (map.plane.mass.len(), map.plane.coupling.len()) };
    archive.vector("mass_mev", &map.plane.mass.values)?;
    archive.vector("coupling", &map.plane.coupling.values)?;
    archive.plane("chi2", &map.chi2)?;
    for (name, chi2) in map.terms() {
        archive.plane(&format!("chi2_{name}"), chi2)?;
    }
    archive.plane("status", &map.status)?;
    archive.scalar("chi2_min", map.best_fit.chi2)?;
    archive.vector("best_fit", &[map.best_fit.mass_mev, map.best_fit.coupling])?;
    archive.scalar("chi2_sm", map.chi2_sm)?;
    archive.scalar("delta_chi2", map.delta_chi2)?;
    match &map.minimum_at_mass {
        None => archive.scalar("level", map.level_at(0))?,
        // A column, so that `chi2 > level` is the region as well.
        Some(minima) => {
            archive.vector("minimum_at_mass", minima)?;
            let levels: Vec<f64> = (0..minima.len()).map(|row| map.level_at(row)).collect();
            archive.array("level", &levels, (levels.len(), 1))?;
        }
    }
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
        self.array(name, values, self.shape)
    }

    fn array<T: WritableElement>(&mut self, name: &str, values: &[T], shape: (usize, usize)) -> Result<()> {
        let array = ArrayView2::from_shape(shape, values)
            .map_err(|error| Error::Encoding { what: "npz", reason: error.to_string() })?;
        self.writer.add_array(name, &array).map_err(|error| failed(&error))
    }
}

fn failed(error: &WriteNpzError) -> Error {
    Error::Encoding { what: "npz", reason: error.to_string() }
}
