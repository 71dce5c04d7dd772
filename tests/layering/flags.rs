//! The library knows no command line: what a user may type stands in the room `cli`, and where the paper's products name
//! the commands that make them.

use super::Source;

/// Rooms whose texts name commands.
const NAME_COMMANDS: [&str; 2] = ["cli", "reproduce"];

/// Flags in the strings of a file, tests apart: `--word`.
pub fn flags(source: &Source) -> Vec<String> {
    if source.path.first().is_some_and(|room| NAME_COMMANDS.contains(&room.as_str())) {
        return Vec::new();
    }
    let code = source.text.find("#[cfg(test)]\nmod ").map_or(source.text.as_str(), |tests| &source.text[..tests]);
    let is_comment = |line: &&str| !line.trim_start().starts_with("//");
    let words = code.lines().filter(is_comment).flat_map(|line| line.split(|c: char| " '\"`(,;".contains(c)));
    let is_flag =
        |word: &&str| word.strip_prefix("--").is_some_and(|name| name.starts_with(|c: char| c.is_ascii_lowercase()));
    words.filter(is_flag).map(str::to_owned).collect()
}
