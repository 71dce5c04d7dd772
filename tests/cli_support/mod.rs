//! Running the program as a user does.

#![allow(dead_code, missing_docs, clippy::unwrap_used, reason = "each test file takes what it needs, and may fail so")]

use std::path::Path;
use std::process::{Command, Output};

/// What the program said.
pub struct Said {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

pub fn cevscan() -> Command {
    Command::new(env!("CARGO_BIN_EXE_cevscan"))
}

pub fn run(arguments: &[&str]) -> Said {
    said(cevscan().args(arguments).output().unwrap())
}

pub fn said(output: Output) -> Said {
    Said {
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Sends a signal, such as `INT`, to a process.
pub fn send(signal: &str, process: u32) {
    let status = Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap();
    assert!(status.success());
}

/// The run went well; its stdout.
pub fn succeed(arguments: &[&str]) -> String {
    let said = run(arguments);
    assert_eq!(said.status, 0, "{arguments:?}: {}", said.stderr);
    said.stdout
}

/// The run failed as the contract says: one line of error that holds each of `words`, at most a hint after it, nothing
/// on stdout, the status, and no trace of a panic. Notices may stand before.
pub fn fail(arguments: &[&str], status: i32, words: &[&str]) {
    check_failure(&run(arguments), &format!("{arguments:?}"), status, words);
}

pub fn check_failure(said: &Said, what: &str, status: i32, words: &[&str]) {
    assert_eq!(said.status, status, "{what}: {}", said.stderr);
    assert_eq!(said.stdout, "", "{what}");
    let errors: Vec<&str> = said.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{what}: {}", said.stderr);
    let after: Vec<&str> = said.stderr.lines().skip_while(|line| !line.starts_with("error: ")).skip(1).collect();
    assert!(after.len() <= 1 && after.iter().all(|line| line.starts_with("hint: ")), "{what}: {}", said.stderr);
    for word in words {
        assert!(said.stderr.contains(word), "{what}: no '{word}' in: {}", said.stderr);
    }
    assert!(!said.stderr.contains("panicked"), "{what}: {}", said.stderr);
}

pub fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

/// Names in a folder but the program's inventory, sorted; none where there is no folder.
pub fn names(folder: &Path) -> Vec<String> {
    every_name(folder).into_iter().filter(|name| name != cevscan::base::files::INVENTORY).collect()
}

/// All names in a folder, sorted; none where there is no folder.
pub fn every_name(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The help of a subcommand is as pinned in tests/help; `CEVSCAN_PIN_HELP=1` writes it anew.
pub fn help_is_pinned(subcommand: &[&str]) {
    let arguments: Vec<&str> = subcommand.iter().copied().chain(["--help"]).collect();
    // Width and defaults do not depend on the terminal: there is none.
    let help = succeed(&arguments);
    let name = if subcommand.is_empty() { "cevscan".to_owned() } else { subcommand.join("-") };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help").join(name + ".txt");
    if std::env::var_os("CEVSCAN_PIN_HELP").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &help).unwrap();
    }
    let pinned = std::fs::read_to_string(&path).unwrap();
    assert_eq!(help, pinned, "{} differs; CEVSCAN_PIN_HELP=1 writes it anew", path.display());
}
