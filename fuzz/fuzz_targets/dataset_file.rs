//! Dataset files and one table, a zero byte between them: `cargo fuzz run -s none dataset_file`.

#![no_main]

use cevscan::dataset::Dataset;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (file, table) = text.split_once('\0').unwrap_or((text, ""));
    if let Err(error) = Dataset::from_texts(file, &[("table.txt", table)]) {
        assert!(!error.to_string().contains('\n'));
    }
});
