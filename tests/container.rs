//! The recipes of container images, as far as they can be read without building one: what they copy is there, and is all
//! that the program is built from.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Instructions with their arguments, lines that go on joined.
fn instructions(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(' ').unwrap()).map(|(word, rest)| (word.to_owned(), rest.to_owned())).collect()
}

/// The folders and files that the sources of the program include or are.
fn needed() -> BTreeSet<String> {
    let mut needed: BTreeSet<String> = ["Cargo.toml", "Cargo.lock", "build.rs", "src"].map(str::to_owned).into();
    let mut folders = vec![root().join("src"), root().join("build.rs")];
    while let Some(path) = folders.pop() {
        if path.is_dir() {
            folders.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for marker in ["include_str!(\"", "include_bytes!(\"", "path = \"map", "path = \"report"] {
            for (at, _) in text.match_indices(marker) {
                let included = text[at + marker.len()..].split('"').next().unwrap();
                match included.rsplit("../").next().and_then(|path| path.split('/').next()) {
                    _ if marker.starts_with("path") => drop(needed.insert("templates".to_owned())),
                    Some(first) if included.starts_with("../") => drop(needed.insert(first.to_owned())),
                    _ => {}
                }
            }
        }
    }
    needed.retain(|name| root().join(name).exists());
    needed
}

#[test]
fn the_containerfile_copies_all_that_the_program_is_built_from() {
    let instructions = instructions(&read("container/Containerfile"));
    let known = ["FROM", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"];
    assert!(instructions.iter().all(|(word, _)| known.contains(&word.as_str())), "{instructions:?}");
    let stages: Vec<&str> =
        instructions.iter().filter(|(word, _)| word == "FROM").map(|(_, rest)| rest.as_str()).collect();
    assert_eq!(stages.len(), 2);
    // The compiler is the one that the program asks for, and both stages have the same libraries.
    let version = read("Cargo.toml");
    let version = version.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    assert_eq!(stages[0], format!("docker.io/library/rust:{version}-bookworm AS build"));
    assert!(stages[1].ends_with(":bookworm-slim"), "{stages:?}");
    let copies = instructions.iter().filter(|(word, rest)| word == "COPY" && !rest.starts_with("--from=build "));
    let mut copied = BTreeSet::new();
    for (_, rest) in copies {
        let mut words: Vec<&str> = rest.split_whitespace().collect();
        words.pop();
        for word in words {
            assert!(root().join(word).exists(), "{word}");
            copied.insert(word.to_owned());
        }
    }
    let missing: Vec<_> = needed().difference(&copied).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
    let profile = "cargo build --profile dist --locked --bin cevscan";
    assert!(instructions.iter().any(|(word, rest)| word == "RUN" && rest.starts_with(profile)));
    // Lists in JSON, as the exec form has them.
    for name in ["ENTRYPOINT", "CMD"] {
        let (_, list) = instructions.iter().find(|(word, _)| word == name).unwrap();
        assert!(serde_json::from_str::<Vec<String>>(list).is_ok(), "{list}");
    }
}

#[test]
fn the_apptainer_definition_has_the_same() {
    let text = read("container/cevscan.def");
    let headers: Vec<&str> = text.lines().filter(|line| line.starts_with("From: ")).collect();
    let containerfile = read("container/Containerfile");
    for header in &headers {
        assert!(containerfile.contains(header.trim_start_matches("From: ")), "{header}");
    }
    assert_eq!(headers.len(), 2);
    let (mut section, mut copied) = (String::new(), BTreeSet::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix('%') {
            let known = ["files", "files from build", "post", "runscript", "test", "help"];
            assert!(known.contains(&name), "{line}");
            name.clone_into(&mut section);
        } else if section == "files" && !line.trim().is_empty() && line.starts_with(' ') {
            let (from, to) = line.trim().split_once(' ').unwrap();
            assert_eq!(to, format!("/source/{from}"));
            assert!(root().join(from).exists(), "{from}");
            copied.insert(from.to_owned());
        }
    }
    let missing: Vec<_> = needed().difference(&copied).cloned().collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(text.contains("cargo build --profile dist --locked --bin cevscan"));
}
