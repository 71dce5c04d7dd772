//! `cargo fuzz run -s none dataset_file fuzz/corpus/dataset_file fuzz/seeds/dataset_file`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::dataset_file(bytes));
