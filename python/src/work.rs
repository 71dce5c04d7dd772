//! Long work: without the interpreter's lock, and ended by Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use pyo3::prelude::*;

use cevscan::scan::Observer;

use crate::errors::{CevscanError, to_python};

/// How often Python is asked whether the user interrupted it.
const HEARTBEAT: Duration = Duration::from_millis(50);

/// Says whether to go on.
#[derive(Debug, Default)]
pub struct Watch(AtomicBool);

impl Watch {
    /// An error once the user has interrupted.
    pub fn check(&self) -> cevscan::Result<()> {
        if self.cancelled() { Err(cevscan::Error::Interrupted) } else { Ok(()) }
    }
}

impl Observer for Watch {
    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Does `work` in a thread of its own while this one listens for Ctrl-C.
pub fn long<T: Send>(py: Python<'_>, work: impl FnOnce(&Watch) -> cevscan::Result<T> + Send) -> PyResult<T> {
    let watch = Watch::default();
    let waiting = thread::current();
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let result = work(&watch);
            waiting.unpark();
            result
        });
        let mut interrupted = None;
        while !worker.is_finished() {
            py.detach(|| thread::park_timeout(HEARTBEAT));
            if interrupted.is_none()
                && let Err(signal) = py.check_signals()
            {
                watch.0.store(true, Ordering::Relaxed);
                interrupted = Some(signal);
            }
        }
        let result = py.detach(|| worker.join());
        match (interrupted, result) {
            (Some(signal), _) => Err(signal),
            (None, Ok(result)) => result.map_err(to_python),
            (None, Err(_)) => Err(CevscanError::new_err("the program panicked: a fault of its own")),
        }
    })
}
