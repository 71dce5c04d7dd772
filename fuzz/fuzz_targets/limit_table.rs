//! `cargo fuzz run -s none limit_table fuzz/corpus/limit_table fuzz/seeds/limit_table`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::limit_table(bytes));
