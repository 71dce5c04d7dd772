//! The guides do what they say: their files are written, their commands run, and what these print is compared.
//! `CEVSCAN_PIN_DOCS=1` writes what is printed into the guides anew.
//!
//! A comment above a fenced block says what it is: `file: NAME`, `run`, `run in the repository`, `fails`, or `prints`
//! (what the command before wrote to stdout, or to stderr if it failed).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

mod cli_support;

use std::path::Path;

use cli_support::{cevscan, said};

/// Runs a guide; returns it as it should be.
fn run_guide(text: &str, name: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut output = Vec::new();
    let mut printed = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        output.push(line.to_owned());
        let Some(what) = line.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else { continue };
        let fence = lines.next().unwrap();
        assert!(fence.starts_with("```"), "{name}: no fenced block after '{line}'");
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let text = block.join("\n") + "\n";
        output.push(fence.to_owned());
        match what.strip_prefix("file: ") {
            Some(file) => std::fs::write(folder.path().join(file), &text).unwrap(),
            None if what == "prints" => {
                output.extend(printed.lines().map(|line| line.trim_end().to_owned()));
                output.push("```".to_owned());
                continue;
            }
            None => {
                let within = if what == "run in the repository" { repository } else { folder.path() };
                for command in &block {
                    let words: Vec<&str> = command.split_whitespace().collect();
                    assert_eq!(words[0], "cevscan", "{name}: {command}");
                    let said = said(cevscan().args(&words[1..]).current_dir(within).output().unwrap());
                    assert_eq!(said.status != 0, what == "fails", "{name}: {command}: {}", said.stderr);
                    printed = if what == "fails" { said.stderr } else { said.stdout };
                }
            }
        }
        output.extend(block.iter().map(|line| (*line).to_owned()));
        output.push("```".to_owned());
    }
    output.join("\n") + "\n"
}

fn guide_is_true(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    let now = run_guide(&text, name);
    if std::env::var_os("CEVSCAN_PIN_DOCS").is_some() {
        std::fs::write(&path, &now).unwrap();
        return;
    }
    for (number, (found, expected)) in now.lines().zip(text.lines()).enumerate() {
        assert_eq!(found, expected, "{}:{}; CEVSCAN_PIN_DOCS=1 writes it anew", path.display(), number + 1);
    }
    assert_eq!(now.lines().count(), text.lines().count(), "{}", path.display());
}

#[test]
fn own_model() {
    guide_is_true("own-model.md");
}

#[test]
fn own_experiment() {
    guide_is_true("own-experiment.md");
}

#[test]
fn other_limits() {
    guide_is_true("other-limits.md");
}

/// The example in the guide is the one that is compiled; the continuous tests compare what it prints.
#[test]
fn library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let guide = std::fs::read_to_string(root.join("docs/library.md")).unwrap();
    let example = std::fs::read_to_string(root.join("examples/first_map.rs")).unwrap();
    assert!(guide.contains(&format!("<!-- examples/first_map.rs -->\n```rust\n{example}```\n")), "docs/library.md");
}

#[test]
fn datasets() {
    guide_is_true("datasets.md");
}

#[test]
fn bounds() {
    guide_is_true("bounds.md");
}

#[test]
fn figures() {
    guide_is_true("figures.md");
}
