//! What a variation takes away from the file that it varies.

use super::{Part, Parts};

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
        let are = if lost.len() == 1 { "is" } else { "are" };
        (!lost.is_empty()).then(|| {
            format!(
                "{name}: its {given} takes the place of its base's, whose {taken} {} {are} left out",
                lost.join(", ")
            )
        })
    };
    LISTS.iter().filter_map(of_list).chain(of_backgrounds(own, base, name)).collect()
}

/// Backgrounds of the same name that lack what their namesakes in the base have.
fn of_backgrounds<'a>(own: &'a Part, base: &'a Part, name: &'a str) -> impl Iterator<Item = String> + 'a {
    const LIST: &str = "background";
    let named = own.section.names_in(LIST).unwrap_or_default();
    named.into_iter().filter_map(move |background| {
        let parts = |part: &Part| part.section.parts_of(LIST, background, ["shapes", "sideband"]);
        let (own, base) = (parts(own)?, parts(base)?);
        let lost: Vec<String> =
            base.iter().filter(|part| !own.contains(part)).map(|part| format!("'{}'", part.escape_debug())).collect();
        (!lost.is_empty()).then(|| {
            let background = background.escape_debug();
            format!("{name}: its background '{background}' has no {}, which its base's has", lost.join(", "))
        })
    })
}
