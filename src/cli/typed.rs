//! What was typed, and what starts the program.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use crate::{Error, Result};

/// The program's name first; a process types once.
static TYPED: OnceLock<Vec<OsString>> = OnceLock::new();
/// What starts the program again, where that is not the file of this process.
static PROGRAM: OnceLock<Vec<OsString>> = OnceLock::new();

/// Keeps what was typed for messages and records.
pub fn keep(typed: Vec<OsString>) -> &'static [OsString] {
    TYPED.get_or_init(|| typed)
}

/// Keeps what starts the program.
pub fn keep_program(program: Vec<OsString>) {
    PROGRAM.get_or_init(|| program);
}

/// A process of this program.
///
/// # Errors
/// [`Error::Io`] where its file is not found.
pub fn program() -> Result<Command> {
    if let Some((first, rest)) = PROGRAM.get().and_then(|program| program.split_first()) {
        let mut command = Command::new(first);
        command.args(rest);
        return Ok(command);
    }
    std::env::current_exe().map(Command::new).map_err(Error::io("find", Path::new("this program")))
}

/// All that was typed. What is no UTF-8 in it was a path, or was refused: for people it may look odd.
pub fn line() -> impl Iterator<Item = String> {
    TYPED.get().into_iter().flatten().map(|word| word.to_string_lossy().into_owned())
}

/// The words after the program's name.
pub fn words() -> impl Iterator<Item = String> {
    line().skip(1)
}
