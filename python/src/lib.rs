//! `cevscan` for Python: models, data, chi2 and maps as numpy arrays.
//!
//! The numbers are the command line's, to the last bit: every function here calls what the command of its name calls.
//! Long work runs without the interpreter's lock in a thread of its own, and ends when the user interrupts it.

mod analysis;
mod errors;
mod inputs;
mod map;
mod work;

use std::ffi::OsString;

use pyo3::prelude::*;

/// What is compiled; `cevscan/__init__.py` passes it on.
#[pymodule]
fn _cevscan(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("CevscanError", module.py().get_type::<errors::CevscanError>())?;
    module.add_class::<inputs::Model>()?;
    module.add_class::<inputs::Dataset>()?;
    module.add_class::<analysis::Analysis>()?;
    module.add_class::<analysis::Limit>()?;
    module.add_class::<map::Map>()?;
    module.add_function(wrap_pyfunction!(models, module)?)?;
    module.add_function(wrap_pyfunction!(datasets, module)?)?;
    module.add_function(wrap_pyfunction!(command_line, module)?)?;
    Ok(())
}

/// Names of the models that travel with the program.
#[pyfunction]
fn models() -> Vec<&'static str> {
    cevscan::Model::names().collect()
}

/// Names of the datasets that travel with the program.
#[pyfunction]
fn datasets() -> Vec<&'static str> {
    cevscan::Dataset::names().collect()
}

/// Runs the command line on its arguments, the program's name first; `program` starts it anew. Returns the exit status.
#[pyfunction]
fn command_line(py: Python<'_>, arguments: Vec<OsString>, program: Vec<OsString>) -> u8 {
    py.detach(|| cevscan::cli::run_within(program, arguments))
}
