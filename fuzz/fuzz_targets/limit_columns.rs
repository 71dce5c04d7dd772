//! `cargo fuzz run -s none limit_columns fuzz/corpus/limit_columns fuzz/seeds/limit_columns`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::limit_columns(bytes));
