//! A map of chi2 as arrays.

use std::path::PathBuf;

use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use cevscan::analysis::limits::Level;

use crate::errors::to_python;

/// chi2 over a plane of masses and couplings, the smallest over all nuisance parameters at each point.
#[pyclass(module = "cevscan", frozen)]
pub struct Map {
    map: cevscan::Map,
    level: Level,
    label: String,
}

impl Map {
    /// Of a scan.
    pub fn new(map: cevscan::Map, level: Level, label: String) -> Map {
        Map { map, level, label }
    }
}

#[pymethods]
impl Map {
    /// Name of the model.
    #[getter]
    fn model(&self) -> &str {
        &self.map.model
    }

    /// The model's name in figures, in LaTeX's markup.
    #[getter]
    fn label(&self) -> &str {
        &self.label
    }

    /// Names of the datasets, joined by '+'.
    #[getter]
    fn data(&self) -> &str {
        &self.map.data
    }

    /// Masses (MeV).
    #[getter]
    fn mass_mev<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.map.plane.mass.values)
    }

    /// Couplings.
    #[getter]
    fn coupling<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.map.plane.coupling.values)
    }

    /// chi2, masses x couplings; NaN where a minimum was not found.
    #[getter]
    fn chi2<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        plane(py, &self.map.chi2, self.map.plane.coupling.len())
    }

    /// chi2 of each dataset alone by its name, masses x couplings.
    #[getter]
    fn chi2_by_dataset<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let found = PyDict::new(py);
        for (name, chi2) in self.map.datasets() {
            found.set_item(name, plane(py, chi2, self.map.plane.coupling.len())?)?;
        }
        Ok(found)
    }

    /// The smallest chi2 over masses from 0.1 MeV to 100 GeV and all couplings, whatever the map covers.
    #[getter]
    fn chi2_min(&self) -> f64 {
        self.map.best_fit.chi2
    }

    /// chi2 of the Standard Model.
    #[getter]
    fn chi2_sm(&self) -> f64 {
        self.map.chi2_sm
    }

    /// (mass in MeV, coupling) of the smallest chi2.
    #[getter]
    fn best_fit(&self) -> (f64, f64) {
        (self.map.best_fit.mass_mev, self.map.best_fit.coupling)
    }

    /// The level in words, such as "95.45 % CL, 2 dof".
    #[getter]
    fn level(&self) -> String {
        self.level.words()
    }

    /// Rise of chi2 at the border of the excluded region.
    #[getter]
    fn delta_chi2(&self) -> f64 {
        self.map.delta_chi2
    }

    /// Whether an expectation stood in for the data of any dataset: what is excluded is expected.
    #[getter]
    fn is_expected(&self) -> bool {
        self.map.is_known_expected()
    }

    /// Number of points whose minimum was not found.
    #[getter]
    fn missing(&self) -> usize {
        self.map.missing()
    }

    /// The rise of chi2 above what the level counts from, masses x couplings: excluded is what lies above `delta_chi2`.
    fn rise<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rises: Vec<f64> = self.map.rises().collect();
        plane(py, &rises, self.map.plane.coupling.len())
    }

    /// The border of the excluded region: a list of arrays of (mass in MeV, coupling), closed lines with their first point
    /// again at the end.
    fn contour<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray2<f64>>>> {
        let lines = py.detach(|| self.map.contour()).map_err(to_python)?;
        let array = |line: &cevscan::base::contour::Line| {
            let mut points = line.points.clone();
            if line.closed {
                points.extend(line.points.first());
            }
            pairs(py, &points)
        };
        lines.iter().map(array).collect()
    }

    /// The excluded region as closed polygons, holes included (fill with the even-odd rule): a list of arrays of (mass in
    /// MeV, coupling).
    fn region<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyArray2<f64>>>> {
        let rings = py.detach(|| self.map.border().regions()).map_err(to_python)?;
        rings.iter().map(|ring| pairs(py, &ring.points)).collect()
    }

    /// The excluded couplings at each mass of the map: for each a list of (lowest, highest).
    fn excluded(&self, py: Python<'_>) -> PyResult<Vec<Vec<(f64, f64)>>> {
        let spans = py.detach(|| self.map.border().spans()).map_err(to_python)?;
        Ok(spans.iter().map(|spans| spans.iter().map(|span| (span.low, span.high)).collect()).collect())
    }

    /// The area of the excluded region, in decades of mass x decades of coupling.
    fn excluded_area(&self, py: Python<'_>) -> PyResult<f64> {
        py.detach(|| self.map.excluded_area()).map_err(to_python)
    }

    /// Writes the map as the command line does (numpy's npz): chi2 and all that belongs to it. A file that is not of this
    /// program is written over with `fresh` alone.
    #[pyo3(signature = (path, *, fresh = false))]
    fn save(&self, py: Python<'_>, path: PathBuf, fresh: bool) -> PyResult<()> {
        py.detach(|| {
            let mut bytes = std::io::Cursor::new(Vec::new());
            cevscan::output::write_map(&self.map, &mut bytes)?;
            cevscan::base::files::write_file(&path, bytes.get_ref(), fresh)
        })
        .map_err(to_python)
    }

    /// Draws the excluded region on matplotlib axes (the current ones by default) with logarithmic scales; keywords go to the
    /// patch. Returns the axes.
    #[pyo3(signature = (ax = None, **keywords))]
    fn plot<'py>(
        slf: &Bound<'py, Map>,
        ax: Option<Bound<'py, PyAny>>,
        keywords: Option<Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("cevscan._plot")?.getattr("plot")?.call((slf, ax), keywords.as_ref())
    }

    fn __repr__(&self) -> String {
        let (masses, couplings) = (self.map.plane.mass.len(), self.map.plane.coupling.len());
        format!(
            "<cevscan.Map of {} on {}, {masses} x {couplings}, {}>",
            self.map.model,
            self.map.data,
            self.level.words()
        )
    }
}

fn pairs<'py>(py: Python<'py>, points: &[[f64; 2]]) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows: Vec<Vec<f64>> = points.iter().map(|point| point.to_vec()).collect();
    if rows.is_empty() {
        return Ok(PyArray2::zeros(py, [0, 2], false));
    }
    Ok(PyArray2::from_vec2(py, &rows)?)
}

/// An array of rows.
fn plane<'py>(py: Python<'py>, values: &[f64], columns: usize) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows: Vec<Vec<f64>> = values.chunks(columns).map(<[f64]>::to_vec).collect();
    Ok(PyArray2::from_vec2(py, &rows)?)
}
