//! `cargo fuzz run -s none map_array fuzz/corpus/map_array fuzz/seeds/map_array`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::map_array(bytes));
