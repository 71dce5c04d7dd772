//! `cargo fuzz run -s none manifest fuzz/corpus/manifest fuzz/seeds/manifest`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::manifest(bytes));
