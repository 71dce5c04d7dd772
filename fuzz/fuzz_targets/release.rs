//! `cargo fuzz run -s none release fuzz/corpus/release fuzz/seeds/release`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::release(bytes));
