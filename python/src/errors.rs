//! Errors of the library as exceptions.

use pyo3::PyErr;
use pyo3::create_exception;
use pyo3::exceptions::{PyException, PyKeyboardInterrupt, PyOSError, PyValueError};

create_exception!(
    cevscan,
    CevscanError,
    PyException,
    "Something could not be computed: a minimum that was not found, a device that failed, a file that is damaged."
);

/// What the caller got wrong is a ValueError, what the system refuses an OSError.
pub fn to_python(error: cevscan::Error) -> PyErr {
    // What is known in that place is part of what is wrong: there is no line below it as on a terminal.
    let text = error.hint().map_or_else(|| error.to_string(), |hint| format!("{error} ({hint})"));
    match error {
        cevscan::Error::Interrupted => PyKeyboardInterrupt::new_err(()),
        cevscan::Error::Io { .. } => PyOSError::new_err(text),
        error if error.is_usage() => PyValueError::new_err(text),
        _ => CevscanError::new_err(text),
    }
}
