//! What is done to files, written down: tests replay it, cut after every step, as a power failure would.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

/// Names the file to which each operation is appended, one JSON object a line; without it nothing is written down.
pub const RECORDING_VARIABLE: &str = "CEVSCAN_RECORD_WRITES";

/// One step.
#[derive(Serialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub(super) enum Operation<'a> {
    MakeFolder {
        path: &'a Path,
    },
    RemoveFolder {
        path: &'a Path,
    },
    Create {
        path: &'a Path,
    },
    /// All that a file holds when it is brought to the disk, in base64.
    Sync {
        path: &'a Path,
        contents: String,
    },
    Rename {
        from: &'a Path,
        to: &'a Path,
    },
    Remove {
        path: &'a Path,
    },
    SyncFolder {
        path: &'a Path,
    },
}

fn recording() -> Option<&'static Mutex<File>> {
    static FILE: OnceLock<Option<Mutex<File>>> = OnceLock::new();
    let open = || {
        let path = std::env::var_os(RECORDING_VARIABLE)?;
        File::options().create(true).append(true).open(path).ok().map(Mutex::new)
    };
    FILE.get_or_init(open).as_ref()
}

pub(super) fn note(operation: &Operation) {
    let Some(file) = recording() else { return };
    if let Ok(line) = serde_json::to_string(operation) {
        // A recording that cannot be written is missed by the test that asked for it.
        let _ = writeln!(file.lock().unwrap_or_else(PoisonError::into_inner), "{line}");
    }
}

pub(super) fn note_contents(path: &Path, contents: impl FnOnce() -> Option<Vec<u8>>) {
    if recording().is_some() {
        let contents = STANDARD.encode(contents().unwrap_or_default());
        note(&Operation::Sync { path, contents });
    }
}
