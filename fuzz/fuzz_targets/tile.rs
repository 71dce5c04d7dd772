//! `cargo fuzz run -s none tile fuzz/corpus/tile fuzz/seeds/tile`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::tile(bytes));
