//! `cargo fuzz run -s none map_file fuzz/corpus/map_file fuzz/seeds/map_file`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::map_file(bytes));
