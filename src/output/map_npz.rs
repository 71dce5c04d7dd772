//! `map.npz`: a map for numpy.

use std::io::{Seek, Write};

use crate::Result;
use crate::analysis::SHARED_TERM;
use crate::scan::Map;

use super::npy::Element;
use super::npz::NewArchive;

/// Version of the contents; grows when an array changes its meaning.
pub const FORMAT_VERSION: i64 = 1;

/// Writes `mass_mev` of length n, `coupling` of length m, `chi2`, `chi2_<dataset>` each and `status` (u8) of shape
/// n x m, and the scalars `chi2_min`, `chi2_sm`, `delta_chi2`, `level`, `format_version`; `best_fit` is (mass in MeV,
/// coupling). Missing chi2 are NaN. The same map gives the same bytes.
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_map(map: &Map, destination: impl Write + Seek) -> Result<()> {
    let mut archive =
        Archive { new: NewArchive::new(destination), shape: (map.plane.mass.len(), map.plane.coupling.len()) };
    archive.vector("mass_mev", &map.plane.mass.values)?;
    archive.vector("coupling", &map.plane.coupling.values)?;
    archive.plane("chi2", &map.chi2)?;
    // The terms of the sum: each dataset, and what sharing nuisance parameters changes.
    for name in map.data.split('+').chain([SHARED_TERM]) {
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
    archive.scalar("format_version", FORMAT_VERSION)?;
    archive.new.finish()
}

struct Archive<W: Write + Seek> {
    new: NewArchive<W>,
    shape: (usize, usize),
}

impl<W: Write + Seek> Archive<W> {
    fn scalar<T: Element>(&mut self, name: &str, value: T) -> Result<()> {
        self.new.add(name, &[value], &[])
    }

    fn vector<T: Element>(&mut self, name: &str, values: &[T]) -> Result<()> {
        self.new.add(name, values, &[values.len()])
    }

    fn plane<T: Element>(&mut self, name: &str, values: &[T]) -> Result<()> {
        self.new.add(name, values, &[self.shape.0, self.shape.1])
    }
}
