//! Everything that can go wrong, as values: each names the thing, its value, what was expected, and where.

use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::base::printable::{OneLine, Short};

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the library. `Display` is one line, whatever its fields hold; [`Error::hint`] says what to do about it,
/// where that is known.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A number outside its allowed range.
    OutOfRange {
        /// What the number is, with its unit.
        quantity: String,
        /// The value as the user wrote it.
        value: String,
        /// What is allowed.
        bound: String,
    },
    /// A text that does not parse as what it should be.
    Unparsable {
        /// What the text should describe.
        quantity: String,
        /// The text.
        value: String,
        /// The accepted form.
        expected: String,
    },
    /// A name that is in no registry.
    UnknownName {
        /// The registry ("model", "dataset").
        kind: &'static str,
        /// The name asked for.
        name: String,
        /// The nearest known name, if any is near.
        nearest: Option<String>,
        /// All known names, comma separated.
        known: String,
    },
    /// A place in a file that does not hold what it should.
    InFile {
        /// The file.
        path: String,
        /// Line, counted from 1.
        line: usize,
        /// What stands there.
        quantity: String,
        /// Its value as found.
        value: String,
        /// What is allowed.
        bound: String,
    },
    /// A file that is not of its form (TOML) in one place.
    Malformed {
        /// The file.
        path: String,
        /// Line, counted from 1.
        line: usize,
        /// The line as found.
        found: String,
        /// What is wrong with it, and what may stand there.
        reason: String,
    },
    /// An array of a file that does not hold what it should.
    InArray {
        /// The file.
        path: String,
        /// Name of the array.
        array: String,
        /// What was found.
        found: String,
        /// What is allowed.
        bound: String,
    },
    /// A file that is not of its form as a whole.
    NotOfForm {
        /// The file.
        path: String,
        /// What it should be ("npz file").
        form: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    Io {
        /// What was tried ("read", "write", "create").
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A map that would take more memory than there is.
    TooLarge {
        /// What was asked for.
        quantity: String,
        /// Memory it would take.
        needed_gib: f64,
        /// What there is for it.
        limit_gib: f64,
        /// A grid that would fit.
        fitting: String,
    },
    /// Memory that the system does not give.
    NoMemory {
        /// What for.
        what: &'static str,
        /// How much.
        needed_gib: f64,
    },
    /// No GPU that can be used.
    NoAdapter {
        /// Why not.
        reason: String,
    },
    /// A part of the program that this build has not.
    LeftOut {
        /// The part ("the GPU engine").
        what: &'static str,
        /// The feature that brings it in.
        feature: &'static str,
    },
    /// A GPU that failed at work.
    Device {
        /// The adapter's name.
        adapter: String,
        /// What it was doing.
        action: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// A numerical search that did not reach its accuracy.
    NotConverged {
        /// What was sought.
        quantity: String,
        /// How far it came.
        reason: String,
    },
    /// A result with gaps where one without was asked for.
    Incomplete {
        /// The result ("map").
        what: &'static str,
        /// What is missing of it, in words.
        missing: String,
    },
    /// A picture or a file that could not be encoded.
    Encoding {
        /// The product ("PNG", "npz").
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Results of other inputs where those of these would be kept.
    OtherInputs {
        /// Where they are.
        folder: PathBuf,
        /// What they are ("tiles", "the map").
        holds: &'static str,
        /// What differs, and how.
        differences: String,
    },
    /// Something of the user's, or of nobody knows whom, where the program keeps its own.
    NotOurs {
        /// What stands there.
        path: PathBuf,
        /// Why it is none of the program's.
        reason: String,
    },
    /// Something that the program did not write, or not so, where a result would go.
    InTheWay {
        /// What stands there.
        path: PathBuf,
        /// Why it is not written over.
        reason: String,
    },
    /// A folder that another process writes into.
    Locked {
        /// The folder.
        folder: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// The user interrupted the work.
    Interrupted,
}

impl Error {
    /// An [`Error::Io`], for `map_err(Error::io("read", path))`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
        move |source| Error::Io { action, path: path.to_owned(), source }
    }

    /// An [`Error::UnknownName`] with the nearest of `known` as a suggestion.
    pub fn unknown_name<'a>(kind: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Error {
        let known: Vec<&str> = known.into_iter().collect();
        let nearest = nearest(name, known.iter().copied()).map(str::to_owned);
        Error::UnknownName { kind, name: name.to_owned(), nearest, known: known.join(", ") }
    }

    /// An [`Error::OutOfRange`].
    pub fn out_of_range(quantity: impl Into<String>, value: impl ToString, bound: impl Into<String>) -> Error {
        Error::OutOfRange { quantity: quantity.into(), value: value.to_string(), bound: bound.into() }
    }

    /// What to do about it, where a name or a key says it, without the word "hint:". Programs add what they offer.
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::UnknownName { nearest: Some(nearest), .. } => Some(format!("did you mean '{nearest}'?")),
            Error::UnknownName { kind, known, .. } if known.is_empty() => Some(format!("there is no {kind} here")),
            Error::UnknownName { kind, known, .. } => {
                let plural = if *kind == "axis" { "axes".to_owned() } else { format!("{kind}s") };
                Some(format!("known {plural}: {known}"))
            }
            _ => None,
        }
    }

    /// Whether the user's words caused it (exit status 2) rather than the work (exit status 1).
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Error::OutOfRange { .. } | Error::Unparsable { .. } | Error::UnknownName { .. } | Error::TooLarge { .. }
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All that is printed goes through here: it stays on its line, and no field makes it endless.
        let line = &mut OneLine(f);
        match self {
            Error::OutOfRange { quantity, value, bound } => {
                write!(line, "{} is {}, but must be {}", Short(quantity), Short(value), Short(bound))
            }
            Error::Unparsable { quantity, value, expected } => {
                let (quantity, value, expected) = (Short(quantity), Short(value), Short(expected));
                write!(line, "{quantity} '{value}' is not understood: expected {expected}")
            }
            Error::UnknownName { kind, name, .. } => write!(line, "unknown {kind} '{}'", Short(name)),
            Error::InFile { path, line: place, quantity, value, bound } => {
                let (path, quantity, value, bound) = (Short(path), Short(quantity), Short(value), Short(bound));
                write!(line, "{path}:{place}: {quantity} is {value}, but must be {bound}")
            }
            Error::Malformed { path, line: place, found, reason } => {
                write!(line, "{}:{place}: '{}': {}", Short(path), Short(found), Short(reason))
            }
            Error::InArray { path, array, found, bound } => {
                let (path, array, found, bound) = (Short(path), Short(array), Short(found), Short(bound));
                write!(line, "{path}: array '{array}' is {found}, but must be {bound}")
            }
            Error::NotOfForm { path, form, reason } => {
                write!(line, "{} is no {form}: {}", Short(path), Short(reason))
            }
            Error::Io { action, path, source } => {
                write!(line, "cannot {action} {}: {}", shown(path), Short(source.to_string()))
            }
            Error::TooLarge { quantity, needed_gib, limit_gib, fitting } => write!(
                line,
                "{} would take {needed_gib:.1} GiB of memory, more than the {limit_gib:.1} GiB at hand; {fitting} points \
                 would fit",
                Short(quantity)
            ),
            Error::NoMemory { what, needed_gib } => {
                write!(line, "no memory for the {what}: the system does not give {needed_gib:.2} GiB")
            }
            Error::LeftOut { what, feature } => {
                write!(line, "{what} was left out of this build: it comes with the cargo feature '{feature}'")
            }
            Error::NoAdapter { reason } => write!(line, "no usable GPU: {}", Short(reason)),
            Error::Device { adapter, action, reason } => {
                write!(line, "GPU '{}' failed while {action}: {}", Short(adapter), Short(reason))
            }
            Error::NotConverged { quantity, reason } => {
                write!(line, "{} did not converge: {}", Short(quantity), Short(reason))
            }
            Error::Incomplete { what, missing } => write!(line, "the {what} is incomplete: {}", Short(missing)),
            Error::Encoding { what, reason } => write!(line, "cannot encode {what}: {}", Short(reason)),
            Error::OtherInputs { folder, holds, differences } => {
                write!(line, "{} holds {holds} of a scan with other inputs: {}", shown(folder), Short(differences))
            }
            Error::NotOurs { path, reason } => write!(line, "{} is left as it is: {}", shown(path), Short(reason)),
            Error::InTheWay { path, reason } => write!(line, "{} is in the way: {}", shown(path), Short(reason)),
            Error::Locked { folder, holder } => write!(line, "{} is in use by {}", shown(folder), Short(holder)),
            Error::Interrupted => write!(line, "interrupted"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Error::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

fn shown(path: &Path) -> Short<String> {
    Short(path.display().to_string())
}

/// The nearest of some names, if any is near.
pub(crate) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 2.max(candidate.len() / 3))
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::printable::acts_on_terminal;

    /// Whatever the fields hold: one line that ends.
    #[test]
    fn every_error_is_one_line() {
        let wild = || format!("\u{1b}]0;x\u{7}\n\u{202e}{}", "é".repeat(1_000_000));
        let path = || PathBuf::from(wild());
        let errors = [
            Error::out_of_range(wild(), wild(), wild()),
            Error::Unparsable { quantity: wild(), value: wild(), expected: wild() },
            Error::unknown_name("model", &wild(), ["a"]),
            Error::InFile { path: wild(), line: 1, quantity: wild(), value: wild(), bound: wild() },
            Error::Malformed { path: wild(), line: 1, found: wild(), reason: wild() },
            Error::InArray { path: wild(), array: wild(), found: wild(), bound: wild() },
            Error::NotOfForm { path: wild(), form: "table", reason: wild() },
            Error::io("read", &path())(std::io::Error::other(wild())),
            Error::TooLarge { quantity: wild(), needed_gib: 2.0, limit_gib: 1.0, fitting: "2x2".into() },
            Error::NoMemory { what: "map", needed_gib: 1.0 },
            Error::NoAdapter { reason: wild() },
            Error::LeftOut { what: "the GPU engine", feature: "gpu" },
            Error::Device { adapter: wild(), action: "computing", reason: wild() },
            Error::NotConverged { quantity: wild(), reason: wild() },
            Error::Incomplete { what: "map", missing: wild() },
            Error::Encoding { what: "npz", reason: wild() },
            Error::OtherInputs { folder: path(), holds: "tiles", differences: wild() },
            Error::NotOurs { path: path(), reason: wild() },
            Error::InTheWay { path: path(), reason: wild() },
            Error::Locked { folder: path(), holder: wild() },
            Error::Interrupted,
        ];
        for error in errors {
            let text = error.to_string();
            assert!(!text.contains(acts_on_terminal), "{text}");
            assert!(text.chars().count() < 2000, "{}", text.chars().count());
        }
    }
}
