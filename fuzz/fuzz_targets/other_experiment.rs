//! `cargo fuzz run -s none other_experiment fuzz/corpus/other_experiment fuzz/seeds/other_experiment`

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| parsers::other_experiment(bytes));
