//! A model confronted with data: chi2 at points, bounds, profiles, toys, maps.

use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
use rayon::prelude::*;

use cevscan::analysis::coverage::{self, Ensemble, Nuisance, Sidebands};
use cevscan::analysis::limits::{Level, Minimum, best_fit};
use cevscan::base::grid::{parse_coupling, parse_mass_mev};
use cevscan::{Experiment, Point, ScanRequest};

use crate::errors::to_python;
use crate::inputs::{Dataset, Model};
use crate::map::Map;
use crate::work::long;

/// Two standard deviations.
pub const TWO_SIGMA: f64 = cevscan::statistics::TWO_SIGMA;

/// A model confronted with one or more datasets.
///
/// `model` is a Model or the name of one; `data` names joined by '+', a Dataset, or a list of either. With `asimov` the
/// Standard Model's expectation stands in for what was observed.
#[pyclass(module = "cevscan", frozen)]
pub struct Analysis(cevscan::Analysis);

#[pymethods]
impl Analysis {
    #[new]
    #[pyo3(signature = (model, data = None, *, asimov = false))]
    fn new(
        py: Python<'_>,
        model: &Bound<'_, PyAny>,
        data: Option<&Bound<'_, PyAny>>,
        asimov: bool,
    ) -> PyResult<Analysis> {
        let model = model_of(model)?;
        let datasets = match data {
            Some(data) => datasets_of(data)?,
            None => vec![Which::Named("csi+lar".to_owned())],
        };
        long(py, move |_| {
            let mut experiments = Vec::new();
            for which in datasets {
                match which {
                    Which::Named(text) => experiments.extend(Experiment::parse_list(&text)?),
                    Which::Dataset(dataset) => experiments.push(Experiment::of(*dataset)?),
                }
            }
            let expected = |experiment: Experiment| match asimov {
                true => experiment.asimov_of(model.standard),
                false => experiment.with_couplings(model.standard),
            };
            let experiments = experiments.into_iter().map(expected).collect::<cevscan::Result<Vec<_>>>()?;
            Ok(Analysis(cevscan::Analysis::new(&model, &experiments)))
        })
    }

    /// Name of the model.
    #[getter]
    fn model(&self) -> &str {
        &self.0.model.name
    }

    /// Names of the datasets, joined by '+'.
    #[getter]
    fn data(&self) -> String {
        self.0.data_name()
    }

