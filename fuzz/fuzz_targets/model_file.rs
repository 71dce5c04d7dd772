//! Model files: `cargo fuzz run -s none model_file fuzz/corpus/model_file data/models`.

#![no_main]

use cevscan::model::Model;

libfuzzer_sys::fuzz_target!(|text: &str| {
    match Model::parse("mine.toml", text) {
        Ok(model) => {
            let _ = (model.warnings(), model.relation());
        }
        Err(error) => assert!(!error.to_string().contains('\n')),
    }
});
