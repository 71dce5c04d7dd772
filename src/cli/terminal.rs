//! Writing to the terminal: results to stdout, the rest to stderr. All that is written comes through here, and nothing in
//! it acts on the terminal, whoever chose the names and paths.

use std::io::{ErrorKind, Write};
use std::path::Path;

use crate::base::printable::{lines, one_line};
use crate::{Error, Result};

/// Longest line of a message (bytes): two screens.
const LONGEST_LINE: usize = 16_000;

/// A result, to stdout: its lines stay lines. A reader that went away (`| head`) is no error.
pub fn result(text: &str) -> Result<()> {
    let mut stdout = std::io::stdout().lock();
    written(stdout.write_all(lines(text).as_bytes()).and_then(|()| stdout.flush()))
}

/// What became of writing to stdout.
///
/// # Errors
/// What the system says, unless the reader went away.
pub fn written(outcome: std::io::Result<()>) -> Result<()> {
    match outcome.and_then(|()| std::io::stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::io("write to", Path::new("stdout"))(error)),
        _ => Ok(()),
    }
}

/// A message, to stderr, on one line.
pub fn error_line(text: &str) {
    let end = text.floor_char_boundary(LONGEST_LINE);
    let dots = if end < text.len() { "..." } else { "" };
    // Nobody to tell if this fails.
    let _ = writeln!(std::io::stderr(), "{}{dots}", one_line(&text[..end]));
}

/// A path in a result, on one line with what stands around it.
pub fn shown(path: &Path) -> String {
    one_line(&path.display().to_string()).into_owned()
}
