//! The fuzz targets on stable Rust, without libFuzzer: every seed, and mutations of the seeds. Whoever has cargo-fuzz
//! goes further with `cargo fuzz run -s none TARGET` (docs/reliability.md).

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test that cannot go on must panic")]

#[path = "../fuzz/parsers.rs"]
mod parsers;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use parsers::TARGETS;

/// Mutated inputs for each target.
const CASES: u32 = 20_000;

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(fuzz().join("seeds").join(target)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has no seeds");
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

/// What becomes of one place.
#[derive(Debug, Clone)]
enum Edit {
    Flip(u8),
    Set(u8),
    Insert(&'static [u8]),
    Cut(Index),
    Repeat(Index),
    /// Goes on with another seed from here.
    Splice(Index, Index),
}

const PIECES: [&[u8]; 16] = [
    b"0",
    b"-1",
    b"1e999",
    b"nan",
    b"5e-324",
    b"99999999999999999999",
    b"\n",
    b"\0",
    b"'",
    b"\"",
    b"[",
    b"=",
    b"# ",
    b"\xff\xfe",
    b"\xff\xff\xff\xff",
    "µ".as_bytes(),
];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        any::<u8>().prop_map(Edit::Flip),
        any::<u8>().prop_map(Edit::Set),
        prop::sample::select(&PIECES[..]).prop_map(Edit::Insert),
        any::<Index>().prop_map(Edit::Cut),
        any::<Index>().prop_map(Edit::Repeat),
        (any::<Index>(), any::<Index>()).prop_map(|(seed, at)| Edit::Splice(seed, at)),
    ]
}

fn mutated(seeds: &[Vec<u8>], start: Index, edits: &[(Index, Edit)]) -> Vec<u8> {
    let mut bytes = start.get(seeds).clone();
    for (place, edit) in edits {
        let at = place.index(bytes.len() + 1);
        match edit {
            Edit::Flip(mask) => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= mask),
            Edit::Set(value) => bytes.get_mut(at).into_iter().for_each(|byte| *byte = *value),
            Edit::Insert(piece) => drop(bytes.splice(at..at, piece.iter().copied())),
            Edit::Cut(end) => drop(bytes.drain(at..at + end.index(bytes.len() - at + 1))),
            Edit::Repeat(end) => {
                let again = bytes[at..at + end.index(bytes.len() - at + 1).min(64)].to_vec();
                bytes.splice(at..at, again);
            }
            Edit::Splice(seed, from) => {
                let other = seed.get(seeds);
                bytes.truncate(at);
                bytes.extend(&other[from.index(other.len() + 1)..]);
            }
        }
    }
    bytes
}

#[test]
fn every_target_stands_its_seeds() {
    for (name, body) in TARGETS {
        for (number, seed) in seeds(name).iter().enumerate() {
            let stands = catch_unwind(AssertUnwindSafe(|| body(seed))).is_ok();
            assert!(stands, "{name}: seed {number}: {}", String::from_utf8_lossy(seed));
        }
    }
}

#[test]
fn every_target_stands_mutations_of_its_seeds() {
    for (name, body) in TARGETS {
        let seeds = seeds(name);
        let input = (any::<Index>(), prop::collection::vec((any::<Index>(), edit()), 1..8));
        let config = ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() };
        let run = TestRunner::new(config).run(&input, |(start, edits)| {
            body(&mutated(&seeds, start, &edits));
            Ok(())
        });
        if let Err(error) = run {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn each_target_has_its_program_and_its_folder() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let stems = |folder: &str| -> BTreeSet<String> {
        let entries = std::fs::read_dir(fuzz().join(folder)).unwrap();
        entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    assert_eq!(stems("fuzz_targets"), names);
    assert_eq!(stems("seeds"), names);
    let manifest = std::fs::read_to_string(fuzz().join("Cargo.toml")).unwrap();
    for name in &names {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        let program = std::fs::read_to_string(fuzz().join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(program.contains(&format!("parsers::{name}(bytes)")), "{program}");
    }
}
