//! `cargo fuzz run -s none tile_key fuzz/corpus/tile_key fuzz/seeds/tile_key`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::tile_key(bytes));
