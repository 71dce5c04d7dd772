//! `cargo fuzz run -s none run_record fuzz/corpus/run_record fuzz/seeds/run_record`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::run_record(bytes));
