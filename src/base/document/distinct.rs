//! Names that tell things apart, each given once.

use crate::Result;

use super::Section;

/// Names of some sections, with the place where each is given first.
#[derive(Default)]
pub(crate) struct Distinct {
    seen: Vec<Seen>,
}

struct Seen {
    name: String,
    /// The section, as it stands in messages.
    section: String,
    path: String,
    line: usize,
}

impl Distinct {
    /// Takes the name that a key of a section gives.
    ///
    /// # Errors
    /// One that was given before, at its line, with the line of the first.
    pub fn add(&mut self, section: &Section, key: &str) -> Result<()> {
        let name = section.text(key)?;
        let (path, line) = section.place(key);
        if let Some(first) = self.seen.iter().find(|first| first.name == name) {
            let file = if first.path == path { String::new() } else { format!(" of {}", first.path) };
            let bound =
                format!("a name of its own: that of {} in line {}{file} is the same", first.section, first.line);
            return Err(section.error(key, format!("'{}' again", name.escape_debug()), bound));
        }
        self.seen.push(Seen {
            name: name.to_owned(),
            section: section.name_in_messages().to_owned(),
            path: path.to_owned(),
            line,
        });
        Ok(())
    }
}
