//! What tells one result from another: digests, the build, and inputs by name.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::io::Read;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// SHA-256 of all sources that this build was made from, their dependencies' versions included, in hexadecimal.
pub const SOURCES: &str = env!("CEVSCAN_SOURCES");

/// Every input that some bytes follow from, by name; values are as people read them, or digests.
pub type Inputs = BTreeMap<String, String>;

/// Program and version, with what tells one build from another.
pub fn program() -> String {
    format!("cevscan {} (sources {})", env!("CARGO_PKG_VERSION"), shorten(SOURCES))
}

/// What every result follows from: the build, and the kind of machine, whose mathematical library it calls.
pub fn of_the_build() -> Inputs {
    let inputs = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("sources", SOURCES.to_owned()),
        ("platform", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
    ];
    inputs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// SHA-256 of all that a reader gives, in hexadecimal.
///
/// # Errors
/// Those of the reader.
pub fn sha256_of(mut reader: impl Read) -> std::io::Result<String> {
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer)? {
            0 => break,
            length => digest.update(&buffer[..length]),
        }
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A digest of all that a value holds.
pub fn fingerprint(value: &impl Debug) -> String {
    sha256(format!("{value:?}").as_bytes())
}

/// Refuses what stands in `folder`, made from `there`, for what is to be made from `here`.
///
/// # Errors
/// [`Error::OtherInputs`], naming everything that differs.
pub fn require_same(there: &Inputs, here: &Inputs, folder: &Path, holds: &'static str) -> Result<()> {
    let names: BTreeSet<&String> = there.keys().chain(here.keys()).collect();
    let value = |inputs: &Inputs, name: &str| inputs.get(name).map_or("nothing", |value| shorten(value)).to_owned();
    let differences: Vec<String> = names
        .into_iter()
        .filter(|name| there.get(*name) != here.get(*name))
        .map(|name| format!("{name} is {} there and {} here", value(there, name), value(here, name)))
        .collect();
    if differences.is_empty() {
        return Ok(());
    }
    Err(Error::OtherInputs { folder: folder.to_owned(), holds, differences: differences.join("; ") })
}

/// A digest by its beginning; anything else as it is.
fn shorten(value: &str) -> &str {
    if is_digest(value) { &value[..12] } else { value }
}

/// Whether a text is a SHA-256 in hexadecimal.
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(SOURCES.len(), 64);
    }

    #[test]
    fn every_difference_is_named() {
        let inputs = |pairs: &[(&str, &str)]| -> Inputs {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let (there, here) =
            (inputs(&[("a", "1"), ("b", "2"), ("c", "3")]), inputs(&[("a", "1"), ("b", "4"), ("d", "5")]));
        assert!(require_same(&there, &there, Path::new("x"), "a map").is_ok());
        let told = require_same(&there, &here, Path::new("x"), "a map").err().map(|error| error.to_string());
        let told = told.unwrap_or_default();
        for words in ["b is 2 there and 4 here", "c is 3 there and nothing here", "d is nothing there and 5 here"] {
            assert!(told.contains(words), "{told}");
        }
    }
}
