//! `cargo fuzz run -s none archive fuzz/corpus/archive fuzz/seeds/archive`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::archive(bytes));
