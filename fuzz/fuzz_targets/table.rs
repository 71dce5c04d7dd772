//! `cargo fuzz run -s none table fuzz/corpus/table fuzz/seeds/table`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::table(bytes));
