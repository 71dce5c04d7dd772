//! Writing to the terminal: results to stdout, the rest to stderr.

use std::io::{ErrorKind, Write};
use std::path::Path;

use cevscan::{Error, Result};

/// A result, to stdout. A reader that went away (`| head`) is no error.
pub fn result(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io("write to", Path::new("stdout"))(error)),
        _ => Ok(()),
    }
}

/// A message, to stderr.
pub fn error_line(text: &str) {
    // Nobody to tell if this fails.
    let _ = writeln!(std::io::stderr(), "{text}");
}
