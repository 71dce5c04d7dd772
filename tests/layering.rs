//! Data flows one way: a module uses only what stands before it on the line in the crate's documentation (src/lib.rs).

#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on must panic")]

#[path = "layering/circles.rs"]
mod circles;
#[path = "layering/flags.rs"]
mod flags;

use std::path::{Path, PathBuf};

/// Sentence in src/lib.rs after which, an empty line further, the order stands.
const BEFORE_THE_ORDER: &str = "`tests/layering.rs` keeps it so:";

/// The modules in their order, from the crate's documentation. Commas count like arrows: left before right.
fn order(lib: &str) -> Vec<String> {
    let doc: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("//!")).map(str::trim).collect();
    let sentence = doc.iter().position(|line| line.ends_with(BEFORE_THE_ORDER)).unwrap();
    let line: Vec<&str> = doc[sentence + 2..].iter().copied().take_while(|line| !line.is_empty()).collect();
    line.join(" ")
        .replace("(binary)", "")
        .replace("->", ",")
        .split(',')
        .map(|name| name.trim().trim_end_matches('.').to_owned())
        .collect()
}

/// A source file: its path below src as components without `.rs` and `mod`, and its text.
struct Source {
    path: Vec<String>,
    text: String,
}

/// What breaks the order: `module uses other`.
fn violations(order: &[String], sources: &[Source]) -> Vec<String> {
    let place = |name: &str| order.iter().position(|known| known == name);
    let mut found = Vec::new();
    for source in sources {
        let Some(module) = source.path.first() else { continue };
        let Some(own) = place(module) else {
            found.push(format!("{module} is not on the line"));
            continue;
        };
        for used in uses(source) {
            // Names that are no module: what the root re-exports (Error, Result), or a file's own items.
            if place(&used).is_some_and(|other| other > own) {
                found.push(format!("{} uses {used}", source.path.join("::")));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// First names of all paths from the crate's root: `crate::a::b`, `cevscan::a` (the binary), `use crate::{a, b::c}`, and
/// `super::super::a` where the file stands two deep.
fn uses(source: &Source) -> Vec<String> {
    let code = without_comments_and_strings(&source.text);
    let mut found = Vec::new();
    for root in ["crate::", "cevscan::"] {
        for (at, _) in code.match_indices(root) {
            let is_word = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            if !is_word {
                found.extend(first_names(&code[at + root.len()..]));
            }
        }
    }
    let mut rest = code.as_str();
    while let Some(at) = rest.find("super::") {
        rest = &rest[at..];
        let mut depth = 0;
        while let Some(further) = rest.strip_prefix("super::") {
            (rest, depth) = (further, depth + 1);
        }
        // An inline `mod tests` is one deeper than its file; names of modules are then the only thing to go by.
        if depth >= source.path.len() {
            found.extend(first_names(rest));
        }
    }
    found
}

/// The first name of a path, or of each path in a list in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(list) = path.strip_prefix('{') else { return vec![name(path)] };
    let mut depth = 0;
    let mut items = vec![String::new()];
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(c);
        }
    }
    items.iter().map(|item| name(item)).collect()
}

/// The code alone; line breaks stay. Links in documentation may point anywhere. Raw strings with quotes inside do not occur.
fn without_comments_and_strings(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let skip = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with(r"'\''") || rest.starts_with(r#"'\"'"#) {
            4
        } else if c == '"' {
            string_length(rest)
        } else {
            code.push(c);
            c.len_utf8()
        };
        rest = &rest[skip..];
    }
    code
}

fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn read(directory: &Path, prefix: &[String], sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let mut components = prefix.to_vec();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if stem != "mod" && stem != "lib" {
            components.push(stem.to_owned());
        }
        if path.is_dir() {
            read(&path, &components, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push(Source { path: components, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
}

fn crate_sources() -> (Vec<String>, Vec<Source>) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    read(&src, &[], &mut sources);
    (order(&std::fs::read_to_string(src.join("lib.rs")).unwrap()), sources)
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let (order, sources) = crate_sources();
    assert!(sources.len() > 40, "{} files were found", sources.len());
    let found = violations(&order, &sources);
    assert!(found.is_empty(), "against the line in src/lib.rs:\n{}", found.join("\n"));
}

#[test]
fn every_module_stands_on_the_line_once() {
    let (order, sources) = crate_sources();
    for (i, name) in order.iter().enumerate() {
        assert!(name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.is_empty(), "'{name}' is no module");
        assert!(!order[..i].contains(name), "{name} stands there twice");
        // The binary's part is optional.
        let exists = sources.iter().any(|source| source.path.first() == Some(name));
        assert!(exists || name == "cli", "{name} is on the line, but not in src");
    }
}

#[test]
fn the_line_says_what_the_sources_use() {
    // Were no use found, the test above would prove nothing.
    let (_, sources) = crate_sources();
    let uses_of = |path: &[&str]| {
        let source = sources.iter().find(|source| source.path == path).unwrap();
        uses(source)
    };
    assert!(uses_of(&["rates", "plan_build"]).contains(&"physics".to_owned()));
    assert!(uses_of(&["scan", "run"]).contains(&"analysis".to_owned()));
    assert!(uses_of(&["rates", "plan_build"]).contains(&"dataset".to_owned()));
}

/// Folders that still have one; none may come.
const TO_BE_UNDONE: [&str; 1] = ["statistics:"];

#[test]
fn no_room_has_a_circle_inside() {
    let (_, sources) = crate_sources();
    let folders = circles::uses_by_folder(&sources);
    // Were nothing resolved, no circle would be found.
    let of = |folder: &[&str], module: &str, other: &str| {
        folders.iter().any(|(path, uses)| path == folder && uses.get(module).is_some_and(|used| used.contains(other)))
    };
    assert!(of(&["physics"], "cross_section", "nuclear"));
    assert!(of(&["rates", "gpu"], "engine", "context"));
    let found: Vec<String> = folders
        .iter()
        .filter_map(|(folder, uses)| Some(format!("{}: {}", folder.join("::"), circles::circle(uses)?.join(" -> "))))
        .collect();
    let found: Vec<String> =
        found.into_iter().filter(|found| !TO_BE_UNDONE.iter().any(|folder| found.starts_with(folder))).collect();
    assert!(found.is_empty(), "modules that use one another:\n{}", found.join("\n"));
}

#[test]
fn circles_are_found() {
    let source = |path: &[&str], text: &str| Source {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        text: text.to_owned(),
    };
    let check = |files: &[(&[&str], &str)]| {
        let sources: Vec<Source> = files.iter().map(|(path, text)| source(path, text)).collect();
        circles::uses_by_folder(&sources).values().find_map(circles::circle)
    };
    let a_b = Some(vec!["a".to_owned(), "b".to_owned()]);
    // Directly, through a name that the room passes on, and from a file below.
    assert_eq!(check(&[(&["r", "a"], "use super::b::X;"), (&["r", "b"], "use crate::r::a;")]), a_b);
    let room = (&["r"][..], "mod a;\nmod b;\npub use a::{Y, Z};\npub use b::X;");
    assert_eq!(check(&[room, (&["r", "a"], "fn f(x: super::X) {}"), (&["r", "b"], "use super::{Y, X};")]), a_b);
    assert_eq!(
        check(&[
            (&["r", "a", "deep"], "use super::super::b;"),
            (&["r", "a"], ""),
            (&["r", "b"], "use super::a::deep::D;")
        ]),
        a_b
    );
    // One way, comments, tests.
    assert_eq!(check(&[room, (&["r", "a"], "use super::X;"), (&["r", "b"], "//! [`super::a`]")]), None);
    assert_eq!(
        check(&[(&["r", "a"], "use super::b;"), (&["r", "b"], "#[cfg(test)]\nmod tests { use super::a; }")]),
        None
    );
}

#[test]
fn the_library_names_no_flags() {
    let (_, sources) = crate_sources();
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| flags::flags(source).into_iter().map(|flag| format!("{}: {flag}", source.path.join("::"))))
        .collect();
    assert!(found.is_empty(), "flags of the command line in the library's texts:\n{}", found.join("\n"));
    let source = |path: &[&str], text: &str| Source {
        path: path.iter().map(|name| (*name).to_owned()).collect(),
        text: text.to_owned(),
    };
    let text = "// --quiet\n/// Of `--loud`.\nfail(\"take --fresh, or '--out DIR'\"); let x = a - --b; n--1";
    assert_eq!(flags::flags(&source(&["scan", "run"], text)), ["--fresh", "--out", "--b"]);
    assert!(flags::flags(&source(&["cli", "scan"], text)).is_empty());
}

#[test]
fn violations_are_found() {
    let order: Vec<String> = ["constants", "model", "rates", "plot"].map(str::to_owned).to_vec();
    let check = |path: &[&str], text: &str| {
        let path = path.iter().map(|name| (*name).to_owned()).collect();
        violations(&order, &[Source { path, text: text.to_owned() }])
    };
    // Against the order, in every way in which it can be written.
    assert_eq!(check(&["model"], "use crate::rates::Plan;"), ["model uses rates"]);
    assert_eq!(check(&["model", "file"], "use crate::{Error, constants::X, plot};"), ["model::file uses plot"]);
    assert_eq!(
        check(&["model"], "use crate::{\n    constants::{A, B},\n    rates::{plan::Plan, Point},\n};"),
        ["model uses rates"]
    );
    assert_eq!(check(&["model"], "fn f() -> crate::plot::Figure { todo() }"), ["model uses plot"]);
    assert_eq!(check(&["model"], "use super::rates;"), ["model uses rates"]);
    assert_eq!(check(&["model", "file"], "use super::super::rates;"), ["model::file uses rates"]);
    assert_eq!(check(&["model"], "let s = \"a \\\" b\"; use crate::rates;"), ["model uses rates"]);
    assert_eq!(check(&["model"], "let c = '\"'; use crate::rates; let d = '\"';"), ["model uses rates"]);
    assert_eq!(check(&["wavelets"], ""), ["wavelets is not on the line"]);
    // With the order, or no use at all.
    for (path, text) in [
        (&["rates"][..], "use crate::model::Model; use crate::{Error, Result}; use crate::rates::cpu;"),
        (&["plot", "map"], "use crate::rates::Point; use super::rates; use crate::constants;"),
        (&["model"], "//! See [`crate::rates`].\n/* crate::plot */ fn f() { g(\"crate::plot\") } // crate::plot"),
        (&["model"], "use othercrate::rates; mod tests { use super::*; }"),
        (&[], "pub mod plot; pub use crate::rates;"),
    ] {
        assert!(check(path, text).is_empty(), "{path:?} {text}");
    }
}

#[test]
fn the_order_is_read() {
    let lib = format!(
        "//! Story.\n//!\n//! A line, and {BEFORE_THE_ORDER}\n//!\n//! a, b -> c ->\n//! (binary) d_e.\n//!\n//! More.\n"
    );
    assert_eq!(order(&lib), ["a", "b", "c", "d_e"]);
}
