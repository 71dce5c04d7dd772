//! `cargo fuzz run -s none ranges fuzz/corpus/ranges fuzz/seeds/ranges`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::ranges(bytes));
