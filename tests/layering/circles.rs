//! Inside a room too data flows one way: no two modules beside each other use one another, not by a detour either.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, without_comments_and_strings};

/// Uses between the modules that stand side by side below `parent`: `child -> children that it uses`.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// What each folder's modules use of one another, by the folder's path.
pub fn uses_by_folder(sources: &[Source]) -> BTreeMap<Vec<String>, Uses> {
    let modules: BTreeSet<&[String]> = sources.iter().map(|source| source.path.as_slice()).collect();
    let exports: BTreeMap<&[String], BTreeMap<String, Vec<String>>> =
        sources.iter().map(|source| (source.path.as_slice(), re_exports(source))).collect();
    let mut found: BTreeMap<Vec<String>, Uses> = BTreeMap::new();
    for source in sources {
        for path in paths(source) {
            let target = resolve(&path, &modules, &exports);
            let shared = source.path.iter().zip(&target).take_while(|(a, b)| a == b).count();
            if let (Some(own), Some(other)) = (source.path.get(shared), target.get(shared)) {
                let folder = source.path[..shared].to_vec();
                found.entry(folder).or_default().entry(own.clone()).or_default().insert(other.clone());
            }
        }
    }
    found
}

/// A circle among the modules, in the order in which they use one another.
pub fn circle(uses: &Uses) -> Option<Vec<String>> {
    fn walk(at: &str, uses: &Uses, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<Vec<String>> {
        if let Some(start) = way.iter().position(|name| name == at) {
            return Some(way[start..].to_vec());
        }
        if done.contains(at) {
            return None;
        }
        way.push(at.to_owned());
        for next in uses.get(at).into_iter().flatten() {
            if let Some(found) = walk(next, uses, way, done) {
                return Some(found);
            }
        }
        way.pop();
        done.insert(at.to_owned());
        None
    }
    let mut done = BTreeSet::new();
    uses.keys().find_map(|start| walk(start, uses, &mut Vec::new(), &mut done))
}

/// The module a path leads to: the longest part that is one, then through what that module passes on of its children.
fn resolve(
    path: &[String],
    modules: &BTreeSet<&[String]>,
    exports: &BTreeMap<&[String], BTreeMap<String, Vec<String>>>,
) -> Vec<String> {
    let mut length = path.len();
    while length > 0 && !modules.contains(&path[..length]) {
        length -= 1;
    }
    let module = &path[..length];
    // A macro that a module passes on is its own.
    match path.get(length).and_then(|item| exports.get(module)?.get(item)).filter(|from| from.as_slice() != path) {
        Some(from) if from.starts_with(module) && from.len() > module.len() => resolve(from, modules, exports),
        _ => module.to_vec(),
    }
}

/// Names that a module passes on with `pub use`, and where each is from.
fn re_exports(source: &Source) -> BTreeMap<String, Vec<String>> {
    let code = without_comments_and_strings(&source.text);
    let mut found = BTreeMap::new();
    for statement in statements(&code, true) {
        for path in expand(&statement) {
            let path = absolute(&path, source, true);
            if let Some(name) = path.last() {
                found.insert(name.clone(), path.clone());
            }
        }
    }
    found
}

/// All paths into the crate that a file names, from the crate's root. Its own tests may look anywhere.
fn paths(source: &Source) -> Vec<Vec<String>> {
    let code = without_comments_and_strings(&source.text);
    let code = code.find("#[cfg(test)]\nmod ").map_or(code.as_str(), |tests| &code[..tests]);
    let mut found = Vec::new();
    for statement in statements(code, false) {
        found.extend(expand(&statement).iter().map(|path| absolute(path, source, false)));
    }
    for root in ["crate::", "super::"] {
        for (at, _) in code.match_indices(root) {
            let before = &code[..at];
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let end = code[at..].find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
            let text = &code[at..end.map_or(code.len(), |end| at + end)];
            found.push(absolute(text.trim_end_matches(':'), source, false));
        }
    }
    found.retain(|path| !path.is_empty());
    found
}

/// What stands between `use` (`pub use` where passed on) and the semicolon.
fn statements(code: &str, passed_on: bool) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("use ") {
        let line = code[..at].rsplit('\n').next().unwrap_or_default().trim();
        let is_statement = if passed_on { line.starts_with("pub") } else { line.is_empty() || line.starts_with("pub") };
        if let (true, Some(end)) = (is_statement, code[at..].find(';')) {
            found.push(code[at + 4..at + end].split_whitespace().collect::<Vec<_>>().join(" "));
        }
    }
    found
}

/// `a::{b, c::{d, e}}` as `a::b`, `a::c::d`, `a::c::e`.
fn expand(statement: &str) -> Vec<String> {
    let Some(open) = statement.find('{') else {
        return vec![statement.split(" as ").next().unwrap_or_default().trim().to_owned()];
    };
    let (head, list) = (&statement[..open], &statement[open + 1..]);
    let (mut depth, mut items) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
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
    items.iter().flat_map(|item| expand(item.trim())).map(|item| format!("{}{item}", head.trim())).collect()
}

/// A path from the crate's root; empty where it leads out of the crate. In a `pub use` a first name alone is a child's.
fn absolute(path: &str, source: &Source, of_children: bool) -> Vec<String> {
    let mut names: Vec<&str> = path.split("::").map(str::trim).filter(|name| !name.is_empty()).collect();
    let mut base = source.path.clone();
    match names.first() {
        Some(&"crate" | &"cevscan") => base.clear(),
        Some(&"self") => {}
        Some(&"super") => {
            while names.first() == Some(&"super") {
                names.remove(0);
                base.pop();
            }
            names.insert(0, "super");
        }
        Some(_) if of_children => names.insert(0, "self"),
        _ => return Vec::new(),
    }
    base.extend(names[1..].iter().map(|name| (*name).to_owned()));
    base.retain(|name| name != "self" && name != "*");
    base
}