    /// chi2 of points given by arrays of one length: the minimum over all nuisance parameters; NaN where it was not found.
    #[pyo3(name = "_chi2")]
    fn chi2<'py>(
        &self,
        py: Python<'py>,
        mass_mev: PyReadonlyArray1<'py, f64>,
        coupling: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let points = points(mass_mev.as_slice()?, coupling.as_slice()?)?;
        let chi2: Vec<f64> = long(py, |watch| {
            points
                .par_iter()
                .map(|point| {
                    watch.check()?;
                    Ok(self.0.fit(*point).total.chi2)
                })
                .collect()
        })?;
        Ok(chi2.into_pyarray(py))
    }

    /// The fit at a point: a dict of "chi2" and, by dataset, of "chi2", "events" (of the signal, before nuisance parameters)
    /// and "pulls" (eta/sigma by name).
    fn fit<'py>(&self, py: Python<'py>, mass_mev: f64, coupling: f64) -> PyResult<Bound<'py, PyDict>> {
        let point = points(&[mass_mev], &[coupling])?[0];
        let fit = py.detach(|| self.0.fit(point));
        self.0.require_converged(point, &fit).map_err(to_python)?;
        let found = PyDict::new(py);
        found.set_item("chi2", fit.total.chi2)?;
        let datasets = PyDict::new(py);
        for (prediction, own) in self.0.predictions.iter().zip(&fit.datasets) {
            let pulls = PyDict::new(py);
            for (name, pull) in prediction.experiment.measurement.expectation.pull_names().zip(&own.pulls) {
                pulls.set_item(name, pull)?;
            }
            let dataset = PyDict::new(py);
            dataset.set_item("chi2", own.alone.chi2)?;
            dataset.set_item("events", own.events)?;
            dataset.set_item("pulls", pulls)?;
            datasets.set_item(&prediction.experiment.dataset.name, dataset)?;
        }
        found.set_item("datasets", datasets)?;
        Ok(found)
    }

    /// chi2 and every pull at one mass against the coupling: a dict of arrays, "coupling", "chi2", and "pulls" by name of
    /// dataset and parameter ("csi brn").
    fn profile<'py>(
        &self,
        py: Python<'py>,
        mass_mev: f64,
        coupling: PyReadonlyArray1<'py, f64>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let couplings = coupling.as_slice()?;
        let points = points(&vec![mass_mev; couplings.len()], couplings)?;
        let fits = long(py, |watch| {
            let fit = |point: &Point| {
                watch.check()?;
                Ok(self.0.fit(*point))
            };
            points.par_iter().map(fit).collect::<cevscan::Result<Vec<_>>>()
        })?;
        let found = PyDict::new(py);
        found.set_item("coupling", PyArray1::from_slice(py, couplings))?;
        found.set_item("chi2", fits.iter().map(|fit| fit.total.chi2).collect::<Vec<_>>().into_pyarray(py))?;
        let pulls = PyDict::new(py);
        for (index, prediction) in self.0.predictions.iter().enumerate() {
            let names: Vec<String> =
                prediction.experiment.measurement.expectation.pull_names().map(str::to_owned).collect();
            for (number, name) in names.iter().enumerate() {
                let values: Vec<f64> = fits.iter().map(|fit| fit.datasets[index].pulls[number]).collect();
                pulls.set_item(format!("{} {name}", prediction.experiment.dataset.name), values.into_pyarray(py))?;
            }
        }
        found.set_item("pulls", pulls)?;
        Ok(found)
    }

    /// The smallest chi2 over masses from 0.1 MeV to 100 GeV and all couplings: a dict of "chi2", "mass_mev", "coupling".
    fn best_fit<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let best = long(py, |_| best_fit(&self.0))?;
        let found = PyDict::new(py);
        found.set_item("chi2", best.chi2)?;
        found.set_item("mass_mev", best.mass_mev)?;
        found.set_item("coupling", best.coupling)?;
        Ok(found)
    }

    /// The couplings excluded at each of some masses (MeV).
    ///
    /// `minimum` is "plane" (the global minimum, usual with two degrees of freedom) or "mass" (that at each mass, usual with
    /// one).
    #[pyo3(signature = (mass_mev, *, confidence = TWO_SIGMA, dof = 2, minimum = None))]
    fn limits(
        &self,
        py: Python<'_>,
        mass_mev: PyReadonlyArray1<'_, f64>,
        confidence: f64,
        dof: u32,
        minimum: Option<&str>,
    ) -> PyResult<Vec<Limit>> {
        let level = level(confidence, dof, minimum)?;
        let masses = mass_mev.as_slice()?;
        points(masses, &vec![0.0; masses.len()])?;
        long(py, |watch| {
            let best = best_fit(&self.0)?;
            masses
                .par_iter()
                .map(|mass_mev| {
                    watch.check()?;
                    level.bound(&self.0, &best, *mass_mev).map(Limit)
                })
                .collect()
        })
    }

    /// Pseudo-experiments of a point: a dict of arrays "q" = chi2(point) - chi2_min, "q_fixed_mass" (the minimum at that
    /// mass), "chi2_min", "best_mass_mev" and "best_coupling", and the data's own "q_observed". The same seed gives the same
    /// toys on any machine. q is infinite where a fit failed.
    #[pyo3(signature = (mass_mev, coupling, *, toys = 1000, seed = 1, nuisance = "profile", sidebands = "redraw"))]
    fn toys<'py>(
        &self,
        py: Python<'py>,
        mass_mev: f64,
        coupling: f64,
        toys: u64,
        seed: u64,
        nuisance: &str,
        sidebands: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let point = points(&[mass_mev], &[coupling])?[0];
        if toys == 0 {
            return Err(PyValueError::new_err("number of toys is 0, but must be 1 or more"));
        }
        let plan = coverage::Plan {
            toys: (0, toys),
            seed,
            nuisance: match nuisance {
                "profile" => Nuisance::Profile,
                "prior" => Nuisance::Prior,
                "nominal" => Nuisance::Nominal,
                other => {
                    return Err(PyValueError::new_err(format!("nuisance '{other}' is none of profile, prior, nominal")));
                }
            },
            sidebands: match sidebands {
                "redraw" => Sidebands::Redraw,
                "fixed" => Sidebands::Fixed,
                other => return Err(PyValueError::new_err(format!("sidebands '{other}' is none of redraw, fixed"))),
            },
        };
        let ensemble = long(py, |watch| Ensemble::run(&self.0, point, plan, |_| watch.check()))?;
        let found = PyDict::new(py);
        let of = |value: fn(&coverage::Outcome) -> f64| {
            ensemble.outcomes.iter().map(value).collect::<Vec<_>>().into_pyarray(py)
        };
        found.set_item("q", of(|toy| toy.q))?;
        found.set_item("q_fixed_mass", of(|toy| toy.q_fixed_mass))?;
        found.set_item("chi2_min", of(|toy| toy.chi2_min))?;
        found.set_item("best_mass_mev", of(|toy| toy.best.mass_mev))?;
        found.set_item("best_coupling", of(|toy| toy.best.coupling))?;
        found.set_item("q_observed", ensemble.observed.q)?;
        Ok(found)
    }

    /// The map of chi2 over a plane of logarithmic axes: `grid` is (masses, couplings), `mass` and `coupling` are (lowest,
    /// highest), masses in MeV.
    ///
    /// With `interpolation` chi2 is minimised only where it does not follow from neighbours to 1e-8, and the map checks
    /// itself, as the command line does.
    #[pyo3(signature = (grid = (400, 400), *, mass = (0.1, 1e4), coupling = (1e-6, 1.0), confidence = TWO_SIGMA, dof = 2,
        minimum = None, interpolation = true))]
    fn scan(
        &self,
        py: Python<'_>,
        grid: (usize, usize),
        mass: (f64, f64),
        coupling: (f64, f64),
        confidence: f64,
        dof: u32,
        minimum: Option<&str>,
        interpolation: bool,
    ) -> PyResult<Map> {
        let level = level(confidence, dof, minimum)?;
        let mut request = ScanRequest::new(&self.0.model.name, self.0.data_name());
        (request.mass_mev, request.coupling, request.grid) = (mass.into(), coupling.into(), grid.into());
        (request.confidence, request.dof, request.minimum) = (level.confidence, level.dof, level.minimum);
        request.engine.interpolates = interpolation;
        let label = self.0.model.label.clone();
        long(py, |watch| request.of(&self.0, watch)).map(|map| Map::new(map, level, label))
    }

    fn __repr__(&self) -> String {
        format!("<cevscan.Analysis of {} on {}>", self.0.model.name, self.0.data_name())
    }
}

