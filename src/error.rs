//! Everything that can go wrong, as values: each names the thing, its value, what was expected, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// The crate's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of the library. `Display` is one line; [`Error::hint`] says what to do about it, where that is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A number outside its allowed range.
    #[error("{quantity} is {}, but must be {bound}", OneLine(value))]
    OutOfRange {
        /// What the number is, with its unit.
        quantity: String,
        /// The value as the user wrote it.
        value: String,
        /// What is allowed.
        bound: String,
    },
    /// A text that does not parse as what it should be.
    #[error("{quantity} '{}' is not understood: expected {expected}", OneLine(value))]
    Unparsable {
        /// What the text should describe.
        quantity: String,
        /// The text.
        value: String,
        /// The accepted form.
        expected: String,
    },
    /// A name that is in no registry.
    #[error("unknown {kind} '{}'", OneLine(name))]
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
    #[error("{path}:{line}: {quantity} is {}, but must be {}", OneLine(value), OneLine(bound))]
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
    #[error("{path}:{line}: '{}': {}", OneLine(found), OneLine(reason))]
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
    #[error("{path}: array '{}' is {}, but must be {bound}", OneLine(array), OneLine(found))]
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
    #[error("{path} is no {form}: {}", OneLine(reason))]
    NotOfForm {
        /// The file.
        path: String,
        /// What it should be ("npz file").
        form: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system refused something.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried ("read", "write", "create").
        action: &'static str,
        /// On which file or directory.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A request that would take more memory than is sensible.
    #[error("{quantity} would take {needed_gib:.1} GiB of memory, more than the limit of {limit_gib:.1} GiB")]
    TooLarge {
        /// What was asked for.
        quantity: String,
        /// Memory it would take.
        needed_gib: f64,
        /// The limit.
        limit_gib: f64,
    },
    /// No GPU that can be used.
    #[error("no usable GPU: {reason}")]
    NoAdapter {
        /// Why not.
        reason: String,
    },
    /// A GPU that failed at work.
    #[error("GPU '{adapter}' failed while {action}: {reason}")]
    Device {
        /// The adapter's name.
        adapter: String,
        /// What it was doing.
        action: &'static str,
        /// What the driver said.
        reason: String,
    },
    /// A numerical search that did not reach its accuracy.
    #[error("{quantity} did not converge: {reason}")]
    NotConverged {
        /// What was sought.
        quantity: String,
        /// How far it came.
        reason: String,
    },
    /// A result with gaps where one without was asked for.
    #[error("the {what} is incomplete: {missing}")]
    Incomplete {
        /// The result ("map").
        what: &'static str,
        /// What is missing of it, in words.
        missing: String,
    },
    /// A picture or a file that could not be encoded.
    #[error("cannot encode {what}: {reason}")]
    Encoding {
        /// The product ("PNG", "npz").
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// Tiles of another scan where this one would keep its own.
    #[error("{} holds tiles of a scan with other inputs: {differences}", folder.display())]
    OtherInputs {
        /// Where they are.
        folder: PathBuf,
        /// What differs, and how.
        differences: String,
    },
    /// A folder that another process writes into.
    #[error("{} is in use by {holder}", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
        /// The process that holds it.
        holder: String,
    },
    /// The user interrupted the work.
    #[error("interrupted")]
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

    /// What the user can type or do next, without the word "hint:".
    pub fn hint(&self) -> Option<String> {
        match self {
            Error::UnknownName { nearest: Some(nearest), .. } => Some(format!("did you mean '{nearest}'?")),
            Error::UnknownName { kind, known, .. } => Some(format!("known {kind}s: {known}")),
            Error::OtherInputs { .. } => Some("take another --out, or --fresh to start over".into()),
            Error::Locked { .. } => Some("wait for it to end, or take another --out".into()),
            Error::TooLarge { .. } => Some("take a coarser --grid, or scan parts of the plane".into()),
            Error::NoAdapter { .. } => {
                Some("'cevscan devices' lists what was found; '--engine cpu' needs no GPU".into())
            }
            Error::Device { .. } => Some("'cevscan devices' tests each adapter; '--engine cpu' needs no GPU".into()),
            Error::Incomplete { .. } => Some(
                "--allow-missing leaves the gaps and says so in every file; a smaller --coupling range avoids them"
                    .into(),
            ),
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

/// A text that may come from anywhere, on one line: control characters stand as Rust writes them, so that no file and no
/// argument moves the cursor of the terminal that an error is shown on.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .chars()
            .try_for_each(|c| if c.is_control() { write!(f, "{}", c.escape_debug()) } else { write!(f, "{c}") })
    }
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
