//! `cargo fuzz run -s none model_file fuzz/corpus/model_file fuzz/seeds/model_file`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::model_file(bytes));
