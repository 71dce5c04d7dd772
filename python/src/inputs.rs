//! Models and datasets.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use numpy::{PyArray1, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use cevscan::physics::model::{Anomalies, Edition, Interaction};

use crate::errors::to_python;

/// A model of a light mediator: the couplings at g = 1.
///
/// Model("b-l") is one that travels with the program (cevscan.models() lists them), Model.from_file("my.toml") one of a
/// file, Model.from_charges(...) a vector boson of charges. couplings="2024" takes the Standard Model's couplings with the
/// radiative corrections of arXiv:2402.16709 in place of the paper's.
#[pyclass(module = "cevscan", frozen, from_py_object)]
#[derive(Clone)]
pub struct Model(pub cevscan::Model);

#[pymethods]
impl Model {
    #[new]
    #[pyo3(signature = (name, parameters = None, *, couplings = "2022"))]
    fn new(name: &str, parameters: Option<BTreeMap<String, f64>>, couplings: &str) -> PyResult<Model> {
        open(name, parameters, couplings)
    }

    /// A model of a file (TOML; docs/own-model.md), with other values of its free parameters.
    #[staticmethod]
    #[pyo3(signature = (path, parameters = None, *, couplings = "2022"))]
    fn from_file(path: PathBuf, parameters: Option<BTreeMap<String, f64>>, couplings: &str) -> PyResult<Model> {
        let text = path.to_str().ok_or_else(|| PyValueError::new_err("the path of a model is not Unicode"))?;
        // A name alone is a file here, not a model of the program.
        let is_path = text.ends_with(".toml") || text.contains(['/', '\\']);
        let text = if is_path { text.to_owned() } else { format!("./{text}") };
        open(&text, parameters, couplings)
    }

    /// A vector boson by its U(1)' charges: of up and down quarks, and of the lepton flavours.
    ///
    /// `label` is in the markup of figures, such as "$B-L$".
    #[staticmethod]
    #[pyo3(signature = (name, *, up, down, electron, muon, tau, label = None))]
    fn from_charges(
        name: &str,
        up: f64,
        down: f64,
        electron: f64,
        muon: f64,
        tau: f64,
        label: Option<&str>,
    ) -> PyResult<Model> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let text = format!(
            "name = {}\nlabel = {}\ndescription = \"vector boson of given charges\"\nreference = \"\"\n\n[vector]\nup = {up:?}\ndown = \
             {down:?}\nelectron = {electron:?}\nmuon = {muon:?}\ntau = {tau:?}\n",
            quoted(name),
            quoted(label.unwrap_or(name))
        );
        cevscan::Model::read("charges", &text, &[], Anomalies::Allowed).map(Model).map_err(to_python)
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name in figures.
    #[getter]
    fn label(&self) -> &str {
        &self.0.label
    }

    /// What it is, in a line.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Whether its mediator is a scalar; else it is a vector.
    #[getter]
    fn is_scalar(&self) -> bool {
        self.0.mediators.first().is_some_and(|mediator| matches!(mediator.interaction, Interaction::Scalar(_)))
    }

    /// What is amiss with it though it can be computed, such as an anomaly.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.warnings()
    }

    fn __repr__(&self) -> String {
        format!("<cevscan.Model '{}': {}>", self.0.name, self.0.description)
    }
}

fn open(text: &str, parameters: Option<BTreeMap<String, f64>>, couplings: &str) -> PyResult<Model> {
    let parameters: Vec<(String, f64)> = parameters.unwrap_or_default().into_iter().collect();
    let edition = Edition::named(couplings).map_err(to_python)?;
    let model = cevscan::Model::open(text, &parameters, Anomalies::Allowed).map_err(to_python)?;
    Ok(Model(model.with_couplings(edition)))
}

/// One dataset: what an experiment has, sees, and saw.
///
/// Dataset("csi") is one that travels with the program (cevscan.datasets() lists them), Dataset.from_file(path) one of a
/// file or folder (docs/own-experiment.md).
#[pyclass(module = "cevscan", frozen, from_py_object)]
#[derive(Clone)]
pub struct Dataset(pub cevscan::Dataset);

#[pymethods]
impl Dataset {
    #[new]
    fn new(name: &str) -> PyResult<Dataset> {
        cevscan::Dataset::find(name).map(Dataset).map_err(to_python)
    }

    /// A dataset of a file (TOML with its tables beside it), or of the folder of a dataset.toml.
    #[staticmethod]
    fn from_file(path: PathBuf) -> PyResult<Dataset> {
        cevscan::Dataset::open(Path::new(&path)).map(Dataset).map_err(to_python)
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    /// Its name in figures.
    #[getter]
    fn label(&self) -> &str {
        &self.0.label
    }

    /// What it is, in a line.
    #[getter]
    fn description(&self) -> &str {
        &self.0.description
    }

    /// Unit of the reconstructed energy.
    #[getter]
    fn energy_unit(&self) -> &str {
        &self.0.energy_unit
    }

    /// Edges of the time bins (us).
    #[getter]
    fn time_edges_us<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, &self.0.time_edges_us)
    }

    /// Observed events, energy bins x time bins.
    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let rows: Vec<Vec<f64>> = self.0.observed.chunks(self.0.time_bins()).map(<[f64]>::to_vec).collect();
        Ok(PyArray2::from_vec2(py, &rows)?)
    }

    /// Whether nothing was observed yet, and the expectation stands in for the data.
    #[getter]
    fn is_forecast(&self) -> bool {
        self.0.is_forecast
    }

    fn __repr__(&self) -> String {
        format!("<cevscan.Dataset '{}': {}>", self.0.name, self.0.description)
    }
}