/// The couplings at which chi2 crosses the level at one mass.
#[pyclass(module = "cevscan", frozen)]
pub struct Limit(cevscan::Limit);

#[pymethods]
impl Limit {
    /// The mass (MeV).
    #[getter]
    fn mass_mev(&self) -> f64 {
        self.0.mass_mev
    }

    /// The upper edge of the allowed region that contains g = 0; None where there is none.
    #[getter]
    fn coupling(&self) -> Option<f64> {
        self.0.edge(1).ok()
    }

    /// Why there is none.
    #[getter]
    fn reason(&self) -> Option<&'static str> {
        self.0.edge(1).err()
    }

    /// All crossings with growing coupling: (coupling, "up" or "down").
    #[getter]
    fn crossings(&self) -> Vec<(f64, &'static str)> {
        self.0.crossings.iter().map(|crossing| (crossing.coupling, if crossing.up { "up" } else { "down" })).collect()
    }

    /// chi2 at the crossings.
    #[getter]
    fn level(&self) -> f64 {
        self.0.level
    }

    /// Whether g = 0 lies below the level.
    #[getter]
    fn standard_model_allowed(&self) -> bool {
        self.0.standard_model_allowed
    }

    fn __repr__(&self) -> String {
        match self.0.edge(1) {
            Ok(coupling) => format!("<cevscan.Limit g < {coupling:.4e} at {} MeV>", self.0.mass_mev),
            Err(reason) => format!("<cevscan.Limit at {} MeV: {reason}>", self.0.mass_mev),
        }
    }
}

/// A level as Python gives it.
pub fn level(confidence: f64, dof: u32, minimum: Option<&str>) -> PyResult<Level> {
    let minimum = minimum.map(str::parse::<Minimum>).transpose().map_err(to_python)?;
    Level::new(confidence, dof, minimum).map_err(to_python)
}

/// What a caller means by data.
enum Which {
    Named(String),
    Dataset(Box<cevscan::Dataset>),
}

fn model_of(given: &Bound<'_, PyAny>) -> PyResult<cevscan::Model> {
    if let Ok(model) = given.extract::<Model>() {
        return Ok(model.0);
    }
    let name: String = given.extract().map_err(|_| PyTypeError::new_err("a model is a Model or the name of one"))?;
    let anomalies = cevscan::physics::model::Anomalies::Allowed;
    cevscan::Model::open(&name, &[], anomalies).map_err(to_python)
}

fn datasets_of(given: &Bound<'_, PyAny>) -> PyResult<Vec<Which>> {
    let one = |given: &Bound<'_, PyAny>| -> PyResult<Which> {
        if let Ok(dataset) = given.extract::<Dataset>() {
            return Ok(Which::Dataset(Box::new(dataset.0)));
        }
        let message = "data are a Dataset, names joined by '+', or a list of either";
        given.extract().map(Which::Named).map_err(|_| PyTypeError::new_err(message))
    };
    match given.cast::<PyList>() {
        Ok(list) => list.iter().map(|item| one(&item)).collect(),
        Err(_) => Ok(vec![one(given)?]),
    }
}

/// Points of two arrays, through the doors by which the command line takes them.
fn points(masses_mev: &[f64], couplings: &[f64]) -> PyResult<Vec<Point>> {
    if masses_mev.len() != couplings.len() {
        return Err(PyValueError::new_err("mass and coupling are arrays of one length"));
    }
    let point = |(mass_mev, coupling): (&f64, &f64)| {
        let (mass_mev, coupling) = (parse_mass_mev(&format!("{mass_mev:e}")), parse_coupling(&format!("{coupling:e}")));
        Ok(Point { mass_mev: mass_mev.map_err(to_python)?, coupling: coupling.map_err(to_python)? })
    };
    masses_mev.iter().zip(couplings).map(point).collect()
}
