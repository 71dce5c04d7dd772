//! `cargo fuzz run -s none binned_table fuzz/corpus/binned_table fuzz/seeds/binned_table`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::binned_table(bytes));
