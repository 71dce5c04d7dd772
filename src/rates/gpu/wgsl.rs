//! Puts a shader's text together: small pieces under `shaders/`, headed by the constants that Rust and WGSL share.
//!
//! `build.rs` includes this file as well.
#![allow(dead_code, reason = "build.rs reads some of it, the crate the rest")]

/// A line of a shader and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its piece.
    pub path: &'static str,
    /// Its number there, from 1; 0 for the constants.
    pub number: usize,
    /// Its text.
    pub text: String,
}

/// The whole text, line by line: `const NAME = VALUE;` for each constant, then the pieces, given as path and text.
///
/// A line `// unroll NAME < LIMIT` repeats the line after it for NAME = 0, 1, ... LIMIT - 1 (`<=`: one more); with a `{`
/// at its end it repeats all lines up to the `// }` that belongs to it. LIMIT is a constant or the NAME of an unrolling
/// around it. Loops over terms, bins and parameters are unrolled here and not left to drivers: what they index then
/// stands in registers, and the guard that wgpu puts into every loop is not paid for in the innermost ones.
pub(crate) fn assemble<Name: AsRef<str>, Text: AsRef<str>>(
    constants: &[(Name, usize)],
    pieces: &[(&'static str, Text)],
) -> Vec<Line> {
    let constants: Vec<(&str, usize)> = constants.iter().map(|(name, value)| (name.as_ref(), *value)).collect();
    let head = constants.iter().map(|(name, value)| format!("const {name} = {value}u;"));
    let mut lines: Vec<Line> = head.map(|text| Line { path: file!(), number: 0, text }).collect();
    for (path, piece) in pieces {
        let line = |(index, text): (usize, &str)| Line { path, number: index + 1, text: text.to_owned() };
        let piece: Vec<Line> = piece.as_ref().lines().enumerate().map(line).collect();
        expand(&piece, &constants, &mut lines);
    }
    lines
}

/// The text of lines.
pub fn text(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

/// Appends `lines` with all unrolling done.
fn expand(lines: &[Line], constants: &[(&str, usize)], expanded: &mut Vec<Line>) {
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        rest = after;
        let Some(unrolling) = Unrolling::parse(&line.text, constants) else {
            expanded.push(line.clone());
            continue;
        };
        let length = if unrolling.block { block_length(rest) } else { 1 }.min(rest.len());
        for value in 0..unrolling.times {
            let body = rest[..length]
                .iter()
                .map(|line| Line { text: replace(&line.text, unrolling.name, &format!("{value}u")), ..line.clone() });
            expand(&body.collect::<Vec<_>>(), constants, expanded);
        }
        rest = &rest[length..];
    }
}

/// A directive.
struct Unrolling<'a> {
    name: &'a str,
    times: usize,
    block: bool,
}

const DIRECTIVE: &str = "// unroll ";
const END: &str = "// }";

impl<'a> Unrolling<'a> {
    fn parse(line: &'a str, constants: &[(&str, usize)]) -> Option<Unrolling<'a>> {
        let directive = line.trim().strip_prefix(DIRECTIVE)?;
        let (directive, block) = directive.strip_suffix(" {").map_or((directive, false), |inner| (inner, true));
        let (name, limit) = directive.split_once(" <")?;
        let (limit, more) = limit.strip_prefix("= ").map_or((limit.trim(), 0), |limit| (limit, 1));
        let known = constants.iter().find(|(known, _)| *known == limit).map(|(_, value)| *value);
        let times = known.or_else(|| limit.strip_suffix('u')?.parse().ok())? + more;
        Some(Unrolling { name, times, block })
    }
}

/// Number of lines before the end of a block, the ends of inner blocks passed over.
fn block_length(lines: &[Line]) -> usize {
    let mut depth = 1;
    let ends = |line: &Line| {
        let line = line.text.trim();
        depth += usize::from(line.starts_with(DIRECTIVE) && line.ends_with('{'));
        depth -= usize::from(line == END);
        depth == 0
    };
    lines.iter().position(ends).unwrap_or(lines.len())
}

/// `text` with each whole word `name` replaced.
fn replace(text: &str, name: &str, value: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
        replaced.push_str(&rest[..start]);
        replaced.push_str(if rest[start..end] == *name { value } else { &rest[start..end] });
        rest = &rest[end..];
    }
    replaced + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What keeps a shader's line from looping for ever: its loops are `for (var i = FROM; i < TO ...; i++ or i += STEP)`.
    fn may_never_end(line: &str) -> bool {
        let code = line.split("//").next().unwrap_or_default();
        let words: Vec<&str> = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).collect();
        if words.iter().any(|word| ["loop", "while", "continuing"].contains(word)) {
            return true;
        }
        let Some((_, head)) = code.split_once("for (") else { return words.contains(&"for") };
        let parts: Vec<&str> = head.split(';').map(str::trim).collect();
        let [from, until, step] = parts[..] else { return true };
        let counter = from.strip_prefix("var ").and_then(|from| from.split_once(" = ")).map(|(name, _)| name);
        let ends = |name: &str| {
            let until = until.split(" && ").next().unwrap_or_default();
            let step = step.strip_prefix(name).unwrap_or_default();
            let within =
                until.strip_prefix(name).is_some_and(|rest| rest.starts_with(" < ") || rest.starts_with(" <= "));
            within && !until.contains("||") && (step.starts_with("++)") || step.starts_with(" += "))
        };
        !counter.is_some_and(ends)
    }

    #[test]
    fn no_shader_loops_for_ever() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("shaders");
        let mut loops = 0;
        for entry in std::fs::read_dir(folder).expect("shaders") {
            let path = entry.expect("a shader").path();
            let text = std::fs::read_to_string(&path).expect("text");
            for (number, line) in text.lines().enumerate() {
                assert!(!may_never_end(line), "{}:{}: {line}", path.display(), number + 1);
                loops += usize::from(line.contains("for ("));
            }
        }
        assert!(loops > 8, "{loops} loops were found");
        for line in
            ["loop {", "while (a) {", "for (;;) {", "for (var i = 0u; i != 3u; i++) {", "for (var i = 0u; i < 3u;) {"]
        {
            assert!(may_never_end(line), "{line}");
        }
        for line in ["for (var i = 0u; j < 3u; i++) {", "for (var i = 0u; i < 3u || a; i++) {"] {
            assert!(may_never_end(line), "{line}");
        }
    }

    #[test]
    fn lines_and_nested_blocks_are_repeated() {
        let piece = "a\n// unroll i < N {\nrow i\n  // unroll j <= i\n  i j\n// unroll k < i {\nik k\n// }\n// }\nz";
        let lines = assemble(&[("N", 2)], &[("piece", piece)]);
        assert_eq!(
            text(&lines),
            "const N = 2u;\na\nrow 0u\n  0u 0u\n// }\nrow 1u\n  1u 0u\n  1u 1u\nik 0u\n// }\n// }\nz\n"
        );
        assert_eq!(lines.iter().find(|line| line.text == "ik 0u").map(|line| line.number), Some(7));
    }
}
