//! What a variation takes away from the file that it varies.

use super::Parts;

/// Lists that a file's own takes the place of as a whole, and those within a section that does.
const LISTS: [&str; 6] = ["background", "process", "variation", "signal.norms", "signal.shapes", "response.variation"];

/// A word about each list of the base that the file's own list, or section, replaces without some of its members: who
/// means to add one loses the others.
pub(super) fn doubts(parts: &Parts, name: &str) -> Vec<String> {
    let [own, base] = &parts.layers[..] else { return Vec::new() };
    let of_list = |list: &&str| {
        let (own, base) = (own.section.names_in(list)?, base.section.names_in(list)?);
        let lost: Vec<String> =
            base.iter().filter(|name| !own.contains(name)).map(|name| format!("'{}'", name.escape_debug())).collect();
        let given = list.split_once('.').map_or(format!("[[{list}]]"), |(section, _)| format!("[{section}]"));
        let taken = list.replace('.', "'s ");
        (!lost.is_empty()).then(|| {
            format!("{name}: its {given} takes the place of its base's, whose {taken} {} is left out", lost.join(", "))
        })
    };
    LISTS.iter().filter_map(of_list).collect()
}
