//! `map.npz`: a map for numpy.

use std::io::{Seek, Write};

use crate::Result;
use crate::scan::Map;

use super::npy::Element;
use super::npz::NewArchive;

/// Version of the contents; grows when an array changes its meaning.
pub const FORMAT_VERSION: i64 = 1;
/// In the name of the array that holds what sharing nuisance parameters adds; no dataset may have it.
pub(super) const SHARED: &str = "shared";

/// Writes `mass_mev` of length n, `coupling` of length m, `chi2`, each dataset's own `chi2_<dataset>` and, where datasets
/// share nuisance parameters, `chi2_shared`, which together sum to it, and `status` (u8) of shape n x m, and the scalars `chi2_min`, `chi2_sm`,
/// `delta_chi2`, `level`, `expected` (u8: 1 where an expectation stood in for data), `format_version`; `best_fit` is (mass
/// in MeV, coupling). Where each mass has its own minimum to count from there is `minimum_at_mass` of length n, and `level`
/// has the shape n x 1. Missing chi2 are NaN. The same map gives the same bytes.
///
/// # Errors
/// [`crate::Error::Encoding`] when the destination cannot be written.
pub fn write_map(map: &Map, destination: impl Write + Seek) -> Result<()> {
    let mut archive =
        Archive { new: NewArchive::new(destination), shape: (map.plane.mass.len(), map.plane.coupling.len()) };
    archive.vector("mass_mev", &map.plane.mass.values)?;
    archive.vector("coupling", &map.plane.coupling.values)?;
    archive.plane("chi2", &map.chi2)?;
    for (name, chi2) in map.datasets() {
        archive.plane(&format!("chi2_{name}"), chi2)?;
    }
    if map.is_shared {
        let own = |point: usize| map.datasets().iter().map(|(_, chi2)| chi2[point]).sum::<f64>();
        let shared: Vec<f64> = map.chi2.iter().enumerate().map(|(point, chi2)| chi2 - own(point)).collect();
        archive.plane(&format!("chi2_{SHARED}"), &shared)?;
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
    if let Some(is_expected) = map.is_expected {
        archive.scalar("expected", u8::from(is_expected))?;
    }
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
        self.array(name, values, self.shape)
    }

    fn array<T: Element>(&mut self, name: &str, values: &[T], shape: (usize, usize)) -> Result<()> {
        self.new.add(name, values, &[shape.0, shape.1])
    }
}
