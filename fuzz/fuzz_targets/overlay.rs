//! `cargo fuzz run -s none overlay fuzz/corpus/overlay fuzz/seeds/overlay`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::overlay(bytes));
