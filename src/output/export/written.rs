//! The inventory of a submission for HEPData within it: its validator takes no file beside that is not part of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Contents, ExportFile};
use crate::base::files::Subject;
use crate::base::provenance::{is_digest, sha256};
use crate::{Error, Result};

/// The file that holds it, as a comment in its last line.
pub const HOLDER: &str = "submission.yaml";
const BEGINNING: &str = "# Written by cevscan: ";

/// What was written, and of what.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    subject: Subject,
    /// SHA-256 of the other files, by name.
    files: BTreeMap<String, String>,
    /// SHA-256 of all lines above.
    above: String,
}

/// Enters all files of a submission into it.
///
/// # Errors
/// None for files that were made here.
pub fn enter(files: &mut [ExportFile], subject: &Subject) -> Result<()> {
    let digests = files.iter().filter(|file| file.name != HOLDER).filter_map(|file| match &file.contents {
        Contents::Text(text) => Some((file.name.clone(), sha256(text.as_bytes()))),
        Contents::Grid(_) => None,
    });
    let digests = digests.collect();
    for file in files.iter_mut().filter(|file| file.name == HOLDER) {
        if let Contents::Text(text) = &mut file.contents {
            let written = Written { subject: subject.clone(), files: digests, above: sha256(text.as_bytes()) };
            let line = serde_json::to_string(&written)
                .map_err(|error| Error::Encoding { what: "JSON", reason: error.to_string() })?;
            *text += &format!("{BEGINNING}{line}\n");
            return Ok(());
        }
    }
    Ok(())
}

/// The files that a [`HOLDER`] says were written with it, itself included, by name and SHA-256, and what they are of; none
/// where it does not say so, or was changed since.
pub fn read(holder: &str) -> Option<(BTreeMap<String, String>, Subject)> {
    let lines = holder.strip_suffix('\n')?;
    let at = lines.rfind('\n')? + 1;
    let Written { subject, mut files, above } = serde_json::from_str(lines[at..].strip_prefix(BEGINNING)?).ok()?;
    if sha256(&holder.as_bytes()[..at]) != above || !files.values().all(|digest| is_digest(digest)) {
        return None;
    }
    files.insert(HOLDER.to_owned(), sha256(holder.as_bytes()));
    Some((files, subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_is_read_until_it_is_changed() -> Result<()> {
        let file =
            |name: &str, text: &str| ExportFile { name: name.to_owned(), contents: Contents::Text(text.to_owned()) };
        let mut files = [file(HOLDER, "a: 1\n---\nb: 2\n"), file("contour.yaml", "c: 3\n")];
        let subject = Subject::new("export", "b-l, csi", "hepdata");
        enter(&mut files, &subject)?;
        let Contents::Text(holder) = &files[0].contents else { unreachable!("it is a text") };
        let whole = [(HOLDER, sha256(holder.as_bytes())), ("contour.yaml", sha256(b"c: 3\n"))];
        let whole = whole.map(|(name, digest)| (name.to_owned(), digest)).into();
        assert_eq!(read(holder), Some((whole, subject)));
        for changed in [holder.replace("b: 2", "b: 3"), holder.replace("b-l", "scalar") + "\n", holder[..9].to_owned()]
        {
            assert_eq!(read(&changed), None, "{changed}");
        }
        Ok(())
    }
}
