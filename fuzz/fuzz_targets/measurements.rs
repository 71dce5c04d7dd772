//! `cargo fuzz run -s none measurements fuzz/corpus/measurements fuzz/seeds/measurements`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::measurements(bytes));
