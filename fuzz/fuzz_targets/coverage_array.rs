//! `cargo fuzz run -s none coverage_array fuzz/corpus/coverage_array fuzz/seeds/coverage_array`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::coverage_array(bytes));
